//! HTTP for all clients of the process: one pool of connections, through a proxy where the environment names one. A
//! failure names its host, and an answer has an end.
//!
//! `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` count as they do for the SDK. The surprise: loopback
//! addresses and the addresses at which AWS hands out credentials never go through a proxy, whatever `NO_PROXY` says,
//! because there they would reach the proxy's own machine. Connections are shared between identities: each request is
//! signed for itself.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;

use super::ca_bundle;
use super::host::is_this_machine;
use super::network_error::{AtHost, CaBundleError};
use crate::limits;

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

/// The ways out. Each is made when first used, since making one loads the root certificates.
#[derive(Debug)]
struct Routes {
    settings: HttpConnectorSettings,
    direct: Ways,
    proxied: Ways,
}

/// Apart, so that a file of certificates that cannot be used stops only what needs certificates.
#[derive(Debug, Default)]
struct Ways {
    https: OnceLock<Connector>,
    http: OnceLock<Connector>,
}

impl Routes {
    fn new(settings: HttpConnectorSettings) -> Self {
        Self { settings, direct: Ways::default(), proxied: Ways::default() }
    }

    fn connector(&self, trusted: TlsContext, proxy: ProxyConfig) -> Connector {
        ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .tls_context(trusted)
            .connector_settings(self.settings.clone())
            .proxy_config(proxy)
            .build()
    }

    /// A connector that cannot be made is tried again with the next request: the file of certificates may be mended
    /// meanwhile.
    fn route(&self, uri: &str) -> Result<&Connector, CaBundleError> {
        let (ways, proxy) = if is_this_machine(uri) {
            (&self.direct, ProxyConfig::disabled())
        } else {
            (&self.proxied, ProxyConfig::from_env())
        };
        if uri.starts_with("http://") {
            // A proxy may want certificates, the server does not.
            let trusted = || ca_bundle::trusted().unwrap_or_default();
            return Ok(ways.http.get_or_init(|| self.connector(trusted(), proxy)));
        }
        match ways.https.get() {
            Some(connector) => Ok(connector),
            None => {
                let made = self.connector(ca_bundle::trusted()?, proxy);
                Ok(ways.https.get_or_init(|| made))
            }
        }
    }
}

impl HttpConnector for Routes {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri = request.uri().to_owned();
        let at_host = move |source| AtHost { server: server_of(&uri).to_owned(), proxy: proxy_of(&uri), source }.wrap();
        let connector = match self.route(request.uri()) {
            Ok(connector) => connector,
            Err(error) => return HttpConnectorFuture::ready(Err(at_host(ConnectorError::user(error.into())))),
        };
        let answer = connector.call(request);
        HttpConnectorFuture::new(async move {
            let response = answer.await.map_err(at_host)?;
            Ok(response.map(|body| SdkBody::from_body_1_x(Limited::new(body, limits::AWS_BODY_BYTES))))
        })
    }
}

/// Host and port of a URL.
pub(super) fn host_of(uri: &str) -> &str {
    let server = server_of(uri);
    server.split_once("://").map_or(server, |(_, host)| host)
}

/// Scheme, host and port of a URL.
fn server_of(uri: &str) -> &str {
    let host = uri.find("://").map_or(0, |scheme| scheme + 3);
    let end = uri[host..].find(['/', '?', '#']).map_or(uri.len(), |end| host + end);
    &uri[..end]
}

/// The proxy of the environment for a URL: host and port, never the password before them.
fn proxy_of(uri: &str) -> Option<String> {
    if is_this_machine(uri) || is_excepted(uri) {
        return None;
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let either = |name: &str| set(&name.to_ascii_lowercase()).or_else(|| set(name));
    let of_scheme = if uri.starts_with("https:") { either("HTTPS_PROXY") } else { either("HTTP_PROXY") };
    let proxy = of_scheme.or_else(|| either("ALL_PROXY"))?;
    let host = host_of(&proxy);
    Some(host.rsplit('@').next().unwrap_or(host).to_owned())
}

/// Whether `NO_PROXY` names the host, by itself or by the domain that it ends with.
fn is_excepted(uri: &str) -> bool {
    let listed = std::env::var("no_proxy").or_else(|_| std::env::var("NO_PROXY")).unwrap_or_default();
    let host = host_of(uri);
    let host = host.split(':').next().unwrap_or(host);
    let mut rules = listed.split(',').map(|rule| rule.trim().trim_start_matches('.')).filter(|rule| !rule.is_empty());
    rules.any(|rule| rule == "*" || host == rule || host.strip_suffix(rule).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_without_its_path() {
        assert_eq!(server_of("https://sts.eu-west-1.amazonaws.com/?x"), "https://sts.eu-west-1.amazonaws.com");
        assert_eq!(server_of("http://127.0.0.1:4566"), "http://127.0.0.1:4566");
        assert_eq!(server_of("proxy:3128"), "proxy:3128");
    }
}
