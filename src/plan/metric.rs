//! Plans any metric by name and dimensions.

use std::sync::Arc;

use super::Show;
use super::expr::Expr;
use super::grid::Use;
use super::inventory::{Application, Entry};
use super::line::{Line, Measure, Target};
use super::scope::{self, QueryScope};
use crate::catalog::aliases::{self, Meaning};
use crate::catalog::level::Facet;
use crate::catalog::metric::{Good, Unit};
use crate::catalog::signal::Reduce;
use crate::catalog::statistic::Statistic;
use crate::catalog::{metrics, names};
use crate::notice::Notice;
use crate::query::application::AskedSignal;
use crate::query::{MetricQuery, NameFilter};

pub(super) fn plan_metric(asked: &MetricQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let mut lines = Vec::new();
    for application in scope.applications.clone() {
        let metric = metric_of(application, &asked.metric);
        if metric != asked.metric {
            scope.note(Notice::info(format!("\"{}\" is read as the metric \"{metric}\".", asked.metric)));
        }
        let entries: Vec<&Entry> = application.entries(metric).filter(|entry| selects(asked, entry)).collect();
        if entries.is_empty() && application.has_series() {
            scope.note_absence(describe_nothing(metric, application));
        }
        for entry in entries {
            lines.extend(plan_line(metric, application, entry, scope));
        }
    }
    lines.sort_by(|a, b| a.target.cmp(&b.target));
    Show::Series { lines, ranking: None }
}

/// The metric that a name means: what the application publishes under this very name, else the metric that the name is another
/// spelling of.
fn metric_of<'n>(application: &Application<'_>, name: &'n str) -> &'n str {
    if application.entries(name).next().is_some() {
        return name;
    }
    match aliases::by_spelling(name) {
        Some(Meaning::Metric(known)) => known,
        Some(Meaning::Signal(_)) | None => name,
    }
}

/// A series is selected when its dimensions beside `Application` are exactly the asked ones.
fn selects(asked: &MetricQuery, entry: &Entry) -> bool {
    let dimensions = &entry.series.dimensions;
    let others = dimensions.iter().filter(|(name, _)| &***name != "Application");
    let mut count = 0;
    for (name, value) in others {
        let Some(filter) = filter_of(asked, name) else { return false };
        let selected = filter.selects(value, |exact, value| exact == value || names::matches(exact, value));
        if !selected {
            return false;
        }
        count += 1;
    }
    count == asked.dimensions.len()
}

/// The filter of a series' dimension. What has several spellings (`Operator`, `TaskOperator`) is found by any of them.
fn filter_of<'q>(asked: &'q MetricQuery, dimension: &str) -> Option<&'q NameFilter> {
    let by_facet = || {
        let facet = Facet::of(dimension)?;
        asked.dimensions.iter().find(|(name, _)| Facet::of(name) == Some(facet)).map(|(_, filter)| filter)
    };
    asked.dimensions.get(dimension).or_else(by_facet)
}

fn plan_line<'a, 'f>(
    metric: &str,
    application: &'a Application<'f>,
    entry: &Entry,
    scope: &mut QueryScope<'a, 'f>,
) -> Option<Line> {
    let minimum = metrics::metric(metric).map_or(60, scope::shortest_period);
    let grid = scope.grid(Use::Lines, minimum, false);
    let statistic = scope.query.statistic.clone().unwrap_or_else(|| usual_statistic(metric));
    let expr =
        scope.bind(application, grid, |binder| Ok(Expr::Series(binder.series(metric, entry, &statistic)))).ok()?;
    let dimensions = entry.series.dimensions.iter();
    let extra = dimensions.filter(|(name, _)| !has_own_label(name));
    let target = Target {
        application: application.name.clone(),
        account: application.account.clone(),
        region: scope.query.place.region.clone(),
        task: entry.task().cloned(),
        operator: entry.operator().cloned(),
        subtask: entry.subtask().cloned(),
        dimensions: extra.map(|(name, value)| (name.clone(), value.clone())).collect(),
    };
    Some(Line { target, measure: Arc::new(measure(metric, &statistic)), grid, expr })
}

/// Whether a label of ours tells all of a dimension. Of a rarer spelling it does not: a series may have two of them, and two series
/// may differ in nothing else.
fn has_own_label(dimension: &str) -> bool {
    matches!(dimension, "Application" | "Task" | "TaskOperator" | "Parallelism")
}

/// A metric query shows CloudWatch's own numbers: no totals are made of them.
fn usual_statistic(metric: &str) -> Statistic {
    metrics::metric(metric).map_or(Statistic::Average, |metric| metric.statistic.clone())
}

fn measure(metric: &str, statistic: &Statistic) -> Measure {
    match metrics::metric(metric) {
        Some(metric) => scope::measure(&AskedSignal::Metric(metric), Some(statistic.as_str())),
        None => Measure {
            signal: metric.to_owned().into(),
            title: metric.to_owned().into(),
            description: "A metric of the application itself.".into(),
            statistic: Some(statistic.as_str().into()),
            unit: Unit::None,
            thresholds: &[],
            good: Good::Neutral,
            reduce: Reduce::Last,
        },
    }
}

/// Longest list of dimension sets in one sentence.
const SETS_SHOWN: usize = 4;

fn describe_nothing(metric: &str, application: &Application<'_>) -> String {
    let name = &application.name;
    let mut sets: Vec<String> = application
        .entries(metric)
        .map(|entry| format!("{{{}}}", entry.series.dimensions.names().collect::<Vec<_>>().join(", ")))
        .collect();
    sets.sort();
    sets.dedup();
    if sets.is_empty() {
        return format!("Application \"{name}\" publishes no metric \"{metric}\". Names are case sensitive.");
    }
    sets.truncate(SETS_SHOWN);
    format!(
        "No series of \"{metric}\" has these dimensions; application \"{name}\" publishes it under {}.",
        sets.join(", ")
    )
}
