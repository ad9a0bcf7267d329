//! Lists of names by what they are names of: what a query leaves out (`exclude`), and what alone it lets through
//! (`only`).
//!
//! Both have one shape and the language of all names. A name has to be among the query's own names and in each `only`,
//! and in no `exclude`.

use std::collections::BTreeMap;

use super::error::QueryError;
use super::filter::{self, NameFilter, Names};
use super::metric;
use super::patterns::Patterns;
use super::wire::Fields;

/// An empty list says nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NameLists {
    pub applications: Vec<NameFilter>,
    pub tasks: Vec<NameFilter>,
    pub operators: Vec<NameFilter>,
    /// By dimension, in a metric query.
    pub dimensions: BTreeMap<String, Vec<NameFilter>>,
}

impl NameLists {
    pub fn has_application(&self, name: &str) -> bool {
        has_name(&self.applications, name)
    }

    fn is_empty(&self) -> bool {
        self.applications.is_empty() && self.tasks.is_empty() && self.operators.is_empty() && self.dimensions.is_empty()
    }
}

/// What the lists are called on the wire, for errors.
struct Paths {
    applications: &'static str,
    tasks: &'static str,
    operators: &'static str,
    dimensions: &'static str,
}

const EXCLUDE: Paths = Paths {
    applications: "exclude.applications",
    tasks: "exclude.tasks",
    operators: "exclude.operators",
    dimensions: "exclude.dimensions",
};

const ONLY: Paths = Paths {
    applications: "only.applications",
    tasks: "only.tasks",
    operators: "only.operators",
    dimensions: "only.dimensions",
};

pub(super) fn parse_exclude(fields: &Fields, patterns: &mut Patterns) -> Result<NameLists, QueryError> {
    let Some(exclude) = fields.object("exclude")? else { return Ok(NameLists::default()) };
    let lists = parse_lists(&exclude, &EXCLUDE, patterns)?;
    let everything = |field, filters: &[NameFilter]| match filters.contains(&NameFilter::Any) {
        true => Err(QueryError::wrong(field, "*", "names of some; \"*\" leaves nothing to show")),
        false => Ok(()),
    };
    everything(EXCLUDE.applications, &lists.applications)?;
    everything(EXCLUDE.tasks, &lists.tasks)?;
    everything(EXCLUDE.operators, &lists.operators)?;
    lists.dimensions.values().try_for_each(|values| everything(EXCLUDE.dimensions, values))?;
    Ok(lists)
}

/// One object, or several that all have to let a name through.
pub(super) fn parse_only(fields: &Fields, patterns: &mut Patterns) -> Result<Vec<NameLists>, QueryError> {
    let mut only = Vec::new();
    for fields in fields.objects("only")? {
        only.push(parse_lists(&fields, &ONLY, patterns)?);
    }
    only.retain(|lists| !lists.is_empty());
    Ok(only)
}

fn parse_lists(fields: &Fields, paths: &Paths, patterns: &mut Patterns) -> Result<NameLists, QueryError> {
    fields.allow(&[paths.applications, paths.tasks, paths.operators, paths.dimensions])?;
    let mut dimensions = BTreeMap::new();
    for (dimension, values) in fields.pairs(paths.dimensions)?.into_iter().filter(|(_, values)| !values.is_empty()) {
        if dimension == "Application" {
            return Err(QueryError::wrong(
                paths.dimensions,
                dimension,
                format!("names under \"{}\"", paths.applications),
            ));
        }
        dimensions.insert(dimension, metric::parse_values(paths.dimensions, &values, patterns)?);
    }
    Ok(NameLists {
        applications: filter::parse_filters(fields, paths.applications, Names::Applications, patterns)?,
        tasks: filter::parse_filters(fields, paths.tasks, Names::Any, patterns)?,
        operators: filter::parse_filters(fields, paths.operators, Names::Any, patterns)?,
        dimensions,
    })
}

/// What a query's own names of applications and each `only` select together, as far as that can be said without a list
/// of those that there are: names that both have, and patterns, whose names have to be in `only` too.
pub(super) fn narrow(own: &[NameFilter], only: &[NameLists]) -> Vec<NameFilter> {
    let lists = only.iter().map(|lists| lists.applications.as_slice()).filter(|list| !list.is_empty());
    lists.fold(own.to_vec(), |own, only| both(&own, only))
}

fn both(own: &[NameFilter], only: &[NameFilter]) -> Vec<NameFilter> {
    let named = |of: &[NameFilter], by: &[NameFilter]| -> Vec<NameFilter> {
        of.iter().filter(|filter| filter.exact().is_some_and(|name| has_name(by, name))).cloned().collect()
    };
    let mut both = named(own, only);
    both.extend(named(only, own));
    let open = |filters: &[NameFilter]| -> Vec<NameFilter> {
        filters.iter().filter(|filter| filter.exact().is_none()).cloned().collect()
    };
    both.extend(match (open(own), open(only)) {
        (own, only) if own.is_empty() || only.is_empty() => Vec::new(),
        (own, only) if own.contains(&NameFilter::Any) => only,
        (own, _) => own,
    });
    filter::without_repetition(both)
}

fn has_name(filters: &[NameFilter], name: &str) -> bool {
    filters.iter().any(|filter| filter.selects(name, |exact, name| exact == name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<NameFilter> {
        filter::parse_filter(text, Names::Applications, &mut Patterns::default()).unwrap()
    }

    #[test]
    fn own_names_and_those_of_only_are_both_needed() {
        let cases = [
            ("*", "orders", "orders"),
            ("*", "/^pay/", "/^pay/"),
            ("*", "*", "*"),
            ("orders,payments", "payments,fraud", "payments"),
            ("orders,payments", "/^pay/", "payments"),
            ("/^pay/", "payments,orders", "payments"),
            ("pay*", "orders", ""),
            ("orders", "payments", ""),
            ("orders,/^pay/", "*", "orders,/^pay/"),
            // Names that the first selects: whether the second does is asked of each.
            ("/^pay/", "/eu$/", "/^pay/"),
            ("*,legacy", "/^pay/,legacy", "legacy,/^pay/"),
        ];
        for (own, only, expected) in cases {
            let expected = if expected.is_empty() { Vec::new() } else { read(expected) };
            assert_eq!(both(&read(own), &read(only)), expected, "{own} {only}");
        }
    }
}
