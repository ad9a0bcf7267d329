//! What Grafana's administrator allows, and what of AWS's environment this process sees.
//!
//! The administrator's settings arrive with each request (`grafanaConfig`) or in the environment, and only if this
//! plugin is named in `[aws] forward_settings_to_plugins`. What is there is enforced to the letter; what is not there
//! allows everything that this data source can do.

use std::collections::HashMap;
use std::time::Duration;

use super::fields::quoted;
use super::{AuthType, SettingsError};

const ALLOWED_PROVIDERS: &str = "AWS_AUTH_AllowedAuthProviders";
const ASSUME_ROLE_ENABLED: &str = "AWS_AUTH_AssumeRoleEnabled";
const EXTERNAL_ID: &str = "AWS_AUTH_EXTERNAL_ID";
const SESSION_DURATION: &str = "AWS_AUTH_SESSION_DURATION";

/// Grafana's default, and the least that AWS grants.
const DEFAULT_SESSION: Duration = Duration::from_secs(15 * 60);

/// The most that AWS grants (AssumeRole, `DurationSeconds`).
const LONGEST_SESSION: Duration = Duration::from_secs(12 * 3600);

/// Variables of which the default chain of credentials needs at least one, unless the machine itself has a role.
const HOST_VARIABLES: [&str; 11] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_REGION",
];

/// The administrator's word, as text: it is read where it matters, so that an unreadable value blocks only what it is
/// about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdminSettings {
    allowed_providers: Option<String>,
    assume_role_enabled: Option<String>,
    external_id: Option<String>,
    session_duration: Option<String>,
    /// The process's own region, for data sources without one.
    pub(super) region: Option<String>,
    pub(super) host: HostEnvironment,
    pub(super) host_files: HostFiles,
    pub(super) grafana: Option<GrafanaVersion>,
}

/// Major and minor version of the Grafana server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrafanaVersion(pub u32, pub u32);

impl GrafanaVersion {
    /// Since then plugins get no variable of Grafana's environment unless `[plugins] forward_host_env_vars` names them.
    pub const KEEPS_ENVIRONMENT: Self = Self(12, 4);

