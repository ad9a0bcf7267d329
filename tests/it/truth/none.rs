//! An alert over "all" applications, or over a pattern, of which nothing can come: it fails and says why. What some
//! jobs may rightly lack is no data, so that the shipped rules hold in an account without Kinesis, or without Flink 2.

use std::collections::BTreeSet;
use std::sync::Arc;

use flinkwatch::catalog::conditions::CONDITIONS;
use flinkwatch::catalog::level::Scope;
use flinkwatch::catalog::signals;
use local_aws::world::{Series, World};
use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::made::Made;
use crate::support::world::{Answer, Chain};
use crate::support::worlds::{Masked, What, Without};

fn application(names: Value, signals: Value) -> Value {
    json!({ "queryType": "application", "applications": names, "signals": signals })
}

fn operator(level: &str, signals: Value) -> Value {
    json!({ "queryType": "operator", "applications": ["*"], "level": level, "signals": signals })
}

async fn alert(world: Arc<dyn World>, query: &Value) -> Answer {
    Chain::start(world, NOON).await.alert(query.clone(), NOON - HOUR..NOON).await
}

/// Whether a series is published.
type Shows = fn(&Series) -> bool;

/// The fleet without the series of which `shows` is false.
fn masked(shows: Shows) -> Arc<dyn World> {
    Arc::new(Masked { inner: fleet(), shows })
}

#[tokio::test]
async fn an_alert_about_a_signal_that_no_application_can_have_fails() {
    let cases = [
        (
            application(json!(["*"]), json!(["skew"])),
            "No \"skew\" for \"audit-log\"",
            "it does not exist per application",
        ),
        (application(json!(["/^(orders|sessions)$/"]), json!(["cpu", "skew"])), "No \"skew\"", "per application"),
        (operator("task", json!(["cpu"])), "No \"cpu\"", "it does not exist per task"),
        (operator("task", json!(["busy", "cpu"])), "No \"cpu\"", "it does not exist per task"),
        (operator("operator", json!(["busy"])), "No \"busy\"", "it does not exist per operator"),
        (
            json!({ "queryType": "operator", "applications": ["*"], "tasks": ["/^Source/"], "signals": ["selectivity"] }),
            "No \"selectivity\"",
            "counts records on one side only",
        ),
    ];
    for (mut query, signal, why) in cases {
        for top in [Value::Null, json!({ "count": 3, "by": "recordsInRate" })] {
            query["top"] = top;
            let answer = alert(fleet(), &query).await;
            assert!(answer.error().contains(signal) && answer.error().contains(why), "{query}: {}", answer.error());
            assert_eq!(answer.status(), 404, "{query}");
        }
    }
}

/// Every job publishes it: where none does, something is wrong, and "no data" would be a rule that never fires.
#[tokio::test]
async fn an_alert_about_what_every_job_publishes_and_none_does_fails() {
    let cases: [(Shows, &str, &str); 3] = [
        (|series| &*series.metric != "cpuUtilization", "cpu", "cpuUtilization"),
        (|series| !matches!(&*series.metric, "uptime" | "runningTime"), "uptime", "runningTime or uptime"),
        (
            |series| !matches!(&*series.metric, "fullRestarts" | "numRestarts"),
            "restarts",
            "numRestarts or fullRestarts",
        ),
    ];
    for (shows, signal, metrics) in cases {
        for names in ["*", "/a/"] {
            let query = application(json!([names]), json!([signal]));
            let answer = alert(masked(shows), &query).await;
            let words = format!("CloudWatch lists no series of {metrics}");
            assert!(answer.error().contains(&words), "{query}: {}", answer.error());
        }
    }
}

/// That some applications may lack it, here for their metrics level, does not speak for the others.
#[tokio::test]
async fn an_alert_fails_where_what_most_jobs_publish_has_vanished() {
    let vanished = masked(|series| !matches!(&*series.metric, "numRecordsOutPerSecond" | "numRecordsOut"));
    for signals in [json!(["sourceRate"]), json!(["sourceRate", "cpu"])] {
        let answer = alert(Arc::clone(&vanished), &application(json!(["*"]), signals)).await;
        assert!(answer.error().contains("No \"sourceRate\""), "{} {}", answer.error(), answer.notices());
    }
}

/// "*" selects jobs of Flink.
#[tokio::test]
async fn an_alert_about_a_metric_of_another_service_fails() {
    for metric in ["zeppelinCpuUtilization", "InputProcessing.Duration"] {
        let answer = alert(fleet(), &application(json!(["*"]), json!([metric]))).await;
        assert!(answer.error().contains(&format!("No \"{metric}\"")), "{}", answer.error());
    }
}

/// Another source, another runtime, no checkpoints, no such operators, a value that comes once an hour: that is how a
/// job is.
#[tokio::test]
async fn an_alert_about_what_only_some_jobs_have_gets_no_data_where_none_does() {
    let cases: [(Shows, &str); 8] = [
        (|series| &*series.metric != "millisBehindLatest", "consumerLagTime"),
        (|series| &*series.metric != "records_lag_max", "lagRecordsGrowth"),
        (|series| !matches!(&*series.metric, "millisBehindLatest" | "records_lag_max"), "timeToCatchUp"),
        (|series| &*series.metric != "numberOfCompletedCheckpoints", "checkpointsCompleted"),
        (|series| &*series.metric != "KPUs", "kpus"),
        (|series| !series.metric.starts_with("current"), "watermarkLag"),
        (|series| !series.metric.contains("heckpoint"), "checkpointPressure"),
        (|series| &*series.metric != "numLateRecordsDropped", "lateRecords"),
    ];
    for (shows, signal) in cases {
        let query = application(json!(["*"]), json!([signal]));
        let answer = alert(masked(shows), &query).await;
        assert_eq!(answer.error(), "", "{signal}");
        assert!(answer.lines().is_empty() && answer.notices().contains(signal), "{signal}: {}", answer.notices());
    }
}

