//! Numbers, verdicts and reasons out of what came back: all that is shown, before it has a form.
//!
//! A line's expression becomes values, values become one number of a cell, numbers become a verdict. What draws for
//! Grafana, and whatever else reads answers, stands on this. No async, no clock, no environment.

mod arriving;
mod availability;
mod counter;
mod increase;
mod totals;
mod trend;

pub mod columns;
pub mod evaluate;
pub mod explain;
pub mod logs;
pub mod no_value;
pub mod ranking;
pub mod reduce;
pub mod stopped;
pub mod verdict;

use std::collections::BTreeSet;

use columns::Columns;

use crate::answers::Fetched;
use crate::failure::CallError;
use crate::notice::Notice;
use crate::place::{AccountId, ApplicationName, Place};
use crate::plan::size::Excess;
use crate::plan::{Plan, QueryPlan, SeriesState, Show};

/// Why a query has no answer at all.
#[derive(Debug, Clone, PartialEq)]
pub enum AnswerError {
    /// A call to AWS failed, about these applications where that is known.
    Call { error: CallError, applications: Vec<ApplicationName> },
    /// AWS knows no such application.
    UnknownApplications { names: Vec<ApplicationName>, place: Place },
    /// An alert got less than it asked for.
    PartialForAlert { notices: Vec<Notice> },
    /// More than one answer may hold.
    TooLarge(Excess),
    /// An alert asks for something that is not there, a sentence each.
    MissingForAlert { reasons: Vec<String> },
}

/// One query with all that its answer is made of.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    pub query: &'a QueryPlan,
    pub plan: &'a Plan,
    pub columns: Columns<'a>,
}

/// The applications that a ranking keeps; None where an answer is missing, which might name others.
pub fn highest_applications(
    query: &QueryPlan,
    plan: &Plan,
    fetched: &Fetched,
) -> Option<BTreeSet<(ApplicationName, Option<AccountId>)>> {
    let columns = Columns::new(plan, &fetched.answers);
    let query = &*stopped::without_idle(query, &columns);
    let findings = explain::findings(query, &columns);
    let Show::Series { ranking: Some(ranking), .. } = &query.show else { return None };
    if findings.map_or(true, |notices| !notices.is_empty()) {
        return None;
    }
    let ranked = ranking::top_targets(&View { query, plan, columns }, ranking, std::iter::empty()).into_iter();
    let ranked = ranked.map(|target| (&target.application, &target.account));
    let publishing = query.applications.iter().filter(|state| matches!(state.series, SeriesState::Listed(_)));
    let unranked = publishing.map(|state| (&state.name, &state.account));
    let mut kept = BTreeSet::new();
    for (name, account) in ranked.chain(unranked) {
        if kept.len() < ranking.count {
            kept.insert((name.clone(), account.clone()));
        }
    }
    Some(kept)
}
