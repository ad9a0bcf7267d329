//! GetMetricStatistics: one metric, several statistics, at most 1,440 points, in no order.

use serde::Deserialize;
use serde_json::Value;

use super::error::ServiceError;
use super::get_metric_data::{WireDimension, WireMetric};
use super::input;
use super::output::{Answer, Writer};
use super::points::{Reader, Window, is_period, round_start};
use super::statistic::Statistic;
use crate::world::Series;

const MAX_POINTS: i64 = 1440;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default, deserialize_with = "input::list")]
    dimensions: Vec<WireDimension>,
    #[serde(default, deserialize_with = "input::timestamp")]
    start_time: Option<i64>,
    #[serde(default, deserialize_with = "input::timestamp")]
    end_time: Option<i64>,
    #[serde(default, deserialize_with = "input::integer")]
    period: Option<i64>,
    #[serde(default, deserialize_with = "input::list")]
    statistics: Vec<String>,
    #[serde(default, deserialize_with = "input::list")]
    extended_statistics: Vec<String>,
}

/// A request that keeps every rule.
#[derive(Debug)]
pub struct GetMetricStatisticsRequest {
    metric: String,
    series: Option<Series>,
    pub start: i64,
    pub end: i64,
    period: i64,
    statistics: Vec<(String, Statistic)>,
    extended: Vec<(String, Statistic)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct GetMetricStatisticsAnswer {
    label: String,
    points: Vec<Datapoint>,
}

#[derive(Debug, Clone, PartialEq)]
struct Datapoint {
    at: i64,
    statistics: Vec<(String, f64)>,
    extended: Vec<(String, f64)>,
}

impl GetMetricStatisticsRequest {
    pub fn parse(tree: Value) -> Result<Self, ServiceError> {
        let wire: Wire = input::read(tree)?;
        let start = wire.start_time.ok_or_else(|| ServiceError::missing_parameter("StartTime"))?;
        let end = wire.end_time.ok_or_else(|| ServiceError::missing_parameter("EndTime"))?;
        let period = wire.period.ok_or_else(|| ServiceError::missing_parameter("Period"))?;
        if !is_period(period) {
            return Err(ServiceError::invalid_value(format!(
                "The parameter Period is {period}; it must be 1, 5, 10, 20, 30 or a multiple of 60."
            )));
        }
        check_range(start, end, period)?;
        let (statistics, extended) = parse_statistics(&wire.statistics, &wire.extended_statistics)?;
        let metric =
            WireMetric { namespace: wire.namespace, metric_name: wire.metric_name, dimensions: wire.dimensions };
        Ok(Self {
            series: metric.series()?,
            metric: metric.metric_name.unwrap_or_default(),
            start,
            end,
            period,
            statistics,
            extended,
        })
    }
}

fn check_range(start: i64, end: i64, period: i64) -> Result<(), ServiceError> {
    if start >= end {
        return Err(ServiceError::invalid_combination(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let asked = (end - start) / period;
    if asked > MAX_POINTS {
        return Err(ServiceError::invalid_combination(format!(
            "You have requested up to {asked} datapoints, which exceeds the limit of {MAX_POINTS}. \
             Increase Period or shorten the time range."
        )));
    }
    Ok(())
}

type Named = Vec<(String, Statistic)>;

fn parse_statistics(plain: &[String], extended: &[String]) -> Result<(Named, Named), ServiceError> {
    if plain.is_empty() == extended.is_empty() {
        return Err(ServiceError::invalid_combination("Give either Statistics or ExtendedStatistics, and not both."));
    }
    let parse = |names: &[String], is_extended: bool| {
        let parsed = names.iter().map(|name| {
            Statistic::parse(name)
                .filter(|statistic| statistic.needs_samples() == is_extended)
                .map(|statistic| (name.clone(), statistic))
                .ok_or_else(|| ServiceError::invalid_value(format!("{name} is not a statistic for this parameter.")))
        });
        parsed.collect::<Result<Named, _>>()
    };
    Ok((parse(plain, false)?, parse(extended, true)?))
}

pub fn run(request: &GetMetricStatisticsRequest, reader: &Reader<'_>) -> GetMetricStatisticsAnswer {
    let start = round_start(request.start, reader.now);
    // Unlike GetMetricData, buckets start where the request starts.
    let window = Window { start, end: request.end, period: request.period, origin: start };
    let mut points: Vec<Datapoint> = Vec::new();
    let visible = request.series.as_ref().and_then(|series| reader.visible(series, None));
    let all = request.statistics.iter().map(|named| (named, false));
    let all = all.chain(request.extended.iter().map(|named| (named, true)));
    for ((name, statistic), is_extended) in all {
        let Some(series) = visible else { break };
        for (at, value) in reader.points(series, window, *statistic) {
            let place = points.binary_search_by_key(&at, |point| point.at);
            let place = place.unwrap_or_else(|place| {
                points.insert(place, Datapoint::empty(at));
                place
            });
            let point = &mut points[place];
            let values = if is_extended { &mut point.extended } else { &mut point.statistics };
            values.push((name.clone(), value));
        }
    }
    shuffle(&mut points);
    GetMetricStatisticsAnswer { label: request.metric.clone(), points }
}

impl Datapoint {
    fn empty(at: i64) -> Self {
        Self { at, statistics: Vec::new(), extended: Vec::new() }
    }
}

/// AWS promises no order, so there is none, and always the same one.
fn shuffle(points: &mut [Datapoint]) {
    points.sort_by_key(|point| (point.at / 60).wrapping_mul(0x9E37_79B9).rem_euclid(1009));
}

impl Answer for GetMetricStatisticsAnswer {
    fn write<W: Writer>(&self, to: &mut W) {
        to.begin_structure();
        to.key("Label");
        to.string(&self.label);
        to.key("Datapoints");
        to.begin_list(self.points.len());
        for point in &self.points {
            to.begin_structure();
            to.key("Timestamp");
            to.timestamp(point.at);
            for (name, value) in &point.statistics {
                to.key(name);
                to.double(*value);
            }
            if !point.extended.is_empty() {
                to.key("ExtendedStatistics");
                to.entries(&point.extended);
            }
            to.key("Unit");
            to.string("None");
            to.end_structure();
        }
        to.end_list();
        to.end_structure();
    }
}
