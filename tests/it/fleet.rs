//! What a fleet of many applications costs: its facts together where that is cheaper, and its values in few calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flinkwatch::answers::{Column, Completeness, GetMetricDataAnswer};
use flinkwatch::aws::Recency;
use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::{self, Source};
use flinkwatch::frames::frame::Values;
use flinkwatch::model::application::ApplicationStatus;
use flinkwatch::model::series::Freshness;
use flinkwatch::place::{Account, ApplicationName, Place, Region};
use flinkwatch::plan::PlanSettings;
use flinkwatch::plan::facts::{Facts, Needs};
use flinkwatch::query::QueryDefaults;
use flinkwatch::resources::{Resource, fetch_resource};
use futures::join;
use local_aws::fleet::Fleet;
use local_aws::server::{Faults, Options};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::facts::{description, settings, source, summary};
use crate::support::fleet::NOW;
use crate::support::panels::{alerts, panels};
use crate::support::scripted::{Scripted, failure, series};
use crate::support::served::Served;

/// Columns of a fleet table that need metrics.
const SIGNALS: [&str; 15] = [
    "sourceRate",
    "sinkRate",
    "recordsIn",
    "recordsOut",
    "busy",
    "backPressure",
    "idle",
    "restarts",
    "uptime",
    "checkpointDuration",
    "checkpointsFailed",
    "cpu",
    "heap",
    "gcPressure",
    "watermarkLag",
];

#[tokio::test]
async fn a_table_of_a_hundred_applications_is_a_hundred_descriptions_and_few_other_calls() {
    // Above the usual rate, so that nobody waits for it.
    let limits = json!({"kinesisAnalyticsPerSecond": 100});
    let served = Served::start_limited(Fleet::bench(100, 4), Options::default(), limits).await;
    let table = json!({"queryType": "application", "applications": ["*"], "signals": SIGNALS, "as": "table"});
    let asked = panels(6, &[table]);
    let rows = async || {
        let outcomes = served.answer(&asked).await;
        outcomes[0].result.as_ref().unwrap()[0].fields[0].values.len()
    };
    assert_eq!(rows().await, 100);
    let counts = served.server.counters();
    let calls = |operation: &str| counts.operation(operation).calls;
    assert_eq!((calls("ListApplications"), calls("DescribeApplication")), (2, 100));
    assert!(calls("ListMetrics") <= 28, "{}", calls("ListMetrics"));
    // Of 24 series of each, with those that the verdict rests on; two are hours of a day, in calls of their own. So are
    // the verdict's minutes, since the table of six hours has longer periods, and restarts are counted in minutes for
    // the whole range. Records are counted from four statistics.
    assert!(calls("GetMetricData") <= 16, "{}", calls("GetMetricData"));

    // Another range, so that nothing but the facts is known.
    served.server.reset_counters();
    let mut earlier = asked.clone();
    earlier[0].range.from_ms -= 86_400_000;
    earlier[0].range.to_ms -= 86_400_000;
    served.answer(&earlier).await;
    let counts = served.server.counters();
    let calls: BTreeMap<_, _> = counts.operations.iter().map(|(name, counts)| (*name, counts.calls)).collect();
    assert!(calls.len() == 1 && calls["GetMetricData"] <= 14, "{calls:?}");
    served.server.stop().await;
}

#[tokio::test]
async fn a_drop_down_lists_its_own_application_among_many_and_only_once() {
    let fleet = Fleet::bench_metric(50, 20, "busyTimeMsPerSecond");
    let served = Served::start(fleet).await;
    let defaults = QueryDefaults { region: Region::from("eu-west-1"), application: None };
    let mut calls = Vec::new();
    for _ in 0..2 {
        served.server.reset_counters();
        let arguments = [("application".to_owned(), "bench-007".to_owned())];
        let resource = fetch_resource(&served.source, &defaults, "tasks", &arguments).await.unwrap();
        assert!(matches!(resource, Resource::Choices(choices) if choices.len() == 20));
        let counts = served.server.counters();
        calls.push(counts.operations.values().map(|counts| counts.calls).sum::<u64>());
    }
    // One page of its series and its description, of two pages of series and fifty applications.
    assert_eq!(calls, [2, 0]);
    served.server.stop().await;
}

