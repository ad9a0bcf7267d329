//! Reading a series' dimensions by what they tell, whatever their spelling.

use std::sync::Arc;

use super::facts::Dimensions;
use crate::catalog::level::{DimensionSet, Facet, value_of};

impl Dimensions {
    /// What the series is about.
    pub fn set(&self) -> DimensionSet {
        DimensionSet::classify(self.names())
    }

    pub fn facet(&self, facet: Facet) -> Option<&Arc<str>> {
        value_of(self.iter().map(|(name, value)| (&**name, value)), facet)
    }

    pub(super) fn index_of(&self, facet: Facet) -> Option<usize> {
        self.names().position(|name| Facet::of(name) == Some(facet))
    }
}
