//! Why there are no credentials, and what to do: one explanation for all calls.

use std::path::Path;

use crate::failure::CallError;
use crate::settings::{AuthType, GrafanaVersion, HostEnvironment, Settings};

/// The environment is named only where the credentials would have come from it.
pub(super) fn describe(error: &CallError, settings: &Settings) -> String {
    let method = settings.auth.as_str();
    let why = error.message.trim_end_matches('.');
    let mut text = format!("AWS credentials cannot be used (authentication \"{method}\"): {why}.");
    text.push_str(&advice(settings));
    if settings.identity.role.is_some() {
        text.push_str(" The role's trust policy must let this identity assume it, with the same external id.");
    }
    text
}

fn advice(settings: &Settings) -> String {
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
        (AuthType::Keys, _) => {
            " Check the access key, the secret key and, for temporary keys, the session token.".to_owned()
        }
        (AuthType::Credentials, _) => format!(
            " Check that the profile stands in one of these files of the user that runs Grafana: {}; {}.{}",
            files.credentials,
            files.config,
            where_home_is_missing(&files.credentials, settings.grafana)
        ),
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
