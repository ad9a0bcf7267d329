//! The numbers are true: what comes out of the whole chain against what the job itself counted.
//!
//! Two recordings of real Flink jobs and the simulated fleet stand for CloudWatch. Every expectation is the job's own
//! counter, gauge or REST answer, or a number that follows from how the simulation is told. Where Flink's rates are
//! known to trail (starts, restarts, steps), only what holds there is asked.

mod arriving;
mod effect;
mod empty;
mod exclude;
mod final_counts;
mod gauges;
mod incidents;
mod job;
mod labels;
mod late;
mod lines;
mod logs;
mod missing;
mod no_value;
mod none;
mod ranges;
mod recording;
mod rescaled;
mod samples;
mod shop;
mod sinks;
mod stopped;
mod tags;
mod throughput;
mod time;
mod top;
mod trouble;

use std::sync::{Arc, LazyLock};

use local_aws::fleet::Fleet;

/// Wednesday, 2026-11-25, 12:00:00 UTC.
const NOON: i64 = 1_795_608_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// The simulated fleet, made once for all tests.
fn fleet() -> Arc<Fleet> {
    static FLEET: LazyLock<Arc<Fleet>> = LazyLock::new(|| Arc::new(Fleet::new()));
    Arc::clone(&FLEET)
}
