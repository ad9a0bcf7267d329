//! The one table of conditions: what makes an application degraded or failing.
//!
//! The verdict of the fleet table (`compute::verdict`), the alert rules that ship (`tests/it/alerts`) and the lines
//! that panels draw (`Signal::thresholds`) are made from these rows, so that what fires, what is red and what is said
//! are the same. A warning is something to look at within the day; critical means that the application does not do its
//! work, or soon will not.

use super::condition::{Also, Condition, Side, Spoken, Summary, Verdict};
use super::signal::{State, Threshold};

/// The signals that every verdict rests on, each once, with the seconds of their buckets.
pub fn verdict_signals() -> Vec<(&'static str, i64)> {
    let mut asked: Vec<(&'static str, i64)> = Vec::new();
    for row in CONDITIONS.iter().filter(|row| row.verdict == Verdict::Asked) {
        for id in std::iter::once(row.signal).chain(row.also.map(|also| also.signal)) {
            if !asked.iter().any(|(known, _)| *known == id) {
                asked.push((id, row.period));
            }
        }
    }
    asked
}

/// The longest window of what a verdict asks for. What happened before the end of a range by more is no part of it.
pub const VERDICT_MINUTES: i64 = 60;

const fn warning(value: f64) -> Threshold {
    Threshold { value, state: State::Warning }
}

const fn critical(value: f64) -> Threshold {
    Threshold { value, state: State::Critical }
}

const EVERY: &str = "any metrics level";
const TASKS: &str = "metrics level TASK";
const KINESIS: &str = "a Kinesis source";
const KAFKA: &str = "a Kafka source";
const EVENT_TIME: &str = "watermarks";

/// What the rows have in common.
const BASE: Condition = Condition {
    id: "",
    signal: "",
    summary: Summary::Mean,
    minutes: 10,
    period: 60,
    lasting: 0,
    side: Side::Above,
    lines: &[],
    also: None,
    value: Spoken::Nothing,
    words: "",
    verdict: Verdict::Asked,
    needs: EVERY,
};

/// Half of ten minutes: a deployment or scaling takes a minute or two of them.
pub const NOT_RUNNING: Condition = Condition {
    id: "not-running",
    signal: "availability",
    side: Side::Below,
    lines: &[critical(0.5)],
    value: Spoken::Percent,
    words: "ran for {value} of the last 10 minutes",
    ..BASE
};

/// The lines of panels: three nines is the service's own promise (AWS's SLA), 0.95 half an hour of ten.
pub const AVAILABILITY: Condition = Condition {
    id: "availability",
    signal: "availability",
    side: Side::Below,
    lines: &[warning(0.999), critical(0.95)],
    value: Spoken::Percent,
    words: "ran for {value} of the time",
    verdict: Verdict::Never,
    ..BASE
};

/// AWS's guidance on uptime calls an application unstable that starts again more than twice in an hour.
pub const RESTART_LOOP: Condition = Condition {
    id: "restart-loop",
    signal: "restarts",
    summary: Summary::Total,
    minutes: 60,
    lines: &[warning(1.0), critical(3.0)],
    value: Spoken::Counted { one: "restart", many: "restarts" },
    words: "{value} within an hour",
    ..BASE
};

/// The verdict knows how long an application has been silent.
pub const SILENT: Condition = Condition {
    id: "silent",
    signal: "uptime",
    lasting: 5,
    summary: Summary::Count,
    minutes: 15,
    side: Side::Below,
    lines: &[critical(1.0)],
    words: "nothing published for 15 minutes",
    verdict: Verdict::Never,
    ..BASE
};

/// Busy time near 1 with nothing read: what a job shows that restarts all the time, or hangs in one record.
pub const STALLED: Condition = Condition {
    id: "stalled",
    signal: "busy",
    lines: &[critical(0.99)],
    also: Some(Also { signal: "sourceRate", summary: Summary::Highest, side: Side::Below, line: 0.001 }),
    words: "stalled: fully busy, nothing read",
    needs: TASKS,
    ..BASE
};

/// A Kinesis stream keeps records for 24 hours unless it is set otherwise (Kinesis, "Change the data retention
/// period").
pub const LAG_NEAR_RETENTION: Condition = Condition {
    id: "lag-near-retention",
    signal: "consumerLagTime",
    lasting: 5,
    summary: Summary::Lowest,
    lines: &[critical(20.0 * HOUR)],
    value: Spoken::Time,
    words: "{value} behind its Kinesis stream, which keeps 24 hours by default",
    needs: KINESIS,
    ..BASE
};

/// One minute is the line of AWS's sample dashboards (aws-samples/kda-metrics-dashboard).
pub const CONSUMER_LAG_TIME: Condition = Condition {
    id: "consumer-lag-time",
    signal: "consumerLagTime",
    lasting: 5,
    summary: Summary::Lowest,
    lines: &[warning(MINUTE), critical(15.0 * MINUTE)],
    value: Spoken::Time,
    words: "{value} behind its Kinesis stream",
    needs: KINESIS,
    ..BASE
};

/// Nobody draws a general line for records: a million in one partition is minutes of most topics.
pub const CONSUMER_LAG_RECORDS: Condition = Condition {
    id: "consumer-lag-records",
    signal: "consumerLagRecords",
    lasting: 5,
    summary: Summary::Lowest,
    lines: &[warning(1e6)],
    value: Spoken::Many,
    words: "{value} records behind in its worst partition",
    needs: KAFKA,
    ..BASE
};

/// A rise through half an hour means too little capacity (AWS's guidance on millisBehindLatest). The line keeps out
/// noise: 18 seconds in half an hour.
pub const LAG_GROWING: Condition = Condition {
    id: "lag-growing",
    signal: "lagGrowth",
    summary: Summary::Lowest,
    minutes: 30,
    lines: &[warning(0.01)],
    value: Spoken::Percent,
    words: "falling further behind its Kinesis stream for half an hour, by {value} of the time or more",
    needs: KINESIS,
    ..BASE
};

/// The same for Kafka, whose lag is known in records only.
pub const LAG_RECORDS_GROWING: Condition = Condition {
    id: "lag-records-growing",
    signal: "lagRecordsGrowth",
    summary: Summary::Lowest,
    minutes: 30,
    lines: &[warning(1.0)],
    value: Spoken::Many,
    words: "falling further behind its topic for half an hour, by {value} records a second or more",
    needs: KAFKA,
    ..BASE
};

pub const NO_OUTPUT: Condition = Condition {
    id: "no-output",
    signal: "sinkRate",
    summary: Summary::Highest,
    minutes: 30,
    side: Side::Below,
    lines: &[warning(0.01)],
    words: "nothing written for half an hour",
    needs: TASKS,
    ..BASE
};

/// Every one is missing from the results, but a few are normal for most jobs with windows.
pub const LATE_RECORDS: Condition = Condition {
    id: "late-records",
    signal: "lateRecords",
    summary: Summary::Total,
    minutes: 60,
    lines: &[warning(1.0)],
    value: Spoken::Counted { one: "record", many: "records" },
    words: "{value} dropped as late within an hour",
    verdict: Verdict::Never,
    needs: EVENT_TIME,
    ..BASE
};

pub const WATERMARK_LAG: Condition = Condition {
    id: "watermark-lag",
    signal: "watermarkLag",
    summary: Summary::Lowest,
    lines: &[warning(15.0 * MINUTE)],
    value: Spoken::Time,
    words: "event time {value} behind the clock",
    needs: EVENT_TIME,
    ..BASE
};

pub const WATERMARK_SKEW: Condition = Condition {
    id: "watermark-skew",
    signal: "watermarkSkew",
    summary: Summary::Lowest,
    lines: &[warning(10.0 * MINUTE)],
    value: Spoken::Time,
    words: "watermarks {value} apart",
    needs: EVENT_TIME,
    ..BASE
};

/// Flink itself calls half of the time HIGH (its page "Monitoring Back Pressure"); what is below needs nobody.
pub const BACK_PRESSURE: Condition = Condition {
    id: "back-pressure",
    signal: "backPressure",
    lines: &[warning(0.5)],
    value: Spoken::Percent,
    words: "back pressured for {value} of the time",
    ..BASE
};

/// Under 800 ms of each second is healthy in AWS's guidance on monitoring Flink applications. Busy alone is no trouble.
pub const BUSY: Condition = Condition {
    id: "busy",
    signal: "busy",
    lines: &[warning(0.8)],
    value: Spoken::Percent,
    words: "busy for {value} of the time",
    verdict: Verdict::Never,
    ..BASE
};

/// A factor of 3 is what a published benchmark on the service took as suspicious; AWS draws no line.
pub const SKEW: Condition = Condition {
    id: "skew",
    signal: "skew",
    lines: &[warning(3.0)],
    value: Spoken::Decimal,
    words: "the busiest subtask does {value} times the mean",
    verdict: Verdict::Never,
    needs: TASKS,
    ..BASE
};

/// AWS's recommended alarm: the gradient of numberOfFailedCheckpoints above 0.
pub const CHECKPOINTS_FAILED: Condition = Condition {
    id: "checkpoints-failed",
    signal: "checkpointsFailed",
    summary: Summary::Total,
    minutes: 15,
    lines: &[warning(1.0)],
    value: Spoken::Counted { one: "failed checkpoint", many: "failed checkpoints" },
    words: "{value} within 15 minutes",
    ..BASE
};

pub const NO_CHECKPOINT: Condition = Condition {
    id: "no-checkpoint",
    signal: "checkpointsCompleted",
    summary: Summary::Total,
    minutes: 60,
    side: Side::Below,
    lines: &[critical(1.0)],
    words: "no checkpoint completed for an hour",
    needs: "Flink 2",
    ..BASE
};

/// AWS's guidance on tuning checkpoints: healthy below half the interval, back to back from a whole one on. Either way
/// the job works, and slower.
pub const SLOW_CHECKPOINTS: Condition = Condition {
    id: "slow-checkpoints",
    signal: "checkpointPressure",
    minutes: 15,
    lines: &[warning(0.5)],
    value: Spoken::Percent,
    words: "a checkpoint takes {value} of its interval",
    needs: "kinesisanalytics:DescribeApplication",
    ..BASE
};

/// What is large is the application's own; twice of yesterday's at the same hour is worth a look everywhere.
pub const STATE_GROWTH: Condition = Condition {
    id: "state-growth",
    signal: "stateGrowth",
    summary: Summary::Last,
    minutes: 60,
    lines: &[warning(2.0)],
    value: Spoken::Decimal,
    words: "checkpoints {value} times as large as a day ago",
    ..BASE
};

/// Half as many more than yesterday is a leak, or another parallelism.
pub const THREAD_GROWTH: Condition = Condition {
    id: "thread-growth",
    signal: "threadGrowth",
    summary: Summary::Last,
    minutes: 60,
    lines: &[warning(1.5)],
    value: Spoken::Decimal,
    words: "{value} times as many threads as a day ago",
    ..BASE
};

/// AWS's recommended alarm, for scaling before it is too late.
pub const CPU: Condition = Condition {
    id: "cpu",
    signal: "cpu",
    lines: &[warning(0.8)],
    value: Spoken::Percent,
    words: "{value} of its hottest TaskManager's CPU used",
    ..BASE
};

/// AWS's recommended alarm.
pub const HEAP: Condition = Condition {
    id: "heap",
    signal: "heap",
    lines: &[warning(0.9)],
    value: Spoken::Percent,
    words: "{value} of its Java heap used",
    ..BASE
};

/// AWS's guidance adds an alarm above 85 % to the one on the heap.
pub const CONTAINER_MEMORY: Condition = Condition {
    id: "container-memory",
    signal: "containerMemory",
    lines: &[warning(0.85)],
    value: Spoken::Percent,
    words: "{value} of its fullest container's memory used",
    ..BASE
};

/// The alarm line of AWS's sample dashboards (aws-samples/kda-metrics-dashboard).
pub const GC_PRESSURE: Condition = Condition {
    id: "gc-pressure",
    signal: "gcPressure",
    minutes: 15,
    period: QUARTER,
    lines: &[warning(0.6)],
    value: Spoken::Percent,
    words: "{value} of the time in old-generation garbage collection",
    ..BASE
};

/// Fifteen minutes of the hottest container at or above 75 % make AWS's autoscaling add KPUs, up to a maximum that no
/// metric tells (AWS, "Use automatic scaling"). A mean of all above that for three times as long is taken to mean that
/// it is off, or cannot.
pub const AUTOSCALING_LIMIT: Condition = Condition {
    id: "autoscaling-limit",
    signal: "containerCpu",
    minutes: 45,
    period: QUARTER,
    lines: &[warning(0.75)],
    value: Spoken::Percent,
    words: "{value} of its containers' CPU used for 45 minutes, so autoscaling seems to be off or at its maximum",
    ..BASE
};

/// Nine tenths of the 64 KPUs that an application may have unless AWS has raised that (AWS, "Implement application
/// scaling"); the one for orchestration is billed on top of them. No metric tells the quota. The verdict knows the KPUs
/// from the description.
pub const KPU_QUOTA: Condition = Condition {
    id: "kpu-quota",
    signal: "kpus",
    summary: Summary::Last,
    minutes: 120,
    lines: &[warning(57.0)],
    value: Spoken::Counted { one: "KPU", many: "KPUs" },
    words: "{value}, close to AWS's default quota of 64",
    verdict: Verdict::Described,
    ..BASE
};

/// What that line leaves.
pub const CPU_HEADROOM: Condition = Condition {
    id: "cpu-headroom",
    signal: "cpuHeadroom",
    side: Side::Below,
    lines: &[warning(0.0)],
    value: Spoken::Percent,
    words: "{value} of CPU left before autoscaling acts",
    verdict: Verdict::Never,
    ..BASE
};

/// What AWS's lines of 85 % for the container and 90 % for the heap leave.
pub const MEMORY_HEADROOM: Condition = Condition {
    id: "memory-headroom",
    signal: "memoryHeadroom",
    side: Side::Below,
    lines: &[warning(0.15), critical(0.1)],
    value: Spoken::Percent,
    words: "{value} of its memory left",
    verdict: Verdict::Never,
    ..BASE
};

/// Seconds of a quarter of an hour.
const QUARTER: i64 = 900;
const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 60.0 * MINUTE;

/// All rows, the most urgent first: of several that hold with the same state, the verdict names the first.
pub static CONDITIONS: &[&Condition] = &[
    &NOT_RUNNING,
    &SILENT,
    &STALLED,
    &RESTART_LOOP,
    &LAG_NEAR_RETENTION,
    &NO_CHECKPOINT,
    &CONSUMER_LAG_TIME,
    &CONSUMER_LAG_RECORDS,
    &LAG_GROWING,
    &LAG_RECORDS_GROWING,
    &NO_OUTPUT,
    &SLOW_CHECKPOINTS,
    &CHECKPOINTS_FAILED,
    &WATERMARK_LAG,
    &WATERMARK_SKEW,
    &BACK_PRESSURE,
    &CONTAINER_MEMORY,
    &HEAP,
    &GC_PRESSURE,
    &AUTOSCALING_LIMIT,
    &CPU,
    &KPU_QUOTA,
    &STATE_GROWTH,
    &THREAD_GROWTH,
    &AVAILABILITY,
    &LATE_RECORDS,
    &BUSY,
    &SKEW,
    &CPU_HEADROOM,
    &MEMORY_HEADROOM,
];
