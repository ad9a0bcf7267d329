//! Plans any metric by name and dimensions.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Show;
use super::bind::At;
use super::expr::Expr;
use super::facts::{Dimensions, MetricSeries};
use super::grid::Use;
use super::inventory::{Application, Entry};
use super::line::{Line, Measure, Target};
use super::missing;
use super::scope::{self, QueryScope};
use crate::catalog::aliases::{self, Meaning};
use crate::catalog::level::Facet;
use crate::catalog::metric::{Good, Unit};
use crate::catalog::signal::Reduce;
use crate::catalog::statistic::Statistic;
use crate::catalog::{metrics, names, similar};
use crate::notice::{Notice, describe_names};
use crate::query::application::AskedSignal;
use crate::query::{Exclude, MetricQuery, NameFilter, filter};

pub(super) fn plan_metric(asked: &MetricQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let (asked, wrong_values) = settle_values(asked, scope);
    let (asked, is_told) = (&asked, !wrong_values.is_empty());
    let is_history = scope.begins_before_listing();
    for text in wrong_values {
        if is_history { scope.note(Notice::info(text)) } else { scope.miss(text) }
    }
    let mut lines = Vec::new();
    for application in scope.applications.clone() {
        let metric = metric_of(application, &asked.metric);
        if metric != asked.metric {
            scope.note(Notice::info(format!("\"{}\" is read as the metric \"{metric}\".", asked.metric)));
        }
        let is_shown = |entry: &&Entry| selects(asked, entry) && !is_excluded(&scope.query.exclude, entry);
        let entries: Vec<&Entry> = application.entries(metric).filter(is_shown).collect();
        if entries.is_empty() && is_history {
            lines.extend(plan_history(metric, asked, application, scope));
            continue;
        }
        if entries.is_empty() && application.has_series() && !is_told {
            scope.note_absence(application, describe_nothing(metric, asked, application));
        }
        if scope.has_only_nulls(application) {
            lines.push(null_line(metric, application, scope));
        }
        if let Some(known) = metrics::metric(metric).filter(|_| !entries.is_empty()) {
            scope.note_sum(known);
        }
        for entry in entries {
            lines.extend(plan_line(metric, application, entry, scope));
        }
    }
    lines.sort_by(|a, b| a.target.cmp(&b.target));
    Show::Series { lines, ranking: None }
}

/// ListMetrics forgets a series after two weeks, and CloudWatch keeps its values for 455 days. Where the author named all of it nothing has to
/// be found, and nothing is guessed.
fn plan_history<'a, 'f>(
    metric: &str,
    asked: &MetricQuery,
    application: &'a Application<'f>,
    scope: &mut QueryScope<'a, 'f>,
) -> Option<Line> {
    let name = &application.name;
    let value = |(dimension, filters): (&String, &Vec<NameFilter>)| {
        let [NameFilter::Exact(value)] = filters.as_slice() else { return None };
        let value = match Facet::of(dimension) {
            Some(Facet::Task | Facet::Operator) => names::clean(value),
            Some(_) | None => value.clone(),
        };
        Some((Arc::from(dimension.as_str()), Arc::from(value)))
    };
    let named: Option<Vec<(Arc<str>, Arc<str>)>> = asked.dimensions.iter().map(value).collect();
    let Some(mut dimensions) = named.filter(|_| scope.query.names(name.as_str())) else {
        scope.note(Notice::info(format!(
            "No series of \"{metric}\" is found for application \"{name}\". Only those of the last two weeks can be found: name application and dimensions exactly for older ones."
        )));
        return None;
    };
    dimensions.push((Arc::from("Application"), Arc::from(name.as_str())));
    let account = application.account.clone();
    let entry = Entry::of(MetricSeries { metric: Arc::from(metric), dimensions: Dimensions::new(dimensions), account });
    scope.note(Notice::info(format!(
        "\"{metric}\" of application \"{name}\" is not among the series of the last two weeks: it is asked for as it is named."
    )));
    plan_line(metric, application, &entry, scope)
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

/// The query with its values as they are meant, and those that no application has. Each that the author wrote has to be there.
fn settle_values(asked: &MetricQuery, scope: &QueryScope<'_, '_>) -> (MetricQuery, Vec<String>) {
    let mut settled = asked.clone();
    let mut wrong = Vec::new();
    for (dimension, filters) in &mut settled.dimensions {
        let entries = scope
            .applications
            .iter()
            .flat_map(|application| application.entries(metric_of(application, &asked.metric)));
        let entries = entries.filter(|entry| has_names(asked, entry));
        let values = entries.flat_map(|entry| entry.series.dimensions.iter());
        let values: BTreeSet<&str> =
            values.filter(|(name, _)| is_same_dimension(dimension, name)).map(|(_, value)| &**value).collect();
        *filters = filter::settle(filters, values.iter().copied(), names::matches);
        if !values.is_empty() {
            let what = format!("value of {dimension} under \"{}\"", asked.metric);
            wrong.extend(missing::unmatched_names(&what, filters, &values, selects_value));
        }
    }
    (settled, wrong)
}

/// Whether a dimension is called so, in any of its spellings.
fn is_same_dimension(asked: &str, name: &str) -> bool {
    asked == name || Facet::of(name).is_some_and(|facet| Facet::of(asked) == Some(facet))
}

fn is_excluded(exclude: &Exclude, entry: &Entry) -> bool {
    let has = |filters: &[NameFilter], value: &str| filters.iter().any(|filter| selects_value(filter, value));
    let is_excluded = |(name, value): (&Arc<str>, &Arc<str>)| {
        let of = exclude.dimensions.iter().filter(|(asked, _)| is_same_dimension(asked, name));
        of.into_iter().any(|(_, filters)| has(filters, value))
    };
    entry.task().is_some_and(|task| has(&exclude.tasks, task))
        || entry.operator().is_some_and(|operator| has(&exclude.operators, operator))
        || entry.series.dimensions.iter().any(is_excluded)
}

/// A series is selected when its dimensions beside `Application` are exactly the asked ones.
fn selects(asked: &MetricQuery, entry: &Entry) -> bool {
    let dimensions = &entry.series.dimensions;
    let others = dimensions.iter().filter(|(name, _)| &***name != "Application");
    let mut count = 0;
    for (name, value) in others {
        let Some(filters) = filters_of(asked, name) else { return false };
        if !filters.iter().any(|filter| selects_value(filter, value)) {
            return false;
        }
        count += 1;
    }
    count == asked.dimensions.len()
}

fn selects_value(filter: &NameFilter, value: &str) -> bool {
    filter.selects(value, |exact, value| exact == value || names::matches(exact, value))
}

/// Whether a series has exactly the asked dimensions, whatever their values.
fn has_names(asked: &MetricQuery, entry: &Entry) -> bool {
    let mut others = entry.series.dimensions.names().filter(|name| *name != "Application");
    others.clone().count() == asked.dimensions.len() && others.all(|name| filters_of(asked, name).is_some())
}

/// The filters of a series' dimension. What has several spellings (`Operator`, `TaskOperator`) is found by any of them.
fn filters_of<'q>(asked: &'q MetricQuery, dimension: &str) -> Option<&'q [NameFilter]> {
    let by_facet =
        || asked.dimensions.iter().find(|(name, _)| is_same_dimension(name, dimension)).map(|(_, filters)| filters);
    asked.dimensions.get(dimension).or_else(by_facet).map(Vec::as_slice)
}

