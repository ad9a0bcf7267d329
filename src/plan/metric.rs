//! Plans any metric by name and dimensions.

use std::sync::Arc;

use super::Show;
use super::expr::Expr;
use super::grid::Use;
use super::inventory::{Application, Entry};
use super::line::{Line, Measure, Target};
use super::scope::{self, QueryScope};
use crate::catalog::level::Facet;
use crate::catalog::metric::{Good, Unit};
use crate::catalog::signal::Reduce;
use crate::catalog::statistic::Statistic;
use crate::catalog::{metrics, names};
use crate::query::application::AskedSignal;
use crate::query::{MetricQuery, NameFilter};

pub(super) fn plan_metric(asked: &MetricQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let mut lines = Vec::new();
    for application in scope.applications.clone() {
        let entries: Vec<&Entry> = application.entries(&asked.metric).filter(|entry| selects(asked, entry)).collect();
        if entries.is_empty() && application.has_series() {
            scope.note_absence(describe_nothing(asked, application));
        }
        for entry in entries {
            lines.extend(plan_line(asked, application, entry, scope));
        }
    }
    lines.sort_by(|a, b| a.target.cmp(&b.target));
    Show::Series { lines, ranking: None }
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
    asked: &MetricQuery,
    application: &'a Application<'f>,
    entry: &Entry,
    scope: &mut QueryScope<'a, 'f>,
) -> Option<Line> {
    let minimum = metrics::metric(&asked.metric).map_or(60, scope::shortest_period);
    let grid = scope.grid(Use::Lines, minimum, false);
    let statistic = scope.query.statistic.clone().unwrap_or_else(|| usual_statistic(asked));
    let expr = scope
        .bind(application, grid, |binder| Ok(Expr::Series(binder.series(&asked.metric, entry, &statistic))))
        .ok()?;
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
    Some(Line { target, measure: Arc::new(measure(asked, &statistic)), grid, expr })
}

fn has_own_label(dimension: &str) -> bool {
    matches!(Facet::of(dimension), Some(Facet::Application | Facet::Task | Facet::Operator | Facet::Subtask))
}

/// A metric query shows CloudWatch's own numbers: no totals are made of them.
fn usual_statistic(asked: &MetricQuery) -> Statistic {
    metrics::metric(&asked.metric).map_or(Statistic::Average, |metric| metric.statistic.clone())
}

fn measure(asked: &MetricQuery, statistic: &Statistic) -> Measure {
    match metrics::metric(&asked.metric) {
        Some(metric) => scope::measure(&AskedSignal::Metric(metric), Some(statistic.as_str())),
        None => Measure {
            signal: asked.metric.clone().into(),
            title: asked.metric.clone().into(),
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

fn describe_nothing(asked: &MetricQuery, application: &Application<'_>) -> String {
    let name = &application.name;
    let metric = &asked.metric;
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
