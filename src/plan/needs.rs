//! Which facts planning still needs.

use std::collections::BTreeSet;

use super::facts::{Facts, Needs};
use super::invented;
use super::{facts_of, stopped};
use crate::catalog::runtime::Runtime;
use crate::model::application::{ApplicationList, ApplicationSummary};
use crate::model::series::Recency;
use crate::place::{ApplicationName, Place};
use crate::query::{Kind, NameFilter, Origin, Query};

/// The facts that `queries` need and `facts` lacks. Called again until it is empty: a list of applications comes first, their
/// inventories follow. `now_ms` is the moment of asking.
pub fn needs<'q>(queries: impl IntoIterator<Item = &'q Query>, facts: &Facts, now_ms: i64) -> Needs {
    let mut needs = Needs::default();
    let mut are_tables = true;
    for query in queries {
        are_tables &= query.origin == Origin::Panel && query.is_fleet_table();
        if let Kind::Facts(asked) = &query.kind {
            needs.extend(facts_of(asked, query, facts));
            continue;
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
        needs.inventories.extend(names.iter().map(|name| (query.place.clone(), name.clone())));
        needs.descriptions.extend(names.into_iter().map(|name| (query.place.clone(), name)));
    }
    Needs { is_hurried: are_tables, ..needs }.without(facts)
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

/// Whether an application that was not named turns out to be no job of Flink: a list that is made from metrics does not tell.
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

/// SQL applications and Studio notebooks publish other metrics.
fn is_other(runtime: &Runtime) -> bool {
    matches!(runtime, Runtime::Sql | Runtime::Studio(_))
}

/// The applications that filters name or select from a list, as far as it is known. "All" means all that run: stopped ones would be
/// empty lines. Where a status is unknown, the application counts.
pub fn select_applications(filters: &[NameFilter], list: Option<&ApplicationList>) -> BTreeSet<ApplicationName> {
    select(filters, list, runs)
}

pub(super) fn runs(application: &ApplicationSummary) -> bool {
    application.status.as_ref().is_none_or(|status| status.is_active())
}

/// The applications that filters name, and those that they select from the part of a list that `is_of`.
pub(super) fn select(
    filters: &[NameFilter],
    list: Option<&ApplicationList>,
    is_of: fn(&ApplicationSummary) -> bool,
) -> BTreeSet<ApplicationName> {
    let listed = |selects: &dyn Fn(&str) -> bool| listed(list, |one| is_of(one) && selects(one.name.as_str()));
    let mut names = BTreeSet::new();
    for filter in filters {
        match filter {
            NameFilter::Exact(name) => {
                names.insert(ApplicationName::new(name.clone()));
            }
            NameFilter::Any => names.extend(listed(&|_| true)),
            NameFilter::Pattern(pattern) => names.extend(listed(&|name| pattern.is_match(name))),
            // Only names of tasks may hold such signs.
            NameFilter::Either { otherwise, .. } => names.extend(select(otherwise, list, is_of)),
        }
    }
    names
}

pub(super) fn needs_list(query: &Query) -> bool {
    query.selected.iter().any(|filter| filter.exact().is_none())
}

pub(super) fn list_of<'f>(place: &Place, facts: &'f Facts) -> Option<&'f ApplicationList> {
    facts.lists.get(place).and_then(|list| list.as_ref().ok()).map(|list| &**list)
}

/// Flink applications of a list. Where the runtime is unknown, the application counts.
fn listed(list: Option<&ApplicationList>, is_wanted: impl Fn(&ApplicationSummary) -> bool) -> Vec<ApplicationName> {
    let applications = list.iter().flat_map(|list| list.applications.values());
    applications
        .filter(|application| !application.runtime.as_ref().is_some_and(is_other))
        .filter(|application| is_wanted(application))
        .map(|application| application.name.clone())
        .collect()
}
