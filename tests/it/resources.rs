//! The content of drop-downs: each path, its arguments, and what it calls.

mod refused;
mod several;

use std::sync::Arc;

use flinkwatch::catalog::level::MetricsLevel;
use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::fetch::Source;
use flinkwatch::model::application::{ApplicationStatus, Description};
use flinkwatch::place::{AccountId, ApplicationName, Region};
use flinkwatch::plugin::messages::resource_reply;
use flinkwatch::query::QueryDefaults;
use flinkwatch::resources::{ApplicationReport, Choice, PATHS, Resource, ResourceError, fetch_resource};
use serde_json::{Value, json};

use crate::support::facts::{description, settings, source, summary};
use crate::support::scripted::{Scripted, failure, series};

/// An application with two tasks, a stream, a topic and a metric of its own.
fn aws() -> Arc<Scripted> {
    Arc::new(Scripted {
        list_applications: Box::new(|_| {
            Ok(vec![
                summary("zoo", ApplicationStatus::Running, "FLINK-2_2"),
                summary("archive", ApplicationStatus::Ready, "FLINK-1_18"),
                summary("orders", ApplicationStatus::Autoscaling, "FLINK-1_20"),
            ])
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        list_metrics: Box::new(|ask| {
            let app = ("Application", "orders");
            let (source, sink) = (("Task", "Source:_Orders____parse"), ("Task", "Sink:_Writer"));
            let mut all = vec![
                series("uptime", &[app]),
                series("myCounter", &[app, ("Shop", "berlin")]),
                series("numRecordsOut", &[app, source]),
                series("numRecordsOut", &[app, source, ("TaskOperator", "Source:_Orders")]),
                series("numRecordsOut", &[app, source, ("TaskOperator", "parse")]),
                series("numRecordsIn", &[app, sink, ("TaskOperator", "Sink:_Writer")]),
                series("numRecordsIn", &[app, sink, ("TaskOperator", "parse")]),
                series("millisBehindLatest", &[app, ("Flow", "Input"), ("Id", "orders_stream")]),
                series("records_lag_max", &[app, ("Flow", "Input"), ("Topic", "clicks")]),
            ];
            if ask.place.account == flinkwatch::place::Account::All {
                for (series, id) in all.iter_mut().zip(["111111111111", "222222222222"].into_iter().cycle()) {
                    series.account = Some(AccountId::from(id));
                }
            }
            Ok(all)
        }),
        ..Scripted::default()
    })
}

async fn ask_of(source: &Source, path: &str, arguments: &[(&str, &str)]) -> Result<Vec<Choice>, ResourceError> {
    match fetch(source, path, arguments).await? {
        Resource::Choices(choices) => Ok(choices),
        Resource::Application(report) => panic!("a list was expected instead of {report:?}"),
    }
}

async fn fetch(source: &Source, path: &str, arguments: &[(&str, &str)]) -> Result<Resource, ResourceError> {
    let arguments: Vec<_> = arguments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let defaults = QueryDefaults { region: Region::from("eu-west-1"), application: None };
    fetch_resource(source, &defaults, path, &arguments).await
}

async fn ask(path: &str, arguments: &[(&str, &str)]) -> Result<Vec<Choice>, ResourceError> {
    ask_of(&source(&aws(), &settings(json!({}))), path, arguments).await
}

/// One line per choice: group, value, label, description.
async fn text(path: &str, arguments: &[(&str, &str)]) -> Vec<String> {
    let choices = ask(path, arguments).await.unwrap();
    let line = |choice: Choice| {
        let part = |text: Option<String>| text.unwrap_or_default();
        format!("{}|{}|{}|{}", part(choice.group), choice.value, choice.label, part(choice.description))
    };
    choices.into_iter().map(line).collect()
}

const ORDERS: (&str, &str) = ("application", "orders");

#[tokio::test(start_paused = true)]
async fn applications_show_what_is_known_without_a_call_for_each() {
    let aws = aws();
    let source = source(&aws, &settings(json!({})));
    let labels = |choices: Vec<Choice>| {
        let line = |choice: Choice| format!("{}: {}", choice.value, choice.description.unwrap_or_default());
        choices.into_iter().map(line).collect::<Vec<_>>()
    };
    let choices = labels(ask_of(&source, "applications", &[]).await.unwrap());
    let expected = ["orders: autoscaling · Flink 1.20", "zoo: running · Flink 2.2", "archive: stopped · Flink 1.18"];
    assert_eq!(choices, expected);
    assert_eq!(aws.asked(), ["ListApplications eu-west-1"]);

    ask_of(&source, "tasks", &[ORDERS]).await.unwrap();
    let choices = ask_of(&source, "applications", &[]).await.unwrap();
    let described = json!({
        "status": "AUTOSCALING", "runtime": "Flink 1.20",
        "metricsLevel": "OPERATOR", "levels": ["application", "task", "operator"],
    });
    assert_eq!(serde_json::to_value(&choices[0].application).unwrap(), described);
    let listed = json!({"status": "RUNNING", "runtime": "Flink 2.2"});
    assert_eq!(serde_json::to_value(&choices[1].application).unwrap(), listed);
    assert_eq!(labels(choices)[0], "orders: autoscaling · Flink 1.20 · operator metrics");
}

#[tokio::test(start_paused = true)]
async fn applications_are_still_listed_without_permission() {
    let denied = Scripted {
        list_applications: Box::new(|_| Err(failure(CallErrorKind::AccessDenied))),
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        ..Scripted::default()
    };
    let source = source(&Arc::new(denied), &settings(json!({})));
    let choices = ask_of(&source, "applications", &[]).await.unwrap();
    assert_eq!((choices.len(), choices[0].value.as_str(), &choices[0].group), (1, "orders", &None));
}

#[tokio::test(start_paused = true)]
async fn tasks_and_operators_are_readable_and_keep_their_values() {
    assert_eq!(
        text("tasks", &[ORDERS]).await,
        ["|Sink:_Writer|Sink: Writer|sink", "|Source:_Orders____parse|Source: Orders -> parse|source",]
    );
    assert_eq!(
        text("operators", &[ORDERS]).await,
        [
            "Sink: Writer|Sink:_Writer|Sink: Writer|",
            "Sink: Writer|parse|parse|in 2 tasks",
            "Source: Orders -> parse|Source:_Orders|Source: Orders|",
        ]
    );
    let by_flink_name = [ORDERS, ("task", "Source: Orders -> parse")];
    assert_eq!(text("operators", &by_flink_name).await.len(), 2);
    assert_eq!(text("operators", &[ORDERS, ("task", "*")]).await.len(), 3);
}

/// Names, lists, patterns and matches are what they are in a query.
#[tokio::test(start_paused = true)]
async fn operators_of_several_tasks_are_listed_in_every_spelling() {
    let both = "Source: Orders -> parse,Sink: Writer";
    for task in [both, "{Source:_Orders____parse,Sink:_Writer}", "/^S/", "/^s/i", "Source*|Sink*", ".*"] {
        assert_eq!(text("operators", &[ORDERS, ("task", task)]).await.len(), 3, "{task}");
    }
    let repeated = [ORDERS, ("task", "Sink: Writer"), ("task", "Source:_Orders____parse")];
    assert_eq!(text("operators", &repeated).await.len(), 3);
    assert_eq!(text("operators", &[ORDERS, ("task", "Nobody,Sink: Writer")]).await.len(), 2);
    for wanted in ["zoo,archive", "{zoo,archive}", "zoo|archive", "/^(zoo|archive)$/", "/ZOO|ARC/i", "zo*,arc*"] {
        assert_eq!(text("applications", &[("match", wanted)]).await.len(), 2, "{wanted}");
    }
    for (argument, wrong, word) in [
        ("match", "/^(?!zoo)/", "look-around"),
        ("match", "/zoo/g", "'g' at position 6"),
        ("application", "^zoo", "'^' at position 1"),
        ("task", "/(/", "unclosed group"),
    ] {
        let error = ask("operators", &[("application", "zoo"), (argument, wrong)]).await.err();
        let error = if argument == "application" { ask("tasks", &[(argument, wrong)]).await.err() } else { error };
        let told = resource_reply("operators", Err(error.unwrap()));
        let told = (told.status, String::from_utf8(told.body).unwrap());
        assert!(told.0 == 400 && told.1.contains(word), "{argument}={wrong}: {told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn metrics_of_an_application_include_its_own() {
    let metrics = text("metrics", &[ORDERS]).await;
    assert_eq!(metrics.len(), 6);
    assert_eq!(metrics[5], "Own metrics|myCounter|myCounter|the application's own metric");
    assert_eq!(text("metrics", &[]).await, metrics, "of all that run");
    let idle = source(&Arc::new(Scripted::default()), &settings(json!({})));
    assert!(ask_of(&idle, "metrics", &[]).await.unwrap().len() >= 68);
}

#[tokio::test(start_paused = true)]
async fn dimensions_sources_and_log_groups_come_from_the_application() {
    let dimensions = text("dimensions", &[ORDERS]).await;
    assert!(dimensions.contains(&"|Shop|Shop|berlin".to_owned()), "{dimensions:?}");
    assert_eq!(
        text("sources", &[ORDERS]).await,
        ["Kinesis streams|orders_stream|orders_stream|", "Kafka topics|clicks|clicks|"]
    );
    assert_eq!(text("log-groups", &[ORDERS]).await, ["|/flink/orders|/flink/orders|log stream main"]);
}

#[tokio::test(start_paused = true)]
async fn accounts_mark_the_own_one() {
    let accounts = text("accounts", &[]).await;
    let values: Vec<&str> = accounts.iter().map(|line| line.split('|').nth(1).unwrap()).collect();
    assert_eq!(values, ["all", "111111111111", "123456789012", "222222222222"]);
    assert!(accounts[2].ends_with("the data source's own account"));
}

#[tokio::test(start_paused = true)]
async fn signals_fit_the_kind_of_query() {
    let has = async |query_type: &str, id: &str| {
        let choices = ask("signals", &[("queryType", query_type)]).await.unwrap();
        choices.iter().any(|choice| choice.value == id)
    };
    assert!(has("application", "sourceRate").await && !has("operator", "sourceRate").await);
    assert!(has("operator", "busy").await && has("operator", "numRecordsIn").await);
    assert!(has("checkpoint", "checkpointDuration").await && !has("checkpoint", "busy").await);
    let all = ask("signals", &[]).await.unwrap();
    let mut values: Vec<_> = all.iter().map(|choice| &choice.value).collect();
    values.sort();
    values.dedup();
    assert_eq!(values.len(), all.len(), "each value once");
}

#[tokio::test(start_paused = true)]
async fn regions_start_with_the_default() {
    let regions = ask("regions", &[]).await.unwrap();
    assert_eq!(regions[0].value, "default");
    assert_eq!(regions[0].description.as_deref(), Some("the data source's region, eu-west-1"));
    assert!(regions.iter().any(|choice| choice.value == "us-east-1"));
}

#[tokio::test(start_paused = true)]
async fn q_filters_values_and_labels_whatever_the_case() {
    assert_eq!(text("tasks", &[ORDERS, ("q", "SOURCE: ord")]).await.len(), 1);
    assert_eq!(text("regions", &[("q", "EU-WEST")]).await.len(), 3);
    assert_eq!(text("tasks", &[ORDERS, ("q", "nothing like it")]).await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn wrong_requests_name_what_is_wrong_and_call_nothing() {
    let aws = aws();
    let source = source(&aws, &settings(json!({})));
    type Row = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let table: [Row; 9] = [
        ("task", &[], "regions, applications, application, tasks"),
        ("log-groups", &[], "argument application is missing"),
        ("application", &[("application", "*")], r#"argument application is "*""#),
        ("tasks", &[("application", "/(/")], r#"argument application is "/(/""#),
        ("tasks", &[ORDERS, ("region", "x/y")], r#"argument region is "x/y""#),
        ("applications", &[("accountId", "12")], r#"argument accountId is "12""#),
        ("signals", &[("queryType", "alarms")], "application, operator, checkpoint, metric, logs"),
        ("applications", &[("status", "READY")], "allowed: running, stopped, all"),
        ("regions", &[("match", "/[/")], r#"argument match is "/[/""#),
    ];
    for (path, arguments, part) in table {
        let error = ask_of(&source, path, arguments).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(aws.asked().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn every_path_answers() {
    for path in PATHS {
        let source = source(&aws(), &settings(json!({})));
        match fetch(&source, path, &[ORDERS]).await.unwrap() {
            Resource::Choices(choices) => assert!(!choices.is_empty(), "{path}"),
            Resource::Application(report) => assert_eq!((*path, report.name.as_str()), ("application", "orders")),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_is_handed_on() {
    let broken = Scripted { list_metrics: Box::new(|_| Err(failure(CallErrorKind::Throttled))), ..Scripted::default() };
    let source = source(&Arc::new(broken), &settings(json!({})));
    let error = ask_of(&source, "operators", &[ORDERS]).await.unwrap_err();
    let applications = vec![ApplicationName::from("orders")];
    assert_eq!(error, ResourceError::Call { error: failure(CallErrorKind::Throttled), applications });
}

#[test]
fn choices_leave_out_what_they_have_not() {
    let choice = Choice { value: "a".to_owned(), label: "b".to_owned(), ..Choice::default() };
    assert_eq!(serde_json::to_string(&choice).unwrap(), r#"{"value":"a","label":"b"}"#);
}

#[tokio::test(start_paused = true)]
async fn signals_tell_unit_formula_direction_and_levels_beside_their_meaning() {
    let all = ask("signals", &[]).await.unwrap();
    let json_of = |value: &str| {
        let choice = all.iter().find(|choice| choice.value == value).unwrap();
        serde_json::to_value(choice).unwrap()
    };
    let busy = json_of("backPressure");
    assert_eq!(
        busy["signal"],
        json!({
            "unit": "a ratio from 0 to 1, shown as percent",
            "formula": "Maximum of backPressuredTimeMsPerSecond / 1000",
            "good": "down",
            "levels": ["application", "task", "subtask"],
            "aliases": ["backpressured", "isbackpressured"],
            "alert": { "reducer": "mean", "minutes": 10, "evaluator": "gt", "threshold": 0.5 },
        })
    );
    let description = busy["description"].as_str().unwrap();
    assert!(!description.contains("Formula") && !description.contains("Unit"), "{description}");
    assert_eq!(json_of("selectivity")["signal"]["unit"], json!(null));
    assert_eq!(json_of("selectivity")["signal"]["good"], json!(null));
    let metric = json_of("records_lag_max");
    assert_eq!(metric["signal"]["aliases"], json!(["recordslag"]));
    assert_eq!(metric["signal"]["formula"], "Maximum of records_lag_max");
    assert!(all.iter().all(|choice| choice.signal.is_some()));
}

/// What is said of one application that is described as `describe` says and publishes `list`.
async fn report(aws: Scripted) -> ApplicationReport {
    let source = source(&Arc::new(aws), &settings(json!({})));
    match fetch(&source, "application", &[ORDERS]).await.unwrap() {
        Resource::Application(report) => report,
        Resource::Choices(choices) => panic!("one application was expected instead of {choices:?}"),
    }
}

fn described(change: impl Fn(&mut Description) + Send + Sync + 'static) -> Scripted {
    let describe = move |name: &ApplicationName| {
        let mut description = description(name.as_str());
        change(&mut description);
        Ok(description)
    };
    let listed = Arc::into_inner(aws()).unwrap();
    Scripted { describe_application: Box::new(describe), ..listed }
}

#[tokio::test(start_paused = true)]
async fn an_application_tells_what_it_publishes_and_how_to_get_the_rest() {
    let told = report(described(|_| {})).await;
    assert_eq!(
        serde_json::to_value(&told).unwrap(),
        json!({
            "name": "orders", "status": "RUNNING", "runtime": "Flink 1.20", "metricsLevel": "OPERATOR",
            "levels": ["application", "task", "operator"],
            "notices": [
                "Application \"orders\" publishes metrics at level OPERATOR; subtasks need PARALLELISM. Raise the application's monitoring metrics level.",
            ],
        })
    );
    let told = report(described(|of| of.metrics_level = Some(MetricsLevel::Parallelism))).await;
    assert_eq!(told.traits.levels.unwrap(), ["application", "task", "operator", "subtask"]);
    assert_eq!(
        told.notices,
        [
            "Application \"orders\" publishes nothing about subtasks yet. New metrics appear a few minutes after a job starts."
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_application_without_series_says_why() {
    let parallelism = |of: &mut Description| of.metrics_level = Some(MetricsLevel::Parallelism);
    let silent = |aws: Scripted| Scripted { list_metrics: Box::new(|_| Ok(Vec::new())), ..aws };
    let stopped = silent(described(move |of| {
        parallelism(of);
        of.status = ApplicationStatus::Ready;
    }));
    let starts = ["is stopped", "There is no application", "has published no metrics in the last two weeks"];
    let cases = [stopped, Scripted::default(), silent(described(parallelism))];
    for (aws, start) in cases.into_iter().zip(starts) {
        let told = report(aws).await;
        assert!(told.notices.len() == 1 && told.notices[0].contains(start), "{told:?}");
        assert_eq!(told.failures, []);
    }
}

#[tokio::test(start_paused = true)]
async fn an_application_that_may_not_be_described_is_known_by_its_series() {
    let denied = Scripted {
        describe_application: Box::new(|_| Err(failure(CallErrorKind::AccessDenied))),
        ..Arc::into_inner(aws()).unwrap()
    };
    let told = report(denied).await;
    assert_eq!((told.traits.status, told.traits.levels.unwrap()), (None, vec!["application", "task", "operator"]));
    assert_eq!((told.notices.len(), told.failures), (0, vec![failure(CallErrorKind::AccessDenied)]));
}

/// What Grafana is told: status and text.
async fn said(aws: Scripted, path: &str) -> (u16, String) {
    let source = source(&Arc::new(aws), &settings(json!({})));
    let reply = resource_reply(path, fetch(&source, path, &[ORDERS]).await);
    (reply.status, String::from_utf8(reply.body).unwrap())
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_named_with_the_action_to_add() {
    let denied = || Scripted {
        describe_application: Box::new(|_| {
            let operation = "kinesisanalytics:DescribeApplication";
            Err(CallError { operation, ..failure(CallErrorKind::AccessDenied) })
        }),
        ..Arc::into_inner(aws()).unwrap()
    };
    let why = "Managed Service for Apache Flink denied DescribeApplication. Add kinesisanalytics:DescribeApplication to the policy of this data source.";
    let sentence = |wanted: &str| format!("Cannot read {wanted} of application \"orders\" in eu-west-1: {why}");
    let (status, body) = said(denied(), "log-groups").await;
    assert_eq!((status, body), (403, json!({ "message": sentence("log groups") }).to_string()));
    let (status, body) = said(denied(), "application").await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["notices"]), (200, &json!([sentence("data")])));
    assert_eq!(said(denied(), "tasks").await.0, 200);
    assert_eq!(said(denied(), "task").await.0, 404);
}
