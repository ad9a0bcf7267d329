//! How to say it to AWS: the only place that knows the AWS SDK.
//!
//! [`Aws`] is the one border: the real client and, in tests, a scripted one. One file per operation; foreign names stop
//! here.

mod attempts;
pub mod budget;
mod ca_bundle;
mod call;
pub mod clients;
mod credentials;
mod describe_application;
mod error;
mod fair_queue;
mod filter_log_events;
mod get_caller_identity;
mod get_metric_data;
mod host;
mod http;
mod in_flight;
mod list_applications;
mod list_metrics;
mod list_tags_for_resource;
mod lru;
mod network_error;
mod promised;
mod service_clients;

use std::sync::Arc;

use futures::future::BoxFuture;

pub use describe_application::OPERATION as DESCRIBE_APPLICATION;
pub use filter_log_events::OPERATION as FILTER_LOG_EVENTS;
pub use get_caller_identity::OPERATION as GET_CALLER_IDENTITY;
pub use get_metric_data::OPERATION as GET_METRIC_DATA;
pub use list_applications::OPERATION as LIST_APPLICATIONS;
pub use list_metrics::OPERATION as LIST_METRICS;
pub use list_tags_for_resource::OPERATION as LIST_TAGS_FOR_RESOURCE;

use crate::answers::GetMetricDataAnswer;
use crate::failure::CallError;
use crate::model::application::{ApplicationSummary, Description, Tags};
use crate::model::log::LogLines;
use crate::model::series::MetricSeries;
use crate::place::{AccountId, ApplicationArn, ApplicationName, Place, Region};
use crate::plan::call::GetMetricDataCall;
use crate::plan::log_read::LogRead;

pub use crate::model::series::Recency;

/// The result of one operation, all pages read.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, CallError>>;

/// AWS as one identity sees it. Dropping a future cancels its HTTP call. Nothing here ends at a request's deadline:
/// several may wait for one call, and each leaves by its own.
pub trait Aws: Send + Sync {
    /// All pages of one planned call.
    fn get_metric_data<'a>(&'a self, call: &'a GetMetricDataCall) -> Answer<'a, GetMetricDataAnswer>;

    /// Ends when nothing would hold up a call of GetMetricData. Until then, more can be put into one.
    fn wait_for_capacity<'a>(&'a self, region: &'a Region) -> BoxFuture<'a, ()>;

    /// Why there is no answer at the deadline of who waits for one.
    fn late(&self, operation: &'static str, region: &Region) -> CallError {
        CallError::late(operation, region)
    }

    /// All pages of ListMetrics in the namespace `AWS/KinesisAnalytics`.
    fn list_metrics<'a>(&'a self, ask: &'a ListMetricsAsk) -> Answer<'a, Vec<MetricSeries>>;

    /// All pages of ListApplications.
    fn list_applications<'a>(&'a self, region: &'a Region) -> Answer<'a, Vec<ApplicationSummary>>;

    /// DescribeApplication with the job plan.
    fn describe_application<'a>(&'a self, region: &'a Region, name: &'a ApplicationName) -> Answer<'a, Description>;

    /// The tags of an application.
    fn list_tags_for_resource<'a>(&'a self, region: &'a Region, arn: &'a ApplicationArn) -> Answer<'a, Tags>;

    /// The pages of FilterLogEvents, until there are lines enough.
    fn filter_log_events<'a>(&'a self, read: &'a LogRead) -> Answer<'a, LogLines>;

    /// The account of this identity (STS GetCallerIdentity, which needs no permission).
    fn caller_account<'a>(&'a self, region: &'a Region) -> Answer<'a, AccountId>;

    /// Who this identity is. Only "Save & test" shows it.
    fn caller_identity<'a>(&'a self, region: &'a Region) -> Answer<'a, CallerIdentity> {
        Box::pin(std::future::ready(Err(CallError::not_asked(GET_CALLER_IDENTITY, region))))
    }
}

/// Whose credentials answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// Of a user, or of a session of a role.
    pub arn: String,
    pub account: AccountId,
}

/// Which series to list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListMetricsAsk {
    pub place: Place,
    /// Only series of this application; all applications without.
    pub application: Option<ApplicationName>,
    /// Only series of this metric.
    pub metric: Option<Arc<str>>,
    pub recency: Recency,
}
