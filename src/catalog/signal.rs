//! The shape of a row in the table of signals: a number people ask for, and how it is made from metrics.

use super::level::Scope;
use super::metric::{Better, Group, Unit};
use super::statistic::Statistic;

/// One signal. Ratios are 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    pub id: &'static str,
    /// Two or three words, as in a legend.
    pub title: &'static str,
    pub unit: Unit,
    pub group: Group,
    pub formula: Formula,
    /// The formula as people read it, with CloudWatch's names.
    pub formula_text: &'static str,
    /// What it means and how to read it.
    pub description: &'static str,
    pub better: Better,
    /// From the good side to the bad one: the value at which the colour changes.
    pub thresholds: &'static [Threshold],
    pub scopes: &'static [Scope],
    /// Periods shorter than this many seconds have no data.
    pub minimum_period: i64,
    /// How a table cell sums the range up.
    pub reduce: Reduce,
}

/// Rows of the table. Where nothing else is said a signal is one of an application, its newest value stands for a
/// range, and neither direction is better.
impl Signal {
    pub(super) const fn new(id: &'static str, title: &'static str, group: Group, unit: Unit, formula: Formula) -> Self {
        Self {
            id,
            title,
            unit,
            group,
            formula,
            formula_text: "",
            description: "",
            better: Better::Neutral,
            thresholds: &[],
            scopes: &[Scope::Application],
            minimum_period: 60,
            reduce: Reduce::Last,
        }
    }

    pub(super) const fn at(mut self, scopes: &'static [Scope]) -> Self {
        self.scopes = scopes;
        self
    }

    pub(super) const fn higher_is_better(mut self) -> Self {
        self.better = Better::Higher;
        self
    }

    pub(super) const fn lower_is_better(mut self) -> Self {
        self.better = Better::Lower;
        self
    }

    pub(super) const fn thresholds(mut self, thresholds: &'static [Threshold]) -> Self {
        self.thresholds = thresholds;
        self
    }

    pub(super) const fn reduce(mut self, reduce: Reduce) -> Self {
        self.reduce = reduce;
        self
    }

    pub(super) const fn hourly(mut self) -> Self {
        self.minimum_period = 3600;
        self
    }

    /// As people read it.
    pub(super) const fn formula_text(mut self, text: &'static str) -> Self {
        self.formula_text = text;
        self
    }

    pub(super) const fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }
}

/// A line that separates good from bad.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    pub value: f64,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Ok,
    Warning,
    Critical,
}

/// How the values of a range become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduce {
    /// The newest value.
    Last,
    Maximum,
    Minimum,
    Mean,
    /// The sum of all values: for increases per period.
    Total,
}

