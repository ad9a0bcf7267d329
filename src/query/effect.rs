//! Fields that are set where nothing reads them: a filter of operators where lines are tasks, a field of another kind.
//!
//! An alert rule with such a filter would be about more than its author believes, so it is an error there; a panel says
//! it beside what it shows. A field that nobody knows is ignored, as Grafana adds its own, unless it is nearly one of
//! ours.

use serde_json::Value;

use super::cloudwatch;
use super::error::QueryError;
use super::filter::NameFilter;
use super::kinds;
use super::lists::NameLists;
use super::operator::Level;
use super::signals::AskedSignal;
use super::wire::Fields;
use super::{
    ApplicationShape, CheckpointShape, ChosenBy, FactsQuery, Kind, LogsShape, OperatorShape, Origin, Query, own_fields,
};
use crate::catalog::level::{Facet, is_same_dimension};
use crate::catalog::similar;
use crate::notice::{Notice, Severity, describe_names};

/// The fields of every kind.
const OF_ALL: &[&str] = &["queryType", "schema", "region", "accountId", "applications", "exclude", "only"];

/// The query with a notice per field without effect; the first one as an error of an alert.
pub(super) fn check(fields: &Fields, query: Query) -> Result<Query, QueryError> {
    let mut found = Vec::new();
    nearly_known(fields, &mut found);
    of_cloudwatch(fields, &mut found);
    of_other_kinds(fields, &query, &mut found);
    blanks(fields, &mut found);
    empty_top(fields, &mut found);
    for (list, lists) in [("exclude", &query.exclude)].into_iter().chain(query.only.iter().map(|only| ("only", only))) {
        of_lists(list, lists, &query, &mut found);
    }
    of_operators(&query, &mut found);
    of_summary(fields, &query, &mut found);
    fixed_statistics(&query, &mut found);
    shown_as_table(&query, &mut found);
    of_logs(fields, &query, &mut found);
    let mut query = query;
    query.notices.extend(tell(found, query.origin)?);
    if is_summary(&query) {
        query.statistic = None;
    }
    Ok(query)
}

fn tell(found: Vec<NoEffect>, origin: Origin) -> Result<Vec<Notice>, QueryError> {
    let is_serious = |effect: &&NoEffect| effect.severity == Severity::Warning;
    match found.iter().find(is_serious) {
        Some(NoEffect { field, why, .. }) if origin == Origin::Alert => {
            Err(QueryError::NoEffect { field: field.clone(), why: why.clone() })
        }
        _ => Ok(found.into_iter().map(NoEffect::notice).collect()),
    }
}

/// A field, and why it changes nothing.
struct NoEffect {
    field: String,
    why: String,
    severity: Severity,
}

impl NoEffect {
    fn of(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into(), severity: Severity::Warning }
    }

    fn notice(self) -> Notice {
        let text = QueryError::NoEffect { field: self.field, why: self.why }.to_string();
        Notice { severity: self.severity, text }
    }
}

/// What others call our fields.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("app", "applications"),
    ("apps", "applications"),
    ("applicationName", "applications"),
    ("applicationNames", "applications"),
    ("taskName", "tasks"),
    ("operatorName", "operators"),
    ("job", "applications"),
    ("jobs", "applications"),
    ("include", "only"),
    ("stat", "statistic"),
    ("aggregation", "statistic"),
];

/// `task` for `tasks`, `Period` or `perod` for `period`, `stat` for `statistic`.
fn nearly_known(fields: &Fields, found: &mut Vec<NoEffect>) {
    let known = || OF_ALL.iter().copied().chain(kinds::special_fields());
    let is_known = |name: &str| known().any(|known| known == name) || cloudwatch::MARKS.contains(&name);
    for name in fields.names().filter(|name| !is_known(name)) {
        let other_word = OTHER_WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(name)).map(|(_, ours)| *ours);
        if let Some(meant) = other_word.or_else(|| similar::misspelt(name, known())) {
            found.push(NoEffect::of(name, format!("there is no such field; \"{meant}\" is the one that is read")));
        }
    }
}

