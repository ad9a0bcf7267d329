//! Many series with many points in one request.
//!
//! Local AWS has the answers ready, so that the time is the plugin's: another plugin process has asked for them before.
//! The first such answer of a process costs more than the next ones, because the memory for it comes from the kernel
//! page by page.

use serde_json::{Value, json};

use super::cost::Cost;
use super::measure::{APPLICATION, Bench, ROUNDS, Request, Seen, World};
use super::rows::{Row, Set};
use xtask::clock::minutes_since_epoch;
use xtask::failure::{Failure, Outcome};

const SERIES: usize = 500;
/// A day of minutes, and the one in which it began.
const POINTS: u64 = 1441;
const MINUTES_OF_A_DAY: u64 = 1440;
/// So many days are asked about.
const DAYS: u64 = 4;

const WORLD: &[&str] = &["--bench-tasks", "500", "--latency", "2", "--remember-answers"];

pub const SET: Set = Set {
    world: World { local_aws: WORLD, settings: &[] },
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
    world: World { local_aws: WORLD, settings: &[("cacheMegabytes", 0)] },
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

/// Several such answers at the same time, which no viewer's cache holds yet.
pub const AT_ONCE: Set = Set {
    world: World { local_aws: WORLD, settings: &[] },
    rows: &[
        Row {
            workload: "3 requests of 500 series × 1,441 points at once, about three days",
            must: "≤ 150 MiB",
            run: |bench| {
                prepare(bench, &["busy"])?;
                bench.counted(|bench| ask_at_once(bench, &["busy"]))
            },
        },
        Row {
            workload: "3 requests of 2,000 series × 1,441 points at once, about three days",
            must: "≤ 300 MiB",
            run: |bench| {
                prepare(bench, &SIGNALS)?;
                bench.counted(|bench| ask_at_once(bench, &SIGNALS))
            },
        },
    ],
};

const AT_A_TIME: usize = 3;
const SIGNALS: [&str; 4] = ["busy", "idle", "backPressure", "recordsIn"];

/// Has local AWS remember its answers, and a new process of the plugin know the facts.
fn prepare(bench: &mut Bench, signals: &[&str]) -> Outcome<()> {
    ask_at_once(bench, signals)?;
    bench.start_plugin_again()?;
    bench.tasks().map(drop)
}

fn ask_at_once(bench: &Bench, signals: &[&str]) -> Outcome<Seen> {
    let requests: Vec<Request> = (0..AT_A_TIME as u64).map(|day| request(day, signals)).collect();
    let loaded = bench.load(AT_A_TIME, &requests)?;
    let wanted = SERIES * signals.len();
    for results in &loaded.results {
        let series = results["A"]["frames"].as_array().map_or(0, Vec::len);
        if series != wanted {
            let error = &results["A"]["error"];
            return Err(Failure::new(format!("{series} series came back instead of {wanted}: {error}")));
        }
    }
    Ok(Seen { milliseconds: loaded.milliseconds, note: format!("{} series", wanted * AT_A_TIME) })
}

fn per_point(cost: Cost) -> Cost {
    let nanoseconds = cost.cpu_milliseconds * 1e6 / (SERIES as f64 * POINTS as f64);
    Cost { note: format!("{nanoseconds:.0} ns/point"), ..cost }
}

fn ask(bench: &Bench, day: u64) -> Outcome<Seen> {
    let loaded = bench.load(1, &[request(day, &["busy"])])?;
    let series = loaded.results[0]["A"]["frames"].as_array().map_or(0, Vec::len);
    if series != SERIES {
        return Err(Failure::new(format!("{series} series came back instead of {SERIES}")));
    }
    Ok(loaded.seen(&["A"]))
}

/// About a day, counted back from yesterday: a range that is the same however long the rows before took.
fn request(day: u64, signals: &[&str]) -> Request {
    let until = (minutes_since_epoch() / MINUTES_OF_A_DAY - day) * MINUTES_OF_A_DAY;
    let query = json!({
        "refId": "A", "maxDataPoints": POINTS, "intervalMs": 60_000, "queryType": "operator", "schema": 1,
        "applications": [APPLICATION], "level": "task", "tasks": ["*"], "signals": signals, "period": 60, "as": "series",
    });
    Request { range: (until - POINTS, until), headers: Value::Null, queries: vec![query] }
}
