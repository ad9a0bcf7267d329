//! Which tasks are sources and sinks, and what flows where.
//!
//! The job plan tells, if it can be read; its nodes are matched to the `Task` values of CloudWatch, which are cleaned
//! names. Without a plan the names tell: Flink writes `Source:`, `Sink:`, `Writer` and `Committer` into them. The one
//! surprise: the last task of a graph need not be the sink. A committer behind a writer gets committables, so the
//! records of the sink are those that enter the writer's task.

mod by_name;
mod flow;
mod job_plan;
mod task_match;

pub mod inventory;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::names::matches;
use by_name::{Writers, role_by_name};
use flow::{edges, sink_nodes};
use job_plan::{JobPlan, PlanNode, PlanOperator};
use task_match::match_nodes;

/// The `Task` values of an application, each with its `TaskOperator` values.
pub type TaskOperators = BTreeMap<Arc<str>, BTreeSet<Arc<str>>>;

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
    /// Whether the task is source and sink at once: its own counters then miss what stays inside the chain (Flink up to
    /// 1.20 counts 0 in and 0 out where all of it does).
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
        let writers = Writers::of(tasks);
        let tasks = tasks.iter().map(|(task, operators)| role_by_name(task, operators, &writers)).collect();
        Self { tasks, from: TopologySource::Names, edges: Vec::new(), former: Vec::new(), unmatched: Vec::new() }
    }

    /// None where no node of the plan is any of the tasks: then it is another job's plan.
    fn from_plan(plan: &JobPlan, tasks: &TaskOperators) -> Option<Self> {
        let names: Vec<&Arc<str>> = tasks.keys().collect();
        let matched = match_nodes(plan, &names);
        if !tasks.is_empty() && matched.iter().all(Option::is_none) {
            return None;
        }
        let writers = Writers::of(tasks);
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
            add_operators(role, &tasks[task], &writers, Some(node));
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
            all.extend(former.drain(..).map(|task| role_by_name(&task, &tasks[&task], &writers)));
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
fn add_operators(role: &mut TaskRole, operators: &BTreeSet<Arc<str>>, writers: &Writers<'_>, node: Option<&PlanNode>) {
    // Names of operators may be cut: then only the plan tells that one is a writer.
    let is_cut_writer = |value: &str| {
        let writers =
            |node: &PlanNode| node.operators.iter().any(|o| o.has_writer_name() && matches(&o.description, value));
        node.is_some_and(writers)
    };
    for value in operators {
        let is_head = || node.is_some_and(|node| node.is_source && matches(&node.head().description, value));
        if value.starts_with("Source:") || is_head() {
            role.source_operators.push(Arc::clone(value));
        }
        if writers.has(value) || is_cut_writer(value) {
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

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDED: [&str; 2] = [
        include_str!("../../tests/fixtures/flink-1.20/rest/steady/job_plan.json"),
        include_str!("../../tests/fixtures/flink-2.2/rest/steady/job_plan.json"),
    ];

    /// Tasks as `task: operator, operator`, one a line.
    fn tasks(text: &str) -> TaskOperators {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines
            .map(|line| {
                let (task, operators) = line.split_once(' ').unwrap_or((line, ""));
                (Arc::from(task), operators.split_whitespace().map(Arc::from).collect())
            })
            .collect()
    }

    fn recorded_tasks() -> TaskOperators {
        tasks(
            "Enrich:_geo_ip_lookup__sync_____Sink:_enriched/orders#1:_Writer Enrich:_geo_ip_lookup__sync_ Sink:_enriched/orders#1:_Writer
            Join:_orders<__payments____Filter:_high_value___180.00____Map:_to_csv Join:_orders<__payments Map:_to_csv
            KeyedProcess:_dedupe_order_lines_by__order_id__line_no__using_10_minute_TTL_state__v3.1__EU+US_
            Sink:_s3_archive__hourly_:_Writer____Sink:_s3_archive__hourly_:_Committer Sink:_s3_archive__hourly_:_Writer Sink:_s3_archive__hourly_:_Committer
            Source:_Kinesis_orders____Map__parse__v2_____Filter:_valid_&_non_test____FlatMap:_split_order_lines Source:_Kinesis_orders Map__parse__v2_
            Source:_Kinesis_payments__EU_____Map:_decode_avro_ Source:_Kinesis_payments__EU_ Map:_decode_avro_
            TumblingWindow_30s_:_revenue_/_merchant TumblingWindow_30s_:_revenue_/_merchant",
        )
    }

    /// A topology as text: `depth task source(operators) sink(operators)`, then edges and leftovers.
    fn describe(topology: &Topology) -> String {
        let mut lines = vec![format!("{:?}", topology.from)];
        for role in &topology.tasks {
            let depth = role.depth.map_or("-".to_owned(), |depth| depth.to_string());
            let source =
                if role.is_source { format!(" source({})", role.source_operators.join(" ")) } else { String::new() };
            let sink = if role.is_sink { format!(" sink({})", role.writer_operators.join(" ")) } else { String::new() };
            let whole = if role.whole_chain { " whole" } else { "" };
            lines.push(format!("{depth} {}{source}{sink}{whole}", role.task));
        }
        lines.extend(topology.edges.iter().map(|(from, to)| format!("{from} => {to}")));
        lines.extend(topology.former.iter().map(|task| format!("former {task}")));
        lines.extend(topology.unmatched.iter().map(|task| format!("unmatched {task}")));
        lines.join("\n")
    }

    fn check(plan: Option<&str>, inventory: &str, expected: &str) {
        let topology = Topology::of(plan, &tasks(inventory));
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(describe(&topology), expected.join("\n"));
    }

    /// A plan of nodes `id: description <- inputs`, one a line.
    fn plan(text: &str) -> String {
        let nodes: Vec<String> = (text.lines().map(str::trim).filter(|line| !line.is_empty()))
            .map(|line| {
                let (id, rest) = line.split_once(": ").unwrap();
                let (description, inputs) = rest.split_once(" <- ").unwrap_or((rest, ""));
                let inputs: Vec<String> = inputs.split_whitespace().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
                format!(r#"{{"id":"{id}","description":"{description}","inputs":[{}]}}"#, inputs.join(","))
            })
            .collect();
        format!(r#"{{"nodes":[{}]}}"#, nodes.join(","))
    }

    #[test]
    fn recorded_plans_tell_sources_sinks_and_edges() {
        for json in RECORDED {
            let mut inventory = recorded_tasks();
            inventory.insert(Arc::from("Source:_of_an_older_job"), BTreeSet::new());
            let topology = Topology::of(Some(json), &inventory);
            let short =
                |name: &Arc<str>| name.split("____").next().unwrap_or_default().chars().take(28).collect::<String>();
            let names = |roles: Vec<&TaskRole>| roles.into_iter().map(|role| short(&role.task)).collect::<Vec<_>>();
            assert_eq!(topology.from, TopologySource::Plan);
            assert_eq!(names(topology.sources().collect()), ["Source:_Kinesis_orders", "Source:_Kinesis_payments__EU"]);
            assert_eq!(
                names(topology.sinks().collect()),
                ["Enrich:_geo_ip_lookup__sync", "Sink:_s3_archive__hourly_:_W"]
            );
            let writers: Vec<&str> = topology.sinks().flat_map(|role| &role.writer_operators).map(|o| &**o).collect();
            assert_eq!(writers, ["Sink:_enriched/orders#1:_Writer", "Sink:_s3_archive__hourly_:_Writer"]);
            let readers: Vec<&str> = topology.sources().flat_map(|role| &role.source_operators).map(|o| &**o).collect();
            assert_eq!(readers, ["Source:_Kinesis_orders", "Source:_Kinesis_payments__EU_"]);
            let depths: Vec<(String, Option<u32>)> = topology.tasks.iter().map(|r| (short(&r.task), r.depth)).collect();
            assert_eq!(depths[0], ("Source:_Kinesis_orders".to_owned(), Some(0)));
            assert_eq!(depths.last(), Some(&("Sink:_s3_archive__hourly_:_W".to_owned(), Some(3))));
            assert_eq!(topology.edges.len(), 7);
            assert_eq!(topology.former, [Arc::from("Source:_of_an_older_job")]);
            assert_eq!(topology.unmatched, Vec::<String>::new());
            let window = topology.role("TumblingWindow_30s_:_revenue_/_merchant").unwrap();
            assert_eq!((window.depth, window.is_sink), (Some(2), false));
        }
    }

    #[test]
    fn without_a_plan_the_recorded_names_tell_the_same_sources_and_sinks() {
        let inventory = recorded_tasks();
        let by_names = Topology::of(None, &inventory);
        let by_plan = Topology::of(Some(RECORDED[0]), &inventory);
        let ends = |topology: &Topology| {
            let ends = topology.tasks.iter().filter(|role| role.is_source || role.is_sink);
            let mut ends: Vec<TaskRole> = ends.map(|role| TaskRole { depth: None, ..role.clone() }).collect();
            ends.sort_by(|a, b| a.task.cmp(&b.task));
            ends
        };
        assert_eq!(by_names.from, TopologySource::Names);
        assert_eq!(ends(&by_names), ends(&by_plan));
    }

    #[test]
    fn a_broken_plan_or_one_of_another_job_leaves_the_names() {
        let other = plan("1: Source: elsewhere\n2: Sink: there <- 1");
        for json in [Some("{\"nodes\":["), Some("null"), Some(other.as_str()), None] {
            check(json, "A B", "Names\n- A");
        }
        check(None, "", "Names");
    }

    #[test]
    fn sql_tasks_are_matched_by_the_numbers_of_their_operators() {
        let json = plan(
            "a: Source: [1]:TableSourceScan(table=[[db, trades_7_days]], fields=[x])<br/>+- [2]:Calc(select=[x])<br/>
            b: [4]:Deduplicate(keep=[FirstRow])<br/>:- [5]:Calc(select=[x])<br/>+- [10]:Calc(select=[y])<br/>   +- [11]:Sink(table=[db.out])<br/> <- a",
        );
        check(
            Some(&json),
            "Source:_trades_7_days_1_____Calc_2_ Source:_trades_7_days_1_
            Deduplicate_4______Calc_5___Calc_10_____Sink:_out_11__ Deduplicate_4_ Sink:_out_11_
            Source:_trades_7_days_1_____Calc_3_",
            "Plan
            0 Source:_trades_7_days_1_____Calc_2_ source(Source:_trades_7_days_1_)
            1 Deduplicate_4______Calc_5___Calc_10_____Sink:_out_11__ sink(Sink:_out_11_)
            Source:_trades_7_days_1_____Calc_2_ => Deduplicate_4______Calc_5___Calc_10_____Sink:_out_11__
            former Source:_trades_7_days_1_____Calc_3_",
        );
    }

    #[test]
    fn one_task_may_hold_the_whole_chain() {
        let inventory = "Source:_in____Map____out:_Writer Source:_in Map out:_Writer";
        let tail = "Source:_in____Map____out:_Writer source(Source:_in) sink(out:_Writer) whole";
        check(
            Some(&plan("a: Source: in<br/>+- Map<br/>   +- out: Writer<br/>")),
            inventory,
            &format!("Plan\n0 {tail}"),
        );
        check(None, inventory, &format!("Names\n- {tail}"));
    }

    #[test]
    fn the_writer_is_the_sink_and_not_its_committer() {
        let json = plan(
            "c: out: Committer <- w
            w: out: Writer <- s
            s: Source: in",
        );
        let inventory = "Source:_in\nout:_Writer out:_Writer\nout:_Committer out:_Committer";
        check(
            Some(&json),
            inventory,
            "Plan
            0 Source:_in source()
            1 out:_Writer sink(out:_Writer)
            2 out:_Committer
            Source:_in => out:_Writer
            out:_Writer => out:_Committer",
        );
        check(None, inventory, "Names\n- Source:_in source()\n- out:_Committer\n- out:_Writer sink(out:_Writer)");
    }

    #[test]
    fn what_stands_between_writer_and_committer_is_no_sink() {
        let json = plan(
            "p: Sink: out: Cleanup <- c
            c: Sink: out: Committer <- k
            k: Sink: out: Compactor <- w
            w: Map<br/>+- Sink: out: Writer <- s
            s: Source: in",
        );
        let inventory =
            "Source:_in\nMap____Sink:_out:_Writer Map Sink:_out:_Writer\nSink:_out:_Compactor Sink:_out:_Compactor
            Sink:_out:_Committer\nSink:_out:_Cleanup";
        let topology = Topology::of(Some(&json), &tasks(inventory));
        assert_eq!(topology.sinks().map(|role| &*role.task).collect::<Vec<_>>(), ["Map____Sink:_out:_Writer"]);
        let topology = Topology::of(None, &tasks(inventory));
        assert_eq!(topology.sinks().map(|role| &*role.task).collect::<Vec<_>>(), ["Map____Sink:_out:_Writer"]);
    }

    #[test]
    fn a_committer_without_a_known_writer_points_to_the_task_before_it() {
        check(
            Some(&plan("s: Source: in\nw: deliver <- s\nc: out: Committer <- w")),
            "Source:_in Source:_in\ndeliver deliver\nout:_Committer",
            "Plan
            0 Source:_in source(Source:_in)
            1 deliver sink(deliver)
            2 out:_Committer
            Source:_in => deliver
            deliver => out:_Committer",
        );
    }

    #[test]
    fn both_sources_of_a_union_count() {
        check(
            Some(&plan("u: Map<br/>+- discard<br/> <- a b\na: Source: left\nb: Source: right")),
            "Source:_left\nSource:_right\nMap____discard Map discard",
            "Plan
            0 Source:_left source()
            0 Source:_right source()
            1 Map____discard sink(discard)
            Source:_left => Map____discard
            Source:_right => Map____discard",
        );
    }

    #[test]
    fn a_writer_inside_a_chain_that_goes_on_is_a_sink_too() {
        check(
            Some(&plan("a: Source: in<br/>:- copy: Writer<br/>+- Map<br/>\nb: Sink: out <- a")),
            "Source:_in_____copy:_Writer__Map_ copy:_Writer Source:_in\nSink:_out Sink:_out",
            "Plan
            0 Source:_in_____copy:_Writer__Map_ source(Source:_in) sink(copy:_Writer) whole
            1 Sink:_out sink(Sink:_out)
            Source:_in_____copy:_Writer__Map_ => Sink:_out",
        );
    }

    #[test]
    fn windows_are_found_by_the_rest_of_their_chain_or_as_the_last_one_left() {
        check(
            Some(&plan(
                "s: Source: in
                w: Window(TumblingEventTimeWindows(5000), EventTimeTrigger, F)<br/>+- Sink: hourly<br/> <- s
                x: Window(SlidingEventTimeWindows(5000, 1), EventTimeTrigger, F) <- s
                y: TumblingEventTimeWindows <- x
                z: Window(GlobalWindows(), T, F) <- y",
            )),
            "Source:_in
            revenue_per_hour____Sink:_hourly Sink:_hourly
            alerts
            GlobalWindows
            TumblingEventTimeWindows",
            "Plan
            0 Source:_in source()
            1 alerts
            1 revenue_per_hour____Sink:_hourly sink(Sink:_hourly)
            2 TumblingEventTimeWindows
            3 GlobalWindows sink()
            Source:_in => alerts
            Source:_in => revenue_per_hour____Sink:_hourly
            TumblingEventTimeWindows => GlobalWindows
            alerts => TumblingEventTimeWindows",
        );
    }

    #[test]
    fn names_are_kept_for_tasks_that_a_plan_leaves_open() {
        check(
            Some(&plan("s: Source: in\nx: first odd <- s\ny: second odd <- x\nz: Sink: out <- y")),
            "Source:_in\nSink:_out\nSink:_other",
            "Plan
            0 Source:_in source()
            3 Sink:_out sink()
            - Sink:_other sink()
            Source:_in => Sink:_out
            unmatched first odd
            unmatched second odd",
        );
    }

    #[test]
    fn an_inventory_gives_tasks_and_operators_in_either_spelling() {
        let series = |pairs: &[(&str, &str)]| crate::model::series::MetricSeries {
            metric: Arc::from("numRecordsIn"),
            dimensions: crate::model::series::Dimensions::new(
                pairs.iter().map(|(n, v)| (Arc::from(*n), Arc::from(*v))).collect(),
            ),
            account: None,
        };
        let series = vec![
            series(&[("Application", "a")]),
            series(&[("Application", "a"), ("Task", "t")]),
            series(&[("Application", "a"), ("Task", "t"), ("TaskOperator", "o")]),
            series(&[("Application", "a"), ("Task", "u"), ("Operator", "p"), ("Parallelism", "0")]),
        ];
        let inventory = inventory::Inventory::new(series, Default::default());
        assert_eq!(*inventory.tasks(), tasks("t o\nu p"));
    }
}
