//! CloudWatch GetMetricData: up to 500 series, one column each, all pages.
//!
//! An ask's id is `m` and its index, so that an answer finds its column without a map. The unit is never sent: CloudWatch
//! would then return only data that was published with exactly that unit.

use std::collections::{HashMap, HashSet};

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataError;
use aws_sdk_cloudwatch::operation::get_metric_data::builders::GetMetricDataFluentBuilder;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricDataResult, MetricStat, ScanBy, StatusCode};
use aws_smithy_types::DateTime;

use super::call::{Gate, Pages, send};
use super::list_metrics::NAMESPACE;
use crate::failure::CallError;
use crate::plan::call::{Column, Completeness, GetMetricDataAnswer, GetMetricDataCall, SeriesAsk};

pub const OPERATION: &str = "cloudwatch:GetMetricData";

/// Reads all pages of `call`.
pub(super) async fn get_metric_data(
    client: &Client,
    gate: &Gate<'_>,
    call: &GetMetricDataCall,
) -> Result<GetMetricDataAnswer, CallError> {
    let request = request(client, call);
    let mut pages = Pages::new(gate);
    let mut columns = Columns::new(call);
    while let Some(token) = pages.next_token() {
        let request = request.clone().set_next_token(token).customize();
        let page = send(gate, request.interceptor(gate.attempts::<GetMetricDataError>()).send()).await?;
        for result in page.metric_data_results() {
            columns.add(result);
        }
        pages.read(page.next_token())?;
    }
    gate.meter.count_billed_metrics(billed_metrics(call));
    Ok(GetMetricDataAnswer { columns: columns.finish(), calls: pages.count() })
}

/// What AWS bills for a call: its metrics, of which each takes up to five statistics (CloudWatch's price list).
fn billed_metrics(call: &GetMetricDataCall) -> u64 {
    const STATISTICS_OF_ONE: u64 = 5;
    let mut statistics: HashMap<_, HashSet<_>> = HashMap::new();
    for ask in &call.asks {
        let metric = (&ask.metric, &ask.dimensions, &ask.account, ask.period);
        statistics.entry(metric).or_default().insert(&ask.statistic);
    }
    statistics.values().map(|statistics| (statistics.len() as u64).div_ceil(STATISTICS_OF_ONE)).sum()
}

fn request(client: &Client, call: &GetMetricDataCall) -> GetMetricDataFluentBuilder {
    let queries = call.asks.iter().enumerate().map(|(index, ask)| query(index, ask)).collect();
    client
        .get_metric_data()
        .set_metric_data_queries(Some(queries))
        .start_time(DateTime::from_secs(call.start))
        .end_time(DateTime::from_secs(call.end))
        .scan_by(ScanBy::TimestampAscending)
}

fn query(index: usize, ask: &SeriesAsk) -> MetricDataQuery {
    let dimensions =
        ask.dimensions.iter().map(|(name, value)| Dimension::builder().name(&**name).value(&**value).build()).collect();
    let metric =
        Metric::builder().namespace(NAMESPACE).metric_name(&*ask.metric).set_dimensions(Some(dimensions)).build();
    // A period is at most a day of seconds.
    let period = i32::try_from(ask.period.seconds()).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(ask.statistic.as_str()).build();
    MetricDataQuery::builder()
        .id(format!("m{index}"))
        .metric_stat(stat)
        .return_data(true)
        .set_account_id(ask.account.as_ref().map(|account| account.as_str().to_owned()))
        .build()
}

/// The columns of a call while its pages come in.
struct Columns {
    columns: Vec<OpenColumn>,
}

struct OpenColumn {
    grid: Grid,
    values: Vec<f64>,
    /// None until a page mentions the series.
    completeness: Option<Completeness>,
}

impl Columns {
    fn new(call: &GetMetricDataCall) -> Self {
        let open = |ask: &SeriesAsk| OpenColumn {
            grid: Grid { first: ask.period.floor(call.start), period: ask.period.seconds() },
            values: vec![f64::NAN; call.points(ask.period)],
            completeness: None,
        };
        Self { columns: call.asks.iter().map(open).collect() }
    }

