//! Where the records of a job plan go: its sinks, and the edges between tasks.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::job_plan::{JobPlan, PlanOperator};

/// Which nodes take the records of sinks: those with a writer, and those that nobody consumes.
pub(super) fn sink_nodes(plan: &JobPlan) -> Vec<bool> {
    let sinks = plan.writers();
    let mut more = BTreeSet::new();
    for (index, is_consumed) in plan.consumed().into_iter().enumerate() {
        if !is_consumed && !sinks[index] {
            more.extend(record_ends(plan, &sinks, index));
        }
    }
    sinks.into_iter().enumerate().map(|(index, writes)| writes || more.contains(&index)).collect()
}

/// Where the records end that lead to the last node at `index`: itself, unless it gets committables; then the nodes
/// before the committers, unless a writer is among those further up.
fn record_ends(plan: &JobPlan, writers: &[bool], index: usize) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut open = vec![index];
    let mut seen = BTreeSet::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        if gets_committables(plan, index) {
            open.extend(&plan.nodes[index].inputs);
        } else if seen.len() == 1 || !is_behind_writer(plan, writers, index) {
            ends.push(index);
        }
    }
    ends
}

/// Whether a committer stands at the head of the node or just before it.
fn gets_committables(plan: &JobPlan, index: usize) -> bool {
    let node = &plan.nodes[index];
    let commits = |input: &usize| plan.nodes[*input].operators.iter().any(PlanOperator::is_committer);
    !node.inputs.is_empty() && (node.head().is_committer() || node.inputs.iter().all(commits))
}

/// Whether the node has a writer or stands behind one.
fn is_behind_writer(plan: &JobPlan, writers: &[bool], index: usize) -> bool {
    let mut open = vec![index];
    let mut seen = BTreeSet::new();
    while let Some(index) = open.pop() {
        if writers[index] {
            return true;
        }
        if seen.insert(index) {
            open.extend(&plan.nodes[index].inputs);
        }
    }
    false
}

/// Edges between tasks, across nodes that no task was found for.
pub(super) fn edges(plan: &JobPlan, matched: &[Option<usize>], names: &[&Arc<str>]) -> Vec<(Arc<str>, Arc<str>)> {
    let mut edges = BTreeSet::new();
    for (index, node) in plan.nodes.iter().enumerate() {
        let Some(to) = matched[index] else { continue };
        let mut open = node.inputs.clone();
        let mut seen = BTreeSet::new();
        while let Some(input) = open.pop() {
            if !seen.insert(input) {
                continue;
            }
            match matched[input] {
                Some(from) => {
                    edges.insert((from, to));
                }
                None => open.extend(&plan.nodes[input].inputs),
            }
        }
    }
    edges.into_iter().map(|(from, to)| (Arc::clone(names[from]), Arc::clone(names[to]))).collect()
}
