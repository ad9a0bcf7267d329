//! An answer without numbers says why; a permission that is missing costs only what needs it.

use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::world::{Answer, Chain, Line};

fn signal(application: &str, signal: &str) -> Value {
    json!({ "queryType": "application", "applications": [application], "signals": [signal] })
}

fn operators(application: &str, level: &str, signal: &str) -> Value {
    json!({ "queryType": "operator", "applications": [application], "level": level, "signals": [signal] })
}

async fn shop(denied: &[&str]) -> Chain {
    Chain::start_denied(fleet(), NOON, denied).await
}

fn said(answer: &Answer) -> String {
    format!("{}\n{}", answer.error(), answer.notices())
}

#[tokio::test]
async fn an_empty_answer_says_why() {
    let chain = shop(&[]).await;
    // What is asked, and what must be said.
    let cases = [
        (signal("legacy-reports", "sourceRate"), "is stopped (status READY)"),
        (operators("legacy-reports", "task", "busy"), "is stopped (status READY)"),
        (json!({ "queryType": "checkpoint", "applications": ["legacy-reports"] }), "is stopped (status READY)"),
        (signal("no-such-app", "sourceRate"), "There is no application \"no-such-app\" in eu-west-1"),
        (operators("no-such-app", "task", "busy"), "There is no application \"no-such-app\" in eu-west-1"),
        (operators("audit-log", "task", "busy"), "publishes metrics at level APPLICATION; tasks need TASK"),
        (operators("orders", "subtask", "busy"), "publishes metrics at level OPERATOR; subtasks need PARALLELISM"),
        (operators("orders", "operator", "busy"), "it does not exist per operator; it exists per task"),
        (signal("orders", "consumerLagRecords"), "records_lag_max"),
        (
            json!({ "queryType": "metric", "applications": ["orders"], "metric": "cpuutilisation" }),
            "It publishes \"cpuUtilization\"",
        ),
        (
            json!({ "queryType": "metric", "applications": ["orders"], "metric": "busyTimeMsPerSecond",
            "dimensions": { "TaskOperator": "*" } }),
            "publishes it under {Application, Task}, {Application}",
        ),
        (signal("/^nothing/", "sourceRate"), "No application in eu-west-1 matches"),
        (signal("notebook", "checkpointDuration"), "\"notebook\" is a Studio notebook, which has no signals"),
        (signal("old-sql", "checkpointDuration"), "\"old-sql\" is an SQL application, which has no signals"),
    ];
    for (query, words) in cases {
        let answer = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        assert!(said(&answer).contains(words), "{query}: {}", said(&answer));
        let is_empty = !answer.error().is_empty() || answer.lines().is_empty();
        assert!(is_empty, "{query}");
    }
}

/// Of long ago a metric is asked for as it is named, also where the application is gone.
#[tokio::test]
async fn that_an_application_is_gone_is_said_once() {
    let chain = shop(&[]).await;
    let query = json!({ "queryType": "metric", "applications": ["gone"], "metric": "cpuUtilization" });
    let answer = chain.ask(query, NOON - 60 * 24 * HOUR..NOON - 30 * 24 * HOUR).await;
    assert_eq!(answer.notices().matches("There is no application \"gone\"").count(), 1, "{}", answer.notices());
}

/// It ran until yesterday evening: what it did then is there, and nothing is said of an empty answer.
#[tokio::test]
async fn a_stopped_application_still_shows_its_past() {
    let chain = shop(&[]).await;
    let yesterday = NOON - 24 * HOUR..NOON - 23 * HOUR;
    let answer = chain.ask(signal("legacy-reports", "sourceRate"), yesterday.clone()).await;
    assert_eq!(answer.notices(), "");
    assert_eq!(answer.signal("sourceRate").known(yesterday).len(), 60);
}

#[tokio::test]
async fn the_fleet_shows_who_runs_and_a_stopped_one_when_it_is_named() {
    let chain = shop(&[]).await;
    let table = |names: Value| json!({ "queryType": "application", "applications": names, "as": "table" });
    let answer = chain.ask(table(json!(["*"])), NOON - HOUR..NOON).await;
    assert_eq!(answer.text("orders", "status"), "RUNNING");
    assert_eq!(answer.text("audit-log", "status"), "RUNNING");
    // Trouble comes first, then the alphabet. (Payments is two hours behind its stream.)
    let rows: Vec<_> = answer.texts("health").into_iter().zip(answer.texts("application")).collect();
    let ends =
        [("failing", "clickstream"), ("failing", "payments"), ("degraded", "fraud-scoring"), ("healthy", "sessions")];
    assert_eq!((&rows[..3], rows.last()), (&ends[..3], ends.last()), "{rows:?}");
    let answer = chain.ask(table(json!(["legacy-reports", "orders"])), NOON - HOUR..NOON).await;
    assert_eq!(answer.text("legacy-reports", "health"), "stopped");
    assert_eq!(answer.text("legacy-reports", "status"), "READY");
}

/// What is denied, what is asked, whether there are numbers, and what must be said.
type Case = (&'static str, Value, Numbers, &'static str);

#[derive(Debug, PartialEq)]
enum Numbers {
    There,
    Missing,
}