    fn add(&mut self, result: &MetricDataResult) {
        let index = result.id().and_then(|id| id.strip_prefix('m')).and_then(|digits| digits.parse::<usize>().ok());
        let Some(column) = index.and_then(|index| self.columns.get_mut(index)) else { return };
        column.grid.fill(&mut column.values, result.timestamps(), result.values());
        let page = completeness(result.status_code());
        column.completeness = Some(merged(column.completeness, page));
    }

    fn finish(self) -> Vec<Column> {
        let close = |column: OpenColumn| Column {
            values: column.values,
            // CloudWatch names every series that it was asked for; one that it left out has failed.
            completeness: column.completeness.unwrap_or(Completeness::Failed),
        };
        self.columns.into_iter().map(close).collect()
    }
}

/// Where a timestamp lies in a column.
#[derive(Clone, Copy)]
struct Grid {
    first: i64,
    period: i64,
}

impl Grid {
    /// Puts each value into its bucket. Neighbours are mostly one period apart, so the division is mostly not needed.
    fn fill(self, column: &mut [f64], timestamps: &[DateTime], values: &[f64]) {
        let mut expected = self.first;
        let mut index = 0_usize;
        for (timestamp, value) in timestamps.iter().zip(values) {
            let second = timestamp.secs();
            if second != expected {
                let buckets = (second - self.first).div_euclid(self.period);
                let Ok(bucket) = usize::try_from(buckets) else { continue };
                index = bucket;
                expected = self.first + buckets * self.period;
            }
            if let Some(slot) = column.get_mut(index) {
                *slot = *value;
            }
            index += 1;
            expected += self.period;
        }
    }
}

fn completeness(code: Option<&StatusCode>) -> Completeness {
    match code {
        Some(StatusCode::Complete) | None => Completeness::Complete,
        Some(StatusCode::PartialData) => Completeness::Partial,
        Some(StatusCode::Forbidden) => Completeness::Forbidden,
        Some(_) => Completeness::Failed,
    }
}

