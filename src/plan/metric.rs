//! Plans any metric by name and dimensions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Show;
use super::at::At;
use super::chosen::{Chosen, Lists};
use super::expr::Expr;
use super::grid::{self, Use};
use super::known::Application;
use super::line::{Line, Measure, Target};
use super::measure;
use super::nothing::Nothing;
use super::scope::QueryScope;
use crate::catalog::aliases::{self, Meaning};
use crate::catalog::level::Scope;
use crate::catalog::level::{Facet, is_same_dimension};
use crate::catalog::metric::{Better, Unit};
use crate::catalog::signal::Reduce;
use crate::catalog::statistic::Statistic;
use crate::catalog::{metrics, names, signals, similar};
use crate::model::series::{Dimensions, MetricSeries};
use crate::notice::Notice;
use crate::query::AskedSignal;
use crate::query::{MetricQuery, NameFilter, NameLists};
use crate::topology::inventory::Entry;

pub(super) fn plan_metric(asked: &MetricQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let values = &choose_values(asked, scope);
    let is_told = values.values().any(|chosen| !chosen.missing.is_empty());
    let is_history = scope.begins_before_listing();
    for chosen in values.values() {
        match is_history {
            true => chosen.missing.iter().for_each(|text| scope.note(Notice::info(text.clone()))),
            false => scope.note_chosen(chosen),
        }
    }
    let mut lines = Vec::new();
    for application in scope.applications.clone() {
        let metric = metric_of(application, &asked.metric);
        if metric != asked.metric {
            scope.note(Notice::info(format!("\"{}\" is read as the metric \"{metric}\".", asked.metric)));
        }
        let entries: Vec<&Entry> = application.entries(metric).filter(|entry| selects(values, entry)).collect();
        if entries.is_empty() && is_history {
            lines.extend(plan_history(metric, values, application, scope));
            continue;
        }
        if entries.is_empty() && application.has_series() && !is_told {
            scope.note_nothing(application, why_nothing(metric, asked, application));
        }
        if scope.has_only_nulls(application) {
            lines.push(null_line(metric, application, scope));
        }
        if let Some(known) = metrics::metric(metric).filter(|_| !entries.is_empty()) {
            scope.note_sum(&AskedSignal::Metric(known));
        }
        for entry in entries {
            lines.extend(plan_line(metric, application, entry, scope));
        }
    }
    lines.sort_by(|a, b| a.target.cmp(&b.target));
    Show::Series { lines, ranking: None }
}

/// ListMetrics forgets a series after two weeks, and CloudWatch keeps its values for 455 days. Where the author named
/// all of it nothing has to be found, and nothing is guessed.
fn plan_history<'a, 'f>(
    metric: &str,
    values: &ChosenValues<'_, '_>,
    application: &'a Application<'f>,
    scope: &mut QueryScope<'a, 'f>,
) -> Option<Line> {
    let name = &application.name;
    let value = |(dimension, chosen): (&&str, &Chosen<'_>)| {
        let [NameFilter::Exact(value)] = chosen.own.as_slice() else { return None };
        if !chosen.lets_through(value) {
            return None;
        }
        let value = match Facet::of(dimension) {
            Some(Facet::Task | Facet::Operator) => names::clean(value),
            Some(_) | None => value.clone(),
        };
        Some((Arc::from(*dimension), Arc::from(value)))
    };
    let named: Option<Vec<(Arc<str>, Arc<str>)>> = values.iter().map(value).collect();
    let Some(mut dimensions) = named.filter(|_| scope.query.names(name.as_str())) else {
        scope.note_nothing(application, Nothing::NotListed { metric: metric.to_owned() });
        return None;
    };
    dimensions.push((Arc::from("Application"), Arc::from(name.as_str())));
    let account = application.account.clone();
    let entry = Entry::of(MetricSeries { metric: Arc::from(metric), dimensions: Dimensions::new(dimensions), account });
    scope.note_nothing(application, Nothing::AskedAsNamed { metric: metric.to_owned() });
    plan_line(metric, application, &entry, scope)
}

/// The metric that a name means: what the application publishes under this very name, else the metric that the name is
/// another spelling of.
fn metric_of<'n>(application: &Application<'_>, name: &'n str) -> &'n str {
    if application.entries(name).next().is_some() {
        return name;
    }
    match aliases::by_spelling(name) {
        Some(Meaning::Metric(known)) => known,
        Some(Meaning::Signal(_)) | None => name,
    }
}

/// The values that are selected, by dimension.
type ChosenValues<'q, 'f> = BTreeMap<&'q str, Chosen<'f>>;

/// Each value that the author wrote has to be there.
fn choose_values<'q, 'f>(asked: &'q MetricQuery, scope: &QueryScope<'_, 'f>) -> ChosenValues<'q, 'f> {
    let mut chosen = BTreeMap::new();
    for (dimension, own) in &asked.dimensions {
        let entries = scope
            .applications
            .iter()
            .flat_map(|application| application.entries(metric_of(application, &asked.metric)));
        let entries = entries.filter(|entry| has_names(asked, entry));
        let values = entries.flat_map(|entry| entry.series.dimensions.iter());
        let values: BTreeSet<&str> =
            values.filter(|(name, _)| is_same_dimension(dimension, name)).map(|(_, value)| &**value).collect();
        let lists = Lists {
            what: format!("value of {dimension} under \"{}\"", asked.metric),
            own,
            only: scope.query.only.iter().flat_map(|only| lists_of(only, dimension)).collect(),
            exclude: lists_of(&scope.query.exclude, dimension).concat(),
            selects: selects_value,
        };
        chosen.insert(dimension.as_str(), Chosen::new(&lists, &values));
    }
    chosen
}

