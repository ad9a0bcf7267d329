//! A linked account that a query names and of which CloudWatch shows nothing: it may never have been linked, or no longer be.
//!
//! CloudWatch does not refuse such an account: it lists no metrics of it, for ever. Which accounts it shows is asked only where nothing was found.

use std::collections::BTreeSet;

use super::facts::Facts;
use super::selection;
use crate::failure::CallError;
use crate::notice::describe_names;
use crate::place::{Account, AccountId, ApplicationName, Place};
use crate::query::Query;

/// The place whose accounts have to be known to tell why nothing was found.
pub(super) fn lacks(query: &Query, facts: &Facts, names: &BTreeSet<ApplicationName>) -> Option<Place> {
    let Account::Linked(_) = query.place.account else { return None };
    let is_listed = !selection::needs_list(query) || selection::list_of(&query.place, facts).is_some();
    let is_empty = |name: &ApplicationName| {
        let inventory = facts.inventories.get(&(query.place.clone(), name.clone()));
        inventory.is_some_and(|inventory| inventory.as_ref().is_ok_and(|inventory| inventory.is_empty()))
    };
    let finds_nothing = is_listed
        && selection::list_of(&query.place, facts).is_none_or(|list| list.applications.is_empty())
        && names.iter().all(is_empty);
    finds_nothing.then(|| query.place.of_all_accounts())
}

/// Why nothing was found, as far as it is the account: a sentence, or the failure of asking which accounts there are.
pub(super) fn explain(
    query: &Query,
    facts: &Facts,
    names: &BTreeSet<ApplicationName>,
) -> Option<Result<String, CallError>> {
    let all = lacks(query, facts, names)?;
    let Account::Linked(id) = &query.place.account else { return None };
    match facts.accounts.get(&all)? {
        Ok(accounts) if accounts.contains(id) => None,
        Ok(accounts) => Some(Ok(describe(id, &query.place, accounts.iter()))),
        Err(error) => Some(Err(error.clone())),
    }
}

/// That CloudWatch shows nothing of an account.
pub fn describe<'a>(id: &AccountId, place: &Place, shown: impl Iterator<Item = &'a AccountId>) -> String {
    let shown: Vec<&AccountId> = shown.collect();
    let others =
        if shown.is_empty() { String::new() } else { format!(" It shows those of {}.", describe_names(&shown)) };
    format!(
        "CloudWatch shows no metrics of Flink of account {id} in {}: the account is not linked to this monitoring account, or nothing ran there in the last two weeks.{others} Check accountId, and the link in the settings of CloudWatch.",
        place.region
    )
}
