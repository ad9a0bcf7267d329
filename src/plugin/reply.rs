//! Replies as the protocol has them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::data_source::{Blame, HealthReply, HealthVerdict, QueryReply, ReplyError, ResourceReply};
use super::messages;
use super::proto::pluginv2::DataResponse;
use super::request_log::ReplyFailure;
use crate::frames::encode::Encoder;
use crate::limits;

/// One reply for each refId that was asked, and no other. A query without a reply would read
/// as "no data" and hide an outage from alert rules, so it gets an error.
pub(super) fn complete(ref_ids: &[String], mut replies: Vec<QueryReply>) -> Vec<QueryReply> {
    let asked: HashSet<&str> = ref_ids.iter().map(String::as_str).collect();
    replies.retain(|reply| asked.contains(reply.ref_id.as_str()));
    let answered: HashSet<&str> = replies.iter().map(|reply| reply.ref_id.as_str()).collect();
    let missing = asked.difference(&answered).map(|ref_id| QueryReply::of_error(*ref_id, no_answer(ref_id)));
    let missing: Vec<QueryReply> = missing.collect();
    replies.extend(missing);
    for repeated in repeated(ref_ids) {
        // One answer would be lost without a word: Grafana has one place for both.
        replies.retain(|reply| reply.ref_id != *repeated);
        replies.push(QueryReply::of_error(repeated, messages::repeated_ref_id(repeated)));
    }
    for error in replies.iter_mut().filter_map(|reply| reply.error.as_mut()) {
        // Grafana takes an error without a text for success.
        if error.text.is_empty() {
            "The query failed without a reason: this is a bug in this plugin.".clone_into(&mut error.text);
        }
    }
    replies
}

/// The refIds of more than one query.
fn repeated(ref_ids: &[String]) -> BTreeSet<&String> {
    let mut seen = HashSet::new();
    ref_ids.iter().filter(|ref_id| !seen.insert(ref_id.as_str())).collect()
}

pub(super) fn responses(replies: Vec<QueryReply>) -> HashMap<String, DataResponse> {
    responses_within(replies, limits::ANSWER_BYTES)
}

/// What does not fit is an error, and what comes after it is answered where it is smaller.
fn responses_within(replies: Vec<QueryReply>, mut left: usize) -> HashMap<String, DataResponse> {
    let mut by_ref_id = HashMap::with_capacity(replies.len());
    for reply in replies {
        let ref_id = reply.ref_id.clone();
        by_ref_id.insert(ref_id, response(reply, &mut left));
    }
    by_ref_id
}

/// `left` is how many bytes the answer may still grow by.
fn response(reply: QueryReply, left: &mut usize) -> DataResponse {
    let mut encoder = Encoder::default();
    let mut frames = Vec::with_capacity(reply.frames.len());
    // Each frame is freed as soon as it is encoded: the answer is in memory once.
    for frame in reply.frames {
        let encoded = encoder.encode(&frame, &reply.ref_id);
        let Some(rest) = left.checked_sub(encoded.len()) else {
            return response(QueryReply::of_error(reply.ref_id, messages::answer_too_large()), left);
        };
        *left = rest;
        frames.push(encoded);
    }
    let (status, error, error_source) = match reply.error {
        None => (200, String::new(), ""),
        Some(error) => (error.status, error.text, error_source(error.blame)),
    };
    DataResponse {
        frames,
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

/// What the log says about queries that failed; ours as soon as one of them is. Equal texts are said once.
pub(super) fn query_failure(replies: &[QueryReply]) -> Option<ReplyFailure> {
    let failed = replies.iter().filter_map(|reply| Some((reply.ref_id.as_str(), reply.error.as_ref()?)));
    let blames_us = failed.clone().any(|(_, error)| error.blame == Blame::Plugin);
    let mut by_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (ref_id, error) in failed {
        by_text.entry(&error.text).or_default().push(ref_id);
    }
    let named = by_text.iter().take(limits::LOG_FAILURES);
    let mut texts: Vec<String> = named
        .map(|(text, ref_ids)| format!("{}: {}", describe_ref_ids(ref_ids), limits::cut(text, limits::LOG_TEXT_BYTES)))
        .collect();
    match by_text.len().saturating_sub(limits::LOG_FAILURES) {
        0 => {}
        more => texts.push(format!("({more} other failures.)")),
    }
    (!texts.is_empty()).then(|| ReplyFailure {
        blame: if blames_us { Blame::Plugin } else { Blame::Downstream },
        text: texts.join(" "),
    })
}

/// Every refId, or the first few of many.
fn describe_ref_ids(ref_ids: &[&str]) -> String {
    let mut ref_ids = ref_ids.to_vec();
    ref_ids.sort_unstable();
    let named = ref_ids.iter().take(limits::LOG_FAILURES).map(|ref_id| limits::cut(ref_id, limits::REF_ID_BYTES));
    let named = named.collect::<Vec<_>>().join(", ");
    match ref_ids.len().saturating_sub(limits::LOG_FAILURES) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// What the log says about a resource; its body may repeat what the user typed and stays out.
pub(super) fn resource_failure(reply: &ResourceReply) -> Option<ReplyFailure> {
    let blame = match reply.status {
        0..400 => return None,
        400..500 | 502..=504 => Blame::Downstream,
        _ => Blame::Plugin,
    };
    Some(ReplyFailure { blame, text: format!("status {}", reply.status) })
}

/// What the log says about a failed health check: what the person at the editor reads.
pub(super) fn health_failure(reply: &HealthReply) -> Option<ReplyFailure> {
    match reply.verdict {
        HealthVerdict::Ok => None,
        HealthVerdict::Error => Some(ReplyFailure { blame: Blame::Downstream, text: reply.message.clone() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::frame::{Field, Frame, Values};

    fn reply(ref_id: &str, numbers: usize) -> QueryReply {
        let field = Field::new("value", Values::Number(vec![1.0; numbers]));
        QueryReply::of_frames(ref_id, vec![Frame { fields: vec![field], ..Frame::default() }])
    }

    #[test]
    fn an_answer_that_grows_too_large_is_an_error_and_the_others_stay() {
        let replies = vec![reply("A", 10_000), reply("B", 10_000), reply("C", 10)];
        let responses = responses_within(replies, 100_000);
        assert_eq!((responses["A"].status, responses["A"].frames.len()), (200, 1));
        assert_eq!((responses["B"].status, responses["B"].frames.len()), (400, 0));
        assert!(responses["B"].error.contains("larger than 128 MiB"), "{}", responses["B"].error);
        assert_eq!(responses["C"].status, 200);
    }

    #[test]
    fn equal_failures_of_a_request_are_said_once_in_the_log() {
        let failed = |number: usize, text: &str| {
            QueryReply::of_error(
                format!("Q{number}"),
                ReplyError { status: 400, blame: Blame::Downstream, text: text.to_owned() },
            )
        };
        let mut replies: Vec<QueryReply> = (1..=9).map(|number| failed(number, "No.")).collect();
        assert_eq!(query_failure(&replies).unwrap().text, "Q1, Q2, Q3, Q4, Q5 and 4 more: No.");
        replies.extend((10..20).map(|number| failed(number, &format!("No {number}."))));
        let text = query_failure(&replies).unwrap().text;
        assert!(text.ends_with("(6 other failures.)"), "{text}");
        let long = query_failure(&[failed(1, &"x".repeat(4_000_000))]).unwrap().text;
        assert!(long.len() < 3000);
    }
}
