//! Every metric of the namespace `AWS/KinesisAnalytics`, one row each.
//!
//! The rows are what AWS documents, what live applications list beyond that, and what newer Flink versions register.
//! They say how to read a metric, not whether an application has it: only ListMetrics knows, and an application's own
//! metrics are in no table. The one surprise: names are case sensitive, and AWS's documentation misspells several of
//! them; the spellings here are the ones that return data.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::level::DimensionSet;
use super::metric::{Group, Metric, Runtimes, Sentinel, Unit};
use super::statistic::Statistic;

/// The metric with exactly this name.
pub fn metric(name: &str) -> Option<&'static Metric> {
    static BY_NAME: LazyLock<HashMap<&str, &Metric>> =
        LazyLock::new(|| METRICS.iter().map(|row| (row.name, row)).collect());
    BY_NAME.get(name).copied()
}

/// What every job publishes, within minutes of its start, whatever its connectors, operators and settings are. Of any
/// other metric it may be right that no application has it.
const OF_EVERY_JOB: &[&str] = &[
    "numRecordsIn",
    "numRecordsInPerSecond",
    "numRecordsOut",
    "numRecordsOutPerSecond",
    "backPressuredTimeMsPerSecond",
    "busyTimeMsPerSecond",
    "idleTimeMsPerSecond",
    "uptime",
    "downtime",
    "fullRestarts",
    "numRestarts",
    "runningTime",
    "cpuUtilization",
    "containerCPUUtilization",
    "containerMemoryUtilization",
    "heapMemoryUtilization",
    "oldGenerationGCCount",
    "oldGenerationGCTime",
    "threadsCount",
];

/// Whether every job of the metric's runtimes publishes it.
pub fn is_of_every_job(metric: &Metric) -> bool {
    OF_EVERY_JOB.contains(&metric.name)
}

const NO_CHECKPOINT: &[Sentinel] = &[Sentinel::MinusOne("no checkpoint has completed yet")];

/// Of the gauges of a job that is over: UpTimeGauge and DownTimeGauge.
const ENDED: &[Sentinel] = &[Sentinel::MinusOne("the job has ended")];

/// The minimum of subtasks is unknown until each of them has a watermark.
const WATERMARK: &[Sentinel] = &[
    Sentinel::LongMinimum("there is no watermark yet, at least in one subtask"),
    Sentinel::LongMaximum("the input has ended, and event time with it"),
];

const APPLICATION: &[DimensionSet] = &[DimensionSet::Application];

/// What operators count: published at every level.
const RECORDS: &[DimensionSet] = &[
    DimensionSet::Application,
    DimensionSet::Task,
    DimensionSet::Operator,
    DimensionSet::TaskSubtask,
    DimensionSet::OperatorSubtask,
];

/// What the threads of tasks count: never per operator.
const TASKS: &[DimensionSet] = &[DimensionSet::Application, DimensionSet::Task, DimensionSet::TaskSubtask];

/// AWS's table says "Application, Flow" for the state timers; live applications list `{Application}` too.
const FLOW: &[DimensionSet] = &[DimensionSet::Application, DimensionSet::Flow];

const STREAM: &[DimensionSet] = &[DimensionSet::Stream, DimensionSet::Shard];

const KAFKA: &[DimensionSet] = &[
    DimensionSet::Application,
    DimensionSet::Topic,
    DimensionSet::Task,
    DimensionSet::Operator,
    DimensionSet::TaskSubtask,
    DimensionSet::OperatorSubtask,
];

const PARTITION: &[DimensionSet] = &[DimensionSet::Topic, DimensionSet::Partition];

const SQL: &[DimensionSet] = &[DimensionSet::Application, DimensionSet::Stream];