/// A series whose points are spread over pages is `PartialData` on all but the last, so the newest page counts; but a
/// failure stays a failure.
fn merged(before: Option<Completeness>, page: Completeness) -> Completeness {
    match before {
        Some(Completeness::Failed) => Completeness::Failed,
        Some(Completeness::Forbidden) => Completeness::Forbidden,
        Some(Completeness::Complete | Completeness::Partial) | None => page,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::statistic::Statistic;
    use crate::place::{AccountId, Region};
    use crate::plan::call::Period;
    use crate::plan::facts::Dimensions;

    fn ask(metric: &str, period: Period) -> SeriesAsk {
        let dimensions = Dimensions::new(vec![(Arc::from("Application"), Arc::from("orders"))]);
        SeriesAsk { metric: Arc::from(metric), dimensions, account: None, period, statistic: Statistic::Maximum }
    }

    fn call(asks: Vec<SeriesAsk>) -> GetMetricDataCall {
        GetMetricDataCall { region: Region::from("eu-west-1"), start: 3600, end: 3900, asks }
    }

    fn result(id: &str, points: &[(i64, f64)], status: StatusCode) -> MetricDataResult {
        MetricDataResult::builder()
            .id(id)
            .set_timestamps(Some(points.iter().map(|(second, _)| DateTime::from_secs(*second)).collect()))
            .set_values(Some(points.iter().map(|(_, value)| *value).collect()))
            .status_code(status)
            .build()
    }

    /// NaN is shown as `-`.
    fn shown(values: &[f64]) -> String {
        let text = |value: &f64| if value.is_nan() { "-".to_owned() } else { value.to_string() };
        values.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn values_land_in_their_buckets_and_gaps_stay_empty() {
        let mut columns = Columns::new(&call(vec![ask("a", Period::MINUTE), ask("b", Period::HOUR)]));
        columns.add(&result("m0", &[(3600, 1.0), (3660, 2.0), (3780, 4.0), (3840, 5.0)], StatusCode::Complete));
        columns.add(&result("m1", &[(3600, 9.0)], StatusCode::Complete));
        let columns = columns.finish();
        assert_eq!(shown(&columns[0].values), "1 2 - 4 5");
        assert_eq!(shown(&columns[1].values), "9");
    }

    #[test]
    fn pages_of_one_series_are_joined_and_the_last_status_counts() {
        let mut columns = Columns::new(&call(vec![ask("a", Period::MINUTE)]));
        columns.add(&result("m0", &[(3600, 1.0), (3660, 2.0)], StatusCode::PartialData));
        columns.add(&result("m0", &[(3720, 3.0)], StatusCode::Complete));
        let columns = columns.finish();
        assert_eq!(shown(&columns[0].values), "1 2 3 - -");
        assert_eq!(columns[0].completeness, Completeness::Complete);
    }

    #[test]
    fn a_failure_on_one_page_is_not_forgotten() {
        let mut columns = Columns::new(&call(vec![ask("a", Period::MINUTE), ask("b", Period::MINUTE)]));
        columns.add(&result("m0", &[], StatusCode::InternalError));
        columns.add(&result("m0", &[(3720, 3.0)], StatusCode::Complete));
        columns.add(&result("m1", &[], StatusCode::Forbidden));
        let columns = columns.finish();
        assert_eq!(columns[0].completeness, Completeness::Failed);
        assert_eq!(columns[1].completeness, Completeness::Forbidden);
    }

    #[test]
    fn points_outside_the_range_and_unknown_ids_are_ignored() {
        let mut columns = Columns::new(&call(vec![ask("a", Period::MINUTE)]));
        columns.add(&result("m0", &[(0, 7.0), (3660, 2.0), (90_000, 8.0)], StatusCode::Complete));
        for id in ["m1", "m", "x0", "m99999999999999999999", ""] {
            columns.add(&result(id, &[(3600, 6.0)], StatusCode::Complete));
        }
        assert_eq!(shown(&columns.finish()[0].values), "- 2 - - -");
    }

    #[test]
    fn a_series_that_the_answer_never_mentions_has_failed() {
        let columns = Columns::new(&call(vec![ask("a", Period::MINUTE)])).finish();
        assert_eq!(columns[0].completeness, Completeness::Failed);
    }

    #[test]
    fn five_statistics_of_a_metric_are_billed_as_one() {
        let with = |metric, period, statistic: &str| SeriesAsk {
            statistic: Statistic::parse(statistic).unwrap(),
            ..ask(metric, period)
        };
        let six = ["Average", "Maximum", "Minimum", "Sum", "SampleCount", "p99"];
        let asks_of = |names: &[&str]| names.iter().map(|name| with("a", Period::MINUTE, name)).collect::<Vec<_>>();
        let billed = |asks| billed_metrics(&call(asks));
        assert_eq!(billed(asks_of(&six[..5])), 1);
        assert_eq!(billed(asks_of(&six)), 2);
        assert_eq!(billed(asks_of(&["Sum", "Sum"])), 1);
        assert_eq!(billed(vec![with("a", Period::MINUTE, "Sum"), with("b", Period::MINUTE, "Sum")]), 2);
        assert_eq!(billed(vec![with("a", Period::MINUTE, "Sum"), with("a", Period::HOUR, "Sum")]), 2);
        assert_eq!(billed(Vec::new()), 0);
    }

    #[test]
    fn an_ask_is_said_without_unit_and_with_its_account() {
        let mut ask = ask("uptime", Period::HOUR);
        ask.account = Some(AccountId::from("123456789012"));
        let query = query(7, &ask);
        assert_eq!(query.id(), Some("m7"));
        assert_eq!(query.account_id(), Some("123456789012"));
        let stat = query.metric_stat().unwrap();
        assert_eq!((stat.period(), stat.stat(), stat.unit()), (Some(3600), Some("Maximum"), None));
        let metric = stat.metric().unwrap();
        assert_eq!((metric.namespace(), metric.metric_name()), (Some("AWS/KinesisAnalytics"), Some("uptime")));
        assert_eq!(metric.dimensions()[0].name(), Some("Application"));
    }
}
