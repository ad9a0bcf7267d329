//! One page: results in the order of the queries, until the points are used up.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::label::{self, Shown};
use super::request::{GetMetricDataRequest, Query, Scan, Source, Stat};
use super::{GetMetricDataAnswer, MetricDataResult};
use crate::server::error::ServiceError;
use crate::server::expression::{Line, Origin, Scope, Search, Value};
use crate::server::points::{Reader, Window, round_start};
use crate::world::Series;

/// AWS bills this many statistics of a metric in one call as one metric.
const STATISTICS_PER_BILLED_METRIC: usize = 5;
/// Expressions may name expressions; a chain longer than this is a circle.
const MAX_DEPTH: usize = 50;

/// Far beyond any clock; a forged token must not overflow sums of times.
const LATEST_TOKEN: i64 = 1 << 40;

/// Where a page starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    query: usize,
    /// Among the results of one query.
    result: usize,
    point: usize,
}

/// The page that the token asks for, and the metrics that AWS would bill for the call.
pub fn fill_page(
    request: &GetMetricDataRequest,
    reader: &Reader<'_>,
) -> Result<(GetMetricDataAnswer, u64), ServiceError> {
    let start = match &request.next_token {
        Some(token) => parse_token(token, request)?,
        None => Place::default(),
    };
    let evaluation = Evaluation::new(request, reader);
    let shown = Shown { region: reader.region, now: reader.now, timezone: request.timezone };
    let mut left = request.max_points;
    let mut results = Vec::new();
    let mut next = None;
    'page: for position in start.query..request.queries.len() {
        let query = &request.queries[position];
        if !query.is_returned {
            continue;
        }
        let place = if position == start.query { start } else { Place::default() };
        for (number, line) in evaluation.lines(position)?.into_iter().enumerate().skip(place.result) {
            let skipped = if number == place.result { place.point } else { 0 };
            let rest = line.points.len().saturating_sub(skipped);
            if rest > 0 && left == 0 {
                next = Some((position, number, skipped));
                break 'page;
            }
            let taken = rest.min(left);
            left -= taken;
            let label = label_of(query, &line, &shown);
            let mut result = cut(query, line, (label, request.scan), skipped..skipped + taken);
            if reader.is_forbidden(query.account.as_deref()) {
                result.fail("Forbidden");
            }
            results.push(result);
            if taken < rest {
                next = Some((position, number, skipped + taken));
                break 'page;
            }
        }
    }
    let next_token = next.map(|(query, result, point)| token_text(Place { query, result, point }, request, reader.now));
    let billed = evaluation.billed_metrics();
    Ok((GetMetricDataAnswer { results, next_token }, billed))
}

fn cut(query: &Query, line: Line, (label, scan): (String, Scan), range: std::ops::Range<usize>) -> MetricDataResult {
    let mut points = line.points;
    if scan == Scan::Descending {
        points.reverse();
    }
    let is_complete = range.end >= points.len();
    points.truncate(range.end);
    points.drain(..range.start.min(points.len()));
    let status = if is_complete { "Complete" } else { "PartialData" };
    MetricDataResult { id: query.id.clone(), label, points, status: status.to_owned(), messages: Vec::new() }
}

/// Of the whole series, also where a page shows only some of its points.
fn label_of(query: &Query, line: &Line, shown: &Shown<'_>) -> String {
    match &query.label {
        Some(pattern) => label::expand(pattern, line, shown),
        None => line.label.clone(),
    }
}

fn token_text(place: Place, request: &GetMetricDataRequest, now: i64) -> String {
    let Place { query, result, point } = place;
    format!("{now}-{query}-{result}-{point}-{:x}", request.fingerprint)
}

/// The moment of the first page, out of a token.
pub fn token_time(token: &str) -> Option<i64> {
    let now = token.split('-').next()?.parse().ok()?;
    (0..LATEST_TOKEN).contains(&now).then_some(now)
}

fn parse_token(token: &str, request: &GetMetricDataRequest) -> Result<Place, ServiceError> {
    let parts: Vec<&str> = token.split('-').collect();
    let [_now, query, result, point, fingerprint] = parts[..] else {
        return Err(ServiceError::invalid_token());
    };
    if fingerprint != format!("{:x}", request.fingerprint) {
        return Err(ServiceError::invalid_token());
    }
    let number = |text: &str| text.parse().map_err(|_| ServiceError::invalid_token());
    Ok(Place { query: number(query)?, result: number(result)?, point: number(point)? })
}

/// Name, series and account.
type BilledMetric = (String, Option<Series>, Option<String>);

