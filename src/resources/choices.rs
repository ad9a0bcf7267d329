//! Choices out of facts and the catalogue. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Choice;
use crate::catalog::level::{DimensionSet, Facet, MetricsLevel};
use crate::catalog::metric::{Group, Metric, Unit};
use crate::catalog::metrics::{METRICS, metric};
use crate::catalog::names;
use crate::catalog::signal::{Scope, Signal};
use crate::catalog::signals::SIGNALS;
use crate::place::{AccountId, ApplicationName};
use crate::plan::facts::{ApplicationList, ApplicationStatus, ApplicationSummary, Description, Inventory, ListSource};
use crate::plan::topology::TaskRole;

/// Values of one dimension that a description shows.
const VALUES_SHOWN: usize = 3;

impl Choice {
    /// A choice that is read as it is written.
    fn plain(value: &str) -> Self {
        Self { value: value.to_owned(), label: value.to_owned(), description: None, group: None }
    }

    fn described(self, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..self }
    }

    fn grouped(self, group: impl Into<String>) -> Self {
        Self { group: Some(group.into()), ..self }
    }
}

/// Active applications first, each part by name. `level` tells the metrics level of an application where it is known.
pub(super) fn applications(
    list: &ApplicationList,
    level: impl Fn(&ApplicationName) -> Option<MetricsLevel>,
) -> Vec<Choice> {
    let is_active =
        |application: &&ApplicationSummary| application.status.as_ref().is_none_or(ApplicationStatus::is_active);
    let (mut first, mut rest): (Vec<_>, Vec<_>) = list.applications.iter().partition(is_active);
    first.sort_by(|a, b| a.name.cmp(&b.name));
    rest.sort_by(|a, b| a.name.cmp(&b.name));
    first.extend(rest);
    first.into_iter().map(|application| application_choice(application, &list.source, &level)).collect()
}

fn application_choice(
    application: &ApplicationSummary,
    source: &ListSource,
    level: impl Fn(&ApplicationName) -> Option<MetricsLevel>,
) -> Choice {
    let status = application.status.as_ref().map(ApplicationStatus::in_words);
    let runtime = application.runtime.as_ref().map(ToString::to_string);
    let level = level(&application.name).map(|level| format!("{} metrics", describe_level(level)));
    let parts: Vec<String> = [status, runtime, level].into_iter().flatten().collect();
    let choice = Choice::plain(application.name.as_str());
    match source {
        ListSource::ListApplications => choice.described(parts.join(" · ")).grouped(group_of(application)),
        ListSource::Metrics { .. } => choice.described("known by its metrics of the last hours or days"),
    }
}

fn group_of(application: &ApplicationSummary) -> &'static str {
    match &application.status {
        Some(status) if status.is_active() => "Running",
        Some(_) => "Stopped",
        None => "Status unknown",
    }
}

fn describe_level(level: MetricsLevel) -> &'static str {
    match level {
        MetricsLevel::Application => "application",
        MetricsLevel::Task => "task",
        MetricsLevel::Operator => "operator",
        MetricsLevel::Parallelism => "subtask",
    }
}

/// The tasks of the current job from the sources on, then those that only old series name.
pub(super) fn tasks(inventory: &Inventory, description: Option<&Description>) -> Vec<Choice> {
    let job_plan = description.and_then(|description| description.job_plan.as_deref());
    let topology = inventory.topology(job_plan);
    let current = topology.tasks.iter().map(|role| named(&role.task).described(describe_role(role)));
    let former = topology.former.iter().map(|task| {
        named(task).described("not in the current job; its series are from before").grouped("Former tasks")
    });
    current.chain(former).collect()
}

/// A cleaned name: the value as it is, the label as people read it.
fn named(cleaned: &str) -> Choice {
    Choice { label: names::display(cleaned), ..Choice::plain(cleaned) }
}

fn describe_role(role: &TaskRole) -> &'static str {
    match (role.is_source, role.is_sink) {
        (true, true) => "source and sink",
        (true, false) => "source",
        (false, true) => "sink",
        (false, false) => "in between",
    }
}

/// The operators of one task, or of all, each once and under the first task that has it.
pub(super) fn operators(inventory: &Inventory, task: Option<&str>) -> Vec<Choice> {
    let is_asked = |value: &str| task.is_none_or(|asked| asked == "*" || names::matches(asked, value));
    let mut tasks_of: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
    for (task, operators) in inventory.tasks().iter().filter(|(task, _)| is_asked(task)) {
        for operator in operators {
            tasks_of.entry(Arc::clone(operator)).or_default().push(Arc::clone(task));
        }
    }
    let choice = |(operator, tasks): (&Arc<str>, &Vec<Arc<str>>)| {
        let choice = named(operator);
        let choice = match tasks.len() {
            0 | 1 => choice,
            count => choice.described(format!("in {count} tasks")),
        };
        match tasks.first() {
            Some(task) => choice.grouped(names::display(task)),
            None => choice,
        }
    };
    let mut choices: Vec<Choice> = tasks_of.iter().map(choice).collect();
    choices.sort_by(|a, b| (&a.group, &a.label).cmp(&(&b.group, &b.label)));
    choices
}

