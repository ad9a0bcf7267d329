//! What an author named and that is not there.
//!
//! A panel says it beside what it shows. An alert fails on it: a rule about something that does not exist would be in its normal state
//! for ever. What is chosen by `*` is never missed, because a fleet is mixed by nature.

use std::collections::BTreeSet;

use super::bind::At;
use super::chosen::describe_not_excluded;
use super::facts::{ApplicationList, Facts};
use super::inventory::Application;
use super::needs;
use super::{ApplicationState, SeriesState, Show};
use crate::catalog::metric::{Metric, MetricKind, Sampling};
use crate::catalog::signal::Formula;
use crate::catalog::similar;
use crate::failure::CallErrorKind;
use crate::notice::{Notice, describe_names};
use crate::place::{Account, ApplicationName};
use crate::query::application::AskedSignal;
use crate::query::{Kind, NameFilter, Origin, Query};

/// Patterns of applications that select none of those that the list has, stopped ones among them; and that nothing is left of those that
/// are selected.
pub(super) fn unmatched_applications(query: &Query, facts: &Facts) -> Vec<String> {
    let Some(list) = needs::list_of(&query.place, facts) else {
        return describe_kept_out(query, None).into_iter().collect();
    };
    let names = || list.applications.iter().map(|application| application.name.as_str());
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

/// Applications that are to be left out and that nothing else selects. One of them may be misspelt, or gone since it was chosen.
pub(super) fn not_excluded(query: &Query, facts: &Facts) -> Vec<Notice> {
    let list = needs::list_of(&query.place, facts);
    // Without a list, only those that are named are known.
    if list.is_none() && needs::needs_list(query) {
        return Vec::new();
    }
    let listed = list.iter().flat_map(|list| &list.applications).map(|application| application.name.as_str());
    let known: BTreeSet<&str> = listed.chain(query.selected.iter().filter_map(NameFilter::exact)).collect();
    let excludes = |filter: &NameFilter| known.iter().any(|name| filter.selects(name, |exact, name| exact == name));
    let unmatched = query.exclude.applications.iter().filter(|filter| !excludes(filter));
    unmatched.map(|filter| Notice::info(describe_not_excluded("application", filter, &known))).collect()
}

/// Says where nothing is left of what is selected.
fn describe_kept_out(query: &Query, list: Option<&ApplicationList>) -> Option<String> {
    let names = needs::select_applications(&query.selected, list);
    if names.is_empty() || names.iter().any(|name| query.lets_through(name.as_str())) {
        return None;
    }
    let is_excluded = names.iter().all(|name| query.exclude.has_application(name.as_str()));
    Some(match is_excluded {
        true => "Every application that is asked for is also excluded.".to_owned(),
        false => "No application that the query asks for is let through by its \"only\" and \"exclude\".".to_owned(),
    })
}

/// Applications that were named and are gone, or of which no line is left.
pub(super) fn lost_applications(query: &Query, applications: &[&Application<'_>], show: &Show) -> Vec<String> {
    let named = || applications.iter().filter(|application| query.names(application.name.as_str()));
    let mut missing: Vec<String> = named().filter_map(|application| describe_gone(query, application)).collect();
    if query.origin == Origin::Panel {
        return missing;
    }
    let shown: BTreeSet<&ApplicationName> = show.targets().map(|target| &target.application).collect();
    let is_lost = |application: &&&Application<'_>| {
        !shown.contains(&application.name) && application.inventory.is_ok() && !is_unknown(query, application)
    };
    missing.extend(named().filter(is_lost).map(|application| describe_lost(application)));
    if shown.is_empty() && missing.is_empty() && !applications.is_empty() {
        missing.extend(describe_metric(query));
    }
    missing
}

fn is_unknown(query: &Query, application: &Application<'_>) -> bool {
    let is_not_found = application.description.is_err_and(|error| error.kind == CallErrorKind::NotFound);
    query.place.account == Account::Own && is_not_found
}

/// One that is unknown and has no series is told by `frames` to a panel: it may be all that was asked for.
fn describe_gone(query: &Query, application: &Application<'_>) -> Option<String> {
    let (name, region) = (&application.name, query.place.describe());
    if !is_unknown(query, application) || application.inventory.is_err() {
        return None;
    }
    match (application.has_series(), query.origin) {
        (true, _) => Some(format!(
            "There is no application \"{name}\" in {region} any more: it was deleted, and what CloudWatch has of it is from before."
        )),
        (false, Origin::Alert) => Some(format!("There is no application \"{name}\" in {region}.")),
        (false, Origin::Panel) => None,
    }
}

fn describe_lost(application: &Application<'_>) -> String {
    let name = &application.name;
    if application.has_series() {
        return format!("Application \"{name}\" has nothing of what is asked.");
    }
    format!(
        "Application \"{name}\" has published no metrics in the last two weeks, and it could not be read whether it exists."
    )
}

/// A metric is named by its author, whatever the applications.
fn describe_metric(query: &Query) -> Option<String> {
    match &query.kind {
        Kind::Metric(asked) => Some(format!(
            "No application that is asked for publishes \"{}\" with these dimensions in {}.",
            asked.metric,
            query.place.describe()
        )),
        Kind::Application(_) | Kind::Operator(_) | Kind::Checkpoint(_) => None,
    }
}

/// Known names that may be meant by a name; of a pattern nobody can tell.
pub(super) fn near<'n>(filter: &NameFilter, known: &BTreeSet<&'n str>) -> Vec<&'n str> {
    filter.exact().map(|asked| similar::nearest(asked, known.iter().copied())).unwrap_or_default()
}

