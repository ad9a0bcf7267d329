//! Names that nothing has: an empty list would look like an answer.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::{ReadApplication, ResourceError, choices};
use crate::failure::CallErrorKind;
use crate::fetch::{self, Source};
use crate::limits;
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
        refuse_unlinked(source, place).await?;
        return match filters.iter().all(|filter| *filter == NameFilter::Any) {
            true => Ok(()),
            false => Err(no_match("application".to_owned(), asked.argument("application"), place)),
        };
    }
    let names: Vec<ApplicationName> = read.iter().map(|one| one.name.clone()).collect();
    let no_metrics = |names, why| Err(ResourceError::NoMetrics { names, place: place.clone(), why });
    if let Account::Linked(_) = place.account {
        refuse_unlinked(source, place).await?;
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

/// Refuses a linked account of which CloudWatch shows nothing. To be asked where nothing of it was found.
pub(super) async fn refuse_unlinked(source: &Source, place: &Place) -> Result<(), ResourceError> {
    let Account::Linked(id) = &place.account else { return Ok(()) };
    let accounts = fetch::linked_accounts(source, &place.region).await;
    let accounts = accounts.map_err(|error| ResourceError::Call { error, applications: Vec::new() })?;
    match accounts.contains(id) {
        true => Ok(()),
        false => Err(ResourceError::Unlinked(describe_unlinked(id, place, accounts.iter()))),
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
