//! Applications as choices, and what is known of one of them. Pure.

use std::sync::Arc;

use serde::Serialize;

use super::Choice;
use super::asked::StatusFilter;
use crate::catalog::level::Scope;
use crate::catalog::level::{Facet, MetricsLevel};
use crate::catalog::runtime::Runtime;
use crate::catalog::signals::EVERYWHERE;
use crate::compute::explain::explain_application;
use crate::failure::CallError;
use crate::model::application::{ApplicationStatus, ApplicationSummary, Description, ListSource, Tags};
use crate::model::series::Freshness;
use crate::place::{Account, ApplicationName, Place};
use crate::plan::absence::describe_level;
use crate::plan::{ApplicationState, NEW_METRICS, SeriesState};
use crate::topology::inventory::Inventory;

/// What is known of an application; what is not is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationTraits {
    /// As the API spells it: `RUNNING`, `READY` for stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// As people say it: `Flink 1.20`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// As the API spells it: `OPERATOR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics_level: Option<String>,
    /// What it publishes metrics for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<&'static str>>,
}

/// One application, and why some of it cannot be had.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApplicationReport {
    pub name: String,
    #[serde(flatten)]
    pub traits: ApplicationTraits,
    /// One sentence for each thing that is not there.
    pub notices: Vec<String>,
    /// Facts that could not be had. The edge has the words for them.
    #[serde(skip)]
    pub failures: Vec<CallError>,
}

/// Active applications first, each part by name. `level` tells the metrics level of an application where it is known.
pub(super) fn applications(
    rows: Vec<ApplicationSummary>,
    source: &ListSource,
    level: impl Fn(&ApplicationName) -> Option<MetricsLevel>,
) -> Vec<Choice> {
    let mut rows = rows;
    rows.sort_by(|a, b| (!is_active(a), &a.name).cmp(&(!is_active(b), &b.name)));
    rows.iter().map(|application| application_choice(application, source, &level)).collect()
}

/// One whose status is unknown counts as active.
fn is_active(application: &ApplicationSummary) -> bool {
    application.status.as_ref().is_none_or(ApplicationStatus::is_active)
}

pub(super) fn has_status(application: &ApplicationSummary, filter: StatusFilter) -> bool {
    match filter {
        StatusFilter::All => true,
        StatusFilter::Running => is_active(application),
        StatusFilter::Stopped => !is_active(application),
    }
}

/// Whether all of `wanted` are there. Keys may have colons, so nothing is split.
pub(super) fn has_tags(tags: &Tags, wanted: &[&str]) -> bool {
    let is_there = |wanted: &str| tags.iter().any(|(key, value)| key == wanted || format!("{key}:{value}") == wanted);
    wanted.iter().all(|wanted| is_there(wanted))
}

fn application_choice(
    application: &ApplicationSummary,
    source: &ListSource,
    level: impl Fn(&ApplicationName) -> Option<MetricsLevel>,
) -> Choice {
    let level = level(&application.name);
    let traits = ApplicationTraits {
        status: application.status.as_ref().map(|status| status.as_str().to_owned()),
        runtime: application.runtime.as_ref().map(ToString::to_string),
        metrics_level: level.map(|level| level.to_string()),
        levels: level.map(|level| names(&scopes_at(level))),
    };
    let status = application.status.as_ref().map(ApplicationStatus::in_words);
    let level = level.and_then(|level| Some(format!("{} metrics", scopes_at(level).last()?.as_str())));
    let is_other = matches!(application.runtime, Some(Runtime::Studio(_) | Runtime::Sql));
    let only_by_name = is_other.then(|| "not selected by \"*\"".to_owned());
    let parts: Vec<String> = [status, traits.runtime.clone(), level, only_by_name].into_iter().flatten().collect();
    let choice = Choice { application: Some(traits), ..Choice::plain(application.name.as_str()) };
    match source {
        ListSource::ListApplications => choice.described(parts.join(" · ")).grouped(group_of(application)),
        ListSource::Metrics { .. } => choice.described("found by its recent metrics"),
    }
}

