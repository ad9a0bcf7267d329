//! What the stories of the fleet have in common, and the applications that differ in name only.

mod edge_cases;
mod shop;

use super::checkpoints::Health;
use super::load::Shape;
use super::story::{
    CheckpointPlan, Connector, Failure, JobFault, Kind, Level, LogLevel, Logging, ShipStrategy, Story, TaskPlan, plain,
    source, task, writer,
};
use super::timeline::{Deploys, Restarts, Throughput};

pub use edge_cases::edge_cases;
pub use shop::shop;

pub const HOME_ACCOUNT: &str = "111111111111";
pub const LINKED_ACCOUNT: &str = "222222222222";
pub const OTHER_LINKED_ACCOUNT: &str = "333333333333";
pub const HOME_REGION: &str = "eu-west-1";
pub const SECOND_REGION: &str = "us-east-1";

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

const SHOP: Shape = Shape { swing: 0.55, peak_hour: 17.0, weekend: 1.15 };
const OFFICE: Shape = Shape { swing: 0.7, peak_hour: 12.0, weekend: 0.35 };
pub(super) const FLAT: Shape = Shape { swing: 0.05, peak_hour: 12.0, weekend: 1.0 };

/// A healthy Flink 1.20 application that is deployed on Tuesdays; stories say what is different.
pub(super) fn flink(name: &str) -> Story {
    Story {
        name: name.to_owned(),
        region: HOME_REGION,
        account: HOME_ACCOUNT,
        description: "",
        team: "commerce",
        tags: None,
        kind: Kind::Flink,
        runtime: "FLINK-1_20",
        level: Level::Operator,
        parallelism: 4,
        scaled_parallelism: None,
        per_kpu: 2,
        mean_per_second: 400.0,
        shape: SHOP,
        deploys: Deploys { every: WEEK, at: 5 * DAY + 9 * HOUR, gap: 95 },
        restarts: Restarts::Rare { every: 3 * DAY, down: 32 },
        throughput: Throughput::KeepsUp,
        ended: false,
        fault: JobFault::None,
        checkpoints: CheckpointPlan { interval: 60, mean_seconds: 2.4, mean_bytes: 48e6, health: Health::Good },
        event_time: Some(5.0),
        bottleneck: None,
        cpu: 30.0,
        tasks: Vec::new(),
        connectors: Vec::new(),
        customs: Vec::new(),
        logging: Logging::Console,
        log_level: LogLevel::Info,
        failure: Failure::LostShard,
        chatter: 0,
        writes_odd_lines: false,
    }
}

pub(super) fn kinesis(task: usize, stream: &str) -> Connector {
    Connector::Kinesis { task, stream: stream.to_owned() }
}

pub(super) fn kafka(task: usize, topic: &str) -> Connector {
    Connector::Kafka { task, topic: topic.to_owned() }
}

/// Applications that differ in name only: a source, a row of tasks, a sink.
pub fn uniform(applications: usize, tasks_per_application: usize) -> Vec<Story> {
    let last = tasks_per_application.saturating_sub(1);
    let tasks: Vec<TaskPlan> = (0..tasks_per_application.max(1))
        .map(|index| match index {
            0 => task(vec![source("events"), plain("Parse", 1.0)]),
            index if index == last => task(vec![writer("Sink: results")]).after(&[(index - 1, ShipStrategy::Forward)]),
            index => task(vec![plain(&format!("Step {index:03}"), 1.0)]).after(&[(index - 1, ShipStrategy::Hash)]),
        })
        .collect();
    (0..applications)
        .map(|number| Story {
            description: "One of many",
            team: "bench",
            tasks: tasks.clone(),
            connectors: vec![kinesis(0, "events")],
            ..flink(&format!("bench-{number:03}"))
        })
        .collect()
}
