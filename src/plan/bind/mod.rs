//! Binds a signal to the series of one target: from a row of the catalogue to an expression.

mod counted;
mod derived;
mod throughput;

use std::collections::BTreeSet;
use std::sync::Arc;

use throughput::Flow;

use crate::catalog::aliases::equivalents;
use crate::catalog::level::{DimensionSet, MetricsLevel};
use crate::catalog::metric::{Metric, MetricKind, Sampling};
use crate::catalog::metrics;
use crate::catalog::signal::{Formula, Signal};
use crate::catalog::statistic::Statistic;
use crate::place::ApplicationName;
use crate::plan::absence::Absence;
use crate::plan::at::At;
use crate::plan::call::SeriesKey;
use crate::plan::expr::{Arrived, Counter, Expr, Grid, Reading, Sampled, SeriesId};
use crate::plan::grid::Use;
use crate::plan::known::Application;
use crate::plan::series::{Group, NewSeries, SeriesTable};
use crate::query::Origin;
use crate::topology::inventory::Entry;

/// Makes expressions for one application, query and grid.
pub(super) struct Binder<'a, 'f> {
    pub application: &'a Application<'f>,
    pub table: &'a mut SeriesTable,
    pub group: &'a Group,
    /// A group whose series are taken where it has them already.
    pub beside: Option<&'a Group>,
    pub grid: Grid,
    /// The grid in whose buckets is counted.
    pub fine: Grid,
    /// The grid with the shortest buckets for this range.
    pub finest: Grid,
    pub usage: Use,
    pub origin: Origin,
    /// The author's own statistic.
    pub statistic: Option<&'a Statistic>,
    /// Price of one KPU hour in dollars.
    pub kpu_price: f64,
    /// Remarks about how the answer was made.
    pub remarks: Vec<Remark>,
}

/// What a reader should know of an answer that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// Throughput of the whole application: every task counts each record once.
    ApplicationMix,
    /// What enters the sink's task, whose chain may filter or multiply before the sink.
    SinkTask,
    /// Sources or sinks of an earlier deployment that the range reaches back to.
    FormerEnds,
}

impl Remark {
    /// What is said of these applications.
    pub fn describe(self, names: &BTreeSet<ApplicationName>) -> String {
        let names = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        match self {
            Self::ApplicationMix => format!(
                "Throughput of {names} is the application's own series, which counts each record once per task: no task-level series are published. Raise the metrics level to TASK or higher."
            ),
            Self::FormerEnds => format!(
                "The range begins before the last update of {names}: what was read and written by sources and sinks that the job no longer has is left out. An operator query shows these tasks."
            ),
            Self::SinkTask => format!(
                "The sink rate of {names} is taken at the sink's task, which may filter or multiply records before the sink. The metrics level OPERATOR shows the sink itself."
            ),
        }
    }
}

/// Where an application's own value may stand, plainest first.
const APPLICATION_SETS: &[DimensionSet] = &[
    DimensionSet::Application,
    DimensionSet::Flow,
    DimensionSet::Stream,
    DimensionSet::Topic,
    DimensionSet::Host,
    DimensionSet::TaskManager,
    DimensionSet::Task,
    DimensionSet::Shard,
    DimensionSet::Partition,
];

pub(super) type Bound = Result<Expr, Absence>;