/// All rows, in the order in which a drop-down groups them.
pub static METRICS: &[Metric] = &[
    // Throughput. AWS's usage note: "Sum / 4" at a period of 60 s, because every subtask sends four snapshots a
    // minute.
    Metric::gauge("numRecordsIn", Group::Throughput, Unit::Count, Statistic::Sum, RECORDS)
        .counter()
        .per_subtask()
        .describe("Records received since the job last started, counted by every subtask. A source task has no upstream and mostly reads 0 here: use numRecordsOut for sources."),
    Metric::gauge("numRecordsInPerSecond", Group::Throughput, Unit::PerSecond, Statistic::Sum, RECORDS)
        .rate()
        .per_subtask()
        .describe("Records received per second, as a mean over the last minute. The total of all subtasks is Sum / 4 at a period of 60 s; Average is one subtask's share."),
    Metric::gauge("numRecordsOut", Group::Throughput, Unit::Count, Statistic::Sum, RECORDS)
        .counter()
        .per_subtask()
        .describe("Records emitted since the job last started, counted by every subtask. A sink task mostly reads 0 here: use numRecordsIn for sinks."),
    Metric::gauge("numRecordsOutPerSecond", Group::Throughput, Unit::PerSecond, Statistic::Sum, RECORDS)
        .rate()
        .per_subtask()
        .describe("Records emitted per second, as a mean over the last minute. The total of all subtasks is Sum / 4 at a period of 60 s; Average is one subtask's share."),
    Metric::gauge("numLateRecordsDropped", Group::Throughput, Unit::Count, Statistic::Sum, RECORDS)
        .counter()
        .per_subtask()
        .lower_is_better()
        .describe("Records dropped because their window had already closed, since the job last started. Only window operators count them."),
    // Back pressure. From Flink 1.13 on; AWS's footnote says "1.13 only", but 1.20 and 2.2 publish them too. Flink
    // registers them per task, so no operator set has them.
    Metric::gauge("backPressuredTimeMsPerSecond", Group::Backpressure, Unit::MillisecondsPerSecond, Statistic::Maximum, TASKS)
        .per_subtask()
        .on(Runtimes::FlinkFrom(1, 13))
        .lower_is_better()
        .describe("Milliseconds of each second in which a subtask could not emit because the tasks after it were full. Maximum shows the most blocked subtask."),
    Metric::gauge("busyTimeMsPerSecond", Group::Backpressure, Unit::MillisecondsPerSecond, Statistic::Maximum, TASKS)
        .per_subtask()
        .on(Runtimes::FlinkFrom(1, 13))
        .sentinels(&[Sentinel::NotANumber])
        .describe("Milliseconds of each second in which a subtask worked. Near 1000 it is saturated; waiting for a free slot of an async operator counts as work."),
    Metric::gauge("idleTimeMsPerSecond", Group::Backpressure, Unit::MillisecondsPerSecond, Statistic::Average, TASKS)
        .per_subtask()
        .on(Runtimes::FlinkFrom(1, 13))
        .describe("Milliseconds of each second in which a subtask waited for input. Busy, idle and back-pressured time add up to 1000."),
    // Watermarks. Flink starts both gauges at Long.MIN_VALUE and ends them at Long.MAX_VALUE: WatermarkGauge.
    Metric::gauge("currentInputWatermark", Group::Latency, Unit::EpochMilliseconds, Statistic::Minimum, RECORDS)
        .per_subtask()
        .sentinels(WATERMARK)
        .higher_is_better()
        .describe("Event time of the last watermark received; Minimum is the subtask furthest behind. AWS publishes it only where an operator has two inputs."),
    Metric::gauge("currentOutputWatermark", Group::Latency, Unit::EpochMilliseconds, Statistic::Minimum, RECORDS)
        .per_subtask()
        .sentinels(WATERMARK)
        .higher_is_better()
        .describe("Event time of the last watermark emitted; Minimum is the subtask furthest behind. A job without event time has none."),
    // Checkpoints: gauges of the JobManager, sent once per snapshot of the job.
    Metric::gauge("lastCheckpointDuration", Group::Checkpoint, Unit::Milliseconds, Statistic::Maximum, APPLICATION)
        .sentinels(NO_CHECKPOINT)
        .lower_is_better()
        .describe("Time that the newest completed checkpoint took, from trigger to last acknowledgement. Rising means growing state or back pressure."),
    Metric::gauge("lastCheckpointSize", Group::Checkpoint, Unit::Bytes, Statistic::Maximum, APPLICATION)
        .sentinels(NO_CHECKPOINT)
        .lower_is_better()
        .describe("Bytes that the newest checkpoint uploaded. With incremental checkpoints, the default here, this is the change since the one before and not the full state."),
    // Not in AWS's documentation; registered by Flink 2.2.1 and absent in 1.20.5, seen in recordings of both.
    Metric::gauge("lastCheckpointCompletedTimestamp", Group::Checkpoint, Unit::EpochMilliseconds, Statistic::Maximum, APPLICATION)
        .on(Runtimes::FlinkFrom(2, 2))
        .sentinels(NO_CHECKPOINT)
        .higher_is_better()
        .describe("When the newest checkpoint completed; the time since then is the work that a restart would repeat. Flink has it from 2.2 on, and AWS does not document it: it is offered where CloudWatch lists it."),
    Metric::gauge("numberOfFailedCheckpoints", Group::Checkpoint, Unit::Count, Statistic::Maximum, APPLICATION)
        .counter()
        .lower_is_better()
        .describe("Checkpoints that failed since this job was submitted. It only grows, and survives restarts, so watch its increase and not its value."),
    // Not in AWS's documentation; a live Flink 2.2 application lists it (grafana/grafana-aws-sdk issue 488).
    Metric::gauge("numberOfCompletedCheckpoints", Group::Checkpoint, Unit::Count, Statistic::Maximum, APPLICATION)
        .counter()
        .higher_is_better()
        .describe("Checkpoints completed since this job was submitted. Its increase shows whether checkpoints still happen."),
    // Reliability: gauges of the JobManager.
    // Deprecated from 2.2 on, yet 2.2.1 still registers it: seen in a recording.
    Metric::gauge("uptime", Group::Reliability, Unit::Milliseconds, Statistic::Minimum, APPLICATION)
        .sentinels(ENDED)
        .higher_is_better()
        .describe("Time for which the job has run without interruption; a fall is a restart or a redeployment. From Flink 2.2 on use runningTime."),
    // Stayed 0 in every one of the restarts of recorded 1.20 and 2.2 jobs: the gauge looks at the state FAILING only.
    Metric::gauge("downtime", Group::Reliability, Unit::Milliseconds, Statistic::Maximum, APPLICATION)
        .sentinels(ENDED)
        .lower_is_better()
        .describe("Length of the current outage while the job is failing. It can stay 0 through a whole restart, so judge availability by uptime and restarts too."),
    Metric::gauge("fullRestarts", Group::Reliability, Unit::Count, Statistic::Maximum, APPLICATION)
        .counter()
        .on(Runtimes::FlinkUpTo(1, 20))
        .lower_is_better()
        .describe("Full restarts since this job was submitted; maintenance by AWS may add some. Replaced by numRestarts from Flink 2.2 on."),
    Metric::gauge("numRestarts", Group::Reliability, Unit::Count, Statistic::Maximum, APPLICATION)
        .counter()
        .on(Runtimes::FlinkFrom(2, 2))
        .lower_is_better()
        .describe("Restarts since this job was submitted, also those of a single region and of rescaling. Replaces fullRestarts from Flink 2.2 on."),
    // Not in AWS's documentation; registered by Flink 2.2.1 and absent in 1.20.5, seen in recordings of both.
    Metric::gauge("numRescales", Group::Reliability, Unit::Count, Statistic::Maximum, APPLICATION)
        .counter()
        .on(Runtimes::FlinkFrom(2, 2))
        .describe("Changes of parallelism since this job was submitted. Flink has it from 2.2 on, and AWS does not document it: it is offered where CloudWatch lists it."),
    Metric::gauge("runningTime", Group::Reliability, Unit::Milliseconds, Statistic::Minimum, FLOW)
        .on(Runtimes::FlinkFrom(2, 2))
        .higher_is_better()
        .describe("Time for which the job has been running without interruption; a fall is a restart or a redeployment. Replaces uptime from Flink 2.2 on."),
    Metric::gauge("restartingTime", Group::Reliability, Unit::Milliseconds, Statistic::Maximum, FLOW)
        .on(Runtimes::FlinkFrom(2, 2))
        .lower_is_better()
        .describe("Time for which the job has been restarting, 0 in any other state. One of the three that replace downtime from Flink 2.2 on."),
    Metric::gauge("cancellingTime", Group::Reliability, Unit::Milliseconds, Statistic::Maximum, FLOW)
        .on(Runtimes::FlinkFrom(2, 2))
        .lower_is_better()
        .describe("Time that cancelling the job has taken so far, 0 in any other state. One of the three that replace downtime from Flink 2.2 on."),
    Metric::gauge("failingTime", Group::Reliability, Unit::Milliseconds, Statistic::Maximum, FLOW)
        .on(Runtimes::FlinkFrom(2, 2))
        .lower_is_better()
        .describe("Time for which the job has been failing, 0 in any other state. One of the three that replace downtime from Flink 2.2 on."),
    // Processor, memory, files. JVM gauges come once per snapshot from every TaskManager, container gauges twice a
    // minute (AWS's usage notes).
    Metric::gauge("cpuUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, APPLICATION)
        .per_task_manager()
        .lower_is_better()
        .describe("Processor use of the TaskManagers' Java processes; Maximum is the hottest one. AWS recommends an alarm at 80."),
    Metric::gauge("containerCPUUtilization", Group::Resource, Unit::Percent, Statistic::Average, APPLICATION)
        .per_task_manager()
        .lower_is_better()
        .describe("Processor use of whole TaskManager containers against their limit. 75 for 15 minutes makes autoscaling add KPUs, by its Maximum; under 10 for six hours removes some."),
    Metric::gauge("containerMemoryUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, APPLICATION)
        .per_task_manager()
        .lower_is_better()
        .describe("Memory of the TaskManager containers against their limit, RocksDB included. The best early sign of a container killed for memory."),
    Metric::gauge("containerDiskUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, APPLICATION)
        .per_task_manager()
        .lower_is_better()
        .describe("Use of the root file system of the TaskManager containers."),
    Metric::gauge("heapMemoryUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, APPLICATION)
        .per_task_manager()
        .lower_is_better()
        .describe("Java heap in use on the TaskManagers; state in RocksDB is not part of it. AWS recommends an alarm at 90."),
    Metric::gauge("managedMemoryUsed", Group::Resource, Unit::Bytes, Statistic::Average, RECORDS)
        .per_task_manager()
        .on(Runtimes::FlinkFrom(1, 13))
        .describe("Memory outside the Java heap that Flink manages and has handed out, mostly to RocksDB. Average is one TaskManager's or subtask's share."),
    Metric::gauge("managedMemoryTotal", Group::Resource, Unit::Bytes, Statistic::Average, RECORDS)
        .per_task_manager()
        .on(Runtimes::FlinkFrom(1, 13))
        .describe("Memory outside the Java heap that Flink manages. Average is one TaskManager's or subtask's share."),
    Metric::gauge("managedMemoryUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, RECORDS)
        .per_task_manager()
        .on(Runtimes::FlinkFrom(1, 13))
        .lower_is_better()
        .describe("Managed memory in use against what there is. RocksDB takes all it is given, so a high value alone is no alarm."),
    Metric::gauge("oldGenerationGCCount", Group::Resource, Unit::Count, Statistic::Maximum, APPLICATION)
        .counter()
        .per_task_manager()
        .lower_is_better()
        .describe("Old-generation garbage collections of the TaskManagers since they started. Watch the increase."),
    // Flink's own gauge is a running total (Status.JVM.GarbageCollector.*.Time), hence a counter here.
    Metric::gauge("oldGenerationGCTime", Group::Resource, Unit::Milliseconds, Statistic::Maximum, APPLICATION)
        .counter()
        .per_task_manager()
        .lower_is_better()
        .describe("Time spent in old-generation garbage collection. AWS describes a running total but divides it by 60,000 like a figure per minute: compare its increase with its value before you trust either."),
    Metric::gauge("threadsCount", Group::Resource, Unit::Count, Statistic::Maximum, APPLICATION)
        .per_task_manager()
        .lower_is_better()
        .describe("Live Java threads; it says nothing about parallelism. A steady climb is a thread leak."),
    // This and the next two are not in AWS's documentation; a live Flink 2.2 application lists them
    // (grafana/grafana-aws-sdk issue 488).
    Metric::gauge("metaspaceMemoryUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, APPLICATION)
        .per_task_manager()
        .lower_is_better()
        .describe("Java metaspace in use on the TaskManagers. It grows with every restart when classes leak."),
    Metric::gauge("jobmanagerHeapMemoryUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, APPLICATION)
        .lower_is_better()
        .describe("Java heap in use on the JobManager."),
    Metric::gauge("jobmanagerMetaspaceMemoryUtilization", Group::Resource, Unit::Percent, Statistic::Maximum, APPLICATION)
        .lower_is_better()
        .describe("Java metaspace in use on the JobManager."),
    // Documented without a version, but Flink registers Status.JVM.FileDescriptor only in 2.x: seen in recordings of
    // 1.20.5 and 2.2.1.
    Metric::gauge("jobmanagerFileDescriptorsMax", Group::Resource, Unit::Count, Statistic::Maximum, &[DimensionSet::Host])
        .on(Runtimes::FlinkFrom(2, 2))
        .describe("File descriptors that the JobManager may open: the limit for jobmanagerFileDescriptorsOpen."),
    Metric::gauge("jobmanagerFileDescriptorsOpen", Group::Resource, Unit::Count, Statistic::Maximum, &[DimensionSet::Host])
        .on(Runtimes::FlinkFrom(2, 2))
        .lower_is_better()
        .describe("File descriptors that the JobManager has open. A steady climb is a leak of files or connections."),
    Metric::gauge("taskmanagerFileDescriptorsMax", Group::Resource, Unit::Count, Statistic::Maximum, &[DimensionSet::TaskManager])
        .per_task_manager()
        .on(Runtimes::FlinkFrom(2, 2))
        .describe("File descriptors that a TaskManager may open: the limit for taskmanagerFileDescriptorsOpen."),
    Metric::gauge("taskmanagerFileDescriptorsOpen", Group::Resource, Unit::Count, Statistic::Maximum, &[DimensionSet::TaskManager])
        .per_task_manager()
        .on(Runtimes::FlinkFrom(2, 2))
        .lower_is_better()
        .describe("File descriptors that a TaskManager has open. A steady climb is a leak of files or connections."),
    // Cost.
    Metric::gauge("KPUs", Group::Cost, Unit::Count, Statistic::Maximum, APPLICATION)
        .hourly()
        .lower_is_better()
        .describe("Kinesis processing units billed, the one for orchestration included. There is one value per billed hour, so shorter periods look empty."),
    // Kinesis sources.
    Metric::gauge("millisBehindLatest", Group::Kinesis, Unit::Milliseconds, Statistic::Maximum, STREAM)
        .per_subtask()
        .sentinels(&[Sentinel::MinusOne("no shard of the stream has been read yet")])
        .lower_is_better()
        .describe("How far the source is behind the tip of its stream; 0 means caught up. Maximum is the shard furthest behind."),
    Metric::gauge("bytesRequestedPerFetch", Group::Kinesis, Unit::Bytes, Statistic::Average, STREAM)
        .per_subtask()
        .on(Runtimes::FlinkUpTo(1, 20))
        .describe("Bytes asked for in one GetRecords call. Only the older FlinkKinesisConsumer reports it; connector 6.0.0 for Flink 2.2 does not."),
    // Kafka sources: reported by every reading subtask.
    Metric::gauge("records_lag_max", Group::Kafka, Unit::Count, Statistic::Maximum, KAFKA)
        .per_subtask()
        .sentinels(&[Sentinel::NotANumber])
        .lower_is_better()
        .describe("Records by which the partition furthest behind lags. No value where a reader has no partition."),
    // AWS prints the unit as Bytes; the Kafka client's metric is a rate.
    Metric::gauge("bytes_consumed_rate", Group::Kafka, Unit::BytesPerSecond, Statistic::Average, KAFKA)
        .per_subtask()
        .describe("Bytes per second read from a topic, as the Kafka client computes it. Average is one reader's share."),
    Metric::gauge("commitsSucceeded", Group::Kafka, Unit::Count, Statistic::Maximum, KAFKA)
        .counter()
        .per_subtask()
        .higher_is_better()
        .describe("Offset commits that Kafka accepted since the job last started, for the reader with most of them. Commits serve outside observers only."),
    Metric::gauge("commitsFailed", Group::Kafka, Unit::Count, Statistic::Maximum, KAFKA)
        .counter()
        .per_subtask()
        .lower_is_better()
        .describe("Offset commits that Kafka refused since the job last started, for the reader with most of them. Flink's own state is not in danger."),
    Metric::gauge("currentOffsets", Group::Kafka, Unit::None, Statistic::Maximum, PARTITION)
        .per_subtask()
        .sentinels(&[Sentinel::MinusOne("no record has been read yet")])
        .higher_is_better()
        .describe("Offset that the source reads next, per partition."),
    Metric::gauge("committedOffsets", Group::Kafka, Unit::None, Statistic::Maximum, PARTITION)
        .per_subtask()
        .sentinels(&[Sentinel::MinusOne("no offset has been committed yet")])
        .higher_is_better()
        .describe("Offset last committed to Kafka, per partition. The distance to currentOffsets is what has been read and not yet committed."),
    // Studio notebooks. They publish KPUs, cpuUtilization, heapMemoryUtilization and oldGenerationGC* as well.
    Metric::gauge("zeppelinCpuUtilization", Group::Studio, Unit::Percent, Statistic::Maximum, APPLICATION)
        .on(Runtimes::Studio)
        .lower_is_better()
        .describe("Processor use of the notebook server."),
    Metric::gauge("zeppelinHeapMemoryUtilization", Group::Studio, Unit::Percent, Statistic::Maximum, APPLICATION)
        .on(Runtimes::Studio)
        .lower_is_better()
        .describe("Java heap in use on the notebook server."),
    Metric::gauge("zeppelinThreadCount", Group::Studio, Unit::Count, Statistic::Maximum, APPLICATION)
        .on(Runtimes::Studio)
        .describe("Live threads of the notebook server."),
    Metric::gauge("zeppelinWaitingJobs", Group::Studio, Unit::Count, Statistic::Maximum, APPLICATION)
        .on(Runtimes::Studio)
        .lower_is_better()
        .describe("Paragraphs of the notebook that wait for a free thread."),
    Metric::gauge("zeppelinServerUptime", Group::Studio, Unit::Seconds, Statistic::Minimum, APPLICATION)
        .on(Runtimes::Studio)
        .higher_is_better()
        .describe("Time for which the notebook server has been up."),
    // The singular is real here only (grafana/grafana-aws-sdk issue 488).
    Metric::gauge("threadCount", Group::Studio, Unit::Count, Statistic::Maximum, APPLICATION)
        .on(Runtimes::Studio)
        .describe("Live Java threads of a notebook's application. Streaming applications publish threadsCount."),
    // Legacy SQL applications share the namespace. One sample per delivery or invocation, so that here, unlike
    // everywhere else, Sum is a total and the Average of a 0-or-1 metric is a ratio.
    Metric::gauge("MillisBehindLatest", Group::LegacySql, Unit::Milliseconds, Statistic::Maximum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: how far the application is behind the tip of its input stream. Flink applications publish millisBehindLatest."),
    Metric::gauge("Bytes", Group::LegacySql, Unit::Bytes, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: bytes read or written per input or output stream."),
    Metric::gauge("Records", Group::LegacySql, Unit::Count, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: records read or written per input or output stream."),
    Metric::gauge("Success", Group::LegacySql, Unit::None, Statistic::Average, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: 1 for each delivery that succeeded and 0 for each that failed, so Average is the share of successes."),
    Metric::gauge("InputProcessing.Duration", Group::LegacySql, Unit::Milliseconds, Statistic::Maximum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: time taken by one call of the preprocessing function."),
    Metric::gauge("InputProcessing.OkRecords", Group::LegacySql, Unit::Count, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: records that the preprocessing function returned as good."),
    Metric::gauge("InputProcessing.OkBytes", Group::LegacySql, Unit::Bytes, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: bytes of the records that the preprocessing function returned as good."),
    Metric::gauge("InputProcessing.DroppedRecords", Group::LegacySql, Unit::Count, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: records that the preprocessing function asked to drop."),
    Metric::gauge("InputProcessing.ProcessingFailedRecords", Group::LegacySql, Unit::Count, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: records that the preprocessing function failed to process."),
    Metric::gauge("InputProcessing.Success", Group::LegacySql, Unit::None, Statistic::Average, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: 1 for each call of the preprocessing function that succeeded and 0 for each that failed, so Average is the share of successes."),
    Metric::gauge("LambdaDelivery.OkRecords", Group::LegacySql, Unit::Count, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: records that the output function took."),
    Metric::gauge("LambdaDelivery.DeliveryFailedRecords", Group::LegacySql, Unit::Count, Statistic::Sum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: records that the output function refused."),
    Metric::gauge("LambdaDelivery.Duration", Group::LegacySql, Unit::Milliseconds, Statistic::Maximum, SQL)
        .on(Runtimes::Sql)
        .describe("SQL applications only: time taken by one call of the output function."),
];
