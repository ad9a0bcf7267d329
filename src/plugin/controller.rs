//! Shutdown: how the host asks the process to end. Without this service every stop or
//! upgrade of the plugin waits two seconds and ends in SIGKILL.

use std::sync::Arc;

use tokio::sync::Notify;
use tonic::{Request, Response, Status};

use super::proto::controller::Empty;
use super::proto::controller::grpc_controller_server::GrpcController;

pub(super) struct ControllerService {
    pub(super) asked: Arc<Notify>,
}

#[tonic::async_trait]
impl GrpcController for ControllerService {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        // notify_one keeps its permit, so asking before anybody waits is not lost.
        self.asked.notify_one();
        Ok(Response::new(Empty {}))
    }
}
