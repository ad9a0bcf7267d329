//! Periods and time ranges as panels and alert rules really send them: read as they are meant, and said where they are
//! not.

use std::sync::Arc;

use flinkwatch::catalog::level::Scope;
use flinkwatch::catalog::signals::SIGNALS;
use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::Source;
use flinkwatch::model::application::ApplicationStatus;
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::{AskedQuery, Origin, QueryDefaults, Resolution, TimeRange};
use serde_json::{Value, json};

use crate::support::facts::{description, settings, source, summary};
use crate::support::fleet::NOW;
use crate::support::scripted::{Scripted, failure, series};

fn aws() -> Arc<Scripted> {
    Arc::new(Scripted {
        list_applications: Box::new(|_| Ok(vec![summary("orders", ApplicationStatus::Running, "FLINK-1_20")])),
        describe_application: Box::new(|name| match name.as_str() {
            "orders" => Ok(description("orders")),
            _ => Err(failure(CallErrorKind::NotFound)),
        }),
        list_metrics: Box::new(|ask| {
            if ask.application.as_ref().is_some_and(|name| name.as_str() != "orders") {
                return Ok(Vec::new());
            }
            let app = ("Application", "orders");
            let stream = series("millisBehindLatest", &[app, ("Flow", "Input"), ("Id", "ExampleInputStream")]);
            let plain =
                ["uptime", "cpuUtilization", "fullRestarts", "numRecordsIn"].map(|metric| series(metric, &[app]));
            Ok(plain.into_iter().chain([stream]).collect())
        }),
        ..Scripted::default()
    })
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

struct Told {
    /// The error's text, or the notices.
    said: String,
    is_error: bool,
    /// What GetMetricData was asked.
    asked: Vec<String>,
    calls: Vec<String>,
}

/// Asks over seconds before now.
async fn ask(query: Value, (from, to): (i64, i64), origin: Origin) -> Told {
    let aws = aws();
    let source: Source = source(&aws, &settings(json!({})));
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let asked = AskedQuery {
        ref_id: "A".to_owned(),
        query_type: String::new(),
        json: query.to_string().into_bytes(),
        range: TimeRange { from_ms: (NOW - from) * 1000, to_ms: (NOW - to) * 1000 },
        // Of a rule it is a second, whatever the panel has.
        resolution: Resolution {
            max_data_points: 800,
            interval_ms: if origin == Origin::Alert { 1000 } else { 60_000 },
        },
        origin,
    };
    let mut outcomes = engine::answer(&source, &settings, &[asked], NOW * 1000).await;
    let reply = query_reply(outcomes.remove(0));
    let is_error = reply.error.is_some();
    let notices = reply.frames.iter().flat_map(|frame| &frame.meta.notices).map(|notice| notice.text.clone());
    let said = reply.error.map_or_else(|| notices.collect::<Vec<_>>().join("\n"), |error| error.text);
    let text = reply.frames.first().and_then(|frame| frame.meta.executed_query.clone()).unwrap_or_default();
    let asked =
        text.lines().filter(|line| line.trim_start().starts_with('s')).map(|line| line.trim().to_owned()).collect();
    Told { said, is_error, asked, calls: aws.asked() }
}

fn cpu(period: Value) -> Value {
    json!({ "queryType": "application", "applications": ["orders"], "signals": ["cpu"], "period": period })
}

#[tokio::test(start_paused = true)]
async fn periods_are_read_as_they_are_meant_and_what_was_changed_is_said() {
    let cases = [
        // The panel's interval is a minute, that of a rule is another: both read the same.
        (json!("60000"), "60s", "read as milliseconds, 60 s: as seconds it would be 16 hours and 40 minutes"),
        (json!(60000), "60s", "read as milliseconds"),
        (json!(5000), "60s", "as seconds it would be 1 hour and 23 minutes"),
        (json!("300000"), "300s", "read as milliseconds"),
        (json!(15_000), "60s", "read as milliseconds"),
        (json!("5000"), "60s", "read as milliseconds"),
        (json!(3_600_000), "3600s", "read as milliseconds"),
        (json!("3600"), "3600s", ""),
        (json!(1200), "1200s", ""),
        (json!("7d"), "86400s", "Period lowered from 604800 s"),
        (json!("1w"), "86400s", "Period lowered"),
        (json!(172_800), "86400s", "Period lowered"),
        (json!(15), "60s", "Period raised from 15 s"),
        (json!("15s"), "60s", "Period raised from 15 s"),
        (json!("500ms"), "60s", "Period raised to 60 s"),
        (json!("300000ms"), "300s", ""),
        (json!("6h"), "21600s", "longer than the time range of 3600 s"),
        (json!("1h"), "3600s", ""),
    ];
    for (period, expected, words) in cases {
        let told = ask(cpu(period.clone()), (HOUR, 0), Origin::Panel).await;
        assert!(
            told.asked.iter().all(|ask| ask.contains(expected)) && !told.asked.is_empty(),
            "{period}: {:?}",
            told.asked
        );
        assert!(told.said.contains(words), "{period}: {}", told.said);
        let is_told = ["eriod ", "longer than"].iter().any(|start| told.said.contains(start));
        assert_eq!(is_told, !words.is_empty(), "{period}: {}", told.said);
        let alert = ask(cpu(period.clone()), (2 * DAY, 0), Origin::Alert).await;
        assert!(!alert.is_error && alert.asked.iter().all(|ask| ask.contains(expected)), "{period}: {:?}", alert.asked);
    }
}

/// Whole hours up to a day are seconds, also where they are a multiple of 1000.
#[tokio::test(start_paused = true)]
async fn whole_hours_without_a_unit_are_seconds() {
    for (period, expected) in [(18_000, "18000s"), (36_000, "36000s"), (72_000, "72000s"), (86_400, "86400s")] {
        for origin in [Origin::Panel, Origin::Alert] {
            let told = ask(cpu(json!(period)), (7 * DAY, 0), origin).await;
            assert!(
                !told.is_error && told.asked.iter().all(|ask| ask.contains(expected)),
                "{period}: {:?}",
                told.asked
            );
            assert!(!told.said.contains("milliseconds"), "{}", told.said);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_range_without_anything_nothing_is_asked_and_an_alert_fails() {
    let kinds = [
        cpu(json!("auto")),
        json!({ "queryType": "application", "applications": ["*"], "as": "table" }),
        json!({ "queryType": "operator", "applications": ["*"], "as": "table" }),
        json!({ "queryType": "checkpoint", "applications": ["*"], "as": "summary" }),
        json!({ "queryType": "metric", "applications": ["*"], "metric": "uptime" }),
    ];
    for query in kinds {
        for (range, words) in [
            ((-HOUR, -2 * HOUR), "begins in the future"),
            // What Grafana asks of `now..now+1h`, and of the same when its clock is some seconds behind.
            ((0, -HOUR), "begins in the future"),
            ((20, -HOUR), "begins in the future"),
            ((500 * DAY, 460 * DAY), "keeps metrics for 455 days"),
        ] {
            for origin in [Origin::Panel, Origin::Alert] {
                // An alert is refused a table of many numbers whatever the range is.
                let query = if origin == Origin::Alert { as_lines(&query) } else { query.clone() };
                let told = ask(query.clone(), range, origin).await;
                assert!(told.said.contains(words), "{query}: {}", told.said);
                assert_eq!(told.calls, Vec::<String>::new(), "{query}");
                assert_eq!(told.is_error, origin == Origin::Alert, "{query}");
                assert!(!told.said.contains("No application"), "{query}: {}", told.said);
            }
        }
    }
}

fn as_lines(query: &Value) -> Value {
    let mut query = query.clone();
    query["as"] = Value::Null;
    query
}

/// What is left of a range that reaches into the future is asked for.
#[tokio::test(start_paused = true)]
async fn a_range_that_ends_in_the_future_is_cut_at_now() {
    for range in [(HOUR, -HOUR), (120, -7 * DAY), (30, 0), (5, -5)] {
        for origin in [Origin::Panel, Origin::Alert] {
            let told = ask(cpu(json!("auto")), range, origin).await;
            assert!(!told.is_error && !told.asked.is_empty(), "{range:?}: {}", told.said);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_range_that_begins_before_what_is_kept_says_so() {
    let told = ask(cpu(json!("auto")), (500 * DAY, 0), Origin::Panel).await;
    assert!(told.said.contains("keeps metrics for 455 days. What is older is not shown"), "{}", told.said);
    let told = ask(cpu(json!("auto")), (400 * DAY, 0), Origin::Panel).await;
    assert!(!told.said.contains("455"), "{}", told.said);
}

#[tokio::test(start_paused = true)]
async fn a_sum_of_samples_of_a_count_or_a_level_is_said_to_be_none() {
    let metric = |name: &str, statistic: &str| json!({ "queryType": "metric", "applications": ["orders"], "metric": name, "statistic": statistic });
    let signal = |name: &str, statistic: &str| json!({ "queryType": "application", "applications": ["orders"], "signals": [name], "statistic": statistic });
    for (query, words) in [
        (metric("fullRestarts", "Sum"), "a count that only grows"),
        (signal("fullRestarts", "Sum"), "a count that only grows"),
        (metric("numRecordsIn", "Sum"), "a count that only grows"),
        (metric("cpuUtilization", "Sum"), "a level and no amount"),
        (metric("fullRestarts", "Maximum"), ""),
        (signal("restarts", "Sum"), ""),
    ] {
        let told = ask(query.clone(), (HOUR, 0), Origin::Panel).await;
        assert!(told.said.contains(words), "{query}: {}", told.said);
        assert_eq!(told.said.contains("Sum adds up"), !words.is_empty(), "{query}: {}", told.said);
    }
}

/// The signals that are one metric: of them another value of the same samples may be asked for.
const OF_ONE_METRIC: &str = "consumerLagTime consumerLagRecords busy backPressure idle checkpointDuration checkpointSize uptime cpu containerCpu heap \
    containerMemory managedMemory kpus";

#[tokio::test(start_paused = true)]
async fn each_signal_takes_the_statistics_that_leave_its_meaning_or_says_that_it_does_not() {
    let values = ["Average", "Minimum", "Maximum", "p95", "tm90", "WM(10%:90%)", "IQM"];
    let others = ["Sum", "SampleCount", "tc90", "TS(10%:90%)", "PR(:300)"];
    for signal in SIGNALS {
        for statistic in values.into_iter().chain(others) {
            let is_taken = values.contains(&statistic) && OF_ONE_METRIC.split_whitespace().any(|id| id == signal.id);
            let kind = if signal.scopes.contains(&Scope::Application) { "application" } else { "operator" };
            let query = json!({ "queryType": kind, "applications": ["orders"], "signals": [signal.id], "statistic": statistic });
            let words = format!("\"{}\" is not read with {statistic}", signal.id);
            let panel = ask(query.clone(), (HOUR, 0), Origin::Panel).await;
            assert!(!panel.is_error && panel.said.contains(&words) != is_taken, "{query}: {}", panel.said);
            let own = |ask: &String| ask.contains(&format!(" {statistic} "));
            let is_of_formulas = ["Average", "Minimum", "Maximum", "Sum", "SampleCount"].contains(&statistic);
            assert!(is_taken || is_of_formulas || !panel.asked.iter().any(own), "{query}: {:?}", panel.asked);
            let alert = ask(query.clone(), (HOUR, 0), Origin::Alert).await;
            assert!(alert.said.contains(&words) != is_taken && (is_taken || alert.is_error), "{query}: {}", alert.said);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_that_nobody_has_filled_in_asks_nothing() {
    for query in [
        json!({}),
        json!({ "refId": "A", "datasource": {}, "hide": false, "schema": 1, "applications": [], "legend": " " }),
    ] {
        let panel = ask(query.clone(), (HOUR, 0), Origin::Panel).await;
        assert!(!panel.is_error && panel.said.starts_with("Nothing is chosen yet"), "{}", panel.said);
        assert!(panel.calls.is_empty(), "{:?}", panel.calls);
        let alert = ask(query, (HOUR, 0), Origin::Alert).await;
        assert!(alert.is_error && alert.said.starts_with("Nothing is chosen yet"), "{}", alert.said);
    }
    let told = ask(json!({ "applications": ["orders"], "signals": ["cpu"] }), (HOUR, 0), Origin::Panel).await;
    assert!(told.asked[0].contains("cpuUtilization"), "with an application it is asked for that: {:?}", told.asked);
}

/// CloudWatch keeps for 455 days what ListMetrics forgets after two weeks: of a renamed task, of a deleted application.
#[tokio::test(start_paused = true)]
async fn the_history_of_what_is_gone_is_asked_for_where_all_of_it_is_named() {
    let metric = |application: &str, dimensions: Value| {
        json!({ "queryType": "metric", "applications": [application],
        "metric": "numRecordsInPerSecond", "dimensions": dimensions })
    };
    let past = (60 * DAY, 30 * DAY);
    let gone = "numRecordsInPerSecond Sum Application=gone Task=Old_task";
    for (query, expected) in [
        (metric("gone", json!({ "Task": "Old task" })), gone),
        (metric("gone", json!({ "Task": "Old_task" })), gone),
        (metric("gone", json!({})), "numRecordsInPerSecond Sum Application=gone"),
    ] {
        let told = ask(query.clone(), past, Origin::Panel).await;
        assert_eq!(told.asked.len(), 1, "{query}: {}", told.said);
        assert!(told.asked[0].contains(expected), "{query}: {:?}", told.asked);
    }
    for (query, range) in [
        (metric("gone", json!({ "Task": "*" })), past),
        (metric("gone", json!({ "Task": "/Old/" })), past),
        (metric("*", json!({ "Task": "Old task" })), past),
        (metric("gone", json!({ "Task": "Old task" })), (13 * DAY, 0)),
    ] {
        let told = ask(query.clone(), range, Origin::Panel).await;
        assert_eq!(told.asked, Vec::<String>::new(), "{query}");
        assert!(told.said.contains("last two weeks"), "{query}: {}", told.said);
    }
    let alert = ask(metric("gone", json!({ "Task": "Old task" })), past, Origin::Alert).await;
    assert!(alert.is_error, "{}", alert.said);
}

/// As it stays in a panel whose data source was changed.
fn target() -> Value {
    json!({
        "refId": "A", "queryMode": "Metrics", "namespace": "AWS/KinesisAnalytics", "metricName": "millisBehindLatest",
        "dimensions": { "Application": ["orders"], "Flow": "Input", "Id": "ExampleInputStream" },
        "statistic": "Maximum", "period": "", "region": "default", "matchExact": true, "metricEditorMode": 0,
        "metricQueryType": 0, "expression": "", "id": "",
    })
}

fn changed(changes: &[(&str, Value)]) -> Value {
    let mut target = target();
    for (field, value) in changes {
        target[*field] = value.clone();
    }
    target
}

/// A period that does not fit into the range is no reason for a rule to fail: its newest complete one is known.
#[tokio::test(start_paused = true)]
async fn a_period_longer_than_the_range_of_an_alert_is_the_newest_complete_one() {
    for (period, range) in [(json!("1d"), HOUR), (json!("6h"), HOUR), (json!("1h"), 300)] {
        let told = ask(cpu(period.clone()), (range, 0), Origin::Alert).await;
        assert!(!told.is_error && told.said.contains("the newest complete period is taken"), "{period}: {}", told.said);
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_of_the_cloudwatch_data_source_shows_the_metric_that_it_names() {
    let old = changed(&[("statistic", Value::Null), ("statistics", json!(["Maximum"])), ("queryMode", Value::Null)]);
    let annotation =
        changed(&[("queryMode", json!("Annotations")), ("prefixMatching", json!(false)), ("period", json!("300"))]);
    for (query, period) in [
        (target(), "60s"),
        (old, "60s"),
        (annotation, "300s"),
        (changed(&[("dimensions", json!({ "Application": "*", "Flow": "*", "Id": [] }))]), "60s"),
        (changed(&[("queryType", json!("application")), ("applications", json!([]))]), "60s"),
    ] {
        for origin in [Origin::Panel, Origin::Alert] {
            let told = ask(query.clone(), (HOUR, 0), origin).await;
            assert!(!told.is_error, "{query}: {}", told.said);
            assert!(told.said.contains("CloudWatch data source"), "{}", told.said);
            let expected = "millisBehindLatest Maximum Application=orders Flow=Input Id=ExampleInputStream";
            assert_eq!(told.asked.len(), 2, "the metric and its sample count: {query}: {:?}", told.asked);
            assert!(told.asked[0].contains(expected) && told.asked[0].contains(period), "{:?}", told.asked);
        }
    }
}

/// Each as CloudWatch shows it, or a word about it.
#[tokio::test(start_paused = true)]
async fn statistic_label_and_filters_of_a_target_mean_what_they_mean_there() {
    let without = changed(&[("statistic", Value::Null)]);
    let told = ask(without.clone(), (HOUR, 0), Origin::Alert).await;
    assert!(told.asked[0].contains("millisBehindLatest Average"), "{:?}", told.asked);
    let several = changed(&[("statistic", Value::Null), ("statistics", json!(["Average", "p95"]))]);
    let told = ask(several, (HOUR, 0), Origin::Alert).await;
    assert!(told.is_error && told.said.contains("\"statistics\": found \"Average, p95\""), "{}", told.said);
    let labelled = changed(&[("label", json!("${PROP('Dim.Id')} ${MAX}")), ("alias", json!("old"))]);
    let told = ask(labelled, (HOUR, 0), Origin::Panel).await;
    assert!(!told.is_error && told.said.contains("leaves out ${MAX}"), "{}", told.said);
    // A dashboard's filters do not make another query of it.
    for (filters, is_asked) in
        [(json!({ "applications": ["orders"] }), true), (json!({ "applications": ["/^pay/"] }), false)]
    {
        let told = ask(changed(&[("only", filters.clone())]), (HOUR, 0), Origin::Panel).await;
        assert_eq!(!told.asked.is_empty(), is_asked, "{filters}: {}", told.said);
        let told = ask(changed(&[("exclude", filters.clone())]), (HOUR, 0), Origin::Panel).await;
        assert_eq!(told.asked.is_empty(), is_asked, "{filters}: {}", told.said);
    }
}

#[tokio::test(start_paused = true)]
async fn what_only_the_cloudwatch_data_source_can_is_refused_in_words() {
    for (changes, words) in [
        (vec![("namespace", json!("AWS/Lambda"))], "AWS/KinesisAnalytics"),
        (vec![("queryMode", json!("Logs"))], "queryMode"),
        (vec![("metricQueryType", json!(1)), ("sqlExpression", json!("SELECT 1"))], "Metrics Insights"),
        (vec![("metricEditorMode", json!(1)), ("expression", json!("SUM(METRICS())"))], "as code"),
        (vec![("expression", json!("m1 * 2"))], "metric math"),
        (vec![("logGroups", json!([{ "name": "/flink" }]))], "logs"),
        (vec![("matchExact", json!(false))], "true; name each dimension of the series"),
        (vec![("prefixMatching", json!(true))], "alarms by prefix"),
        (vec![("dimensions", json!({ "Flow": "Input" }))], "none called Application"),
        (vec![("metricName", json!(""))], "metricName"),
        (vec![("dimensions", json!({ "Application": ["$application"] }))], "not replaced"),
        (vec![("dimensions", json!({ "Application": "nobody" }))], "There is no application"),
    ] {
        let told = ask(changed(&changes), (HOUR, 0), Origin::Alert).await;
        assert!(told.is_error && told.said.contains(words), "{changes:?}: {}", told.said);
        let is_billed = told.calls.iter().any(|call| call.starts_with("GetMetricData"));
        assert!(!is_billed, "{changes:?}");
    }
}
