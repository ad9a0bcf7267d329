//! A drop-down where one metric has 50,000 series: the tasks of one application among 500.

use super::measure::{Bench, Seen, World};
use super::rows::{Row, Set};
use xtask::clock::Stopwatch;
use xtask::failure::{Failure, Outcome};

const TASKS: usize = 100;

pub const SET: Set = Set {
    world: World {
        local_aws: &[
            "--bench-applications",
            "500",
            "--bench-tasks",
            "100",
            "--bench-metric",
            "busyTimeMsPerSecond",
            "--latency",
            "80",
        ],
        settings: &[],
    },
    rows: &[
        Row {
            workload: "drop-down of the tasks of one application, 50,000 series of one metric, first time",
            must: "only what the drop-down needs",
            run: |bench| bench.counted(open),
        },
        Row {
            workload: "the same again",
            must: "0 calls, ≤ 10 ms",
            run: |bench| bench.rounds(|bench, _| bench.counted(open)),
        },
    ],
};

fn open(bench: &Bench) -> Outcome<Seen> {
    let watch = Stopwatch::start();
    let tasks = bench.tasks()?.len();
    let milliseconds = watch.elapsed().as_secs_f64() * 1000.0;
    if tasks != TASKS {
        return Err(Failure::new(format!("{tasks} tasks are offered instead of {TASKS}")));
    }
    Ok(Seen { milliseconds, note: format!("{tasks} tasks") })
}
