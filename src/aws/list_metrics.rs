//! CloudWatch ListMetrics: which series exist, all pages of 500.

use std::collections::HashSet;
use std::sync::Arc;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::operation::list_metrics::builders::ListMetricsFluentBuilder;
use aws_sdk_cloudwatch::operation::list_metrics::{ListMetrics, ListMetricsError};
use aws_sdk_cloudwatch::types::{DimensionFilter, Metric, RecentlyActive};

use super::call::{Gate, Pages, send};
use super::promised::{Promised, missing_in_cbor};
use super::{ListMetricsAsk, Recency};
use crate::failure::{CallError, CallErrorKind};
use crate::model::series::{Dimensions, MetricSeries};
use crate::place::{Account, AccountId};

pub const OPERATION: &str = "cloudwatch:ListMetrics";

/// Where Managed Service for Apache Flink publishes, its own metrics and the applications' custom ones.
pub(super) use crate::catalog::NAMESPACE;

/// What a page lacks. (The model requires nothing, so an empty page is no metrics.)
fn missing(body: &[u8]) -> Option<String> {
    missing_in_cbor(body, &["Metrics", "NextToken", "OwningAccounts"])
}

/// Reads all pages of `ask`.
pub(super) async fn list_metrics(
    client: &Client,
    gate: &Gate<'_>,
    ask: &ListMetricsAsk,
) -> Result<Vec<MetricSeries>, CallError> {
    let request = request(client, ask);
    let mut pages = Pages::new(gate);
    let mut series = Vec::new();
    let mut names = Names::default();
    while let Some(token) = pages.next_token() {
        let request = request.clone().set_next_token(token).customize();
        let request = request.interceptor(gate.attempts::<ListMetricsError>());
        let page = send(gate, request.interceptor(Promised::<ListMetrics>::new(missing)).send()).await?;
        let owners = page.owning_accounts();
        if !owners.is_empty() && owners.len() != page.metrics().len() {
            // Of whom a series is would be a guess.
            let words = "it has not as many OwningAccounts as Metrics";
            return Err(gate.error(CallErrorKind::ServiceFailure, words));
        }
        for (index, metric) in page.metrics().iter().enumerate() {
            let metric = metric_series(metric, owners.get(index), &mut names);
            series.push(metric.map_err(|words| gate.error(CallErrorKind::ServiceFailure, words))?);
        }
        pages.read(page.next_token())?;
    }
    // The list may move while its pages are read; a series that comes twice would be two lines of one name.
    let mut seen = HashSet::with_capacity(series.len());
    series.retain(|one: &MetricSeries| seen.insert(one.clone()));
    Ok(series)
}

fn request(client: &Client, ask: &ListMetricsAsk) -> ListMetricsFluentBuilder {
    let mut request = client.list_metrics().namespace(NAMESPACE);
    if let Some(application) = &ask.application {
        request =
            request.dimensions(DimensionFilter::builder().name("Application").value(application.as_str()).build());
    }
    if let Some(metric) = &ask.metric {
        request = request.metric_name(&**metric);
    }
    request = match ask.recency {
        Recency::ThreeHours => request.recently_active(RecentlyActive::Pt3H),
        Recency::TwoWeeks => request,
    };
    match &ask.place.account {
        Account::Own => request,
        Account::Linked(id) => request.include_linked_accounts(true).owning_account(id.as_str()),
        Account::All => request.include_linked_accounts(true),
    }
}

/// A series without a part of its name would be another series.
fn metric_series(metric: &Metric, owner: Option<&String>, names: &mut Names) -> Result<MetricSeries, &'static str> {
    // The SDK reads what is required and not there as an empty text.
    let said = |text: &&str| !text.is_empty();
    let mut dimensions = Vec::with_capacity(metric.dimensions().len());
    for dimension in metric.dimensions() {
        let name = dimension.name().filter(said).ok_or("it has a dimension without Name")?;
        let value = dimension.value().filter(said).ok_or("it has a dimension without Value")?;
        dimensions.push((names.shared(name), names.shared(value)));
    }
    Ok(MetricSeries {
        metric: names.shared(metric.metric_name().filter(said).ok_or("it has a metric without MetricName")?),
        dimensions: Dimensions::new(dimensions),
        account: owner.map(|id| AccountId::from(id.as_str())),
    })
}

/// The texts of one answer, each kept once: a few hundred names repeat in thousands of series.
#[derive(Default)]
struct Names(HashSet<Arc<str>>);

impl Names {
    fn shared(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = Arc::from(text);
        self.0.insert(Arc::clone(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::Dimension;

    use super::*;

    fn metric(name: &str, dimensions: &[(&str, &str)]) -> Metric {
        let pairs = dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build());
        Metric::builder().metric_name(name).set_dimensions(Some(pairs.collect())).build()
    }

    #[test]
    fn series_are_read_field_by_field_with_sorted_dimensions() {
        let mut names = Names::default();
        let read = metric_series(
            &metric("busyTimeMsPerSecond", &[("Task", "sink"), ("Application", "orders")]),
            Some(&"123456789012".to_owned()),
            &mut names,
        )
        .unwrap();
        assert_eq!(&*read.metric, "busyTimeMsPerSecond");
        assert_eq!(read.account, Some(AccountId::from("123456789012")));
        assert_eq!(read.dimensions.names().collect::<Vec<_>>(), ["Application", "Task"]);
        let unnamed = metric_series(&Metric::builder().build(), None, &mut names);
        assert_eq!(unnamed, Err("it has a metric without MetricName"));
    }

    #[test]
    fn equal_texts_of_one_answer_are_one_allocation() {
        let mut names = Names::default();
        let first = metric_series(&metric("uptime", &[("Application", "orders")]), None, &mut names).unwrap();
        let second = metric_series(&metric("uptime", &[("Application", "orders")]), None, &mut names).unwrap();
        assert!(Arc::ptr_eq(&first.metric, &second.metric));
        assert!(Arc::ptr_eq(
            first.dimensions.get("Application").unwrap(),
            second.dimensions.get("Application").unwrap()
        ));
    }
}
