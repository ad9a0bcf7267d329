//! An AWS that answers from closures, and remembers what it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flinkwatch::answers::{Column, Completeness, GetMetricDataAnswer};
use flinkwatch::aws::{Answer, Aws, ListMetricsAsk};
use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::model::application::{ApplicationSummary, Description, Tags};
use flinkwatch::model::log::LogLines;
use flinkwatch::model::series::{Dimensions, MetricSeries};
use flinkwatch::place::{AccountId, ApplicationArn, ApplicationName, Region};
use flinkwatch::plan::call::GetMetricDataCall;
use flinkwatch::plan::log_read::LogRead;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

type Script<I, O> = Box<dyn Fn(&I) -> Result<O, CallError> + Send + Sync>;

/// Each operation's answer, how long it takes, and what was asked so far.
pub struct Scripted {
    pub get_metric_data: Script<GetMetricDataCall, GetMetricDataAnswer>,
    pub list_metrics: Script<ListMetricsAsk, Vec<MetricSeries>>,
    pub list_applications: Script<Region, Vec<ApplicationSummary>>,
    pub describe_application: Script<ApplicationName, Description>,
    pub list_tags_for_resource: Script<ApplicationArn, Tags>,
    pub filter_log_events: Script<LogRead, LogLines>,
    pub caller_account: Script<Region, AccountId>,
    pub latency: Duration,
    /// A region in which ListMetrics takes so long.
    pub slow: Option<(Region, Duration)>,
    /// How long ListMetrics of all applications takes.
    pub slow_walk: Option<Duration>,
    /// Calls of GetMetricData that run at a time.
    pub slots: Semaphore,
    pub seen: Seen,
}

/// What happened so far.
#[derive(Default)]
pub struct Seen {
    asked: Mutex<Vec<String>>,
    answered: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

impl Default for Scripted {
    /// Every operation answers with nothing, at once.
    fn default() -> Self {
        Self {
            get_metric_data: Box::new(|call| Ok(empty_answer(call))),
            list_metrics: Box::new(|_| Ok(Vec::new())),
            list_applications: Box::new(|_| Ok(Vec::new())),
            describe_application: Box::new(|_| Err(failure(CallErrorKind::NotFound))),
            list_tags_for_resource: Box::new(|_| Ok(Tags::new())),
            filter_log_events: Box::new(|_| Ok(LogLines { is_complete: true, ..LogLines::default() })),
            caller_account: Box::new(|_| Ok(AccountId::from("123456789012"))),
            latency: Duration::ZERO,
            slow: None,
            slow_walk: None,
            slots: Semaphore::new(8),
            seen: Seen::default(),
        }
    }
}

impl Scripted {
    /// One line per call, in the order in which they started.
    pub fn asked(&self) -> Vec<String> {
        self.seen.asked.lock().unwrap().clone()
    }

    /// Calls that ran to their end.
    pub fn answered(&self) -> usize {
        self.seen.answered.load(Ordering::SeqCst)
    }

    /// The most calls that ran at one time.
    pub fn most_in_flight(&self) -> usize {
        self.seen.most_in_flight.load(Ordering::SeqCst)
    }

    /// Calls that run now.
    pub fn in_flight(&self) -> usize {
        self.seen.in_flight.load(Ordering::SeqCst)
    }

    fn play<'a, I, O>(&'a self, line: String, script: &'a Script<I, O>, input: &'a I) -> Answer<'a, O>
    where
        I: Sync,
        O: Send,
    {
        Box::pin(async move {
            self.seen.asked.lock().unwrap().push(line);
            let running = InFlight::start(&self.seen);
            tokio::time::sleep(self.latency).await;
            let result = script(input);
            self.seen.answered.fetch_add(1, Ordering::SeqCst);
            drop(running);
            result
        })
    }
}

/// Counts one running call, also when it is dropped half way.
struct InFlight<'a>(&'a Seen);

impl<'a> InFlight<'a> {
    fn start(seen: &'a Seen) -> Self {
        let running = seen.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        seen.most_in_flight.fetch_max(running, Ordering::SeqCst);
        Self(seen)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Aws for Scripted {
    fn get_metric_data<'a>(&'a self, call: &'a GetMetricDataCall) -> Answer<'a, GetMetricDataAnswer> {
        let line = format!("GetMetricData {} {}..{} series={}", call.region, call.start, call.end, call.series.len());
        Box::pin(async move {
            let _slot = self.slots.acquire().await;
            self.play(line, &self.get_metric_data, call).await
        })
    }

    fn wait_for_capacity<'a>(&'a self, _: &'a Region) -> BoxFuture<'a, ()> {
        Box::pin(async { drop(self.slots.acquire().await) })
    }

    fn list_metrics<'a>(&'a self, ask: &'a ListMetricsAsk) -> Answer<'a, Vec<MetricSeries>> {
        let application = ask.application.as_ref().map_or("*", ApplicationName::as_str);
        let metric = ask.metric.as_deref().unwrap_or("*");
        let line = format!("ListMetrics {} app={application} metric={metric} {:?}", ask.place, ask.recency);
        Box::pin(async move {
            if let Some((region, delay)) = &self.slow
                && *region == ask.place.region
            {
                tokio::time::sleep(*delay).await;
            }
            if let (Some(delay), None, None) = (self.slow_walk, &ask.application, &ask.metric) {
                tokio::time::sleep(delay).await;
            }
            self.play(line, &self.list_metrics, ask).await
        })
    }

    fn list_applications<'a>(&'a self, region: &'a Region) -> Answer<'a, Vec<ApplicationSummary>> {
        self.play(format!("ListApplications {region}"), &self.list_applications, region)
    }

    fn describe_application<'a>(&'a self, region: &'a Region, name: &'a ApplicationName) -> Answer<'a, Description> {
        self.play(format!("DescribeApplication {region} {name}"), &self.describe_application, name)
    }

    fn list_tags_for_resource<'a>(&'a self, region: &'a Region, arn: &'a ApplicationArn) -> Answer<'a, Tags> {
        self.play(format!("ListTagsForResource {region} {arn}"), &self.list_tags_for_resource, arn)
    }

    fn filter_log_events<'a>(&'a self, read: &'a LogRead) -> Answer<'a, LogLines> {
        let line = format!("FilterLogEvents {} {}", read.place, read.application);
        self.play(line, &self.filter_log_events, read)
    }

    fn caller_account<'a>(&'a self, region: &'a Region) -> Answer<'a, AccountId> {
        self.play(format!("GetCallerIdentity {region}"), &self.caller_account, region)
    }
}

/// A failure with the given kind; operation and words are of no interest.
pub fn failure(kind: CallErrorKind) -> CallError {
    CallError::new(kind, "test:Scripted", &Region::from("eu-west-1"), "scripted")
}

/// Columns without a value.
pub fn empty_answer(call: &GetMetricDataCall) -> GetMetricDataAnswer {
    let column =
        |points| Column { values: vec![f64::NAN; points].into(), completeness: Completeness::Complete, message: None };
    let columns = call.series.iter().map(|ask| column(call.points(ask.period))).collect();
    GetMetricDataAnswer { columns, calls: 1 }
}

/// A series of the data source's own account.
pub fn series(metric: &str, dimensions: &[(&str, &str)]) -> MetricSeries {
    let pairs = dimensions.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value))).collect();
    MetricSeries { metric: Arc::from(metric), dimensions: Dimensions::new(pairs), account: None }
}
