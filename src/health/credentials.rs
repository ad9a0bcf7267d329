//! Why there are no credentials, and what to do: one explanation for all calls.

use std::path::Path;

use crate::failure::CallError;
use crate::settings::{AuthType, GrafanaVersion, HostEnvironment, Settings};

/// The environment is named only where the credentials would have come from it, and the role only where it is the role that is refused.
pub(super) fn describe(error: &CallError, settings: &Settings) -> String {
    let method = settings.auth.as_str();
    let why = error.message.trim_end_matches('.');
    match &settings.identity.role {
        Some(role) if error.is_refused_role() => {
            let external_id = if role.external_id.is_some() {
                "the externalId that is set here"
            } else {
                "no externalId, as none is set here"
            };
            format!(
                "The role of assumeRoleArn, {}, cannot be assumed (authentication \"{method}\"): {why}. Its trust policy must let this identity \
                 assume it, with {external_id}.",
                role.arn
            )
        }
        Some(_) | None => {
            format!("AWS credentials cannot be used (authentication \"{method}\"): {why}.{}", advice(error, settings))
        }
    }
}

fn advice(error: &CallError, settings: &Settings) -> String {
    let files = &settings.host_files;
    match (settings.auth, settings.host) {
        (AuthType::Default | AuthType::Ec2IamRole, HostEnvironment::NoAwsVariables) => {
            let keeps = why_no_variables(settings.grafana);
            format!(
                " This process has no AWS_* variable in its environment. {keeps}, or choose access keys or a credentials profile here."
            )
        }
        (AuthType::Default | AuthType::Ec2IamRole, HostEnvironment::HasAwsVariables) => {
            if let Some(token) = &files.web_identity_token
                && !Path::new(token).is_file()
            {
                return format!(
                    " The file that AWS_WEB_IDENTITY_TOKEN_FILE names, {token}, is not there or cannot be read."
                );
            }
            " They are looked for as the AWS SDKs do it: environment, profile, web identity, container, machine."
                .to_owned()
        }
        (AuthType::Keys, _) => advice_for_keys(&error.message).to_owned(),
        // The files are named there.
        (AuthType::Credentials, _) if error.message.starts_with("there is no profile") => {
            format!(" Check profile.{}", where_home_is_missing(&files.credentials, settings.grafana))
        }
        (AuthType::Credentials, _) => format!(
            " Check profile. It is looked for in these files of the user that runs Grafana: {}; {}.{}",
            files.credentials,
            files.config,
            where_home_is_missing(&files.credentials, settings.grafana)
        ),
    }
}

/// AWS's code tells which of the three is wrong.
fn advice_for_keys(message: &str) -> &'static str {
    if message.starts_with("SignatureDoesNotMatch") || message.starts_with("InvalidSignatureException") {
        " AWS knows the accessKey; check the secretKey."
    } else if message.starts_with("ExpiredToken") {
        " Temporary keys have run out: enter a new accessKey, secretKey and sessionToken."
    } else if message.starts_with("InvalidClientTokenId") || message.starts_with("UnrecognizedClient") {
        " AWS does not know accessKey; temporary keys need their sessionToken as well."
    } else {
        " Check accessKey, secretKey and, for temporary keys, sessionToken."
    }
}

/// By the rules of the Grafana that runs; by both where it does not tell its version.
fn why_no_variables(grafana: Option<GrafanaVersion>) -> &'static str {
    match grafana {
        Some(version) if version >= GrafanaVersion::KEEPS_ENVIRONMENT => {
            "This Grafana gives its own to the plugins that forward_host_env_vars of [plugins] names: add flinkwatch-msf-datasource there"
        }
        Some(_) => {
            "If the Grafana server has, Grafana keeps them from plugins (feature toggle pluginsSkipHostEnvVars): turn the toggle off"
        }
        None => {
            "If the Grafana server has, Grafana keeps them from plugins: since 12.4 name flinkwatch-msf-datasource in forward_host_env_vars \
             of [plugins], before that turn the feature toggle pluginsSkipHostEnvVars off"
        }
    }
}

fn where_home_is_missing(credentials: &str, grafana: Option<GrafanaVersion>) -> String {
    if !credentials.starts_with("nowhere") {
        return String::new();
    }
    format!(" {}.", why_no_variables(grafana))
}
