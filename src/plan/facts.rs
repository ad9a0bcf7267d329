//! What planning needs to know of AWS, as data: which facts, and the facts themselves.
//!
//! The planner never asks: `needs` names the facts that are missing, the shell fetches them, and planning starts again. A
//! fact that could not be had is a fact too (its error), so that one denied permission fails only the
//! queries that need it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::failure::CallError;
use crate::model::application::{ApplicationList, ApplicationNames, Description};
use crate::model::series::Recency;
use crate::place::{ApplicationName, Place};
use crate::topology::inventory::Inventory;

/// Facts that are still missing. Empty means that planning can start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// Names, statuses and runtimes of all applications of a place.
    pub lists: BTreeSet<Place>,
    /// The metric series of an application.
    pub inventories: BTreeSet<(Place, ApplicationName)>,
    /// DescribeApplication.
    pub descriptions: BTreeSet<(Place, ApplicationName)>,
    /// The names of the applications of a place that published something of late.
    pub published: BTreeSet<(Place, Recency)>,
    /// Whether only panels with tables of applications ask: their rows may come before everything is known of each.
    pub is_hurried: bool,
}

impl Needs {
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
            && self.inventories.is_empty()
            && self.descriptions.is_empty()
            && self.published.is_empty()
    }
}

/// Facts that are known, or known to be unobtainable.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub lists: BTreeMap<Place, Result<Arc<ApplicationList>, CallError>>,
    pub inventories: BTreeMap<(Place, ApplicationName), Result<Arc<Inventory>, CallError>>,
    pub descriptions: BTreeMap<(Place, ApplicationName), Result<Arc<Description>, CallError>>,
    pub published: BTreeMap<(Place, Recency), Result<Arc<ApplicationNames>, CallError>>,
    /// Where facts are older than they should be, and why.
    pub stale: BTreeMap<Place, CallError>,
}

impl Facts {
    /// Takes over everything that `newer` knows.
    pub fn extend(&mut self, newer: Self) {
        self.lists.extend(newer.lists);
        self.inventories.extend(newer.inventories);
        self.descriptions.extend(newer.descriptions);
        self.published.extend(newer.published);
        self.stale.extend(newer.stale);
    }
}
