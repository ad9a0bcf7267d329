//! Which of the names that there are a query selects: its own ones, through each `only`, and without `exclude`.
//!
//! An application has thousands of series and few names, so that this is decided once for each name. What is named and
//! not there is said: own names and those of `only` are missed; one of `exclude` may be gone for good reasons, so it is
//! only told.

use std::collections::BTreeSet;

use super::unmatched::{describe_not_excluded, describe_unmatched};
use crate::catalog::names;
use crate::query::{NameFilter, filter};

/// The lists of one kind of names.
pub(super) struct Lists<'q> {
    /// As people call one of them.
    pub what: String,
    pub own: &'q [NameFilter],
    pub only: Vec<&'q [NameFilter]>,
    pub exclude: Vec<NameFilter>,
    /// Whether a filter selects a name that there is.
    pub selects: fn(&NameFilter, &str) -> bool,
}

/// What the lists mean among the names that there are.
pub(super) struct Chosen<'n> {
    /// Own names as they are meant, those of `only` where the own ones are all.
    pub own: Vec<NameFilter>,
    only: Vec<Vec<NameFilter>>,
    exclude: Vec<NameFilter>,
    selects: fn(&NameFilter, &str) -> bool,
    selected: BTreeSet<&'n str>,
    /// Sentences about what the author named and is not there.
    pub missing: Vec<String>,
    /// Sentences about what is left out and is not there.
    pub notices: Vec<String>,
}

impl<'n> Chosen<'n> {
    pub fn new(lists: &Lists<'_>, known: &BTreeSet<&'n str>) -> Self {
        let settle = |filters: &[NameFilter]| filter::settle(filters, known.iter().copied(), names::matches);
        let mut only: Vec<Vec<NameFilter>> = lists.only.iter().map(|filters| settle(filters)).collect();
        let mut own = settle(lists.own);
        if own == [NameFilter::Any] && !only.is_empty() {
            own = only.remove(0);
        }
        let mut chosen = Self {
            own,
            only,
            exclude: settle(&lists.exclude),
            selects: lists.selects,
            selected: BTreeSet::new(),
            missing: Vec::new(),
            notices: Vec::new(),
        };
        let asked: BTreeSet<&str> =
            known.iter().copied().filter(|name| chosen.is_own(name) && chosen.is_in_only(name)).collect();
        chosen.selected = asked.iter().copied().filter(|name| !chosen.is_excluded(name)).collect();
        // Without any name, the metrics level is the reason, or nothing is known.
        if !known.is_empty() {
            chosen.tell(&lists.what, known, !asked.is_empty());
        }
        chosen
    }

    /// Whether a series with this name, or without any, is selected.
    pub fn has(&self, name: Option<&str>) -> bool {
        match name {
            Some(name) => self.selected.contains(name),
            None => self.is_all(),
        }
    }

    /// Whether nothing narrows down what there is.
    pub fn is_all(&self) -> bool {
        self.own.contains(&NameFilter::Any) && self.only.is_empty()
    }

    /// Whether a name, be it there or not, is kept out by nothing.
    pub fn lets_through(&self, name: &str) -> bool {
        self.is_in_only(name) && !self.is_excluded(name)
    }

    fn is_own(&self, name: &str) -> bool {
        self.own.iter().any(|filter| (self.selects)(filter, name))
    }

    fn is_in_only(&self, name: &str) -> bool {
        self.only.iter().all(|filters| filters.iter().any(|filter| (self.selects)(filter, name)))
    }

    fn is_excluded(&self, name: &str) -> bool {
        self.exclude.iter().any(|filter| (self.selects)(filter, name))
    }

    fn tell(&mut self, what: &str, known: &BTreeSet<&str>, is_asked: bool) {
        let unmatched = |filters: &[NameFilter]| -> Vec<NameFilter> {
            let is_unmatched = |filter: &&NameFilter| !known.iter().any(|name| (self.selects)(filter, name));
            filters.iter().filter(is_unmatched).cloned().collect()
        };
        let mut missing: Vec<String> =
            unmatched(&self.own).iter().map(|filter| describe_unmatched(what, filter, "", known)).collect();
        for only in &self.only {
            missing
                .extend(unmatched(only).iter().map(|filter| describe_unmatched(what, filter, " of \"only\"", known)));
        }
        if missing.is_empty() && !is_asked {
            missing.push(format!("\"only\" leaves no {what} of those that the query asks for."));
        }
        if is_asked && self.selected.is_empty() {
            missing.push(format!("Every {what} that is asked for is also excluded."));
        }
        let mut notices = Vec::new();
        for filter in unmatched(&self.exclude) {
            // The start of a pattern is no name that has gone.
            if filter.is_open_pattern() {
                missing.push(describe_unmatched(what, &filter, " of \"exclude\"", known));
            } else {
                notices.push(describe_not_excluded(what, &filter, known));
            }
        }
        (self.missing, self.notices) = (missing, notices);
    }
}
