//! Series as CloudWatch lists them: a metric with dimensions.

use std::sync::Arc;

use crate::catalog::level::{DimensionSet, Facet, value_of};
use crate::place::AccountId;

/// How far back a listed series may have had its last data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Recency {
    /// Three hours (CloudWatch's `RecentlyActive=PT3H`).
    ThreeHours,
    /// Two weeks: all that ListMetrics knows.
    TwoWeeks,
}

/// How new the series of an inventory are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// With data in the last three hours (CloudWatch's RecentlyActive).
    #[default]
    RecentlyActive,
    /// Nothing in the last three hours; these had data in the last two weeks.
    Stale,
}

/// One series that exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricSeries {
    pub metric: Arc<str>,
    pub dimensions: Dimensions,
    /// The owning account where linked accounts were asked for.
    pub account: Option<AccountId>,
}

/// Names and values of a series' dimensions, sorted by name. Shared, because plans, calls and the cache name the series
/// of an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Dimensions(Arc<[(Arc<str>, Arc<str>)]>);

impl Dimensions {
    pub fn new(mut pairs: Vec<(Arc<str>, Arc<str>)>) -> Self {
        pairs.sort();
        Self(pairs.into())
    }

    pub fn get(&self, name: &str) -> Option<&Arc<str>> {
        self.0.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    pub fn value_at(&self, index: usize) -> Option<&Arc<str>> {
        self.0.get(index).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|(name, _)| &**name)
    }

    /// What the series is about.
    pub fn set(&self) -> DimensionSet {
        DimensionSet::classify(self.names())
    }

    pub fn facet(&self, facet: Facet) -> Option<&Arc<str>> {
        value_of(self.iter().map(|(name, value)| (&**name, value)), facet)
    }

    pub fn index_of(&self, facet: Facet) -> Option<usize> {
        self.names().position(|name| Facet::of(name) == Some(facet))
    }
}
