//! Alert rules, evaluated at the same time, each asking its queries one after the other.

use serde_json::{Value, json};

use super::measure::{APPLICATION, Bench, has_data, side_by_side};
use super::{Row, Set};
use crate::failure::{Failure, Outcome};

const RULES: usize = 20;
const METRICS: [&str; 3] = ["busyTimeMsPerSecond", "backPressuredTimeMsPerSecond", "idleTimeMsPerSecond"];
/// Minutes that a rule looks back.
const SPAN: u64 = 10;

pub const SET: Set = Set {
    world: &["--bench-tasks", "40", "--latency", "80"],
    rows: &[Row {
        workload: "20 alert rules × 3 queries, each its own request, one evaluation",
        must: "≤ 3 calls, ≤ 60 billed, ≤ 15 ms CPU",
        run: |bench| {
            let tasks = bench.tasks()?;
            if tasks.len() < RULES {
                return Err(Failure::new(format!("{} tasks are too few for {RULES} rules", tasks.len())));
            }
            bench.rounds(|bench, _| bench.counted(|bench| evaluate(bench, &tasks)))
        },
    }],
};

fn evaluate(bench: &Bench, tasks: &[String]) -> Outcome<String> {
    let (_, until) = bench.hours();
    side_by_side(RULES, RULES, |rule| {
        for metric in METRICS {
            let headers = [("FromAlert", "true".to_owned()), ("X-Rule-Uid", format!("rule-{rule}"))];
            let results = bench.ask((until - SPAN, until), &headers, &[query(&tasks[rule], metric)])?;
            if !has_data(&results, "A") {
                return Err(Failure::new(format!("rule {rule} got no data of {metric}: {results}")));
            }
        }
        Ok(())
    })?;
    Ok(format!("{} of {} with data", RULES * METRICS.len(), RULES * METRICS.len()))
}

fn query(task: &str, metric: &str) -> Value {
    json!({
        "refId": "A", "maxDataPoints": 43_200, "intervalMs": 1000, "queryType": "metric", "schema": 1,
        "applications": [APPLICATION], "metric": metric, "statistic": "Maximum", "dimensions": {"Task": task}, "period": 60,
    })
}
