//! Which node of a job plan is which `Task` of CloudWatch.
//!
//! By the whole name where it can be composed from the plan, else by what parts of it tell, else by what is left over
//! on both sides. Every guess must be the only one possible. The one surprise: two nodes of one name are one task,
//! because their series are one.

use std::collections::HashMap;
use std::sync::Arc;

use super::job_plan::{JobPlan, PlanNode, PlanOperator};
use crate::catalog::names::{clean, fold};

/// The task of each node, as an index into `names`.
pub(super) fn match_nodes(plan: &JobPlan, names: &[&Arc<str>]) -> Vec<Option<usize>> {
    let mut matched = match_names(plan, names);
    let attempts: [fn(&PlanNode, &str) -> bool; 3] = [has_same_numbers, has_these_numbers, has_these_lines];
    for fits in attempts {
        match_only_pairs(plan, names, &mut matched, fits);
    }
    // The last one of its kind on either side, if anything says that this is the plan of these tasks.
    if plan.nodes.len() == 1 || matched.iter().any(Option::is_some) {
        let is_same_kind = |node: &PlanNode, name: &str| node.is_source == name.starts_with("Source:");
        match_only_pairs(plan, names, &mut matched, is_same_kind);
    }
    matched
}

fn match_names(plan: &JobPlan, names: &[&Arc<str>]) -> Vec<Option<usize>> {
    let exact: HashMap<&str, usize> = names.iter().enumerate().map(|(i, name)| (&***name, i)).collect();
    let folded: HashMap<String, usize> = names.iter().enumerate().map(|(i, name)| (fold(name), i)).collect();
    let find = |name: &str| exact.get(clean(name).as_str()).or_else(|| folded.get(&fold(name))).copied();
    let forms: [fn(&PlanOperator) -> String; 2] = [PlanOperator::full, PlanOperator::short];
    plan.nodes.iter().map(|node| forms.iter().find_map(|form| find(&node.chain_name(*form)))).collect()
}

/// Matches each open node to a free task where they fit each other and nothing else.
fn match_only_pairs(
    plan: &JobPlan,
    names: &[&Arc<str>],
    matched: &mut [Option<usize>],
    fits: impl Fn(&PlanNode, &str) -> bool,
) {
    let open: Vec<usize> = (0..plan.nodes.len()).filter(|node| matched[*node].is_none()).collect();
    let free: Vec<usize> = (0..names.len()).filter(|task| !matched.contains(&Some(*task))).collect();
    let fitting = |node: usize| free.iter().copied().filter(|t| fits(&plan.nodes[node], names[*t])).collect::<Vec<_>>();
    let candidates: Vec<(usize, Vec<usize>)> = open.into_iter().map(|node| (node, fitting(node))).collect();
    for (node, tasks) in &candidates {
        let [task] = tasks.as_slice() else { continue };
        let rivals = candidates.iter().filter(|(_, tasks)| tasks.contains(task)).count();
        if rivals == 1 {
            matched[*node] = Some(*task);
        }
    }
}

/// SQL numbers its operators, and writes the number into name and description.
fn has_same_numbers(node: &PlanNode, name: &str) -> bool {
    let described: Vec<&str> = node.operators.iter().filter_map(PlanOperator::sql_number).collect();
    !described.is_empty() && described == numbers(name)
}

/// As [`has_same_numbers`], where table names bring numbers of their own.
fn has_these_numbers(node: &PlanNode, name: &str) -> bool {
    let described: Vec<&str> = node.operators.iter().filter_map(PlanOperator::sql_number).collect();
    let numbers = numbers(name);
    let mut rest = numbers.iter();
    !described.is_empty() && described.iter().all(|number| rest.any(|other| other == number))
}

/// Numbers between underscores: `Calc[5]` is cleaned to `Calc_5_`.
fn numbers(name: &str) -> Vec<&str> {
    let parts: Vec<&str> = name.split('_').collect();
    let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    inner.iter().filter(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit())).copied().collect()
}

/// Whether the operators that have their own names stand in the task's name in the same order.
fn has_these_lines(node: &PlanNode, name: &str) -> bool {
    let own: Vec<String> = node
        .operators
        .iter()
        .filter(|o| !o.is_generated())
        .map(|o| fold(&o.description))
        .filter(|l| !l.is_empty())
        .collect();
    let folded = fold(name);
    let mut rest = folded.as_str();
    let in_order = own.iter().all(|line| match rest.find(line.as_str()) {
        Some(at) => {
            rest = &rest[at + line.len()..];
            true
        }
        None => false,
    });
    !own.is_empty() && own.len() < node.operators.len() && in_order
}
