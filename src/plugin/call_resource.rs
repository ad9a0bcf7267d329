//! CallResource: small HTTP-like calls, answered with JSON in a stream of pieces.

use std::collections::HashMap;
use std::sync::Arc;

use futures::stream::{self, BoxStream};
use tonic::{Request, Response, Status};

use super::proto::pluginv2;
use super::request_log::RequestLog;
use super::{DataSource, Instance, ResourceReply, ResourceRequest, messages, reply};

/// Grafana's limit for one message is 16 MiB; small pieces keep both sides' buffers small.
const PIECE: usize = 1024 * 1024;

pub(super) struct ResourceService {
    pub(super) source: Arc<dyn DataSource>,
}

#[tonic::async_trait]
impl pluginv2::resource_server::Resource for ResourceService {
    type CallResourceStream = BoxStream<'static, Result<pluginv2::CallResourceResponse, Status>>;

    async fn call_resource(
        &self,
        request: Request<pluginv2::CallResourceRequest>,
    ) -> Result<Response<Self::CallResourceStream>, Status> {
        let mut log = RequestLog::start("CallResource", request.metadata());
        let mut wire = request.into_inner();
        let context = wire.plugin_context.take();
        let instance = Instance::parse(context).map_err(|no| log.refused(no))?;
        log.about(&instance.uid, 0);

        // Before the arguments are decoded and copied.
        let refused = messages::refuse_resource_size(wire.url.len() + wire.path.len(), wire.body.len());
        let answer = async {
            match refused {
                Some(reply) => reply,
                None => self.source.call_resource(instance, parse_request(wire)).await,
            }
        };
        let reply = log.watch(answer, |reply| reply::resource_failure(reply)).await?;
        Ok(Response::new(Box::pin(stream::iter(pieces(reply)))))
    }
}

fn parse_request(wire: pluginv2::CallResourceRequest) -> ResourceRequest {
    let (_, arguments) = wire.url.split_once('?').unwrap_or_default();
    let headers = wire.headers.into_iter();
    ResourceRequest {
        path: wire.path.trim_matches('/').to_owned(),
        method: wire.method,
        arguments: parse_arguments(arguments),
        headers: headers.map(|(name, list)| (name, list.values.into_iter().next().unwrap_or_default())).collect(),
        body: wire.body,
    }
}

/// `a=1&b=x%20y` as a form encodes it.
fn parse_arguments(text: &str) -> Vec<(String, String)> {
    let (text, _fragment) = text.split_once('#').unwrap_or((text, ""));
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let split = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    };
    pairs.map(split).collect()
}

/// Percent decoding; a `%` without two hex digits stays as it is, as browsers do it.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'+', _) => decoded.push(b' '),
            (b'%', [high, low, after @ ..]) if let Some(byte) = hex_byte(*high, *low) => {
                decoded.push(byte);
                rest = after;
            }
            _ => decoded.push(first),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex_byte(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// The first message carries code and headers, all of them a piece of the body.
fn pieces(reply: ResourceReply) -> impl Iterator<Item = Result<pluginv2::CallResourceResponse, Status>> {
    let json = pluginv2::StringList { values: vec!["application/json".to_owned()] };
    let code = i32::from(reply.status);
    let mut head = Some(HashMap::from([("content-type".to_owned(), json)]));
    let mut at = 0;
    std::iter::from_fn(move || {
        let headers = head.take();
        if headers.is_none() && at >= reply.body.len() {
            return None;
        }
        let end = reply.body.len().min(at + PIECE);
        let body = reply.body[at..end].to_vec();
        at = end;
        Some(Ok(pluginv2::CallResourceResponse {
            code: if headers.is_some() { code } else { 0 },
            headers: headers.unwrap_or_default(),
            body,
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url_arguments: &str, expected: &[(&str, &str)]) {
        let expected: Vec<(String, String)> =
            expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        assert_eq!(parse_arguments(url_arguments), expected);
    }

    #[test]
    fn arguments_are_decoded_in_order() {
        check("", &[]);
        check("region=eu-west-1&q=", &[("region", "eu-west-1"), ("q", "")]);
        check("q=a%20b+c%C3%A9&q=2", &[("q", "a b cé"), ("q", "2")]);
        check("q=100%&r=%zz%4&flag", &[("q", "100%"), ("r", "%zz%4"), ("flag", "")]);
        check("a=b=c#top", &[("a", "b=c")]);
    }

    #[test]
    fn a_body_is_cut_into_pieces_and_an_empty_one_still_has_a_head() {
        let sizes = |length: usize| -> Vec<(i32, usize)> {
            let body = vec![b' '; length];
            let cut = pieces(ResourceReply { status: 200, body });
            cut.map(|piece| piece.map(|piece| (piece.code, piece.body.len()))).collect::<Result<_, _>>().unwrap()
        };
        assert_eq!(sizes(0), [(200, 0)]);
        assert_eq!(sizes(PIECE), [(200, PIECE)]);
        assert_eq!(sizes(PIECE + 1), [(200, PIECE), (0, 1)]);
    }
}
