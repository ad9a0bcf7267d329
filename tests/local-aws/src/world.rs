//! What exists in the simulated account: metric series, the samples behind each minute, and the applications.
//!
//! The server asks a [`World`]; it never stores a value. Times are seconds since the Unix epoch, minutes
//! are the epoch second at which the minute starts (a multiple of 60).

use std::ops::Range;
use std::sync::Arc;

/// One CloudWatch series of the namespace `AWS/KinesisAnalytics`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Series {
    pub metric: Arc<str>,
    /// Name and value of each dimension, sorted by name.
    pub dimensions: Vec<(Arc<str>, Arc<str>)>,
}

/// A series and when it has data.
#[derive(Debug, Clone)]
pub struct SeriesEntry {
    pub series: Series,
    /// The newest minute with data as of the asked time.
    pub last_minute: i64,
    /// The account that owns it.
    pub account: Arc<str>,
}

/// The samples of one minute, folded as CloudWatch folds them. A minute without samples is `None` where it is asked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    pub sample_count: f64,
    pub sum: f64,
    pub minimum: f64,
    pub maximum: f64,
}

impl Minute {
    /// Folds samples; `None` without any.
    pub fn of_samples(samples: &[f64]) -> Option<Self> {
        (!samples.is_empty()).then(|| Self {
            sample_count: samples.len() as f64,
            sum: samples.iter().sum(),
            minimum: samples.iter().copied().fold(f64::INFINITY, f64::min),
            maximum: samples.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }
}

/// One application as `kinesisanalyticsv2` shows it.
#[derive(Debug, Clone)]
pub struct Application {
    pub name: String,
    /// `RUNNING`, `READY` (stopped), `UPDATING` …
    pub status: String,
    /// `FLINK-1_20`, `FLINK-2_2`, `SQL-1_0`, `ZEPPELIN-FLINK-3_0` …
    pub runtime: String,
    /// `STREAMING` or `INTERACTIVE`.
    pub mode: String,
    pub version: i64,
    /// The object `ApplicationDetail` of DescribeApplication, complete, with epoch seconds as times. The job
    /// plan (`JobPlanDescription`) is in `job_plan`, and is shown only with `IncludeAdditionalDetails`.
    pub detail: serde_json::Value,
    pub job_plan: Option<String>,
    pub tags: Vec<(String, String)>,
}

/// A log group of CloudWatch Logs, in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    pub name: String,
    /// The account that owns it.
    pub account: Arc<str>,
    /// Epoch seconds.
    pub created: i64,
    /// Older events are gone.
    pub retention_days: i64,
    /// Names, sorted.
    pub streams: Vec<String>,
}

/// Where a log stream is, within a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogStream<'a> {
    pub account: &'a str,
    pub group: &'a str,
    pub name: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// Epoch milliseconds.
    pub timestamp: i64,
    pub message: String,
}

/// The account as of a moment. Everything is a function of its arguments: the same question has the same answer.
pub trait World: Send + Sync + 'static {
    /// All series of a region that had data in the two weeks before `now`. Stable order.
    fn series(&self, region: &str, now: i64) -> Arc<Vec<SeriesEntry>>;

    /// The folded samples of one minute. For the minute in which `now` lies only the samples before `now` count; later
    /// minutes are `None`.
    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute>;

    /// Each single sample of one minute, for percentiles. Folding them gives what `minute` gives.
    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64>;

    /// [`World::minute`] of the series of one account, for worlds in which accounts have series of the same name and
    /// dimensions.
    fn minute_of(&self, region: &str, _account: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        self.minute(region, series, minute, now)
    }

    /// [`World::samples`] of the series of one account.
    fn samples_of(&self, region: &str, _account: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        self.samples(region, series, minute, now)
    }

    /// The applications of a region.
    fn applications(&self, region: &str, now: i64) -> Vec<Application>;

    /// One of them.
    fn application(&self, region: &str, name: &str, now: i64) -> Option<Application> {
        self.applications(region, now).into_iter().find(|application| application.name == name)
    }

    /// The log groups of a region, of all accounts.
    fn log_groups(&self, _region: &str, _now: i64) -> Vec<LogGroup> {
        Vec::new()
    }

    /// The events of a stream within `start..end` (epoch milliseconds) that were written before `now`; oldest first.
    fn log_events(&self, _region: &str, _stream: LogStream<'_>, _time: Range<i64>, _now: i64) -> Vec<LogEvent> {
        Vec::new()
    }
}
