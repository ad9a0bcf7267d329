//! Which facts planning still needs.

use std::collections::BTreeSet;

use super::facts::{Facts, MaxWait, Needs};
use super::invented;
use super::selection::{is_other, list_of, needs_list, select_applications};
use super::{facts_of, reach, silent_accounts, stopped, undescribed, unlinked};
use crate::model::series::Recency;
use crate::place::ApplicationName;
use crate::query::{Kind, Query};

/// The facts that `queries` need and `facts` lacks. Called again until it is empty: a list of applications comes first,
/// their inventories follow. `now_ms` is the moment of asking.
pub fn needs<'q>(queries: impl IntoIterator<Item = &'q Query>, facts: &Facts, now_ms: i64) -> Needs {
    let mut needs = Needs::default();
    let mut max_wait = MaxWait::Short;
    for query in queries {
        max_wait = max_wait.max(undescribed::max_wait(query));
        if let Kind::Facts(asked) = &query.kind {
            needs.extend(facts_of(asked, query, facts, now_ms));
            continue;
        }
        if let Some(of_account) = unlinked::needs(query, facts) {
            needs.extend(of_account);
            // Of what ran there before, CloudWatch may have values that it lists no more.
            if !reach::begins_before_listing(query, now_ms) {
                continue;
            }
        }
        if needs_list(query) {
            needs.lists.insert(query.place.clone());
        }
        let lists = invented::lists(query, facts);
        if !lists.is_empty() {
            needs.extend(lists);
            continue;
        }
        let recency = stopped::recency(query, now_ms);
        if !stopped::selected(query, facts).is_empty() {
            needs.published.insert((query.place.clone(), recency));
        }
        let names = selected_names(query, facts, recency);
        if silent_accounts::are_needed(query, &names, facts) {
            needs.accounts.insert(query.place.clone());
        }
        needs.inventories.extend(names.iter().map(|name| (query.place.clone(), name.clone())));
        needs.descriptions.extend(names.into_iter().map(|name| (query.place.clone(), name)));
    }
    Needs { max_wait, ..needs }.without(facts)
}

/// The applications that a query is about, as far as the facts tell.
pub(super) fn selected_names(query: &Query, facts: &Facts, recency: Recency) -> BTreeSet<ApplicationName> {
    let mut names = select_applications(&query.selected, list_of(&query.place, facts));
    names.retain(|name| {
        query.lets_through(name.as_str()) && (query.names(name.as_str()) || !is_known_as_other(query, name, facts))
    });
    names.extend(stopped::published(query, facts, recency).names);
    names
}

/// Whether an application that was not named turns out to be no job of Flink: a list that is made from metrics does not
/// tell.
fn is_known_as_other(query: &Query, name: &ApplicationName, facts: &Facts) -> bool {
    let key = (query.place.clone(), name.clone());
    match facts.descriptions.get(&key) {
        Some(Ok(description)) => is_other(&description.runtime),
        Some(Err(_)) | None => facts
            .inventories
            .get(&key)
            .is_some_and(|inventory| inventory.as_ref().is_ok_and(|one| one.is_of_notebook())),
    }
}