#[tokio::test]
async fn a_missing_permission_costs_only_what_needs_it() {
    use Numbers::{Missing, There};
    let cases: Vec<Case> = vec![
        (
            "cloudwatch:GetMetricData",
            signal("orders", "sourceRate"),
            Missing,
            "CloudWatch denied GetMetricData. Add cloudwatch:GetMetricData to the policy",
        ),
        (
            "cloudwatch:ListMetrics",
            signal("orders", "sourceRate"),
            Missing,
            "CloudWatch denied ListMetrics. Add cloudwatch:ListMetrics to the policy",
        ),
        ("kinesisanalytics:ListApplications", signal("orders", "sourceRate"), There, ""),
        ("kinesisanalytics:ListApplications", signal("*", "uptime"), There, "kinesisanalytics:ListApplications"),
        ("kinesisanalytics:DescribeApplication", signal("orders", "sourceRate"), There, ""),
        ("kinesisanalytics:DescribeApplication", signal("orders", "restarts"), There, ""),
        ("kinesisanalytics:DescribeApplication", operators("orders", "task", "busy"), There, ""),
        (
            "kinesisanalytics:DescribeApplication",
            signal("orders", "checkpointPressure"),
            Missing,
            "Add kinesisanalytics:DescribeApplication to the policy",
        ),
        (
            "kinesisanalytics:DescribeApplication",
            signal("no-such-app", "uptime"),
            Missing,
            "has published no metrics in the last two weeks",
        ),
        ("kinesisanalytics:*", signal("*", "uptime"), There, "kinesisanalytics:ListApplications"),
        ("cloudwatch:*", signal("orders", "sourceRate"), Missing, "Add cloudwatch:ListMetrics to the policy"),
    ];
    for (denied, query, numbers, words) in cases {
        let answer = shop(&[denied]).await.ask(query.clone(), NOON - HOUR..NOON).await;
        assert!(said(&answer).contains(words), "{denied} {query}: {}", said(&answer));
        let has_numbers = answer.error().is_empty() && !answer.lines().is_empty();
        let found = if has_numbers { There } else { Missing };
        assert_eq!(found, numbers, "{denied} {query}: {}", said(&answer));
        if words.is_empty() {
            assert_eq!(said(&answer), "\n", "{denied} {query}");
        }
    }
}

/// Names and roles are then told from the metrics, and the true numbers are the same.
#[tokio::test]
async fn without_a_job_plan_sources_and_sinks_are_found_by_name() {
    let whole = shop(&[]).await;
    let blind = shop(&["kinesisanalytics:DescribeApplication"]).await;
    for name in ["orders", "iot-telemetry", "catalog-cdc"] {
        for id in ["sourceRate", "sinkRate"] {
            let told = whole.ask(signal(name, id), NOON - HOUR..NOON).await.signal(id);
            let guessed = blind.ask(signal(name, id), NOON - HOUR..NOON).await.signal(id);
            assert_eq!(told.known(0..NOON), guessed.known(0..NOON), "{name} {id}");
        }
    }
}

/// No data is not an error, and less than was asked for is.
#[tokio::test]
async fn an_alert_is_decided_on_all_of_its_data_or_not_at_all() {
    // What is denied, what is asked, whether there are numbers, and what the error must say.
    let both = json!({ "queryType": "application", "applications": ["orders", "no-such-app"], "signals": ["uptime"] });
    let cases: Vec<Case> = vec![
        ("", signal("orders", "sourceRate"), Numbers::There, ""),
        ("", signal("audit-log", "sourceRate"), Numbers::There, ""),
        ("", signal("legacy-reports", "sourceRate"), Numbers::Missing, ""),
        ("", signal("no-such-app", "sourceRate"), Numbers::Missing, "There is no application"),
        ("", both, Numbers::Missing, "An alert rule is not evaluated on incomplete data"),
        ("cloudwatch:GetMetricData", signal("orders", "uptime"), Numbers::Missing, "CloudWatch denied GetMetricData"),
        ("kinesisanalytics:DescribeApplication", signal("orders", "uptime"), Numbers::There, ""),
    ];
    for (denied, query, numbers, words) in cases {
        let chain = shop(&[denied]).await;
        let answer = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert!(answer.error().contains(words), "{query}: {}", answer.error());
        assert_eq!(answer.error().is_empty(), words.is_empty(), "{query}: {}", answer.error());
        let is_known = |line: &Line| !line.known(0..NOON).is_empty();
        let has_numbers = answer.error().is_empty() && answer.lines().iter().any(is_known);
        assert_eq!(has_numbers, numbers == Numbers::There, "{query}: {}", answer.notices());
    }
}

/// A line that went away would count as resolved; one of nulls is "no data" of its own application.
#[tokio::test]
async fn an_alert_gets_nulls_of_an_application_that_has_no_values() {
    let stopped = signal("legacy-reports", "sourceRate");
    let alert = shop(&[]).await.alert(stopped.clone(), NOON - HOUR..NOON).await.signal("sourceRate");
    assert_eq!(alert.label("application"), "legacy-reports");
    assert!(alert.known(0..NOON).is_empty() && !alert.points.is_empty());
    assert!(shop(&[]).await.ask(stopped, NOON - HOUR..NOON).await.lines().is_empty(), "a panel has no use for them");
}
