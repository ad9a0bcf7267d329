//! Answers that are made of facts alone: what is there is shown, and what is not is told.

use super::frame::Frame;
use super::{few, is_empty};
use crate::compute::{AnswerError, explain};
use crate::notice::Notice;
use crate::plan::{FactsShow, QueryPlan};
use crate::query::Origin;

/// The frames of a query of such a kind. Part of the facts may be unknown: a panel tells that beside the others, an alert fails.
pub(super) fn answer(query: &QueryPlan, facts: &FactsShow) -> Result<Vec<Frame>, AnswerError> {
    let mut frame = draw(query, facts);
    let is_alert = query.origin == Origin::Alert;
    let failed = explain::failed_facts(query);
    if (is_alert || is_empty(&frame))
        && let Some((error, applications)) = failed.first().cloned()
    {
        return Err(AnswerError::Call { error, applications });
    }
    if is_alert && !query.missing.is_empty() {
        return Err(AnswerError::MissingForAlert { reasons: query.missing.clone() });
    }
    let mut notices = query.notices.clone();
    notices.extend(failed.iter().map(explain::describe_failure));
    notices.extend(query.missing.iter().map(Notice::warning));
    frame.meta.notices = few(notices);
    Ok(vec![frame])
}

fn draw(_query: &QueryPlan, facts: &FactsShow) -> Frame {
    match *facts {}
}
