//! The gRPC server: which services, which limits, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};
use tonic::transport::Server;
use tonic::transport::server::{Router, TcpIncoming};

use super::DataSource;
use super::call_resource::ResourceService;
use super::check_health::DiagnosticsService;
use super::controller::ControllerService;
use super::proto::controller::grpc_controller_server::GrpcControllerServer;
use super::proto::pluginv2::data_server::DataServer;
use super::proto::pluginv2::diagnostics_server::DiagnosticsServer;
use super::proto::pluginv2::resource_server::ResourceServer;
use super::proto::pluginv2::stream_server::StreamServer;
use super::query_data::DataService;
use super::stream::StreamService;

/// What the official SDK accepts as well: Grafana never sends more. tonic's default of
/// 4 MiB fails on dashboards with large query lists. Answers are not limited.
const REQUEST_LIMIT: usize = 16 * 1024 * 1024;

/// How long requests in flight may take to finish once the process is asked to end.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// The socket that Grafana connects to, already listening.
#[derive(Debug)]
pub enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every request in flight got its answer.
    Drained,
    /// Some did not within [`DRAIN_LIMIT`].
    CutShort,
}

/// Serves until `stop` completes or the host calls Shutdown; then takes no new connection
/// and waits for the requests in flight.
pub async fn serve(
    source: Arc<dyn DataSource>,
    listener: Listener,
    stop: impl Future<Output = ()>,
) -> Result<End, tonic::transport::Error> {
    let asked = Arc::new(Notify::new());
    let router = router(source, Arc::clone(&asked)).await;
    let (drain, drained) = oneshot::channel::<()>();
    // An error means that the sender is gone, which is a reason to end as well.
    let drained = async { drained.await.unwrap_or_default() };
    let server = async {
        match listener {
            // Without TCP_NODELAY every call waits some 40 ms for a delayed acknowledgement.
            Listener::Tcp(listener) => {
                let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
                router.serve_with_incoming_shutdown(incoming, drained).await
            }
            #[cfg(unix)]
            Listener::Unix(listener) => {
                let incoming = tokio_stream::wrappers::UnixListenerStream::new(listener);
                router.serve_with_incoming_shutdown(incoming, drained).await
            }
        }
    };

    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => return ended.map(|()| End::Drained),
        () = stop => {}
        () = asked.notified() => {}
    }
    // A closed channel means that the server has ended by itself in the meantime.
    drain.send(()).unwrap_or_default();
    match tokio::time::timeout(DRAIN_LIMIT, server).await {
        Ok(ended) => ended.map(|()| End::Drained),
        Err(_elapsed) => Ok(End::CutShort),
    }
}

async fn router(source: Arc<dyn DataSource>, asked: Arc<Notify>) -> Router {
    let data = DataService { source: Arc::clone(&source) };
    let resource = ResourceService { source: Arc::clone(&source) };
    let diagnostics = DiagnosticsService { source };
    let (health, health_service) = tonic_health::server::health_reporter();
    // The name by which the host asks whether the process is alive.
    let serving = tonic_health::ServingStatus::Serving;
    health.set_service_status("plugin", serving).await;

    Server::builder()
        .add_service(DataServer::new(data).max_decoding_message_size(REQUEST_LIMIT))
        .add_service(ResourceServer::new(resource).max_decoding_message_size(REQUEST_LIMIT))
        .add_service(DiagnosticsServer::new(diagnostics).max_decoding_message_size(REQUEST_LIMIT))
        .add_service(StreamServer::new(StreamService).max_decoding_message_size(REQUEST_LIMIT))
        .add_service(GrpcControllerServer::new(ControllerService { asked }))
        .add_service(health_service)
}
