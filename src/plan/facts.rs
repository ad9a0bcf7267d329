//! What planning needs to know of AWS, as data: which facts, and the facts themselves.
//!
//! The planner never asks: `needs` names the facts that are missing, the shell fetches them, and planning starts again. A
//! fact that could not be had is a fact too (its error), so that one denied permission fails only the
//! queries that need it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::level::MetricsLevel;
use crate::catalog::runtime::Runtime;
use crate::failure::CallError;
use crate::place::{AccountId, ApplicationArn, ApplicationName, Place};

pub use super::inventory::Inventory;

/// Facts that are still missing. Empty means that planning can start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// Names, statuses and runtimes of all applications of a place.
    pub lists: BTreeSet<Place>,
    /// The metric series of an application.
    pub inventories: BTreeSet<(Place, ApplicationName)>,
    /// DescribeApplication.
    pub descriptions: BTreeSet<(Place, ApplicationName)>,
    /// The names of the applications of a place that published something of late.
    pub published: BTreeSet<(Place, Recency)>,
    /// Whether only panels with tables of applications ask: their rows may come before everything is known of each.
    pub is_hurried: bool,
}

impl Needs {
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
            && self.inventories.is_empty()
            && self.descriptions.is_empty()
            && self.published.is_empty()
    }
}

/// Facts that are known, or known to be unobtainable.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub lists: BTreeMap<Place, Result<Arc<ApplicationList>, CallError>>,
    pub inventories: BTreeMap<(Place, ApplicationName), Result<Arc<Inventory>, CallError>>,
    pub descriptions: BTreeMap<(Place, ApplicationName), Result<Arc<Description>, CallError>>,
    pub published: BTreeMap<(Place, Recency), Result<Arc<Names>, CallError>>,
    /// Where facts are older than they should be, and why.
    pub stale: BTreeMap<Place, CallError>,
}

impl Facts {
    /// Takes over everything that `newer` knows.
    pub fn extend(&mut self, newer: Self) {
        self.lists.extend(newer.lists);
        self.inventories.extend(newer.inventories);
        self.descriptions.extend(newer.descriptions);
        self.published.extend(newer.published);
        self.stale.extend(newer.stale);
    }
}

pub type Names = BTreeSet<ApplicationName>;

/// How far back a listed series may have had its last data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Recency {
    /// Three hours (CloudWatch's `RecentlyActive=PT3H`).
    ThreeHours,
    /// Two weeks: all that ListMetrics knows.
    TwoWeeks,
}

/// The applications of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationList {
    pub applications: Vec<ApplicationSummary>,
    pub source: ListSource,
}

/// Where the list comes from; a list made from metrics knows names only.
#[derive(Debug, Clone, PartialEq)]
pub enum ListSource {
    /// kinesisanalytics:ListApplications.
    ListApplications,
    /// The `Application` dimension of ListMetrics, because ListApplications could not be used.
    Metrics { why: CallError },
}

/// One row of ListApplications. Everything but the name is unknown where the list was made from metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationSummary {
    pub name: ApplicationName,
    pub arn: Option<ApplicationArn>,
    pub status: Option<ApplicationStatus>,
    pub runtime: Option<Runtime>,
    pub version: Option<i64>,
}

/// Values by key.
pub type Tags = BTreeMap<String, String>;

/// DescribeApplication's status. New ones may appear, so any text is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationStatus {
    Running,
    /// Stopped. AWS calls it READY.
    Ready,
    Starting,
    Stopping,
    Updating,
    Autoscaling,
    /// Any other, as AWS spells it.
    Other(String),
}

impl ApplicationStatus {
    pub fn parse(text: &str) -> Self {
        match text {
            "RUNNING" => Self::Running,
            "READY" => Self::Ready,
            "STARTING" => Self::Starting,
            "STOPPING" => Self::Stopping,
            "UPDATING" => Self::Updating,
            "AUTOSCALING" => Self::Autoscaling,
            other => Self::Other(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Running => "RUNNING",
            Self::Ready => "READY",
            Self::Starting => "STARTING",
            Self::Stopping => "STOPPING",
            Self::Updating => "UPDATING",
            Self::Autoscaling => "AUTOSCALING",
            Self::Other(text) => text,
        }
    }

    /// As people say it: READY means stopped.
    pub fn in_words(&self) -> String {
        if *self == Self::Ready { "stopped".to_owned() } else { self.as_str().to_lowercase().replace('_', " ") }
    }

    /// Whether the job is there or about to be: everything but stopped and on its way to stop.
    pub fn is_active(&self) -> bool {
        match self {
            Self::Running | Self::Starting | Self::Updating | Self::Autoscaling => true,
            Self::Ready | Self::Stopping => false,
            Self::Other(text) => matches!(text.as_str(), "ROLLING_BACK" | "MAINTENANCE"),
        }
    }
}

/// How new the series of an inventory are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Freshness {
    /// With data in the last three hours (CloudWatch's RecentlyActive).
    #[default]
    RecentlyActive,
    /// Nothing in the last three hours; these had data in the last two weeks.
    Stale,
}

/// One series that exists.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricSeries {
    pub metric: Arc<str>,
    pub dimensions: Dimensions,
    /// The owning account where linked accounts were asked for.
    pub account: Option<AccountId>,
}

/// Names and values of a series' dimensions, sorted by name. Shared, because plans, calls and the cache name the series of an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Dimensions(Arc<[(Arc<str>, Arc<str>)]>);

impl Dimensions {
    pub fn new(mut pairs: Vec<(Arc<str>, Arc<str>)>) -> Self {
        pairs.sort();
        Self(pairs.into())
    }

    pub fn get(&self, name: &str) -> Option<&Arc<str>> {
        self.0.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    pub(super) fn value_at(&self, index: usize) -> Option<&Arc<str>> {
        self.0.get(index).map(|(_, value)| value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|(name, _)| &**name)
    }
}

/// What DescribeApplication tells, as far as planning and tables need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    pub name: ApplicationName,
    pub arn: String,
    pub status: ApplicationStatus,
    pub runtime: Runtime,
    pub version: i64,
    /// Milliseconds since the Unix epoch.
    pub created_ms: Option<i64>,
    pub updated_ms: Option<i64>,
    pub parallelism: Option<Parallelism>,
    pub checkpointing: Option<Checkpointing>,
    /// None for notebooks and SQL applications.
    pub metrics_level: Option<MetricsLevel>,
    /// ARNs of the log streams that the application writes to.
    pub log_streams: Vec<String>,
    /// The job plan as Flink's JSON; only while a job runs.
    pub job_plan: Option<String>,
}

/// ParallelismConfigurationDescription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parallelism {
    pub configured: i32,
    pub current: i32,
    pub per_kpu: i32,
    pub autoscaling: bool,
}

impl Parallelism {
    /// KPUs that the application is billed for: those of its TaskManagers and one for orchestration.
    pub fn kpus(self) -> i32 {
        let per_kpu = self.per_kpu.max(1);
        (self.current.max(1) + per_kpu - 1) / per_kpu + 1
    }
}

/// CheckpointConfigurationDescription, with MSF's defaults filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpointing {
    pub enabled: bool,
    pub interval_ms: i64,
    pub min_pause_ms: i64,
}
