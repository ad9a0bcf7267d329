//! Columns → Grafana data frames. No async, no clock, no environment.
//!
//! [`frame_query()`] gives one query's answer: frames with their notices, or the reason why there are none. One query's
//! failure never touches another's.

pub mod encode;
pub mod frame;

mod application;
mod checkpoint;
mod console;
mod facts;
mod logs;
mod names;
mod numbers;
mod operator;
mod series;

use std::collections::BTreeSet;

use frame::Frame;
use serde_json::Value;

use crate::answers::{Fetched, QueryCost, ValuesFrom};
use crate::billing::dollars;
use crate::compute::columns::Columns;
use crate::compute::no_value::{self, Lines};
use crate::compute::{AnswerError, View, explain, stopped};
use crate::notice::{Notice, Severity, count};
use crate::plan::{Plan, QueryPlan, SeriesState, Show};
use crate::query::Origin;

/// The frames of one query.
pub fn frame_query(query: &QueryPlan, plan: &Plan, fetched: &Fetched) -> Result<Vec<Frame>, AnswerError> {
    match &query.show {
        Show::TooLarge(excess) => return Err(AnswerError::TooLarge(*excess)),
        Show::Logs(view) => return logs::frame_logs(query, view),
        Show::Facts(table) => return facts::frame_facts(query, table),
        Show::Series { .. } | Show::Fleet(_) | Show::Operators { .. } | Show::Summary(_) => {}
    }
    let columns = Columns::new(plan, &fetched.answers);
    let query = &*stopped::without_idle(query, &columns);
    let mut notices = query.notices.clone();
    let findings = explain::findings(query, &columns)?;
    if query.origin == Origin::Alert && !query.missing.is_empty() {
        return Err(AnswerError::MissingForAlert { reasons: reasons(query) });
    }
    notices.extend(findings);
    if query.origin == Origin::Panel {
        notices.extend(fetched.spent.clone());
    }
    if let Show::Series { lines, .. } = &query.show {
        notices.extend(names::unknown_labels(&lines.iter().collect::<Vec<_>>(), query.legend.as_deref()));
    }
    notices.extend(query.missing.iter().map(Notice::warning));
    let view = View { query, plan, columns };
    let mut lines = Lines::of_table(&view);
    let mut frames = match &query.show {
        Show::Series { lines: shown, ranking } => {
            let (frames, framed) = series::frame_lines(&view, shown, ranking.as_ref());
            lines = framed;
            frames
        }
        Show::Fleet(table) => vec![application::frame_fleet(&view, table)],
        Show::Operators { table, ranking } => vec![operator::frame_operators(&view, table, ranking.as_ref())],
        Show::Summary(rows) => vec![checkpoint::frame_summary(&view, rows)],
        Show::Facts(_) | Show::Logs(_) | Show::TooLarge(_) => Vec::new(),
    };
    notices.extend(no_value::describe(&view, &lines));
    if frames.iter().all(is_empty) {
        let reasons = explain::explain_empty(query, notices.is_empty());
        let is_told =
            |reason: &Notice| notices.iter().any(|known| known.text.starts_with(reason.text.trim_end_matches('.')));
        let new: Vec<Notice> = reasons.into_iter().filter(|reason| !is_told(reason)).collect();
        notices.extend(new);
    } else if let Show::Series { .. } = query.show {
        notices.extend(explain::explain_unshown(query, &view.columns));
    }
    // No data is a verdict of its own, and a wrong one where data was lost.
    let is_warned = notices.iter().any(|notice| notice.severity >= Severity::Warning);
    if query.origin == Origin::Alert && is_warned {
        // What failed comes before what is only worth knowing.
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.severity));
        return Err(AnswerError::PartialForAlert { notices: few(notices) });
    }
    if let Some(first) = frames.first_mut() {
        first.meta.notices = few(notices);
        let cost = fetched.costs.get(&query.ref_id).copied().unwrap_or_default();
        first.meta.executed_query = Some(describe_execution(plan, fetched, (&query.ref_id, cost)));
        let custom = first.meta.custom.get_or_insert_default();
        custom.extend(describe_series(plan, &query.ref_id));
        custom.extend(describe_cost(cost));
        custom.extend(describe_awaited(query));
    }
    Ok(frames)
}

