//! Flink's job plan: the graph of tasks as JSON, and the names that its nodes describe.
//!
//! A node describes its chain as a tree, one operator a line. A description equals the operator's name except for
//! windows, SQL operators, and wherever a job sets descriptions of its own. So nothing here says which node is which
//! task of CloudWatch; it offers what to compare. The one surprise: nodes are listed sinks first.

use std::collections::HashMap;

use serde::Deserialize;

use crate::catalog::sinks::{self, SinkPart};
use crate::limits;

/// The tasks of a job and how they are connected.
#[derive(Debug, Clone, PartialEq)]
pub struct JobPlan {
    pub nodes: Vec<PlanNode>,
}

/// One task: a chain of operators.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanNode {
    /// In the order of drawing: the head of the chain first. Never empty.
    pub operators: Vec<PlanOperator>,
    /// Indices of the nodes whose records come in, each once.
    pub inputs: Vec<usize>,
    /// Whether the plan gives the node no inputs at all.
    pub is_source: bool,
}

/// One operator of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOperator {
    pub description: String,
    /// Distance from the head of the chain, in operators.
    pub depth: usize,
}

#[derive(Deserialize)]
struct WirePlan {
    /// Flink's REST API wraps the plan once more.
    plan: Option<Box<WirePlan>>,
    #[serde(default)]
    nodes: Vec<WireNode>,
}

#[derive(Deserialize)]
struct WireNode {
    id: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    inputs: Vec<WireInput>,
}

#[derive(Deserialize)]
struct WireInput {
    id: String,
}

impl JobPlan {
    /// Reads the JSON; None where it is not a plan, or one without nodes.
    pub fn parse(json: &str) -> Option<Self> {
        let outer: WirePlan = serde_json::from_str(json).ok()?;
        let wire = match outer.plan {
            Some(inner) => inner.nodes,
            None => outer.nodes,
        };
        if wire.len() > limits::JOB_PLAN_TASKS {
            return None;
        }
        let index: HashMap<&str, usize> = wire.iter().enumerate().map(|(i, node)| (node.id.as_str(), i)).collect();
        let nodes: Vec<PlanNode> = wire.iter().map(|node| parse_node(node, &index)).collect();
        (!nodes.is_empty()).then_some(Self { nodes })
    }

    /// For each node whether another one takes its records.
    pub fn consumed(&self) -> Vec<bool> {
        let mut consumed = vec![false; self.nodes.len()];
        for input in self.nodes.iter().flat_map(|node| &node.inputs) {
            consumed[*input] = true;
        }
        consumed
    }

    /// For each node whether it writes records to a sink.
    pub fn writers(&self) -> Vec<bool> {
        let operators = || self.nodes.iter().flat_map(|node| &node.operators);
        let named: Vec<&str> = operators().filter_map(|o| o.description.strip_suffix(": Writer")).collect();
        // Compactors and the like of a sink that has a writer carry the sink's name too, and get committables.
        let belongs = |text: &str| named.iter().any(|s| text.strip_prefix(s).is_some_and(|part| part.starts_with(':')));
        let writes = |o: &PlanOperator| o.has_writer_name() || (o.has_sink_name() && !belongs(&o.description));
        self.nodes.iter().map(|node| node.operators.iter().any(writes)).collect()
    }

    /// The longest way from a source to each node, in nodes; None inside a loop and behind it.
    pub fn depths(&self) -> Vec<Option<u32>> {
        let mut depths: Vec<Option<u32>> = vec![None; self.nodes.len()];
        loop {
            let mut is_settled = true;
            // Flink lists sinks first.
            for (index, node) in self.nodes.iter().enumerate().rev() {
                let before: Option<Vec<u32>> = node.inputs.iter().map(|input| depths[*input]).collect();
                let depth = before.map(|before| before.into_iter().max().map_or(0, |deepest| deepest + 1));
                is_settled &= depth == depths[index];
                depths[index] = depth;
            }
            if is_settled {
                return depths;
            }
        }
    }
}

impl PlanNode {
    pub fn head(&self) -> &PlanOperator {
        &self.operators[0]
    }

