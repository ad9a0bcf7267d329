//! Which series an application publishes: metric by level by dimension set.

use std::collections::HashMap;
use std::sync::Arc;

use super::job::{Flow, Job, NO_FLOW, Operator, Task, clean};
use super::spec::{Gauge, JobGauge, Lane, Spec, TaskGauge, TaskManagerGauge};
use super::story::{Connector, Generation, Kind, Level, OperatorKind};
use crate::world::Series;

type Dimension = (&'static str, Arc<str>);

/// Gauges of the JobManager that both Flink generations publish.
const JOB: [(&str, JobGauge); 5] = [
    ("uptime", JobGauge::Uptime),
    ("downtime", JobGauge::Zero),
    ("lastCheckpointDuration", JobGauge::CheckpointDuration),
    ("lastCheckpointSize", JobGauge::CheckpointSize),
    ("numberOfFailedCheckpoints", JobGauge::CheckpointsFailed),
];

const JOB_FROM_TWO: [(&str, JobGauge); 5] = [
    ("numRestarts", JobGauge::Restarts),
    ("numberOfCompletedCheckpoints", JobGauge::CheckpointsCompleted),
    ("lastCheckpointCompletedTimestamp", JobGauge::CheckpointCompletedAt),
    ("jobmanagerHeapMemoryUtilization", JobGauge::Heap),
    ("jobmanagerMetaspaceMemoryUtilization", JobGauge::Metaspace),
];

/// The documentation names `Application, Flow` for these; they are also seen at the application alone.
const TIMERS_FROM_TWO: [(&str, JobGauge); 4] = [
    ("runningTime", JobGauge::Uptime),
    ("restartingTime", JobGauge::RestartingTime),
    ("failingTime", JobGauge::Zero),
    ("cancellingTime", JobGauge::Zero),
];

const TASK_MANAGER: [(&str, TaskManagerGauge); 11] = [
    ("cpuUtilization", TaskManagerGauge::Cpu),
    ("heapMemoryUtilization", TaskManagerGauge::Heap),
    ("containerCPUUtilization", TaskManagerGauge::ContainerCpu),
    ("containerMemoryUtilization", TaskManagerGauge::ContainerMemory),
    ("containerDiskUtilization", TaskManagerGauge::ContainerDisk),
    ("managedMemoryUsed", TaskManagerGauge::ManagedMemoryUsed),
    ("managedMemoryTotal", TaskManagerGauge::ManagedMemoryTotal),
    ("managedMemoryUtilization", TaskManagerGauge::ManagedMemoryUtilization),
    ("threadsCount", TaskManagerGauge::Threads),
    ("oldGenerationGCCount", TaskManagerGauge::OldGenerationCount),
    ("oldGenerationGCTime", TaskManagerGauge::OldGenerationTime),
];

const KAFKA: [(&str, TaskGauge); 4] = [
    ("records_lag_max", TaskGauge::RecordsLag),
    ("bytes_consumed_rate", TaskGauge::BytesRate),
    ("commitsSucceeded", TaskGauge::CommitsSucceeded),
    ("commitsFailed", TaskGauge::CommitsFailed),
];

const NOTEBOOK: [(&str, f64, f64); 9] = [
    ("cpuUtilization", 14.0, 0.6),
    ("heapMemoryUtilization", 41.0, 0.2),
    ("oldGenerationGCTime", 180.0, 0.0),
    ("oldGenerationGCCount", 4.0, 0.0),
    ("threadCount", 212.0, 0.05),
    ("zeppelinCpuUtilization", 9.0, 0.6),
    ("zeppelinHeapMemoryUtilization", 38.0, 0.2),
    ("zeppelinThreadCount", 121.0, 0.05),
    ("zeppelinWaitingJobs", 0.0, 0.0),
];

/// Late records per record that enters a window.
const LATE: f64 = 2e-5;

/// Every series of a job, with what is behind it.
pub fn series_of(index: usize, job: &Job) -> Vec<(Series, Spec)> {
    let application: Arc<str> = job.story.name.as_str().into();
    let mut catalog =
        Catalog { index, job, application: ("Application", application), names: HashMap::new(), series: Vec::new() };
    catalog.add(&[], "KPUs", Gauge::Kpus);
    match job.story.kind {
        Kind::Flink => catalog.add_flink(),
        Kind::Sql => catalog.add_sql(),
        Kind::Studio => {
            for (metric, mean, swing) in NOTEBOOK {
                catalog.add(&[], metric, Gauge::Level { mean, swing });
            }
            catalog.add(&[], "zeppelinServerUptime", Gauge::Job(JobGauge::UptimeSeconds));
        }
    }
    catalog.series
}

struct Catalog<'a> {
    index: usize,
    job: &'a Job,
    application: Dimension,
    /// Equal names share one allocation.
    names: HashMap<&'static str, Arc<str>>,
    series: Vec<(Series, Spec)>,
}

