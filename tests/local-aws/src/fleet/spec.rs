//! What is behind a series: which gauge of which job, read from which subtasks.

use super::job::{Flow, NO_FLOW};

#[derive(Debug, Clone)]
pub struct Spec {
    pub job: usize,
    pub gauge: Gauge,
    /// For gauges of tasks: where they are read. Empty for others.
    pub lanes: Vec<Lane>,
}

/// The subtasks of one task, or one of them.
#[derive(Debug, Clone, Copy)]
pub struct Lane {
    pub task: usize,
    pub flow: Flow,
    pub subtask: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gauge {
    /// Four samples a minute from each subtask.
    Task(TaskGauge),
    /// Four samples a minute from the JobManager.
    Job(JobGauge),
    /// Samples of TaskManagers; of all or of one.
    TaskManager(TaskManagerGauge, Option<u32>),
    /// One sample an hour.
    Kpus,
    /// One sample a minute that follows the load: the metrics of SQL applications and notebooks.
    Level { mean: f64, swing: f64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskGauge {
    Count,
    Rate,
    Busy,
    BackPressured,
    Idle,
    InputWatermark,
    OutputWatermark,
    MillisBehindLatest,
    RecordsLag,
    BytesRate,
    CurrentOffset,
    CommittedOffset,
    CommitsSucceeded,
    CommitsFailed,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum JobGauge {
    /// Also `runningTime`.
    Uptime,
    UptimeSeconds,
    RestartingTime,
    /// `downtime`, `failingTime`, `cancellingTime`: a restart never passes through these states.
    Zero,
    Restarts,
    CheckpointDuration,
    CheckpointSize,
    CheckpointsCompleted,
    CheckpointsFailed,
    CheckpointCompletedAt,
    Heap,
    Metaspace,
    FileDescriptorsOpen,
    FileDescriptorsMax,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskManagerGauge {
    Cpu,
    Heap,
    ContainerCpu,
    ContainerMemory,
    ContainerDisk,
    Metaspace,
    ManagedMemoryUsed,
    ManagedMemoryTotal,
    ManagedMemoryUtilization,
    Threads,
    OldGenerationCount,
    OldGenerationTime,
    FileDescriptorsOpen,
    FileDescriptorsMax,
}

impl TaskManagerGauge {
    pub fn samples_a_minute(self) -> u32 {
        match self {
            Self::Cpu | Self::Heap => 1,
            Self::ContainerCpu | Self::ContainerMemory | Self::ContainerDisk => 2,
            Self::Metaspace
            | Self::ManagedMemoryUsed
            | Self::ManagedMemoryTotal
            | Self::ManagedMemoryUtilization
            | Self::Threads
            | Self::OldGenerationCount
            | Self::OldGenerationTime
            | Self::FileDescriptorsOpen
            | Self::FileDescriptorsMax => 4,
        }
    }
}

impl Lane {
    /// All subtasks of a task, for gauges that need no flow.
    pub fn of_task(task: usize) -> Self {
        Self { task, flow: NO_FLOW, subtask: None }
    }
}
