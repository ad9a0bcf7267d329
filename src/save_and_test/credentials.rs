//! Why there are no credentials, and what to do: one explanation for all calls.

use std::path::Path;

use crate::failure::{CallError, Cause};
use crate::settings::{AuthType, GrafanaVersion, HostEnvironment, Settings};

/// The environment is named only where the credentials would have come from it, and the role only where it is the role
/// that is refused.
pub(super) fn describe(error: &CallError, settings: &Settings) -> String {
    let method = settings.auth.as_str();
    let why = error.words();
    let why = why.trim_end_matches('.');
    match &settings.identity.role {
        Some(role) if error.context.cause == Cause::RefusedRole => {
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
                return format!(" AWS_WEB_IDENTITY_TOKEN_FILE names {token}, which does not exist or cannot be read.");
            }
            " The plugin looks for them in the order of the AWS SDKs: environment, profile, web identity, container, machine."
                .to_owned()
        }
        (AuthType::Keys, _) => advice_for_keys(&error.context.cause).to_owned(),
        // The files are named there.
        (AuthType::Credentials, _) if error.context.cause == Cause::UnknownProfile => {
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
fn advice_for_keys(cause: &Cause) -> &'static str {
    let code = if let Cause::Code(code) = cause { code.as_str() } else { "" };
    match code {
        "SignatureDoesNotMatch" | "InvalidSignatureException" => " AWS knows the accessKey; check the secretKey.",
        "ExpiredToken" | "ExpiredTokenException" => {
            " Temporary keys have run out: enter a new accessKey, secretKey and sessionToken."
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" => {
            " AWS does not know accessKey; temporary keys need their sessionToken as well."
        }
        _ => " Check accessKey, secretKey and, for temporary keys, sessionToken.",
    }
}

/// By the rules of the Grafana that runs; by both where it does not tell its version.
fn why_no_variables(grafana: Option<GrafanaVersion>) -> &'static str {
    match grafana {
        Some(version) if version >= GrafanaVersion::KEEPS_ENVIRONMENT => {
            "This Grafana passes its own only to plugins that are named in forward_host_env_vars of [plugins]: add flinkwatch-msf-datasource there"
        }
        Some(_) => {
            "If the Grafana server has them, the feature toggle pluginsSkipHostEnvVars keeps them from plugins: turn it off"
        }
        None => {
            "If the Grafana server has them, Grafana keeps them from plugins: from 12.4 on name flinkwatch-msf-datasource in forward_host_env_vars of [plugins], before that turn off the feature toggle pluginsSkipHostEnvVars"
        }
    }
}

fn where_home_is_missing(credentials: &str, grafana: Option<GrafanaVersion>) -> String {
    if !credentials.starts_with("nowhere") {
        return String::new();
    }
    format!(" {}.", why_no_variables(grafana))
}
