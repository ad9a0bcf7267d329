//! From an answer or a refusal to an HTTP response, with the faults of its body.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use futures::stream;

use super::counters::InFlight;
use super::error::ServiceError;
use super::faults::InjectedFault;
use super::operation::Operation;
use super::output::{Answer, CborWriter, JsonWriter, Writer, XmlWriter, error_body};
use super::request::Protocol;

const SLOW_PIECES: usize = 20;
const PROXY_PAGE: &[u8] = b"<!DOCTYPE html><html><body><h1>Sign in to use this network</h1></body></html>";

pub fn encode<A: Answer>(answer: &A, protocol: Protocol, operation: Operation, request_id: &str) -> Vec<u8> {
    match protocol {
        Protocol::Cbor => {
            let mut writer = CborWriter::default();
            answer.write(&mut writer);
            writer.finish()
        }
        Protocol::Json10 | Protocol::Json11 => {
            let mut writer = JsonWriter::default();
            answer.write(&mut writer);
            writer.finish()
        }
        Protocol::Query(_) => {
            let mut writer = XmlWriter::answer(operation.name(), protocol.namespace());
            answer.write(&mut writer);
            writer.finish(operation.name(), request_id)
        }
    }
}

pub fn refused(error: &ServiceError, protocol: Protocol, request_id: &str) -> Response<Body> {
    let mut status = error.status;
    let body = match protocol {
        Protocol::Cbor => {
            let mut writer = CborWriter::default();
            write_error(error, "com.amazonaws.cloudwatch#", &mut writer);
            writer.finish()
        }
        Protocol::Json10 | Protocol::Json11 => {
            // These protocols say 400 to every fault of the sender.
            if error.is_sender_fault() {
                status = 400;
            }
            let prefix = if protocol == Protocol::Json10 { "com.amazonaws.cloudwatch#" } else { "" };
            let mut writer = JsonWriter::default();
            write_error(error, prefix, &mut writer);
            writer.finish()
        }
        Protocol::Query(_) => error_body(error, protocol.namespace(), request_id),
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = plain(status, body.into(), protocol, request_id);
    // CloudWatch came from the query protocol, and tells newer clients the code that older ones know.
    if matches!(protocol, Protocol::Cbor | Protocol::Json10) {
        let fault = if error.is_sender_fault() { "Sender" } else { "Receiver" };
        let value = HeaderValue::from_str(&format!("{};{fault}", error.code));
        if let Ok(value) = value {
            response.headers_mut().insert(HeaderName::from_static("x-amzn-query-error"), value);
        }
    }
    response
}

fn write_error<W: Writer>(error: &ServiceError, prefix: &str, to: &mut W) {
    to.begin_structure();
    to.key("__type");
    to.string(&format!("{prefix}{}", error.shape));
    to.key("message");
    to.string(&error.message);
    if let Some((name, detail)) = &error.detail {
        to.key(name);
        detail.write(to);
    }
    to.end_structure();
}

/// The response to a call whose answer goes on: an event stream.
pub fn streamed(body: Body, protocol: Protocol, request_id: &str) -> Response<Body> {
    let mut response = plain(StatusCode::OK, body, protocol, request_id);
    let content_type = HeaderValue::from_static("application/vnd.amazon.eventstream");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// The response to a call that succeeded. A faulty body keeps the call open until it was sent.
pub fn answered(
    body: Vec<u8>,
    protocol: Protocol,
    request_id: &str,
    fault: &InjectedFault,
    call: InFlight,
) -> Response<Body> {
    let body = if fault.proxy_page { PROXY_PAGE.to_vec() } else { body };
    let body = if fault.cut_body {
        call.close(Some("CutBody"));
        cut(body)
    } else if fault.slow_body_ms > 0 {
        slow(body, Duration::from_millis(fault.slow_body_ms), call)
    } else {
        call.close(None);
        Body::from(body)
    };
    let mut response = plain(StatusCode::OK, body, protocol, request_id);
    if fault.wrong_content_type || fault.proxy_page {
        let html = HeaderValue::from_static("text/html");
        response.headers_mut().insert(CONTENT_TYPE, html);
        response.headers_mut().remove("smithy-protocol");
    }
    response
}

fn plain(status: StatusCode, body: Body, protocol: Protocol, request_id: &str) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(protocol.content_type()));
    if protocol == Protocol::Cbor {
        let name = HeaderName::from_static("smithy-protocol");
        headers.insert(name, HeaderValue::from_static("rpc-v2-cbor"));
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
    response
}

fn cut(body: Vec<u8>) -> Body {
    let half = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the body is cut on purpose");
    Body::from_stream(stream::iter([Ok(half), Err(broken)]))
}

fn slow(body: Vec<u8>, pause: Duration, call: InFlight) -> Body {
    let piece = body.len().div_ceil(SLOW_PIECES).max(1);
    let start = (Bytes::from(body), Some(call));
    Body::from_stream(stream::unfold(start, move |(mut rest, call)| async move {
        let open = call?;
        tokio::time::sleep(pause).await;
        let now = rest.split_to(piece.min(rest.len()));
        let call = if rest.is_empty() {
            open.close(None);
            None
        } else {
            Some(open)
        };
        Some((Ok::<_, std::io::Error>(now), (rest, call)))
    }))
}
