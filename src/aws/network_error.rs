//! What kept a request from its server, told with the server's name.
//!
//! The SDK's own words are "io error" and "TLS handshake failed"; what helps is which host it was, on which way, and
//! whether nobody answered, somebody else did, or somebody who cannot be trusted.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use http_body_util::LengthLimitError;

use super::host::is_this_machine;
use crate::failure::{CallErrorKind, Cause, Server};
use crate::limits;

/// A failure of the connection, with where it was going.
#[derive(Debug)]
pub(super) struct AtHost {
    /// With its scheme, and its port where one is written.
    pub(super) server: String,
    /// Host and port.
    pub(super) proxy: Option<String>,
    pub(super) source: ConnectorError,
}

impl AtHost {
    /// The same failure for the SDK, which tries again by its kind.
    pub(super) fn wrap(self) -> ConnectorError {
        match (self.source.is_timeout(), self.source.is_io(), self.source.is_user()) {
            (true, _, _) => ConnectorError::timeout(self.into()),
            (_, true, _) => ConnectorError::io(self.into()),
            (_, _, true) => ConnectorError::user(self.into()),
            _ => {
                let kind = self.source.as_other();
                ConnectorError::other(self.into(), kind)
            }
        }
    }

    fn host(&self) -> &str {
        self.server.split_once("://").map_or(self.server.as_str(), |(_, host)| host)
    }

    fn is_https(&self) -> bool {
        self.server.starts_with("https://")
    }
}

impl fmt::Display for AtHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host())?;
        match &self.proxy {
            Some(proxy) => write!(f, ", through the proxy {proxy}"),
            None => Ok(()),
        }
    }
}

/// What the connector's own error says is its kind, which the SDK knows already.
impl Error for AtHost {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}

/// The certificates that an administrator named cannot be used.
#[derive(Debug)]
pub(super) struct CaBundleError(pub(super) String);

impl fmt::Display for CaBundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for CaBundleError {}

/// A failure on the way to a server; None where `causes` name no server that is elsewhere. (The addresses at which
/// a machine hands out credentials do not answer where there is no role: that is told as missing credentials.)
pub(super) fn describe<'a>(
    causes: impl Iterator<Item = &'a (dyn Error + 'static)> + Clone,
    words_of: fn(&(dyn Error + 'static)) -> String,
    usual: CallErrorKind,
) -> Option<Found> {
    let at = causes.clone().find_map(|cause| cause.downcast_ref::<AtHost>())?;
    if is_metadata_server(&at.server) {
        return None;
    }
    let reason = at.source().map(words_of).filter(|words| !words.is_empty());
    let reason = reason.unwrap_or_else(|| "no connection".to_owned());
    let is_bundle = causes.clone().any(|cause| cause.downcast_ref::<CaBundleError>().is_some());
    let server = Server { host: Some(at.host().to_owned()), proxy: at.proxy.clone(), ..Server::default() };
    let (kind, words) = if is_bundle {
        (CallErrorKind::CaBundle, reason)
    } else if reason.contains("invalid peer certificate") {
        (CallErrorKind::Untrusted, reason)
    } else if let Some(words) = wrong_protocol(at, &reason) {
        (CallErrorKind::WrongServer, words.to_owned())
    } else if reason.contains("connection closed before message completed") {
        // It was reached, and hung up.
        (CallErrorKind::ServiceFailure, "the connection was closed before the answer was complete".to_owned())
    } else {
        (usual, reason)
    };
    Some(Found { server, ..Found::of(kind, words) })
}

/// The words of rustls and hyper for bytes of the other protocol.
fn wrong_protocol(at: &AtHost, reason: &str) -> Option<&'static str> {
    let is_no_tls = reason.contains("corrupt message") || reason.contains("InvalidContentType");
    if at.is_https() && is_no_tls {
        return Some("it does not speak https: write http:// in front of the endpoint, if that is what it speaks");
    }
    let is_no_http = reason.contains("invalid HTTP version") || reason.contains("invalid HTTP status");
    (!at.is_https() && is_no_http).then_some("it does not speak http: write https:// in front of the endpoint")
}

fn is_metadata_server(server: &str) -> bool {
    is_this_machine(server) && (server.contains("//169.254.") || server.contains("[fd00:ec2"))
}

/// What an answer says that is not one of AWS; None where it may be.
pub(super) fn foreign_answer(response: &HttpResponse) -> Option<String> {
    let status = response.status().as_u16();
    let body = response.body().bytes().unwrap_or_default();
    let head = String::from_utf8_lossy(&body[..body.len().min(HEAD)]).to_ascii_lowercase();
    if head.contains("https server") || head.contains("https port") {
        return Some("it speaks https: write https:// in front of the endpoint".to_owned());
    }
    if (300..400).contains(&status) {
        return Some(format!("it redirects to another address, with HTTP status {status}"));
    }
    let content = response.headers().get("content-type").unwrap_or_default();
    let is_page = content.contains("text/html") || head.contains("<html") || head.contains("<!doctype html");
    // A balancer of AWS's own tells an overload with a page.
    (is_page && status < 500).then(|| format!("a web page with HTTP status {status}, like the login page of a proxy"))
}

/// What of a body is looked at.
const HEAD: usize = 1024;

/// Whether a body had no end, or one too far away.
pub(super) fn too_long<'a>(mut causes: impl Iterator<Item = &'a (dyn Error + 'static)>) -> Option<String> {
    causes
        .any(|cause| cause.downcast_ref::<LengthLimitError>().is_some())
        .then(|| format!("its answer is longer than {} MiB", limits::AWS_BODY_BYTES >> 20))
}

/// What an error of the SDK says.
pub(super) struct Found {
    pub(super) kind: CallErrorKind,
    pub(super) cause: Cause,
    pub(super) server: Server,
    pub(super) words: String,
}

impl Found {
    pub(super) fn of(kind: CallErrorKind, words: String) -> Self {
        Self { kind, cause: Cause::Other, server: Server::default(), words }
    }
}
