//! "Save & test": one cheap call per permission, one verdict.
//!
//! Nothing comes from the cache: the person who presses the button has just changed something. The surprise: a data
//! source without any `kinesisanalytics:` permission is healthy. It draws all metrics and says what it lacks; the role
//! of an Amazon Managed Grafana workspace is like that by default.

mod credentials;
mod typed;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::aws::{
    CallerIdentity, DESCRIBE_APPLICATION, FILTER_LOG_EVENTS, GET_CALLER_IDENTITY, GET_METRIC_DATA, LIST_APPLICATIONS,
    LIST_METRICS, LIST_TAGS_FOR_RESOURCE, ListMetricsAsk, Recency,
};
use crate::catalog::operations::{Feature, OPERATIONS, Operation};
use crate::catalog::statistic::Statistic;
use crate::failure::{CallError, CallErrorKind};
use crate::fetch::{METRIC_OF_ALL, Source};
use crate::model::application::ApplicationSummary;
use crate::model::log::{LogOrder, LogStream};
use crate::model::series::{Dimensions, MetricSeries};
use crate::notice::{capital, count};
use crate::place::{Account, ApplicationArn, ApplicationName, Place, Region};
use crate::plan::call::{GetMetricDataCall, Period, SeriesKey};
use crate::plan::log_read::LogRead;
use crate::settings::Settings;

/// The answer to "Save & test".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReport {
    /// Whether queries can be answered, if perhaps with less.
    pub ok: bool,
    /// The verdict, and a line per permission.
    pub message: String,
    pub lines: Vec<PermissionLine>,
    /// Whose credentials these are; None where STS is not asked or does not answer.
    pub identity: Option<CallerIdentity>,
}