/// How a signal is made. The planner turns it into an expression over series; every metric named here is a row of
/// the metrics table. "Total" and "records" use `Sum` and `SampleCount` together (see `Sampling::Subtask`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Formula {
    /// One metric with one statistic, without sentinels, times `scale`. Several names are alternatives: the first that
    /// the application publishes.
    Gauge { metrics: &'static [&'static str], statistic: PlainStatistic, scale: f64 },
    /// The total of a rate over all subtasks of a task or operator.
    Rate { metric: &'static str },
    /// The increase per period of a counter that every subtask counts.
    Records { metric: &'static str },
    /// The increase per period of a counter that the job counts once.
    Increase { metrics: &'static [&'static str] },
    /// Records per second read by all sources. For a task or operator: its records in.
    RateIn,
    /// Records per second that enter all sinks. For a task or operator: its records out.
    RateOut,
    /// Records per second out of all source tasks.
    SourceRate,
    /// Records per second into all sink writers.
    SinkRate,
    /// As `RateIn`, counted per period.
    RecordsIn,
    /// As `RateOut`, counted per period.
    RecordsOut,
    /// Records out per record in.
    Selectivity,
    /// Sample time minus the lowest output watermark.
    WatermarkLag,
    /// The highest output watermark minus the lowest input watermark.
    WatermarkSkew,
    /// The lag that remains, divided by the speed at which it falls.
    TimeToCatchUp,
    /// What a gauge has risen by per second over the last five minutes, times `scale`; below 0 where it has fallen.
    Rise { metrics: &'static [&'static str], scale: f64 },
    /// A gauge over what it was a day before.
    Growth { metrics: &'static [&'static str] },
    /// Hottest subtask over the mean of all: `Maximum / Average` of busy time.
    Skew,
    /// Completed over completed and failed.
    CheckpointSuccessRatio,
    /// Seconds between two completed checkpoints.
    CheckpointInterval,
    /// Duration of the last checkpoint over the configured interval.
    CheckpointPressure,
    /// The share of each period in which the job ran.
    Availability,
    /// The share of time in old-generation garbage collection.
    GcPressure,
    /// The increase of old-generation collections, on the TaskManager with most of them.
    GcCollections,
    /// What CPU is left before autoscaling adds KPUs.
    CpuHeadroom,
    /// What memory is left, container or heap, whichever is less.
    MemoryHeadroom,
    /// Open over maximal file descriptors, the fullest process.
    FileDescriptors,
    /// KPUs times the price of one KPU hour.
    KpuCost,
    /// Cost per hour over source records per hour, per million.
    CostPerMillionRecords,
}

