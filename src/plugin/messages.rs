//! The one place that writes sentences for people: what failed, where, why, and what to do; and whom it blames.

use serde_json::{Map, Value, json};

use super::data_source::{Blame, HealthReply, HealthVerdict, Query, QueryReply, ReplyError, ResourceReply};
use crate::aws::CallerIdentity;
use crate::billing::describe_dollars;
use crate::compute::AnswerError;
use crate::engine::{QueryFailure, QueryOutcome};
use crate::failure::{CallError, CallErrorKind};
use crate::limits;
use crate::notice::{capital, describe_applications};
use crate::place::{ApplicationName, Place};
use crate::plan::size::Excess;
use crate::resources::{Estimate, Resource, ResourceError};
use crate::save_and_test::{self, HealthReport, PermissionLine};
use crate::settings::SettingsError;
use crate::settings::costs::{REQUEST_DOLLARS, REQUEST_POINTS};

/// The reply to a query that the engine has answered, or could not.
pub fn query_reply(outcome: QueryOutcome) -> QueryReply {
    match outcome.result {
        Ok(frames) => QueryReply::of_frames(outcome.ref_id, frames),
        Err(failure) => QueryReply::of_error(outcome.ref_id, describe_failure(&failure)),
    }
}

/// The reply to a query of a data source whose settings cannot be used.
pub fn settings_reply(ref_id: &str, error: &SettingsError) -> QueryReply {
    QueryReply::of_error(ref_id, downstream(400, describe_settings(error)))
}

/// The reply to a drop-down of a data source whose settings cannot be used.
pub fn settings_resource_reply(error: &SettingsError) -> ResourceReply {
    message_reply(400, &describe_settings(error))
}

/// "Save & test" with settings that cannot be used.
pub fn settings_health_reply(error: &SettingsError) -> HealthReply {
    HealthReply { verdict: HealthVerdict::Error, message: describe_settings(error), details: Map::new() }
}

/// The resource `path` as JSON, or why there is none.
pub fn resource_reply(path: &str, answer: Result<Resource, ResourceError>) -> ResourceReply {
    match answer {
        Ok(resource) => ResourceReply { status: 200, body: json!(with_failures(resource)).to_string().into_bytes() },
        Err(error) => resource_error(path, &error),
    }
}

/// What a query would cost as JSON, or why that cannot be said.
pub fn estimate_reply(answer: Result<Estimate, ResourceError>) -> ResourceReply {
    match answer {
        Ok(mut estimate) => {
            if let Some((error, applications)) = &estimate.failure {
                estimate.reason = Some(describe_call("all that the query needs", error, applications));
            }
            ResourceReply { status: 200, body: json!(estimate).to_string().into_bytes() }
        }
        Err(error) => resource_error("estimate", &error),
    }
}

fn resource_error(path: &str, error: &ResourceError) -> ResourceReply {
    match error {
        ResourceError::Call { error, applications } => {
            let text = describe_call(&path.replace('-', " "), error, applications);
            message_reply(status_of(error.kind), &text)
        }
        ResourceError::Query(error) => message_reply(400, &error.to_string()),
        ResourceError::UnknownApplications { names, place } => message_reply(404, &describe_unknown(names, place)),
        ResourceError::Unlinked(why) => message_reply(404, why),
        ResourceError::Notebooks(_)
        | ResourceError::UnknownPath { .. }
        | ResourceError::NoMetrics { .. }
        | ResourceError::NoMatch { .. } => message_reply(404, &sentence(error)),
        ResourceError::WrongMethod { .. } => message_reply(405, &sentence(error)),
        ResourceError::MissingArgument { .. }
        | ResourceError::WrongArgument { .. }
        | ResourceError::UnreadableBody
        | ResourceError::WrongBody { .. }
        | ResourceError::Variable { .. }
        | ResourceError::TooManyApplications { .. } => message_reply(400, &sentence(error)),
    }
}

