//! Any metric by name, also the application's own.

use std::collections::BTreeMap;

use super::error::QueryError;
use super::filter::{self, NameFilter};
use super::wire::Fields;
use crate::catalog::aliases::{self, Meaning};

/// A metric query.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricQuery {
    /// CloudWatch's name. A wrong spelling of a known metric is put right; a name nobody knows may be custom.
    pub metric: String,
    /// Dimensions beside `Application`. A series is selected when it has exactly these names.
    pub dimensions: BTreeMap<String, NameFilter>,
}

/// CloudWatch allows 255 characters in a metric's name and 30 dimensions.
const NAME_LIMIT: usize = 255;
const DIMENSION_LIMIT: usize = 30;

pub(super) fn parse_metric(fields: &Fields) -> Result<MetricQuery, QueryError> {
    let Some(name) = fields.text("metric")?.filter(|name| !name.is_empty()) else {
        return Err(QueryError::Missing { field: "metric", hint: "the name of a CloudWatch metric".to_owned() });
    };
    if name.len() > NAME_LIMIT {
        return Err(QueryError::wrong("metric", name, format!("at most {NAME_LIMIT} characters")));
    }
    let metric = match aliases::parse_name(&name) {
        Ok(Meaning::Metric(known)) => known.to_owned(),
        Ok(Meaning::Signal(_)) | Err(_) => name,
    };
    let pairs = fields.pairs("dimensions")?;
    if pairs.len() > DIMENSION_LIMIT {
        return Err(QueryError::wrong_thing("dimensions", pairs.len(), format!("at most {DIMENSION_LIMIT}")));
    }
    let mut dimensions = BTreeMap::new();
    for (dimension, value) in pairs {
        if dimension == "Application" {
            return Err(QueryError::wrong(
                "dimensions",
                dimension,
                "dimensions beside Application; use \"applications\"",
            ));
        }
        dimensions.insert(dimension, filter::parse_filter("dimensions", if value.is_empty() { "*" } else { &value })?);
    }
    Ok(MetricQuery { metric, dimensions })
}
