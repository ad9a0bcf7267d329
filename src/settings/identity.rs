//! Who we are for AWS, as a value.
//!
//! Clients and cached answers are kept per [`Identity`]. Two are equal when everything that decides what AWS lets us
//! see is equal, secrets included: a data source with a wrong secret key must never be served by the client of one with
//! the right key.

use std::fmt;
use std::time::Duration;

use super::admin::AdminSettings;
use super::faults::Faults;
use super::fields::{Fields, quoted};
use super::{AuthType, MISSING, SettingsError, SettingsSource};
use crate::place::Region;

/// Everything that decides who we are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    pub credentials: CredentialSource,
    pub role: Option<AssumedRole>,
    /// Where STS, SSO and other credential services are called.
    pub region: Region,
}

/// Where the first credentials come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CredentialSource {
    /// The SDK's default chain: environment, profile, web identity, container, machine.
    DefaultChain,
    /// A profile of the shared configuration files; the SDK's own choice without a name.
    Profile(Option<String>),
    Keys {
        access_key: Secret,
        secret_key: Secret,
        session_token: Option<Secret>,
    },
}

/// The role that is assumed with those credentials.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssumedRole {
    pub arn: String,
    pub external_id: Option<String>,
    pub session: Duration,
}

/// A text that is compared and used, but never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for signing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

pub(super) fn parse_credentials(
    auth: AuthType,
    fields: &Fields,
    source: &SettingsSource<'_>,
) -> Result<CredentialSource, SettingsError> {
    match auth {
        AuthType::Default | AuthType::Ec2IamRole => Ok(CredentialSource::DefaultChain),
        AuthType::Keys => parse_keys(source),
        AuthType::Credentials => parse_profile(fields, source),
    }
}

fn parse_keys(source: &SettingsSource<'_>) -> Result<CredentialSource, SettingsError> {
    let missing = |field| SettingsError::new(field, MISSING, "a key, since authType is keys");
    let key = |field| secret(source, field)?.ok_or_else(|| missing(field));
    let mut faults = Faults::default();
    let (access_key, secret_key) = (faults.take(key("accessKey")), faults.take(key("secretKey")));
    let session_token = faults.take(secret(source, "sessionToken"));
    let made = || {
        Some(CredentialSource::Keys { access_key: access_key?, secret_key: secret_key?, session_token: session_token? })
    };
    faults.settle(made())
}

/// A secret without the white space around it, which pasting adds. A character that no header can carry would fail
/// later and less clearly.
fn secret(source: &SettingsSource<'_>, field: &'static str) -> Result<Option<Secret>, SettingsError> {
    let text = source.secure.get(field).map(|text| text.trim()).unwrap_or_default();
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        let allowed = "ASCII letters, digits and symbols, without spaces";
        return Err(SettingsError::new(field, "a string with spaces or other characters inside", allowed));
    }
    Ok(Some(Secret::new(text)))
}

fn parse_profile(fields: &Fields, source: &SettingsSource<'_>) -> Result<CredentialSource, SettingsError> {
    let named = fields.text("profile")?;
    let legacy = Some(source.database.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    Ok(CredentialSource::Profile(named.or(legacy)))
}

pub(super) fn parse_role(fields: &Fields, admin: &AdminSettings) -> Result<Option<AssumedRole>, SettingsError> {
    let mut faults = Faults::default();
    let arn = fields
        .text("assumeRoleArn")
        .and_then(|arn| arn.map_or_else(|| fields.text("assumeRoleARN"), |arn| Ok(Some(arn))));
    let (arn, external_id) = (faults.take(arn), faults.take(fields.text("externalId")));
    let (arn, external_id) = faults.settle(arn.zip(external_id))?;
    let Some(arn) = arn else { return Ok(None) };
    if !is_role_arn(&arn) {
        return Err(wrong_role(&arn));
    }
    admin.check_assume_role()?;
    let external_id = admin.external_id_for(external_id)?;
    Ok(Some(AssumedRole { arn, external_id, session: admin.session_duration()? }))
}

/// What stands there instead of a role, and the form of the role where it follows.
fn wrong_role(text: &str) -> SettingsError {
    const FORM: &str = "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/grafana";
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, partition, service, _, account, resource] = parts.as_slice() else {
        return SettingsError::new("assumeRoleArn", quoted(text), FORM);
    };
    let is_plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b));
    let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
    let name = rest.split('/').next().unwrap_or_default();
    let found = match (*service, kind) {
        ("sts", "assumed-role") => "the ARN of an assumed-role session",
        ("iam", "instance-profile") => "the ARN of an instance profile",
        ("iam", "user") => "the ARN of a user",
        ("iam", "policy") => "the ARN of a policy",
        ("iam", "role") if name.is_empty() => "the ARN of a role without its name",
        ("iam", "role") => {
            "the ARN of a role whose account is not twelve digits, or that has a region or other characters in it"
        }
        _ => return SettingsError::new("assumeRoleArn", quoted(text), FORM),
    };
    let is_session =
        kind == "assumed-role" && !name.is_empty() && [*partition, *account, name].into_iter().all(is_plain);
    let allowed = if is_session {
        format!(
            "the ARN of the role itself: arn:{partition}:iam::{account}:role/{name}, with the role's path before its name if it has one"
        )
    } else {
        FORM.to_owned()
    };
    SettingsError::new("assumeRoleArn", found, allowed)
}

/// `arn:<partition>:iam::<account>:role/<name>`.
fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else { return false };
    *arn == "arn"
        && partition.starts_with("aws")
        && *service == "iam"
        && region.is_empty()
        && account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        && text.bytes().all(|b| b.is_ascii_graphic())
}