/// The queries of one call while they are computed; each at most once.
struct Evaluation<'a> {
    request: &'a GetMetricDataRequest,
    reader: &'a Reader<'a>,
    start: i64,
    done: RefCell<HashMap<usize, Rc<Value>>>,
    depth: RefCell<usize>,
    /// Metric and account to what was asked of it: statistics, each of each period. (AWS's price list says nothing of
    /// periods.)
    billed: RefCell<HashMap<BilledMetric, HashSet<(String, i64)>>>,
}

impl<'a> Evaluation<'a> {
    fn new(request: &'a GetMetricDataRequest, reader: &'a Reader<'a>) -> Self {
        let evaluation = Self {
            request,
            reader,
            start: round_start(request.start, reader.now),
            done: RefCell::default(),
            depth: RefCell::new(0),
            billed: RefCell::default(),
        };
        for query in &request.queries {
            if let Source::Stat(stat) = &query.source {
                evaluation.bill(stat, query.account.as_deref());
            }
        }
        evaluation
    }

    fn lines(&self, position: usize) -> Result<Vec<Line>, ServiceError> {
        let value = self.value(position)?;
        match &*value {
            Value::Line(line) => Ok(vec![line.clone()]),
            Value::Lines(lines) => Ok(lines.clone()),
            Value::Number(_) => Err(ServiceError::validation(format!(
                "The expression of query {} must return a time series.",
                self.request.queries[position].id
            ))),
        }
    }

    fn value(&self, position: usize) -> Result<Rc<Value>, ServiceError> {
        if let Some(value) = self.done.borrow().get(&position) {
            return Ok(Rc::clone(value));
        }
        let query = &self.request.queries[position];
        let value = match &query.source {
            Source::Stat(stat) => Value::Line(self.line(stat, query.account.as_deref(), &stat.metric)),
            Source::Expression(expression) => {
                if *self.depth.borrow() > MAX_DEPTH {
                    return Err(ServiceError::validation(format!(
                        "The expression of query {} refers to itself.",
                        query.id
                    )));
                }
                *self.depth.borrow_mut() += 1;
                let value = expression.evaluate(self).map_err(|error| {
                    ServiceError::validation(format!("Error in expression '{}': {error}", query.id))
                })?;
                *self.depth.borrow_mut() -= 1;
                value.labelled(&query.id)
            }
        };
        let value = Rc::new(value);
        self.done.borrow_mut().insert(position, Rc::clone(&value));
        Ok(value)
    }

    fn line(&self, stat: &Stat, account: Option<&str>, label: &str) -> Line {
        let window = Window::aligned(self.start, self.request.end, stat.period);
        let visible = stat.series.as_ref().and_then(|series| self.reader.visible(series, account));
        let account = account.unwrap_or(&self.reader.view.own).to_owned();
        Line {
            label: label.to_owned(),
            origin: Some(Origin { stat: stat.clone(), account }),
            period: stat.period,
            points: visible.map_or_else(Vec::new, |series| self.reader.points(series, window, stat.statistic)),
        }
    }

    fn bill(&self, stat: &Stat, account: Option<&str>) {
        let metric = (stat.metric.clone(), stat.series.clone(), account.map(str::to_owned));
        let mut billed = self.billed.borrow_mut();
        let statistics = billed.entry(metric).or_default();
        statistics.insert((stat.statistic_name.clone(), stat.period));
    }

    fn billed_metrics(&self) -> u64 {
        let billed = self.billed.borrow();
        let metrics = billed.values().map(|statistics| statistics.len().div_ceil(STATISTICS_PER_BILLED_METRIC) as u64);
        metrics.sum()
    }
}

impl Scope for Evaluation<'_> {
    fn query(&self, id: &str) -> Result<Rc<Value>, String> {
        let position = self.request.position(id).ok_or_else(|| format!("there is no query with the Id {id}"))?;
        self.value(position).map_err(|error| error.message)
    }

    fn metrics(&self, id_part: &str) -> Result<Vec<Line>, String> {
        let mut lines = Vec::new();
        for (position, query) in self.request.queries.iter().enumerate() {
            if !matches!(query.source, Source::Stat(_)) || !query.id.contains(id_part) {
                continue;
            }
            lines.extend(self.lines(position).map_err(|error| error.message)?);
        }
        Ok(lines)
    }

    fn search(&self, search: &Search) -> Vec<Line> {
        let found =
            self.reader.index.entries.iter().filter(|entry| {
                self.reader.view.shows(&entry.account, search.account()) && search.is_match(&entry.series)
            });
        let found = found.take(Search::MAX_RESULTS).map(|entry| {
            let stat = search.stat(&entry.series);
            self.bill(&stat, search.account());
            self.line(&stat, search.account(), &search.label(&entry.series))
        });
        found.collect()
    }

    fn buckets(&self, period: i64) -> Vec<i64> {
        Window::aligned(self.start, self.request.end, period).starts(self.reader.now).collect()
    }
}
