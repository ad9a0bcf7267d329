//! A linked account that a query names and that CloudWatch does not show: it may never have been linked, or no longer
//! be.
//!
//! CloudWatch does not refuse such an account: it lists no metrics of it, for ever. So the accounts that it shows are
//! asked for first, in one call for all of a region; whoever names hundreds of accounts costs no more.

use super::facts::{Facts, Needs};
use crate::notice::describe_names;
use crate::place::{Account, AccountId, Place};
use crate::query::Query;

/// What is needed before anything of the account is asked; nothing where there is nothing of it to ask.
pub(super) fn needs(query: &Query, facts: &Facts) -> Option<Needs> {
    let Account::Linked(_) = query.place.account else { return None };
    let all = query.place.of_all_accounts();
    if !facts.accounts.contains_key(&all) {
        return Some(Needs { accounts: [all].into(), ..Needs::default() });
    }
    explain(query, facts).map(|_| Needs::default())
}

/// That CloudWatch does not show the account, if it is so. Where the accounts cannot be listed, their metrics cannot
/// either, which is told.
pub(super) fn explain(query: &Query, facts: &Facts) -> Option<String> {
    let Account::Linked(id) = &query.place.account else { return None };
    let accounts = facts.accounts.get(&query.place.of_all_accounts())?.as_ref().ok()?;
    (!accounts.contains_key(id)).then(|| describe(id, &query.place, accounts.keys()))
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
