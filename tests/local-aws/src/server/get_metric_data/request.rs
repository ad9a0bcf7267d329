//! The request: read leniently, then checked against every rule that AWS documents.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::FixedOffset;
use serde::Deserialize;
use serde_json::Value;

use super::{MAX_POINTS, MAX_QUERIES};
use crate::server::error::ServiceError;
use crate::server::expression::{self, Expression};
use crate::server::input;
use crate::server::points::{self, NAMESPACE};
use crate::server::statistic::Statistic;
use crate::world::Series;

const MAX_DIMENSIONS: usize = 30;
const MAX_EXPRESSION: usize = 2048;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    #[serde(default, deserialize_with = "input::list")]
    metric_data_queries: Vec<WireQuery>,
    #[serde(default, deserialize_with = "input::timestamp")]
    start_time: Option<i64>,
    #[serde(default, deserialize_with = "input::timestamp")]
    end_time: Option<i64>,
    next_token: Option<String>,
    scan_by: Option<String>,
    #[serde(default, deserialize_with = "input::integer")]
    max_datapoints: Option<i64>,
    label_options: Option<WireLabelOptions>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireLabelOptions {
    timezone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireQuery {
    id: Option<String>,
    metric_stat: Option<WireStat>,
    expression: Option<String>,
    label: Option<String>,
    #[serde(default, deserialize_with = "input::boolean")]
    return_data: Option<bool>,
    #[serde(default, deserialize_with = "input::integer")]
    period: Option<i64>,
    account_id: Option<String>,
}

/// `Unit` is not read: the worlds have none, and AWS shows all units when none is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireStat {
    metric: WireMetric,
    #[serde(default, deserialize_with = "input::integer")]
    period: Option<i64>,
    stat: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WireMetric {
    pub namespace: Option<String>,
    pub metric_name: Option<String>,
    #[serde(default, deserialize_with = "input::list")]
    pub dimensions: Vec<WireDimension>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WireDimension {
    pub name: Option<String>,
    pub value: Option<String>,
}

impl WireMetric {
    /// `None` for namespaces without data.
    pub fn series(&self) -> Result<Option<Series>, ServiceError> {
        let required = |text: &Option<String>, name: &str| match text {
            Some(text) if !text.is_empty() => Ok(Arc::<str>::from(text.as_str())),
            _ => Err(ServiceError::missing_parameter(name)),
        };
        let namespace = required(&self.namespace, "Namespace")?;
        let metric = required(&self.metric_name, "MetricName")?;
        if self.dimensions.len() > MAX_DIMENSIONS {
            return Err(ServiceError::validation(format!(
                "The collection Dimensions must not have a size greater than {MAX_DIMENSIONS}."
            )));
        }
        let mut dimensions = Vec::with_capacity(self.dimensions.len());
        for dimension in &self.dimensions {
            dimensions
                .push((required(&dimension.name, "Dimensions.Name")?, required(&dimension.value, "Dimensions.Value")?));
        }
        dimensions.sort();
        Ok((&*namespace == NAMESPACE).then_some(Series { metric, dimensions }))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    Ascending,
    Descending,
}

/// A request that keeps every rule.
#[derive(Debug)]
pub struct GetMetricDataRequest {
    pub queries: Vec<Query>,
    /// Not rounded yet: that depends on the clock.
    pub start: i64,
    pub end: i64,
    pub scan: Scan,
    pub max_points: usize,
    pub next_token: Option<String>,
    /// That of times in labels.
    pub timezone: FixedOffset,
    /// The same for all pages of one request.
    pub fingerprint: u64,
}

#[derive(Debug)]
pub struct Query {
    pub id: String,
    pub label: Option<String>,
    pub is_returned: bool,
    pub account: Option<String>,
    pub source: Source,
}

#[derive(Debug)]
pub enum Source {
    Stat(Stat),
    Expression(Expression),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stat {
    pub metric: String,
    /// `None`: in a namespace without data.
    pub series: Option<Series>,
    pub period: i64,
    pub statistic: Statistic,
    pub statistic_name: String,
}

impl GetMetricDataRequest {
    pub fn parse(tree: Value) -> Result<Self, ServiceError> {
        let fingerprint = fingerprint(&tree);
        let wire: Wire = input::read(tree)?;
        let count = wire.metric_data_queries.len();
        if count == 0 {
            return Err(ServiceError::validation("The parameter MetricDataQueries is required."));
        }
        if count > MAX_QUERIES {
            return Err(ServiceError::validation(format!(
                "The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}."
            )));
        }
        let (Some(start), Some(end)) = (wire.start_time, wire.end_time) else {
            return Err(ServiceError::validation("The parameters StartTime and EndTime are required."));
        };
        if start >= end {
            return Err(ServiceError::validation("The parameter StartTime must be less than the parameter EndTime."));
        }
        let queries = wire.metric_data_queries.into_iter().map(parse_query);
        let queries: Vec<Query> = queries.collect::<Result<_, _>>()?;
        check_ids(&queries)?;
        Ok(Self {
            start,
            end,
            scan: parse_scan(wire.scan_by.as_deref())?,
            max_points: parse_max_points(wire.max_datapoints)?,
            timezone: parse_timezone(wire.label_options.and_then(|options| options.timezone).as_deref())?,
            next_token: wire.next_token.filter(|token| !token.is_empty()),
            queries,
            fingerprint,
        })
    }

    pub fn position(&self, id: &str) -> Option<usize> {
        self.queries.iter().position(|query| query.id == id)
    }
}

fn fingerprint(tree: &Value) -> u64 {
    let mut tree = tree.clone();
    if let Some(object) = tree.as_object_mut() {
        object.remove("NextToken");
    }
    let mut hasher = DefaultHasher::new();
    tree.to_string().hash(&mut hasher);
    hasher.finish()
}

fn parse_scan(text: Option<&str>) -> Result<Scan, ServiceError> {
    match text {
        None | Some("" | "TimestampDescending") => Ok(Scan::Descending),
        Some("TimestampAscending") => Ok(Scan::Ascending),
        Some(other) => Err(ServiceError::validation(format!(
            "Value '{other}' at 'scanBy' must be one of TimestampDescending, TimestampAscending."
        ))),
    }
}

fn parse_max_points(number: Option<i64>) -> Result<usize, ServiceError> {
    let number = number.map_or(Ok(MAX_POINTS), usize::try_from);
    number
        .ok()
        .filter(|number| (1..=MAX_POINTS).contains(number))
        .ok_or_else(|| ServiceError::validation(format!("MaxDatapoints must be between 1 and {MAX_POINTS}.")))
}

/// `+0130` is an hour and a half ahead of UTC.
fn parse_timezone(text: Option<&str>) -> Result<FixedOffset, ServiceError> {
    let text = text.filter(|text| !text.is_empty()).unwrap_or("+0000");
    // The parser would take a colon as well.
    let offset = (text.len() == 5).then(|| text.parse().ok()).flatten();
    offset.ok_or_else(|| {
        ServiceError::validation(format!("LabelOptions.Timezone '{text}' must be a sign and four digits, as in +0130."))
    })
}

fn parse_query(wire: WireQuery) -> Result<Query, ServiceError> {
    let id = wire.id.unwrap_or_default();
    let is_word = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_word || !id.starts_with(|c: char| c.is_ascii_lowercase()) || id.len() > 255 {
        return Err(ServiceError::validation(format!(
            "The Id '{id}' is not valid: it must start with a lowercase letter and consist of letters, digits and underscores."
        )));
    }
    let source = match (wire.metric_stat, wire.expression) {
        (Some(stat), None) => Source::Stat(parse_stat(&id, stat)?),
        (None, Some(text)) => Source::Expression(parse_expression(&id, &text)?),
        _ => {
            return Err(ServiceError::validation(format!(
                "The query {id} must have either MetricStat or Expression, and not both."
            )));
        }
    };
    if wire.period.is_some_and(|period| !points::is_period(period)) {
        return Err(invalid_period(&id, wire.period));
    }
    Ok(Query {
        id,
        label: wire.label.filter(|label| !label.is_empty()),
        is_returned: wire.return_data.unwrap_or(true),
        account: wire.account_id.filter(|account| !account.is_empty()),
        source,
    })
}

fn parse_stat(id: &str, wire: WireStat) -> Result<Stat, ServiceError> {
    let period = wire.period.filter(|period| points::is_period(*period));
    let period = period.ok_or_else(|| invalid_period(id, wire.period))?;
    let statistic_name = wire.stat.unwrap_or_default();
    let statistic = Statistic::parse(&statistic_name).ok_or_else(|| {
        ServiceError::validation(format!(
            "The value '{statistic_name}' for parameter MetricStat.Stat of query {id} is not a statistic."
        ))
    })?;
    Ok(Stat {
        series: wire.metric.series()?,
        metric: wire.metric.metric_name.unwrap_or_default(),
        period,
        statistic,
        statistic_name,
    })
}

fn parse_expression(id: &str, text: &str) -> Result<Expression, ServiceError> {
    if text.is_empty() || text.len() > MAX_EXPRESSION {
        return Err(ServiceError::validation(format!(
            "The expression of query {id} must have 1 to {MAX_EXPRESSION} characters."
        )));
    }
    expression::parse(text).map_err(|error| ServiceError::validation(format!("Error in expression '{id}': {error}")))
}

fn invalid_period(id: &str, period: Option<i64>) -> ServiceError {
    let found = period.map_or("absent".to_owned(), |period| period.to_string());
    ServiceError::validation(format!(
        "The period of query {id} is {found}; it must be 1, 5, 10, 20, 30 or a multiple of 60."
    ))
}

fn check_ids(queries: &[Query]) -> Result<(), ServiceError> {
    let mut seen = HashSet::new();
    if !queries.iter().all(|query| seen.insert(query.id.as_str())) {
        return Err(ServiceError::validation("The values for parameter Id in MetricDataQueries are not unique."));
    }
    for query in queries {
        let Source::Expression(expression) = &query.source else {
            continue;
        };
        if let Some(unknown) = expression.ids().find(|id| !seen.contains(id)) {
            return Err(ServiceError::validation(format!(
                "Error in expression '{}': there is no query with the Id {unknown}.",
                query.id
            )));
        }
    }
    if queries.iter().all(|query| !query.is_returned) {
        return Err(ServiceError::validation(
            "At least one element of MetricDataQueries must have ReturnData set to true.",
        ));
    }
    Ok(())
}