/// What came of one permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionLine {
    /// As IAM policies name it.
    pub action: &'static str,
    pub outcome: PermissionOutcome,
    /// What to do, where something can be done.
    pub advice: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionOutcome {
    Ok,
    Denied,
    /// With AWS's words.
    Failed(String),
    /// With the reason.
    NotTried(&'static str),
}

/// Nobody waits longer than this to learn who he is: STS may be out of reach where the rest is not.
const IDENTITY_LIMIT: Duration = Duration::from_secs(5);

/// Tries each permission that queries need, in the default region. The services are tried side by side, and each within
/// half of the time, so that one that does not answer is the only one that fails.
pub async fn check(source: &Source, settings: &Settings, now_ms: i64) -> HealthReport {
    source.cache.forget_failures(&source.owner);
    let region = &settings.default_region;
    let now = Instant::now();
    let half = now + source.deadline.saturating_duration_since(now) / 2;
    let (series, applications, identity) = futures::join!(
        try_list_metrics(source, region, half),
        try_list_applications(source, region, half),
        try_identity(source, region, half.min(now + IDENTITY_LIMIT)),
    );
    let first = first_application(&series, &applications);
    let application = settings.default_application.clone().or(first);
    let arn = applications.iter().flatten().find_map(|application| application.arn.as_ref());
    // A service that was silent would be silent again.
    let is_silent = applications.as_ref().is_err_and(|error| error.kind == CallErrorKind::Timeout);
    let to_describe = application.as_ref().filter(|_| !is_silent);
    let (data, described, tags) = futures::join!(
        try_get_metric_data(source, region, application.as_ref(), now_ms),
        try_describe_application(source, region, to_describe),
        try_list_tags(source, region, arn),
    );
    let (description, stream) = described.unzip();
    let logs = try_filter_log_events(source, region, stream.flatten(), now_ms).await;
    report(Tried { series, data, applications, description, tags, logs, identity }, settings)
}

/// What came of the calls.
struct Tried {
    series: Result<Vec<MetricSeries>, CallError>,
    data: Result<(), CallError>,
    applications: Result<Vec<ApplicationSummary>, CallError>,
    /// None without an application to describe.
    description: Option<Described>,
    /// None without an application in the list, which has the ARN.
    tags: Option<Result<(), CallError>>,
    /// None without an application that logs anywhere.
    logs: Option<Result<(), CallError>>,
    identity: Result<CallerIdentity, CallError>,
}

struct Described {
    name: ApplicationName,
    result: Result<(), CallError>,
}

/// Where an application logs.
struct ApplicationLog {
    name: ApplicationName,
    stream: LogStream,
}

async fn try_identity(source: &Source, region: &Region, limit: Instant) -> Result<CallerIdentity, CallError> {
    source.within(limit, GET_CALLER_IDENTITY, region, source.aws.caller_identity(region)).await
}

async fn try_list_metrics(source: &Source, region: &Region, limit: Instant) -> Result<Vec<MetricSeries>, CallError> {
    let place = Place { region: region.clone(), account: Account::Own };
    let metric = Some(Arc::from(METRIC_OF_ALL));
    let key = ListMetricsAsk { place, application: None, metric, recency: Recency::ThreeHours };
    source.within(limit, LIST_METRICS, region, source.aws.list_metrics(&key)).await
}

async fn try_list_applications(
    source: &Source,
    region: &Region,
    limit: Instant,
) -> Result<Vec<ApplicationSummary>, CallError> {
    source.within(limit, LIST_APPLICATIONS, region, source.aws.list_applications(region)).await
}

fn first_application(
    series: &Result<Vec<MetricSeries>, CallError>,
    applications: &Result<Vec<ApplicationSummary>, CallError>,
) -> Option<ApplicationName> {
    let listed = applications.iter().flatten().next().map(|application| application.name.clone());
    listed.or_else(|| {
        let name = series.iter().flatten().find_map(|series| series.dimensions.get("Application"))?;
        Some(ApplicationName::new(Arc::clone(name)))
    })
}

/// One point of one series. Any application will do: without one the answer is empty, and the permission is shown as
/// well.
async fn try_get_metric_data(
    source: &Source,
    region: &Region,
    application: Option<&ApplicationName>,
    now_ms: i64,
) -> Result<(), CallError> {
    let name: Arc<str> = Arc::from(application.map_or("none", ApplicationName::as_str));
    let key = SeriesKey {
        metric: Arc::from(METRIC_OF_ALL),
        dimensions: Dimensions::new(vec![(Arc::from("Application"), name)]),
        account: None,
        period: Period::MINUTE,
        statistic: Statistic::Average,
    };
    let end = Period::MINUTE.floor(now_ms.div_euclid(1000));
    let start = end - Period::MINUTE.seconds();
    let call = GetMetricDataCall { region: region.clone(), start, end, series: vec![key] };
    source.within(source.deadline, GET_METRIC_DATA, region, source.aws.get_metric_data(&call)).await.map(drop)
}

async fn try_describe_application(
    source: &Source,
    region: &Region,
    application: Option<&ApplicationName>,
) -> Option<(Described, Option<ApplicationLog>)> {
    let name = application?;
    let answer = source.aws.describe_application(region, name);
    let result = source.within(source.deadline, DESCRIBE_APPLICATION, region, answer).await;
    let streams = result.iter().flat_map(|description| &description.log_streams);
    let stream = streams.filter_map(|arn| LogStream::of_arn(arn)).next();
    let log = stream.map(|stream| ApplicationLog { name: name.clone(), stream });
    Some((Described { name: name.clone(), result: result.map(drop) }, log))
}

async fn try_list_tags(
    source: &Source,
    region: &Region,
    application: Option<&ApplicationArn>,
) -> Option<Result<(), CallError>> {
    let answer = source.aws.list_tags_for_resource(region, application?);
    Some(source.within(source.deadline, LIST_TAGS_FOR_RESOURCE, region, answer).await.map(drop))
}

/// One line of the last minute.
async fn try_filter_log_events(
    source: &Source,
    region: &Region,
    log: Option<ApplicationLog>,
    now_ms: i64,
) -> Option<Result<(), CallError>> {
    let ApplicationLog { name, stream } = log?;
    let place = Place { region: region.clone(), account: Account::Own };
    let (first_ms, order) = (now_ms - 60_000, LogOrder::Newest);
    let read = LogRead { place, application: name, stream, first_ms, last_ms: now_ms, pattern: None, order, lines: 1 };
    Some(source.within(source.deadline, FILTER_LOG_EVENTS, region, source.aws.filter_log_events(&read)).await.map(drop))
}

fn report(tried: Tried, settings: &Settings) -> HealthReport {
    let needed = OPERATIONS.iter().filter(|operation| operation.feature != Feature::Identity);
    let lines: Vec<PermissionLine> = needed.map(|operation| tried.line(operation)).collect();
    let is_credentials = |kind| matches!(kind, CallErrorKind::NoCredentials | CallErrorKind::Credentials);
    let of_queries = tried.errors().into_iter().filter(|error| error.operation != GET_CALLER_IDENTITY);
    if let Some(error) = of_queries.into_iter().find(|error| is_credentials(error.kind)) {
        // The same sentence for each call would not help.
        let unused = settings.unused.iter().map(|unused| format!("{} ", unused.text)).collect::<String>();
        let message = unused + &credentials::describe(error, settings);
        return HealthReport { ok: false, message, lines, identity: None };
    }
    let findings = typed::findings(&tried, settings);
    let ok = tried.series.is_ok() && tried.data.is_ok() && findings.iter().all(|finding| !finding.is_error);
    // One line: the settings page shows the first.
    let sentences = findings.into_iter().map(|finding| finding.text).chain([verdict(&tried, settings)]);
    let mut message = sentences.collect::<Vec<_>>().join(" ");
    for line in &lines {
        message.push('\n');
        message.push_str(&describe_line(line));
    }
    HealthReport { ok, message, lines, identity: tried.identity.ok() }
}

impl Tried {
    /// Failures in the order in which they matter.
    fn errors(&self) -> Vec<&CallError> {
        let described = self.description.as_ref().and_then(|described| described.result.as_ref().err());
        let calls = [self.series.as_ref().err(), self.data.as_ref().err(), self.applications.as_ref().err(), described];
        calls.into_iter().flatten().chain(self.identity.as_ref().err()).collect()
    }

    /// The applications that are known, those of the list or those with metrics.
    fn names(&self) -> Vec<&str> {
        match &self.applications {
            Ok(list) => list.iter().map(|application| application.name.as_str()).collect(),
            Err(_) => self.publishing().collect(),
        }
    }

    fn publishes(&self, name: &ApplicationName) -> bool {
        self.publishing().any(|publishing| publishing == name.as_str())
    }

    fn publishing(&self) -> impl Iterator<Item = &str> {
        self.series.iter().flatten().filter_map(|series| series.dimensions.get("Application").map(|name| &**name))
    }

    /// What came of an operation.
    fn line(&self, operation: &Operation) -> PermissionLine {
        let described = self.description.as_ref().map(|described| &described.result);
        let error = match operation.action {
            LIST_METRICS => Some(self.series.as_ref().err()),
            GET_METRIC_DATA => Some(self.data.as_ref().err()),
            LIST_APPLICATIONS => Some(self.applications.as_ref().err()),
            DESCRIBE_APPLICATION => described.map(|result| result.as_ref().err()),
            FILTER_LOG_EVENTS => self.logs.as_ref().map(|result| result.as_ref().err()),
            LIST_TAGS_FOR_RESOURCE => self.tags.as_ref().map(|result| result.as_ref().err()),
            _ => None,
        };
        let Some(error) = error else {
            let outcome = PermissionOutcome::NotTried(self.why_not(operation.action));
            return PermissionLine { action: operation.action, outcome, advice: None };
        };
        let line = line(operation.action, error);
        PermissionLine { advice: line.advice.map(|advice| operation.feature.qualify(advice)), ..line }
    }

    /// Why a call was not made.
    fn why_not(&self, action: &str) -> &'static str {
        match &self.applications {
            _ if action == FILTER_LOG_EVENTS
                && self.description.as_ref().is_some_and(|described| described.result.is_ok()) =>
            {
                "the application that was tried has no log"
            }
            Err(error) if error.kind == CallErrorKind::Timeout => "the service did not answer",
            Ok(_) | Err(_) => "there is no application to try it on",
        }
    }
}

