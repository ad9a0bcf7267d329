//! Which tasks are sources and sinks, and what flows where.
//!
//! The job plan tells, if it can be read; its nodes are matched to the `Task` values of CloudWatch, which are cleaned names. Without
//! a plan the names tell: Flink writes `Source:`, `Sink:`, `Writer` and `Committer` into them. The one surprise: the
//! last task of a graph need not be the sink. A committer behind a writer gets committables, so the records of the sink are
//! those that enter the writer's task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::facts::Inventory;
use super::job_plan::{JobPlan, PlanNode, PlanOperator};
use crate::catalog::names::{clean, fold, matches};

/// The `Task` values of an application, each with its `TaskOperator` values.
pub type TaskOperators = BTreeMap<Arc<str>, BTreeSet<Arc<str>>>;

/// The tasks and operators that an inventory has series of.
pub fn task_operators(inventory: &Inventory) -> TaskOperators {
    let mut tasks = TaskOperators::new();
    for series in &inventory.series {
        let Some(task) = series.dimensions.task() else { continue };
        let operators = tasks.entry(Arc::clone(task)).or_default();
        if let Some(operator) = series.dimensions.operator() {
            operators.insert(Arc::clone(operator));
        }
    }
    tasks
}

/// What is known of a job's graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// Tasks of the current job, from the sources on.
    pub tasks: Vec<TaskRole>,
    pub from: TopologySource,
    /// From task, to task. Empty where names alone tell.
    pub edges: Vec<(Arc<str>, Arc<str>)>,
    /// Tasks that still have series but are no part of the current job: CloudWatch lists them on after a redeployment.
    pub former: Vec<Arc<str>>,
    /// Tasks of the plan for which no series was found, as the plan names them.
    pub unmatched: Vec<String>,
}

/// What a topology was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopologySource {
    Plan,
    Names,
}

/// One task of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRole {
    /// The value of the dimension `Task`.
    pub task: Arc<str>,
    pub is_source: bool,
    /// Whether records for a sink enter this task.
    pub is_sink: bool,
    /// Whether the task is source and sink at once: Flink up to 1.20 then counts 0 in and 0 out for the task.
    pub whole_chain: bool,
    /// The longest way from a source, in tasks.
    pub depth: Option<u32>,
    /// Values of the operator dimension that write to a sink: `numRecordsIn` of these is the sink's intake.
    pub writer_operators: Vec<Arc<str>>,
    /// Values of the operator dimension that read a source.
    pub source_operators: Vec<Arc<str>>,
}

impl Topology {
    /// Reads the graph of the tasks, by the job plan where there is one that fits them.
    pub fn of(job_plan: Option<&str>, tasks: &TaskOperators) -> Self {
        job_plan
            .and_then(JobPlan::parse)
            .and_then(|plan| Self::from_plan(&plan, tasks))
            .unwrap_or_else(|| Self::from_names(tasks))
    }

    pub fn role(&self, task: &str) -> Option<&TaskRole> {
        self.tasks.iter().find(|role| &*role.task == task)
    }

    pub fn sources(&self) -> impl Iterator<Item = &TaskRole> {
        self.tasks.iter().filter(|role| role.is_source)
    }

    pub fn sinks(&self) -> impl Iterator<Item = &TaskRole> {
        self.tasks.iter().filter(|role| role.is_sink)
    }

    fn from_names(tasks: &TaskOperators) -> Self {
        let tasks = tasks.iter().map(|(task, operators)| role_by_name(task, operators, tasks)).collect();
        Self { tasks, from: TopologySource::Names, edges: Vec::new(), former: Vec::new(), unmatched: Vec::new() }
    }

    /// None where no node of the plan is any of the tasks: then it is another job's plan.
    fn from_plan(plan: &JobPlan, tasks: &TaskOperators) -> Option<Self> {
        let names: Vec<&Arc<str>> = tasks.keys().collect();
        let matched = match_nodes(plan, &names);
        if !tasks.is_empty() && matched.iter().all(Option::is_none) {
            return None;
        }
        let depths = plan.depths();
        let sinks = sink_nodes(plan);
        let mut roles: BTreeMap<&Arc<str>, TaskRole> = BTreeMap::new();
        for (index, node) in plan.nodes.iter().enumerate() {
            let Some(task) = matched[index].map(|task| names[task]) else { continue };
            let role = roles.entry(task).or_insert_with(|| empty_role(task));
            // Two nodes of one name share their series.
            role.is_source |= node.is_source;
            role.is_sink |= sinks[index];
            role.depth = role.depth.max(depths[index]);
            add_operators(role, &tasks[task], Some(node));
        }
        let unmatched: Vec<String> = (plan.nodes.iter().zip(&matched))
            .filter(|(_, task)| task.is_none())
            .map(|(node, _)| node.chain_name(PlanOperator::full))
            .collect();
        let rest = names.iter().filter(|name| !roles.contains_key(**name)).copied();
        let mut former: Vec<Arc<str>> = rest.map(Arc::clone).collect();
        let mut all: Vec<TaskRole> = roles.into_values().collect();
        if !unmatched.is_empty() {
            // Any task left over may be a node left over, so that none can be called a former one.
            all.extend(former.drain(..).map(|task| role_by_name(&task, &tasks[&task], tasks)));
        }
        all.iter_mut().for_each(finish);
        all.sort_by(|a, b| (a.depth.unwrap_or(u32::MAX), &a.task).cmp(&(b.depth.unwrap_or(u32::MAX), &b.task)));
        let edges = edges(plan, &matched, &names);
        Some(Self { tasks: all, from: TopologySource::Plan, edges, former, unmatched })
    }
}

