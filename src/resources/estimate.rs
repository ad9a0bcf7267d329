//! What a query would cost, before it runs: `POST resources/estimate`.
//!
//! It is planned as for an answer, with facts only: nothing is asked of GetMetricData, which is what costs money.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use super::ResourceError;
use crate::billing::{METRIC_PRICE, billed_metrics, dollars};
use crate::compute::explain::explain_application;
use crate::engine::{self, EngineSettings};
use crate::failure::CallError;
use crate::fetch::{self, Source};
use crate::period::Period;
use crate::place::ApplicationName;
use crate::plan::{Plan, QueryPlan};
use crate::query::wire::name_of;
use crate::query::{AskedQuery, Origin, Resolution, TimeRange};

/// The body of the request. Times are milliseconds since the Unix epoch.
#[derive(Debug)]
struct Asked {
    query: Value,
    from: i64,
    to: i64,
    interval_ms: i64,
    max_data_points: i64,
    refresh_seconds: Option<f64>,
}

impl Asked {
    /// Read by hand: whoever writes such a body is told the field, and not the parser's words.
    fn read(body: &[u8]) -> Result<Self, ResourceError> {
        let fields: Map<String, Value> = serde_json::from_slice(body).map_err(|_| ResourceError::UnreadableBody)?;
        let query = match fields.get("query") {
            Some(query @ Value::Object(_)) => query.clone(),
            None | Some(Value::Null) => return Err(wrong("query", "missing", "a query as an object")),
            Some(other) => return Err(wrong("query", name_of(other), "a query as an object")),
        };
        let time = |name| number(&fields, name)?.ok_or_else(|| wrong(name, "missing", "milliseconds since 1970"));
        let count = |name| Ok(number(&fields, name)?.unwrap_or_default());
        Ok(Self {
            query,
            from: time("from")? as i64,
            to: time("to")? as i64,
            interval_ms: count("intervalMs")? as i64,
            max_data_points: count("maxDataPoints")? as i64,
            refresh_seconds: number(&fields, "refreshSeconds")?,
        })
    }
}

fn number(fields: &Map<String, Value>, name: &'static str) -> Result<Option<f64>, ResourceError> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(other) => Err(wrong(name, name_of(other), "a number")),
    }
}

fn wrong(field: &'static str, found: &'static str, allowed: &'static str) -> ResourceError {
    ResourceError::WrongBody { field, found, allowed }
}

/// What the query asks of CloudWatch when nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Series of CloudWatch that are read.
    pub series: usize,
    /// Metrics on the bill of one refresh: up to five statistics of one series count as one.
    pub billed_metrics: u64,
    /// Calls of GetMetricData.
    pub calls: usize,
    pub dollars_per_refresh: f64,
    /// None without a refresh.
    pub dollars_per_day: Option<f64>,
    /// Whether everything is known that the query needs.
    pub is_complete: bool,
    /// Why it is not, or what the query asks for and is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// A fact that could not be had. The edge has the words for it.
    #[serde(skip)]
    pub failure: Option<(CallError, Vec<ApplicationName>)>,
}

const DAY_SECONDS: f64 = 86_400.0;

/// Values that are younger are asked again at a refresh.
const SETTLED_MS: i64 = 300_000;

/// Estimates the query of a request's body.
pub async fn estimate(
    source: &Source,
    settings: &EngineSettings,
    body: &[u8],
    now_ms: i64,
) -> Result<Estimate, ResourceError> {
    let asked = Asked::read(body)?;
    let query = AskedQuery {
        ref_id: "A".to_owned(),
        query_type: String::new(),
        json: asked.query.to_string().into_bytes(),
        range: TimeRange { from_ms: asked.from, to_ms: asked.to },
        resolution: Resolution { max_data_points: asked.max_data_points, interval_ms: asked.interval_ms },
        origin: Origin::Panel,
    };
    let plan = engine::plan_only(source, settings, &query, now_ms).await.map_err(ResourceError::Query)?;
    let is_past = asked.to < now_ms - SETTLED_MS;
    let refresh = asked.refresh_seconds.filter(|seconds| *seconds > 0.0).map(|seconds| (seconds, is_past));
    Ok(describe_plan(&plan, refresh, now_ms))
}

/// What is asked of one series of CloudWatch in one call.
#[derive(Debug, Default)]
struct Metric {
    statistics: usize,
    periods: BTreeSet<Period>,
}

impl Metric {
    fn billed(&self) -> u64 {
        billed_metrics(self.statistics)
    }

    fn half_a_period(&self) -> f64 {
        self.periods.first().map_or(0.0, |period| period.seconds() as f64 / 2.0)
    }
}

fn describe_plan(plan: &Plan, refresh: Option<(f64, bool)>, now_ms: i64) -> Estimate {
    let packed = fetch::pack(&plan.series, now_ms);
    let mut metrics: BTreeMap<_, Metric> = BTreeMap::new();
    for (series, (call, _)) in
        plan.series.iter().zip(&packed.placements).filter_map(|(series, slot)| Some((series, (*slot)?)))
    {
        let key = &series.key;
        let metric = metrics.entry((call, &key.metric, &key.dimensions, &key.account)).or_default();
        metric.statistics += 1;
        metric.periods.insert(key.period);
    }
    let billed_metrics: u64 = metrics.values().map(Metric::billed).sum();
    let dollars_per_refresh = dollars(billed_metrics);
    // New values are asked for after half a period, and those of the past never again.
    let per_day = |(seconds, is_past): (f64, bool)| match is_past {
        true => dollars_per_refresh,
        false => metrics
            .values()
            .map(|metric| metric.billed() as f64 * METRIC_PRICE * DAY_SECONDS / seconds.max(metric.half_a_period()))
            // The sum of nothing is -0.
            .fold(0.0, |sum, dollars| sum + dollars),
    };
    let query = plan.queries.first();
    let failure = query.and_then(|query| {
        let (name, error) = query.failures.first()?;
        Some((error.clone(), name.iter().cloned().collect()))
    });
    Estimate {
        series: metrics.len(),
        billed_metrics,
        calls: packed.calls.len(),
        dollars_per_refresh,
        dollars_per_day: refresh.map(per_day),
        is_complete: failure.is_none(),
        reason: query.and_then(explain_query),
        failure,
    }
}

/// What the query asks for and is not there; else why an application of it has nothing to read.
fn explain_query(query: &QueryPlan) -> Option<String> {
    let missing = query.missing.first().cloned();
    missing.or_else(|| query.applications.iter().find_map(explain_application))
}
