//! What dashboards, alert rules, drop-downs and fleet tables cost, before a local AWS that takes its time for each
//! call.
//!
//! Calls and billed metrics are local AWS's own counts. Every round asks about hours of its own, so that nothing is
//! known from the round before; the facts of the applications are known from the start unless a row says so.

mod cost;
mod dashboard;
mod denied;
mod drop_down;
mod fleet;
mod many_points;
mod measure;
mod rows;
mod rules;
mod table;

use std::path::Path;

use cost::Cost;
use measure::Bench;
use rows::{Measured, Row, Set, TURNS};
use xtask::failure::Outcome;
use xtask::output;
use xtask::workspace::Workspace;

pub use rows::Version;
pub use table::render;

const SETS: &[&Set] = &[
    &dashboard::USUAL,
    &dashboard::THROTTLED,
    &dashboard::NEW_PROCESS,
    &rules::SET,
    &many_points::SET,
    &many_points::NOTHING_KEPT,
    &many_points::AT_ONCE,
    &drop_down::SET,
    &denied::SET,
    &fleet::SET,
    &fleet::LARGER,
    &fleet::LARGEST,
];

/// Runs the workloads whose name has these words, which none lacks when there are none.
pub fn measure(workspace: &Workspace, host: &Path, versions: &[Version], words: &str) -> Outcome<Vec<Measured>> {
    let mut all = Vec::new();
    for set in SETS {
        let rows: Vec<&'static Row> = set.rows.iter().filter(|row| row.workload.contains(words)).collect();
        if rows.is_empty() {
            continue;
        }
        let turns = if versions.len() > 1 { TURNS } else { 1 };
        // By version, row and turn.
        let mut costs = vec![vec![Vec::new(); rows.len()]; versions.len()];
        for _ in 0..turns {
            for (version, costs) in versions.iter().zip(&mut costs) {
                let mut bench = Bench::start(workspace, &version.binaries, host, &set.world)?;
                for (row, costs) in rows.iter().zip(costs) {
                    let cost = (row.run)(&mut bench)?;
                    output::line(format_args!("  {}: {} | {cost}", version.name, row.workload));
                    costs.push(cost);
                }
            }
        }
        all.extend(rows.iter().enumerate().map(|(number, row)| Measured {
            row,
            costs: costs.iter().map(|of_version| Cost::median(&of_version[number])).collect(),
        }));
    }
    Ok(all)
}