/// What every job publishes, whatever it is. An account of such a job alone is a healthy one, in which each shipped
/// rule has to be evaluated.
#[tokio::test]
async fn no_shipped_rule_fails_in_an_account_with_the_plainest_of_jobs() {
    let of_application = [
        "uptime",
        "downtime",
        "fullRestarts",
        "cpuUtilization",
        "containerCPUUtilization",
        "containerMemoryUtilization",
        "heapMemoryUtilization",
        "oldGenerationGCTime",
        "oldGenerationGCCount",
        "threadsCount",
        "backPressuredTimeMsPerSecond",
        "busyTimeMsPerSecond",
        "idleTimeMsPerSecond",
        "numRecordsInPerSecond",
        "numRecordsOutPerSecond",
    ];
    let plain = || of_application.into_iter().fold(Made::new("orders"), |job, metric| job.constant(metric, &[], 5.0));
    // A job of one task counts nothing there before Flink 2.0.
    let chained = [("Task", "Source:_a____Sink:_b")];
    let of_one_task =
        plain().rate("numRecordsInPerSecond", &chained, 0.0, 1).rate("numRecordsOutPerSecond", &chained, 0.0, 1);
    let is_of_application = |id: &&str| signals::signal(id).unwrap().scopes.contains(&Scope::Application);
    let signals: BTreeSet<&str> = CONDITIONS.iter().map(|row| row.signal).filter(is_of_application).collect();
    for world in [plain(), of_one_task] {
        let chain = Chain::start(Arc::new(world), NOON).await;
        for signal in &signals {
            let answer = chain.alert(application(json!(["*"]), json!([signal])), NOON - HOUR..NOON).await;
            assert_eq!(answer.error(), "", "{signal}");
        }
    }
}

/// A rule about tasks is quiet for ever where no application publishes tasks.
#[tokio::test]
async fn an_alert_about_tasks_fails_where_no_metrics_level_has_them() {
    let is_of_application = |series: &Series| series.dimensions.len() == 1;
    for level in ["task", "operator", "subtask"] {
        let answer = alert(masked(is_of_application), &operator(level, json!(["recordsInRate"]))).await;
        assert!(answer.error().contains(&format!("no metrics of {level}s")), "{}", answer.error());
    }
    let low = json!({ "queryType": "operator", "applications": ["/^audit/"], "signals": ["busy"] });
    let answer = alert(fleet(), &low).await;
    assert!(answer.error().contains("at level APPLICATION; tasks need TASK"), "{}", answer.error());
}

/// One that has published nothing yet has a line of nulls: it is no sign that there is such a metric.
#[tokio::test]
async fn a_line_of_nulls_does_not_hide_that_nothing_else_has_it() {
    let world = || Arc::new(Without { inner: fleet(), name: "payments", what: What::Series });
    for query in [
        json!({ "queryType": "metric", "applications": ["*"], "metric": "cpuUtilisation" }),
        application(json!(["*"]), json!(["skew"])),
    ] {
        let answer = alert(world(), &query).await;
        assert_eq!(answer.status(), 404, "{query}: {}", answer.notices());
    }
    let answer = alert(Arc::new(Made::new("orders")), &application(json!(["*"]), json!(["cpu"]))).await;
    assert_eq!(answer.lines().len(), 1, "nothing is known of it: {}", answer.error());
}

/// What is stopped is there, and rules over all are about what runs.
#[tokio::test]
async fn an_alert_of_which_all_applications_are_stopped_gets_no_data_and_says_so() {
    let world = Made::new("orders").constant("uptime", &[], 5.0).status("READY");
    let answer = alert(Arc::new(world), &application(json!(["*"]), json!(["uptime"]))).await;
    assert!(answer.notices().contains("All applications that match are stopped: \"orders\""), "{}", answer.notices());
}

/// Ten applications with one reason are one sentence.
#[tokio::test]
async fn what_applications_lack_for_one_reason_is_said_once() {
    let chain = Chain::start(fleet(), NOON).await;
    let metric = |metric: &str, dimensions: Value| json!({ "queryType": "metric", "applications": ["*"], "metric": metric, "dimensions": dimensions });
    let cases = [
        (
            metric("cpuUtilisation", json!({})),
            1,
            "Applications \"audit-log\", \"catalog-cdc\", \"clickstream\" and 7 more publish no metric",
        ),
        (metric("millisBehindLatest", json!({ "Stream": "*" })), 2, "publish it under {Application, Flow, Id}"),
        (
            json!({ "queryType": "operator", "applications": ["*"], "level": "subtask", "signals": ["busy"] }),
            3,
            "Applications ",
        ),
        (
            metric("busyTimeMsPerSecond", json!({ "Task": "Sink: order lines: Writer" })),
            2,
            "and 5 more has these values",
        ),
    ];
    for (query, count, words) in cases {
        let answer = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        assert!(answer.notices().lines().count() <= count, "{query}: {}", answer.notices());
        assert!(answer.notices().contains(words), "{query}: {}", answer.notices());
    }
    let old = NOON - 60 * 24 * HOUR..NOON - 30 * 24 * HOUR;
    let answer = chain.ask(metric("cpuUtilization", json!({ "Nothing": "*" })), old).await;
    assert_eq!(answer.notices().matches("is found for applications").count(), 1, "{}", answer.notices());
}
