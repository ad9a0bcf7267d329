//! Where the records go: table formats put operators behind their writers that Flink calls sinks.

use std::sync::Arc;

use local_aws::server::Faults;
use serde_json::{Value, json};

use super::{DAY, HOUR, NOON, fleet};
use crate::support::made::Made;
use crate::support::world::{Answer, Chain};

const PLAN: &str = include_str!("../../fixtures/field/iceberg_job_plan.json");
const LISTED: &str = include_str!("../../fixtures/field/iceberg_list_metrics.json");

/// Samples per subtask and second of a metric, and the subtasks, at an operator or else a task of the Iceberg job.
fn iceberg_rate(metric: &str, place: &str) -> Option<(f64, usize)> {
    match (metric, place) {
        ("numRecordsOutPerSecond", "Source:_DataGen____Map" | "Source:_DataGen" | "Map")
        | ("numRecordsInPerSecond", "IcebergStreamWriter" | "Map") => Some((250.0, 4)),
        ("numRecordsOutPerSecond", "IcebergStreamWriter") => Some((1.0 / 60.0, 4)),
        ("numRecordsInPerSecond", committer) if committer.starts_with("IcebergFilesCommitter") => Some((4.0 / 60.0, 1)),
        (rate, committer) if rate.ends_with("PerSecond") => {
            Some((0.0, if committer.starts_with("Iceberg") { 1 } else { 4 }))
        }
        _ => None,
    }
}

fn iceberg(has_operators: bool) -> Made {
    let listed: Value = serde_json::from_str(LISTED).unwrap();
    let mut made = Made::new("iceberg-prices").job_plan(PLAN);
    for series in listed["Metrics"].as_array().unwrap() {
        let metric = series["MetricName"].as_str().unwrap();
        let pairs: Vec<(&str, &str)> = series["Dimensions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair["Name"].as_str().unwrap(), pair["Value"].as_str().unwrap()))
            .filter(|(name, _)| *name != "Application")
            .collect();
        let of = |name: &str| pairs.iter().find(|(found, _)| *found == name).map(|(_, value)| *value);
        if of("TaskOperator").is_some() && !has_operators {
            continue;
        }
        made = match of("TaskOperator").or(of("Task")).and_then(|place| iceberg_rate(metric, place)) {
            Some((rate, subtasks)) => made.rate(metric, &pairs, rate, subtasks),
            None => made.constant(metric, &pairs, 1.0),
        };
    }
    made
}

async fn ask(made: Made, name: &str) -> Answer {
    let query = json!({"queryType": "application", "applications": [name], "signals": ["sourceRate", "sinkRate"]});
    Chain::start(Arc::new(made), NOON).await.ask(query, NOON - HOUR..NOON).await
}

fn at(answer: &Answer, signal: &str) -> f64 {
    answer.signal(signal).at(NOON - 600)
}

#[tokio::test]
async fn an_iceberg_job_writes_what_enters_its_stream_writer() {
    for has_operators in [true, false] {
        for has_plan in [true, false] {
            let made = iceberg(has_operators);
            let made = if has_plan { made } else { made.job_plan("") };
            let answer = ask(made, "iceberg-prices").await;
            assert_eq!(
                (at(&answer, "sourceRate"), at(&answer, "sinkRate")),
                (1000.0, 1000.0),
                "{has_operators} {has_plan}"
            );
        }
    }
}

/// A job of two tasks: a source, and a writer that is chained to what follows it.
fn chained(writer: &str, follower: &str, has_operators: bool) -> Made {
    let task = format!("{writer}____Sink:_{follower}");
    let made = Made::new("orders")
        .rate("numRecordsOutPerSecond", &[("Task", "Source:_a")], 250.0, 4)
        .rate("numRecordsInPerSecond", &[("Task", &task)], 250.0, 4)
        .rate("numRecordsOutPerSecond", &[("Task", &task)], 0.0, 4);
    if !has_operators {
        return made;
    }
    let operator = |made: Made, name: &str, rate: f64| {
        made.rate("numRecordsInPerSecond", &[("Task", &task), ("TaskOperator", name)], rate, 4)
    };
    operator(operator(made, writer, 250.0), &format!("Sink:_{follower}"), 0.0)
}

#[tokio::test]
async fn a_writer_of_hudi_or_paimon_takes_the_records_and_not_the_sink_behind_it() {
    for (writer, follower) in
        [("bucket_write:_prices", "clean_commits"), ("Writer_:_prices", "end"), ("stream_write", "dummy")]
    {
        for has_operators in [true, false] {
            let answer = ask(chained(writer, follower, has_operators), "orders").await;
            assert_eq!(at(&answer, "sinkRate"), 1000.0, "{writer} {has_operators}");
        }
    }
}

/// What such a task emits is what is to be committed.
#[tokio::test]
async fn a_writer_in_the_task_of_its_source_makes_no_wrong_rate() {
    let task = "Source:_a____Map____IcebergStreamWriter";
    let committer = "IcebergFilesCommitter____Sink:_IcebergSink_glue.default.prices";
    let by_task = || {
        Made::new("orders")
            .rate("numRecordsOutPerSecond", &[("Task", task)], 1.0 / 60.0, 4)
            .rate("numRecordsInPerSecond", &[("Task", task)], 0.0, 4)
            .rate("numRecordsInPerSecond", &[("Task", committer)], 4.0 / 60.0, 1)
    };
    let answer = ask(by_task(), "orders").await;
    assert!(answer.lines().is_empty(), "{:?}", answer.lines());
    assert!(answer.notices().contains("OPERATOR"), "{}", answer.notices());
    let operator = |name: &'static str| [("Task", task), ("TaskOperator", name)];
    let made = by_task().rate("numRecordsOutPerSecond", &operator("Source:_a"), 250.0, 4).rate(
        "numRecordsInPerSecond",
        &operator("IcebergStreamWriter"),
        250.0,
        4,
    );
    let answer = ask(made, "orders").await;
    assert_eq!((at(&answer, "sourceRate"), at(&answer, "sinkRate")), (1000.0, 1000.0));
}

/// A format that is in no table.
#[tokio::test]
async fn a_sink_that_gets_next_to_nothing_of_what_is_emitted_is_not_the_sink_of_the_data() {
    let plan = r#"{"nodes":[
        {"id":"c","description":"Sink: audit","inputs":[{"id":"b"}]},
        {"id":"b","description":"Window","inputs":[{"id":"a"}]},
        {"id":"a","description":"Source: a"}]}"#;
    let made = |into_sink: f64| {
        Made::new("orders")
            .job_plan(plan)
            .rate("numRecordsOutPerSecond", &[("Task", "Source:_a")], 250.0, 4)
            .rate("numRecordsOutPerSecond", &[("Task", "Window")], 250.0, 4)
            .rate("numRecordsInPerSecond", &[("Task", "Sink:_audit")], into_sink, 4)
    };
    assert_eq!(at(&ask(made(25.0), "orders").await, "sinkRate"), 100.0);
    let query = json!({"queryType": "application", "applications": ["orders"], "signals": ["sinkRate"]});
    let answer = Chain::start(Arc::new(made(0.1)), NOON).await.ask(query, NOON - HOUR..NOON).await;
    assert!(answer.lines().iter().all(|line| line.known(0..NOON).is_empty()), "{:?}", answer.lines());
    assert!(answer.notices().contains("less than a thousandth"), "{}", answer.notices());
}

