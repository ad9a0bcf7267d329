//! Many series with many points in one request.
//!
//! Local AWS has the answers ready, so that the time is the plugin's: another plugin process has asked for them before.

use serde_json::{Value, json};

use super::measure::{APPLICATION, Bench, Cost};
use super::{Row, Set};
use crate::clock::minutes_since_epoch;
use crate::failure::{Doing, Failure, Outcome};

const SERIES: usize = 500;
/// A day of minutes, and the one in which it began.
const POINTS: u64 = 1441;
const ROUNDS: usize = 3;

pub const SET: Set = Set {
    world: &["--bench-tasks", "500", "--latency", "2", "--remember-answers"],
    rows: &[Row {
        workload: "500 series × 1,441 points in one request, 2 ms a call, answers ready",
        must: "pages in parallel, ≤ 120 ms, ≤ 60 ns/point, ≤ 48 MiB",
        run: |bench| {
            // The newest minutes may still change.
            let until = minutes_since_epoch() - 10;
            let range = (until - POINTS, until);
            ask(bench, range)?;
            let mut costs = Vec::with_capacity(ROUNDS);
            for _ in 0..ROUNDS {
                bench.start_plugin_again()?;
                // Brings in the facts.
                bench.tasks()?;
                let mut waited = 0.0;
                let cost = bench.counted(|bench| {
                    waited = ask(bench, range)?;
                    Ok(String::new())
                })?;
                costs.push(Cost { milliseconds: waited, ..cost });
            }
            let mean = Cost::mean(&costs);
            let nanoseconds = mean.cpu_milliseconds * 1e6 / (SERIES as f64 * POINTS as f64);
            Ok(Cost { note: format!("{nanoseconds:.0} ns/point"), ..mean })
        },
    }],
};

/// Asks once; the milliseconds that the plugin took.
fn ask(bench: &Bench, range: (u64, u64)) -> Outcome<f64> {
    let query = json!({
        "refId": "A", "maxDataPoints": POINTS, "intervalMs": 60_000, "queryType": "operator", "schema": 1,
        "applications": [APPLICATION], "level": "task", "tasks": ["*"], "signals": ["busy"], "period": 60, "as": "series",
    });
    let answer = bench.post(range, &[], &[query])?;
    let read: Value = serde_json::from_slice(&answer.body).doing("read the answer to the query")?;
    let series = read["results"]["A"]["frames"].as_array().map_or(0, Vec::len);
    if series != SERIES {
        return Err(Failure::new(format!("{series} series came back instead of {SERIES}")));
    }
    let took = answer.header("Server-Timing").and_then(|text| text.strip_prefix("plugin;dur=")?.parse().ok());
    took.ok_or_else(|| Failure::new("the host does not say how long the plugin took"))
}
