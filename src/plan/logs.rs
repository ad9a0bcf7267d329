//! Plans what is read of logs, and what is shown of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::expr::Grid;
use super::facts::{Facts, Needs};
use super::grid::{self, Use};
use super::log_read::LogRead;
use super::{QueryPlan, Show, missing, selection};
use crate::failure::{CallError, CallErrorKind};
use crate::limits;
use crate::model::application::Description;
use crate::model::log::{LogLines, LogStream};
use crate::notice::{Notice, count};
use crate::period::Period;
use crate::place::{Account, ApplicationName};
use crate::query::{LogsQuery, LogsShape, Origin, Query};

/// The call that is not made for other accounts.
const OPERATION: &str = "logs:FilterLogEvents";

/// Reads that begin and end within the same so many milliseconds are equal: who looks at the same moment shares one.
const STEP_MS: i64 = 10_000;

/// Lines come so late at most that a rule counts on having them all. They mostly come within seconds.
const LATE_MS: i64 = 60_000;

/// How many lines stand for one row: a failure is told twice, and what narrows lets other lines through.
const LINES_OF_ROW: usize = 4;

/// What is shown of logs.
#[derive(Debug, Clone, PartialEq)]
pub struct LogView {
    pub asked: LogsQuery,
    /// Milliseconds since the Unix epoch; the end is not part of it.
    pub first_ms: i64,
    pub end_ms: i64,
    /// Where counts are shown, in which buckets.
    pub grid: Grid,
    /// In the order of the applications.
    pub read: Vec<LogOf>,
}

impl LogView {
    /// What a query asks for, before anything is read.
    fn of(asked: &LogsQuery, query: &Query, now_ms: i64) -> Self {
        let (period, _) = grid::choose_period(query, Use::Lines, Period::MINUTE.seconds(), now_ms);
        let known_ms = match query.origin {
            Origin::Panel => now_ms,
            Origin::Alert => now_ms - LATE_MS,
        };
        let grid = grid::choose_grid(query, (period, 1), 0, known_ms);
        let (first_ms, end_ms) = match asked.shape {
            LogsShape::Counts { .. } => (grid.start * 1000, grid.end * 1000),
            LogsShape::Lines | LogsShape::Causes => (query.range.from_ms, query.range.to_ms),
        };
        Self { asked: asked.clone(), first_ms, end_ms, grid, read: Vec::new() }
    }
}

/// What was read of one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct LogOf {
    pub asked: LogRead,
    pub found: Arc<LogLines>,
}

/// The list, then the descriptions, which say where each application logs, then what stands there.
pub(super) fn needs_of_logs(asked: &LogsQuery, query: &Query, facts: &Facts, now_ms: i64) -> Needs {
    let mut needs = Needs::default();
    let view = LogView::of(asked, query, now_ms);
    if query.place.account != Account::Own {
        return needs;
    }
    if selection::needs_list(query) {
        needs.lists.insert(query.place.clone());
    }
    for name in selected(query, facts).into_iter().take(limits::LOG_APPLICATIONS) {
        let key = (query.place.clone(), name.clone());
        if let Some(Ok(description)) = facts.descriptions.get(&key) {
            needs.logs.extend(reads(&view, query, &name, description));
        }
        needs.descriptions.insert(key);
    }
    needs
}

pub(super) fn plan_logs(asked: &LogsQuery, query: &Query, facts: &Facts, now_ms: i64) -> QueryPlan {
    let mut view = LogView::of(asked, query, now_ms);
    let mut plan = QueryPlan::of(query, Show::Facts(super::FactTable::default()));
    if query.place.account != Account::Own {
        plan.failures.push((None, CallError::own_account_only(OPERATION, &query.place.region)));
    } else if let Some(Err(error)) = facts.lists.get(&query.place).filter(|_| selection::needs_list(query)) {
        plan.failures.push((None, error.clone()));
    } else {
        plan.missing = missing::unmatched_applications(query, facts);
        plan.notices.extend(missing::not_excluded(query, facts));
        let names = selected(query, facts);
        if let Some(more) = names.len().checked_sub(limits::LOG_APPLICATIONS).filter(|more| *more > 0) {
            let applications = count(more, "more application");
            let most = limits::LOG_APPLICATIONS;
            plan.missing
                .push(format!("The logs of {applications} are not read: a query reads those of {most}. Choose fewer."));
        }
        for name in names.into_iter().take(limits::LOG_APPLICATIONS) {
            note_application(query, facts, &name, &mut plan, &mut view);
        }
    }
    plan.show = Show::Logs(view);
    plan
}

/// What is known of one application's log, or why nothing is.
fn note_application(query: &Query, facts: &Facts, name: &ApplicationName, plan: &mut QueryPlan, view: &mut LogView) {
    let place = query.place.describe();
    let description = match facts.descriptions.get(&(query.place.clone(), name.clone())) {
        Some(Ok(description)) => description,
        Some(Err(error)) if error.kind == CallErrorKind::NotFound => {
            plan.missing.push(format!("There is no application \"{name}\" in {place}."));
            return;
        }
        Some(Err(error)) => {
            plan.failures.push((Some(name.clone()), error.clone()));
            return;
        }
        None => return,
    };
    let reads = reads(view, query, name, description);
    if reads.is_empty() {
        plan.missing.push(format!(
            "Application \"{name}\" in {place} has no log: no CloudWatch logging option is attached to it. Add one with AddApplicationCloudWatchLoggingOption, or under \"Monitoring\" in its configuration."
        ));
    }
    if let Some(level) = description.log_level.as_deref().filter(|level| matches!(*level, "ERROR" | "WARN")) {
        plan.notices.push(Notice::warning(format!(
            "Application \"{name}\" logs from level {level} on: Flink tells of failures, restarts and checkpoints at INFO, so most of that is not in its log."
        )));
    }
    for read in reads {
        match facts.logs.get(&read) {
            Some(Ok(found)) => view.read.push(LogOf { found: Arc::clone(found), asked: read }),
            Some(Err(error)) if error.kind == CallErrorKind::NotFound => plan.missing.push(format!(
                "Application \"{name}\" logs to the stream \"{}\" of the group \"{}\", and there is no such group or stream: the service drops what is logged. Create both.",
                read.stream.stream, read.stream.group
            )),
            Some(Err(error)) => plan.failures.push((Some(name.clone()), error.clone())),
            None => {}
        }
    }
}

fn selected(query: &Query, facts: &Facts) -> BTreeSet<ApplicationName> {
    let mut names = selection::select_applications(&query.selected, selection::list_of(&query.place, facts));
    names.retain(|name| query.lets_through(name.as_str()));
    names
}

/// One for each stream that the application logs to.
fn reads(view: &LogView, query: &Query, name: &ApplicationName, description: &Description) -> Vec<LogRead> {
    let asked = &view.asked;
    let streams = description.log_streams.iter().filter_map(|arn| LogStream::of_arn(arn));
    let pattern: Option<Arc<str>> = asked.pattern().map(Arc::from);
    let is_counted = matches!(asked.shape, LogsShape::Counts { .. } | LogsShape::Causes);
    let lines = if is_counted { limits::LOG_LINES } else { (asked.limit * LINES_OF_ROW).min(limits::LOG_LINES) };
    let read = |stream| LogRead {
        place: query.place.clone(),
        application: name.clone(),
        stream,
        first_ms: view.first_ms.div_euclid(STEP_MS) * STEP_MS,
        last_ms: (view.end_ms.div_euclid(STEP_MS) + 1) * STEP_MS - 1,
        pattern: pattern.clone(),
        order: asked.order,
        lines,
    };
    streams.map(read).collect()
}
