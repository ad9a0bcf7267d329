//! Accounts in which an application is silent, where a rule names it over all accounts.
//!
//! ListMetrics lists what published in the last three hours, and so only those of a name that did. The lines of another
//! one would end without a word, and Grafana takes what has no line any more for resolved. A panel shows what there is.

use std::collections::BTreeSet;

use super::facts::Facts;
use crate::failure::CallError;
use crate::model::series::Freshness;
use crate::place::{Account, AccountId, ApplicationName, Place};
use crate::query::{Origin, Query};

/// Whether it is to be found out where else one of the applications published: where it did so of late.
pub(super) fn are_needed(query: &Query, names: &BTreeSet<ApplicationName>, facts: &Facts) -> bool {
    let publishes = |name: &ApplicationName| {
        let inventory = facts.inventories.get(&(query.place.clone(), name.clone()));
        let inventory = inventory.and_then(|inventory| inventory.as_ref().ok());
        inventory.is_some_and(|inventory| inventory.freshness == Freshness::RecentlyActive)
    };
    names.iter().any(|name| matters(query, name) && publishes(name))
}

/// Whether it matters that an application has been silent for hours.
pub(super) fn matters(query: &Query, name: &ApplicationName) -> bool {
    query.origin == Origin::Alert && query.place.account == Account::All && query.names(name.as_str())
}

/// Why it is not known which accounts have published something in the last two weeks.
pub(super) fn failure<'f>(query: &Query, facts: &'f Facts) -> Option<&'f CallError> {
    facts.accounts.get(&query.place).filter(|_| query.origin == Origin::Alert)?.as_ref().err()
}

/// The accounts in which an application published in the last two weeks and that are not among `known`.
pub(super) fn of(place: &Place, name: &ApplicationName, known: &[Option<AccountId>], facts: &Facts) -> Vec<AccountId> {
    let accounts = facts.accounts.get(place).and_then(|accounts| accounts.as_ref().ok());
    let publishing = accounts.iter().flat_map(|accounts| accounts.iter()).filter(|(_, names)| names.contains(name));
    let ids = publishing.map(|(id, _)| id.clone());
    ids.filter(|id| !known.contains(&Some(id.clone()))).collect()
}