/// What could not be read of an application, among the notices.
fn with_failures(resource: Resource) -> Resource {
    match resource {
        Resource::Choices(_) => resource,
        Resource::Application(mut report) => {
            let name = ApplicationName::from(report.name.as_str());
            let failures = std::mem::take(&mut report.failures);
            report
                .notices
                .extend(failures.iter().map(|error| describe_call("data", error, std::slice::from_ref(&name))));
            Resource::Application(report)
        }
    }
}

/// The verdict, with a line per permission for the config editor.
pub fn health_reply(report: HealthReport) -> HealthReply {
    let lines: Vec<Value> = report.lines.iter().map(permission_json).collect();
    HealthReply {
        verdict: if report.ok { HealthVerdict::Ok } else { HealthVerdict::Error },
        message: report.message,
        details: Map::from_iter([
            ("permissions".to_owned(), Value::Array(lines)),
            ("identity".to_owned(), report.identity.map_or(Value::Null, |identity| identity_json(&identity))),
        ]),
    }
}

fn identity_json(identity: &CallerIdentity) -> Value {
    json!({ "arn": identity.arn, "account": identity.account.as_str() })
}

fn permission_json(line: &PermissionLine) -> Value {
    let (outcome, reason) = match &line.outcome {
        save_and_test::PermissionOutcome::Ok => ("ok", None),
        save_and_test::PermissionOutcome::Denied => ("denied", None),
        save_and_test::PermissionOutcome::Failed(reason) => ("failed", Some(reason.as_str())),
        save_and_test::PermissionOutcome::NotTried(reason) => ("notTried", Some(*reason)),
    };
    json!({ "action": line.action, "outcome": outcome, "reason": reason, "advice": line.advice })
}

fn message_reply(status: u16, text: &str) -> ResourceReply {
    ResourceReply { status, body: json!({ "message": text }).to_string().into_bytes() }
}

/// An error's text with a capital and a full stop.
fn sentence(error: &ResourceError) -> String {
    capital(&error.to_string()) + "."
}

/// What is wrong with the settings, and where to mend it.
pub fn describe_settings(error: &SettingsError) -> String {
    format!("The settings of this data source cannot be used: {error}. Correct them under Connections, Data sources.")
}

/// Why queries of one refId have no answer.
pub fn repeated_ref_id(ref_id: &str) -> ReplyError {
    let ref_id = limits::cut(ref_id, limits::REF_ID_BYTES);
    let text = format!(
        "Several queries of this request have the refId \"{ref_id}\": only one of them could be shown. Give each its own."
    );
    downstream(400, text)
}

fn downstream(status: u16, text: String) -> ReplyError {
    ReplyError { status, blame: Blame::Downstream, text }
}

fn describe_failure(failure: &QueryFailure) -> ReplyError {
    match failure {
        QueryFailure::Query(error) => downstream(400, error.to_string()),
        QueryFailure::Panicked => ReplyError {
            status: 500,
            blame: Blame::Plugin,
            text: "The query failed because of a bug in this plugin; its log has the details.".to_owned(),
        },
        QueryFailure::Answer(AnswerError::Call { error, applications }) => {
            downstream(status_of(error.kind), describe_call("data", error, applications))
        }
        QueryFailure::Answer(AnswerError::UnknownApplications { names, place }) => {
            downstream(404, describe_unknown(names, place))
        }
        QueryFailure::Answer(AnswerError::TooLarge(excess)) => downstream(400, describe_excess(*excess)),
        QueryFailure::Answer(AnswerError::PartialForAlert { notices }) => {
            let reasons = notices.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>().join(" ");
            downstream(502, format!("An alert rule is not evaluated on incomplete data. {reasons}"))
        }
        QueryFailure::Answer(AnswerError::MissingForAlert { reasons }) => {
            downstream(404, format!("An alert rule is not evaluated on incomplete data. {}", reasons.join(" ")))
        }
    }
}

fn describe_unknown(names: &[ApplicationName], place: &Place) -> String {
    format!(
        "There {} no {} in {}, neither as an application nor in its metrics of the last two weeks. Check the name and the region.",
        if names.len() == 1 { "is" } else { "are" },
        describe_applications(names),
        place.describe()
    )
}