fn line(action: &'static str, error: Option<&CallError>) -> PermissionLine {
    // An application that is gone, or that never was, shows the permission as well.
    let Some(error) = error.filter(|error| error.kind != CallErrorKind::NotFound) else {
        return PermissionLine { action, outcome: PermissionOutcome::Ok, advice: None };
    };
    let failed = || PermissionOutcome::Failed(error.words());
    let (outcome, advice) = match error.kind {
        CallErrorKind::AccessDenied => {
            (PermissionOutcome::Denied, Some(format!("add {action} to the policy of this data source's identity")))
        }
        CallErrorKind::NoCredentials | CallErrorKind::Credentials => {
            (failed(), Some("check the authentication".to_owned()))
        }
        CallErrorKind::Throttled => (failed(), Some("the account's quota is used up: try again".to_owned())),
        CallErrorKind::Timeout | CallErrorKind::Unreachable => {
            let advice = "check the region, the endpoints and the network of the Grafana server";
            (failed(), Some(advice.to_owned()))
        }
        CallErrorKind::Untrusted => {
            let advice = "set AWS_CA_BUNDLE of the Grafana server to a PEM file with your CA's certificate";
            (failed(), Some(advice.to_owned()))
        }
        CallErrorKind::CaBundle => {
            (failed(), Some("correct or remove AWS_CA_BUNDLE in the environment of the Grafana server".to_owned()))
        }
        CallErrorKind::NotFound | CallErrorKind::Rejected | CallErrorKind::WrongServer => {
            (failed(), Some("check the region and the endpoints".to_owned()))
        }
        CallErrorKind::ServiceFailure => (failed(), Some("try again".to_owned())),
    };
    PermissionLine { action, outcome, advice }
}

