//! One gRPC health check, as Grafana's plugin library asks: whether a plugin serves.

use std::time::Duration;

use tokio::runtime;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use xtask::failure::{Doing, Failure, Outcome};

/// The name under which every plugin serves.
const SERVICE: &str = "plugin";
const LIMIT: Duration = Duration::from_secs(10);

/// An error unless the plugin serves. An address is the path of a unix socket, or a host and a port.
pub fn must_serve(address: &str) -> Outcome<()> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build().doing("start a runtime")?;
    runtime.block_on(ask(address))
}

async fn ask(address: &str) -> Outcome<()> {
    let scheme = if address.starts_with('/') { "unix" } else { "http" };
    let endpoint = Endpoint::from_shared(format!("{scheme}://{address}")).doing("read the plugin's address")?;
    let endpoint = endpoint.connect_timeout(LIMIT).timeout(LIMIT);
    let channel = endpoint.connect().await.doing(format_args!("connect to the plugin at {address}"))?;
    let question = HealthCheckRequest { service: SERVICE.to_owned() };
    let answer = HealthClient::new(channel).check(question).await.doing("ask whether the plugin serves")?;
    match answer.into_inner().status() {
        ServingStatus::Serving => Ok(()),
        other @ (ServingStatus::Unknown | ServingStatus::NotServing | ServingStatus::ServiceUnknown) => {
            Err(Failure::new(format!("the plugin says that it does not serve: {}", other.as_str_name())))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    use tokio_stream::wrappers::TcpListenerStream;
    use tonic::transport::Server;
    use tonic_health::ServingStatus;

    use super::*;

    /// What is said of a server with this status.
    async fn check(status: ServingStatus) -> Outcome<()> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (reporter, service) = tonic_health::server::health_reporter();
        reporter.set_service_status(SERVICE, status).await;
        let serve = Server::builder().add_service(service).serve_with_incoming(TcpListenerStream::new(listener));
        tokio::select! {
            _ = serve => Err(Failure::new("the server ended")),
            verdict = ask(&address) => verdict,
        }
    }

    #[tokio::test]
    async fn a_plugin_that_serves_passes_and_another_fails() {
        check(ServingStatus::Serving).await.unwrap();
        let words = check(ServingStatus::NotServing).await.unwrap_err().to_string();
        assert!(words.contains("NOT_SERVING"), "{words}");
    }

    #[test]
    fn any_other_answer_fails() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || listener.accept().unwrap().0.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
        assert!(must_serve(&address).is_err());
    }
}
