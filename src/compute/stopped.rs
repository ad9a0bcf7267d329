//! Stopped applications that a panel selects by `*`: shown where they ran in the time range, else as if nobody had
//! asked for them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::View;
use super::columns::Columns;
use crate::model::application::ApplicationStatus;
use crate::place::ApplicationName;
use crate::plan::line::{Line, Ranking, Target};
use crate::plan::{QueryPlan, Show};

/// The query without the stopped applications that have no value in the time range. Those of which it could not be read
/// stay.
pub fn without_idle<'q>(query: &'q QueryPlan, columns: &Columns<'_>) -> Cow<'q, QueryPlan> {
    if query.stopped.is_empty() {
        return Cow::Borrowed(query);
    }
    let shown = shown_applications(query, columns);
    let is_kept = |name: &ApplicationName| !query.stopped.contains(name) || shown.contains(name);
    let failed = |name: &ApplicationName| query.failures.iter().any(|(of, _)| of.as_ref() == Some(name));
    let mut kept = query.clone();
    kept.applications.retain(|state| is_kept(&state.name) || failed(&state.name));
    keep_targets(&mut kept.show, |target| is_kept(&target.application));
    Cow::Owned(kept)
}

/// Those that have a value in the time range, or of which it could not be read.
pub fn shown_applications<'q>(query: &'q QueryPlan, columns: &Columns<'_>) -> BTreeSet<&'q ApplicationName> {
    let shown = query.show.lines().into_iter().filter(|line| may_show(line, columns));
    shown.map(|line| &line.target.application).collect()
}

fn may_show(line: &Line, columns: &Columns<'_>) -> bool {
    let has_values = columns.newest(&line.expr).is_some_and(|end| end > line.grid.start);
    has_values || !columns.are_read(&line.expr)
}

fn keep_targets(show: &mut Show, is_kept: impl Fn(&Target) -> bool) {
    let keep_ranked = |ranking: &mut Option<Ranking>| {
        if let Some(ranking) = ranking {
            ranking.by.retain(|line| is_kept(&line.target));
        }
    };
    match show {
        Show::Series { lines, ranking } => {
            lines.retain(|line| is_kept(&line.target));
            keep_ranked(ranking);
        }
        Show::Fleet(table) => table.rows.retain(|row| is_kept(&row.target)),
        Show::Operators { table, ranking } => {
            table.rows.retain(|row| is_kept(&row.target));
            keep_ranked(ranking);
        }
        Show::Summary(rows) => rows.retain(|row| is_kept(&row.line.target)),
        Show::Facts(_) | Show::Logs(_) | Show::TooLarge(_) => {}
    }
}

/// What a stopped application has none of, where it is a gap for other signals. Totals of these are shown: the newest
/// value of each application, added up.
const NONE_WHEN_STOPPED: &[&str] = &["kpus", "kpuCost", "sourceRate", "sinkRate"];

/// Ends the line of a stopped application at zero: its newest value would count as that of now.
pub fn end_at_zero(view: &View<'_>, line: &Line, values: &mut [f64]) {
    let is_of = |name: &ApplicationName| *name == line.target.application;
    let is_stopped = view.query.applications.iter().any(|state| {
        let status = state.description.as_ref().map(|description| &description.status);
        is_of(&state.name) && status == Some(&ApplicationStatus::Ready)
    });
    if !is_stopped || !NONE_WHEN_STOPPED.contains(&&*line.measure.signal) {
        return;
    }
    if let Some(last) = values.iter().rposition(|value| !value.is_nan()) {
        values[last + 1..].fill(0.0);
    }
}