fn describe_line(line: &PermissionLine) -> String {
    let mut text = match &line.outcome {
        PermissionOutcome::Ok => format!("{}: ok", line.action),
        PermissionOutcome::Denied => format!("{}: denied", line.action),
        PermissionOutcome::Failed(words) => format!("{}: failed ({words})", line.action),
        PermissionOutcome::NotTried(reason) => format!("{}: not tried, {reason}", line.action),
    };
    if let Some(advice) = &line.advice {
        // Writing to a text cannot fail.
        let _ = write!(text, "; {advice}");
    }
    text
}

fn verdict(tried: &Tried, settings: &Settings) -> String {
    let region = &settings.default_region;
    if let Some(error) = tried.series.as_ref().err().or(tried.data.as_ref().err()) {
        return match cause(error, settings) {
            Some((why, advice)) => format!("{why}, so metrics cannot be read in {region}. {advice}."),
            None => format!("Metrics cannot be read in {region}."),
        };
    }
    let described = tried.description.as_ref().and_then(|described| described.result.as_ref().err());
    let not_described = described.filter(|error| error.kind != CallErrorKind::NotFound);
    let is_described = tried.description.is_some() && not_described.is_none();
    let (readable, missing) = match (&tried.applications, is_described) {
        (Ok(list), _) if list.is_empty() => {
            return format!("Ready, but there is no application in {region}: check the default region.");
        }
        (Ok(list), true) => return format!("Ready: {} in {region}.", count(list.len(), "application")),
        (Ok(list), false) => {
            let readable = format!("Metrics can be read of {} in {region}.", count(list.len(), "application"));
            (readable, "parallelism, checkpoint settings and the job graph are missing")
        }
        (Err(_), true) => (
            format!("Metrics can be read in {region}."),
            "applications are found by their metrics; stopped ones and statuses in lists are missing",
        ),
        (Err(_), false) => (
            format!("Metrics can be read in {region}."),
            "applications are found by their metrics; stopped ones, statuses, versions, parallelism and the job graph are missing",
        ),
    };
    let why = tried.applications.as_ref().err().or(not_described).and_then(|error| cause(error, settings));
    match why {
        Some((why, _)) => format!("{readable} {why}, so {missing}."),
        None => format!("{readable} {}.", capital(missing)),
    }
}

/// Why a call failed, and what to do; None where a wrong setting is named as the cause.
fn cause(error: &CallError, settings: &Settings) -> Option<(String, String)> {
    let (why, advice) = error.explain();
    (!typed::is_told(error, settings)).then(|| (capital(&why), advice))
}