impl Formula {
    pub(super) const fn gauge(metrics: &'static [&'static str], statistic: PlainStatistic, scale: f64) -> Self {
        Self::Gauge { metrics, statistic, scale }
    }

    /// Whether an author's statistic takes the place of the formula's own: of a single metric another value of its
    /// samples. A total, a count or a ratio has none, and a number of samples is none of the signal.
    pub fn takes(&self, statistic: &Statistic) -> bool {
        matches!(self, Self::Gauge { .. }) && statistic.is_value()
    }

    /// What planning has to know of it.
    pub fn traits(&self) -> Traits {
        match self {
            Self::RateIn | Self::RateOut | Self::RecordsIn | Self::RecordsOut => {
                Traits { described: Described::AtApplication, lookback: Lookback::Minutes }
            }
            Self::SourceRate | Self::SinkRate | Self::Selectivity | Self::CostPerMillionRecords => {
                Traits { described: Described::Always, lookback: Lookback::Minutes }
            }
            Self::Rate { .. }
            | Self::Records { .. }
            | Self::Increase { .. }
            | Self::Rise { .. }
            | Self::WatermarkSkew
            | Self::TimeToCatchUp
            | Self::CheckpointSuccessRatio
            | Self::CheckpointInterval
            | Self::Availability
            | Self::GcPressure
            | Self::GcCollections => Traits { described: Described::Never, lookback: Lookback::Minutes },
            Self::Growth { .. } => Traits { described: Described::Never, lookback: Lookback::Day },
            Self::CheckpointPressure => Traits { described: Described::Always, lookback: Lookback::None },
            Self::Gauge { .. }
            | Self::KpuCost
            | Self::WatermarkLag
            | Self::Skew
            | Self::CpuHeadroom
            | Self::MemoryHeadroom
            | Self::FileDescriptors => Traits { described: Described::Never, lookback: Lookback::None },
        }
    }

    /// Why it may have no value although CloudWatch has values of its metrics, as the end of a sentence.
    pub fn why_no_value(&self) -> &'static str {
        match self {
            Self::TimeToCatchUp => "the lag is not falling, so it will not catch up",
            Self::Selectivity => "no record came in",
            Self::CostPerMillionRecords => "no record was read",
            Self::CheckpointSuccessRatio => "no checkpoint completed or failed in the time range",
            Self::CheckpointInterval => "no checkpoint completed in the time range",
            Self::Growth { .. } => "CloudWatch has no value above 0 of a day before",
            Self::Skew => "no subtask was busy",
            Self::FileDescriptors => "no process has a limit of its file descriptors",
            Self::Records { .. }
            | Self::RecordsIn
            | Self::RecordsOut
            | Self::Increase { .. }
            | Self::Rise { .. }
            | Self::WatermarkSkew
            | Self::Availability
            | Self::GcPressure
            | Self::GcCollections => {
                "it compares values that follow each other, and CloudWatch has too few in the time range. Choose a longer one"
            }
            Self::Gauge { .. }
            | Self::Rate { .. }
            | Self::RateIn
            | Self::RateOut
            | Self::SourceRate
            | Self::SinkRate
            | Self::WatermarkLag
            | Self::CheckpointPressure
            | Self::CpuHeadroom
            | Self::MemoryHeadroom
            | Self::KpuCost => NOT_ENOUGH,
        }
    }

    /// The metrics that the formula may need. For alternatives and for signals of several connectors some will do.
    pub fn metrics(&self) -> &[&'static str] {
        match self {
            Self::Gauge { metrics, .. }
            | Self::Increase { metrics }
            | Self::Rise { metrics, .. }
            | Self::Growth { metrics } => metrics,
            Self::Rate { metric } | Self::Records { metric } => std::slice::from_ref(metric),
            Self::RateIn | Self::RateOut | Self::SourceRate | Self::SinkRate | Self::Selectivity => {
                &["numRecordsInPerSecond", "numRecordsOutPerSecond"]
            }
            Self::RecordsIn | Self::RecordsOut => &["numRecordsIn", "numRecordsOut"],
            Self::WatermarkLag => &["currentOutputWatermark"],
            Self::WatermarkSkew => &["currentInputWatermark", "currentOutputWatermark"],
            Self::TimeToCatchUp => &["millisBehindLatest", "records_lag_max"],
            Self::Skew => &["busyTimeMsPerSecond"],
            Self::CheckpointSuccessRatio => &["numberOfCompletedCheckpoints", "numberOfFailedCheckpoints"],
            Self::CheckpointInterval => &["numberOfCompletedCheckpoints"],
            Self::CheckpointPressure => &["lastCheckpointDuration"],
            Self::Availability => &["runningTime", "uptime"],
            Self::GcPressure => &["oldGenerationGCTime"],
            Self::GcCollections => &["oldGenerationGCCount"],
            Self::CpuHeadroom => &["containerCPUUtilization"],
            Self::MemoryHeadroom => &["containerMemoryUtilization", "heapMemoryUtilization"],
            Self::FileDescriptors => &[
                "taskmanagerFileDescriptorsOpen",
                "taskmanagerFileDescriptorsMax",
                "jobmanagerFileDescriptorsOpen",
                "jobmanagerFileDescriptorsMax",
            ],
            Self::KpuCost => &["KPUs"],
            Self::CostPerMillionRecords => &["KPUs", "numRecordsOutPerSecond"],
        }
    }
}

/// Why there is no value where nothing else is known.
pub const NOT_ENOUGH: &str = "CloudWatch has data in the time range, but not enough to compute this";

/// What follows from a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    pub described: Described,
    pub lookback: Lookback,
}

/// Where a number is made in another way, or not at all, without the application's configuration and job plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Described {
    Never,
    /// Not for its tasks and operators.
    AtApplication,
    Always,
}

/// The buckets before the shown ones that are needed: for a difference, or to know how many subtasks there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookback {
    None,
    Minutes,
    Day,
}

/// A plain statistic in a constant table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlainStatistic {
    Average,
    Minimum,
    Maximum,
}

impl From<PlainStatistic> for Statistic {
    fn from(plain: PlainStatistic) -> Self {
        match plain {
            PlainStatistic::Average => Self::Average,
            PlainStatistic::Minimum => Self::Minimum,
            PlainStatistic::Maximum => Self::Maximum,
        }
    }
}
