//! Plans signals per task, operator or subtask.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::absence::describe_level;
use super::bind::At;
use super::grid::Use;
use super::inventory::{Application, Entry};
use super::line::{Line, Ranking, Row};
use super::missing;
use super::scope::{self, QueryScope};
use super::{Show, Table};
use crate::catalog::level::DimensionSet;
use crate::catalog::names;
use crate::catalog::signal::Scope;
use crate::query::{Exclude, Level, NameFilter, OperatorQuery, OperatorShape, Top, filter};

pub(super) fn plan_operator(asked: &OperatorQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let usage = match asked.shape {
        OperatorShape::Series => Use::Lines,
        OperatorShape::Table => Use::Cells,
    };
    let asked = &settle_names(asked, scope);
    let exclude = settle_excluded(scope);
    let mut places = Vec::new();
    for application in scope.applications.clone() {
        let mut found = targets(application, asked, &exclude);
        if found.is_empty() && application.has_series() {
            scope.note_absence(application, describe_nothing(application, asked));
        } else if scope.has_only_nulls(application) {
            found = named_targets(asked);
        }
        places.extend(found.into_iter().map(|at| (application, at)));
    }
    let ranking = asked.top.map(|top| plan_ranking(top, &places, scope, usage));
    let mut rows = Vec::with_capacity(places.len());
    for (application, at) in &places {
        let cells: Vec<Option<Line>> =
            asked.signals.iter().map(|signal| scope.line(signal, (application, at), usage)).collect();
        rows.push(Row { target: scope.target(application, at), cells });
    }
    match asked.shape {
        OperatorShape::Series => {
            Show::Series { lines: rows.into_iter().flat_map(|row| row.cells).flatten().collect(), ranking }
        }
        OperatorShape::Table => {
            let measures: Vec<_> = asked.signals.iter().map(|signal| Arc::new(scope::measure(signal, None))).collect();
            for (column, measure) in measures.iter().enumerate() {
                if rows.iter().any(|row| row.cells[column].is_some()) {
                    scope.absences.forget(&measure.signal);
                }
            }
            Show::Operators {
                table: Table { shown: measures.len(), measures, rows, kpu_price: scope.settings.kpu_price },
                ranking,
            }
        }
    }
}

/// The query with its names as they are meant. Each that the author wrote has to be in one of the applications.
fn settle_names(asked: &OperatorQuery, scope: &mut QueryScope<'_, '_>) -> OperatorQuery {
    let Known { tasks, operators } = known_names(scope);
    let settled = OperatorQuery {
        tasks: filter::settle(&asked.tasks, tasks.iter().copied(), names::matches),
        operators: filter::settle(&asked.operators, operators.iter().copied(), names::matches),
        ..asked.clone()
    };
    // Without any, the metrics level is the reason, or nothing is known.
    let of = |what: &str, filters: &[NameFilter], known: &BTreeSet<&str>| match known.is_empty() {
        true => Vec::new(),
        false => missing::unmatched_names(what, filters, known, selects_name),
    };
    let mut texts = of("task", &settled.tasks, &tasks);
    if asked.level != Level::Task {
        texts.extend(of("operator", &settled.operators, &operators));
    }
    for text in texts {
        scope.miss(text);
    }
    settled
}

/// What is left out, as it is meant.
fn settle_excluded(scope: &QueryScope<'_, '_>) -> Exclude {
    let Known { tasks, operators } = known_names(scope);
    let exclude = &scope.query.exclude;
    Exclude {
        tasks: filter::settle(&exclude.tasks, tasks.iter().copied(), names::matches),
        operators: filter::settle(&exclude.operators, operators.iter().copied(), names::matches),
        ..exclude.clone()
    }
}

struct Known<'f> {
    tasks: BTreeSet<&'f str>,
    operators: BTreeSet<&'f str>,
}

fn known_names<'f>(scope: &QueryScope<'_, 'f>) -> Known<'f> {
    let mut known = Known { tasks: BTreeSet::new(), operators: BTreeSet::new() };
    for entry in scope.applications.iter().flat_map(|application| application.all()) {
        known.tasks.extend(entry.task().map(|task| &**task));
        known.operators.extend(entry.operator().map(|operator| &**operator));
    }
    known
}

/// The tasks that are named, of an application that has published nothing of late; else the application itself.
fn named_targets(asked: &OperatorQuery) -> Vec<At> {
    let task = |name: &str| At::Task(Arc::from(names::clean(name)));
    let named: Vec<At> = asked.tasks.iter().filter_map(NameFilter::exact).map(task).collect();
    if named.is_empty() { vec![At::Application] } else { named }
}

