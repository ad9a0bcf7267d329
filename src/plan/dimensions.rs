//! Reading a series' dimensions by what they tell, whatever their spelling.

use std::sync::Arc;

use super::facts::Dimensions;
use crate::catalog::level::{DimensionSet, Facet, value_of};

impl Dimensions {
    /// What the series is about.
    pub fn set(&self) -> DimensionSet {
        DimensionSet::classify(self.names())
    }

    pub fn task(&self) -> Option<&Arc<str>> {
        self.facet(Facet::Task)
    }

    pub fn operator(&self) -> Option<&Arc<str>> {
        self.facet(Facet::Operator)
    }

    /// The index of the subtask, as text.
    pub fn subtask(&self) -> Option<&Arc<str>> {
        self.facet(Facet::Subtask)
    }

    pub fn facet(&self, facet: Facet) -> Option<&Arc<str>> {
        value_of(self.iter().map(|(name, value)| (&**name, value)), facet)
    }
}
