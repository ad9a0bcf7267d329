//! CollectMetrics: the process's own metrics, which Grafana serves under
//! `/metrics/plugins/<id>`. It asks without a data source.

use tonic::metadata::MetadataMap;
use tonic::{Response, Status};

use super::DataSource;
use super::proto::pluginv2;
use super::record::Record;

pub(super) async fn collect_metrics(
    source: &dyn DataSource,
    metadata: &MetadataMap,
) -> Result<Response<pluginv2::CollectMetricsResponse>, Status> {
    let mut record = Record::start("CollectMetrics", metadata);
    let text = record.watch(async { source.metrics_text() }, |_| None).await?;
    Ok(Response::new(pluginv2::CollectMetricsResponse {
        metrics: Some(pluginv2::collect_metrics_response::Payload { prometheus: text.into_bytes() }),
    }))
}
