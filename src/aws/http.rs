//! HTTP for all clients of the process: one pool of connections, through a proxy where the environment names one.
//!
//! `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` count as they do for the SDK. The surprise: loopback addresses and the
//! addresses at which AWS hands out credentials never go through a proxy, whatever `NO_PROXY` says, because there
//! they would reach the proxy's own machine. Connections are shared between identities: each request is signed for itself.

use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// The HTTP client that all SDK clients and credential providers use.
pub(super) fn network() -> SharedHttpClient {
    SharedHttpClient::new(Network::default())
}

/// Connectors by their timeouts: connect, then read. There are two or three in a process.
#[derive(Debug, Default)]
struct Network {
    routes: Mutex<Vec<(Timeouts, SharedHttpConnector)>>,
}

type Timeouts = (Option<Duration>, Option<Duration>);

impl HttpClient for Network {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = routes.iter().find(|(of, _)| *of == timeouts) {
            return known.clone();
        }
        let new = SharedHttpConnector::new(Routes::new(settings.clone()));
        routes.push((timeouts, new.clone()));
        new
    }
}

/// The two ways out. Each is made when first used, since making one loads the root certificates.
#[derive(Debug)]
struct Routes {
    settings: HttpConnectorSettings,
    direct: OnceLock<Connector>,
    proxied: OnceLock<Connector>,
}

impl Routes {
    fn new(settings: HttpConnectorSettings) -> Self {
        Self { settings, direct: OnceLock::new(), proxied: OnceLock::new() }
    }

    fn connector(&self, proxy: ProxyConfig) -> Connector {
        ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .connector_settings(self.settings.clone())
            .proxy_config(proxy)
            .build()
    }
}

impl HttpConnector for Routes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = if is_this_machine(request.uri()) {
            self.direct.get_or_init(|| self.connector(ProxyConfig::disabled()))
        } else {
            self.proxied.get_or_init(|| self.connector(ProxyConfig::from_env()))
        };
        connector.call(request)
    }
}

/// Whether a URL's host is this machine, or an address that means something else on each machine.
fn is_this_machine(uri: &str) -> bool {
    let Some((_, rest)) = uri.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        // fd00:ec2::/32 is where EC2 and EKS hand out credentials over IPv6.
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.segments()[..2] == [0xfd00, 0x0ec2],
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_metadata_addresses_are_reached_directly() {
        let direct = [
            "http://127.0.0.1:4566/",
            "https://localhost/x",
            "http://[::1]:80",
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.2",
            "http://[fd00:ec2::23]/v1/credentials",
        ];
        for uri in direct {
            assert!(is_this_machine(uri), "{uri}");
        }
        for uri in
            ["https://monitoring.eu-west-1.amazonaws.com/", "http://10.0.0.1/", "http://localhost.example.com", "x"]
        {
            assert!(!is_this_machine(uri), "{uri}");
        }
    }
}