    /// The name of the chain as Flink composes it, `A -> (B -> C, D)`, with each operator named by `name`.
    pub fn chain_name(&self, name: fn(&PlanOperator) -> String) -> String {
        // From the last operator to the first, so that what follows an operator is named before it. A loop, because the
        // depth of a chain is not ours to choose.
        let mut parts: Vec<(usize, String)> = Vec::new();
        for operator in self.operators.iter().rev() {
            let mut followers = Vec::new();
            while let Some((_, part)) = parts.pop_if(|(depth, _)| *depth > operator.depth) {
                followers.push(part);
            }
            let own = name(operator);
            let text = match followers.as_slice() {
                [] => own,
                [only] => format!("{own} -> {only}"),
                several => format!("{own} -> ({})", several.join(", ")),
            };
            parts.push((operator.depth, text));
        }
        parts.pop().map(|(_, text)| text).unwrap_or_default()
    }

    /// The operators that nothing in the chain follows.
    pub fn leaves(&self) -> impl Iterator<Item = &PlanOperator> {
        self.operators.iter().enumerate().filter_map(|(i, operator)| {
            let followed = self.operators.get(i + 1).is_some_and(|next| next.depth > operator.depth);
            (!followed).then_some(operator)
        })
    }
}

impl PlanOperator {
    /// The description as it stands: the name of most operators.
    pub fn full(&self) -> String {
        self.description.clone()
    }

    /// The name that Flink gives by default to what it describes at length: `[4]:Calc(select=…)` is named `Calc[4]`,
    /// `Window(TumblingEventTimeWindows(5000), …)` is named by its assigner.
    pub fn short(&self) -> String {
        let text = self.description.as_str();
        if let Some((number, rest)) = sql_number(text) {
            let kind = rest.split('(').next().unwrap_or(rest);
            return format!("{kind}[{number}]");
        }
        match text.strip_prefix("Window(") {
            Some(window) => window.split(['(', ',', ')']).next().unwrap_or(window).to_owned(),
            None => self.full(),
        }
    }

    /// The number that SQL gives the operator, also in its name.
    pub fn sql_number(&self) -> Option<&str> {
        let text = self.description.as_str();
        let text = text.strip_prefix("Source: ").or_else(|| text.strip_prefix("Sink: ")).unwrap_or(text);
        sql_number(text).map(|(number, _)| number)
    }

    /// Whether Flink made the description, so that the name is likely another.
    pub fn is_generated(&self) -> bool {
        self.description.starts_with("Window(") || self.sql_number().is_some()
    }

    /// Whether Flink or a table format named this the writer of a sink.
    pub fn has_writer_name(&self) -> bool {
        self.description.ends_with(": Writer") || sinks::part(&self.description) == Some(SinkPart::Writer)
    }

    /// Whether the name or kind says that this belongs to a sink and may take records.
    fn has_sink_name(&self) -> bool {
        let text = self.description.as_str();
        let is_sink = text.starts_with("Sink: ") || text.contains("]:Sink(");
        is_sink && !self.is_committer()
    }

    /// Whether the operator commits, compacts or cleans what writers wrote: it gets no records.
    pub fn is_committer(&self) -> bool {
        self.description.ends_with("Committer") || sinks::part(&self.description) == Some(SinkPart::Follower)
    }
}

/// Splits `[4]:Calc(…)` into `4` and `Calc(…)`.
fn sql_number(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = text.strip_prefix('[')?.split_once("]:")?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some((number, rest))
}

fn parse_node(node: &WireNode, index: &HashMap<&str, usize>) -> PlanNode {
    let mut inputs: Vec<usize> = node.inputs.iter().filter_map(|input| index.get(input.id.as_str()).copied()).collect();
    inputs.sort_unstable();
    inputs.dedup();
    PlanNode { operators: parse_description(&node.description), inputs, is_source: node.inputs.is_empty() }
}

/// Reads the tree `A<br/>+- B<br/>   +- C<br/>`, whose text is escaped as HTML.
fn parse_description(description: &str) -> Vec<PlanOperator> {
    let lines = description.split("<br/>").flat_map(|line| line.split("<br>")).filter(|line| !line.trim().is_empty());
    let mut operators: Vec<PlanOperator> = Vec::new();
    for line in lines.take(limits::TASK_OPERATORS) {
        let (depth, text) = if operators.is_empty() { (0, line) } else { strip_branch(line) };
        let depth = depth.min(limits::OPERATOR_DEPTH);
        operators.push(PlanOperator { description: unescape(text.trim()), depth });
    }
    if operators.is_empty() {
        operators.push(PlanOperator { description: String::new(), depth: 0 });
    }
    operators
}

