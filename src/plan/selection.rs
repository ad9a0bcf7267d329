//! Which applications a query selects from a list of them.

use std::collections::BTreeSet;

use super::facts::Facts;
use crate::catalog::runtime::Runtime;
use crate::model::application::{ApplicationList, ApplicationSummary};
use crate::place::{ApplicationName, Place};
use crate::query::{NameFilter, Query};

/// The applications that filters name or select from a list, as far as it is known. "All" means all that run: stopped
/// ones would be empty lines. Where a status is unknown, the application counts.
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

/// SQL applications and Studio notebooks publish other metrics.
pub(super) fn is_other(runtime: &Runtime) -> bool {
    matches!(runtime, Runtime::Sql | Runtime::Studio(_))
}