/// An answer that shows nothing and says why.
pub fn frame_notice(notice: Notice) -> Frame {
    let mut frame = series::empty_frame();
    frame.meta.notices = vec![notice];
    frame
}

/// Sentences that stand beside one answer. Whoever names hundreds of things that are not there reads the first of them.
const SENTENCES: usize = 20;

/// The most severe notices, and how many more there are.
fn few(mut notices: Vec<Notice>) -> Vec<Notice> {
    let Some(more) = notices.len().checked_sub(SENTENCES).filter(|more| *more > 0) else { return notices };
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.severity));
    notices.truncate(SENTENCES);
    notices.push(Notice::info(format!("{} like these.", count(more, "more notice"))));
    notices
}

/// What is missing, then whatever else is known about it.
fn reasons(query: &QueryPlan) -> Vec<String> {
    let mut reasons: Vec<String> =
        query.missing.iter().chain(query.notices.iter().map(|notice| &notice.text)).cloned().collect();
    if let Some(more) = reasons.len().checked_sub(SENTENCES).filter(|more| *more > 0) {
        reasons.truncate(SENTENCES);
        reasons.push(format!("{} like these.", count(more, "more reason")));
    }
    reasons
}

/// What was asked because of one query, for the query inspector: the calls, and of each series what was kept.
fn describe_execution(plan: &Plan, fetched: &Fetched, (ref_id, cost): (&str, QueryCost)) -> String {
    let remark = |index: usize| {
        let all = plan.series[index].points();
        match fetched.answers.get(index).map(|answer| answer.from).unwrap_or_default() {
            ValuesFrom::Cache => ": kept".to_owned(),
            ValuesFrom::OwnCall { points } => format!(": {points} of {} asked", count(all as usize, "point")),
            ValuesFrom::SharedCall { points } => {
                format!(": {points} of {} in a call of another request", count(all as usize, "point"))
            }
        }
    };
    let (calls, billed) = (count(cost.calls as usize, "call"), count(cost.billed_metrics as usize, "metric"));
    format!("GetMetricData: {calls}, {billed} billed\n{}", plan.text_of(ref_id, remark))
}

/// Of which series the answer was made, for the query inspector.
fn describe_series(plan: &Plan, ref_id: &str) -> [(String, Value); 2] {
    let (mut sets, mut periods) = (BTreeSet::new(), BTreeSet::new());
    for series in plan.series.iter().filter(|series| series.users.contains(ref_id)) {
        sets.insert(series.key.dimensions.names().collect::<Vec<_>>());
        periods.insert(series.key.period.seconds());
    }
    let sets: Vec<String> = sets.into_iter().map(|names| names.join(", ")).collect();
    [("dimensionSets".to_owned(), sets.into()), ("periods".to_owned(), periods.into_iter().collect())]
}

/// What the answer cost, for the query inspector.
fn describe_cost(cost: QueryCost) -> [(String, Value); 4] {
    [
        ("awsCalls".to_owned(), cost.calls.into()),
        ("billedMetrics".to_owned(), cost.billed_metrics.into()),
        ("cachedShare".to_owned(), cost.saved_share().into()),
        ("estimatedCostUsd".to_owned(), dollars(cost.billed_metrics).into()),
    ]
}

/// How many applications have no values because their series are still being listed: who asks again soon has them.
fn describe_awaited(query: &QueryPlan) -> Option<(String, Value)> {
    let awaited = query.applications.iter().filter(|state| state.series == SeriesState::Awaited).count();
    (awaited > 0).then(|| ("awaitedApplications".to_owned(), awaited.into()))
}

/// Whether a frame shows nothing: no rows at all.
fn is_empty(frame: &Frame) -> bool {
    frame.fields.iter().all(|field| match &field.values {
        frame::Values::TimeMs(times) => times.is_empty(),
        frame::Values::Number(numbers) => numbers.is_empty(),
        frame::Values::Text(texts) | frame::Values::Json(texts) => texts.is_empty(),
        frame::Values::Bool(flags) => flags.is_empty(),
    })
}