/// Of a query that has fields of both, one half is read.
fn of_cloudwatch(fields: &Fields, found: &mut Vec<NoEffect>) {
    let why = "it is one of Grafana's CloudWatch data source, and other fields make this a query of Flinkwatch; leave it out, or leave those out";
    found.extend(cloudwatch::left_over(fields).into_iter().map(|field| NoEffect::of(field, why)));
}

/// The other half: of a target that is read as one of the CloudWatch data source.
pub(super) fn check_target(target: &Fields, origin: Origin) -> Result<Vec<Notice>, QueryError> {
    let why = "without \"queryType\" this is read as a query of Grafana's CloudWatch data source; leave it out, or leave out \"namespace\" and \"metricName\"";
    let ours = own_fields().into_iter().filter(|field| target.has_any(&[field]));
    tell(ours.map(|field| NoEffect::of(field, why)).collect(), origin)
}

/// `a, b and c`.
fn describe_list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn of_other_kinds(fields: &Fields, query: &Query, found: &mut Vec<NoEffect>) {
    let kind = query.kind.row();
    let says_nothing = |field: &str| match (field, fields.value(field)) {
        ("as", Some(Value::String(text))) => matches!(text.as_str(), "" | "series"),
        ("statistic" | "period" | "legend", Some(Value::String(text))) => matches!(text.as_str(), "" | "auto"),
        (_, Some(Value::Array(values))) => values.iter().all(|value| *value == "*"),
        (_, Some(value)) => *value == "*",
        (_, None) => true,
    };
    for field in kinds::special_fields().into_iter().filter(|field| !kind.fields.contains(field)) {
        if fields.has_any(&[field]) && !says_nothing(field) {
            let kinds = describe_list(&kinds::kinds_with(field));
            let why = format!("a query of kind {} has no such field, queries of kind {kinds} have it", kind.name);
            found.push(NoEffect::of(field, why));
        }
    }
}

/// The fields that choose by name, and lists of names of whatever is under them.
const CHOOSING: &[&str] = &["applications", "tasks", "operators", "signals", "dimensions", "exclude", "only"];

fn blanks(fields: &Fields, found: &mut Vec<NoEffect>) {
    for field in CHOOSING {
        if let Some(value) = fields.value(field) {
            blank((*field).to_owned(), value, found);
        }
    }
}

/// Neither `count` nor `by` says anything.
fn empty_top(fields: &Fields, found: &mut Vec<NoEffect>) {
    let says_nothing = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    if let Some(Value::Object(top)) = fields.value("top")
        && top.values().all(says_nothing)
    {
        found.push(NoEffect::of("top", "it has no \"count\", so that all are shown; name one, or leave the field out"));
    }
}

/// A text, or a list of texts, that are all empty, as a variable without a value leaves them, and a list without any:
/// they would mean everything.
fn blank(path: String, value: &Value, found: &mut Vec<NoEffect>) {
    let is_empty = |text: &Value| text.as_str().is_some_and(|text| text.trim().is_empty());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| blank(format!("{path}.{name}"), value, found));
        }
        Value::Array(values) if values.iter().any(Value::is_object) => {
            values.iter().for_each(|value| blank(path.clone(), value, found));
        }
        Value::Array(values) if values.is_empty() && may_be_empty(&path) => {}
        Value::Array(values) if values.iter().all(is_empty) => found.push(nameless(path)),
        text if is_empty(text) => found.push(nameless(path)),
        Value::Null if path.starts_with("dimensions.") => found.push(nameless(path)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {}
    }
}

/// Without applications the default one is meant, `only` may have no objects, and to exclude nothing is what such a
/// list says.
fn may_be_empty(list: &str) -> bool {
    matches!(list, "applications" | "only") || list.starts_with("exclude")
}