fn group_of(application: &ApplicationSummary) -> &'static str {
    match &application.status {
        Some(status) if status.is_active() => "Running",
        Some(_) => "Stopped",
        None => "Status unknown",
    }
}

/// What was asked of AWS about one application.
pub(super) struct Found {
    /// None where it was not asked.
    pub description: Option<Result<Arc<Description>, CallError>>,
    pub inventory: Result<Arc<Inventory>, CallError>,
}

/// What is known of one application, out of its description and its series.
pub(super) fn report(place: &Place, name: &ApplicationName, found: &Found) -> ApplicationReport {
    let described = found.description.as_ref().and_then(|result| result.as_ref().ok());
    let level = described.and_then(|description| description.metrics_level);
    let published = found.inventory.as_ref().map_or_else(|_| Vec::new(), |inventory| scopes_in(inventory));
    let state = state(name, found);
    let missing = EVERYWHERE.iter().filter_map(|scope| explain_scope(*scope, &state, &published));
    ApplicationReport {
        name: name.to_string(),
        traits: ApplicationTraits {
            status: described.map(|description| description.status.as_str().to_owned()),
            runtime: described.map(|description| description.runtime.to_string()),
            metrics_level: level.map(|level| level.to_string()),
            levels: Some(names(&level.map_or_else(|| published.clone(), scopes_at))),
        },
        notices: explain_application(&state).into_iter().chain(missing).collect(),
        failures: failures(place, &state, found),
    }
}

fn state(name: &ApplicationName, found: &Found) -> ApplicationState {
    let series = match &found.inventory {
        Ok(inventory) if !inventory.is_empty() => SeriesState::Listed(inventory.freshness),
        Ok(_) => SeriesState::None,
        Err(_) => SeriesState::Unreadable,
    };
    let state = ApplicationState::new(name.clone(), found.description.as_ref().map(Result::as_ref), series);
    // That stands among the failures.
    ApplicationState { undescribed: None, ..state }
}

/// Why there are no tasks, operators or subtasks; None where there are, or where there is nothing at all.
fn explain_scope(scope: Scope, state: &ApplicationState, published: &[Scope]) -> Option<String> {
    let level = state.description.as_ref()?.metrics_level?;
    let (name, what) = (&state.name, scope.as_str());
    let is_publishing = state.series == SeriesState::Listed(Freshness::RecentlyActive);
    let not_yet = || format!("Application \"{name}\" publishes nothing about {what}s yet. {NEW_METRICS}");
    describe_level(name, level, scope).or_else(|| (is_publishing && !published.contains(&scope)).then(not_yet))
}

/// That an application is unknown is no failure where its series are missing as well, or where it may be another
/// account's.
fn failures(place: &Place, state: &ApplicationState, found: &Found) -> Vec<CallError> {
    let is_told = state.unknown && (state.series == SeriesState::None || place.account != Account::Own);
    let description = found.description.as_ref().and_then(|result| result.as_ref().err()).filter(|_| !is_told);
    description.into_iter().chain(found.inventory.as_ref().err()).cloned().collect()
}

/// What an application at a metrics level publishes metrics for.
fn scopes_at(level: MetricsLevel) -> Vec<Scope> {
    EVERYWHERE.iter().copied().filter(|scope| MetricsLevel::of(*scope) <= level).collect()
}

fn scopes_in(inventory: &Inventory) -> Vec<Scope> {
    let is_there = |scope: &Scope| {
        inventory.series().any(|series| match scope {
            Scope::Application => true,
            Scope::Task => series.dimensions.facet(Facet::Task).is_some(),
            Scope::Operator => series.dimensions.facet(Facet::Operator).is_some(),
            Scope::Subtask => series.dimensions.facet(Facet::Subtask).is_some(),
        })
    };
    EVERYWHERE.iter().copied().filter(is_there).collect()
}

fn names(scopes: &[Scope]) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}
