//! Names that nothing has: an empty list would look like an answer.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::{ReadApplication, ResourceError, choices};
use crate::failure::CallErrorKind;
use crate::fetch::{self, Source};
use crate::limits;
use crate::notice::begin_with_applications;
use crate::place::{Account, ApplicationName, Place};
use crate::plan::describe_unlinked;
use crate::plan::facts::Needs;
use crate::query::NameFilter;

/// Refuses applications of which none has a series, unless the service knows one of them.
pub(super) async fn refuse_unknown(
    source: &Source,
    asked: &Asked<'_>,
    place: &Place,
    read: &[ReadApplication],
) -> Result<(), ResourceError> {
    let filters = asked.named_applications().unwrap_or_default();
    if read.is_empty() {
        return match filters.iter().all(|filter| *filter == NameFilter::Any) {
            true => Ok(()),
            false => Err(no_match("application".to_owned(), asked.argument("application"), place)),
        };
    }
    let names: Vec<ApplicationName> = read.iter().map(|one| one.name.clone()).collect();
    let no_metrics = |names, why| Err(ResourceError::NoMetrics { names, place: place.clone(), why });
    if let Account::Linked(_) = place.account {
        // Its applications cannot be described.
        return no_metrics(names, String::new());
    }
    let descriptions: BTreeSet<_> = names.iter().map(|name| (place.clone(), name.clone())).collect();
    let needs = Needs { descriptions, ..Needs::default() };
    let described = fetch::facts(source, &needs).await.descriptions;
    if described.values().any(Result::is_ok) {
        return Ok(());
    }
    let errors = described.values().filter_map(|result| result.as_ref().err());
    match errors.clone().find(|error| error.kind != CallErrorKind::NotFound) {
        None => Err(ResourceError::UnknownApplications { names, place: place.clone() }),
        Some(error) => no_metrics(names, format!(" ({})", error.explain().0)),
    }
}

/// The place that is asked about. An account that CloudWatch does not show is refused before anything is asked of it.
pub(super) async fn known_place(source: &Source, asked: &Asked<'_>) -> Result<Place, ResourceError> {
    let place = asked.place()?;
    let Account::Linked(id) = &place.account else { return Ok(place) };
    let accounts = fetch::linked_accounts(source, &place.region).await;
    let accounts = accounts.map_err(|error| ResourceError::Call { error, applications: Vec::new() })?;
    match accounts.contains_key(id) {
        true => Ok(place),
        false => Err(ResourceError::Unlinked(describe_unlinked(id, &place, accounts.keys()))),
    }
}

/// Refuses to list tasks and operators where there are Studio notebooks only: they have none.
pub(super) fn refuse_notebooks(read: &[ReadApplication]) -> Result<(), ResourceError> {
    let names: Vec<&ApplicationName> = read.iter().map(|one| &one.name).collect();
    match !read.is_empty() && read.iter().all(|one| one.inventory.is_of_notebook()) {
        true => Err(ResourceError::Notebooks(begin_with_applications(&names))),
        false => Ok(()),
    }
}

/// Refuses tasks that no application has, where the applications have tasks.
pub(super) fn refuse_unknown_tasks(asked: &Asked<'_>, read: &[ReadApplication]) -> Result<(), ResourceError> {
    let has_tasks = read.iter().any(|one| !one.inventory.tasks().is_empty());
    let is_found = || read.iter().any(|one| !choices::tasks_named(&one.inventory, &asked.tasks).is_empty());
    if asked.tasks.is_empty() || !has_tasks || is_found() {
        return Ok(());
    }
    Err(no_match(format!("task of {}", describe(read)), asked.argument("task"), &asked.place()?))
}

fn describe(read: &[ReadApplication]) -> String {
    let names: Vec<&ApplicationName> = read.iter().map(|one| &one.name).collect();
    crate::notice::describe_applications(&names)
}

fn no_match(what: String, found: Option<&str>, place: &Place) -> ResourceError {
    let found = limits::cut(found.unwrap_or_default(), limits::NAME_SHOWN_BYTES).into_owned();
    ResourceError::NoMatch { what, found, place: place.clone() }
}
