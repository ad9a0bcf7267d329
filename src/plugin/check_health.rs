//! CheckHealth and CollectMetrics: the service is one, the second has its own file.

use std::sync::Arc;

use serde_json::Value;
use tonic::{Request, Response, Status};

use super::proto::pluginv2;
use super::request_log::RequestLog;
use super::{DataSource, HealthReply, HealthVerdict, Instance, collect_metrics, reply};

pub(super) struct DiagnosticsService {
    pub(super) source: Arc<dyn DataSource>,
}

#[tonic::async_trait]
impl pluginv2::diagnostics_server::Diagnostics for DiagnosticsService {
    async fn check_health(
        &self,
        request: Request<pluginv2::CheckHealthRequest>,
    ) -> Result<Response<pluginv2::CheckHealthResponse>, Status> {
        let mut log = RequestLog::start("CheckHealth", request.metadata());
        let context = request.into_inner().plugin_context;
        let instance = Instance::parse(context).map_err(|no| log.refused(no))?;
        log.about(&instance.uid, 0);

        let answer = async { self.source.check_health(instance).await };
        let reply = log.watch(answer, |reply| reply::health_failure(reply)).await?;
        Ok(Response::new(response(reply)))
    }

    async fn collect_metrics(
        &self,
        request: Request<pluginv2::CollectMetricsRequest>,
    ) -> Result<Response<pluginv2::CollectMetricsResponse>, Status> {
        collect_metrics::collect_metrics(self.source.as_ref(), request.metadata()).await
    }
}

fn response(reply: HealthReply) -> pluginv2::CheckHealthResponse {
    let status = match reply.verdict {
        HealthVerdict::Ok => pluginv2::check_health_response::HealthStatus::Ok,
        HealthVerdict::Error => pluginv2::check_health_response::HealthStatus::Error,
    };
    pluginv2::CheckHealthResponse {
        status: i32::from(status),
        message: reply.message,
        json_details: Value::Object(reply.details).to_string().into_bytes(),
    }
}
