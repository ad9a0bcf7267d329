//! Replies as the protocol has them. The one place that writes sentences for people.

use std::collections::HashMap;

use super::proto::pluginv2::DataResponse;
use super::query_data::{Blame, QueryReply, ReplyError};
use crate::frames::encode::Encoder;

/// One response for each refId that was asked. A query without a reply would read as "no
/// data" and hide an outage from alert rules, so it gets an error.
pub(super) fn responses(ref_ids: &[String], replies: Vec<QueryReply>) -> HashMap<String, DataResponse> {
    let mut responses = HashMap::with_capacity(ref_ids.len());
    for reply in replies {
        if !ref_ids.contains(&reply.ref_id) {
            tracing::error!(ref_id = reply.ref_id, "a reply to a query that nobody asked");
            continue;
        }
        let ref_id = reply.ref_id.clone();
        responses.insert(ref_id, response(reply));
    }
    for ref_id in ref_ids {
        if !responses.contains_key(ref_id) {
            let missing = QueryReply::of_error(ref_id, no_answer(ref_id));
            responses.insert(ref_id.clone(), response(missing));
        }
    }
    responses
}

fn response(reply: QueryReply) -> DataResponse {
    let (status, error, error_source) = match reply.error {
        None => (200, String::new(), ""),
        Some(error) => (error.status, error_text(error.text), blame(error.blame)),
    };
    let mut encoder = Encoder::default();
    let frames = reply.frames.into_iter();
    DataResponse {
        // Each frame is freed as soon as it is encoded: the answer is in memory once.
        frames: frames.map(|frame| encoder.encode(&frame, &reply.ref_id)).collect(),
        error,
        json_meta: Vec::new(),
        status: i32::from(status),
        error_source: error_source.to_owned(),
    }
}

/// Grafana takes an empty error text for success.
fn error_text(text: String) -> String {
    if text.is_empty() {
        "The query failed, and nobody said why: this is a bug in this plugin.".to_owned()
    } else {
        text
    }
}

fn blame(blame: Blame) -> &'static str {
    match blame {
        Blame::Downstream => "downstream",
        Blame::Plugin => "plugin",
    }
}

fn no_answer(ref_id: &str) -> ReplyError {
    ReplyError {
        status: 500,
        blame: Blame::Plugin,
        text: format!("Query {ref_id} got no answer: this is a bug in this plugin."),
    }
}
