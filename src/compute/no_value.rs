//! Why a line of metrics that are there has no value: they say something else instead, or the formula gives nothing.
//!
//! Applications of which nothing at all has come are explained in `explain`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::View;
use super::columns::Columns;
use super::evaluate::evaluate;
use super::stopped;
use crate::catalog::names::display;
use crate::catalog::signal::NOT_ENOUGH;
use crate::catalog::signals;
use crate::catalog::statistic::Statistic;
use crate::notice::{Notice, describe_names};
use crate::plan::expr::Expr;
use crate::plan::line::{Line, Target};
use crate::plan::{ApplicationState, Plan, QueryPlan, Show};

/// The lines that an answer is made of: those that have a value and those that have none.
#[derive(Debug, Default)]
pub struct Lines<'l> {
    pub with_value: Vec<&'l Line>,
    pub without_value: Vec<&'l Line>,
}

impl<'l> Lines<'l> {
    pub fn add(&mut self, line: &'l Line, values: &[f64]) {
        let has_value = values.iter().any(|value| !value.is_nan());
        if has_value { &mut self.with_value } else { &mut self.without_value }.push(line);
    }

    /// The cells of a table. Those of the fleet's table have a verdict beside them.
    pub fn of_table(view: &View<'l>) -> Self {
        let shown: Vec<&Line> = match &view.query.show {
            Show::Operators { table, .. } => table.rows.iter().flat_map(|row| row.cells.iter().flatten()).collect(),
            Show::Summary(rows) => rows.iter().map(|row| &row.line).collect(),
            Show::Series { .. } | Show::Fleet(_) | Show::Facts(_) | Show::Logs(_) | Show::TooLarge(_) => Vec::new(),
        };
        let mut lines = Self::default();
        shown.into_iter().for_each(|line| lines.add(line, &evaluate(line, view.plan, &view.columns)));
        lines
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// CloudWatch has only values that stand for this.
    Sentinel(&'static str),
    /// CloudWatch has no value of these metrics.
    NoData(Vec<Arc<str>>),
    Arriving,
    NotFed,
    Formula(&'static str),
}

/// A notice for each signal and reason. What nobody named, and a gap in a column of a table, is told where nothing else
/// has the signal: a fleet is mixed by nature.
pub fn describe(view: &View<'_>, lines: &Lines<'_>) -> Vec<Notice> {
    let shown: BTreeSet<&str> = lines.with_value.iter().map(|line| &*line.measure.signal).collect();
    let known = stopped::shown_applications(view.query, &view.columns);
    let is_told = |line: &&&Line| {
        let is_missed = is_named(view.query, &line.target) || !shown.contains(&*line.measure.signal);
        is_missed && known.contains(&line.target.application) && view.columns.are_read(&line.expr)
    };
    let mut targets: BTreeMap<(&str, Reason), Vec<String>> = BTreeMap::new();
    for line in lines.without_value.iter().filter(is_told) {
        let key = (&*line.measure.signal, reason(line, view.plan, &view.columns));
        targets.entry(key).or_default().push(describe_target(&line.target));
    }
    let notice = |((signal, reason), targets): ((&str, Reason), Vec<String>)| {
        Notice::info(format!("No \"{signal}\" for {}: {}.", describe_names(&targets), reason.describe()))
    };
    targets.into_iter().map(notice).collect()
}

fn is_named(query: &QueryPlan, target: &Target) -> bool {
    match query.show {
        Show::Operators { .. } | Show::Facts(_) | Show::Logs(_) => false,
        Show::Series { .. } | Show::Summary(_) | Show::Fleet(_) | Show::TooLarge(_) => {
            let of_application = |state: &&ApplicationState| state.name == target.application;
            query.names_parts || query.applications.iter().find(of_application).is_some_and(|state| state.is_named)
        }
    }
}

/// What CloudWatch has of a metric in the buckets that a line shows. The last is what counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    Nothing,
    Values,
    Sentinel(&'static str),
}

fn reason(line: &Line, plan: &Plan, columns: &Columns<'_>) -> Reason {
    let mut contents: BTreeMap<Arc<str>, Content> = BTreeMap::new();
    line.expr.visit_series(&mut |id| {
        let planned = &plan.series[id.0 as usize];
        if planned.key.statistic == Statistic::SampleCount {
            return;
        }
        let meaning = |value: f64| planned.sentinels.iter().find(|sentinel| sentinel.hides(value))?.meaning();
        let of_value = |value: f64| meaning(value).map_or(Content::Values, Content::Sentinel);
        let content = columns.shown(id, line.grid).map(of_value).min().unwrap_or(Content::Nothing);
        let known = contents.entry(planned.key.metric.clone()).or_insert(content);
        *known = content.max(*known);
    });
    let meaning = contents.values().find_map(|content| match content {
        Content::Sentinel(meaning) => Some(*meaning),
        Content::Nothing | Content::Values => None,
    });
    let empty = contents.iter().filter(|(_, content)| **content == Content::Nothing);
    let empty: Vec<Arc<str>> = empty.map(|(metric, _)| metric.clone()).collect();
    match meaning {
        Some(meaning) => Reason::Sentinel(meaning),
        None if !empty.is_empty() => Reason::NoData(empty),
        None if matches!(line.expr, Expr::Fed { .. }) => Reason::NotFed,
        None if line.grid.arriving.is_some_and(|arriving| arriving.from <= line.grid.start) => Reason::Arriving,
        None => {
            Reason::Formula(signals::signal(&line.measure.signal).map_or(NOT_ENOUGH, |row| row.formula.why_no_value()))
        }
    }
}

impl Reason {
    /// The end of a sentence.
    fn describe(&self) -> String {
        match self {
            Self::Sentinel(meaning) | Self::Formula(meaning) => (*meaning).to_owned(),
            Self::NoData(metrics) => format!("CloudWatch has no values of {} in the time range", metrics.join(" and ")),
            Self::Arriving => "the newest values are still arriving at CloudWatch, which takes one to three minutes. A longer time range shows those before them".to_owned(),
            Self::NotFed => "the task called a sink receives less than a thousandth of the records that the task before it emits, so the records go somewhere else. The metrics level OPERATOR may show where".to_owned(),
        }
    }
}

/// As people read it.
fn describe_target(target: &Target) -> String {
    let part = target.operator.as_deref().or(target.task.as_deref()).map(display);
    let name = part.unwrap_or_else(|| target.application.to_string());
    let values = target.dimensions.iter().map(|(_, value)| &**value).chain(target.subtask.as_deref());
    let values: Vec<&str> = values.collect();
    if values.is_empty() { name } else { format!("{name} ({})", values.join(", ")) }
}