    /// `12.4.1`, with anything behind it.
    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().trim_start_matches('v').split(['.', '-', '+']);
        Some(Self(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

/// Where credentials are looked for in files; for explanations only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostFiles {
    /// The shared credentials and configuration files, each as `path` or as why there is none.
    pub credentials: String,
    pub config: String,
    /// The value of `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub web_identity_token: Option<String>,
}

impl HostFiles {
    /// By the variables of a process; `in_env` has no empty ones.
    pub fn from(in_env: &dyn Fn(&str) -> Option<String>) -> Self {
        let place = |variable: &str, name: &str| match (in_env(variable), in_env("HOME")) {
            (Some(path), _) => format!("{path} (from {variable})"),
            (None, Some(home)) => format!("{}/.aws/{name}", home.trim_end_matches('/')),
            (None, None) => format!("nowhere: neither {variable} nor HOME is set"),
        };
        Self {
            credentials: place("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            config: place("AWS_CONFIG_FILE", "config"),
            web_identity_token: in_env("AWS_WEB_IDENTITY_TOKEN_FILE"),
        }
    }
}

/// Whether the environment of the process has any variable that the default chain of credentials reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostEnvironment {
    /// None: there are no credentials in it, or Grafana keeps its environment from plugins (`pluginsSkipHostEnvVars`).
    #[default]
    NoAwsVariables,
    HasAwsVariables,
}

impl AdminSettings {
    /// Reads the request's `grafanaConfig`, which goes first, and the environment. Empty means absent.
    pub fn from(grafana_config: &HashMap<String, String>, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let in_env = |name: &str| env(name).filter(|text| !text.trim().is_empty());
        let read = |name: &str| {
            let sent = grafana_config.get(name).filter(|text| !text.trim().is_empty());
            sent.cloned().or_else(|| in_env(name)).map(|text| text.trim().to_owned())
        };
        let has_variables = HOST_VARIABLES.iter().any(|name| in_env(name).is_some());
        Self {
            allowed_providers: read(ALLOWED_PROVIDERS),
            assume_role_enabled: read(ASSUME_ROLE_ENABLED),
            external_id: read(EXTERNAL_ID),
            session_duration: read(SESSION_DURATION),
            region: in_env("AWS_REGION").or_else(|| in_env("AWS_DEFAULT_REGION")),
            host: if has_variables { HostEnvironment::HasAwsVariables } else { HostEnvironment::NoAwsVariables },
            host_files: HostFiles::from(&in_env),
            grafana: read("GF_VERSION").and_then(|text| GrafanaVersion::parse(&text)),
        }
    }

    pub(super) fn check_auth_type(&self, auth: AuthType) -> Result<(), SettingsError> {
        let Some(list) = &self.allowed_providers else { return Ok(()) };
        let is_allowed = list.split(',').any(|name| AuthType::parse(name.trim()) == Some(auth));
        if is_allowed {
            return Ok(());
        }
        let allowed = format!("{list} (by Grafana's allowed_auth_providers)");
        Err(SettingsError::new("authType", auth.as_str(), allowed))
    }

    pub(super) fn check_assume_role(&self) -> Result<(), SettingsError> {
        let Some(text) = &self.assume_role_enabled else { return Ok(()) };
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Ok(()),
            "false" | "f" | "0" => {
                let allowed = "no role, since assume_role_enabled of Grafana's [aws] section is false";
                Err(SettingsError::new("assumeRoleArn", "set", allowed))
            }
            _ => Err(SettingsError::new(ASSUME_ROLE_ENABLED, quoted(text), "true or false")),
        }
    }

    /// The external id to assume a role with. The administrator's, where there is one, is the only one.
    pub(super) fn external_id_for(&self, asked: Option<String>) -> Result<Option<String>, SettingsError> {
        let Some(fixed) = &self.external_id else { return Ok(asked) };
        match asked {
            Some(other) if other != *fixed => {
                let allowed = "external_id of Grafana's [aws] section, or none";
                Err(SettingsError::new("externalId", "a different one", allowed))
            }
            Some(_) | None => Ok(Some(fixed.clone())),
        }
    }

    pub(super) fn session_duration(&self) -> Result<Duration, SettingsError> {
        let Some(text) = &self.session_duration else { return Ok(DEFAULT_SESSION) };
        let granted = DEFAULT_SESSION..=LONGEST_SESSION;
        parse_duration(text).filter(|duration| granted.contains(duration)).ok_or_else(|| {
            SettingsError::new(SESSION_DURATION, quoted(text), "a duration from 15m to 12h, such as 15m or 1h30m")
        })
    }
}

/// Whole numbers with units, as in `1h30m`.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let (digits, after) = rest.split_at(end);
        let (unit, after) = after.split_at_checked(1)?;
        let factor = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(digits.parse::<u64>().ok()?.checked_mul(factor)?)?;
        rest = after;
    }
    (!text.is_empty()).then_some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_anything_behind_them() {
        assert_eq!(GrafanaVersion::parse("12.4.0"), Some(GrafanaVersion(12, 4)));
        assert_eq!(GrafanaVersion::parse("13.0.0-pre+security"), Some(GrafanaVersion(13, 0)));
        assert_eq!(GrafanaVersion::parse("nightly"), None);
        assert!(GrafanaVersion(11, 6) < GrafanaVersion::KEEPS_ENVIRONMENT);
    }

    #[test]
    fn durations_are_whole_numbers_with_units() {
        let seconds = |text| parse_duration(text).map(|duration| duration.as_secs());
        assert_eq!(seconds("15m"), Some(900));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("900s"), Some(900));
        for wrong in ["", "m", "15", "15x", "-1h", "1.5h", "15é", "99999999999999999999h"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
