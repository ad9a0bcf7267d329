//! The shape of a row in the table of metrics.

use std::fmt;

use super::level::DimensionSet;
use super::runtime::Runtime;
use super::statistic::Statistic;

/// One metric of the namespace `AWS/KinesisAnalytics`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// CloudWatch's name; case matters.
    pub name: &'static str,
    pub unit: Unit,
    pub group: Group,
    /// The statistic that answers the usual question; see [`Sampling`] for totals.
    pub statistic: Statistic,
    pub kind: MetricKind,
    pub sampling: Sampling,
    /// Dimension sets on which the metric is known or likely to exist. ListMetrics decides; this only explains absence.
    pub sets: &'static [DimensionSet],
    pub sentinels: &'static [Sentinel],
    pub runtimes: Runtimes,
    pub better: Better,
    /// One or two sentences for people: what it is, and how to read it.
    pub description: &'static str,
}

/// Rows of the table. Where nothing else is said the job itself publishes the metric, once a snapshot, on all versions
/// of Flink, and neither direction is better.
impl Metric {
    pub(super) const fn gauge(
        name: &'static str,
        group: Group,
        unit: Unit,
        statistic: Statistic,
        sets: &'static [DimensionSet],
    ) -> Self {
        Self {
            name,
            unit,
            group,
            statistic,
            kind: MetricKind::Gauge,
            sampling: Sampling::Single,
            sets,
            sentinels: &[],
            runtimes: Runtimes::AllFlink,
            better: Better::Neutral,
            description: "",
        }
    }

    pub(super) const fn counter(mut self) -> Self {
        self.kind = MetricKind::Counter;
        self
    }

    pub(super) const fn rate(mut self) -> Self {
        self.kind = MetricKind::Rate;
        self
    }

    pub(super) const fn per_subtask(mut self) -> Self {
        self.sampling = Sampling::Subtask;
        self
    }

    pub(super) const fn per_task_manager(mut self) -> Self {
        self.sampling = Sampling::TaskManager;
        self
    }

    pub(super) const fn hourly(mut self) -> Self {
        self.sampling = Sampling::Hourly;
        self
    }

    pub(super) const fn on(mut self, runtimes: Runtimes) -> Self {
        self.runtimes = runtimes;
        self
    }

    pub(super) const fn sentinels(mut self, sentinels: &'static [Sentinel]) -> Self {
        self.sentinels = sentinels;
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

    pub(super) const fn describe(mut self, description: &'static str) -> Self {
        self.description = description;
        self
    }
}

/// What the values measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    Count,
    /// Records per second.
    PerSecond,
    Bytes,
    BytesPerSecond,
    Milliseconds,
    /// Milliseconds of each second: 0 to 1000.
    MillisecondsPerSecond,
    /// Milliseconds since the Unix epoch.
    EpochMilliseconds,
    Seconds,
    /// 0 to 100.
    Percent,
    /// 0 to 1.
    Ratio,
    /// United States dollars.
    Dollars,
    /// Dollars per hour.
    DollarsPerHour,
    None,
}

impl Unit {
    /// Grafana's id of the unit.
    pub fn grafana(self) -> &'static str {
        match self {
            Self::Count => "short",
            Self::None => "none",
            Self::PerSecond => "recps",
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "Bps",
            Self::Milliseconds | Self::MillisecondsPerSecond => "ms",
            Self::EpochMilliseconds => "dateTimeAsIso",
            Self::Seconds => "s",
            Self::Percent => "percent",
            Self::Ratio => "percentunit",
            Self::Dollars | Self::DollarsPerHour => "currencyUSD",
        }
    }
}

/// The heading under which a drop-down lists the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    Throughput,
    Backpressure,
    Latency,
    Checkpoint,
    Reliability,
    Resource,
    Kinesis,
    Kafka,
    Cost,
    Studio,
    LegacySql,
}

/// How the values move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// A mean per second that Flink computes over the 60 s before each sample.
    Rate,
    /// Grows until a restart sets it back to 0.
    Counter,
    Gauge,
}

/// Who sends samples under one dimension set; decides what `Sum`, `Average` and `SampleCount` mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sampling {
    /// Every subtask, four times a minute: total = `Sum / (4 · period / 60)`, `Average` is the mean per subtask.
    Subtask,
    /// Every TaskManager.
    TaskManager,
    /// The job once, several times a minute: `Sum` means nothing.
    Single,
    /// Once per billed hour: shorter periods than 3600 s are mostly empty.
    Hourly,
}

