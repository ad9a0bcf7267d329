//! The table of a fleet, with all its facts still to be fetched and without.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::cost::Cost;
use super::measure::{Bench, Request, Seen, World};
use super::rows::{Row, Set};
use xtask::clock::Stopwatch;
use xtask::failure::{Failure, Outcome};

const SIGNALS: [&str; 15] = [
    "sourceRate",
    "sinkRate",
    "recordsIn",
    "recordsOut",
    "busy",
    "backPressure",
    "idle",
    "restarts",
    "uptime",
    "checkpointDuration",
    "checkpointsFailed",
    "cpu",
    "heap",
    "gcPressure",
    "watermarkLag",
];
/// Between two looks at a table that is still filling.
const REFRESH: Duration = Duration::from_secs(10);
const FILLING_LIMIT: Duration = Duration::from_secs(600);

pub const SET: Set = Set {
    world: World {
        local_aws: &["--bench-applications", "100", "--bench-tasks", "4", "--latency", "80", "--rate-limits"],
        settings: &[],
    },
    rows: &[
        Row {
            workload: "fleet table of 100 applications × 15 signals, facts cold, AWS's own rate limits",
            must: "≤ 130 calls inside the rate budget, rows appear with what is known",
            run: cold,
        },
        Row {
            workload: "the same fleet, facts known",
            must: "≤ 5 calls, ≤ 100 ms CPU",
            run: |bench| {
                bench.wait_for_facts()?;
                bench.rounds(|bench, _| bench.counted(|bench| Ok(table(bench)?.seen)))
            },
        },
    ],
};

pub const LARGER: Set = Set {
    world: World {
        local_aws: &["--bench-applications", "300", "--bench-tasks", "4", "--latency", "80", "--rate-limits"],
        settings: &[],
    },
    rows: &[
        Row {
            workload: "fleet table of 300 applications × 15 signals, facts cold",
            must: "first rows ≤ 5 s",
            run: cold,
        },
        Row {
            workload: "the same fleet of 300, refreshed every 10 s until all are described",
            must: "300 of 300 described, ≤ 5 calls/s for facts",
            run: until_all_are_described,
        },
    ],
};

pub const LARGEST: Set = Set {
    world: World {
        local_aws: &["--bench-applications", "1000", "--bench-tasks", "4", "--latency", "80", "--rate-limits"],
        settings: &[],
    },
    rows: &[
        Row {
            workload: "fleet table of 1,000 applications × 15 signals, facts cold",
            must: "first rows ≤ 5 s",
            run: cold,
        },
        Row {
            workload: "the same fleet of 1,000, refreshed every 10 s until all are described",
            must: "1,000 of 1,000 described, ≤ 5 calls/s for facts",
            run: until_all_are_described,
        },
    ],
};

/// A fleet's table as it came.
struct Table {
    seen: Seen,
    rows: usize,
    /// Rows of which the application's description is known.
    described: usize,
}

fn cold(bench: &mut Bench) -> Outcome<Cost> {
    let mut cost = bench.counted(|bench| Ok(table(bench)?.seen))?;
    cost.note += &format!(", {} calls throttled", bench.throttles()?);
    Ok(cost)
}

/// Looks at the table until nothing is missing in it; the wait is that until then.
fn until_all_are_described(bench: &mut Bench) -> Outcome<Cost> {
    let watch = Stopwatch::start();
    let mut cost = bench.counted(|bench| {
        loop {
            let Table { seen, rows, described } = table(bench)?;
            if rows > 0 && rows == described {
                let milliseconds = watch.elapsed().as_secs_f64() * 1000.0;
                return Ok(Seen { milliseconds, note: format!("{described} of {} described", seen.note) });
            }
            if watch.elapsed() > FILLING_LIMIT {
                return Err(Failure::new(format!("only {described} of {rows} applications were described")));
            }
            thread::sleep(REFRESH);
        }
    })?;
    cost.note += &format!(", {:.1} calls/s for facts", cost.other_calls * 1000.0 / cost.milliseconds);
    Ok(cost)
}

fn table(bench: &Bench) -> Outcome<Table> {
    let query = json!({
        "refId": "A", "maxDataPoints": 1000, "intervalMs": 60_000, "queryType": "application", "schema": 1,
        "applications": ["*"], "signals": SIGNALS, "as": "table",
    });
    let request = Request { range: bench.hours(), headers: Value::Null, queries: vec![query] };
    let loaded = bench.load(1, &[request])?;
    let frame = &loaded.results[0]["A"]["frames"][0];
    let rows = column(frame, "application").map_or(0, Vec::len);
    // The list tells status and runtime before.
    let described =
        column(frame, "parallelism").map_or(0, |cells| cells.iter().filter(|cell| cell.is_number()).count());
    let error = loaded.results[0]["A"]["error"].as_str().unwrap_or_default();
    let note = if error.is_empty() { format!("{rows} rows") } else { format!("{rows} rows: {error}") };
    Ok(Table { seen: Seen { milliseconds: loaded.milliseconds, note }, rows, described })
}

/// The cells of the field with that name.
fn column<'a>(frame: &'a Value, name: &str) -> Option<&'a Vec<Value>> {
    let fields = frame["schema"]["fields"].as_array()?;
    let number = fields.iter().position(|field| field["name"] == name)?;
    frame["data"]["values"][number].as_array()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_its_name() {
        let frame = json!({
            "schema": {"fields": [{"name": "application"}, {"name": "runtime"}]},
            "data": {"values": [["a", "b"], ["FLINK-1_20", null]]},
        });
        assert_eq!(column(&frame, "runtime").unwrap().len(), 2);
        assert!(column(&frame, "status").is_none());
    }
}
