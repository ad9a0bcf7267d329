//! Stream: this data source has no live channels, and says so in the protocol's words.

use futures::stream::BoxStream;
use tonic::{Request, Response, Status};

use super::proto::pluginv2;

pub(super) struct StreamService;

#[tonic::async_trait]
impl pluginv2::stream_server::Stream for StreamService {
    type RunStreamStream = BoxStream<'static, Result<pluginv2::StreamPacket, Status>>;

    async fn subscribe_stream(
        &self,
        _request: Request<pluginv2::SubscribeStreamRequest>,
    ) -> Result<Response<pluginv2::SubscribeStreamResponse>, Status> {
        let not_found = pluginv2::subscribe_stream_response::Status::NotFound;
        Ok(Response::new(pluginv2::SubscribeStreamResponse { status: i32::from(not_found), data: Vec::new() }))
    }

    async fn publish_stream(
        &self,
        _request: Request<pluginv2::PublishStreamRequest>,
    ) -> Result<Response<pluginv2::PublishStreamResponse>, Status> {
        let not_found = pluginv2::publish_stream_response::Status::NotFound;
        Ok(Response::new(pluginv2::PublishStreamResponse { status: i32::from(not_found), data: Vec::new() }))
    }

    async fn run_stream(
        &self,
        _request: Request<pluginv2::RunStreamRequest>,
    ) -> Result<Response<Self::RunStreamStream>, Status> {
        Err(Status::unimplemented("This data source has no live channels."))
    }
}
