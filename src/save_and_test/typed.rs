//! What somebody typed into the settings and AWS does not bear out: each is named by its setting, before anything else
//! is said.
//!
//! What can be seen without a call is refused by `settings`. Here stands what only an answer shows: names that nobody
//! has, and addresses at which nobody answers.

use super::{Described, Tried};
use crate::catalog::similar::nearest;
use crate::failure::{CallError, CallErrorKind, NO_ANSWER};
use crate::notice::describe_names;
use crate::place::ApplicationName;
use crate::settings::{Endpoint, Finding, Settings};

pub(super) fn findings(tried: &Tried, settings: &Settings) -> Vec<Finding> {
    let mut findings = settings.unused.clone();
    findings.extend(endpoints(tried, settings));
    findings.extend(default_application(tried, settings));
    findings.extend(allowed_regions(settings));
    findings
}

/// Addresses of the settings at which the service does not answer, each once.
fn endpoints(tried: &Tried, settings: &Settings) -> Vec<Finding> {
    let errors: Vec<&CallError> = tried.errors().into_iter().filter(|error| error.kind.is_of_the_network()).collect();
    if let Some(error) = errors.iter().find(|error| error.kind == CallErrorKind::CaBundle) {
        return vec![Finding::error(ca_bundle(error))];
    }
    let mut found: Vec<(&str, String)> = Vec::new();
    for error in errors {
        let Some(endpoint) = endpoint_of(error, settings) else { continue };
        if found.iter().all(|(field, _)| *field != endpoint.field()) {
            found.push((endpoint.field(), describe_endpoint(endpoint, error)));
        }
    }
    // Without STS there is no role, and without a role no service answers.
    if settings.identity.role.is_some() && found.iter().any(|(field, _)| *field == STS_ENDPOINT) {
        found.retain(|(field, _)| *field == STS_ENDPOINT);
    }
    found.into_iter().map(|(_, text)| Finding::error(text)).collect()
}

/// Whether a failure is told as that of an address in the settings, or of the file of certificates.
pub(super) fn is_told(error: &CallError, settings: &Settings) -> bool {
    let is_told = error.kind == CallErrorKind::CaBundle || endpoint_of(error, settings).is_some();
    error.kind.is_of_the_network() && is_told
}

const STS_ENDPOINT: &str = "stsEndpoint";

/// The address of the settings at which a call failed; None where it failed elsewhere.
fn endpoint_of<'s>(error: &CallError, settings: &'s Settings) -> Option<&'s Endpoint> {
    let (endpoints, server) = (&settings.endpoints, &error.context.server);
    let sts = endpoints.sts.as_ref().filter(|sts| server.setting == Some(sts.field()));
    sts.or_else(|| endpoints.of(error.operation).filter(|_| !server.for_credentials))
}

/// Without the host: no host is to blame.
fn ca_bundle(error: &CallError) -> String {
    format!("{}. Correct or remove it in the environment of the Grafana server.", error.message)
}

fn describe_endpoint(endpoint: &Endpoint, error: &CallError) -> String {
    let (field, host) = (endpoint.field(), endpoint.authority());
    let what = match error.kind {
        CallErrorKind::Timeout => "does not answer",
        CallErrorKind::Untrusted => "has a certificate that the Grafana server does not trust",
        CallErrorKind::WrongServer => "does not answer as this service does",
        CallErrorKind::NoCredentials
        | CallErrorKind::AccessDenied
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::NotFound
        | CallErrorKind::Rejected
        | CallErrorKind::Unreachable
        | CallErrorKind::CaBundle
        | CallErrorKind::ServiceFailure => "cannot be reached",
    };
    let through =
        error.context.server.proxy.as_ref().map(|proxy| format!(", through the proxy {proxy}")).unwrap_or_default();
    let service = if field == STS_ENDPOINT { "AWS STS" } else { error.service() };
    let why = if error.message == NO_ANSWER { String::new() } else { format!(" ({})", error.message) };
    format!("Check {field}: {host}, where {service} is expected, {what}{through}{why}.")
}

/// Whether the application that queries are about by default exists.
fn default_application(tried: &Tried, settings: &Settings) -> Option<Finding> {
    let name = settings.default_application.as_ref()?;
    let region = &settings.default_region;
    let is_there = match (&tried.applications, &tried.description) {
        (Ok(list), _) if list.iter().any(|application| application.name == *name) => Some(true),
        (_, Some(Described { name: of, result })) if of == name => match result {
            Ok(()) => Some(true),
            Err(error) if error.kind == CallErrorKind::NotFound => Some(false),
            Err(_) => None,
        },
        (Ok(_), _) => Some(false),
        (Err(_), _) => None,
    };
    match is_there {
        Some(true) => None,
        None if tried.publishes(name) => None,
        Some(false) => Some(Finding::error(format!(
            "Check defaultApplication: there is no application \"{name}\" in {region}.{}",
            offer(name, &tried.names())
        ))),
        None => Some(Finding::note(format!(
            "defaultApplication is \"{name}\", which has published no metrics in the last three hours; whether it exists cannot be told \
             without kinesisanalytics:DescribeApplication."
        ))),
    }
}

/// Those that may be meant, else some that there are.
fn offer(name: &ApplicationName, names: &[&str]) -> String {
    match nearest(name.as_str(), names.iter().copied()).as_slice() {
        [] if names.is_empty() => String::new(),
        [] => format!(" There are {}.", describe_names(names)),
        near => format!(" Did you mean {}?", describe_names(near)),
    }
}

/// A region that is newer than this program may be named; a misspelt one looks the same.
fn allowed_regions(settings: &Settings) -> Option<Finding> {
    let unknown = settings.regions.unknown();
    if unknown.is_empty() {
        return None;
    }
    let (is, it) = if unknown.len() == 1 { ("is", "It is") } else { ("are", "They are") };
    Some(Finding::note(format!(
        "allowedRegions has {}, which {is} not known to this version of the plugin. {it} asked all the same; check the spelling.",
        describe_names(&unknown)
    )))
}