/// A dimension set and the part of the job that it shows.
struct Scope {
    dimensions: Vec<Dimension>,
    tasks: std::ops::Range<usize>,
    operator: Option<usize>,
    subtask: Option<u32>,
}

#[derive(Clone, Copy)]
enum Direction {
    In,
    Out,
}

impl Catalog<'_> {
    fn add(&mut self, dimensions: &[Dimension], metric: &'static str, gauge: Gauge) {
        self.add_lanes(dimensions, metric, gauge, Vec::new());
    }

    fn add_lanes(&mut self, dimensions: &[Dimension], metric: &'static str, gauge: Gauge, lanes: Vec<Lane>) {
        let mut all: Vec<Dimension> = vec![self.application.clone()];
        all.extend_from_slice(dimensions);
        all.sort_by_key(|(name, _)| *name);
        let dimensions = all.into_iter().map(|(name, value)| (self.name(name), value)).collect();
        let series = Series { metric: self.name(metric), dimensions };
        self.series.push((series, Spec { job: self.index, gauge, lanes }));
    }

    fn name(&mut self, name: &'static str) -> Arc<str> {
        Arc::clone(self.names.entry(name).or_insert_with(|| name.into()))
    }

    fn add_flink(&mut self) {
        for (metric, gauge) in JOB {
            self.add(&[], metric, Gauge::Job(gauge));
        }
        for (metric, gauge) in TASK_MANAGER {
            self.add(&[], metric, Gauge::TaskManager(gauge, None));
        }
        match self.job.story.generation() {
            Generation::One => self.add(&[], "fullRestarts", Gauge::Job(JobGauge::Restarts)),
            Generation::Two => self.add_from_two(),
        }
        self.add_connectors();
        for scope in self.scopes() {
            self.add_scope(&scope);
        }
    }

    fn add_from_two(&mut self) {
        for (metric, gauge) in JOB_FROM_TWO.into_iter().chain(TIMERS_FROM_TWO) {
            self.add(&[], metric, Gauge::Job(gauge));
        }
        for (metric, gauge) in TIMERS_FROM_TWO {
            self.add(&[("Flow", "Job".into())], metric, Gauge::Job(gauge));
        }
        self.add(&[], "metaspaceMemoryUtilization", Gauge::TaskManager(TaskManagerGauge::Metaspace, None));
        let host = |number: u32| ("Host", Arc::from(format!("ip-10-0-4-{}", 20 + number)));
        let job_manager = [("Flow", "JobManager".into()), host(0)];
        self.add(&job_manager, "jobmanagerFileDescriptorsOpen", Gauge::Job(JobGauge::FileDescriptorsOpen));
        self.add(&job_manager, "jobmanagerFileDescriptorsMax", Gauge::Job(JobGauge::FileDescriptorsMax));
        for number in 0..self.job.most_task_managers() {
            let id = Arc::from(format!("{}-taskmanager-1-{}", self.job.story.name, number + 1));
            let dimensions = [("Flow", "TaskManager".into()), host(number + 1), ("tm_id", id)];
            let gauge = |gauge| Gauge::TaskManager(gauge, Some(number));
            self.add(&dimensions, "taskmanagerFileDescriptorsOpen", gauge(TaskManagerGauge::FileDescriptorsOpen));
            self.add(&dimensions, "taskmanagerFileDescriptorsMax", gauge(TaskManagerGauge::FileDescriptorsMax));
        }
    }

    fn add_connectors(&mut self) {
        let job = self.job;
        let lane = |task: usize| Lane { flow: job.tasks[task].records_in, ..Lane::of_task(task) };
        let input = || ("Flow", Arc::from("Input"));
        let mut kafka = Vec::new();
        for connector in &job.story.connectors {
            match connector {
                Connector::Kinesis { task, stream } => {
                    let dimensions = [input(), ("Id", clean(stream).into())];
                    let gauge = Gauge::Task(TaskGauge::MillisBehindLatest);
                    self.add_lanes(&dimensions, "millisBehindLatest", gauge, vec![lane(*task)]);
                }
                Connector::Kafka { task, topic } => {
                    kafka.push(lane(*task));
                    let dimensions = [input(), ("Topic", topic.as_str().into())];
                    let offsets = [
                        ("currentOffsets", TaskGauge::CurrentOffset),
                        ("committedOffsets", TaskGauge::CommittedOffset),
                    ];
                    for (metric, gauge) in KAFKA.into_iter().chain(offsets) {
                        self.add_lanes(&dimensions, metric, Gauge::Task(gauge), vec![lane(*task)]);
                    }
                    if job.story.level >= Level::Task {
                        let dimensions = [("Task", Arc::clone(&job.tasks[*task].dimension))];
                        self.add_lanes(&dimensions, KAFKA[0].0, Gauge::Task(KAFKA[0].1), vec![lane(*task)]);
                    }
                }
            }
        }
        if !kafka.is_empty() {
            for (metric, gauge) in KAFKA {
                self.add_lanes(&[], metric, Gauge::Task(gauge), kafka.clone());
            }
        }
    }

    /// The dimension sets of the job's metrics level.
    fn scopes(&self) -> Vec<Scope> {
        let level = self.job.story.level;
        let all = 0..self.job.tasks.len();
        let mut scopes = vec![Scope { dimensions: Vec::new(), tasks: all, operator: None, subtask: None }];
        for (index, task) in self.job.tasks.iter().enumerate().filter(|_| level >= Level::Task) {
            let dimensions = vec![("Task", Arc::clone(&task.dimension))];
            self.add_scope_and_subtasks(
                &mut scopes,
                Scope { dimensions, tasks: index..index + 1, operator: None, subtask: None },
            );
            for (place, operator) in task.operators.iter().enumerate().filter(|_| level >= Level::Operator) {
                let dimensions =
                    vec![("Task", Arc::clone(&task.dimension)), ("TaskOperator", Arc::clone(&operator.dimension))];
                let scope = Scope { dimensions, tasks: index..index + 1, operator: Some(place), subtask: None };
                self.add_scope_and_subtasks(&mut scopes, scope);
            }
        }
        scopes
    }

    fn add_scope_and_subtasks(&self, scopes: &mut Vec<Scope>, scope: Scope) {
        if self.job.story.level >= Level::Parallelism {
            for subtask in 0..self.job.tasks[scope.tasks.start].shares[0].len() {
                let mut dimensions = scope.dimensions.clone();
                dimensions.push(("Parallelism", subtask.to_string().into()));
                let subtask = u32::try_from(subtask).ok();
                scopes.push(Scope { dimensions, tasks: scope.tasks.clone(), operator: scope.operator, subtask });
            }
        }
        scopes.push(scope);
    }

    fn add_scope(&mut self, scope: &Scope) {
        let dimensions = &scope.dimensions;
        for (direction, count, rate) in [
            (Direction::In, "numRecordsIn", "numRecordsInPerSecond"),
            (Direction::Out, "numRecordsOut", "numRecordsOutPerSecond"),
        ] {
            let lanes = self.record_lanes(scope, direction);
            self.add_lanes(dimensions, count, Gauge::Task(TaskGauge::Count), lanes.clone());
            self.add_lanes(dimensions, rate, Gauge::Task(TaskGauge::Rate), lanes);
        }
        // Flink measures how a task spends its time, not how an operator does.
        if scope.operator.is_none() {
            for (metric, gauge) in [
                ("busyTimeMsPerSecond", TaskGauge::Busy),
                ("backPressuredTimeMsPerSecond", TaskGauge::BackPressured),
                ("idleTimeMsPerSecond", TaskGauge::Idle),
            ] {
                let lanes = scope.tasks.clone().map(|task| scope.lane(task, NO_FLOW)).collect();
                self.add_lanes(dimensions, metric, Gauge::Task(gauge), lanes);
            }
        }
        let has_input = |task: &Task, operator: &Operator| match scope.operator {
            // A task's own gauge: one for each subtask of a task with inputs.
            None => !task.is_source && std::ptr::eq(operator, &raw const task.operators[0]),
            Some(_) => operator.kind != OperatorKind::Source,
        };
        let inputs = self.operator_lanes(scope, |task, operator| has_input(task, operator).then_some(NO_FLOW));
        self.add_if_any(dimensions, "currentInputWatermark", Gauge::Task(TaskGauge::InputWatermark), inputs);
        let outputs = self.operator_lanes(scope, |_, _| Some(NO_FLOW));
        self.add_if_any(dimensions, "currentOutputWatermark", Gauge::Task(TaskGauge::OutputWatermark), outputs);
        let late = self.operator_lanes(scope, |_, operator| {
            matches!(operator.kind, OperatorKind::Window(_)).then(|| part_of(operator.records_in, LATE))
        });
        self.add_if_any(dimensions, "numLateRecordsDropped", Gauge::Task(TaskGauge::Count), late);
        self.add_customs(scope);
    }

    fn add_customs(&mut self, scope: &Scope) {
        let job = self.job;
        for custom in &job.story.customs {
            let here = |operator| scope.operator.is_none_or(|only| only == operator);
            if !scope.tasks.contains(&custom.task) || !here(custom.operator) {
                continue;
            }
            let flow = part_of(job.tasks[custom.task].operators[custom.operator].records_in, custom.per_record);
            let mut dimensions = scope.dimensions.clone();
            dimensions.extend(custom.dimension.map(|(name, value)| (name, Arc::from(value))));
            self.add_lanes(
                &dimensions,
                custom.metric,
                Gauge::Task(TaskGauge::Count),
                vec![scope.lane(custom.task, flow)],
            );
        }
    }

    fn add_if_any(&mut self, dimensions: &[Dimension], metric: &'static str, gauge: Gauge, lanes: Vec<Lane>) {
        if !lanes.is_empty() {
            self.add_lanes(dimensions, metric, gauge, lanes);
        }
    }

    fn record_lanes(&self, scope: &Scope, direction: Direction) -> Vec<Lane> {
        let generation = self.job.story.generation();
        let flow = |task: &Task| match (scope.operator, direction) {
            (Some(operator), Direction::In) => task.operators[operator].records_in,
            (Some(operator), Direction::Out) => task.operators[operator].records_out,
            // Flink 1 counts at the borders of a task to other tasks only.
            (None, Direction::In) if task.is_source && generation == Generation::One => NO_FLOW,
            (None, Direction::Out) if task.is_sink && generation == Generation::One => NO_FLOW,
            (None, Direction::In) => task.records_in,
            (None, Direction::Out) => task.records_out,
        };
        scope.tasks.clone().map(|index| scope.lane(index, flow(&self.job.tasks[index]))).collect()
    }

    /// A lane for each operator of the scope that `pick` gives a flow: what Flink has at operators only is pooled
    /// upwards.
    fn operator_lanes(&self, scope: &Scope, pick: impl Fn(&Task, &Operator) -> Option<Flow>) -> Vec<Lane> {
        let mut lanes = Vec::new();
        for index in scope.tasks.clone() {
            let task = &self.job.tasks[index];
            for (place, operator) in task.operators.iter().enumerate() {
                if scope.operator.is_none_or(|only| only == place) {
                    lanes.extend(pick(task, operator).map(|flow| scope.lane(index, flow)));
                }
            }
        }
        lanes
    }

    fn add_sql(&mut self) {
        let level = |mean, swing| Gauge::Level { mean, swing };
        for (flow, id) in [("Input", "1.1"), ("Output", "2.1")] {
            let dimensions = [("Flow", flow.into()), ("Id", id.into())];
            self.add(&dimensions, "Bytes", level(24_000.0, 1.0));
            self.add(&dimensions, "Records", level(60.0, 1.0));
            self.add(&dimensions, "Success", level(1.0, 0.0));
            if flow == "Input" {
                self.add(&dimensions, "MillisBehindLatest", level(180.0, 0.5));
            }
        }
    }
}

impl Scope {
    fn lane(&self, task: usize, flow: Flow) -> Lane {
        Lane { task, flow, subtask: self.subtask }
    }
}

fn part_of(flow: Flow, part: f64) -> Flow {
    Flow { per_event: flow.per_event * part, ..flow }
}
