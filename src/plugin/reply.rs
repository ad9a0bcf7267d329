//! Replies as the protocol has them. The one place that writes sentences for people.

use std::collections::HashMap;

use super::proto::pluginv2::DataResponse;
use super::query_data::{Blame, QueryReply, ReplyError};
use crate::engine::{Failure, Outcome};
use crate::failure::{CallError, CallErrorKind};
use crate::frames::AnswerError;
use crate::frames::encode::Encoder;
use crate::place::ApplicationName;
use crate::settings::SettingsError;

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

/// The reply to a query that the engine has answered, or could not.
pub fn query_reply(outcome: Outcome) -> QueryReply {
    match outcome.result {
        Ok(frames) => QueryReply::of_frames(outcome.ref_id, frames),
        Err(failure) => QueryReply::of_error(outcome.ref_id, describe_failure(&failure)),
    }
}

/// The reply to a query of a data source whose settings cannot be used.
pub fn settings_reply(ref_id: &str, error: &SettingsError) -> QueryReply {
    QueryReply::of_error(ref_id, downstream(400, describe_settings(error)))
}

/// What is wrong with the settings, and where to mend it.
pub fn describe_settings(error: &SettingsError) -> String {
    format!("The settings of this data source cannot be used: {error}. Correct them under Connections, Data sources.")
}

fn downstream(status: u16, text: String) -> ReplyError {
    ReplyError { status, blame: Blame::Downstream, text }
}

fn describe_failure(failure: &Failure) -> ReplyError {
    match failure {
        Failure::Query(error) => downstream(400, error.to_string()),
        Failure::Answer(AnswerError::Call { error, applications }) => {
            downstream(status_of(error.kind), describe_call(error, applications))
        }
        Failure::Answer(AnswerError::UnknownApplications { names, region }) => {
            let text = format!(
                "There is no {} in {region}, neither as an application nor in its metrics of the last two weeks. Check the name and the region.",
                describe_applications(names)
            );
            downstream(404, text)
        }
        Failure::Answer(AnswerError::PartialForAlert { notices }) => {
            let reasons = notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join(" ");
            downstream(502, format!("An alert is not decided on incomplete data. {reasons}"))
        }
    }
}

fn status_of(kind: CallErrorKind) -> u16 {
    match kind {
        CallErrorKind::AccessDenied => 403,
        CallErrorKind::Credentials => 401,
        CallErrorKind::Throttled => 429,
        CallErrorKind::NotFound => 404,
        CallErrorKind::Rejected => 400,
        CallErrorKind::Timeout => 504,
        CallErrorKind::Unreachable | CallErrorKind::ServiceFailure => 502,
    }
}

/// What failed, where, why, and what to do.
pub fn describe_call(error: &CallError, applications: &[ApplicationName]) -> String {
    let CallError { operation, region, message, .. } = error;
    let (service, call) = operation.split_once(':').unwrap_or(("AWS", operation));
    let service = service_name(service);
    let about = match applications {
        [] => String::new(),
        names => format!(" of {}", describe_applications(names)),
    };
    let (why, advice) = match error.kind {
        CallErrorKind::AccessDenied => {
            (format!("{service} denied {call}"), format!("Add {operation} to the policy of this data source"))
        }
        CallErrorKind::Credentials => (
            format!("AWS does not accept the credentials ({message})"),
            "Check the authentication of this data source".to_owned(),
        ),
        CallErrorKind::Throttled => (
            format!("{service} throttled {call}"),
            "Too many requests reach this account's quota; refresh less often or ask for less".to_owned(),
        ),
        CallErrorKind::NotFound => {
            (format!("{service} does not know it ({message})"), "Check the name and the region".to_owned())
        }
        CallErrorKind::Rejected => (format!("{service} rejected {call} ({message})"), "Change the query".to_owned()),
        CallErrorKind::Timeout => (
            format!("{call} gave no answer in time ({message})"),
            "Try again, or raise the request timeout of this data source".to_owned(),
        ),
        CallErrorKind::Unreachable => (
            format!("{service} cannot be reached ({message})"),
            "Check the region, the endpoint and the network of the Grafana server".to_owned(),
        ),
        CallErrorKind::ServiceFailure => (format!("{service} failed on {call} ({message})"), "Try again".to_owned()),
    };
    format!("Cannot read data{about} in {region}: {why}. {advice}.")
}

fn service_name(prefix: &str) -> &str {
    match prefix {
        "cloudwatch" => "CloudWatch",
        "kinesisanalytics" => "Managed Service for Apache Flink",
        "sts" => "AWS STS",
        other => other,
    }
}

/// Longest list of names in one sentence.
const NAMES_SHOWN: usize = 3;

fn describe_applications(names: &[ApplicationName]) -> String {
    let shown = names.iter().take(NAMES_SHOWN).map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    match names.len() {
        1 => format!("application {shown}"),
        count if count > NAMES_SHOWN => format!("applications {shown} and {} more", count - NAMES_SHOWN),
        _ => format!("applications {shown}"),
    }
}
