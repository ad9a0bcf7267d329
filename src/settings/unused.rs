//! Settings that nothing reads: misspelt ones, and those that another setting makes idle. They are told by "Save &
//! test"; queries run all the same, because Grafana and its other data sources keep fields of their own in `jsonData`.

use super::fields::Fields;
use super::{AuthType, Settings, SettingsSource, costs};
use crate::catalog::similar::{fold, nearest};
use crate::limits;

/// Something about a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A sentence.
    pub text: String,
    /// Whether it is wrong for sure.
    pub is_error: bool,
}

impl Finding {
    pub fn error(text: String) -> Self {
        Self { text, is_error: true }
    }

    pub fn note(text: String) -> Self {
        Self { text, is_error: false }
    }
}

/// What `jsonData` may have, beside the legacy names.
const SETTINGS: &[&str] = &[
    "authType",
    "defaultRegion",
    "profile",
    "assumeRoleArn",
    "externalId",
    "allowedRegions",
    "endpoint",
    "cloudwatchEndpoint",
    "kinesisAnalyticsEndpoint",
    "stsEndpoint",
    "defaultApplication",
    "kpuPricePerHour",
    "requestTimeoutSeconds",
    "getMetricDataPerSecond",
    "listMetricsPerSecond",
    "kinesisAnalyticsPerSecond",
    "maxConcurrentCalls",
    "cacheMegabytes",
    costs::REQUEST_POINTS,
    costs::REQUEST_DOLLARS,
    costs::PANEL_DOLLARS,
    costs::ALERT_DOLLARS,
];

/// Older names, each with the one that goes before it.
const LEGACY: &[(&str, &str)] = &[("region", "defaultRegion"), ("assumeRoleARN", "assumeRoleArn")];

fn is_setting(name: &str) -> bool {
    SETTINGS.contains(&name) || LEGACY.iter().any(|(legacy, _)| *legacy == name)
}

/// What `secureJsonData` may have.
const SECRETS: &[&str] = &["accessKey", "secretKey", "sessionToken"];

/// What Grafana itself keeps with a data source of any kind.
const OF_GRAFANA: &[&str] = &[
    "alertmanagerUid",
    "allowAsRecordingRulesTarget",
    "basicAuthPassword",
    "cachingConfig",
    "database",
    "disableGrafanaCache",
    "enableSecureSocksProxy",
    "keepCookies",
    "manageAlerts",
    "password",
    "pdcInjected",
    "serverName",
    "timeout",
    "usePOST",
];

/// How its families of fields begin, such as `httpHeaderName1` and `tlsSkipVerify`.
const FAMILIES: &[&str] = &["http", "oauth", "secureSocksProxy", "sigV4", "teamHttp", "tls"];

fn is_of_grafana(name: &str) -> bool {
    OF_GRAFANA.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// The names in `jsonData` and `secureJsonData` that are neither settings nor Grafana's own.
pub(super) fn unknown<'a>(fields: &'a Fields, source: &'a SettingsSource<'_>) -> Vec<&'a str> {
    let plain = fields.names().filter(|name| !is_setting(name));
    let secret = secrets(source).into_iter().filter(|name| !SECRETS.contains(name));
    plain.chain(secret).filter(|name| !is_of_grafana(name)).collect()
}

fn secrets<'a>(source: &'a SettingsSource<'_>) -> Vec<&'a str> {
    let mut set: Vec<&str> =
        source.secure.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(name, _)| name.as_str()).collect();
    set.sort_unstable();
    set
}

/// All that is set and has no effect.
pub(super) fn find(fields: &Fields, source: &SettingsSource<'_>, settings: &Settings) -> Vec<Finding> {
    let mut found: Vec<Finding> = unknown(fields, source).into_iter().map(describe_unknown).collect();
    let mut idle = |field: &str, why: &str, is_error| {
        found.push(Finding { text: format!("{field}: no effect{why}."), is_error });
    };
    if fields.has("externalId") && settings.identity.role.is_none() {
        idle("externalId", " without assumeRoleArn", true);
    }
    // The settings page hides these fields where another authentication is chosen, so they may be left from before.
    let since = format!(", since authType is {}", settings.auth.as_str());
    if fields.has("profile") && settings.auth != AuthType::Credentials {
        idle("profile", &since, false);
    }
    if settings.auth != AuthType::Keys {
        let left: Vec<&str> = secrets(source).into_iter().filter(|name| SECRETS.contains(name)).collect();
        if !left.is_empty() {
            idle(&left.join(", "), &since, false);
        }
    }
    for (legacy, present) in LEGACY {
        if fields.has(legacy) && fields.has(present) && !fields.are_equal(legacy, present) {
            idle(legacy, &format!(" beside {present}"), false);
        }
    }
    if ["endpoint", "cloudwatchEndpoint", "kinesisAnalyticsEndpoint"].iter().all(|field| fields.has(field)) {
        idle("endpoint", " beside cloudwatchEndpoint and kinesisAnalyticsEndpoint", false);
    }
    found
}

fn describe_unknown(name: &str) -> Finding {
    let shown = limits::cut(name, limits::NAME_SHOWN_BYTES);
    let same = |known: &&&str| fold(known) == fold(name);
    let (text, is_error) = if let Some(secret) = SECRETS.iter().find(|secret| **secret == name) {
        (format!("Move {secret} from jsonData, where Grafana's users can read it, to secureJsonData."), true)
    } else if is_setting(name) {
        (format!("Move {shown} from secureJsonData to jsonData."), true)
    } else {
        let known = || SETTINGS.iter().chain(SECRETS);
        let exact = known().find(same).copied();
        match exact.or_else(|| nearest(name, known().copied()).first().copied()) {
            Some(meant) => (format!("There is no setting \"{shown}\": did you mean \"{meant}\"?"), true),
            None => (format!("\"{shown}\" is no setting of this data source and has no effect."), false),
        }
    };
    Finding { text, is_error }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the other AWS data sources of Grafana keep, which whoever copies one of them brings along.
    #[test]
    fn settings_of_other_data_sources_are_none_of_ours_misspelt() {
        let others = "customMetricsNamespaces logGroups defaultLogGroups logsTimeout tracingDatasourceUid catalog workgroup outputLocation \
                      timeField graphiteVersion httpMethod prometheusType derivedFields nodeGraph schema version";
        for name in others.split_whitespace() {
            let unused = describe_unknown(name);
            assert!(!unused.is_error, "{}", unused.text);
        }
    }
}
