//! Any metric by name, also the application's own.

use std::collections::BTreeMap;

use super::error::QueryError;
use super::filter::{self, NameFilter, Names};
use super::patterns::Patterns;
use super::wire::Fields;
use super::{Kind, KindRow};

pub(super) const KIND: KindRow = KindRow {
    name: "metric",
    fields: &["metric", "dimensions", "statistic", "period", "legend"],
    is_prefetched: true,
    parse: |fields, patterns| Ok(Kind::Metric(parse_metric(fields, patterns)?)),
};

/// A metric query.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricQuery {
    /// As the author wrote it. Planning takes a metric of this very name where there is one, else the one that it may
    /// be another spelling of.
    pub metric: String,
    /// Dimensions beside `Application`. A series is selected when it has exactly these names.
    pub dimensions: BTreeMap<String, Vec<NameFilter>>,
}

/// CloudWatch allows 255 characters in a metric's name and 30 dimensions.
const NAME_LIMIT: usize = 255;
const DIMENSION_LIMIT: usize = 30;

fn parse_metric(fields: &Fields, patterns: &mut Patterns) -> Result<MetricQuery, QueryError> {
    let Some(metric) = fields.text("metric")?.filter(|metric| !metric.is_empty()) else {
        return Err(QueryError::Missing { field: "metric", hint: "the name of a CloudWatch metric".to_owned() });
    };
    if metric.len() > NAME_LIMIT {
        return Err(QueryError::wrong("metric", metric, format!("at most {NAME_LIMIT} characters")));
    }
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
        dimensions.insert(dimension, parse_values("dimensions", &value, patterns)?);
    }
    Ok(MetricQuery { metric, dimensions })
}

/// The values of one dimension; none is all.
pub(super) fn parse_values(
    field: &'static str,
    values: &[String],
    patterns: &mut Patterns,
) -> Result<Vec<NameFilter>, QueryError> {
    let mut filters = Vec::with_capacity(values.len());
    for text in values {
        let parsed = filter::parse_filter(text, Names::Any, patterns);
        filters.extend(parsed.map_err(|allowed| QueryError::wrong(field, text, allowed))?);
    }
    Ok(if filters.is_empty() { vec![NameFilter::Any] } else { filter::without_repetition(filters) })
}
