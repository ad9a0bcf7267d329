//! From an HTTP request to a call: which service, operation, protocol, and whose.

use axum::http::{HeaderMap, Uri};
use serde_json::Value;

use super::error::ServiceError;
use super::identity::Caller;
use super::input;
use super::operation::{Operation, Service};

const CBOR_PATH: &str = "/service/GraniteServiceVersion20100801/operation/";
const CLOUDWATCH_TARGET: &str = "GraniteServiceVersion20100801";
const KINESIS_ANALYTICS_TARGET: &str = "KinesisAnalytics_20180523";
const LOGS_TARGET: &str = "Logs_20140328";

/// How a request is written, and its answer too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Cbor,
    Json10,
    Json11,
    Query(Service),
}

impl Protocol {
    /// As in the counters.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cbor => "cbor",
            Self::Json10 | Self::Json11 => "json",
            Self::Query(_) => "query",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Cbor => "application/cbor",
            Self::Json10 => "application/x-amz-json-1.0",
            Self::Json11 => "application/x-amz-json-1.1",
            Self::Query(_) => "text/xml",
        }
    }

    /// The XML namespace of the query protocol.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Query(Service::Sts) => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::Query(Service::CloudWatch | Service::KinesisAnalytics | Service::Logs)
            | Self::Cbor
            | Self::Json10
            | Self::Json11 => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        }
    }
}

/// A request whose operation is known; its input is still a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub operation: Operation,
    pub input: Value,
    pub caller: Caller,
}

/// The protocol comes first: a refusal must be written in it, too.
pub fn protocol(uri: &Uri, headers: &HeaderMap) -> Protocol {
    if uri.path().starts_with("/service/") || text(headers, "smithy-protocol") == Some("rpc-v2-cbor") {
        return Protocol::Cbor;
    }
    match text(headers, "x-amz-target").and_then(|target| target.split_once('.')) {
        Some((CLOUDWATCH_TARGET, _)) => Protocol::Json10,
        Some(_) => Protocol::Json11,
        None => Protocol::Query(match scope_of(headers) {
            Some("sts") => Service::Sts,
            Some(_) | None => Service::CloudWatch,
        }),
    }
}

fn scope_of(headers: &HeaderMap) -> Option<&str> {
    text(headers, "authorization")?.split('/').nth(3)
}

/// What is asked, and by whom.
pub fn parse(protocol: Protocol, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Call, ServiceError> {
    let inflated;
    let body = match text(headers, "content-encoding") {
        Some("gzip") => {
            inflated = input::inflate(body)?;
            &inflated
        }
        Some(_) | None => body,
    };
    let (operation, input) = match protocol {
        Protocol::Cbor => {
            let name = uri.path().strip_prefix(CBOR_PATH).unwrap_or(uri.path());
            (Operation::parse(Service::CloudWatch, name)?, input::parse_cbor(body)?)
        }
        Protocol::Json10 | Protocol::Json11 => (operation_of_target(headers)?, input::parse_json(body)?),
        Protocol::Query(service) => parse_form(service, uri, body)?,
    };
    let caller = Caller::parse(text(headers, "authorization"))?;
    Ok(Call { operation, input, caller })
}

fn operation_of_target(headers: &HeaderMap) -> Result<Operation, ServiceError> {
    let target = text(headers, "x-amz-target").unwrap_or_default();
    match target.split_once('.') {
        Some((CLOUDWATCH_TARGET, name)) => Operation::parse(Service::CloudWatch, name),
        Some((LOGS_TARGET, name)) => Operation::parse(Service::Logs, name),
        Some((KINESIS_ANALYTICS_TARGET, name)) => Operation::parse(Service::KinesisAnalytics, name),
        Some(_) | None => Err(ServiceError::unknown_operation(target)),
    }
}

fn parse_form(service: Service, uri: &Uri, body: &[u8]) -> Result<(Operation, Value), ServiceError> {
    let form = if body.is_empty() { uri.query().unwrap_or_default().as_bytes() } else { body };
    let tree = input::parse_query(form)?;
    let action = tree.get("Action").and_then(Value::as_str).unwrap_or_default();
    let operation = Operation::parse(service, action)?;
    Ok((operation, tree))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