/// A value that says "no value", with what it says of the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sentinel {
    /// −1: not known yet, or finished.
    MinusOne(&'static str),
    /// ≤ −9.2e18: not known yet.
    LongMinimum(&'static str),
    /// ≥ 9.2e18: finished.
    LongMaximum(&'static str),
    /// Not a number, which CloudWatch keeps no value for.
    NotANumber,
}

impl Sentinel {
    /// Whether a statistic's value is this sentinel, or mixed with it: an average over subtasks of which one is at −1
    /// lies below 0, and one with a watermark of Long.MIN far outside of any calendar. What carries these sentinels is
    /// never negative, nor beyond 1e15 ms.
    pub fn hides(self, value: f64) -> bool {
        match self {
            Self::MinusOne(_) => value < 0.0,
            Self::LongMinimum(_) => value <= -1e15,
            Self::LongMaximum(_) => value >= 1e15,
            Self::NotANumber => value.is_nan(),
        }
    }

    /// What it says of the job, as the end of a sentence. Of what CloudWatch keeps no value for nobody can tell.
    pub fn meaning(self) -> Option<&'static str> {
        match self {
            Self::MinusOne(meaning) | Self::LongMinimum(meaning) | Self::LongMaximum(meaning) => Some(meaning),
            Self::NotANumber => None,
        }
    }
}

/// The runtimes that publish a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runtimes {
    AllFlink,
    /// Flink from this version on, as (major, minor).
    FlinkFrom(u8, u8),
    /// Flink up to and including this version.
    FlinkUpTo(u8, u8),
    Studio,
    Sql,
}

impl Runtimes {
    /// Whether applications on `runtime` publish the metric. An unknown runtime is given the benefit of the doubt, and
    /// a notebook runs Flink.
    pub fn cover(self, runtime: &Runtime) -> bool {
        match (self, runtime) {
            (_, Runtime::Other(_)) => true,
            (Self::AllFlink, runtime) => *runtime != Runtime::Sql,
            (Self::FlinkFrom(major, minor), Runtime::Flink(a, b)) => (*a, *b) >= (major, minor),
            (Self::FlinkUpTo(major, minor), Runtime::Flink(a, b)) => (*a, *b) <= (major, minor),
            (Self::FlinkFrom(..) | Self::FlinkUpTo(..) | Self::Studio, runtime) => {
                matches!(runtime, Runtime::Studio(_))
            }
            (Self::Sql, runtime) => *runtime == Runtime::Sql,
        }
    }
}

impl fmt::Display for Runtimes {
    /// As part of a sentence: `Flink 2.2 and later`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllFlink => f.write_str("all Flink versions"),
            Self::FlinkFrom(major, minor) => write!(f, "Flink {major}.{minor} and later"),
            Self::FlinkUpTo(major, minor) => write!(f, "Flink {major}.{minor} and earlier"),
            Self::Studio => f.write_str("Studio notebooks"),
            Self::Sql => f.write_str("SQL applications"),
        }
    }
}

/// Which way is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    Higher,
    Lower,
    Neutral,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_cover_the_versions_that_publish() {
        let covers = |runtimes: Runtimes, text| runtimes.cover(&Runtime::parse(text));
        assert!(covers(Runtimes::FlinkFrom(2, 2), "FLINK-2_2"));
        assert!(!covers(Runtimes::FlinkFrom(2, 2), "FLINK-1_20"));
        assert!(covers(Runtimes::FlinkUpTo(1, 20), "FLINK-1_8"));
        assert!(!covers(Runtimes::FlinkUpTo(1, 20), "FLINK-2_2"));
        assert!(covers(Runtimes::AllFlink, "ZEPPELIN-FLINK-3_0"));
        assert!(!covers(Runtimes::AllFlink, "SQL-1_0"));
        assert!(!covers(Runtimes::Studio, "FLINK-1_20"));
        assert!(covers(Runtimes::Sql, "SQL-1_0"));
        assert!(covers(Runtimes::Sql, "FLINK-next"));
        assert_eq!(Runtimes::FlinkFrom(2, 2).to_string(), "Flink 2.2 and later");
    }

    #[test]
    fn sentinels_are_told_from_values() {
        let (unknown, before, after) = (Sentinel::MinusOne(""), Sentinel::LongMinimum(""), Sentinel::LongMaximum(""));
        assert!(unknown.hides(-1.0) && !unknown.hides(0.0));
        assert!(before.hides(i64::MIN as f64) && after.hides(i64::MAX as f64));
        assert!(!before.hides(1_795_253_643_723.0) && !after.hides(1_795_253_643_723.0));
        assert!(Sentinel::NotANumber.hides(f64::NAN));
    }
}
