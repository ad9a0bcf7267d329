//! Plans of the simulated fleet's dashboards: what is asked, how often, and of whom.

mod accounts;
mod counts;
mod invariants;
mod random;
mod texts;

use std::sync::LazyLock;

use flinkwatch::fetch::pack;
use flinkwatch::place::Region;
use flinkwatch::plan::call::GetMetricDataCall;
use flinkwatch::plan::facts::Facts;
use flinkwatch::plan::{Plan, PlanSettings, plan};
use flinkwatch::query::{AskedQuery, Query, QueryDefaults, parse_query};
use local_aws::fleet::Fleet;

use crate::support::fleet::{NOW, facts_of};

const NOW_MS: i64 = NOW * 1000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const SETTINGS: PlanSettings = PlanSettings { kpu_price: 0.11 };

static FLEET: LazyLock<Fleet> = LazyLock::new(Fleet::new);

fn defaults() -> QueryDefaults {
    QueryDefaults { region: Region::from("eu-west-1"), application: None }
}

fn parse(asked: &[AskedQuery]) -> Vec<Query> {
    asked.iter().map(|asked| parse_query(asked, &defaults()).unwrap()).collect()
}

/// The calls that a plan comes to when nothing is kept.
fn calls_of(plan: &Plan) -> Vec<GetMetricDataCall> {
    pack(&plan.series, NOW_MS).calls
}

/// The plan of a dashboard of the fleet, with its facts.
fn plan_fleet(queries: &[Query]) -> (Plan, Facts) {
    let (facts, _) = facts_of(&FLEET, queries);
    let plan = plan(queries, &facts, SETTINGS, NOW_MS);
    invariants::check(&plan, NOW);
    (plan, facts)
}
