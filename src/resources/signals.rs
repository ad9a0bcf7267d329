//! Choices out of the catalogue: signals and metrics. Pure.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Choice;
use crate::catalog::aliases::{Meaning, spellings};
use crate::catalog::conditions::CONDITIONS;
use crate::catalog::level::DimensionSet;
use crate::catalog::level::Scope;
use crate::catalog::metric::{Better, Group, Metric, MetricKind, Sampling, Unit};
use crate::catalog::metrics::{METRICS, metric};
use crate::catalog::signal::Signal;
use crate::catalog::signals::{EVERYWHERE, SIGNALS};
use crate::topology::inventory::Inventory;

/// What a drop-down shows beside a signal, or beside a metric that is taken as one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignalTraits {
    /// In words; None for counts and plain numbers.
    pub unit: Option<&'static str>,
    /// With CloudWatch's names.
    pub formula: String,
    /// Which way is good; None where it depends.
    pub good: Option<&'static str>,
    /// For what it exists: application, task, operator, subtask.
    pub levels: Vec<&'static str>,
    /// Other names under which it is found, in lower case and without punctuation.
    pub aliases: Vec<&'static str>,
    /// What an alert rule asks, where the table of conditions has a line for the signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertTraits>,
}

/// A condition in Grafana's words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlertTraits {
    /// How the values of the last `minutes` become one number.
    pub reducer: &'static str,
    pub minutes: i64,
    /// On which side of the threshold trouble lies: `gt` or `lt`.
    pub evaluator: &'static str,
    pub threshold: f64,
}

/// Signals that make sense for a kind of query, then the metrics that do.
pub(super) fn signals(query_type: Option<&str>) -> Vec<Choice> {
    let below = [Scope::Task, Scope::Operator, Scope::Subtask];
    let is_asked = |signal: &&Signal| match query_type {
        Some("application") => signal.scopes.contains(&Scope::Application),
        Some("operator") => below.iter().any(|scope| signal.scopes.contains(scope)),
        Some("checkpoint") => signal.group == Group::Checkpoint,
        _ => true,
    };
    // An id that is also a metric's name means the signal.
    let is_signal = |name: &str| SIGNALS.iter().any(|signal| signal.id == name);
    let metrics = METRICS.iter().filter(|row| has_sets_for(row, query_type) && !is_signal(row.name));
    let metrics = metrics.map(|row| Choice {
        signal: Some(traits_of_metric(row)),
        ..metric_choice(row).grouped(format!("Metrics: {}", describe_group(row.group)))
    });
    SIGNALS.iter().filter(is_asked).map(signal_choice).chain(metrics).collect()
}

fn signal_choice(signal: &Signal) -> Choice {
    let traits = SignalTraits {
        unit: describe_unit(signal.unit),
        formula: signal.formula_text.to_owned(),
        good: describe_good(signal.better),
        levels: signal.scopes.iter().map(|scope| scope.as_str()).collect(),
        aliases: spellings(Meaning::Signal(signal.id)).collect(),
        alert: alert(signal),
    };
    let choice = Choice { label: signal.title.to_owned(), signal: Some(traits), ..Choice::plain(signal.id) };
    choice.described(signal.description).grouped(describe_group(signal.group))
}

/// The condition whose lines panels draw, at its mildest.
fn alert(signal: &Signal) -> Option<AlertTraits> {
    let condition = CONDITIONS.iter().find(|row| row.signal == signal.id && row.lines == signal.thresholds)?;
    let (evaluator, threshold) = condition.evaluator(condition.lines.first()?.state)?;
    Some(AlertTraits { reducer: condition.summary.grafana(), minutes: condition.minutes, evaluator, threshold })
}