/// An AWS with sixty applications that takes 1.2 seconds for each call.
fn sixty() -> Arc<Scripted> {
    let list = || (0..60).map(|number| summary(name(number).as_str(), ApplicationStatus::Running, "FLINK-1_20"));
    Arc::new(Scripted {
        list_applications: Box::new(move |_| Ok(list().collect())),
        list_metrics: Box::new(move |_| {
            Ok((0..60).map(|number| series("cpuUtilization", &[("Application", name(number).as_str())])).collect())
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        latency: Duration::from_millis(1200),
        ..Scripted::default()
    })
}

fn engine_settings() -> EngineSettings {
    EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    }
}

/// Asks once; rows or lines, notices, and the seconds that it took.
async fn ask(source: &Source, query: &Value) -> (usize, String, u64) {
    let started = Instant::now();
    let source = Source { deadline: started + Duration::from_secs(30), ..source.clone() };
    let asked = panels(1, std::slice::from_ref(query));
    let outcomes = engine::answer(&source, &engine_settings(), &asked, NOW * 1000).await;
    let frames = outcomes[0].result.as_ref().unwrap();
    let notices: Vec<&str> = frames[0].meta.notices.iter().map(|notice| notice.text.as_str()).collect();
    // An answer without a line has no columns.
    let rows = frames[0].fields.first().map_or(0, |field| field.values.len());
    (rows, notices.join("\n"), started.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn the_rows_of_a_table_do_not_wait_until_every_application_is_described() {
    let aws = sixty();
    let source = source(&aws, &settings(json!({})));
    let table = json!({"queryType": "application", "applications": ["*"], "signals": ["cpu"], "as": "table"});
    let described = || aws.asked().iter().filter(|line| line.starts_with("DescribeApplication")).count();

    // Eight at a time for some seconds, between the list and the values.
    let (rows, said, seconds) = ask(&source, &table).await;
    assert!(rows == 60 && seconds <= 5, "{rows} rows in {seconds} s");
    assert!(said.contains("are not known yet"), "{said}");
    assert!(described() < 60, "{}", described());

    // The cache goes on when the request has left, and describes each application once.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(described(), 60);
    let (rows, said, seconds) = ask(&source, &table).await;
    assert!(rows == 60 && !said.contains("are not known yet"), "{rows} rows, {said}");
    assert_eq!((seconds, described()), (0, 60));

    // While the list has the same versions and statuses, nothing is described again; after five minutes all are,
    // meanwhile the rows stay.
    for (minutes, times) in [(1, 1), (2, 1), (5, 2)] {
        tokio::time::sleep(Duration::from_secs(70 * minutes)).await;
        let (rows, said, seconds) = ask(&source, &table).await;
        assert!(rows == 60 && !said.contains("are not known yet"), "{rows} rows, {said}");
        assert!(seconds <= 2, "{seconds}");
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(described(), 60 * times, "{minutes}");
    }
}

#[tokio::test(start_paused = true)]
async fn lines_wait_for_what_their_numbers_are_made_of() {
    let source = source(&sixty(), &settings(json!({})));
    let lines = json!({"queryType": "application", "applications": ["*"], "signals": ["cpu"]});
    let (_, said, _) = ask(&source, &lines).await;
    assert!(!said.contains("are not known yet"), "{said}");
}

/// An AWS with so many applications, and ListMetrics that takes so long for the series of all, and a moment for those of
/// one.
fn many(applications: usize, scan: Duration) -> Arc<Scripted> {
    let list = move || (0..applications).map(|number| name(number).to_string());
    Arc::new(Scripted {
        list_applications: Box::new(move |_| {
            Ok(list().map(|name| summary(&name, ApplicationStatus::Running, "FLINK-1_20")).collect())
        }),
        list_metrics: Box::new(move |ask| {
            let names = list().filter(|name| ask.application.as_ref().is_none_or(|asked| asked.as_str() == name));
            Ok(names.map(|name| series("cpuUtilization", &[("Application", &name)])).collect())
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        get_metric_data: Box::new(|call| {
            let column = |points| Column {
                values: Arc::new(vec![7.0; points]),
                completeness: Completeness::Complete,
                message: None,
            };
            let columns = call.series.iter().map(|key| column(call.points(key.period))).collect();
            Ok(GetMetricDataAnswer { columns, calls: 1 })
        }),
        slow_walk: Some(scan),
        latency: Duration::from_millis(200),
        ..Scripted::default()
    })
}

fn table() -> Value {
    json!({"queryType": "application", "applications": ["*"], "signals": ["cpu"], "as": "table"})
}

#[tokio::test(start_paused = true)]
async fn a_table_of_a_large_fleet_has_rows_before_its_series_are_listed() {
    let aws = many(300, Duration::from_secs(12));
    let source = source(&aws, &settings(json!({})));
    let started = Instant::now();
    let (rows, said, seconds) = ask(&source, &table()).await;
    assert!(rows == 300 && seconds <= 4, "{rows} rows in {seconds} s");
    assert!(said.contains("The metrics of 300 of 300 applications are not known yet."), "{said}");
    assert!(aws.asked().iter().all(|line| !line.starts_with("GetMetricData")));
    // Who looks again finds what goes on meanwhile, and nothing of it is asked twice.
    while ask(&source, &table()).await.1.contains("The metrics of") {}
    assert!(started.elapsed() < Duration::from_secs(14), "{:?}", started.elapsed());
    assert_eq!(walks_and_others(&aws), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn rows_whose_series_are_not_listed_yet_have_what_the_list_tells_and_no_health() {
    let source = source(&many(300, Duration::from_secs(12)), &settings(json!({})));
    for (looks, health) in [(1, "unknown"), (4, "healthy")] {
        for _ in 1..looks {
            ask(&source, &table()).await;
        }
        let source = Source { deadline: Instant::now() + Duration::from_secs(30), ..source.clone() };
        let outcomes = engine::answer(&source, &engine_settings(), &panels(1, &[table()]), NOW * 1000).await;
        let frame = &outcomes[0].result.as_ref().unwrap()[0];
        let texts = |name: &str| match &frame.fields.iter().find(|field| field.name == name).unwrap().values {
            Values::Text(texts) => texts.iter().map(|text| text.clone().unwrap_or_default()).collect::<BTreeSet<_>>(),
            Values::TimeMs(_) | Values::Number(_) | Values::Json(_) | Values::Bool(_) => panic!("{name} is text"),
        };
        let one = |text: &str| BTreeSet::from([text.to_owned()]);
        assert_eq!((texts("status"), texts("runtime")), (one("RUNNING"), one("Flink 1.20")));
        assert_eq!(texts("health"), one(health));
        let awaited = frame.meta.custom.as_ref().unwrap().get("awaitedApplications").cloned();
        assert_eq!(awaited, (health == "unknown").then(|| json!(300)));
    }
}

#[tokio::test]
async fn a_table_says_which_host_has_not_answered_for_its_series() {
    let limits = json!({"requestTimeoutSeconds": 5, "kinesisAnalyticsPerSecond": 100});
    let served = Served::start_limited(Fleet::bench(30, 1), Options::default(), limits).await;
    let operations = vec!["ListMetrics".to_owned()];
    served.server.set_faults(Faults { operations, latency_ms: 60_000, ..Faults::default() });
    let source = Source { deadline: Instant::now() + Duration::from_secs(5), ..served.source.clone() };
    let outcomes = engine::answer(&source, &engine_settings(), &panels(1, &[table()]), NOW * 1000).await;
    let frame = &outcomes[0].result.as_ref().unwrap()[0];
    assert_eq!(frame.fields[0].values.len(), 30);
    let told = frame.meta.notices.iter().map(|notice| notice.text.as_str()).collect::<String>();
    assert!(told.contains("ListMetrics at 127.0.0.1:") && told.contains("has not answered yet"), "{told}");
    served.server.stop().await;
}

const LATER_MS: i64 = 40 * 60_000;

/// What is kept ends when it was last read; that is no silence of the applications.
#[tokio::test(start_paused = true)]
async fn a_table_whose_values_cannot_be_read_anew_calls_nobody_silent() {
    let known = source(&many(5, Duration::ZERO), &settings(json!({})));
    ask(&known, &table()).await;
    let failing = Scripted {
        get_metric_data: Box::new(|_| Err(failure(CallErrorKind::ServiceFailure))),
        ..Arc::into_inner(many(5, Duration::ZERO)).unwrap()
    };
    let later = Source { aws: Arc::new(failing), ..known };
    let mut asked = panels(1, &[table()]);
    let range = &mut asked[0].range;
    (range.from_ms, range.to_ms) = (range.from_ms + LATER_MS, range.to_ms + LATER_MS);
    let outcomes = engine::answer(&later, &engine_settings(), &asked, NOW * 1000 + LATER_MS).await;
    let text = format!("{:?}", outcomes[0].result.as_ref().unwrap());
    assert!(text.contains("not all metrics could be read") && !text.contains("nothing published"), "{text}");
}

/// It joins what goes on for the table, asks for each alone, or fails: a part is no answer.
#[tokio::test(start_paused = true)]
async fn an_alert_over_a_large_fleet_has_all_or_nothing() {
    for (applications, scan, is_answered) in [(300, 12, true), (300, 600, true), (900, 600, false)] {
        let aws = many(applications, Duration::from_secs(scan));
        let source = source(&aws, &settings(json!({})));
        let rule = json!({"queryType": "application", "applications": ["*"], "signals": ["cpu"]});
        let (asked, settings, table) = (alerts(1, &[rule]), engine_settings(), table());
        let (panel, outcomes) = join!(ask(&source, &table), engine::answer(&source, &settings, &asked, NOW * 1000));
        assert_eq!(panel.0, applications);
        let lines = outcomes[0].result.as_ref().map(Vec::len);
        assert_eq!(lines.ok(), is_answered.then_some(applications), "{scan} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_is_too_large_for_one_scan_is_listed_one_by_one_in_the_background() {
    let aws = many(300, Duration::from_secs(600));
    let source = source(&aws, &settings(json!({})));
    let started = Instant::now();
    loop {
        let (rows, said, seconds) = ask(&source, &table()).await;
        assert!(rows == 300 && seconds <= 5, "{rows} rows in {seconds} s");
        if !said.contains("The metrics of") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(90), "{said}");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    // Those that the table itself had begun when it left are begun anew.
    let (_, others) = walks_and_others(&aws);
    assert!((300..=316).contains(&others), "{others}");
}

fn place() -> Place {
    Place { region: Region::from("eu-west-1"), account: Account::Own }
}

fn name(number: usize) -> ApplicationName {
    ApplicationName::from(format!("app-{number:02}").as_str())
}

/// An AWS with twenty applications of two series each; those of the last one are older than three hours.
fn twenty(latency: Duration) -> Arc<Scripted> {
    twenty_of(latency, Arc::new(AtomicUsize::new(19)))
}

/// Of which so many, the first ones, have published in the last three hours.
fn twenty_of(latency: Duration, active: Arc<AtomicUsize>) -> Arc<Scripted> {
    let list = || (0..20).map(|number| summary(name(number).as_str(), ApplicationStatus::Running, "FLINK-1_20"));
    let of =
        |name: &ApplicationName| ["uptime", "downtime"].map(|metric| series(metric, &[("Application", name.as_str())]));
    Arc::new(Scripted {
        list_applications: Box::new(move |_| Ok(list().collect())),
        list_metrics: Box::new(move |ask| {
            let last = if ask.recency == Recency::ThreeHours { active.load(Ordering::Relaxed) } else { 20 };
            let names = (0..last).map(name).filter(|name| ask.application.as_ref().is_none_or(|asked| asked == name));
            Ok(names.flat_map(|name| of(&name)).collect())
        }),
        latency,
        ..Scripted::default()
    })
}

/// The facts of the first so many applications, for who knows the list.
async fn inventories(source: &Source, count: usize) -> Facts {
    let list = Needs { lists: [place()].into(), ..Needs::default() };
    fetch::facts(source, &list).await;
    let inventories = (0..count).map(|number| (place(), name(number))).collect();
    fetch::facts(source, &Needs { inventories, ..Needs::default() }).await
}

fn walks_and_others(aws: &Scripted) -> (usize, usize) {
    let asked = aws.asked();
    let lists = asked.iter().filter(|line| line.starts_with("ListMetrics"));
    let (walks, others): (Vec<_>, Vec<_>) = lists.partition(|line| line.contains("app=*"));
    (walks.len(), others.len())
}

#[tokio::test(start_paused = true)]
async fn most_applications_are_listed_together_and_few_alone() {
    for (count, expected) in [(20, (1, 1)), (10, (1, 0)), (9, (0, 9))] {
        let aws = twenty(Duration::from_millis(80));
        let facts = inventories(&source(&aws, &settings(json!({}))), count).await;
        assert_eq!(walks_and_others(&aws), expected, "{count} applications");
        for number in 0..count {
            let inventory = facts.inventories[&(place(), name(number))].as_ref().unwrap();
            assert_eq!(inventory.series().count(), 2, "app {number}");
            let freshness = if number == 19 { Freshness::Stale } else { Freshness::RecentlyActive };
            assert_eq!(inventory.freshness, freshness, "app {number}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_listed_together_is_known_of_each() {
    let aws = twenty(Duration::from_millis(80));
    let source = source(&aws, &settings(json!({})));
    inventories(&source, 20).await;
    let before = aws.asked().len();
    let one = Needs { inventories: [(place(), name(7))].into(), ..Needs::default() };
    assert_eq!(fetch::facts(&source, &one).await.inventories.len(), 1);
    assert_eq!(fetch::known_facts(&source, &one).inventories.len(), 1);
    assert_eq!(aws.asked().len(), before);
}

#[tokio::test(start_paused = true)]
async fn minutes_later_they_are_listed_together_again() {
    let aws = twenty(Duration::from_millis(80));
    let source = source(&aws, &settings(json!({})));
    let source = Source { deadline: source.deadline + Duration::from_secs(3600), ..source };
    inventories(&source, 19).await;
    tokio::time::sleep(Duration::from_secs(400)).await;
    inventories(&source, 19).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(walks_and_others(&aws), (2, 0));
}

/// It was stopped, or had not begun to publish, when it was looked at.
#[tokio::test(start_paused = true)]
async fn an_application_that_has_just_started_is_not_silent_for_ten_minutes() {
    let wait = async |seconds| tokio::time::sleep(Duration::from_secs(seconds)).await;
    let last = |facts: &Facts| facts.inventories[&(place(), name(19))].as_ref().unwrap().freshness;
    for known_before in [19, 20] {
        let active = Arc::new(AtomicUsize::new(19));
        let aws = twenty_of(Duration::from_millis(80), Arc::clone(&active));
        let source = source(&aws, &settings(json!({})));
        let source = Source { deadline: source.deadline + Duration::from_secs(3600), ..source };
        inventories(&source, known_before).await;
        active.store(20, Ordering::Relaxed);
        wait(70).await;
        inventories(&source, 20).await;
        wait(1).await;
        assert_eq!(last(&inventories(&source, 20).await), Freshness::RecentlyActive, "{known_before}");
    }
    // One that stays silent costs two calls every other minute when it is looked at each minute, and the others none.
    let aws = twenty(Duration::from_millis(80));
    let source = source(&aws, &settings(json!({})));
    inventories(&source, 20).await;
    let before = walks_and_others(&aws);
    for _ in 0..4 {
        wait(60).await;
        inventories(&source, 20).await;
    }
    wait(1).await;
    let (walks, others) = walks_and_others(&aws);
    assert_eq!((walks - before.0, others - before.1), (0, 4));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_takes_too_long_together_is_asked_for_one_by_one() {
    let aws = twenty(Duration::from_secs(8));
    let walked = source(&aws, &settings(json!({})));
    let slow = Scripted {
        slow_walk: Some(Duration::from_secs(600)),
        ..Arc::into_inner(twenty(Duration::from_secs(2))).unwrap()
    };
    let slow = Arc::new(slow);
    let given_up = source(&slow, &settings(json!({})));
    let given_up = Source { deadline: given_up.deadline + Duration::from_secs(3600), ..given_up };
    inventories(&walked, 19).await;
    assert_eq!(walks_and_others(&aws), (1, 0));
    let facts = inventories(&given_up, 19).await;
    assert!(facts.inventories.values().all(|inventory| inventory.as_ref().unwrap().series().count() == 2));
    // The double notes it when its time is over.
    assert_eq!(walks_and_others(&slow), (0, 19));
}

/// An AWS with a running application and a hundred stopped ones, of which the first `published` had metrics in the last
/// two weeks.
fn mostly_stopped(published: usize) -> Arc<Scripted> {
    let list = || {
        let stopped = (0..100).map(|number| summary(name(number).as_str(), ApplicationStatus::Ready, "FLINK-1_20"));
        stopped.chain([summary("orders", ApplicationStatus::Running, "FLINK-1_20")])
    };
    Arc::new(Scripted {
        list_applications: Box::new(move |_| Ok(list().collect())),
        list_metrics: Box::new(move |ask| {
            let stopped = if ask.recency == Recency::ThreeHours { 0 } else { published };
            let names = (0..stopped).map(name).chain([ApplicationName::from("orders")]);
            let asked = names.filter(|name| ask.application.as_ref().is_none_or(|asked| asked == name));
            Ok(asked.map(|name| series("cpuUtilization", &[("Application", name.as_str())])).collect())
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        ..Scripted::default()
    })
}

#[tokio::test(start_paused = true)]
async fn stopped_applications_cost_one_call_together_and_more_only_where_they_published() {
    let lines = json!({"queryType": "application", "applications": ["*"], "signals": ["cpu"]});
    // Hours of the range, stopped ones that published, and the calls: together, inventories and descriptions.
    for (hours, published, expected) in
        [(1, 100, (1, 1, 1)), (24, 0, (1, 1, 1)), (24, 7, (1, 15, 8)), (24, 60, (1, 101, 51))]
    {
        let aws = mostly_stopped(published);
        let source = source(&aws, &settings(json!({})));
        let mut said = String::new();
        for _ in 0..3 {
            let outcomes =
                engine::answer(&source, &engine_settings(), &panels(hours, std::slice::from_ref(&lines)), NOW * 1000)
                    .await;
            said = outcomes[0].result.as_ref().unwrap()[0]
                .meta
                .notices
                .iter()
                .map(|notice| notice.text.as_str())
                .collect();
        }
        let asked = aws.asked();
        let count = |start: &str| asked.iter().filter(|line| line.starts_with(start)).count();
        let together = asked.iter().filter(|line| line.contains("app=* metric=cpuUtilization")).count();
        let alone = count("ListMetrics") - together;
        assert_eq!((together, alone, count("DescribeApplication")), expected, "{hours} {published}: {asked:?}");
        assert_eq!(said.starts_with("10 more stopped applications"), published == 60, "{said}");
    }
}
