//! Many series with many points in one request.
//!
//! Local AWS has the answers ready, so that the time is the plugin's: another plugin process has asked for them before.

use serde_json::{Value, json};

use super::measure::{APPLICATION, Bench, Cost, Request, Seen};
use super::{Row, Set};
use crate::clock::minutes_since_epoch;
use crate::failure::{Failure, Outcome};

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
                costs.push(bench.counted(|bench| ask(bench, range))?);
            }
            let mean = Cost::mean(&costs);
            let nanoseconds = mean.cpu_milliseconds * 1e6 / (SERIES as f64 * POINTS as f64);
            Ok(Cost { note: format!("{nanoseconds:.0} ns/point"), ..mean })
        },
    }],
};

fn ask(bench: &Bench, range: (u64, u64)) -> Outcome<Seen> {
    let query = json!({
        "refId": "A", "maxDataPoints": POINTS, "intervalMs": 60_000, "queryType": "operator", "schema": 1,
        "applications": [APPLICATION], "level": "task", "tasks": ["*"], "signals": ["busy"], "period": 60, "as": "series",
    });
    let loaded = bench.load(1, &[Request { range, headers: Value::Null, queries: vec![query] }])?;
    let series = loaded.results[0]["A"]["frames"].as_array().map_or(0, Vec::len);
    if series != SERIES {
        return Err(Failure::new(format!("{series} series came back instead of {SERIES}")));
    }
    Ok(loaded.seen(&["A"]))
}
