//! What an author named and that is not there.
//!
//! A panel says it beside what it shows. An alert fails on it: a rule about something that does not exist would be in
//! its normal state for ever. What is chosen by `*` is never missed, because a fleet is mixed by nature.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::known::Application;
use super::selection;
use super::undescribed;
use super::unmatched::{describe_not_excluded, near};
use super::{ApplicationState, SeriesState, Show};
use crate::catalog::metric::{Metric, MetricKind, Sampling};
use crate::failure::CallErrorKind;
use crate::model::application::ApplicationList;
use crate::model::series::Freshness;
use crate::notice::Notice;
use crate::place::{Account, ApplicationName};
use crate::query::{NameFilter, Origin, Query};

/// Patterns of applications that select none of those that the list has, stopped ones among them; and that nothing is
/// left of those that are selected.
pub(super) fn unmatched_applications(query: &Query, facts: &Facts) -> Vec<String> {
    let Some(list) = selection::list_of(&query.place, facts) else {
        return describe_kept_out(query, None).into_iter().collect();
    };
    let names = || list.applications.keys().map(ApplicationName::as_str);
    let of_own = query.selected.iter().map(|filter| (filter, ""));
    // Those that took the place of own ones stand in both.
    let of_only = query.only.iter().flat_map(|only| &only.applications);
    let of_only = of_only.filter(|filter| !query.selected.contains(filter)).map(|filter| (filter, " of \"only\""));
    let unmatched = |(filter, _): &(&NameFilter, &str)| match filter {
        NameFilter::Pattern(pattern) => !names().any(|name| pattern.is_match(name)),
        NameFilter::Any | NameFilter::Exact(_) | NameFilter::Either { .. } => false,
    };
    let place = query.place.describe();
    let describe = |(filter, of): (&NameFilter, &str)| format!("No application in {place} matches {filter}{of}.");
    of_own.chain(of_only).filter(unmatched).map(describe).chain(describe_kept_out(query, Some(list))).collect()
}

/// Applications that are to be left out and are not there. One of them may be misspelt, or gone since it was chosen.
pub(super) fn not_excluded(query: &Query, facts: &Facts) -> Vec<Notice> {
    let has_list = selection::needs_list(query);
    let list = selection::list_of(&query.place, facts).filter(|_| has_list);
    if list.is_none() && has_list {
        return Vec::new();
    }
    let listed = list.iter().flat_map(|list| list.applications.keys()).map(ApplicationName::as_str);
    let known: BTreeSet<&str> = listed.chain(query.selected.iter().filter_map(NameFilter::exact)).collect();
    let excludes = |filter: &NameFilter| known.iter().any(|name| filter.selects(name, |exact, name| exact == name));
    // Where only those are known that are named, another name is no mistake: one list serves all panels of a dashboard.
    // What is nearly one of those that are named is.
    let is_told = |filter: &&NameFilter| !excludes(filter) && (has_list || !near(filter, &known).is_empty());
    let unmatched = query.exclude.applications.iter().filter(is_told);
    unmatched.map(|filter| Notice::info(describe_not_excluded("application", filter, &known))).collect()
}

/// Says where nothing is left of what is selected.
fn describe_kept_out(query: &Query, list: Option<&ApplicationList>) -> Option<String> {
    let names = selection::select_applications(&query.selected, list);
    if names.is_empty() || names.iter().any(|name| query.lets_through(name.as_str())) {
        return None;
    }
    let is_excluded = names.iter().all(|name| query.exclude.has_application(name.as_str()));
    Some(match is_excluded {
        true => "Every application that is asked for is also excluded.".to_owned(),
        false => "\"only\" and \"exclude\" leave none of the applications that the query asks for.".to_owned(),
    })
}