/// Takes the branch in front of a line off: three characters for each level, `+- ` or `:- ` last.
fn strip_branch(line: &str) -> (usize, &str) {
    let mut depth = 0;
    let mut rest = line;
    while let Some(deeper) = rest.strip_prefix("   ").or_else(|| rest.strip_prefix(":  ")) {
        rest = deeper;
        depth += 1;
    }
    match rest.strip_prefix("+- ").or_else(|| rest.strip_prefix(":- ")) {
        Some(text) => (depth + 1, text),
        // A description of the job's own may have lines too.
        None => (depth.max(1), rest),
    }
}

fn unescape(text: &str) -> String {
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    // Last, so that an escaped `&lt;` of the name stays as it is.
    plain.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(description: &str) -> PlanNode {
        PlanNode { operators: parse_description(description), inputs: Vec::new(), is_source: true }
    }

    #[test]
    fn a_chain_may_be_as_deep_as_it_likes() {
        let line = |depth: usize| format!("{}+- m{depth}<br/>", "   ".repeat(depth - 1));
        let lines: String = (1..9000).map(line).collect();
        let plan = serde_json::json!({ "nodes": [{ "id": "1", "description": format!("Source: s<br/>{lines}") }] });
        let plan = JobPlan::parse(&plan.to_string()).unwrap();
        let node = &plan.nodes[0];
        assert_eq!(node.operators.len(), limits::TASK_OPERATORS);
        let name = node.chain_name(PlanOperator::full);
        assert!(name.starts_with("Source: s -> m1 -> m2 -> "), "{}", &name[..60]);
        assert!(name.len() < 20_000);
    }

    #[test]
    fn more_tasks_than_any_job_has_are_no_plan() {
        let nodes: Vec<_> =
            (0..=limits::JOB_PLAN_TASKS).map(|id| serde_json::json!({ "id": id.to_string() })).collect();
        assert!(JobPlan::parse(&serde_json::json!({ "nodes": nodes }).to_string()).is_none());
    }

    #[test]
    fn a_drawn_chain_is_named_as_flink_names_tasks() {
        let cases = [
            ("A<br/>", "A"),
            (
                "Join: a&lt;-&gt;b<br/>+- Filter: x &gt; 1 &amp; y<br/>   +- C<br/>",
                "Join: a<->b -> Filter: x > 1 & y -> C",
            ),
            ("A<br/>:- B<br/>:  +- C<br/>+- D<br/>", "A -> (B -> C, D)"),
            ("A<br/>:- B<br/>+- D<br/>   +- E", "A -> (B, D -> E)"),
            ("", ""),
            ("&amp;lt;", "&lt;"),
        ];
        for (description, name) in cases {
            assert_eq!(chain(description).chain_name(PlanOperator::full), name);
        }
    }

    #[test]
    fn descriptions_that_flink_made_have_short_names() {
        let short = |description| chain(description).head().short();
        assert_eq!(short("[4]:Calc(select=[a, b])"), "Calc[4]");
        assert_eq!(short("Window(TumblingEventTimeWindows(5000), EventTimeTrigger, F)"), "TumblingEventTimeWindows");
        assert_eq!(short("[not]:a number"), "[not]:a number");
        let scan = chain("Source: [17]:TableSourceScan(table=[[t]], fields=[a])");
        assert_eq!(scan.head().sql_number(), Some("17"));
    }

    #[test]
    fn leaves_are_the_ends_of_all_branches() {
        let node = chain("A<br/>:- B<br/>:  +- C<br/>+- D<br/>");
        let leaves: Vec<&str> = node.leaves().map(|leaf| leaf.description.as_str()).collect();
        assert_eq!(leaves, ["C", "D"]);
    }

    #[test]
    fn what_is_no_plan_is_refused() {
        for json in
            ["", "null", "[]", "{}", r#"{"nodes":[]}"#, r#"{"nodes":[{"description":"no id"}]}"#, "{\"nodes\":["]
        {
            assert_eq!(JobPlan::parse(json), None, "{json}");
        }
    }

    #[test]
    fn a_loop_has_no_depth() {
        let json = r#"{"nodes":[{"id":"a","description":"a"},
            {"id":"b","description":"b","inputs":[{"id":"a"},{"id":"c"}]},
            {"id":"c","description":"c","inputs":[{"id":"b"},{"id":"unknown"}]},
            {"id":"d","description":"d","inputs":[{"id":"a"}]}]}"#;
        let plan = JobPlan::parse(json).unwrap();
        assert_eq!(plan.depths(), [Some(0), None, None, Some(1)]);
        assert_eq!(plan.consumed(), [true, true, true, false]);
    }
}
