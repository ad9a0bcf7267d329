//! CloudWatch GetMetricData: up to 500 series, one column each, all pages.
//!
//! The unit is never sent: CloudWatch would then return only data that was published with exactly that unit.

mod columns;
mod page;
mod reader;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::get_metric_data::GetMetricDataError;
use aws_sdk_cloudwatch::operation::get_metric_data::builders::GetMetricDataFluentBuilder;
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy};
use aws_smithy_types::DateTime;

use self::columns::{Columns, id_of};
use self::reader::Reader;
use super::call::{Gate, Pages, send};
use super::list_metrics::NAMESPACE;
use crate::answers::GetMetricDataAnswer;
use crate::failure::CallError;
use crate::plan::call::{GetMetricDataCall, SeriesKey};

pub const OPERATION: &str = "cloudwatch:GetMetricData";

/// Reads all pages of `call`.
pub(super) async fn get_metric_data(
    client: &Client,
    gate: &Gate<'_>,
    call: &GetMetricDataCall,
) -> Result<GetMetricDataAnswer, CallError> {
    let mut pages = Pages::new(gate);
    let reader = Reader::new(Columns::new(call));
    while let Some(token) = pages.next_token() {
        let request = request(client, call).set_next_token(token).customize().interceptor(reader.clone());
        let page = send(gate, request.interceptor(gate.attempts::<GetMetricDataError>()).send()).await?;
        pages.read(page.next_token())?;
    }
    gate.telemetry.count_billed_metrics(call.billed_metrics());
    Ok(GetMetricDataAnswer { columns: reader.take().finish(), calls: pages.count() })
}

fn request(client: &Client, call: &GetMetricDataCall) -> GetMetricDataFluentBuilder {
    let queries = call.series.iter().enumerate().map(|(index, key)| query(index, key)).collect();
    client
        .get_metric_data()
        .set_metric_data_queries(Some(queries))
        .start_time(DateTime::from_secs(call.start))
        .end_time(DateTime::from_secs(call.end))
        .scan_by(ScanBy::TimestampAscending)
}

fn query(index: usize, key: &SeriesKey) -> MetricDataQuery {
    let dimensions =
        key.dimensions.iter().map(|(name, value)| Dimension::builder().name(&**name).value(&**value).build()).collect();
    let metric =
        Metric::builder().namespace(NAMESPACE).metric_name(&*key.metric).set_dimensions(Some(dimensions)).build();
    // A period is at most a day of seconds.
    let period = i32::try_from(key.period.seconds()).unwrap_or(i32::MAX);
    let stat = MetricStat::builder().metric(metric).period(period).stat(key.statistic.as_str()).build();
    MetricDataQuery::builder()
        .id(id_of(index))
        .metric_stat(stat)
        .return_data(true)
        .set_account_id(key.account.as_ref().map(|account| account.as_str().to_owned()))
        .build()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::statistic::Statistic;
    use crate::model::series::Dimensions;
    use crate::place::{AccountId, Region};
    use crate::plan::call::Period;

    fn key(metric: &str, period: Period) -> SeriesKey {
        let dimensions = Dimensions::new(vec![(Arc::from("Application"), Arc::from("orders"))]);
        SeriesKey { metric: Arc::from(metric), dimensions, account: None, period, statistic: Statistic::Maximum }
    }

    fn call(series: Vec<SeriesKey>) -> GetMetricDataCall {
        GetMetricDataCall { region: Region::from("eu-west-1"), start: 3600, end: 3900, series }
    }

    #[test]
    fn five_statistics_of_a_metric_are_billed_as_one() {
        let with = |metric, period, statistic: &str| SeriesKey {
            statistic: Statistic::parse(statistic).unwrap(),
            ..key(metric, period)
        };
        let six = ["Average", "Maximum", "Minimum", "Sum", "SampleCount", "p99"];
        let asks_of = |names: &[&str]| names.iter().map(|name| with("a", Period::MINUTE, name)).collect::<Vec<_>>();
        let billed = |series| call(series).billed_metrics();
        assert_eq!(billed(asks_of(&six[..5])), 1);
        assert_eq!(billed(asks_of(&six)), 2);
        assert_eq!(billed(asks_of(&["Sum", "Sum"])), 1);
        assert_eq!(billed(vec![with("a", Period::MINUTE, "Sum"), with("b", Period::MINUTE, "Sum")]), 2);
        assert_eq!(billed(vec![with("a", Period::MINUTE, "Sum"), with("a", Period::HOUR, "Sum")]), 1);
        let hours = ["Sum", "Minimum", "Maximum"].map(|statistic| with("a", Period::HOUR, statistic));
        assert_eq!(billed([asks_of(&six[..3]), hours.to_vec()].concat()), 2);
        assert_eq!(billed(Vec::new()), 0);
    }

    #[test]
    fn an_ask_is_said_without_unit_and_with_its_account() {
        let mut key = key("uptime", Period::HOUR);
        key.account = Some(AccountId::from("123456789012"));
        let query = query(7, &key);
        assert_eq!(query.id(), Some("m7"));
        assert_eq!(query.account_id(), Some("123456789012"));
        let stat = query.metric_stat().unwrap();
        assert_eq!((stat.period(), stat.stat(), stat.unit()), (Some(3600), Some("Maximum"), None));
        let metric = stat.metric().unwrap();
        assert_eq!((metric.namespace(), metric.metric_name()), (Some("AWS/KinesisAnalytics"), Some("uptime")));
        assert_eq!(metric.dimensions()[0].name(), Some("Application"));
    }
}
