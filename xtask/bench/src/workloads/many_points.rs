//! Many series with many points in one request.
//!
//! Local AWS has the answers ready, so that the time is the plugin's: another plugin process has asked for them before. The first such
//! answer of a process costs more than the next ones, because the memory for it comes from the kernel page by page.

use serde_json::{Value, json};

use super::measure::{APPLICATION, Bench, Cost, ROUNDS, Request, Seen};
use super::{Row, Set};
use crate::clock::minutes_since_epoch;
use crate::failure::{Failure, Outcome};

const SERIES: usize = 500;
/// A day of minutes, and the one in which it began.
const POINTS: u64 = 1441;
const MINUTES_OF_A_DAY: u64 = 1440;
/// So many days are asked about.
const DAYS: u64 = 4;

const WORLD: &[&str] = &["--bench-tasks", "500", "--latency", "2", "--remember-answers"];

pub const SET: Set = Set {
    world: WORLD,
    settings: &[],
    rows: &[
        Row {
            workload: "500 series × 1,441 points in one request, 2 ms a call, answers ready; the first one of a process",
            must: "pages in parallel, ≤ 120 ms, ≤ 48 MiB",
            run: |bench| {
                for day in 0..DAYS {
                    ask(bench, day)?;
                }
                bench.start_plugin_again()?;
                // Brings in the facts.
                bench.tasks()?;
                bench.counted(|bench| ask(bench, 0)).map(per_point)
            },
        },
        Row {
            workload: "the same about other days, by the same process, which keeps them all",
            must: "pages in parallel, ≤ 120 ms",
            run: |bench| {
                let days = (1..DAYS).map(|day| bench.counted(|bench| ask(bench, day)));
                Ok(per_point(Cost::mean(&days.collect::<Outcome<Vec<Cost>>>()?)))
            },
        },
    ],
};

/// Without a cache the same day can be asked about again, by a process that needs no more memory for it.
pub const NOTHING_KEPT: Set = Set {
    world: WORLD,
    settings: &[("cacheMegabytes", 0)],
    rows: &[Row {
        workload: "the same about one day again and again, nothing kept (`cacheMegabytes` 0)",
        must: "pages in parallel, ≤ 120 ms, ≤ 60 ns/point, ≤ 48 MiB",
        run: |bench| {
            for _ in 0..2 {
                ask(bench, 0)?;
            }
            let again = (0..ROUNDS).map(|_| bench.counted(|bench| ask(bench, 0)));
            Ok(per_point(Cost::mean(&again.collect::<Outcome<Vec<Cost>>>()?)))
        },
    }],
};

fn per_point(cost: Cost) -> Cost {
    let nanoseconds = cost.cpu_milliseconds * 1e6 / (SERIES as f64 * POINTS as f64);
    Cost { note: format!("{nanoseconds:.0} ns/point"), ..cost }
}

/// Queries about a day, counted back from yesterday: a range that is the same however long the rows before took.
fn ask(bench: &Bench, day: u64) -> Outcome<Seen> {
    let until = (minutes_since_epoch() / MINUTES_OF_A_DAY - day) * MINUTES_OF_A_DAY;
    let range = (until - POINTS, until);
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