fn empty_role(task: &Arc<str>) -> TaskRole {
    TaskRole {
        task: Arc::clone(task),
        is_source: false,
        is_sink: false,
        whole_chain: false,
        depth: None,
        writer_operators: Vec::new(),
        source_operators: Vec::new(),
    }
}

/// Adds the operators of a task that read a source or write to a sink.
fn add_operators(role: &mut TaskRole, operators: &BTreeSet<Arc<str>>, node: Option<&PlanNode>) {
    let described = |wanted: fn(&PlanOperator) -> bool, value: &str| {
        node.is_some_and(|node| node.operators.iter().any(|o| wanted(o) && matches(&o.description, value)))
    };
    for value in operators {
        let is_head = || node.is_some_and(|node| node.is_source && matches(&node.head().description, value));
        if value.starts_with("Source:") || is_head() {
            role.source_operators.push(Arc::clone(value));
        }
        if is_writer(value) || described(PlanOperator::is_writer, value) {
            role.writer_operators.push(Arc::clone(value));
        }
    }
    // A sink of an unusual name: what the chain ends in.
    if let Some(node) = node
        && role.is_sink
        && role.writer_operators.is_empty()
    {
        let is_end = |value: &&Arc<str>| node.leaves().any(|l| !l.is_committer() && matches(&l.description, value));
        role.writer_operators.extend(operators.iter().filter(is_end).map(Arc::clone));
    }
}

/// Puts the parts of a role that follow from others right.
fn finish(role: &mut TaskRole) {
    role.whole_chain = role.is_source && role.is_sink;
    for operators in [&mut role.writer_operators, &mut role.source_operators] {
        operators.sort();
        operators.dedup();
    }
}

/// Whether a cleaned operator name is that of a writer. Committers get no records.
fn is_writer(value: &str) -> bool {
    value.ends_with(":_Writer") || (value.starts_with("Sink:") && !value.ends_with("Committer"))
}

fn role_by_name(task: &Arc<str>, operators: &BTreeSet<Arc<str>>, tasks: &TaskOperators) -> TaskRole {
    let names_sink = ["Sink:", ":_Writer", ":_Committer"].iter().any(|mark| task.contains(mark));
    let mut role = empty_role(task);
    role.is_source = task.starts_with("Source:");
    role.is_sink = names_sink && !commits_for_another(task, tasks);
    add_operators(&mut role, operators, None);
    finish(&mut role);
    role
}

/// Whether the task begins with the committer of a writer in another task.
fn commits_for_another(task: &str, tasks: &TaskOperators) -> bool {
    let Some((sink, _)) = task.split_once(":_Committer") else { return false };
    let sink = sink.trim_end_matches(":_Global");
    // A writer before the committer stands in the same chain.
    !sink.contains(":_Writer")
        && tasks.keys().any(|other| {
            let writer = other.find(":_Writer").map(|end| &other[..end]);
            &**other != task && writer.is_some_and(|writer| writer.ends_with(sink))
        })
}

/// Which nodes take the records of sinks.
fn sink_nodes(plan: &JobPlan) -> Vec<bool> {
    let has_writer = |index: usize| plan.nodes[index].operators.iter().any(PlanOperator::is_writer);
    let mut sinks: Vec<bool> = (0..plan.nodes.len()).map(has_writer).collect();
    let mut open: Vec<usize> = (0..plan.nodes.len()).filter(|index| !plan.is_consumed(*index)).collect();
    let mut seen = BTreeSet::new();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        if !sinks[index] && gets_committables(plan, index) {
            open.extend(&plan.nodes[index].inputs);
        } else {
            sinks[index] = true;
        }
    }
    sinks
}

/// Whether a committer stands at the head of the node or just before it.
fn gets_committables(plan: &JobPlan, index: usize) -> bool {
    let node = &plan.nodes[index];
    let commits = |input: &usize| plan.nodes[*input].operators.iter().any(PlanOperator::is_committer);
    !node.inputs.is_empty() && (node.head().is_committer() || node.inputs.iter().all(commits))
}

/// Edges between tasks, across nodes that no task was found for.
fn edges(plan: &JobPlan, matched: &[Option<usize>], names: &[&Arc<str>]) -> Vec<(Arc<str>, Arc<str>)> {
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

/// The task of each node, as an index into `names`: by name, then by what parts of the name tell, then by what is left.
fn match_nodes(plan: &JobPlan, names: &[&Arc<str>]) -> Vec<Option<usize>> {
    let mut matched: Vec<Option<usize>> = plan.nodes.iter().map(|node| find_by_name(node, names)).collect();
    let attempts: [fn(&PlanNode, &str) -> bool; 3] = [has_same_numbers, has_these_numbers, has_these_lines];
    for fits in attempts {
        match_only_pairs(plan, names, &mut matched, fits);
    }
    // The last one of its kind on either side.
    let is_same_kind = |node: &PlanNode, name: &str| node.is_source == name.starts_with("Source:");
    match_only_pairs(plan, names, &mut matched, is_same_kind);
    matched
}

fn find_by_name(node: &PlanNode, names: &[&Arc<str>]) -> Option<usize> {
    let forms = [node.chain_name(PlanOperator::full), node.chain_name(PlanOperator::short)];
    forms.iter().find_map(|form| {
        let cleaned = clean(form);
        let folded = fold(form);
        let exact = names.iter().position(|name| ***name == *cleaned);
        exact.or_else(|| names.iter().position(|name| fold(name) == folded))
    })
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
