//! What dashboards, alert rules, drop-downs and fleet tables cost, before a local AWS that takes its time for each call.
//!
//! Calls and billed metrics are local AWS's own counts. Every round asks about hours of its own, so that nothing is known from the round
//! before; the facts of the applications are known from the start unless a row says so.

mod dashboard;
mod drop_down;
mod fleet;
mod many_points;
mod measure;
mod rules;

use std::fmt::Write;
use std::path::Path;

use crate::binaries::Binaries;
use crate::failure::Outcome;
use crate::house::House;
use crate::say;
use measure::{Bench, Cost};

/// Rows that are measured before the same local AWS, by the same plugin process, in this order.
struct Set {
    /// Arguments of local AWS.
    world: &'static [&'static str],
    /// Of the data source.
    settings: &'static [(&'static str, u64)],
    rows: &'static [Row],
}

struct Row {
    workload: &'static str,
    must: &'static str,
    run: fn(&mut Bench) -> Outcome<Cost>,
}

const SETS: &[&Set] = &[
    &dashboard::USUAL,
    &dashboard::THROTTLED,
    &rules::SET,
    &many_points::SET,
    &many_points::NOTHING_KEPT,
    &drop_down::SET,
    &fleet::SET,
];

const HEAD: &str = "
## Workloads

Means of 5 rounds (3 about other days, 1 of what is cold), 80 ms a call unless the row says so. A dashboard is 30 panels × 3 queries (30 metrics × 3 statistics) over 6 h.
Data calls are those of GetMetricData, other calls those for facts. The wait is the host's, from the first request that it sends to the plugin to the last answer; what it then needs to make JSON of
the answers is not the plugin's. (For the drop-down it is the client's.) CPU and peak memory are those of the plugin process. Command: `cargo xtask bench`.

| workload | data calls | other calls | billed metrics | wait | CPU | peak memory | beside that | must be |
|---|---|---|---|---|---|---|---|---|
";

/// Runs the workloads whose name has these words, which none lacks when there are none; the section of the report.
pub fn measure(house: &House, binaries: &Binaries, host: &Path, words: &str) -> Outcome<String> {
    let mut text = String::from(HEAD);
    for set in SETS {
        let rows: Vec<&Row> = set.rows.iter().filter(|row| row.workload.contains(words)).collect();
        if rows.is_empty() {
            continue;
        }
        let mut bench = Bench::start(house, binaries, host, set)?;
        for row in rows {
            let cost = (row.run)(&mut bench)?;
            let Row { workload, must, .. } = row;
            // Writing to a String cannot fail.
            let _ = writeln!(text, "| {workload} | {cost} | {must} |");
            say::line(format_args!("  {workload} | {cost}"));
        }
    }
    Ok(text)
}
