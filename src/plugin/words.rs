//! The one place that writes sentences for people: what failed, where, why, and what to do; and whom it blames.

use serde_json::{Map, Value, json};

use super::call_resource::ResourceReply;
use super::check_health::{HealthReply, HealthVerdict};
use super::query_data::{Blame, QueryReply, ReplyError};
use crate::engine::{Failure, Outcome};
use crate::failure::{CallError, CallErrorKind};
use crate::frames::AnswerError;
use crate::health::{self, HealthReport, PermissionLine};
use crate::notice::describe_names;
use crate::place::ApplicationName;
use crate::resources::{Resource, ResourceError};
use crate::settings::SettingsError;

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
        Err(ResourceError::Call { error, applications }) => {
            let text = describe_call(&path.replace('-', " "), &error, &applications);
            message_reply(status_of(error.kind), &text)
        }
        Err(error @ ResourceError::UnknownPath { .. }) => message_reply(404, &sentence(&error)),
        Err(
            error @ (ResourceError::MissingArgument { .. }
            | ResourceError::WrongArgument { .. }
            | ResourceError::TooManyApplications { .. }),
        ) => message_reply(400, &sentence(&error)),
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
        details: Map::from_iter([("permissions".to_owned(), Value::Array(lines))]),
    }
}

fn permission_json(line: &PermissionLine) -> Value {
    let (outcome, reason) = match &line.outcome {
        health::Outcome::Ok => ("ok", None),
        health::Outcome::Denied => ("denied", None),
        health::Outcome::Failed(reason) => ("failed", Some(reason.as_str())),
        health::Outcome::NotTried(reason) => ("notTried", Some(*reason)),
    };
    json!({ "action": line.action, "outcome": outcome, "reason": reason, "advice": line.advice })
}

fn message_reply(status: u16, text: &str) -> ResourceReply {
    ResourceReply { status, body: json!({ "message": text }).to_string().into_bytes() }
}

/// An error's text with a capital and a full stop.
fn sentence(error: &ResourceError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str() + ".").unwrap_or_default()
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
            downstream(status_of(error.kind), describe_call("data", error, applications))
        }
        Failure::Answer(AnswerError::UnknownApplications { names, region }) => {
            let text = format!(
                "There {} no {} in {region}, neither as an application nor in its metrics of the last two weeks. Check the name and the region.",
                if names.len() == 1 { "is" } else { "are" },
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
pub fn describe_call(wanted: &str, error: &CallError, applications: &[ApplicationName]) -> String {
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
        CallErrorKind::Throttled if error.is_over_own_limits() => (
            format!("this data source's own limits of calls left no room for {call} in time"),
            "Refresh less often, ask for less, or raise these limits in its settings".to_owned(),
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
    format!("Cannot read {wanted}{about} in {region}: {why}. {advice}.")
}

fn service_name(prefix: &str) -> &str {
    match prefix {
        "cloudwatch" => "CloudWatch",
        "kinesisanalytics" => "Managed Service for Apache Flink",
        "sts" => "AWS STS",
        other => other,
    }
}

fn describe_applications(names: &[ApplicationName]) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("application{plural} {}", describe_names(names))
}
