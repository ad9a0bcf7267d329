//! What a query leaves out of what it selects.

use std::collections::BTreeMap;

use super::error::QueryError;
use super::filter::{self, NameFilter, Names};
use super::metric;
use super::patterns::Patterns;
use super::wire::Fields;

/// Names that are left out, whatever else selects them. An empty list leaves out nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exclude {
    pub applications: Vec<NameFilter>,
    pub tasks: Vec<NameFilter>,
    pub operators: Vec<NameFilter>,
    /// By dimension, in a metric query.
    pub dimensions: BTreeMap<String, Vec<NameFilter>>,
}

impl Exclude {
    pub fn has_application(&self, name: &str) -> bool {
        self.applications.iter().any(|filter| filter.selects(name, |exact, name| exact == name))
    }
}

pub(super) fn parse_exclude(fields: &Fields, patterns: &mut Patterns) -> Result<Exclude, QueryError> {
    let Some(exclude) = fields.object("exclude")? else { return Ok(Exclude::default()) };
    let mut dimensions = BTreeMap::new();
    for (dimension, values) in exclude.pairs("exclude.dimensions")?.into_iter().filter(|(_, values)| !values.is_empty())
    {
        dimensions.insert(dimension, metric::parse_values("exclude.dimensions", &values, patterns)?);
    }
    Ok(Exclude {
        applications: filter::parse_filters(&exclude, "exclude.applications", Names::Applications, patterns)?,
        tasks: filter::parse_filters(&exclude, "exclude.tasks", Names::Any, patterns)?,
        operators: filter::parse_filters(&exclude, "exclude.operators", Names::Any, patterns)?,
        dimensions,
    })
}
