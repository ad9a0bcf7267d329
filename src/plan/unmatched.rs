//! Names that a query has and nothing bears: what is said of them.

use std::collections::BTreeSet;

use crate::catalog::similar;
use crate::notice::describe_names;
use crate::query::NameFilter;

/// Known names that may be meant by a name; of a pattern nobody can tell.
pub(super) fn near<'n>(filter: &NameFilter, known: &BTreeSet<&'n str>) -> Vec<&'n str> {
    filter.exact().map(|asked| similar::nearest(asked, known.iter().copied())).unwrap_or_default()
}

/// A filter that selects none of the `known` names, with what may have been meant. `of` says where it stands.
pub(super) fn describe_unmatched(what: &str, filter: &NameFilter, of: &str, known: &BTreeSet<&str>) -> String {
    let near = near(filter, known);
    let slash = if filter.is_open_pattern() { " A regular expression ends with a slash, too." } else { "" };
    format!("No {what} matches {filter}{of}. {}{slash}", describe_known(&near, known))
}

/// What there is in place of a name: similar ones, else the first ones.
fn describe_known(near: &[&str], known: &BTreeSet<&str>) -> String {
    if !near.is_empty() {
        return describe_similar(near);
    }
    let known: Vec<&str> = known.iter().copied().collect();
    if known.is_empty() { "There are none.".to_owned() } else { format!("There are {}.", describe_names(&known)) }
}

pub(super) fn describe_similar(names: &[&str]) -> String {
    format!("Similar: {}.", describe_names(names))
}

/// A name that is left out may be a misspelt one, or one that was there when it was chosen.
pub(super) fn describe_not_excluded(what: &str, filter: &NameFilter, known: &BTreeSet<&str>) -> String {
    let near = near(filter, known);
    let hint = if near.is_empty() { String::new() } else { format!(" {}", describe_similar(&near)) };
    format!("No {what} matches {filter} of \"exclude\", so nothing is left out.{hint}")
}