fn nameless(path: String) -> NoEffect {
    NoEffect::of(path, "it names nothing and is read as if it was not there; name something, or leave the field out")
}

/// Lists of names of things that the query's lines do not have.
fn of_lists(list: &str, lists: &NameLists, query: &Query, found: &mut Vec<NoEffect>) {
    let says_something = |filters: &[NameFilter]| filters.iter().any(|filter| *filter != NameFilter::Any);
    let mut told = |name: &str, why: String| found.push(NoEffect::of(format!("{list}.{name}"), why));
    if says_something(&lists.tasks)
        && let Some(why) = without(Facet::Task, query)
    {
        told("tasks", why);
    }
    if says_something(&lists.operators)
        && let Some(why) = without(Facet::Operator, query).or_else(|| without_operators(list, query))
    {
        told("operators", why);
    }
    for dimension in lists.dimensions.keys() {
        let asked = match &query.kind {
            Kind::Metric(asked) => asked.dimensions.keys().any(|name| is_same_dimension(name, dimension)),
            Kind::Application(_) | Kind::Operator(_) | Kind::Checkpoint(_) | Kind::Facts(_) => false,
        };
        if !asked {
            told(
                &format!("dimensions.{dimension}"),
                "a metric query shows series that have exactly its \"dimensions\", and this is none of them".to_owned(),
            );
        }
    }
}

/// Why a query's lines have no names of tasks, or of operators; None where they have.
fn without(facet: Facet, query: &Query) -> Option<String> {
    let what = if facet == Facet::Task { "tasks" } else { "operators" };
    match &query.kind {
        Kind::Operator(_) => None,
        Kind::Metric(asked) if asked.dimensions.keys().any(|name| Facet::of(name) == Some(facet)) => None,
        Kind::Metric(_) => {
            Some(format!("no dimension of this metric query holds {what}; name one under \"dimensions\""))
        }
        Kind::Application(_) | Kind::Checkpoint(_) | Kind::Facts(_) => Some(format!(
            "a query of kind {} is about whole applications; one of kind operator has {what}",
            query.kind.row().name
        )),
    }
}

const AT_TASKS: &str =
    "at the level \"task\" a line is a task with all of its operators; name tasks, or set \"level\" to \"operator\"";

fn without_operators(list: &str, query: &Query) -> Option<String> {
    let Kind::Operator(asked) = &query.kind else { return None };
    let has_named = asked.operators != [NameFilter::Any] || query.only.iter().any(|only| !only.operators.is_empty());
    match asked.level {
        Level::Task => Some(AT_TASKS.to_owned()),
        Level::Subtask if list == "exclude" && !has_named => Some(
            "without \"operators\" the level \"subtask\" shows subtasks of whole tasks; name operators, or exclude tasks"
                .to_owned(),
        ),
        Level::Operator | Level::Subtask => None,
    }
}

fn of_operators(query: &Query, found: &mut Vec<NoEffect>) {
    if let Kind::Operator(asked) = &query.kind
        && asked.level == Level::Task
        && asked.operators.iter().any(|filter| *filter != NameFilter::Any)
    {
        found.push(NoEffect::of("operators", AT_TASKS));
    }
}

/// The summary of checkpoints has its own columns, each with its statistic.
fn of_summary(fields: &Fields, query: &Query, found: &mut Vec<NoEffect>) {
    let Kind::Checkpoint(asked) = &query.kind else { return };
    if asked.shape == CheckpointShape::Summary && fields.has_any(&["signals"]) && !asked.has_default_signals() {
        found.push(NoEffect::of(
            "signals",
            "the summary has its own columns; set \"as\" to \"series\" for these signals",
        ));
    }
    if is_summary(query) && query.statistic.is_some() {
        found.push(NoEffect::of(
            "statistic",
            "the summary shows the latest, lowest, mean and highest values; set \"as\" to \"series\" for another statistic",
        ));
    }
}

