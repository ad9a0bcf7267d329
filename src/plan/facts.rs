//! What planning needs to know of AWS, as data: which facts, and the facts themselves.
//!
//! The planner never asks: `needs` names the facts that are missing, the shell fetches them, and planning starts again.
//! A fact that could not be had is a fact too (its error), so that one denied permission fails only the queries that
//! need it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::log_read::LogRead;
use crate::failure::CallError;
use crate::model::application::{Accounts, ApplicationList, ApplicationNames, Description, Tags};
use crate::model::log::LogLines;
use crate::model::series::Recency;
use crate::place::{ApplicationArn, ApplicationName, Place};
use crate::topology::inventory::Inventory;

/// What names a fact.
pub trait FactKey: Ord + Clone {
    fn place(&self) -> &Place;

    /// None of a fact about more than one application.
    fn application(&self) -> Option<&ApplicationName> {
        None
    }
}

impl FactKey for Place {
    fn place(&self) -> &Place {
        self
    }
}

impl FactKey for (Place, ApplicationName) {
    fn place(&self) -> &Place {
        &self.0
    }

    fn application(&self) -> Option<&ApplicationName> {
        Some(&self.1)
    }
}

impl FactKey for (Place, Recency) {
    fn place(&self) -> &Place {
        &self.0
    }
}

impl FactKey for (Place, ApplicationArn) {
    fn place(&self) -> &Place {
        &self.0
    }
}

impl FactKey for LogRead {
    fn place(&self) -> &Place {
        &self.place
    }

    fn application(&self) -> Option<&ApplicationName> {
        Some(&self.application)
    }
}

/// How long descriptions are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum MaxWait {
    /// No number rests on them: what they would add is a reason here and there.
    Short,
    /// Only tables of applications ask: their rows may come before everything is known of each.
    OfTables,
    /// As long as the request lasts.
    #[default]
    UntilDeadline,
}

/// A fact that could not be renewed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outdated {
    pub why: CallError,
    /// How long ago it was learnt.
    pub age: Duration,
}

/// The kinds of facts, a row each: by what they are asked for, and what they are.
macro_rules! facts {
    ($($(#[$what:meta])* $kind:ident: $key:ty => $fact:ty,)*) => {
        /// Facts that are still missing. Empty means that planning can start.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct Needs {
            $($(#[$what])* pub $kind: BTreeSet<$key>,)*
            pub max_wait: MaxWait,
        }

        impl Needs {
            pub fn is_empty(&self) -> bool {
                $(self.$kind.is_empty())&&*
            }

            /// Needs what `other` needs as well.
            pub fn extend(&mut self, other: Self) {
                $(self.$kind.extend(other.$kind);)*
            }

            /// Leaves out what is known.
            pub fn without(mut self, facts: &Facts) -> Self {
                $(self.$kind.retain(|key| !facts.$kind.contains_key(key));)*
                self
            }
        }

        /// Facts that are known, or known to be unobtainable.
        #[derive(Debug, Clone, Default)]
        pub struct Facts {
            $($(#[$what])* pub $kind: BTreeMap<$key, Result<Arc<$fact>, CallError>>,)*
            /// Which facts are older than they should be, and why: those about an application, or about all of a place.
            pub stale: BTreeMap<(Place, Option<ApplicationName>), Outdated>,
        }

        impl Facts {
            /// Takes over everything that `newer` knows.
            pub fn extend(&mut self, newer: Self) {
                $(self.$kind.extend(newer.$kind);)*
                self.stale.extend(newer.stale);
            }
        }
    };
}

facts! {
    /// Names, statuses and runtimes of all applications of a place.
    lists: Place => ApplicationList,
    /// The metric series of an application.
    inventories: (Place, ApplicationName) => Inventory,
    /// DescribeApplication.
    descriptions: (Place, ApplicationName) => Description,
    /// The names of the applications of a place that published something of late.
    published: (Place, Recency) => ApplicationNames,
    /// The tags of an application.
    tags: (Place, ApplicationArn) => Tags,
    /// The accounts that CloudWatch shows in a place of all accounts, with who published there in the last two weeks.
    accounts: Place => Accounts,
    /// What a search of a log found.
    logs: LogRead => LogLines,
}
