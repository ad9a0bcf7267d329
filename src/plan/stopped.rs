//! Applications that are stopped now and ran in the time range of a panel.
//!
//! What a panel shows by `*` is what ran in its range: a cost that leaves out who is stopped now is not what was paid.
//! ListApplications knows only who runs now, so the names of those that published metrics of late are asked of
//! ListMetrics: one series of each, a page per 500 applications, and only where something stopped is selected. An alert
//! is about what should run now.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::selection;
use crate::failure::CallError;
use crate::model::application::ApplicationSummary;
use crate::model::series::Recency;
use crate::notice::{Notice, count, describe_names};
use crate::place::ApplicationName;
use crate::query::{Origin, Query};

/// Each one more costs a page of series, a description and its values.
const LIMIT: usize = 50;

const THREE_HOURS_MS: i64 = 3 * 3_600_000;

/// Stopped applications that published metrics of late.
#[derive(Debug, Default)]
pub(super) struct Published<'f> {
    pub names: BTreeSet<ApplicationName>,
    /// How many more there are.
    left_out: usize,
    pub failure: Option<&'f CallError>,
}

impl Published<'_> {
    pub fn notice(&self) -> Option<Notice> {
        let text = || {
            format!(
                "{} published metrics in the last two weeks. At most {LIMIT} are shown: name those that matter.",
                count(self.left_out, "more stopped application")
            )
        };
        (self.left_out > 0).then(|| Notice::info(text()))
    }
}

/// How long ago an application may have stopped and still have run in the time range.
pub(super) fn recency(query: &Query, now_ms: i64) -> Recency {
    if query.range.from_ms < now_ms - THREE_HOURS_MS { Recency::TwoWeeks } else { Recency::ThreeHours }
}

/// The stopped applications that a panel selects without their names.
pub(super) fn selected(query: &Query, facts: &Facts) -> BTreeSet<ApplicationName> {
    let list = selection::list_of(&query.place, facts);
    if query.origin == Origin::Alert || !list.is_some_and(|list| list.applications.values().any(is_stopped)) {
        return BTreeSet::new();
    }
    let mut names = selection::select(&query.selected, list, is_stopped);
    names.retain(|name| !query.names(name.as_str()) && query.lets_through(name.as_str()));
    names
}

/// Says which applications are stopped, where the query selects no others.
pub(super) fn describe_idle(query: &Query, facts: &Facts) -> Option<String> {
    let mut idle = selection::select(&query.selected, selection::list_of(&query.place, facts), is_stopped);
    idle.retain(|name| query.lets_through(name.as_str()));
    let names: Vec<&ApplicationName> = idle.iter().collect();
    let why = match query.origin {
        Origin::Alert => {
            "\"*\" and patterns of an alert rule select those that run. Name one to watch it all the same."
        }
        Origin::Panel => "They published nothing in the time range.",
    };
    let text = || format!("All applications that match are stopped: {}. {why}", describe_names(&names));
    (!names.is_empty()).then(text)
}

fn is_stopped(application: &ApplicationSummary) -> bool {
    !selection::runs(application)
}

/// Those of the selected that may have values in the time range, as far as the facts tell.
pub(super) fn published<'f>(query: &Query, facts: &'f Facts, recency: Recency) -> Published<'f> {
    let selected = selected(query, facts);
    if selected.is_empty() {
        return Published::default();
    }
    match facts.published.get(&(query.place.clone(), recency)) {
        None => Published::default(),
        Some(Err(error)) => Published { failure: Some(error), ..Published::default() },
        Some(Ok(published)) => {
            let both: Vec<_> = selected.intersection(published).cloned().collect();
            let left_out = both.len().saturating_sub(LIMIT);
            Published { names: both.into_iter().take(LIMIT).collect(), left_out, failure: None }
        }
    }
}