fn plan_ranking<'a, 'f>(
    top: Top,
    places: &[(&'a Application<'f>, At)],
    scope: &mut QueryScope<'a, 'f>,
    usage: Use,
) -> Ranking {
    let by = places.iter().filter_map(|(application, at)| scope.line(&top.by, (application, at), usage)).collect();
    Ranking { count: top.count, by }
}

/// The tasks, operators or subtasks of an application that the filters select, in the order of the job where it is known.
fn targets(application: &Application<'_>, asked: &OperatorQuery, exclude: &Exclude) -> Vec<At> {
    // A task has a series per metric, so that most entries say the same.
    let found: BTreeSet<Key> = application
        .all()
        .filter(|entry| selects(&asked.tasks, entry.task()) && !is_excluded(exclude, entry, asked.level))
        .filter_map(|entry| key(entry, asked))
        .collect();
    let mut found: Vec<Key> = found.into_iter().collect();
    found.sort_by_cached_key(|(task, ..)| depth(application, task.as_ref()));
    found.into_iter().map(|key| at(key, asked.level)).collect()
}

/// Task, operator, subtask number and subtask: sorts subtask 10 after subtask 9.
type Key = (Option<Arc<str>>, Option<Arc<str>>, u64, Option<Arc<str>>);

fn key(entry: &Entry, asked: &OperatorQuery) -> Option<Key> {
    let task = entry.task().cloned();
    let operator = entry.operator().cloned();
    let subtask = entry.subtask().cloned();
    let number = subtask.as_ref().and_then(|subtask| subtask.parse().ok()).unwrap_or(u64::MAX);
    let all_operators = asked.operators == [NameFilter::Any];
    match (asked.level, entry.set) {
        (Level::Task, DimensionSet::Task) => Some((task, None, 0, None)),
        (Level::Operator, DimensionSet::Operator) if selects(&asked.operators, entry.operator()) => {
            Some((task, operator, 0, None))
        }
        (Level::Subtask, DimensionSet::TaskSubtask) if all_operators => Some((task, None, number, subtask)),
        (Level::Subtask, DimensionSet::OperatorSubtask)
            if !all_operators && selects(&asked.operators, entry.operator()) =>
        {
            Some((task, operator, number, subtask))
        }
        (Level::Task | Level::Operator | Level::Subtask, _) => None,
    }
}

fn at((task, operator, _, subtask): Key, level: Level) -> At {
    let unnamed = || Arc::from("");
    match level {
        Level::Task => At::Task(task.unwrap_or_else(unnamed)),
        Level::Operator => At::Operator { task, operator: operator.unwrap_or_else(unnamed) },
        Level::Subtask => {
            At::Subtask { task: task.unwrap_or_else(unnamed), operator, subtask: subtask.unwrap_or_else(unnamed) }
        }
    }
}

/// At the level of tasks an operator excludes nothing: it is a part of what is shown.
fn is_excluded(exclude: &Exclude, entry: &Entry, level: Level) -> bool {
    let has = |filters: &[NameFilter], name: Option<&Arc<str>>| name.is_some() && selects(filters, name);
    has(&exclude.tasks, entry.task()) || level != Level::Task && has(&exclude.operators, entry.operator())
}

fn selects(filters: &[NameFilter], name: Option<&Arc<str>>) -> bool {
    match name {
        Some(name) => filters.iter().any(|filter| selects_name(filter, name)),
        None => filters.contains(&NameFilter::Any),
    }
}

/// By CloudWatch's value, or as people read it.
fn selects_name(filter: &NameFilter, name: &str) -> bool {
    filter.selects(name, names::matches) || filter.selects(&names::display(name), |_, _| false)
}

fn depth(application: &Application<'_>, task: Option<&Arc<str>>) -> u32 {
    let role = task.and_then(|task| application.topology.role(task));
    role.and_then(|role| role.depth).unwrap_or(u32::MAX)
}

fn describe_nothing(application: &Application<'_>, asked: &OperatorQuery) -> String {
    let scope = match asked.level {
        Level::Task => Scope::Task,
        Level::Operator => Scope::Operator,
        Level::Subtask => Scope::Subtask,
    };
    let name = &application.name;
    let level = application.description.ok().and_then(|description| description.metrics_level);
    describe_level(name, level, scope)
        .unwrap_or_else(|| format!("Application \"{name}\" has no {}s that match the filter.", scope.as_str()))
}