fn is_summary(query: &Query) -> bool {
    matches!(&query.kind, Kind::Checkpoint(asked) if asked.shape == CheckpointShape::Summary)
}

/// Signals of which an author's statistic would make another number.
fn fixed_statistics(query: &Query, found: &mut Vec<NoEffect>) {
    let (Some(statistic), Some(signals)) = (&query.statistic, query.signals()) else { return };
    let fixed: Vec<&AskedSignal> = signals.iter().filter(|asked| !asked.takes(statistic)).collect();
    let Some(AskedSignal::Signal(first)) = fixed.first() else { return };
    let names: Vec<&str> = fixed.iter().map(|asked| asked.id()).collect();
    // Of signals that nobody chose some may do without.
    let is_serious = query.chosen_by() == ChosenBy::Author || fixed.len() == signals.len();
    let severity = if is_serious { Severity::Warning } else { Severity::Info };
    let (are, is) = if names.len() == 1 { ("is", "it is") } else { ("are", "the first is") };
    let why = format!(
        "{} {are} not read with {}: {is} {}. Leave it out, or ask for the metric",
        describe_names(&names),
        statistic.as_str(),
        first.formula_text
    );
    found.push(NoEffect { field: "statistic".to_owned(), why, severity });
}

/// A legend is the name of a line. It may come back to its use with the next change of the shape.
fn shown_as_table(query: &Query, found: &mut Vec<NoEffect>) {
    let is_table = match &query.kind {
        Kind::Application(asked) => asked.shape == ApplicationShape::Table,
        Kind::Operator(asked) => asked.shape == OperatorShape::Table,
        Kind::Checkpoint(asked) => asked.shape == CheckpointShape::Summary,
        Kind::Metric(_) | Kind::Facts(_) => false,
    };
    if is_table && query.legend.is_some() {
        let why = "a table has columns and no lines".to_owned();
        found.push(NoEffect { field: "legend".to_owned(), why, severity: Severity::Info });
    }
}

/// Fields of logs that mean nothing in this shape or search. They may come back to their use with the next change of it.
fn of_logs(fields: &Fields, query: &Query, found: &mut Vec<NoEffect>) {
    let Kind::Facts(FactsQuery::Logs(asked)) = &query.kind else { return };
    let is_counted = matches!(asked.shape, LogsShape::Counts { .. });
    let rows = [
        ("by", !is_counted, "only \"as\": \"series\" counts"),
        ("period", !is_counted, "only \"as\": \"series\" counts"),
        ("order", asked.shape != LogsShape::Lines, "only \"as\": \"logs\" has an order"),
        ("limit", asked.shape != LogsShape::Lines, "only \"as\": \"logs\" has a limit"),
        ("noise", !asked.find.is_of_any_line(), "what is looked for is never noise"),
    ];
    for (field, _, why) in rows.into_iter().filter(|(field, is_idle, _)| *is_idle && fields.has_any(&[field])) {
        let severity = if query.origin == Origin::Alert { Severity::Warning } else { Severity::Info };
        found.push(NoEffect { field: field.to_owned(), why: why.to_owned(), severity });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Grafana writes into queries, and what those of its other data sources leave behind.
    #[test]
    fn fields_that_grafana_adds_are_none_of_ours_misspelt() {
        let added = "refId key hide datasource datasourceId type uid intervalMs maxDataPoints timezone queryCachingTTL adhocFilters filters \
                     scopes panelId hidden expr expression format instant range interval legendFormat editorMode exemplar utcOffsetSec sql \
                     rawSql query alias label id hideName builder dataset";
        for name in added.split_whitespace() {
            let fields = Fields::parse(format!(r#"{{"{name}": "x"}}"#).as_bytes()).unwrap();
            let mut found = Vec::new();
            nearly_known(&fields, &mut found);
            assert!(found.is_empty(), "{name}: {}", found[0].why);
        }
    }
}
