//! Choices out of what an application publishes and describes. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::Choice;
use crate::catalog::level::Facet;
use crate::catalog::names;
use crate::model::application::{Accounts, Description};
use crate::notice::describe_names;
use crate::place::{AccountId, ApplicationName};
use crate::query::{NameFilter, filter};
use crate::topology::TaskRole;
use crate::topology::inventory::Inventory;

/// Values of one dimension that a description shows.
const VALUES_SHOWN: usize = 3;

impl Choice {
    /// A choice that is read as it is written.
    pub(super) fn plain(value: &str) -> Self {
        Self { value: value.to_owned(), label: value.to_owned(), ..Self::default() }
    }

    pub(super) fn described(self, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..self }
    }

    pub(super) fn grouped(self, group: impl Into<String>) -> Self {
        Self { group: Some(group.into()), ..self }
    }
}

/// The choices of each application under its name; those of a single one as they are. What several have stands under
/// the first of them.
pub(super) fn by_application(parts: Vec<(ApplicationName, Vec<Choice>)>) -> Vec<Choice> {
    if parts.len() == 1 {
        return parts.into_iter().flat_map(|(_, choices)| choices).collect();
    }
    let mut merged: Vec<(Choice, Vec<ApplicationName>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (application, choices) in parts {
        for choice in choices {
            let place = *places.entry(choice.value.clone()).or_insert(merged.len());
            match merged.get_mut(place) {
                Some((first, _)) if first.group.as_deref() == Some(application.as_str()) => {}
                Some((_, others)) => others.push(application.clone()),
                None => merged.push((under(&application, choice), Vec::new())),
            }
        }
    }
    merged.into_iter().map(|(choice, others)| shared(choice, &others)).collect()
}

/// What was the heading goes into the description.
fn under(application: &ApplicationName, choice: Choice) -> Choice {
    let parts: Vec<String> = [choice.group, choice.description].into_iter().flatten().collect();
    let description = Some(parts.join(" · ")).filter(|text| !text.is_empty());
    Choice {
        group: Some(application.to_string()),
        description,
        value: choice.value,
        label: choice.label,
        ..Choice::default()
    }
}

fn shared(choice: Choice, others: &[ApplicationName]) -> Choice {
    if others.is_empty() {
        return choice;
    }
    let also = format!("also in {}", describe_names(others));
    let parts: Vec<String> = choice.description.iter().cloned().chain([also]).collect();
    choice.described(parts.join(" · "))
}

/// The tasks of the current job from the sources on, then those that only old series name.
pub(super) fn tasks(inventory: &Inventory, description: Option<&Description>) -> Vec<Choice> {
    let job_plan = description.and_then(|description| description.job_plan.as_deref());
    let topology = inventory.topology(job_plan);
    let current = topology.tasks.iter().map(|role| named(&role.task).described(describe_role(role)));
    let former = topology.former.iter().map(|task| {
        named(task).described("not in the current job; its series are from an earlier one").grouped("Former tasks")
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

/// The tasks that filters select; all of them without one.
pub(super) fn tasks_named(inventory: &Inventory, filters: &[NameFilter]) -> BTreeSet<Arc<str>> {
    let all = || inventory.tasks().keys();
    let filters = filter::settle(filters, all().map(|task| &**task), names::matches);
    let is_asked = |task: &str| filters.is_empty() || filters.iter().any(|asked| asked.selects(task, names::matches));
    all().filter(|task| is_asked(task)).cloned().collect()
}

/// The operators of the asked tasks, or of all, each once and under the first task that has it.
pub(super) fn operators(inventory: &Inventory, tasks: &[NameFilter]) -> Vec<Choice> {
    let tasks = tasks_named(inventory, tasks);
    let mut tasks_of: BTreeMap<Arc<str>, Vec<Arc<str>>> = BTreeMap::new();
    for (task, operators) in inventory.tasks().iter().filter(|(task, _)| tasks.contains(*task)) {
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

/// The names of dimensions, with how many values each has.
pub(super) fn dimensions<'i>(inventories: impl IntoIterator<Item = &'i Inventory>) -> Vec<Choice> {
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let series = inventories.into_iter().flat_map(|inventory| inventory.series());
    for (name, value) in series.flat_map(|series| series.dimensions.iter()) {
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
pub(super) fn accounts(own: Option<&AccountId>, linked: &Accounts) -> Vec<Choice> {
    let everyone: BTreeSet<&AccountId> = linked.keys().chain(own).collect();
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