/// What an answer would be too large with, and what to choose instead.
fn describe_excess(excess: Excess) -> String {
    let fewer = "Name fewer applications, tasks or signals";
    match excess {
        Excess::Lines(found) => format!(
            "This query would draw {found} lines; at most {} are drawn. {fewer}, or ask for the top of them.",
            limits::LINES
        ),
        Excess::Series(found) => format!(
            "This query would compute with {found} series; at most {} are read. {fewer}, or a level above subtasks.",
            limits::SERIES
        ),
        Excess::Points { found, most } => format!(
            "The queries of this request would compute with {found} points up to this one; at most {most} are read \
             ({REQUEST_POINTS} of this data source). Choose a shorter time range or a longer period. {fewer}."
        ),
        Excess::Billed { found, most } => format!(
            "The queries of this request could cost {} up to this one ({found} metrics of CloudWatch); at most {} are spent \
             ({REQUEST_DOLLARS} of this data source). {fewer}, a level above subtasks, or fewer periods.",
            describe_dollars(found),
            describe_dollars(most)
        ),
    }
}

/// A request with more queries than are answered.
pub fn too_many_queries(count: usize) -> ReplyError {
    let text = format!("This request has {count} queries; at most {} are answered. Split the panel.", limits::QUERIES);
    downstream(400, text)
}

/// A query that is too large to be read; None for all others.
pub fn refuse_size(query: &Query) -> Option<ReplyError> {
    let too_long = |what: &str, found: usize, most: usize| {
        downstream(
            400,
            format!("The {what} of this query has {found} bytes; at most {most} are read. Make it shorter."),
        )
    };
    match query {
        Query { ref_id, .. } if ref_id.len() > limits::REF_ID_BYTES => {
            Some(too_long("name (refId)", ref_id.len(), limits::REF_ID_BYTES))
        }
        Query { json, .. } if json.len() > limits::QUERY_BYTES => {
            Some(too_long("JSON", json.len(), limits::QUERY_BYTES))
        }
        Query { query_type, .. } if query_type.len() > limits::TEXT_BYTES => {
            Some(too_long("type", query_type.len(), limits::TEXT_BYTES))
        }
        Query { .. } => None,
    }
}

/// A query whose frames do not fit into the answer any more.
pub fn answer_too_large() -> ReplyError {
    let text = format!(
        "The answers to this request are larger than {} MiB. Choose a shorter time range or a longer period, or split the panel.",
        limits::ANSWER_BYTES >> 20
    );
    downstream(400, text)
}

/// A drop-down whose URL or body is too long to be read; None for all others.
pub fn refuse_resource_size(url: usize, body: usize) -> Option<ResourceReply> {
    let too_long = |what: &str, found: usize, most: usize| {
        message_reply(
            413,
            &format!("The {what} has {found} bytes; at most {most} are read. Name fewer of them, or use a pattern."),
        )
    };
    if url > limits::URL_BYTES {
        return Some(too_long("URL", url, limits::URL_BYTES));
    }
    (body > limits::QUERY_BYTES).then(|| too_long("body", body, limits::QUERY_BYTES))
}

fn status_of(kind: CallErrorKind) -> u16 {
    match kind {
        CallErrorKind::AccessDenied => 403,
        CallErrorKind::NoCredentials | CallErrorKind::Credentials => 401,
        CallErrorKind::Throttled => 429,
        CallErrorKind::NotFound => 404,
        CallErrorKind::Rejected => 400,
        CallErrorKind::Timeout => 504,
        CallErrorKind::Unreachable
        | CallErrorKind::Untrusted
        | CallErrorKind::CaBundle
        | CallErrorKind::WrongServer
        | CallErrorKind::ServiceFailure => 502,
    }
}

/// What failed, where, why, and what to do.
pub fn describe_call(wanted: &str, error: &CallError, applications: &[ApplicationName]) -> String {
    let about = match applications {
        [] => String::new(),
        names => format!(" of {}", describe_applications(names)),
    };
    let (why, advice) = error.explain();
    format!("Cannot read {wanted}{about} in {}: {why}. {advice}.", error.place().describe())
}