fn plan_line<'a, 'f>(
    metric: &str,
    application: &'a Application<'f>,
    entry: &Entry,
    scope: &mut QueryScope<'a, 'f>,
) -> Option<Line> {
    let minimum = metrics::metric(metric).map_or(60, scope::shortest_period);
    let grid = scope.grid(Use::Lines, minimum, 0);
    let statistic = scope.query.statistic.clone().unwrap_or_else(|| usual_statistic(metric));
    let expr =
        scope.bind(application, (grid, Use::Lines), |binder| Ok(binder.arrived(metric, entry, &statistic))).ok()?;
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

/// An alert about an application that has published nothing of late keeps its line.
fn null_line<'a, 'f>(metric: &str, application: &'a Application<'f>, scope: &mut QueryScope<'a, 'f>) -> Line {
    let statistic = scope.query.statistic.clone().unwrap_or_else(|| usual_statistic(metric));
    let grid = scope.grid(Use::Lines, 60, 0);
    let target = scope.target(application, &At::Application);
    Line { target, measure: Arc::new(measure(metric, &statistic)), grid, expr: Expr::nothing() }
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

fn describe_nothing(metric: &str, asked: &MetricQuery, application: &Application<'_>) -> String {
    let name = &application.name;
    let entries: Vec<&Entry> = application.entries(metric).collect();
    if entries.is_empty() {
        let published: BTreeSet<&str> = application.all().map(|entry| &*entry.series.metric).collect();
        let near = similar::nearest(metric, published.iter().copied());
        let hint = if near.is_empty() { String::new() } else { format!(" It publishes {}.", describe_names(&near)) };
        return format!("Application \"{name}\" publishes no metric \"{metric}\". Names are case sensitive.{hint}");
    }
    if entries.iter().any(|entry| has_names(asked, entry)) {
        return describe_values(asked, application);
    }
    let set = |entry: &&Entry| format!("{{{}}}", entry.series.dimensions.names().collect::<Vec<_>>().join(", "));
    let mut sets: Vec<String> = entries.iter().map(set).collect::<BTreeSet<_>>().into_iter().collect();
    sets.truncate(SETS_SHOWN);
    format!(
        "No series of \"{metric}\" has these dimensions; application \"{name}\" publishes it under {}.",
        sets.join(", ")
    )
}

/// Each value is there, and the application has none of them, or not together.
fn describe_values(asked: &MetricQuery, application: &Application<'_>) -> String {
    let (name, metric) = (&application.name, &asked.metric);
    format!("No series of \"{metric}\" of application \"{name}\" has these values of its dimensions.")
}
