//! The table of a fleet, with all its facts still to be fetched and without.

use serde_json::{Value, json};

use super::measure::{Bench, Request, Seen};
use super::{Row, Set};
use crate::failure::{Failure, Outcome};

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

pub const SET: Set = Set {
    world: &["--bench-applications", "100", "--bench-tasks", "4", "--latency", "80", "--rate-limits"],
    settings: &[],
    rows: &[
        Row {
            workload: "fleet table of 100 applications × 15 signals, facts cold, AWS's own rate limits",
            must: "≤ 130 calls inside the rate budget, rows appear with what is known",
            run: |bench| {
                let mut cost = bench.counted(table)?;
                cost.note += &format!(", {} calls throttled", bench.throttles()?);
                Ok(cost)
            },
        },
        Row {
            workload: "the same, facts known",
            must: "≤ 5 calls, ≤ 100 ms CPU",
            run: |bench| {
                bench.wait_for_facts()?;
                bench.rounds(|bench, _| bench.counted(table))
            },
        },
    ],
};

fn table(bench: &Bench) -> Outcome<Seen> {
    let query = json!({
        "refId": "A", "maxDataPoints": 1000, "intervalMs": 60_000, "queryType": "application", "schema": 1,
        "applications": ["*"], "signals": SIGNALS, "as": "table",
    });
    let request = Request { range: bench.hours(), headers: Value::Null, queries: vec![query] };
    let loaded = bench.load(1, &[request])?;
    let columns = loaded.results[0]["A"]["frames"][0]["data"]["values"].as_array().map_or(&[][..], Vec::as_slice);
    let rows = columns.first().and_then(Value::as_array).map_or(0, Vec::len);
    if rows == 0 {
        return Err(Failure::new(format!("the fleet has no rows: {}", loaded.results[0])));
    }
    Ok(Seen { milliseconds: loaded.milliseconds, note: format!("{rows} rows") })
}