/// A filter that selects none of the `known` names, with what may have been meant. `of` says where it stands.
pub(super) fn describe_unmatched(what: &str, filter: &NameFilter, of: &str, known: &BTreeSet<&str>) -> String {
    let near = near(filter, known);
    let slash = if filter.is_open_pattern() { " A regular expression ends with a slash, too." } else { "" };
    format!("No {what} matches {filter}{of}; {}.{slash}", describe_known(&near, known))
}

/// What there is in place of a name: near ones, else the first ones.
pub(super) fn describe_known(near: &[&str], known: &BTreeSet<&str>) -> String {
    if !near.is_empty() {
        return format!("near it are {}", describe_names(near));
    }
    let known: Vec<&str> = known.iter().copied().collect();
    if known.is_empty() { "there is none".to_owned() } else { format!("there are {}", describe_names(&known)) }
}

/// Whether a number is made in another way, or not at all, without the application's configuration and job plan.
pub(super) fn rests_on_description(asked: &AskedSignal, at: &At) -> bool {
    let AskedSignal::Signal(signal) = asked else { return false };
    match signal.formula {
        Formula::SourceRate
        | Formula::SinkRate
        | Formula::Selectivity
        | Formula::CostPerMillionRecords
        | Formula::CheckpointPressure => true,
        Formula::RateIn | Formula::RateOut | Formula::RecordsIn | Formula::RecordsOut => *at == At::Application,
        Formula::Records { .. }
        | Formula::Increase { .. }
        | Formula::TimeToCatchUp
        | Formula::CheckpointSuccessRatio
        | Formula::CheckpointInterval
        | Formula::Availability
        | Formula::GcPressure
        | Formula::GcCollections
        | Formula::Rate { .. }
        | Formula::Gauge { .. }
        | Formula::Rise { .. }
        | Formula::Growth { .. }
        | Formula::WatermarkLag
        | Formula::WatermarkSkew
        | Formula::Skew
        | Formula::CpuHeadroom
        | Formula::MemoryHeadroom
        | Formula::FileDescriptors
        | Formula::KpuCost => false,
    }
}

/// Many applications cannot be described at once.
pub(super) fn not_described(applications: &[&Application<'_>]) -> Option<Notice> {
    let is_late = |application: &&&Application<'_>| {
        let kind = application.description.err().map(|error| error.kind);
        matches!(kind, Some(CallErrorKind::Timeout | CallErrorKind::Throttled))
    };
    let names: Vec<&ApplicationName> =
        applications.iter().filter(is_late).map(|application| &application.name).collect();
    let text = || {
        format!(
            "The configuration of {} is not known yet: AWS admits only so many descriptions at a time. It comes with a later refresh.",
            describe_names(&names)
        )
    };
    (!names.is_empty()).then(|| Notice::info(text()))
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
pub(super) fn state(application: &Application<'_>) -> ApplicationState {
    let series = match application.inventory {
        Err(_) => SeriesState::Unreadable,
        Ok(inventory) if application.has_series() => SeriesState::Listed(inventory.freshness),
        Ok(_) => SeriesState::None,
    };
    let state = ApplicationState::new(application.name.clone(), Some(application.description), series);
    ApplicationState { account: application.account.clone(), ..state }
}
