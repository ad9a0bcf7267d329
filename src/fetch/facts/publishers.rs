//! Who published something of late: the applications that CloudWatch lists series of.

use std::sync::Arc;

use super::share::{Shared, share};
use crate::aws::{LIST_METRICS, ListMetricsAsk};
use crate::failure::CallError;
use crate::fetch::{Source, Upstream};
use crate::model::application::ApplicationNames;
use crate::model::series::{MetricSeries, Recency};
use crate::place::{ApplicationName, Place};

/// A metric that every running application has at the level of the application, whatever its runtime: listing this one
/// finds them all with one series each.
pub(crate) const METRIC_OF_ALL: &str = "cpuUtilization";

pub(super) async fn fetch(source: &Source, (place, recency): (Place, Recency)) -> Shared<Arc<ApplicationNames>> {
    let (upstream, of) = (source.upstream(), place.clone());
    let published = source.cache.facts.published.of(&source.owner);
    let fetch = async move { Ok(Arc::new(names_in(&fetch_one_of_all(&upstream, &of, recency).await?))) };
    share(source, published, &(place.clone(), recency), LIST_METRICS, &place.region, fetch).await
}

/// The applications of series.
pub(super) fn names_in(series: &[MetricSeries]) -> ApplicationNames {
    let names = series.iter().filter_map(|series| series.dimensions.get("Application"));
    names.map(|name| ApplicationName::new(Arc::clone(name))).collect()
}

/// One series of each application with recent data; if there is none, of the last two weeks.
pub(super) async fn fetch_one_of_each(upstream: &Upstream, place: &Place) -> Result<Vec<MetricSeries>, CallError> {
    let recent = fetch_one_of_all(upstream, place, Recency::ThreeHours).await?;
    if !recent.is_empty() {
        return Ok(recent);
    }
    fetch_one_of_all(upstream, place, Recency::TwoWeeks).await
}

pub(super) async fn fetch_one_of_all(
    upstream: &Upstream,
    place: &Place,
    recency: Recency,
) -> Result<Vec<MetricSeries>, CallError> {
    let metric = Some(Arc::from(METRIC_OF_ALL));
    upstream.aws.list_metrics(&ListMetricsAsk { place: place.clone(), application: None, metric, recency }).await
}
