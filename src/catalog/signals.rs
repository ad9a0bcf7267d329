//! Every derived signal, one row each.
//!
//! A signal is a number people ask for, made from metrics by its formula; how a formula becomes calls and arithmetic
//! is the planner's business. Ratios run from 0 to 1. Thresholds are the lines of a row of
//! the conditions; where there is none, what is normal is the application's own. The one surprise: an id may equal a
//! metric's name (`uptime`), and then means the signal, which picks the metric by runtime.

use super::conditions;
use super::level::Scope;
use super::metric::{Group, Unit};
use super::signal::{Formula, PlainStatistic, Reduce, Signal};

/// The signal with exactly this id.
pub fn signal(id: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|row| row.id == id)
}

/// All scopes, the widest first.
pub const EVERYWHERE: &[Scope] = &[Scope::Application, Scope::Task, Scope::Operator, Scope::Subtask];

/// What the threads of tasks measure: an operator has no thread of its own.
const THREADS: &[Scope] = &[Scope::Application, Scope::Task, Scope::Subtask];

/// All rows, in the order in which a drop-down groups them.
pub static SIGNALS: &[Signal] = &[
    // Throughput. A rate of Flink is (count now − count 60 s ago) / 60; recordings of real jobs show its ramps.
    Signal::new("sourceRate", "Source rate", Group::Throughput, Unit::PerSecond, Formula::SourceRate)
        .higher_is_better()
        .formula_text("Sum / 4 of numRecordsOutPerSecond at a period of 60 s, added up over the source tasks")
        .describe("Records per second that leave all source tasks: what the application takes in, after the operators that are chained to a source. Flink averages over the minute before each sample, so a step or a restart shows as a ramp of about a minute."),
    Signal::new("sinkRate", "Sink rate", Group::Throughput, Unit::PerSecond, Formula::SinkRate)
        .higher_is_better()
        .formula_text("Sum / 4 of numRecordsInPerSecond at a period of 60 s, added up over the sink writers")
        .describe("Records per second that reach all sinks: what the application writes. Flink averages over the minute before each sample, so a step or a restart shows as a ramp of about a minute."),
    Signal::new("recordsInRate", "Records in rate", Group::Throughput, Unit::PerSecond, Formula::RateIn)
        .at(EVERYWHERE)
        .higher_is_better()
        .formula_text("Sum / 4 of numRecordsInPerSecond at a period of 60 s; for an application the source rate")
        .describe("Records per second that all subtasks of a task or operator receive; for an application what its sources read. A step shows as a ramp, because Flink averages over the minute before each sample."),
    Signal::new("recordsOutRate", "Records out rate", Group::Throughput, Unit::PerSecond, Formula::RateOut)
        .at(EVERYWHERE)
        .higher_is_better()
        .formula_text("Sum / 4 of numRecordsOutPerSecond at a period of 60 s; for an application the sink rate")
        .describe("Records per second that all subtasks of a task or operator emit; for an application what reaches its sinks. A record that goes to two consumers counts once."),
    Signal::new("recordsIn", "Records in", Group::Throughput, Unit::Count, Formula::RecordsIn)
        .at(EVERYWHERE)
        .higher_is_better()
        .reduce(Reduce::Total)
        .formula_text("increase of Sum / 4 of numRecordsIn; for an application of numRecordsOut over its source tasks")
        .describe("Records received in each period, all subtasks together; for an application what its sources read. The counters start again at 0 after a restart."),
    Signal::new("recordsOut", "Records out", Group::Throughput, Unit::Count, Formula::RecordsOut)
        .at(EVERYWHERE)
        .higher_is_better()
        .reduce(Reduce::Total)
        .formula_text("increase of Sum / 4 of numRecordsOut; for an application of numRecordsIn over its sink writers")
        .describe("Records emitted in each period, all subtasks together; for an application what reaches its sinks. The counters start again at 0 after a restart."),
    Signal::new(
        "lateRecords", "Late records", Group::Throughput, Unit::Count,
        Formula::Records { metric: "numLateRecordsDropped" },
    )
    .at(EVERYWHERE)
    .lower_is_better()
    .thresholds(conditions::LATE_RECORDS.lines)
    .reduce(Reduce::Total)
    .formula_text("increase of Sum / 4 of numLateRecordsDropped")
    .describe("Records dropped in each period because their window had already closed. Anything above 0 is missing from the results."),
    Signal::new(
        "kafkaCommits", "Kafka commits", Group::Throughput, Unit::Count,
        Formula::Increase { metrics: &["commitsSucceeded"] },
    )
    .at(EVERYWHERE)
    .higher_is_better()
    .reduce(Reduce::Total)
    .formula_text("increase of Maximum of commitsSucceeded")
    .describe("Commits of offsets that Kafka accepted in each period, of the reader with most: one with every checkpoint. Flink does not need them; whoever reads the lag of the consumer group does."),
    Signal::new(
        "kafkaCommitsFailed", "Failed Kafka commits", Group::Throughput, Unit::Count,
        Formula::Increase { metrics: &["commitsFailed"] },
    )
    .at(EVERYWHERE)
    .lower_is_better()
    .reduce(Reduce::Total)
    .formula_text("increase of Maximum of commitsFailed")
    .describe("Commits of offsets that failed in each period, of the reader with most. Flink goes on from its checkpoints, so nothing is lost, but lag that others read from the consumer group is wrong."),
    Signal::new("selectivity", "Selectivity", Group::Throughput, Unit::None, Formula::Selectivity)
        .at(EVERYWHERE)
        .reduce(Reduce::Mean)
        .formula_text("records out rate / records in rate")
        .describe("Records out for each record in: below 1 for a filter, above 1 for a split. For an application, records into the sinks for each record read."),
    // Lag.
    Signal::new("watermarkLag", "Watermark lag", Group::Latency, Unit::Milliseconds, Formula::WatermarkLag)
        .at(EVERYWHERE)
        .lower_is_better()
        .thresholds(conditions::WATERMARK_LAG.lines)
        .formula_text("time of the sample − Minimum of currentOutputWatermark")
        .describe("How far event time is behind the clock, for the subtask furthest behind. It contains the out-of-orderness that the job allows; steady growth means that the job falls behind or that a partition is idle."),
    Signal::new("watermarkSkew", "Watermark skew", Group::Latency, Unit::Milliseconds, Formula::WatermarkSkew)
        .at(EVERYWHERE)
        .lower_is_better()
        .thresholds(conditions::WATERMARK_SKEW.lines)
        .formula_text("Maximum of currentOutputWatermark of the period before − Minimum of currentInputWatermark, without what the clock adds between their samples")
        .describe("Distance between the foremost watermark emitted and the hindmost received, at the start of each period. Growth points to a stalled subtask or partition, or to old events on one side of a join."),
    Signal::new(
        "consumerLagTime", "Consumer lag", Group::Latency, Unit::Milliseconds,
        Formula::gauge(&["millisBehindLatest"], PlainStatistic::Maximum, 1.0),
    )
    .lower_is_better()
    .thresholds(conditions::CONSUMER_LAG_TIME.lines)
    .formula_text("Maximum of millisBehindLatest")
    .describe("How far the Kinesis sources are behind the tip of their streams, for the shard furthest behind. 0 is caught up; a rise that goes on for half an hour means too little capacity."),
    Signal::new(
        "consumerLagRecords", "Consumer lag records", Group::Latency, Unit::Count,
        Formula::gauge(&["records_lag_max"], PlainStatistic::Maximum, 1.0),
    )
    .at(EVERYWHERE)
    .lower_is_better()
    .thresholds(conditions::CONSUMER_LAG_RECORDS.lines)
    .formula_text("Maximum of records_lag_max")
    .describe("Records by which the Kafka partition furthest behind lags. Its trend says more than its height."),
    Signal::new("timeToCatchUp", "Time to catch up", Group::Latency, Unit::Seconds, Formula::TimeToCatchUp)
        .lower_is_better()
        .formula_text("millisBehindLatest or records_lag_max / how much it falls per second")
        .describe("How long until the sources have caught up if the lag goes on falling as it does now. There is no value while the lag stands still or grows."),
    Signal::new(
        "lagGrowth", "Lag growth", Group::Latency, Unit::Ratio,
        Formula::Rise { metrics: &["millisBehindLatest"], scale: 0.001 },
    )
    .lower_is_better()
    .thresholds(conditions::LAG_GROWING.lines)
    .formula_text("rise of Maximum of millisBehindLatest over five minutes / their length")
    .describe("How fast the Kinesis sources fall behind, as a share of real time: at 20 % the lag grows by twelve seconds each minute. Below 0 they catch up."),
    Signal::new(
        "lagRecordsGrowth", "Lag growth, records", Group::Latency, Unit::PerSecond,
        Formula::Rise { metrics: &["records_lag_max"], scale: 1.0 },
    )
    .lower_is_better()
    .thresholds(conditions::LAG_RECORDS_GROWING.lines)
    .formula_text("rise of Maximum of records_lag_max over five minutes / their length")
    .describe("Records per second by which the Kafka partition furthest behind falls further behind. Below 0 it catches up."),
    // Back pressure and load. Flink refreshes these as means of the last minute too.
    Signal::new(
        "busy", "Busy", Group::Backpressure, Unit::Ratio,
        Formula::gauge(&["busyTimeMsPerSecond"], PlainStatistic::Maximum, 0.001),
    )
    .at(THREADS)
    .lower_is_better()
    .thresholds(conditions::BUSY.lines)
    .reduce(Reduce::Maximum)
    .formula_text("Maximum of busyTimeMsPerSecond / 1000")
    .describe("Share of time in which the busiest subtask works. Near 1 it is the bottleneck, unless it is back pressured as well."),
    Signal::new(
        "backPressure", "Back pressure", Group::Backpressure, Unit::Ratio,
        Formula::gauge(&["backPressuredTimeMsPerSecond"], PlainStatistic::Maximum, 0.001),
    )
    .at(THREADS)
    .lower_is_better()
    .thresholds(conditions::BACK_PRESSURE.lines)
    .reduce(Reduce::Maximum)
    .formula_text("Maximum of backPressuredTimeMsPerSecond / 1000")
    .describe("Share of time in which the most blocked subtask cannot emit. The cause is the next task downstream that is busy and not back pressured itself."),
    Signal::new(
        "idle", "Idle", Group::Backpressure, Unit::Ratio,
        Formula::gauge(&["idleTimeMsPerSecond"], PlainStatistic::Average, 0.001),
    )
    .at(THREADS)
    .reduce(Reduce::Mean)
    .formula_text("Average of idleTimeMsPerSecond / 1000")
    .describe("Share of time in which subtasks wait for input, as a mean of them all. High everywhere means more capacity than load."),
    Signal::new("skew", "Skew", Group::Backpressure, Unit::None, Formula::Skew)
        // A mean over different tasks says nothing about keys, and one subtask has no skew.
        .at(&[Scope::Task])
        .lower_is_better()
        .thresholds(conditions::SKEW.lines)
        .reduce(Reduce::Maximum)
        .formula_text("Maximum / Average of busyTimeMsPerSecond")
        .describe("The busiest subtask of a task against the mean of its subtasks: 1 is even. It matters only where the busiest one is close to its limit."),
    // Checkpoints.
    Signal::new(
        "checkpointDuration", "Checkpoint duration", Group::Checkpoint, Unit::Milliseconds,
        Formula::gauge(&["lastCheckpointDuration"], PlainStatistic::Maximum, 1.0),
    )
    .lower_is_better()
    .formula_text("Maximum of lastCheckpointDuration")
    .describe("Time that the newest completed checkpoint took. A flat line can also mean that none completes any more: look at checkpoints completed."),
    Signal::new(
        "checkpointSize", "Checkpoint size", Group::Checkpoint, Unit::Bytes,
        Formula::gauge(&["lastCheckpointSize"], PlainStatistic::Maximum, 1.0),
    )
    .lower_is_better()
    .formula_text("Maximum of lastCheckpointSize")
    .describe("Bytes that the newest checkpoint uploaded. With incremental checkpoints this is the change since the one before, and a drop after a restart is no loss of state."),
    Signal::new(
        "stateGrowth", "State growth", Group::Checkpoint, Unit::None,
        Formula::Growth { metrics: &["lastCheckpointSize"] },
    )
    .lower_is_better()
    .thresholds(conditions::STATE_GROWTH.lines)
    .hourly()
    .formula_text("Maximum of lastCheckpointSize in an hour / that of the same hour a day before")
    .describe("Size of checkpoints against that of a day before: 1 is unchanged. What keeps growing under equal load is state that nobody clears."),
    Signal::new(
        "checkpointsCompleted", "Checkpoints completed", Group::Checkpoint, Unit::Count,
        Formula::Increase { metrics: &["numberOfCompletedCheckpoints"] },
    )
    .higher_is_better()
    .reduce(Reduce::Total)
    .formula_text("increase of Maximum of numberOfCompletedCheckpoints")
    .describe("Checkpoints completed in each period. None over several intervals means that a restart would repeat ever more work."),
    Signal::new(
        "checkpointsFailed", "Checkpoints failed", Group::Checkpoint, Unit::Count,
        Formula::Increase { metrics: &["numberOfFailedCheckpoints"] },
    )
    .lower_is_better()
    .thresholds(conditions::CHECKPOINTS_FAILED.lines)
    .reduce(Reduce::Total)
    .formula_text("increase of Maximum of numberOfFailedCheckpoints")
    .describe("Checkpoints that failed in each period. One that was under way when the job restarted counts as failed."),
    Signal::new(
        "checkpointSuccessRatio", "Checkpoint success ratio", Group::Checkpoint, Unit::Ratio,
        Formula::CheckpointSuccessRatio,
    )
    .higher_is_better()
    .reduce(Reduce::Mean)
    .formula_text("increase of numberOfCompletedCheckpoints / increase of it and numberOfFailedCheckpoints")
    .describe("Share of checkpoints that completed, of those that ended in each period. There is no value where none ended."),
    Signal::new(
        "checkpointInterval", "Checkpoint interval", Group::Checkpoint, Unit::Seconds,
        Formula::CheckpointInterval,
    )
    .lower_is_better()
    .reduce(Reduce::Mean)
    .formula_text("period / increase of numberOfCompletedCheckpoints")
    .describe("Seconds between two completed checkpoints. Clearly above the configured interval, checkpoints fail or take longer than the interval."),
    Signal::new(
        "checkpointPressure", "Checkpoint pressure", Group::Checkpoint, Unit::Ratio,
        Formula::CheckpointPressure,
    )
    .lower_is_better()
    .thresholds(conditions::SLOW_CHECKPOINTS.lines)
    .formula_text("Maximum of lastCheckpointDuration / configured checkpoint interval")
    .describe("How much of the configured interval a checkpoint takes. From 1 on the job takes checkpoints back to back."),
    // Reliability.
    Signal::new(
        "restarts", "Restarts", Group::Reliability, Unit::Count,
        Formula::Increase { metrics: &["numRestarts", "fullRestarts"] },
    )
    .lower_is_better()
    .thresholds(conditions::RESTART_LOOP.lines)
    .reduce(Reduce::Total)
    .formula_text("increase of Maximum of numRestarts (fullRestarts up to Flink 1.20)")
    .describe("Restarts of the job in each period. Maintenance and scaling by AWS start a new job, which begins again at 0."),
    Signal::new("availability", "Availability", Group::Reliability, Unit::Ratio, Formula::Availability)
        .higher_is_better()
        .thresholds(conditions::AVAILABILITY.lines)
        .reduce(Reduce::Mean)
        .formula_text("share of each period in which runningTime or uptime grew, without restarts and gaps; of short runs, of the samples above 0")
        .describe("Share of each period in which the job ran. It follows uptime and restarts, since downtime can stay 0 through a whole restart; a running job can still process nothing."),
    Signal::new(
        "uptime", "Uptime", Group::Reliability, Unit::Milliseconds,
        Formula::gauge(&["runningTime", "uptime"], PlainStatistic::Minimum, 1.0),
    )
    .higher_is_better()
    .formula_text("Minimum of runningTime (uptime up to Flink 1.20)")
    .describe("Time for which the job has run without interruption. It grows by a minute each minute; a fall is a restart, a new deployment or a scaling."),
    // Resources.
    Signal::new(
        "cpu", "CPU", Group::Resource, Unit::Ratio,
        Formula::gauge(&["cpuUtilization"], PlainStatistic::Maximum, 0.01),
    )
    .lower_is_better()
    .thresholds(conditions::CPU.lines)
    .reduce(Reduce::Maximum)
    .formula_text("Maximum of cpuUtilization / 100")
    .describe("Processor use of the hottest TaskManager's Java process."),
    Signal::new(
        "containerCpu", "Container CPU", Group::Resource, Unit::Ratio,
        Formula::gauge(&["containerCPUUtilization"], PlainStatistic::Average, 0.01),
    )
    .lower_is_better()
    .thresholds(conditions::AUTOSCALING_LIMIT.lines)
    .reduce(Reduce::Mean)
    .formula_text("Average of containerCPUUtilization / 100")
    .describe("Processor use of whole containers, as the mean of all TaskManagers. Autoscaling adds KPUs when the hottest one stays at 75 %: choose Maximum for it."),
    Signal::new(
        "heap", "Heap", Group::Resource, Unit::Ratio,
        Formula::gauge(&["heapMemoryUtilization"], PlainStatistic::Maximum, 0.01),
    )
    .lower_is_better()
    .thresholds(conditions::HEAP.lines)
    .reduce(Reduce::Maximum)
    .formula_text("Maximum of heapMemoryUtilization / 100")
    .describe("Java heap in use on the fullest TaskManager. It rises and falls with garbage collection, and state in RocksDB is not part of it."),
    Signal::new(
        "containerMemory", "Container memory", Group::Resource, Unit::Ratio,
        Formula::gauge(&["containerMemoryUtilization"], PlainStatistic::Maximum, 0.01),
    )
    .lower_is_better()
    .thresholds(conditions::CONTAINER_MEMORY.lines)
    .reduce(Reduce::Maximum)
    .formula_text("Maximum of containerMemoryUtilization / 100")
    .describe("Memory of the fullest TaskManager container against its limit, RocksDB included. The best early sign of a container killed for memory."),
    Signal::new(
        "managedMemory", "Managed memory", Group::Resource, Unit::Ratio,
        Formula::gauge(&["managedMemoryUtilization"], PlainStatistic::Maximum, 0.01),
    )
    .at(EVERYWHERE)
    .lower_is_better()
    .reduce(Reduce::Maximum)
    .formula_text("Maximum of managedMemoryUtilization / 100")
    .describe("Memory managed by Flink in use, on the fullest TaskManager or subtask. RocksDB takes all it is given, so a high value alone is no alarm."),
    Signal::new("gcPressure", "GC pressure", Group::Resource, Unit::Ratio, Formula::GcPressure)
        .lower_is_better()
        .thresholds(conditions::GC_PRESSURE.lines)
        .reduce(Reduce::Maximum)
        .formula_text("increase of Maximum of oldGenerationGCTime / length of the period")
        .describe("Share of time that the TaskManagers spend in old-generation garbage collection. Steady growth is a memory leak or too small a heap."),
    Signal::new("gcCollections", "GC collections", Group::Resource, Unit::Count, Formula::GcCollections)
        .lower_is_better()
        .reduce(Reduce::Total)
        .formula_text("increase of Maximum of oldGenerationGCCount")
        .describe("Old-generation garbage collections in each period, on the TaskManager that had the most. Many of them that free little come before an out-of-memory error."),
    Signal::new(
        "threadGrowth", "Thread growth", Group::Resource, Unit::None,
        Formula::Growth { metrics: &["threadsCount"] },
    )
    .lower_is_better()
    .thresholds(conditions::THREAD_GROWTH.lines)
    .hourly()
    .formula_text("Maximum of threadsCount in an hour / that of the same hour a day before")
    .describe("Java threads against those of a day before: 1 is unchanged. Growth without a change of parallelism is a leak."),
    Signal::new("cpuHeadroom", "CPU headroom", Group::Resource, Unit::Ratio, Formula::CpuHeadroom)
        .higher_is_better()
        .thresholds(conditions::CPU_HEADROOM.lines)
        .reduce(Reduce::Minimum)
        .formula_text("0.75 − Maximum of containerCPUUtilization / 100")
        .describe("What the hottest container has left before autoscaling adds KPUs; at 0 or below it does so after 15 minutes. Lag or back pressure with much headroom left is something autoscaling will not cure."),
    Signal::new("memoryHeadroom", "Memory headroom", Group::Resource, Unit::Ratio, Formula::MemoryHeadroom)
        .higher_is_better()
        .thresholds(conditions::MEMORY_HEADROOM.lines)
        .reduce(Reduce::Minimum)
        .formula_text("1 − Maximum of containerMemoryUtilization or heapMemoryUtilization / 100, whichever is higher")
        .describe("Memory left on the fullest TaskManager, of its container or its Java heap, whichever has less."),
    Signal::new("fileDescriptors", "File descriptors", Group::Resource, Unit::Ratio, Formula::FileDescriptors)
        .lower_is_better()
        .reduce(Reduce::Maximum)
        .formula_text("taskmanagerFileDescriptorsOpen / taskmanagerFileDescriptorsMax, and the same for the JobManager")
        .describe("Open file descriptors against the limit, for the process closest to it. A steady climb is a leak of files or connections."),
    // Cost. AWS bills by the hour, and publishes KPUs once per billed hour.
    Signal::new("kpus", "KPUs", Group::Cost, Unit::Count, Formula::gauge(&["KPUs"], PlainStatistic::Maximum, 1.0))
        .lower_is_better()
        .hourly()
        .formula_text("Maximum of KPUs at a period of an hour or more")
        .describe("Kinesis processing units billed in each hour, the one for orchestration included."),
    Signal::new("kpuCost", "KPU cost", Group::Cost, Unit::DollarsPerHour, Formula::KpuCost)
        .lower_is_better()
        .hourly()
        .formula_text("Maximum of KPUs × price of one KPU hour")
        .describe("Cost of the billed KPUs per hour, at the price set in the data source. Storage, snapshots and logs are not part of it."),
    Signal::new(
        "costPerMillionRecords", "Cost per million records", Group::Cost, Unit::Dollars,
        Formula::CostPerMillionRecords,
    )
    .lower_is_better()
    .reduce(Reduce::Mean)
    .hourly()
    .formula_text("KPU cost / (source rate × 3600) × 1,000,000")
    .describe("KPU cost of an hour divided by the records read in it, for a million of them. It falls as load grows until the application has to scale."),
];
