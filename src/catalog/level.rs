//! Levels of detail and the dimension sets that carry them.

/// MSF's MetricsLevel: how much an application publishes. Each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetricsLevel {
    Application,
    Task,
    Operator,
    Parallelism,
}

/// The dimension names of a series, classified. ListMetrics says which exist; nothing is guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DimensionSet {
    /// `{Application}`
    Application,
    /// `{Application, Task}`
    Task,
    /// `{Application, Task, TaskOperator}` (or `Operator` in place of `TaskOperator`)
    Operator,
    /// `{Application, Task, Parallelism}`
    TaskSubtask,
    /// `{Application, Task, TaskOperator, Parallelism}`
    OperatorSubtask,
    /// `{Application, Flow, Id}`: a Kinesis stream
    Stream,
    /// Stream and shard
    Shard,
    /// A Kafka topic, with or without `Flow`
    Topic,
    /// Topic and partition
    Partition,
    /// `{Application, Flow}`
    Flow,
    /// `{Application, Flow, Host}`: the JobManager
    Host,
    /// `{Application, Flow, Host, tm_id}`: one TaskManager
    TaskManager,
    /// Anything else: the application's own dimensions
    Custom,
}
