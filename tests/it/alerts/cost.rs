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
    let asks =
        group.rules.iter().filter(|rule| !rule.is_paused).map(super::rules::Rule::ask).chain([group.unreadable_ask()]);
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

/// A quarter of what they cost when each was asked every minute or every five, and growth over minutes of both days.
const MOST_PER_HOUR: f64 = 85.0;

/// The numbers depend a little on which requests meet.
const TOLERANCE: f64 = 0.15;

#[tokio::test]
async fn an_hour_of_all_rules_is_billed_as_the_page_says() {
    let mut measured = Vec::new();
    for group in GROUPS {
        measured.push((group.name, group.interval, billed_per_hour(std::slice::from_ref(group)).await));
    }
    let all: f64 = measured.iter().map(|(.., billed)| billed).sum();
    measured.push(("all", "", all));
    assert!(all <= MOST_PER_HOUR, "{measured:?}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        super::replace_part("docs/alerts.md", (COST_START, COST_END), &table(&measured));
        return;
    }
    let page = std::fs::read_to_string(super::repository("docs/alerts.md")).unwrap();
    let told = page.split_once(COST_START).and_then(|(_, rest)| rest.split_once(COST_END)).unwrap().0;
    for (line, (name, _, billed)) in told.lines().zip(&measured) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let number: f64 = cells[3].parse().unwrap();
        let is_near = (number - billed).abs() <= 1.0 + number * TOLERANCE;
        assert!(cells[1].trim_matches('`') == *name && is_near, "{line}: {billed}");
    }
    assert_eq!(told.lines().count(), measured.len());
}

/// $0.01 for 1,000 metrics, 730 hours a month.
fn table(measured: &[(&str, &str, f64)]) -> String {
    let dollars = |billed: f64| billed * 730.0 / 100_000.0;
    let row = |(name, interval, billed): &(&str, &str, f64)| {
        format!("| `{name}` | {interval} | {billed:.0} | {:.2} |\n", dollars(*billed))
    };
    measured.iter().map(row).collect()
}

const COST_START: &str = "<!-- The table of costs starts here; a test measures it. -->\n\n| group | evaluated every | billed metrics per application and hour | dollars per application and month |\n|---|---|---|---|\n";
const COST_END: &str = "\n<!-- The table of costs ends here. -->\n";
