//! What the rules cost: metrics of GetMetricData that AWS bills in an hour of evaluations.

use std::sync::Arc;

use local_aws::fleet::Fleet;
use serde_json::json;

use super::rules::{Ask, GROUPS, Group};
use crate::support::world::Chain;

/// Wednesday, 2026-11-25, 12:00:00 UTC.
const NOON: i64 = 1_795_608_000;

/// Applications of the simulated shop that run; they publish tasks or operators, and have Kinesis or Kafka sources.
const APPLICATIONS: f64 = 10.0;

/// All queries of a group at one moment, as Grafana asks them: each in a request of its own, together.
async fn evaluate(chain: &Chain, group: &Group, now: i64) {
    let asks = group.rules.iter().map(super::rules::Rule::ask).chain([group.unreadable_ask()]);
    let asked = asks.map(|Ask { signals, from, period }| {
        let query = json!({
            "queryType": "application", "applications": ["*"], "signals": signals, "as": "series", "period": period,
        });
        chain.alert(query, now - from..now)
    });
    futures::future::join_all(asked).await;
}

/// Billed metrics per application of an hour in which the groups are evaluated, once everything is warm.
async fn billed_per_hour(groups: &[Group]) -> f64 {
    let mut chain = Chain::start_late(Arc::new(Fleet::new()), NOON).await;
    let mut before = 0;
    for minute in 0..120 {
        let now = NOON + minute * 60;
        chain.move_to(now + 7);
        if minute == 60 {
            before = chain.billed();
        }
        for group in groups {
            if minute % group.minutes() == 0 {
                evaluate(&chain, group, now + 7).await;
            }
        }
    }
    (chain.billed() - before) as f64 / APPLICATIONS
}

#[tokio::test]
async fn the_rules_cost_what_the_page_says() {
    let mut all = 0.0;
    for group in GROUPS {
        let billed = billed_per_hour(std::slice::from_ref(group)).await;
        println!("{}: {billed}", group.name);
        all += billed;
    }
    println!("all: {all}");
}
