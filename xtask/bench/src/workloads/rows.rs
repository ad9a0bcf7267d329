//! A workload as a row of the report, and the rows that share a world.

use xtask::binaries::Binaries;
use xtask::failure::Outcome;

use super::cost::Cost;
use super::measure::{Bench, World};

/// Rows that are measured before the same local AWS, by the same plugin process, in this order.
pub struct Set {
    pub world: World,
    pub rows: &'static [Row],
}

pub struct Row {
    pub workload: &'static str,
    pub must: &'static str,
    pub run: fn(&mut Bench) -> Outcome<Cost>,
}

/// With another plugin beside it, so often in turns: a machine has faster and slower minutes.
pub const TURNS: usize = 3;

/// A plugin that is measured, with its name in the report.
pub struct Version {
    pub name: String,
    pub binaries: Binaries,
}

/// What a workload costs with each version.
pub struct Measured {
    pub row: &'static Row,
    pub costs: Vec<Cost>,
}
