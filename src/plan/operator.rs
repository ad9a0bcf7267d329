//! Plans signals per task, operator or subtask.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::at::At;
use super::chosen::{Chosen, Lists};
use super::grid::Use;
use super::known::Application;
use super::line::{Line, Row};
use super::measure::measure;
use super::nothing::Nothing;
use super::scope::QueryScope;
use super::{Show, Table, undescribed};
use crate::catalog::level::Scope;
use crate::catalog::level::{DimensionSet, MetricsLevel};
use crate::catalog::names;
use crate::query::{Level, NameFilter, OperatorQuery, OperatorShape, Query};
use crate::topology::inventory::Entry;

pub(super) fn plan_operator(asked: &OperatorQuery, scope: &mut QueryScope<'_, '_>) -> Show {
    let usage = match asked.shape {
        OperatorShape::Series => Use::Lines,
        OperatorShape::Table => Use::Cells,
    };
    let chosen = &choose_names(asked, scope);
    let mut places = Vec::new();
    for application in scope.applications.clone() {
        let mut found = targets(application, asked, chosen);
        if found.is_empty() && application.has_series() {
            scope.note_nothing(application, why_nothing(application, asked));
        } else if scope.has_only_nulls(application) {
            found = named_targets(&chosen.tasks);
        }
        places.extend(found.into_iter().map(|at| (application, at)));
    }
    let ranking = asked.top.map(|top| scope.ranking(top, &places, usage));
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
            let measures: Vec<_> = asked.signals.iter().map(|signal| Arc::new(measure(signal, None))).collect();
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

/// The tasks and operators that are selected, among those of all applications.
struct ChosenNames<'f> {
    tasks: Chosen<'f>,
    operators: Chosen<'f>,
}

/// Each name that the author wrote has to be in one of the applications.
fn choose_names<'f>(asked: &OperatorQuery, scope: &mut QueryScope<'_, 'f>) -> ChosenNames<'f> {
    let (mut tasks, mut operators) = (BTreeSet::new(), BTreeSet::new());
    for entry in scope.applications.iter().flat_map(|application| application.all()) {
        tasks.extend(entry.task().map(|task| &**task));
        operators.extend(entry.operator().map(|operator| &**operator));
    }
    let Query { only, exclude, .. } = scope.query;
    let tasks = Chosen::new(
        &Lists {
            what: "task".to_owned(),
            own: &asked.tasks,
            only: only.iter().map(|only| only.tasks.as_slice()).filter(|list| !list.is_empty()).collect(),
            exclude: exclude.tasks.clone(),
            selects: selects_name,
        },
        &tasks,
    );
    let operators = Chosen::new(
        &Lists {
            what: "operator".to_owned(),
            own: &asked.operators,
            only: only.iter().map(|only| only.operators.as_slice()).filter(|list| !list.is_empty()).collect(),
            exclude: exclude.operators.clone(),
            selects: selects_name,
        },
        &operators,
    );
    scope.note_chosen(&tasks);
    // At the level of tasks an operator is a part of what is shown; that such a filter does nothing was said.
    if asked.level != Level::Task {
        scope.note_chosen(&operators);
    }
    ChosenNames { tasks, operators }
}

/// The tasks that are named, of an application that has published nothing of late; else the application itself.
fn named_targets(tasks: &Chosen<'_>) -> Vec<At> {
    let task = |name: &str| At::Task(Arc::from(names::clean(name)));
    let named = tasks.own.iter().filter_map(NameFilter::exact).filter(|name| tasks.lets_through(name));
    let named: Vec<At> = named.map(task).collect();
    if named.is_empty() { vec![At::Application] } else { named }
}

/// The tasks, operators or subtasks of an application that the filters select, in the order of the job where it is
/// known.
fn targets(application: &Application<'_>, asked: &OperatorQuery, chosen: &ChosenNames<'_>) -> Vec<At> {
    // A task has a series per metric, so that most entries say the same.
    let found: BTreeSet<Key> = application
        .all()
        .filter(|entry| chosen.tasks.has(entry.task().map(|task| &**task)))
        .filter_map(|entry| key(entry, asked.level, &chosen.operators))
        .collect();
    let mut found: Vec<Key> = found.into_iter().collect();
    found.sort_by_cached_key(|(task, ..)| depth(application, task.as_ref()));
    found.into_iter().map(|key| at(key, asked.level)).collect()
}

/// Task, operator, subtask number and subtask: sorts subtask 10 after subtask 9.
type Key = (Option<Arc<str>>, Option<Arc<str>>, u64, Option<Arc<str>>);

fn key(entry: &Entry, level: Level, operators: &Chosen<'_>) -> Option<Key> {
    let task = entry.task().cloned();
    let operator = entry.operator().cloned();
    let subtask = entry.subtask().cloned();
    let number = subtask.as_ref().and_then(|subtask| subtask.parse().ok()).unwrap_or(u64::MAX);
    let is_selected = || operators.has(entry.operator().map(|operator| &**operator));
    match (level, entry.set) {
        (Level::Task, DimensionSet::Task) => Some((task, None, 0, None)),
        (Level::Operator, DimensionSet::Operator) if is_selected() => Some((task, operator, 0, None)),
        (Level::Subtask, DimensionSet::TaskSubtask) if operators.is_all() => Some((task, None, number, subtask)),
        (Level::Subtask, DimensionSet::OperatorSubtask) if !operators.is_all() && is_selected() => {
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

/// By CloudWatch's value, or as people read it.
fn selects_name(filter: &NameFilter, name: &str) -> bool {
    filter.selects(name, names::matches) || filter.selects(&names::display(name), |_, _| false)
}

fn depth(application: &Application<'_>, task: Option<&Arc<str>>) -> u32 {
    let role = task.and_then(|task| application.topology.role(task));
    role.and_then(|role| role.depth).unwrap_or(u32::MAX)
}

fn is_at(entry: &Entry, level: Level) -> bool {
    match level {
        Level::Task => entry.task().is_some(),
        Level::Operator => entry.operator().is_some(),
        Level::Subtask => entry.subtask().is_some(),
    }
}

fn why_nothing(application: &Application<'_>, asked: &OperatorQuery) -> Nothing {
    let scope = match asked.level {
        Level::Task => Scope::Task,
        Level::Operator => Scope::Operator,
        Level::Subtask => Scope::Subtask,
    };
    let level = application.description.ok().and_then(|description| description.metrics_level);
    match level.filter(|level| *level < MetricsLevel::of(scope)) {
        Some(level) => Nothing::LevelTooLow { level, scope },
        None if application.all().any(|entry| is_at(entry, asked.level)) => Nothing::NoMatch { scope },
        None => Nothing::NoneAtScope { scope, undescribed: application.description.err().map(undescribed::explain) },
    }
}
