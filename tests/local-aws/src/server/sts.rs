//! GetCallerIdentity and AssumeRole.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ServiceError;
use super::identity::{Caller, temporary_key};
use super::input;
use super::options::Options;
use super::output::calendar_text;

const DEFAULT_SECONDS: i64 = 3600;

pub fn get_caller_identity(caller: &Caller, options: &Options) -> Value {
    json!({
        "Account": caller.account(options),
        "Arn": caller.arn(options),
        "UserId": caller.access_key,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    role_arn: Option<String>,
    role_session_name: Option<String>,
    external_id: Option<String>,
    #[serde(default, deserialize_with = "input::integer")]
    duration_seconds: Option<i64>,
}

/// For the counters: tests want to see which external id really came.
pub fn describe_request(tree: &Value) -> String {
    let field = |name: &str| tree.get(name).and_then(Value::as_str).unwrap_or("none").to_owned();
    format!("role {} external id {}", field("RoleArn"), field("ExternalId"))
}

/// Temporary keys whose id names the role. Any role may be assumed, unless the options ask for an external id.
pub fn assume_role(tree: Value, caller: &Caller, options: &Options, now: i64) -> Result<Value, ServiceError> {
    let wire: Wire = input::read(tree)?;
    let arn = wire.role_arn.unwrap_or_default();
    let access_key =
        temporary_key(&arn).ok_or_else(|| ServiceError::validation(format!("{arn} is not the ARN of a role.")))?;
    let session = wire.role_session_name.filter(|name| !name.is_empty());
    let session = session.ok_or_else(|| ServiceError::validation("RoleSessionName must not be empty."))?;
    if options.external_id.is_some() && wire.external_id != options.external_id {
        return Err(ServiceError::denied(&caller.arn(options), "sts:AssumeRole"));
    }
    let expires = now + wire.duration_seconds.unwrap_or(DEFAULT_SECONDS);
    let assumed = arn.replacen(":iam:", ":sts:", 1).replacen(":role/", ":assumed-role/", 1);
    Ok(json!({
        "Credentials": {
            "AccessKeyId": access_key,
            "SecretAccessKey": "local-aws-secret",
            "SessionToken": "local-aws-session",
            "Expiration": calendar_text(expires),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": format!("{access_key}:{session}"),
            "Arn": format!("{assumed}/{session}"),
        },
    }))
}
