//! Applications that could not be described: why, in words, and what of an answer rests on it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::at::At;
use super::facts::MaxWait;
use super::known::Application;
use crate::catalog::signal::Described;
use crate::failure::{CallError, CallErrorKind, Cause};
use crate::notice::{Notice, describe_names};
use crate::place::{Account, ApplicationName};
use crate::query::AskedSignal;
use crate::query::{Kind, Origin, Query};

/// Why the configuration of an application is not known, and what to do.
pub(super) fn explain(error: &CallError) -> String {
    match error.kind {
        CallErrorKind::NotFound => "This account has no such application, or no longer has it.".to_owned(),
        CallErrorKind::AccessDenied
        | CallErrorKind::NoCredentials
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::Rejected
        | CallErrorKind::Timeout
        | CallErrorKind::Unreachable
        | CallErrorKind::Untrusted
        | CallErrorKind::CaBundle
        | CallErrorKind::WrongServer
        | CallErrorKind::ServiceFailure => error.sentences(),
    }
}

/// For how long an alert is decided on a configuration or job plan that cannot be read anew. Both change with a
/// deployment only, and a number that rests on a wrong one is as plausible as a right one.
const TRUSTED: Duration = Duration::from_secs(15 * 60);

/// Why the configuration of an application is too old to decide an alert on.
pub(super) fn too_old<'f>(application: &Application<'f>) -> Option<&'f CallError> {
    let outdated = application.outdated.filter(|outdated| outdated.age > TRUSTED)?;
    (outdated.why.operation == DESCRIBE_APPLICATION).then_some(&outdated.why)
}

const DESCRIBE_APPLICATION: &str = "kinesisanalytics:DescribeApplication";

/// Whether a number is made in another way, or not at all, without the application's configuration and job plan.
pub(super) fn is_needed(asked: &AskedSignal, at: &At) -> bool {
    let AskedSignal::Signal(signal) = asked else { return false };
    match signal.formula.traits().described {
        Described::Always => true,
        Described::AtApplication => *at == At::Application,
        Described::Never => false,
    }
}

/// How long a query waits for the descriptions of its applications. Of one that is named it wants to know whether it
/// exists.
pub(super) fn max_wait(query: &Query) -> MaxWait {
    if query.origin == Origin::Panel && query.is_fleet_table() {
        return MaxWait::OfTables;
    }
    let is_of_numbers = match &query.kind {
        Kind::Application(asked) => {
            let asked = asked.signals.iter().chain(asked.top.as_ref().map(|top| &top.by));
            !query.is_fleet_table() && !asked.into_iter().any(|signal| is_needed(signal, &At::Application))
        }
        Kind::Metric(_) => true,
        Kind::Checkpoint(_) | Kind::Operator(_) | Kind::Facts(_) => false,
    };
    let is_named = query.selected.iter().any(|filter| filter.exact().is_some());
    if is_of_numbers && !is_named { MaxWait::Short } else { MaxWait::UntilDeadline }
}

/// What is not known of the applications of an answer, and why, unless one of the sentences in `told` says it.
pub(super) fn notices(query: &Query, applications: &[&Application<'_>], told: &[String]) -> Vec<Notice> {
    if query.is_fleet_table() {
        return in_table(query, applications);
    }
    if !rests_on_job_plan(query) {
        return Vec::new();
    }
    let is_told = |reason: &str| told.iter().any(|text| text.ends_with(reason));
    let failed = by_reason(applications, |error| error.kind.is_passing());
    let untold = failed.into_iter().filter(|(reason, _)| !is_told(reason));
    let text = |(reason, names): (String, Vec<&ApplicationName>)| {
        let names = describe_names(&names);
        format!(
            "The job plan of {names} is not known, so that sources and sinks are told by the names of tasks. {reason}"
        )
    };
    untold.map(text).map(Notice::info).collect()
}

/// Says why status and configuration are empty. One that does not exist is said to be unknown elsewhere.
fn in_table(query: &Query, applications: &[&Application<'_>]) -> Vec<Notice> {
    if let Account::Linked(_) = query.place.account {
        let text = "Status and configuration are known for the data source's own account only.";
        return vec![Notice::info(text)];
    }
    let describe = |(reason, names): (String, Vec<&ApplicationName>), state: &str| {
        format!("Status and configuration of {} are {state}. {reason}", describe_names(&names))
    };
    let comes = |error: &CallError| error.context.cause == Cause::InBackground;
    let missing = by_reason(applications, |error| error.kind != CallErrorKind::NotFound && !comes(error));
    let missing = missing.into_iter().map(|failed| Notice::warning(describe(failed, "missing")));
    let coming = by_reason(applications, comes);
    missing.chain(coming.into_iter().map(|failed| Notice::info(describe(failed, "not known yet")))).collect()
}

fn by_reason<'a>(
    applications: &[&'a Application<'_>],
    counts: impl Fn(&CallError) -> bool,
) -> BTreeMap<String, Vec<&'a ApplicationName>> {
    let mut failed: BTreeMap<String, Vec<&ApplicationName>> = BTreeMap::new();
    for application in applications {
        if let Err(error) = application.description
            && counts(error)
        {
            failed.entry(explain(error)).or_default().push(&application.name);
        }
    }
    failed
}

fn rests_on_job_plan(query: &Query) -> bool {
    let at = match &query.kind {
        Kind::Application(_) | Kind::Checkpoint(_) | Kind::Facts(_) => At::Application,
        Kind::Operator(_) | Kind::Metric(_) => At::Task("".into()),
    };
    query.signals().unwrap_or_default().iter().any(|signal| is_needed(signal, &at))
}