fn traits_of_metric(row: &Metric) -> SignalTraits {
    let name = row.name;
    let formula = match (row.sampling, row.kind) {
        (Sampling::Subtask, MetricKind::Rate | MetricKind::Counter) => {
            format!("Sum / 4 of {name} at a period of 60 s")
        }
        (Sampling::Subtask, MetricKind::Gauge) | (Sampling::TaskManager | Sampling::Single | Sampling::Hourly, _) => {
            format!("{} of {name}", row.statistic.as_str())
        }
    };
    SignalTraits {
        unit: describe_unit(row.unit),
        formula,
        good: describe_good(row.better),
        levels: EVERYWHERE.iter().filter(|scope| exists_for(row, **scope)).map(|scope| scope.as_str()).collect(),
        aliases: spellings(Meaning::Metric(name)).collect(),
        alert: None,
    }
}

/// Beside the series of the application itself, those of its streams, topics and machines are its own.
fn exists_for(row: &Metric, scope: Scope) -> bool {
    row.sets.iter().any(|set| scope_of(*set) == Some(scope))
}

fn scope_of(set: DimensionSet) -> Option<Scope> {
    match set {
        DimensionSet::Task => Some(Scope::Task),
        DimensionSet::Operator => Some(Scope::Operator),
        DimensionSet::TaskSubtask | DimensionSet::OperatorSubtask => Some(Scope::Subtask),
        DimensionSet::Application
        | DimensionSet::Stream
        | DimensionSet::Shard
        | DimensionSet::Topic
        | DimensionSet::Partition
        | DimensionSet::Flow
        | DimensionSet::Host
        | DimensionSet::TaskManager => Some(Scope::Application),
        DimensionSet::Custom => None,
    }
}

fn has_sets_for(row: &Metric, query_type: Option<&str>) -> bool {
    match query_type {
        Some("operator") => EVERYWHERE.iter().any(|scope| *scope != Scope::Application && exists_for(row, *scope)),
        Some("checkpoint") => row.group == Group::Checkpoint,
        _ => true,
    }
}

fn describe_good(good: Better) -> Option<&'static str> {
    match good {
        Better::Higher => Some("up"),
        Better::Lower => Some("down"),
        Better::Neutral => None,
    }
}

fn describe_unit(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Count | Unit::None => None,
        Unit::PerSecond => Some("per second"),
        Unit::Bytes => Some("bytes"),
        Unit::BytesPerSecond => Some("bytes per second"),
        Unit::Milliseconds => Some("milliseconds"),
        Unit::MillisecondsPerSecond => Some("milliseconds of each second"),
        Unit::EpochMilliseconds => Some("a time"),
        Unit::Seconds => Some("seconds"),
        Unit::Percent => Some("percent"),
        Unit::Ratio => Some("a ratio from 0 to 1, shown as percent"),
        Unit::Dollars => Some("US dollars"),
        Unit::DollarsPerHour => Some("US dollars per hour"),
    }
}

fn metric_choice(row: &Metric) -> Choice {
    Choice::plain(row.name).described(row.description)
}

/// The metrics that applications publish, their own ones last.
pub(super) fn metrics_of<'i>(inventories: impl IntoIterator<Item = &'i Inventory>) -> Vec<Choice> {
    let series = inventories.into_iter().flat_map(|inventory| inventory.series());
    let names: BTreeSet<&str> = series.map(|series| &*series.metric).collect();
    let known = METRICS.iter().filter(|row| names.contains(row.name));
    let own = names.iter().filter(|name| metric(name).is_none());
    let own = own.map(|name| Choice::plain(name).described("the application's own metric").grouped("Own metrics"));
    known.map(|row| metric_choice(row).grouped(describe_group(row.group))).chain(own).collect()
}

/// Every metric of the catalogue.
pub(super) fn metrics_of_all() -> Vec<Choice> {
    METRICS.iter().map(|row| metric_choice(row).grouped(describe_group(row.group))).collect()
}

fn describe_group(group: Group) -> &'static str {
    match group {
        Group::Throughput => "Throughput",
        Group::Backpressure => "Back pressure",
        Group::Latency => "Latency and lag",
        Group::Checkpoint => "Checkpoints",
        Group::Reliability => "Reliability",
        Group::Resource => "Resources",
        Group::Kinesis => "Kinesis",
        Group::Kafka => "Kafka",
        Group::Cost => "Cost",
        Group::Studio => "Studio notebooks",
        Group::LegacySql => "SQL applications",
    }
}