/// Applications that were named and are gone.
pub(super) fn gone_applications(query: &Query, applications: &[&Application<'_>]) -> Vec<String> {
    let named = applications.iter().filter(|application| query.names(application.name.as_str()));
    named.filter_map(|application| describe_gone(query, application)).collect()
}

/// Applications that an alert rule named and of which no line is left without a word in `told`.
pub(super) fn lost_applications(
    query: &Query,
    applications: &[&Application<'_>],
    show: &Show,
    told: &[String],
) -> Vec<String> {
    if query.origin == Origin::Panel {
        return Vec::new();
    }
    let named = applications.iter().filter(|application| query.names(application.name.as_str()));
    let shown: BTreeSet<&ApplicationName> = show.targets().map(|target| &target.application).collect();
    let is_lost = |application: &&&Application<'_>| {
        let name = format!("\"{}\"", application.name);
        let is_told = told.iter().any(|text| text.contains(&name));
        !is_told
            && !shown.contains(&application.name)
            && application.inventory.is_ok()
            && !is_unknown(query, application)
    };
    named.filter(is_lost).map(|application| describe_lost(application)).collect()
}

fn is_unknown(query: &Query, application: &Application<'_>) -> bool {
    let is_not_found = application.description.is_err_and(|error| error.kind == CallErrorKind::NotFound);
    match query.place.account {
        Account::Own => is_not_found,
        // An application that publishes may be a linked account's.
        Account::All => is_not_found && !application.has_series(),
        Account::Linked(_) => false,
    }
}

/// One that is unknown and has no series is told by `frames` to a panel: it may be all that was asked for.
fn describe_gone(query: &Query, application: &Application<'_>) -> Option<String> {
    let (name, region) = (&application.name, query.place.describe());
    if !is_unknown(query, application) || application.inventory.is_err() {
        return None;
    }
    match (application.has_series(), query.origin) {
        (true, _) => Some(format!(
            "There is no application \"{name}\" in {region} any more: it was deleted. CloudWatch still has its past metrics."
        )),
        (false, Origin::Alert) => Some(format!("There is no application \"{name}\" in {region}.")),
        (false, Origin::Panel) => None,
    }
}

fn describe_lost(application: &Application<'_>) -> String {
    let name = &application.name;
    if application.has_series() {
        return format!("Application \"{name}\" publishes nothing that this query asks for.");
    }
    let why = application.description.err().map(undescribed::explain).unwrap_or_default();
    format!(
        "Application \"{name}\" has published no metrics in the last two weeks, and whether it exists is not known. {why}"
    )
}

/// Why the sum over samples means nothing; None where it does.
pub(super) fn describe_sum(metric: &Metric) -> Option<String> {
    let name = metric.name;
    match (metric.kind, metric.sampling) {
        (MetricKind::Counter, _) => Some(format!(
            "Sum adds up the samples of \"{name}\", a count that only grows until a restart: it is many times what was counted. Take Maximum, or the signal that is made of it."
        )),
        (MetricKind::Gauge, Sampling::Subtask | Sampling::TaskManager | Sampling::Single) => Some(format!(
            "Sum adds up the samples of \"{name}\", which is a level and no amount. Take Average, Minimum or Maximum."
        )),
        (MetricKind::Gauge, Sampling::Hourly) | (MetricKind::Rate, _) => None,
    }
}

/// What is known of an application, for explaining an empty answer.
pub(super) fn state(query: &Query, application: &Application<'_>) -> ApplicationState {
    let series = match application.inventory {
        Err(error) if error.is_in_background() => SeriesState::Awaited,
        Err(_) => SeriesState::Unreadable,
        Ok(_) if application.is_silent => SeriesState::Listed(Freshness::Stale),
        Ok(inventory) if application.has_series() => SeriesState::Listed(inventory.freshness),
        Ok(_) => SeriesState::None,
    };
    let state = ApplicationState::new(application.name.clone(), Some(application.description), series);
    let is_named = query.names(application.name.as_str());
    ApplicationState { account: application.account.clone(), listed: application.listed.cloned(), is_named, ..state }
}
