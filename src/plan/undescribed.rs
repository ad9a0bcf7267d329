//! Applications that could not be described: why, in words, and what of an answer rests on it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::at::At;
use super::facts::MaxWait;
use super::known::Application;
use crate::catalog::signal::Described;
use crate::failure::{CallError, CallErrorKind};
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
    // A policy that lets none be described is known to who wrote it; one that leaves some out may be a mistake.
    let is_some_described = applications.iter().any(|application| application.description.is_ok());
    let failed = by_reason(applications.iter().copied(), |error| {
        error.kind.is_passing() || is_some_described && error.kind == CallErrorKind::AccessDenied
    });
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
    let mut notices = Vec::new();
    let is_listed = |application: &Application<'_>| application.listed.is_some_and(|listed| listed.status.is_some());
    for (columns, of_listed) in [("Status and configuration", false), (OF_DESCRIPTIONS, true)] {
        let of = applications.iter().filter(|application| is_listed(application) == of_listed).copied();
        let is_lost = |error: &CallError| error.kind != CallErrorKind::NotFound && !error.is_in_background();
        for (reason, names) in by_reason(of, is_lost) {
            let names = describe_names(&names);
            notices.push(Notice::warning(format!("{columns} of {names} are missing. {reason}")));
        }
    }
    let inventories = applications.iter().map(|application| application.inventory.err());
    let descriptions = applications.iter().map(|application| application.description.err());
    notices.extend(describe_awaited("The metrics", inventories));
    notices.extend(describe_awaited(OF_DESCRIPTIONS, descriptions));
    notices
}

/// The columns that are empty without a description, beside what a list tells.
const OF_DESCRIPTIONS: &str = "Parallelism, KPUs and cost";

/// How many are fetched in the background, and why.
fn describe_awaited<'f>(columns: &str, errors: impl ExactSizeIterator<Item = Option<&'f CallError>>) -> Option<Notice> {
    let all = errors.len();
    let awaited: Vec<&CallError> = errors.flatten().filter(|error| error.is_in_background()).collect();
    let why = awaited.first()?.sentences();
    let text = format!("{columns} of {} of {all} applications are not known yet. {why}", awaited.len());
    Some(Notice::info(text))
}

fn by_reason<'a>(
    applications: impl Iterator<Item = &'a Application<'a>>,
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
