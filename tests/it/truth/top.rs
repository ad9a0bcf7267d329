//! What is kept as the highest: who cannot be ranked comes last, and is left out only where there are enough others.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::world::{Answer, Chain};

fn application(signal: &str, count: usize, by: &str) -> Value {
    json!({ "queryType": "application", "applications": ["*"], "signals": [signal], "top": { "count": count, "by": by } })
}

fn names(answer: &Answer) -> Vec<String> {
    answer.lines().iter().map(|line| line.label("application").to_owned()).collect()
}

/// Only "sessions" has Flink 2, which counts completed checkpoints.
#[tokio::test]
async fn applications_without_what_ranks_come_last() {
    let chain = Chain::start(fleet(), NOON).await;
    let range = NOON - HOUR..NOON;
    for (count, left) in [(1, 1), (3, 3), (10, 10), (50, 10)] {
        let query = application("cpu", count, "checkpointsCompleted");
        for answer in [chain.ask(query.clone(), range.clone()).await, chain.alert(query.clone(), range.clone()).await] {
            let found = names(&answer);
            assert_eq!((found.len(), found[0].as_str()), (left, "sessions"), "{count}: {found:?}");
            let is_told = answer.notices().contains("No \"checkpointsCompleted\" for \"audit-log\"");
            assert_eq!(is_told, count > 1, "{count}: {}", answer.notices());
        }
    }
}

#[tokio::test]
async fn tasks_without_what_ranks_come_last() {
    let chain = Chain::start(fleet(), NOON).await;
    for shape in ["series", "table"] {
        // Only the tasks of Kafka's sources have a lag in records.
        let mut query =
            json!({ "queryType": "operator", "applications": ["catalog-cdc"], "signals": ["busy"], "as": shape });
        let all = chain.ask(query.clone(), NOON - HOUR..NOON).await.frames().len();
        query["top"] = json!({ "count": 100, "by": "consumerLagRecords" });
        let top = chain.ask(query, NOON - HOUR..NOON).await;
        assert_eq!(top.frames().len(), all, "{shape}: {}", top.notices());
    }
}

/// Ranked by nothing, any of them could be meant.
#[tokio::test]
async fn an_alert_ranked_by_what_nobody_has_fails_and_a_panel_shows_some() {
    let chain = Chain::start(fleet(), NOON).await;
    let by_task = json!({ "queryType": "operator", "applications": ["*"], "signals": ["busy"], "top": { "count": 3, "by": "cpu" } });
    let of_some = json!({ "queryType": "application", "applications": ["/^orders$/"], "signals": ["cpu"],
        "top": { "count": 3, "by": "consumerLagRecords" } });
    for (query, by, count) in
        [(application("cpu", 3, "skew"), "skew", 3), (by_task, "cpu", 3), (of_some, "consumerLagRecords", 1)]
    {
        let answer = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        let words = format!("\"top\" ranks by \"{by}\", and none of the selected");
        assert!(answer.error().contains(&words), "{query}: {}", answer.error());
        let panel = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        assert_eq!(panel.lines().len(), count, "{query}: {}", panel.notices());
        assert!(panel.notices().contains(&format!("No \"{by}\"")), "{query}: {}", panel.notices());
        assert!(!panel.notices().contains("stopped"), "{query}: {}", panel.notices());
    }
}

/// A line that went away would count as resolved.
#[tokio::test]
async fn an_alert_keeps_the_nulls_of_a_stopped_application_among_the_highest() {
    let chain = Chain::start(fleet(), NOON).await;
    let mut query = application("cpu", 5, "cpu");
    query["applications"] = json!(["orders", "legacy-reports"]);
    let answer = chain.alert(query, NOON - HOUR..NOON).await;
    let found: BTreeSet<String> = names(&answer).into_iter().collect();
    assert_eq!(found, BTreeSet::from(["legacy-reports".to_owned(), "orders".to_owned()]));
}
