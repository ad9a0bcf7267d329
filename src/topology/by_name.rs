//! What names of tasks and operators tell of a job: its sources, and the writers of its sinks.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{TaskOperators, TaskRole, add_operators, empty_role, finish};
use crate::catalog::sinks::{self, SinkPart};

pub(super) fn role_by_name(task: &Arc<str>, operators: &BTreeSet<Arc<str>>, writers: &Writers<'_>) -> TaskRole {
    let names_sink = ["Sink:", WRITER, ":_Committer"].iter().any(|mark| task.contains(mark));
    let follows = sinks::task_has(task, SinkPart::Follower) && !task.contains(WRITER);
    let mut role = empty_role(task);
    role.is_source = task.starts_with("Source:");
    role.is_sink = sinks::task_has(task, SinkPart::Writer) || (names_sink && !follows && !writers.are_before(task));
    add_operators(&mut role, operators, writers, None);
    finish(&mut role);
    role
}

/// How a cleaned name of a sink's writer ends.
const WRITER: &str = ":_Writer";

/// The writers among the cleaned names of tasks and operators: each the text before [`WRITER`], which ends in the
/// name of a sink.
pub(super) struct Writers<'a>(Vec<&'a str>);

impl<'a> Writers<'a> {
    pub(super) fn of(tasks: &'a TaskOperators) -> Self {
        let names = tasks.iter().flat_map(|(task, operators)| operators.iter().chain([task]));
        Self(names.flat_map(|name| name.match_indices(WRITER).map(|(at, _)| &name[..at])).collect())
    }

    /// Whether this is an operator that writes records to a sink.
    pub(super) fn has(&self, operator: &str) -> bool {
        match sinks::part(operator) {
            Some(part) => part == SinkPart::Writer,
            None if operator.ends_with(WRITER) => true,
            None => operator.starts_with("Sink:") && !operator.ends_with("Committer") && !self.are_before(operator),
        }
    }

    /// Whether this belongs to a sink whose writer stands before it in another task or operator, as committers and
    /// compactors do: what it gets are committables.
    pub(super) fn are_before(&self, name: &str) -> bool {
        let is_sink = |sink: &str| {
            let ends = |writer: &&str| writer.strip_suffix(sink).is_some_and(|b| b.is_empty() || b.ends_with('_'));
            sink != "Sink" && self.0.iter().any(ends)
        };
        !name.contains(WRITER) && name.match_indices(":_").any(|(at, _)| is_sink(&name[..at]))
    }
}
