//! Applications for alert rules: each suffers from one thing all the time, whatever the hour; the first ones are
//! healthy.

use super::checkpoints::Health;
use super::load::Shape;
use super::stories::{DAY, FLAT, HOUR, flink, kafka, kinesis};
use super::story::{
    CheckpointPlan, Failure, JobFault, Level, ShipStrategy, Story, TaskPlan, plain, source, task, writer,
};
use super::timeline::{Deploys, Restarts, Throughput};

/// Once in ten years: what is wrong with a job has been wrong for long.
const NEVER_DEPLOYED: Deploys = Deploys { every: 3653 * DAY, at: 0, gap: 60 };

/// A healthy application with a source, a step and a sink; stories say what is different.
fn calm(name: &str) -> Story {
    Story {
        description: "For alert rules",
        team: "on-call",
        shape: FLAT,
        deploys: NEVER_DEPLOYED,
        restarts: Restarts::Never,
        tasks: chain(plain("Enrich", 1.0)),
        connectors: vec![kinesis(0, "events")],
        ..flink(name)
    }
}

fn chain(step: super::story::OperatorPlan) -> Vec<TaskPlan> {
    vec![
        task(vec![source("events"), plain("Parse", 1.0)]).busy(150.0),
        task(vec![step]).after(&[(0, ShipStrategy::Hash)]).busy(240.0),
        task(vec![writer("Sink: results")]).after(&[(1, ShipStrategy::Forward)]).busy(90.0),
    ]
}

/// Nothing here may fire.
fn healthy() -> Vec<Story> {
    vec![
        Story { shape: Shape { swing: 0.6, peak_hour: 17.0, weekend: 0.5 }, ..calm("steady") },
        Story { runtime: "FLINK-2_2", connectors: vec![kafka(0, "events")], ..calm("steady-kafka") },
        Story { level: Level::Application, event_time: None, ..calm("steady-coarse") },
        Story { restarts: Restarts::Rare { every: 6 * HOUR, down: 32 }, ..calm("restarts-now-and-then") },
        Story { deploys: Deploys { every: 2 * HOUR, at: 0, gap: 95 }, ..calm("often-deployed") },
        Story {
            parallelism: 4,
            scaled_parallelism: Some(8),
            deploys: Deploys { every: 2 * HOUR, at: HOUR, gap: 75 },
            ..calm("often-scaled")
        },
        Story { ended: true, ..calm("stopped") },
    ]
}

fn ailing() -> Vec<Story> {
    let behind = |name: &str| Story { throughput: Throughput::FallsBehind(0.8), ..calm(name) };
    let slow = CheckpointPlan { interval: 60, mean_seconds: 46.0, mean_bytes: 48e6, health: Health::Good };
    vec![
        Story {
            runtime: "FLINK-2_2",
            restarts: Restarts::Loop { up: 105, down: 15 },
            throughput: Throughput::Stuck,
            checkpoints: CheckpointPlan { health: Health::Hopeless, ..slow },
            failure: Failure::PoisonRecord,
            ..calm("crash-loop")
        },
        Story {
            restarts: Restarts::Loop { up: 60, down: 840 },
            throughput: Throughput::Stuck,
            checkpoints: CheckpointPlan { health: Health::Hopeless, ..slow },
            connectors: Vec::new(),
            event_time: None,
            failure: Failure::NoSlots,
            ..calm("waits-for-slots")
        },
        Story { ended: true, fault: JobFault::Silent, ..calm("silent") },
        Story { tasks: chain(plain("Only the expected", 0.0)), ..calm("drops-everything") },
        behind("behind-in-time"),
        Story {
            runtime: "FLINK-2_2",
            connectors: vec![kafka(0, "events")],
            event_time: None,
            ..behind("behind-in-records")
        },
        Story { bottleneck: Some(1), ..calm("back-pressured") },
        Story { fault: JobFault::StalledSubtask(3 * HOUR), ..calm("stalled-subtask") },
        Story { checkpoints: slow, ..calm("slow-checkpoints") },
        Story { fault: JobFault::Leaking, deploys: Deploys { every: 2 * DAY, at: 0, gap: 60 }, ..calm("leaking") },
        Story { fault: JobFault::OutOfMemory, ..calm("out-of-memory") },
        Story { cpu: 97.0, ..calm("hot") },
        Story { parallelism: 60, per_kpu: 1, level: Level::Task, ..calm("at-its-quota") },
    ]
}

/// Just beyond a line of the table of conditions, so that it shows where the line is.
fn beyond_a_line() -> Vec<Story> {
    let late = |name: &str, seconds: i64| Story { throughput: Throughput::Late(seconds), ..calm(name) };
    let on_kafka = |name: &str, throughput: Throughput| Story {
        runtime: "FLINK-2_2",
        connectors: vec![kafka(0, "events")],
        event_time: None,
        throughput,
        ..calm(name)
    };
    let back_to_back = CheckpointPlan { interval: 60, mean_seconds: 85.0, mean_bytes: 48e6, health: Health::Good };
    vec![
        Story {
            restarts: Restarts::Loop { up: 105, down: 195 },
            throughput: Throughput::Stuck,
            connectors: Vec::new(),
            event_time: None,
            ..calm("runs-a-third")
        },
        Story { restarts: Restarts::Loop { up: 3540, down: 60 }, ..calm("restarts-hourly") },
        late("late-by-90-seconds", 90),
        late("late-by-20-minutes", 20 * 60),
        late("late-by-25-hours", 25 * HOUR),
        on_kafka("late-by-1500000-records", Throughput::Late(15_000)),
        Story { throughput: Throughput::FallsBehind(0.985), ..calm("falls-behind-slowly") },
        // Few records, of which the noise is small beside the line.
        Story { mean_per_second: 36.0, ..on_kafka("falls-behind-slowly-in-records", Throughput::FallsBehind(0.76)) },
        Story { checkpoints: back_to_back, ..calm("back-to-back-checkpoints") },
        Story { fault: JobFault::StalledSubtask(13 * 60), ..calm("slow-subtask") },
    ]
}

pub fn incidents() -> Vec<Story> {
    healthy().into_iter().chain(ailing()).chain(beyond_a_line()).collect()
}
