//! Series whose every name the author wrote: nothing has to be found before they are asked for.

use std::sync::Arc;

use super::facts::Facts;
use crate::catalog::aliases::{self, Meaning};
use crate::catalog::level::Facet;
use crate::catalog::names;
use crate::failure::CallError;
use crate::model::series::{Dimensions, Freshness, MetricSeries};
use crate::place::{Account, AccountId, ApplicationName};
use crate::query::{Kind, MetricQuery, NameFilter, NameLists, Origin, Query};
use crate::topology::inventory::Inventory;

/// More are not asked for without knowing whether they are there: each is billed.
const MOST: usize = 20;

/// What would be known if ListMetrics had listed the series that a query names, and nothing else. None where a name is
/// left open, or may be another spelling of the right one; and for alerts, which are not decided before it is known
/// that the application is still there.
pub fn named(query: &Query) -> Option<Facts> {
    if query.origin == Origin::Alert {
        return None;
    }
    let Kind::Metric(asked) = &query.kind else { return None };
    let account = match &query.place.account {
        Account::Own => None,
        Account::Linked(id) => Some(id.clone()),
        Account::All => return None,
    };
    let sets = is_spelled_right(asked).then(|| dimension_sets(asked))??;
    let is_plain = query.only.is_empty() && query.exclude == NameLists::default();
    if !is_plain || query.selected.len() * sets.len() > MOST {
        return None;
    }
    let mut facts = Facts::default();
    for filter in &query.selected {
        let name = ApplicationName::from(filter.exact()?);
        let series = sets.iter().map(|set| series(asked, &name, set, account.clone())).collect();
        let key = (query.place.clone(), name);
        let description = CallError::in_background("kinesisanalytics:DescribeApplication", &query.place.region);
        facts.inventories.insert(key.clone(), Ok(Arc::new(Inventory::new(series, Freshness::RecentlyActive))));
        facts.descriptions.insert(key, Err(description));
    }
    Some(facts)
}

/// Whether the names of metric and dimensions are CloudWatch's, or an application's own, for sure.
fn is_spelled_right(asked: &MetricQuery) -> bool {
    let is_metric = match aliases::by_spelling(&asked.metric) {
        Some(Meaning::Metric(name)) => name == asked.metric,
        Some(Meaning::Signal(_)) => false,
        None => true,
    };
    let is_dimension = |name: &String| aliases::dimension_by_spelling(name).is_none_or(|known| known == name);
    is_metric && asked.dimensions.keys().all(is_dimension)
}

type DimensionSet<'q> = Vec<(&'q str, String)>;

/// Every combination of the values that are named.
fn dimension_sets(asked: &MetricQuery) -> Option<Vec<DimensionSet<'_>>> {
    let mut sets: Vec<DimensionSet<'_>> = vec![Vec::new()];
    for (dimension, filters) in &asked.dimensions {
        let values: Option<Vec<String>> = filters.iter().map(|filter| value(dimension, filter)).collect();
        let values = values?;
        let mut with_value = Vec::with_capacity(sets.len() * values.len());
        for set in &sets {
            let with = |value: &String| [set.as_slice(), &[(dimension.as_str(), value.clone())]].concat();
            with_value.extend(values.iter().map(with));
        }
        sets = with_value;
        if sets.len() > MOST {
            return None;
        }
    }
    Some(sets)
}

/// As CloudWatch has it: Flink replaces some letters in the names of tasks and operators.
fn value(dimension: &str, filter: &NameFilter) -> Option<String> {
    let text = filter.exact()?;
    Some(match Facet::of(dimension) {
        Some(Facet::Task | Facet::Operator) => names::clean(text),
        Some(_) | None => text.to_owned(),
    })
}

fn series(
    asked: &MetricQuery,
    name: &ApplicationName,
    set: &[(&str, String)],
    account: Option<AccountId>,
) -> MetricSeries {
    let of_set = set.iter().map(|(dimension, value)| (Arc::from(*dimension), Arc::from(value.as_str())));
    let application = (Arc::from("Application"), Arc::from(name.as_str()));
    let dimensions = Dimensions::new(of_set.chain([application]).collect());
    MetricSeries { metric: Arc::from(asked.metric.as_str()), dimensions, account }
}