/// The lists of names that are about a dimension.
fn lists_of<'q>(lists: &'q NameLists, dimension: &str) -> Vec<&'q [NameFilter]> {
    let of_facet = match Facet::of(dimension) {
        Some(Facet::Task) => lists.tasks.as_slice(),
        Some(Facet::Operator) => lists.operators.as_slice(),
        Some(_) | None => &[],
    };
    let of_dimension = lists.dimensions.iter().filter(|(name, _)| is_same_dimension(name, dimension));
    let all = of_dimension.map(|(_, filters)| filters.as_slice()).chain([of_facet]);
    all.filter(|filters| !filters.is_empty()).collect()
}

/// A series is selected when its dimensions beside `Application` are exactly the asked ones.
fn selects(values: &ChosenValues<'_, '_>, entry: &Entry) -> bool {
    let others = || entry.series.dimensions.iter().filter(|(name, _)| &***name != "Application");
    let is_selected = |(name, value): (&Arc<str>, &Arc<str>)| {
        let same = || values.iter().find(|(asked, _)| is_same_dimension(asked, name)).map(|(_, chosen)| chosen);
        values.get(&**name).or_else(same).is_some_and(|chosen| chosen.has(Some(value)))
    };
    others().count() == values.len() && others().all(is_selected)
}

fn selects_value(filter: &NameFilter, value: &str) -> bool {
    filter.selects(value, |exact, value| exact == value || names::matches(exact, value))
}

/// Whether a series has exactly the asked dimensions, whatever their values.
fn has_names(asked: &MetricQuery, entry: &Entry) -> bool {
    let mut others = entry.series.dimensions.names().filter(|name| *name != "Application");
    others.clone().count() == asked.dimensions.len()
        && others.all(|name| asked.dimensions.keys().any(|asked| is_same_dimension(asked, name)))
}

fn plan_line<'a, 'f>(
    metric: &str,
    application: &'a Application<'f>,
    entry: &Entry,
    scope: &mut QueryScope<'a, 'f>,
) -> Option<Line> {
    let minimum = metrics::metric(metric).map_or(60, grid::shortest_period);
    let grid = scope.grid(Use::Lines, minimum, 0);
    let statistic = scope.query.statistic.clone().unwrap_or_else(|| usual_statistic(metric));
    let expr =
        scope.bind(application, grid, Use::Lines, |binder| Ok(binder.arrived(metric, entry, &statistic))).ok()?;
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

/// Whether a label of ours tells all of a dimension. Of a rarer spelling it does not: a series may have two of them,
/// and two series may differ in nothing else.
fn has_own_label(dimension: &str) -> bool {
    matches!(dimension, "Application" | "Task" | "TaskOperator" | "Parallelism")
}

/// A metric query shows CloudWatch's own numbers: no totals are made of them.
fn usual_statistic(metric: &str) -> Statistic {
    metrics::metric(metric).map_or(Statistic::Average, |metric| metric.statistic.clone())
}

fn measure(metric: &str, statistic: &Statistic) -> Measure {
    match metrics::metric(metric) {
        Some(metric) => measure::measure(&AskedSignal::Metric(metric), Some(statistic.as_str())),
        None => Measure {
            signal: metric.to_owned().into(),
            title: metric.to_owned().into(),
            description: "A metric of the application itself.".into(),
            statistic: Some(statistic.as_str().into()),
            unit: Unit::None,
            thresholds: &[],
            better: Better::Neutral,
            reduce: Reduce::Last,
        },
    }
}

fn why_nothing(metric: &str, asked: &MetricQuery, application: &Application<'_>) -> Nothing {
    let metric = metric.to_owned();
    let entries: Vec<&Entry> = application.entries(&metric).collect();
    if entries.iter().any(|entry| has_names(asked, entry)) {
        return Nothing::OtherValues { metric };
    }
    if !entries.is_empty() {
        let set = |entry: &&Entry| format!("{{{}}}", entry.series.dimensions.names().collect::<Vec<_>>().join(", "));
        let sets: BTreeSet<String> = entries.iter().map(set).collect();
        return Nothing::OtherDimensions { metric, sets: sets.into_iter().collect() };
    }
    if let Some(signal) = signals::signal(&metric) {
        let kind = if signal.scopes.contains(&Scope::Application) { "application" } else { "operator" };
        return Nothing::Signal { name: metric, kind };
    }
    let published: BTreeSet<&str> = application.all().map(|entry| &*entry.series.metric).collect();
    let near = similar::nearest(&metric, published.iter().copied()).into_iter().map(str::to_owned).collect();
    Nothing::NoMetric { metric, near }
}