impl<'f> Binder<'_, 'f> {
    /// A signal at a target.
    pub fn signal(&mut self, signal: &Signal, at: &At) -> Bound {
        if !signal.scopes.contains(&at.scope()) {
            return Err(Absence::NotAtScope { scope: at.scope() });
        }
        self.statistic = self.statistic.filter(|statistic| signal.formula.takes(statistic));
        self.formula(signal.formula, at)
    }

    /// A metric as CloudWatch has it: totals for what every subtask reports, else the usual statistic.
    pub fn metric(&mut self, metric: &'static Metric, at: &At) -> Bound {
        match (metric.sampling, metric.kind) {
            (Sampling::Subtask, MetricKind::Rate) => self.rate(metric.name, at),
            (Sampling::Subtask, MetricKind::Counter) => self.level(metric.name, at),
            (Sampling::Subtask, MetricKind::Gauge)
            | (Sampling::TaskManager | Sampling::Single | Sampling::Hourly, _) => {
                // The same number may be published under another name: fullRestarts became numRestarts.
                let names: Vec<_> =
                    std::iter::once(metric.name).chain(equivalents(metric.name).iter().copied()).collect();
                self.gauge(&names, &metric.statistic, at)
            }
        }
    }

    pub(super) fn formula(&mut self, formula: Formula, at: &At) -> Bound {
        match formula {
            Formula::Gauge { metrics, statistic, scale } => {
                Ok(self.gauge(metrics, &statistic.into(), at)?.scaled(scale))
            }
            Formula::Rise { metrics, scale } => {
                Ok(Expr::Rise(Box::new(self.plain(metrics, &Statistic::Maximum, at)?)).scaled(scale))
            }
            Formula::Growth { metrics } => Ok(Expr::Growth(Box::new(self.plain(metrics, &Statistic::Maximum, at)?))),
            Formula::Rate { metric } => self.rate(metric, at),
            Formula::Records { metric } => self.records(metric, at),
            Formula::Increase { metrics } => self.counted(metrics, at),
            Formula::RateIn => self.flow_in(Flow::Rate, at),
            Formula::RateOut => self.flow_out(Flow::Rate, at),
            Formula::RecordsIn => self.flow_in(Flow::Records, at),
            Formula::RecordsOut => self.flow_out(Flow::Records, at),
            Formula::SourceRate => self.sources(Flow::Rate),
            Formula::SinkRate => self.sinks(Flow::Rate),
            Formula::Selectivity => self.selectivity(at),
            Formula::WatermarkLag => self.watermark_lag(at),
            Formula::WatermarkSkew => self.watermark_skew(at),
            Formula::TimeToCatchUp => self.time_to_catch_up(at),
            Formula::Skew => self.skew(at),
            Formula::CheckpointSuccessRatio => self.checkpoint_success_ratio(at),
            Formula::CheckpointInterval => self.checkpoint_interval(at),
            Formula::CheckpointPressure => self.checkpoint_pressure(at),
            Formula::Availability => self.availability(at),
            Formula::GcPressure => self.gc_pressure(at),
            Formula::GcCollections => self.gc_collections(at),
            Formula::CpuHeadroom => self.cpu_headroom(at),
            Formula::MemoryHeadroom => self.memory_headroom(at),
            Formula::FileDescriptors => self.file_descriptors(at),
            Formula::KpuCost => Ok(self.kpus(at)?.scaled(self.kpu_price)),
            Formula::CostPerMillionRecords => {
                let cost = self.kpus(at)?.scaled(self.kpu_price);
                let millions = self.sources(Flow::Rate)?.scaled(3600.0 / 1e6);
                Ok(cost.ratio(millions))
            }
        }
    }

    fn kpus(&mut self, at: &At) -> Bound {
        self.gauge(&["KPUs"], &Statistic::Maximum, at)
    }

    /// One statistic of the first of `names` that exists at the target; the author's statistic comes first.
    pub(super) fn gauge(&mut self, names: &[&'static str], statistic: &Statistic, at: &At) -> Bound {
        let statistic = self.statistic.unwrap_or(statistic).clone();
        self.plain(names, &statistic, at)
    }

    /// As `gauge`, for formulas whose statistic is part of their meaning.
    pub(super) fn plain(&mut self, names: &[&'static str], statistic: &Statistic, at: &At) -> Bound {
        let (name, entries) = self.published(names, at)?;
        let parts = entries.iter().map(|entry| self.arrived(name, entry, statistic)).collect();
        Ok(combine(parts, statistic))
    }

    /// The first of some metrics that exists at the target.
    fn published(&self, names: &[&'static str], at: &At) -> Result<(&'static str, Vec<&'f Entry>), Absence> {
        let found = names.iter().map(|name| (*name, self.entries(name, at)));
        found.into_iter().find(|(_, entries)| !entries.is_empty()).ok_or_else(|| self.absent(names, at))
    }

    /// The total of a rate. An author's statistic is taken per subtask, without totals.
    pub(super) fn rate(&mut self, metric: &'static str, at: &At) -> Bound {
        self.summed(metric, at, |binder, entry| Expr::Total(binder.sampled(metric, entry)))
    }

    /// The total of a counter.
    pub(super) fn level(&mut self, metric: &'static str, at: &At) -> Bound {
        self.summed(metric, at, |binder, entry| Expr::Level(binder.sampled(metric, entry)))
    }

    fn summed(&mut self, metric: &'static str, at: &At, total: impl Fn(&mut Self, &Entry) -> Expr) -> Bound {
        if let Some(statistic) = self.statistic.cloned() {
            return self.plain(&[metric], &statistic, at);
        }
        let entries = self.entries(metric, at);
        if entries.is_empty() {
            return Err(self.absent(&[metric], at));
        }
        if *at == At::Application && entries.iter().all(|entry| entry.set == DimensionSet::Application) {
            let is_throughput = metric.starts_with("numRecords");
            self.remarks.extend(is_throughput.then_some(Remark::ApplicationMix));
        }
        let parts = entries.iter().map(|entry| total(self, entry)).collect();
        Ok(sum(parts))
    }

    /// What was added to a counter.
    pub(super) fn increase(&mut self, metric: &'static str, at: &At) -> Bound {
        self.summed(metric, at, |binder, entry| binder.subtask_increase(metric, entry))
    }

    /// What was added to the counter of one series.
    pub(super) fn subtask_increase(&mut self, metric: &'static str, entry: &Entry) -> Expr {
        Expr::SubtaskIncrease(Counter {
            sampled: self.sampled(metric, entry),
            highest: self.series(metric, entry, &Statistic::Maximum),
            lowest: self.series(metric, entry, &Statistic::Minimum),
        })
    }

    /// `Sum` and `SampleCount` of one series.
    fn sampled(&mut self, metric: &'static str, entry: &Entry) -> Sampled {
        Sampled {
            sum: self.series(metric, entry, &Statistic::Sum),
            count: self.series(metric, entry, &Statistic::SampleCount),
        }
    }

    /// One statistic of one series, without what may still be arriving. The past has nothing of that, and what comes
    /// once an hour comes as a whole.
    pub fn arrived(&mut self, metric: &str, entry: &Entry, statistic: &Statistic) -> Expr {
        let value = self.series(metric, entry, statistic);
        let known = metrics::metric(metric);
        if self.grid.arriving.is_none() || known.is_some_and(|metric| metric.sampling == Sampling::Hourly) {
            return Expr::Series(value);
        }
        let is_counter = known.is_some_and(|metric| metric.kind == MetricKind::Counter);
        let reading = if is_counter || !statistic.is_value() { Reading::Amount } else { Reading::Level };
        let wanted = NewSeries { is_spare: true, ..self.wanted(metric, entry, &Statistic::SampleCount) };
        Expr::Arrived(Arrived { value, count: self.id(wanted), reading })
    }

    /// One statistic of one series that exists.
    pub fn series(&mut self, metric: &str, entry: &Entry, statistic: &Statistic) -> SeriesId {
        let wanted = self.wanted(metric, entry, statistic);
        self.id(wanted)
    }

    fn id(&mut self, wanted: NewSeries) -> SeriesId {
        let beside = self.beside.filter(|beside| self.table.has(beside, &wanted.key));
        self.table.id(beside.unwrap_or(self.group), wanted)
    }

    fn wanted(&self, metric: &str, entry: &Entry, statistic: &Statistic) -> NewSeries {
        let sentinels = metrics::metric(metric).map_or(&[][..], |metric| metric.sentinels);
        let key = SeriesKey {
            metric: entry.series.metric.clone(),
            dimensions: entry.series.dimensions.clone(),
            account: self.application.account.clone(),
            period: self.grid.period,
            statistic: statistic.clone(),
        };
        NewSeries { key, grid: self.grid, sentinels, is_spare: false }
    }

    /// The series of a metric at a target. For the application: those of the plainest dimension set that exists.
    pub(super) fn entries(&self, metric: &str, at: &At) -> Vec<&'f Entry> {
        let entries = self.application.entries(metric);
        let chosen =
            |selects: &dyn Fn(&Entry) -> bool| entries.clone().filter(|entry| selects(entry)).collect::<Vec<_>>();
        match at {
            At::Application => {
                let plainest = APPLICATION_SETS.iter().find(|set| entries.clone().any(|entry| entry.set == **set));
                chosen(&|entry| Some(&entry.set) == plainest)
            }
            At::Task(task) => chosen(&|entry| entry.set == DimensionSet::Task && entry.task() == Some(task)),
            At::Operator { task, operator } => chosen(&|entry| {
                entry.set == DimensionSet::Operator
                    && entry.task() == task.as_ref()
                    && entry.operator() == Some(operator)
            }),
            At::Subtask { task, operator, subtask } => chosen(&|entry| {
                let set = if operator.is_some() { DimensionSet::OperatorSubtask } else { DimensionSet::TaskSubtask };
                entry.set == set
                    && entry.task() == Some(task)
                    && entry.operator() == operator.as_ref()
                    && entry.subtask() == Some(subtask)
            }),
        }
    }

    /// As `entries`, but for the application one series per task where tasks are published.
    pub(super) fn entries_by_task(&self, metric: &str, at: &At) -> Vec<&'f Entry> {
        if *at == At::Application {
            let tasks: Vec<_> = self.application.entries_at(metric, DimensionSet::Task).collect();
            if !tasks.is_empty() {
                return tasks;
            }
        }
        self.entries(metric, at)
    }

    /// Why none of the metrics exist here.
    fn absent(&self, names: &[&'static str], at: &At) -> Absence {
        let needed = MetricsLevel::of(at.scope());
        let level = self.application.description.ok().and_then(|description| description.metrics_level);
        match level {
            Some(level) if level < needed => Absence::LevelTooLow { needed },
            Some(_) | None => self.not_published(names),
        }
    }

    fn not_published(&self, names: &[&'static str]) -> Absence {
        Absence::NotPublished { metrics: names.iter().map(|name| Arc::from(*name)).collect() }
    }
}

/// Several series of one statistic as one line.
fn combine(mut parts: Vec<Expr>, statistic: &Statistic) -> Expr {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    match statistic {
        Statistic::Maximum | Statistic::Extended(_) => Expr::Max(parts),
        Statistic::Minimum => Expr::Min(parts),
        Statistic::Average => Expr::Mean(parts),
        Statistic::Sum | Statistic::SampleCount => Expr::Sum(parts),
    }
}

pub(super) fn sum(mut parts: Vec<Expr>) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { Expr::Sum(parts) }
}
