//! CollectMetrics: the process's own metrics, which Grafana serves under
//! `/metrics/plugins/<id>`. It asks without a data source.

use tonic::metadata::MetadataMap;
use tonic::{Response, Status};

use super::DataSource;
use super::proto::pluginv2;
use super::request_log::RequestLog;

pub(super) async fn collect_metrics(
    source: &dyn DataSource,
    metadata: &MetadataMap,
) -> Result<Response<pluginv2::CollectMetricsResponse>, Status> {
    let mut log = RequestLog::start("CollectMetrics", metadata);
    let text = log.watch(async { source.metrics_text() }, |_| None).await?;
    Ok(Response::new(pluginv2::CollectMetricsResponse {
        metrics: Some(pluginv2::collect_metrics_response::Payload { prometheus: text.into_bytes() }),
    }))
}
