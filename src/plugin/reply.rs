//! Replies as the protocol has them.

use std::collections::HashMap;

use super::call_resource::ResourceReply;
use super::check_health::{HealthReply, HealthVerdict};
use super::proto::pluginv2::DataResponse;
use super::query_data::{Blame, QueryReply, ReplyError};
use super::record::Failure;
use crate::frames::encode::Encoder;

/// One reply for each refId that was asked, and no other. A query without a reply would read
/// as "no data" and hide an outage from alert rules, so it gets an error.
pub(super) fn complete(ref_ids: &[String], mut replies: Vec<QueryReply>) -> Vec<QueryReply> {
    replies.retain(|reply| ref_ids.contains(&reply.ref_id));
    for ref_id in ref_ids {
        if !replies.iter().any(|reply| reply.ref_id == *ref_id) {
            replies.push(QueryReply::of_error(ref_id, no_answer(ref_id)));
        }
    }
    for error in replies.iter_mut().filter_map(|reply| reply.error.as_mut()) {
        // Grafana takes an error without a text for success.
        if error.text.is_empty() {
            "The query failed without a reason: this is a bug in this plugin.".clone_into(&mut error.text);
        }
    }
    replies
}

pub(super) fn responses(replies: Vec<QueryReply>) -> HashMap<String, DataResponse> {
    let by_ref_id = |reply: QueryReply| (reply.ref_id.clone(), response(reply));
    replies.into_iter().map(by_ref_id).collect()
}

fn response(reply: QueryReply) -> DataResponse {
    let (status, error, error_source) = match reply.error {
        None => (200, String::new(), ""),
        Some(error) => (error.status, error.text, error_source(error.blame)),
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

fn error_source(blame: Blame) -> &'static str {
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

/// What the log says about queries that failed; ours as soon as one of them is.
pub(super) fn query_failure(replies: &[QueryReply]) -> Option<Failure> {
    let failed = replies.iter().filter_map(|reply| Some((&reply.ref_id, reply.error.as_ref()?)));
    let blames_us = failed.clone().any(|(_, error)| error.blame == Blame::Plugin);
    let texts: Vec<String> = failed.map(|(ref_id, error)| format!("{ref_id}: {}", error.text)).collect();
    (!texts.is_empty())
        .then(|| Failure { blame: if blames_us { Blame::Plugin } else { Blame::Downstream }, text: texts.join(" ") })
}

/// What the log says about a resource; its body may repeat what the user typed and stays out.
pub(super) fn resource_failure(reply: &ResourceReply) -> Option<Failure> {
    let blame = match reply.status {
        0..400 => return None,
        400..500 | 502..=504 => Blame::Downstream,
        _ => Blame::Plugin,
    };
    Some(Failure { blame, text: format!("status {}", reply.status) })
}

/// What the log says about a failed health check: what the person at the editor reads.
pub(super) fn health_failure(reply: &HealthReply) -> Option<Failure> {
    match reply.verdict {
        HealthVerdict::Ok => None,
        HealthVerdict::Error => Some(Failure { blame: Blame::Downstream, text: reply.message.clone() }),
    }
}
