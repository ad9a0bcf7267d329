//! Applications as the service tells of them: the list, a description, tags.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::level::MetricsLevel;
use crate::catalog::runtime::Runtime;
use crate::failure::CallError;
use crate::place::{AccountId, ApplicationArn, ApplicationName};

/// Names of applications.
pub type ApplicationNames = BTreeSet<ApplicationName>;

/// Accounts that CloudWatch shows, with the applications that published something there.
pub type Accounts = BTreeMap<AccountId, ApplicationNames>;

/// The applications of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct ApplicationList {
    pub applications: BTreeMap<ApplicationName, ApplicationSummary>,
    pub source: ListSource,
}

impl ApplicationList {
    pub fn new(rows: impl IntoIterator<Item = ApplicationSummary>, source: ListSource) -> Self {
        let by_name = rows.into_iter().map(|row| (row.name.clone(), row));
        Self { applications: by_name.collect(), source }
    }
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

    /// Whether the job is there or about to be: everything but stopped and on its way to stop. A status that is new to
    /// us counts as active: an alert rule that leaves its application out would be silent.
    pub fn is_active(&self) -> bool {
        match self {
            Self::Running | Self::Starting | Self::Updating | Self::Autoscaling => true,
            Self::Ready | Self::Stopping => false,
            Self::Other(text) => !matches!(text.as_str(), "DELETING" | "FORCE_STOPPING"),
        }
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
    /// From which level on the application logs, as AWS spells it.
    pub log_level: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Of those that the API reference of ApplicationDetail lists, and one that may come.
    #[test]
    fn only_what_is_stopped_or_stops_is_not_active() {
        let names = [
            "DELETING",
            "STARTING",
            "STOPPING",
            "READY",
            "RUNNING",
            "UPDATING",
            "AUTOSCALING",
            "FORCE_STOPPING",
            "ROLLING_BACK",
            "MAINTENANCE",
            "ROLLED_BACK",
            "HIBERNATING",
        ];
        let inactive: Vec<&str> =
            names.into_iter().filter(|name| !ApplicationStatus::parse(name).is_active()).collect();
        assert_eq!(inactive, ["DELETING", "STOPPING", "READY", "FORCE_STOPPING"]);
    }
}