/// Signals that make sense for a kind of query, then the metrics that do.
pub(super) fn signals(query_type: Option<&str>) -> Vec<Choice> {
    let below = [Scope::Task, Scope::Operator, Scope::Subtask];
    let is_asked = |signal: &Signal| match query_type {
        Some("application") => signal.scopes.contains(&Scope::Application),
        Some("operator") => below.iter().any(|scope| signal.scopes.contains(scope)),
        Some("checkpoint") => signal.group == Group::Checkpoint,
        _ => true,
    };
    let signals = SIGNALS.iter().filter(|signal| is_asked(signal)).map(|signal| Choice {
        value: signal.id.to_owned(),
        label: signal.title.to_owned(),
        description: Some(describe_signal(signal)),
        group: Some(describe_group(signal.group).to_owned()),
    });
    // An id that is also a metric's name means the signal.
    let is_signal = |name: &str| SIGNALS.iter().any(|signal| signal.id == name);
    let metrics = METRICS.iter().filter(|row| has_sets_for(row, query_type) && !is_signal(row.name));
    let metrics = metrics.map(|row| metric_choice(row).grouped(format!("Metrics: {}", describe_group(row.group))));
    signals.chain(metrics).collect()
}

fn describe_signal(signal: &Signal) -> String {
    let unit = describe_unit(signal.unit).map(|unit| format!(" Unit: {unit}.")).unwrap_or_default();
    format!("{} Formula: {}.{unit}", signal.description, signal.formula_text)
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

fn has_sets_for(row: &Metric, query_type: Option<&str>) -> bool {
    let is_below = |set: &DimensionSet| match set {
        DimensionSet::Task | DimensionSet::Operator | DimensionSet::TaskSubtask | DimensionSet::OperatorSubtask => true,
        DimensionSet::Application
        | DimensionSet::Stream
        | DimensionSet::Shard
        | DimensionSet::Topic
        | DimensionSet::Partition
        | DimensionSet::Flow
        | DimensionSet::Host
        | DimensionSet::TaskManager
        | DimensionSet::Custom => false,
    };
    match query_type {
        Some("operator") => row.sets.iter().any(is_below),
        Some("checkpoint") => row.group == Group::Checkpoint,
        _ => true,
    }
}

fn metric_choice(row: &Metric) -> Choice {
    Choice::plain(row.name).described(row.description)
}

/// The metrics that an application publishes, its own ones last.
pub(super) fn metrics_of(inventory: &Inventory) -> Vec<Choice> {
    let names: BTreeSet<&str> = inventory.series().map(|series| &*series.metric).collect();
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

/// The names of dimensions, with how many values each has.
pub(super) fn dimensions(inventory: &Inventory) -> Vec<Choice> {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in inventory.series().flat_map(|series| series.dimensions.iter()) {
        values.entry(name).or_default().insert(value);
    }
    let choice = |(name, values): (&&str, &BTreeSet<&str>)| {
        let shown: Vec<&str> = values.iter().take(VALUES_SHOWN).copied().collect();
        let more = values.len() - shown.len();
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        Choice::plain(name).described(format!("{}{rest}", shown.join(", ")))
    };
    values.iter().map(choice).collect()
}

/// Streams and topics that an application reads or writes, as far as their connectors publish metrics.
pub(super) fn sources(inventory: &Inventory) -> Vec<Choice> {
    let of = |facet: Facet, group: &str| -> Vec<Choice> {
        let values: BTreeSet<&Arc<str>> =
            inventory.series().filter_map(|series| series.dimensions.facet(facet)).collect();
        values.into_iter().map(|value| Choice::plain(value).grouped(group)).collect()
    };
    let mut sources = of(Facet::Stream, "Kinesis streams");
    sources.extend(of(Facet::Topic, "Kafka topics"));
    sources
}

/// The log groups that an application writes to, with their streams.
pub(super) fn log_groups(description: &Description) -> Vec<Choice> {
    let mut streams_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for arn in &description.log_streams {
        // arn:<partition>:logs:<region>:<account>:log-group:<group>:log-stream:<stream>
        let Some((_, named)) = arn.split_once(":log-group:") else { continue };
        let (group, stream) = named.split_once(":log-stream:").unwrap_or((named, ""));
        let streams = streams_of.entry(group).or_default();
        streams.extend(Some(stream).filter(|stream| !stream.is_empty()));
    }
    let choice = |(group, streams): (&str, Vec<&str>)| match streams.as_slice() {
        [] => Choice::plain(group),
        streams => Choice::plain(group).described(format!("log stream {}", streams.join(", "))),
    };
    streams_of.into_iter().map(choice).collect()
}

/// Accounts with Flink metrics; "all" first where there is more than one.
pub(super) fn accounts(own: Option<&AccountId>, linked: &BTreeSet<AccountId>) -> Vec<Choice> {
    let everyone: BTreeSet<&AccountId> = linked.iter().chain(own).collect();
    let mut choices = Vec::with_capacity(everyone.len() + 1);
    if everyone.len() > 1 {
        let all = Choice { label: "All accounts".to_owned(), ..Choice::plain("all") };
        choices.push(all.described("this account and every linked one"));
    }
    choices.extend(everyone.into_iter().map(|id| {
        let choice = Choice::plain(id.as_str());
        if own == Some(id) { choice.described("the data source's own account") } else { choice }
    }));
    choices
}
