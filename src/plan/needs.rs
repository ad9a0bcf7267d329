//! Which facts planning still needs.

use std::collections::BTreeSet;

use super::facts::{ApplicationList, Facts, Needs};
use crate::catalog::runtime::Runtime;
use crate::place::{ApplicationName, Place};
use crate::query::{NameFilter, Origin, Query};

/// The facts that `queries` need and `facts` lacks. Called again until it is empty: a list of applications comes first, their
/// inventories follow.
pub fn needs<'q>(queries: impl IntoIterator<Item = &'q Query>, facts: &Facts) -> Needs {
    let mut needs = Needs::default();
    let mut are_tables = true;
    for query in queries {
        are_tables &= query.origin == Origin::Panel && query.is_fleet_table();
        if needs_list(query) && !facts.lists.contains_key(&query.place) {
            needs.lists.insert(query.place.clone());
        }
        for name in selected_names(query, facts) {
            let key = (query.place.clone(), name);
            if !facts.inventories.contains_key(&key) {
                needs.inventories.insert(key.clone());
            }
            if !facts.descriptions.contains_key(&key) {
                needs.descriptions.insert(key);
            }
        }
    }
    Needs { is_hurried: are_tables, ..needs }
}

/// The applications that a query is about, as far as the facts tell.
pub(super) fn selected_names(query: &Query, facts: &Facts) -> BTreeSet<ApplicationName> {
    let mut names = select_applications(&query.applications, list_of(&query.place, facts));
    names.retain(|name| !query.exclude.has_application(name.as_str()));
    names
}

/// The applications that filters name or select from a list, as far as it is known.
pub fn select_applications(filters: &[NameFilter], list: Option<&ApplicationList>) -> BTreeSet<ApplicationName> {
    let mut names = BTreeSet::new();
    for filter in filters {
        match filter {
            NameFilter::Exact(name) => {
                names.insert(ApplicationName::new(name.clone()));
            }
            NameFilter::Any => names.extend(listed(list, |_| true)),
            NameFilter::Pattern(pattern) => names.extend(listed(list, |name| pattern.is_match(name))),
            // Only names of tasks may hold such signs.
            NameFilter::Either { otherwise, .. } => names.extend(select_applications(otherwise, list)),
        }
    }
    names
}

pub(super) fn needs_list(query: &Query) -> bool {
    query.applications.iter().any(|filter| filter.exact().is_none())
}

fn list_of<'f>(place: &Place, facts: &'f Facts) -> Option<&'f ApplicationList> {
    facts.lists.get(place).and_then(|list| list.as_ref().ok()).map(|list| &**list)
}

/// "All" means all Flink applications that run: stopped ones would be empty lines, and SQL applications and Studio notebooks publish
/// other metrics. Where status or runtime are unknown, the application counts.
fn listed(list: Option<&ApplicationList>, selects: impl Fn(&str) -> bool) -> Vec<ApplicationName> {
    let applications = list.map_or(&[][..], |list| &list.applications);
    applications
        .iter()
        .filter(|application| application.status.as_ref().is_none_or(|status| status.is_active()))
        .filter(|application| !matches!(application.runtime, Some(Runtime::Sql | Runtime::Studio(_))))
        .filter(|application| selects(application.name.as_str()))
        .map(|application| application.name.clone())
        .collect()
}
