//! What a story of the fleet consists of: an application, its job graph and how its life goes. Data only.

use super::checkpoints::Health;
use super::load::Shape;
use super::timeline::{Deploys, Restarts, Throughput};

/// `MetricsLevel`; each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Application,
    Task,
    Operator,
    Parallelism,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Flink,
    Sql,
    Studio,
}

/// Flink's major version decides which metrics exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    One,
    Two,
}

#[derive(Debug, Clone)]
pub struct Story {
    pub name: String,
    pub region: &'static str,
    pub account: &'static str,
    pub description: &'static str,
    pub team: &'static str,
    /// Instead of the usual ones, `env` and `team`.
    pub tags: Option<&'static [(&'static str, &'static str)]>,
    pub kind: Kind,
    pub runtime: &'static str,
    pub level: Level,
    pub parallelism: u32,
    /// The parallelism of every second deployment.
    pub scaled_parallelism: Option<u32>,
    pub per_kpu: u32,
    pub mean_per_second: f64,
    pub shape: Shape,
    pub deploys: Deploys,
    pub restarts: Restarts,
    pub throughput: Throughput,
    pub ended: bool,
    pub fault: JobFault,
    pub checkpoints: CheckpointPlan,
    /// Seconds by which watermarks trail the events; `None` without event time.
    pub event_time: Option<f64>,
    /// The task that cannot keep up.
    pub bottleneck: Option<usize>,
    /// Per cent of CPU at the mean load.
    pub cpu: f64,
    pub tasks: Vec<TaskPlan>,
    pub connectors: Vec<Connector>,
    pub customs: Vec<Custom>,
    pub logging: Logging,
    pub log_level: LogLevel,
    /// Why its tasks fail, where they do.
    pub failure: Failure,
    /// Lines that the job's own code writes every second.
    pub chatter: u32,
    /// Whether something in it writes lines that are no records: a library to standard output, an attacker.
    pub writes_odd_lines: bool,
}

/// Where an application writes its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logging {
    /// The group that the console makes for it.
    Console,
    /// A stream of its own name in a group that other applications use as well.
    Shared(&'static str),
    /// A group that does not exist: what it writes is lost.
    MissingGroup,
    /// The console's group, in which nobody made the stream: what it writes is lost as well.
    MissingStream,
    /// No logging option.
    Off,
}

/// `LogLevel`, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    Info,
    Warn,
    Error,
}

/// Why tasks fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A source loses its shards for a while.
    LostShard,
    /// The first task cannot parse a record, and meets it again after each restart.
    PoisonRecord,
    /// A TaskManager does not answer any more.
    LostTaskManager,
    /// There are fewer slots than subtasks.
    NoSlots,
}

/// What goes wrong inside a job, beside its throughput, restarts and checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobFault {
    None,
    /// Heap and containers are full, and the collector hardly stops.
    OutOfMemory,
    /// State doubles every 16 hours, and every 16 hours as many threads come as there were at the start.
    Leaking,
    /// The first subtask of each task is so many seconds behind in event time.
    StalledSubtask(i64),
    /// With `ended`: the service calls the application RUNNING, and nothing is published.
    Silent,
}

#[derive(Debug, Clone, Copy)]
pub struct CheckpointPlan {
    pub interval: i64,
    pub mean_seconds: f64,
    pub mean_bytes: f64,
    pub health: Health,
}

#[derive(Debug, Clone)]
pub struct TaskPlan {
    pub operators: Vec<OperatorPlan>,
    pub inputs: Vec<(usize, ShipStrategy)>,
    /// The part of all events that a source reads.
    pub share: f64,
    /// Milliseconds per second that a subtask is busy at the mean load.
    pub busy: f64,
    /// How unevenly keys fall on subtasks: 0 is even.
    pub skew: f64,
    /// Where it is not the job's.
    pub parallelism: Option<u32>,
}

#[derive(Debug, Clone)]
pub struct OperatorPlan {
    pub name: String,
    /// Records out per record in.
    pub selectivity: f64,
    pub kind: OperatorKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorKind {
    Source,
    Plain,
    /// Emits all at the end of each window of this many seconds.
    Window(i64),
    Writer,
    Committer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShipStrategy {
    Forward,
    Hash,
    Rebalance,
}

#[derive(Debug, Clone)]
pub enum Connector {
    /// A stream, by its name before cleaning.
    Kinesis {
        task: usize,
        stream: String,
    },
    Kafka {
        task: usize,
        topic: String,
    },
}

/// A counter that the job's authors registered in the group `kinesisanalytics`.
#[derive(Debug, Clone)]
pub struct Custom {
    pub metric: &'static str,
    pub task: usize,
    pub operator: usize,
    /// Counts per record that enters the operator.
    pub per_record: f64,
    pub dimension: Option<(&'static str, &'static str)>,
}

impl LogLevel {
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

impl Story {
    pub fn generation(&self) -> Generation {
        if self.runtime.starts_with("FLINK-2") { Generation::Two } else { Generation::One }
    }
}

impl TaskPlan {
    pub fn after(mut self, inputs: &[(usize, ShipStrategy)]) -> Self {
        self.inputs = inputs.to_vec();
        self
    }

    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    pub fn busy(mut self, busy: f64) -> Self {
        self.busy = busy;
        self
    }

    pub fn skew(mut self, skew: f64) -> Self {
        self.skew = skew;
        self
    }

    pub fn parallelism(mut self, parallelism: u32) -> Self {
        self.parallelism = Some(parallelism);
        self
    }
}

pub fn task(operators: Vec<OperatorPlan>) -> TaskPlan {
    TaskPlan { operators, inputs: Vec::new(), share: 1.0, busy: 200.0, skew: 0.0, parallelism: None }
}

pub fn source(name: &str) -> OperatorPlan {
    OperatorPlan { name: format!("Source: {name}"), selectivity: 1.0, kind: OperatorKind::Source }
}

pub fn plain(name: &str, selectivity: f64) -> OperatorPlan {
    OperatorPlan { name: name.to_owned(), selectivity, kind: OperatorKind::Plain }
}

pub fn window(name: &str, seconds: i64, selectivity: f64) -> OperatorPlan {
    OperatorPlan { name: name.to_owned(), selectivity, kind: OperatorKind::Window(seconds) }
}

pub fn writer(name: &str) -> OperatorPlan {
    OperatorPlan { name: format!("{name}: Writer"), selectivity: 1.0, kind: OperatorKind::Writer }
}

/// Takes the writer's committables: a few per checkpoint, not its records.
pub fn committer(name: &str) -> OperatorPlan {
    OperatorPlan { name: format!("{name}: Committer"), selectivity: 0.0, kind: OperatorKind::Committer }
}
