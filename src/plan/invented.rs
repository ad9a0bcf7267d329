//! Names that no application has, where many are named: two lists tell it of all of them, instead of two or three calls for each.
//!
//! A viewer may name hundreds, and the calls for them would keep everybody else waiting. Few names are asked about at once, which is faster.

use std::sync::Arc;

use super::facts::{Facts, Needs};
use super::selection;
use crate::failure::{CallError, CallErrorKind};
use crate::model::application::ListSource;
use crate::model::series::{Freshness, Recency};
use crate::place::{Account, ApplicationName};
use crate::query::{NameFilter, Query};
use crate::topology::inventory::Inventory;

/// So many are asked about one by one: what an idle budget of Managed Service for Apache Flink lets through at once.
const FEW: usize = 10;

/// The lists that tell which of the many names of a query there are, as far as they are missing.
pub(super) fn lists(query: &Query, facts: &Facts) -> Needs {
    let mut needs = Needs::default();
    if names_many(query) {
        let published = (query.place.clone(), Recency::TwoWeeks);
        needs.lists.extend((!facts.lists.contains_key(&query.place)).then(|| query.place.clone()));
        needs.published.extend((!facts.published.contains_key(&published)).then_some(published));
    }
    needs
}

/// What the lists say of names that they do not have: there is no such application, and it has no metrics.
pub fn invented<'q>(queries: impl IntoIterator<Item = &'q Query>, facts: &Facts) -> Facts {
    let mut found = Facts::default();
    for query in queries.into_iter().filter(|query| names_many(query)) {
        let Some(list) =
            selection::list_of(&query.place, facts).filter(|list| list.source == ListSource::ListApplications)
        else {
            continue;
        };
        let Some(Ok(published)) = facts.published.get(&(query.place.clone(), Recency::TwoWeeks)) else { continue };
        let is_listed = |name: &ApplicationName| list.applications.contains_key(name);
        let names = query.selected.iter().filter_map(NameFilter::exact).map(ApplicationName::from);
        for name in names.filter(|name| !published.contains(name) && !is_listed(name)) {
            let key = (query.place.clone(), name);
            let error = CallError::new(CallErrorKind::NotFound, OPERATION, &query.place.region, "no such application");
            found.descriptions.insert(key.clone(), Err(error));
            found.inventories.insert(key, Ok(Arc::new(Inventory::new(Vec::new(), Freshness::Stale))));
        }
    }
    found
}

/// The call that is not made.
const OPERATION: &str = "kinesisanalytics:DescribeApplication";

/// The list of applications is that of the own account.
fn names_many(query: &Query) -> bool {
    let named = query.selected.iter().filter(|filter| filter.exact().is_some());
    query.place.account == Account::Own && named.count() > FEW
}
