//! Names that no application has, where many are named: two lists tell it of all of them, instead of two or three calls
//! for each.
//!
//! A viewer may name hundreds, and the calls for them would keep everybody else waiting. Few names are asked about at
//! once, which is faster.

use std::sync::Arc;

use super::facts::{Facts, Needs};
use super::selection;
use crate::failure::{CallError, CallErrorKind};
use crate::model::application::ListSource;
use crate::model::series::{Freshness, Recency};
use crate::place::{Account, ApplicationName, Place};
use crate::query::{NameFilter, Query};
use crate::topology::inventory::Inventory;

/// So many are asked about one by one: what an idle budget of Managed Service for Apache Flink lets through at once.
const FEW: usize = 10;

/// The lists that tell which of the many names of a query there are, as far as they are missing.
pub(super) fn lists(query: &Query, facts: &Facts) -> Needs {
    let mut needs = Needs::default();
    if names_many(query) {
        needs.lists.extend(described_place(query));
        needs.published.insert((query.place.clone(), Recency::TwoWeeks));
    }
    needs.without(facts)
}

/// What the lists say of names that they do not have: there is no such application, and it has no metrics.
pub fn invented<'q>(queries: impl IntoIterator<Item = &'q Query>, facts: &Facts) -> Facts {
    let mut found = Facts::default();
    for query in queries.into_iter().filter(|query| names_many(query)) {
        let region = &query.place.region;
        let (listed, error) = match described_place(query) {
            None => (None, CallError::own_account_only(OPERATION, region)),
            Some(place) => match selection::list_of(&place, facts) {
                Some(list) if list.source == ListSource::ListApplications => {
                    (Some(list), CallError::new(CallErrorKind::NotFound, OPERATION, region, "no such application"))
                }
                Some(_) | None => continue,
            },
        };
        let Some(Ok(published)) = facts.published.get(&(query.place.clone(), Recency::TwoWeeks)) else { continue };
        let is_listed = |name: &ApplicationName| listed.is_some_and(|list| list.applications.contains_key(name));
        let names = query.selected.iter().filter_map(NameFilter::exact).map(ApplicationName::from);
        for name in names.filter(|name| !published.contains(name) && !is_listed(name)) {
            let key = (query.place.clone(), name);
            found.descriptions.insert(key.clone(), Err(error.clone()));
            found.inventories.insert(key, Ok(Arc::new(Inventory::new(Vec::new(), Freshness::Stale))));
        }
    }
    found
}

/// The call that is not made.
const OPERATION: &str = "kinesisanalytics:DescribeApplication";

/// Where the service would describe the applications: in the own account only.
fn described_place(query: &Query) -> Option<Place> {
    match query.place.account {
        Account::Own | Account::All => Some(Place { account: Account::Own, ..query.place.clone() }),
        Account::Linked(_) => None,
    }
}

fn names_many(query: &Query) -> bool {
    query.selected.iter().filter(|filter| filter.exact().is_some()).count() > FEW
}