/// Until an hour ago the job had two sources.
#[tokio::test]
async fn sources_of_an_earlier_deployment_are_left_out_with_a_word() {
    let plan = r#"{"nodes":[{"id":"b","description":"Sink: out: Writer","inputs":[{"id":"a"}]},{"id":"a","description":"Source: a"}]}"#;
    let old = |minute: i64| (minute < NOON - HOUR).then(|| crate::support::made::samples(&[250.0; 16]));
    let made = Made::new("orders")
        .job_plan(plan)
        .rate("numRecordsOutPerSecond", &[("Task", "Source:_a")], 250.0, 4)
        .rate("numRecordsInPerSecond", &[("Task", "Sink:_out:_Writer")], 250.0, 4)
        .with("numRecordsOutPerSecond", &[("Task", "Source:_old")], old);
    let chain = Chain::start(Arc::new(made), NOON).await;
    let query = json!({"queryType": "application", "applications": ["orders"], "signals": ["sourceRate"]});
    // The update was a day ago.
    let answer = chain.ask(query.clone(), NOON - 2 * HOUR..NOON).await;
    assert_eq!((at(&answer, "sourceRate"), answer.notices().as_str()), (1000.0, ""));
    let answer = chain.ask(query, NOON - 48 * HOUR..NOON).await;
    assert!(answer.notices().contains("before the last update of \"orders\""), "{}", answer.notices());
}

/// A source of the job before the last update, which was a day ago, still stands in CloudWatch.
#[tokio::test]
async fn sources_of_an_earlier_job_are_left_out_with_a_word() {
    let plan = r#"{"nodes":[{"id":"b","description":"Sink: out: Writer","inputs":[{"id":"a"}]},{"id":"a","description":"Source: a"}]}"#;
    let made = Made::new("orders")
        .job_plan(plan)
        .rate("numRecordsOutPerSecond", &[("Task", "Source:_a")], 10.0, 2)
        .rate("numRecordsOutPerSecond", &[("Task", "Source:_of_before")], 5.0, 2)
        .rate("numRecordsInPerSecond", &[("Task", "Sink:_out:_Writer")], 10.0, 2);
    let chain = Chain::start(Arc::new(made), NOON).await;
    let query = json!({ "queryType": "application", "applications": ["orders"], "signals": ["sourceRate"] });
    for (range, is_told) in [(7 * DAY, true), (HOUR, false)] {
        let answer = chain.ask(query.clone(), NOON - range..NOON).await;
        let words = "begins before the last update of \"orders\": what was read and written by sources and sinks that the job no longer has is left out";
        assert_eq!(answer.notices().contains(words), is_told, "{}", answer.notices());
        assert!((answer.signal("sourceRate").mean(NOON - HOUR..NOON) - 20.0).abs() < 0.1);
    }
}

/// Which application a policy leaves out is said; not that it lets none be described.
#[tokio::test]
async fn a_sink_that_is_told_by_names_alone_is_said_to_be_where_others_are_described() {
    let arn = |name: &str| format!("arn:aws:kinesisanalytics:*:application/{name}");
    let query = json!({ "queryType": "application", "applications": ["orders", "payments"], "signals": ["sinkRate"] });
    for (denied, is_said) in [("payments", true), ("*", false)] {
        let actions = vec!["kinesisanalytics:DescribeApplication".to_owned()];
        let faults = Faults { deny_resources: [(arn(denied), actions)].into(), ..Faults::default() };
        let chain = Chain::start_broken(fleet(), NOON, faults).await;
        let answer = chain.ask(query.clone(), NOON - 1800..NOON).await;
        assert_eq!(answer.lines().len(), 2);
        let notices = answer.notices();
        assert_eq!(notices.contains("The job plan of \"payments\" is not known"), is_said, "{denied}: {notices}");
        assert!(!notices.contains("\"orders\""), "{denied}: {notices}");
    }
}
