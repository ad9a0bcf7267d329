//! Plans of the simulated fleet's dashboards: what is asked, how often, and of whom.

mod counts;
mod invariants;
mod random;
mod texts;

use std::sync::LazyLock;

use flinkwatch::place::Region;
use flinkwatch::plan::facts::Facts;
use flinkwatch::plan::{Plan, PlanSettings, plan};
use flinkwatch::query::{AskedQuery, Origin, Query, QueryDefaults, Resolution, TimeRange, parse_query};
use local_aws::fleet::Fleet;
use serde_json::Value;

use crate::support::fleet::{NOW, facts_of};

const NOW_MS: i64 = NOW * 1000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const SETTINGS: PlanSettings = PlanSettings { kpu_price: 0.11 };

static FLEET: LazyLock<Fleet> = LazyLock::new(Fleet::new);

/// Queries of one panel each, A, B, C …, over the newest `hours`.
fn panels(hours: i64, queries: &[Value]) -> Vec<AskedQuery> {
    let range = TimeRange { from_ms: NOW_MS - hours * HOUR_MS, to_ms: NOW_MS };
    let asked = |(index, json): (usize, &Value)| AskedQuery {
        ref_id: ref_id(index),
        query_type: String::new(),
        json: json.to_string().into_bytes(),
        range,
        resolution: Resolution { max_data_points: 800, interval_ms: 15_000 },
        origin: Origin::Panel,
    };
    queries.iter().enumerate().map(asked).collect()
}

/// A to Z, AA …, as Grafana counts.
fn ref_id(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap());
    if index < 26 { letter.to_string() } else { format!("{}{letter}", ref_id(index / 26 - 1)) }
}

fn defaults() -> QueryDefaults {
    QueryDefaults { region: Region::from("eu-west-1"), application: None }
}

fn parse(asked: &[AskedQuery]) -> Vec<Query> {
    asked.iter().map(|asked| parse_query(asked, &defaults()).unwrap()).collect()
}

/// The plan of a dashboard of the fleet, with its facts.
fn plan_fleet(queries: &[Query]) -> (Plan, Facts) {
    let (facts, _) = facts_of(&FLEET, queries);
    let plan = plan(queries, &facts, SETTINGS, NOW_MS);
    invariants::check(&plan, NOW);
    (plan, facts)
}
