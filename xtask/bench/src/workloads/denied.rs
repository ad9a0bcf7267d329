//! A fleet whose applications may not be described: CloudWatch alone answers.

use serde_json::{Value, json};

use super::measure::{Bench, Request, Seen, World};
use super::rows::{Row, Set};
use xtask::failure::Outcome;

pub const SET: Set = Set {
    world: World {
        local_aws: &["--bench-applications", "50", "--bench-tasks", "4", "--latency", "80", "--rate-limits"],
        settings: &[],
    },
    rows: &[
        Row {
            workload: "50 applications without rights on Kinesis Analytics, first look",
            must: "≤ 1 s",
            run: |bench| {
                deny(bench)?;
                bench.counted(look)
            },
        },
        Row {
            workload: "the same without rights, at every refresh",
            must: "≤ 1 s, 0 calls to Kinesis Analytics within a minute",
            run: |bench| {
                deny(bench)?;
                bench.rounds(|bench, _| bench.counted(look))
            },
        },
    ],
};

fn deny(bench: &Bench) -> Outcome<()> {
    bench.set_faults(&json!({"deny": ["kinesisanalytics:*"]}))
}

fn look(bench: &Bench) -> Outcome<Seen> {
    let query = json!({
        "refId": "A", "maxDataPoints": 1000, "intervalMs": 60_000, "queryType": "application", "schema": 1,
        "applications": ["*"], "signals": ["busy", "restarts", "cpu"], "as": "series",
    });
    let loaded = bench.load(1, &[Request { range: bench.hours(), headers: Value::Null, queries: vec![query] }])?;
    let frames = loaded.results[0]["A"]["frames"].as_array().map_or(0, Vec::len);
    Ok(Seen { milliseconds: loaded.milliseconds, note: format!("{frames} series") })
}
