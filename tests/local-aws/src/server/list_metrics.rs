//! ListMetrics: which series exist, 500 a page.

use serde::Deserialize;
use serde_json::Value;

use super::error::ServiceError;
use super::faults::InjectedFault;
use super::get_metric_data::WireDimension;
use super::input;
use super::output::{Answer, Writer};
use super::points::{DAY, NAMESPACE, Reader};
use crate::world::{Series, SeriesEntry};

const PAGE: usize = 500;
const MAX_DIMENSIONS: usize = 10;
const HORIZON: i64 = 14 * DAY;
/// "PT3H" is an approximation: AWS may show series whose last data is up to 50 minutes older.
const RECENTLY: i64 = (3 * 60 + 50) * 60;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default, deserialize_with = "input::list")]
    dimensions: Vec<WireDimension>,
    recently_active: Option<String>,
    #[serde(default, deserialize_with = "input::boolean")]
    include_linked_accounts: Option<bool>,
    owning_account: Option<String>,
    next_token: Option<String>,
}

/// A request that keeps every rule.
#[derive(Debug)]
pub struct ListMetricsRequest {
    namespace: Option<String>,
    metric: Option<String>,
    /// Name, and value when one is asked.
    dimensions: Vec<(String, Option<String>)>,
    is_recent_only: bool,
    includes_linked: bool,
    owner: Option<String>,
    /// How many matches earlier pages had.
    skipped: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ListMetricsAnswer {
    /// With the account of each.
    metrics: Vec<(Series, String)>,
    shows_accounts: bool,
    next_token: Option<String>,
}

impl ListMetricsRequest {
    pub fn parse(tree: Value) -> Result<Self, ServiceError> {
        let wire: Wire = input::read(tree)?;
        if wire.dimensions.len() > MAX_DIMENSIONS {
            return Err(ServiceError::invalid_value(format!(
                "The parameter Dimensions must not have more than {MAX_DIMENSIONS} filters."
            )));
        }
        let mut dimensions = Vec::with_capacity(wire.dimensions.len());
        for filter in wire.dimensions {
            let name = filter.name.filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| ServiceError::missing_parameter("Dimensions.Name"))?;
            dimensions.push((name, filter.value));
        }
        let is_recent_only = match wire.recently_active.as_deref() {
            None => false,
            Some("PT3H") => true,
            Some(other) => {
                return Err(ServiceError::invalid_value(format!(
                    "The value {other} for parameter RecentlyActive must be PT3H."
                )));
            }
        };
        Ok(Self {
            namespace: wire.namespace,
            metric: wire.metric_name,
            dimensions,
            is_recent_only,
            includes_linked: wire.include_linked_accounts.unwrap_or(false),
            owner: wire.owning_account,
            skipped: parse_token(wire.next_token.as_deref())?,
        })
    }

    fn is_match(&self, entry: &SeriesEntry, reader: &Reader<'_>) -> bool {
        let age = reader.now - entry.last_minute;
        let is_fresh = age <= if self.is_recent_only { RECENTLY } else { HORIZON };
        let is_named = self.metric.as_deref().is_none_or(|name| name == &*entry.series.metric);
        is_fresh && is_named && self.is_visible(entry, reader) && self.has_dimensions(&entry.series)
    }

    fn is_visible(&self, entry: &SeriesEntry, reader: &Reader<'_>) -> bool {
        if !self.includes_linked {
            return reader.view.shows(&entry.account, None);
        }
        let is_asked = self.owner.as_deref().is_none_or(|owner| owner == &*entry.account);
        is_asked && reader.view.shows(&entry.account, Some(&entry.account))
    }

    fn has_dimensions(&self, series: &Series) -> bool {
        self.dimensions.iter().all(|(name, value)| {
            series.dimensions.iter().any(|(found_name, found)| {
                &**found_name == name && value.as_deref().is_none_or(|value| value == &**found)
            })
        })
    }
}

fn parse_token(token: Option<&str>) -> Result<usize, ServiceError> {
    let Some(token) = token else { return Ok(0) };
    let skipped = token.strip_prefix("metrics-").and_then(|number| number.parse().ok());
    skipped.ok_or_else(ServiceError::invalid_token)
}

pub fn run(request: &ListMetricsRequest, reader: &Reader<'_>, fault: &InjectedFault) -> ListMetricsAnswer {
    let is_known = request.namespace.as_deref().is_none_or(|namespace| namespace == NAMESPACE);
    let entries = if is_known { reader.index.entries.as_slice() } else { &[] };
    let has_vanished = |entry: &&SeriesEntry| fault.vanished_metrics.iter().any(|name| **name == *entry.series.metric);
    let listed = entries.iter().filter(|entry| request.is_match(entry, reader) && !has_vanished(entry));
    let mut rest = listed.skip(request.skipped);
    let page = rest.by_ref().take(PAGE);
    let metrics = page.map(|entry| (entry.series.clone(), entry.account.to_string()));
    let metrics: Vec<_> = metrics.collect();
    let next_token = rest.next().map(|_| format!("metrics-{}", request.skipped + metrics.len()));
    ListMetricsAnswer { metrics, shows_accounts: request.includes_linked, next_token }
}

impl Answer for ListMetricsAnswer {
    fn write<W: Writer>(&self, to: &mut W) {
        to.begin_structure();
        to.key("Metrics");
        to.begin_list(self.metrics.len());
        for (series, _) in &self.metrics {
            write_metric(series, to);
        }
        to.end_list();
        if self.shows_accounts {
            to.key("OwningAccounts");
            to.begin_list(self.metrics.len());
            self.metrics.iter().for_each(|(_, account)| to.string(account));
            to.end_list();
        }
        if let Some(token) = &self.next_token {
            to.key("NextToken");
            to.string(token);
        }
        to.end_structure();
    }
}

fn write_metric<W: Writer>(series: &Series, to: &mut W) {
    to.begin_structure();
    to.key("Namespace");
    to.string(NAMESPACE);
    to.key("MetricName");
    to.string(&series.metric);
    to.key("Dimensions");
    to.begin_list(series.dimensions.len());
    for (name, value) in &series.dimensions {
        to.begin_structure();
        to.key("Name");
        to.string(name);
        to.key("Value");
        to.string(value);
        to.end_structure();
    }
    to.end_list();
    to.end_structure();
}
