//! What is excluded is not shown, whatever selects it; drop-downs read the same language.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::world::Chain;

async fn labels(query: Value, label: &str) -> BTreeSet<String> {
    let answer = Chain::start(fleet(), NOON).await.ask(query, NOON - HOUR..NOON).await;
    answer.lines().iter().map(|line| line.label(label).to_owned()).collect()
}

fn with(mut query: Value, exclude: Value) -> Value {
    query["exclude"] = exclude;
    query
}

/// The names of a label with and without `exclude`: exactly those that hold `gone` are left out.
async fn check(query: Value, label: &str, exclude: Value, gone: &str) {
    let all = labels(query.clone(), label).await;
    let left = labels(with(query.clone(), exclude.clone()), label).await;
    let expected: BTreeSet<String> = all.iter().filter(|name| !name.contains(gone)).cloned().collect();
    assert!(expected.len() < all.len() && !expected.is_empty(), "{query}: {all:?}");
    assert_eq!(left, expected, "{query} {exclude}");
}

#[tokio::test]
async fn what_is_excluded_is_left_out_of_every_kind_of_query() {
    let all = |kind: &str| json!({ "queryType": kind, "applications": ["*"] });
    for exclude in [json!(["orders"]), json!("/^orders$/"), json!(["nobody,orders"])] {
        let exclude = json!({ "applications": exclude });
        check(all("application"), "application", exclude.clone(), "orders").await;
        check(all("operator"), "application", exclude.clone(), "orders").await;
        check(all("checkpoint"), "application", exclude.clone(), "orders").await;
        let metric = json!({ "queryType": "metric", "applications": ["*"], "metric": "uptime" });
        check(metric, "application", exclude, "orders").await;
    }
    let tasks = json!({ "queryType": "operator", "applications": ["orders"], "signals": ["busy"] });
    check(tasks.clone(), "task", json!({ "tasks": "/^Sink/" }), "Sink:").await;
    check(
        tasks.clone(),
        "task",
        json!({ "tasks": "Sink: revenue: Writer -> Sink: revenue: Committer" }),
        "revenue:_Writer",
    )
    .await;
    let operators = json!({ "queryType": "operator", "applications": ["orders"], "level": "operator" });
    check(operators, "operator", json!({ "operators": ["Split order lines"] }), "Split_order").await;
    let metric = json!({ "queryType": "metric", "applications": ["orders"], "metric": "busyTimeMsPerSecond", "dimensions": { "Task": "*" } });
    check(metric.clone(), "task", json!({ "dimensions": { "Task": "/^Sink/" } }), "Sink:").await;
    check(metric, "task", json!({ "tasks": ["/^Sink/"] }), "Sink:").await;
    let by_operator = json!({ "queryType": "metric", "applications": ["orders"], "metric": "numRecordsInPerSecond",
        "dimensions": { "Task": "*", "Operator": "*" } });
    check(by_operator, "operator", json!({ "operators": ["Split order lines"] }), "Split_order").await;
}

#[tokio::test]
async fn an_alert_of_which_everything_is_excluded_fails() {
    let query = json!({ "queryType": "application", "applications": ["orders"], "signals": ["cpu"], "exclude": { "applications": ["/./"] } });
    let answer = Chain::start(fleet(), NOON).await.alert(query, NOON - HOUR..NOON).await;
    assert!(answer.error().contains("Every application that is asked for is also excluded"), "{}", answer.error());
}

/// As Grafana writes the values of a variable, whatever format the author chose.
#[tokio::test]
async fn lists_of_names_mean_the_same_in_every_spelling() {
    let spellings =
        ["orders,payments", "{orders,payments}", "(orders|payments)", "orders|payments", "/^(orders|payments)$/"];
    for text in spellings {
        let query = json!({ "queryType": "application", "applications": [text], "signals": ["cpu"] });
        let found: Vec<String> = labels(query, "application").await.into_iter().collect();
        assert_eq!(found, ["orders", "payments"], "{text}");
    }
    let sinks = "Sink: order lines: Writer,Sink: revenue: Writer -> Sink: revenue: Committer";
    for text in [sinks.to_owned(), format!("{{{sinks}}}"), sinks.replace(',', "|")] {
        let query =
            json!({ "queryType": "operator", "applications": ["orders"], "tasks": [text], "signals": ["busy"] });
        assert_eq!(labels(query, "task").await.len(), 2, "{text}");
    }
    for text in [".*", ".+", "*", "$__all"] {
        let query =
            json!({ "queryType": "operator", "applications": ["orders"], "tasks": [text], "signals": ["busy"] });
        assert_eq!(labels(query, "task").await.len(), 5, "{text}");
    }
}
