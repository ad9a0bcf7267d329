//! SDK clients: long-lived, one set per (identity, region, endpoint), never shared between identities.
//!
//! Only the connections below them are shared (see `http`). Nothing is called until the first operation: credentials
//! are loaded then, kept by the SDK until shortly before they expire, and used for all regions of the identity. A
//! custom endpoint stands for the services that it is set for, and for STS only where it is set for STS: credentials
//! sent elsewhere would be lost.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_types::app_name::AppName;
use futures::future::BoxFuture;
use tokio::sync::OnceCell;

use super::budget::Budget;
use super::call::{Gate, setting_of};
use super::credentials;
use super::fair_queue::RequestId;
use super::http::network;
use super::in_flight::InFlight;
use super::lru::Lru;
use super::service_clients::{ServiceClients, timeouts};
use super::{Answer, Aws, CallerIdentity, ListMetricsAsk};
use super::{
    describe_application, filter_log_events, get_caller_identity, get_metric_data, list_applications, list_metrics,
    list_tags_for_resource,
};
use crate::answers::GetMetricDataAnswer;
use crate::catalog::operations::Quota;
use crate::failure::{CallError, NO_ANSWER};
use crate::model::application::{ApplicationSummary, Description, Tags};
use crate::model::log::LogLines;
use crate::model::series::MetricSeries;
use crate::place::{AccountId, ApplicationArn, ApplicationName, Region};
use crate::plan::call::GetMetricDataCall;
use crate::plan::log_read::LogRead;
use crate::settings::{AllowedRegions, CallLimits, Endpoints, Identity, RegionRefusal, Settings, is_region_name};
use crate::telemetry::Telemetry;

/// Data sources, and regions of one data source, that have clients at a time.
const KEPT: usize = 256;

/// Of the request's time: a little before all is over, so that the host that was silent can still be named.
const OPERATION_SHARE: f64 = 0.95;

/// Who has not answered for so long is called silent; one that was asked later had no time to answer.
const TIME_TO_ANSWER: Duration = Duration::from_secs(1);

/// First try included. The SDK waits a random time between tries, and longer after each.
const ATTEMPTS: u32 = 4;

/// Short, since a person waits for the panel; the SDK's own is 1 s.
const FIRST_BACKOFF: Duration = Duration::from_millis(200);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// All clients of the process.
#[derive(Debug)]
pub struct Clients {
    network: SharedHttpClient,
    telemetry: Telemetry,
    sessions: Lru<ClientKey, Session>,
    budgets: Lru<BudgetKey, Lru<Region, Budget>>,
}

/// All that makes one client differ from another, but the region.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ClientKey {
    identity: Identity,
    endpoints: Endpoints,
    request_timeout: Duration,
}

/// All that makes one budget differ from another, but the region: quotas are those of an account.
#[derive(Debug, Clone, PartialEq)]
struct BudgetKey {
    identity: Identity,
    endpoints: Endpoints,
    limits: CallLimits,
}

impl Clients {
    pub fn new() -> Self {
        Self::with_telemetry(Telemetry::new())
    }

    /// Clients whose calls `telemetry` counts.
    pub fn with_telemetry(telemetry: Telemetry) -> Self {
        Self { network: network(), telemetry, sessions: Lru::new(KEPT), budgets: Lru::new(KEPT) }
    }

    /// The client for a request of a data source. Equal settings share a session.
    pub fn client(&self, settings: &Settings) -> Arc<AwsClient> {
        let key = ClientKey {
            identity: settings.identity.clone(),
            endpoints: settings.endpoints.clone(),
            request_timeout: settings.request_timeout,
        };
        let session = self.sessions.get_or_make(key, |key| Session::new(key.clone(), self.network.clone()));
        let key = BudgetKey {
            identity: settings.identity.clone(),
            endpoints: settings.endpoints.clone(),
            limits: settings.limits,
        };
        let budgets = self.budgets.get_or_make(key, |_| Lru::new(KEPT));
        let (limits, telemetry) = (settings.limits, self.telemetry.clone());
        Arc::new(AwsClient {
            session,
            budgets,
            limits,
            telemetry,
            regions: settings.regions.clone(),
            request: RequestId::next(),
        })
    }
}

impl Default for Clients {
    fn default() -> Self {
        Self::new()
    }
}

/// AWS as one request of a data source sees it.
#[derive(Debug)]
pub struct AwsClient {
    session: Arc<Session>,
    budgets: Arc<Lru<Region, Budget>>,
    limits: CallLimits,
    telemetry: Telemetry,
    regions: AllowedRegions,
    request: RequestId,
}

impl AwsClient {
    /// Whether both use the same credentials and connections.
    pub fn shares_session(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.session, &other.session)
    }

    /// Before anything is kept for the region: its name may come from a viewer.
    fn gate<'a>(&'a self, operation: &'static str, region: &'a Region) -> Result<Gate<'a>, CallError> {
        if let Some(why) = self.refusal(operation, region) {
            return Err(CallError::refused_region(operation, region, &why));
        }
        let quota = Quota::of(operation);
        let (budget, telemetry, endpoints) = (self.budget(region), &self.telemetry, &self.session.key.endpoints);
        let (request, in_flight) = (self.request, &self.session.in_flight);
        Ok(Gate { operation, region, quota, request, budget, telemetry, in_flight, server: Arc::default(), endpoints })
    }

    /// Why a region is not asked. Its name becomes part of a host name, so it is checked here whatever the caller did.
    fn refusal(&self, operation: &str, region: &Region) -> Option<String> {
        if !is_region_name(region.as_str()) {
            return Some("is not a valid region name".to_owned());
        }
        match self.regions.refusal(region) {
            Some(RegionRefusal::NotAllowed) => {
                return Some("is not among allowedRegions of this data source".to_owned());
            }
            Some(RegionRefusal::Unknown) => {
                return Some(
                    "is not a region that this plugin knows; if it is new, add it to allowedRegions of this data source".to_owned(),
                );
            }
            None => {}
        }
        if operation.starts_with("sts:") {
            return None;
        }
        let endpoint = self.session.key.endpoints.of(operation)?;
        let other = endpoint.region().filter(|other| *other != region.as_str())?;
        Some(format!("cannot be asked through {}, which is in {other}", endpoint.host()))
    }

    /// The host of an operation has not answered.
    fn silent(&self, operation: &'static str, region: &Region, host: Option<String>) -> CallError {
        let mut late = CallError { message: NO_ANSWER.to_owned(), ..CallError::late(operation, region) };
        late.context.server.setting = setting_of(host.as_deref(), operation, &self.session.key.endpoints);
        late.context.server.host = host;
        late
    }

    fn budget(&self, region: &Region) -> Arc<Budget> {
        self.budgets.get_or_make(region.clone(), |_| Budget::new(self.limits))
    }
}

/// The long-lived part: credentials and the services of each region.
struct Session {
    key: ClientKey,
    network: SharedHttpClient,
    shared: OnceCell<SdkConfig>,
    regions: Lru<Region, ServiceClients>,
    in_flight: InFlight,
}

/// Without the SDK's configuration, which shows access key ids.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Session {
    fn new(key: ClientKey, network: SharedHttpClient) -> Self {
        Self { key, network, shared: OnceCell::new(), regions: Lru::new(KEPT), in_flight: InFlight::default() }
    }

    /// The clients of a region.
    async fn services(&self, gate: &Gate<'_>) -> Arc<ServiceClients> {
        let shared = self.shared.get_or_init(|| self.load()).await;
        self.regions.get_or_make(gate.region.clone(), |region| {
            ServiceClients::new(shared, region, &self.key.endpoints, self.key.request_timeout)
        })
    }

    /// What all regions of this identity share: credentials, their cache, timeouts and retries.
    async fn load(&self) -> SdkConfig {
        let request = self.key.request_timeout;
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(aws_types::region::Region::new(self.key.identity.region.to_string()))
            .http_client(self.network.clone())
            .timeout_config(timeouts(request, request.mul_f64(OPERATION_SHARE)))
            .retry_config(retries())
            .app_name(AppName::new("grafana-flinkwatch").expect("letters and a dash are allowed in an app name"));
        credentials::load(loader, &self.key.identity, self.key.endpoints.sts.as_ref(), &self.network).await
    }
}

/// Whether the SDK finds an address of STS by itself.
fn has_sts_in_environment() -> bool {
    ["AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"].iter().any(|name| std::env::var_os(name).is_some())
}

/// Standard, not adaptive: after one throttled call the adaptive mode sends as little as one request in two seconds,
/// and all panels of a dashboard queue behind it until they time out. Here a budget of retries stops a storm instead;
/// it belongs to one client (see the retry partitions), so that a throttled data source does not use up that of the
/// others.
fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(LONGEST_BACKOFF)
}

impl Aws for AwsClient {
    fn get_metric_data<'a>(&'a self, call: &'a GetMetricDataCall) -> Answer<'a, GetMetricDataAnswer> {
        Box::pin(async move {
            let gate = self.gate(get_metric_data::OPERATION, &call.region)?;
            let services = self.session.services(&gate).await;
            get_metric_data::get_metric_data(&services.cloudwatch, &gate, call).await
        })
    }

    fn wait_for_capacity<'a>(&'a self, region: &'a Region) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // One that is not asked holds nothing up.
            if self.refusal(get_metric_data::OPERATION, region).is_none() {
                self.budget(region).wait_for_capacity(Quota::GetMetricData, self.request).await;
            }
        })
    }

    fn late(&self, operation: &'static str, region: &Region) -> CallError {
        let in_flight = &self.session.in_flight;
        let longest = |operation| in_flight.longest(operation, region).map(|asked| (operation, asked));
        // Where there is no list, it is made from metrics.
        let made_from = (operation == list_applications::OPERATION).then_some(list_metrics::OPERATION);
        let asked = longest(operation).or_else(|| longest(made_from?));
        let silent = in_flight.silent(asked.as_ref().map_or(operation, |(of, _)| of), region);
        match (asked, silent) {
            (Some((of, (running, host))), _) if running >= TIME_TO_ANSWER => self.silent(of, region, host),
            (_, Some((of, host))) if of == operation || Some(of) == made_from => self.silent(of, region, host),
            _ if self.refusal(operation, region).is_none()
                && self.budget(region).delays_calls(Quota::of(operation)) =>
            {
                self.telemetry.count_refused(operation);
                CallError::over_own_limits(operation, region)
            }
            (None, Some((of, host))) => {
                let silent = self.silent(of, region, host).explain().0;
                CallError {
                    message: format!("the time went by before: {silent}"),
                    ..CallError::late(operation, region)
                }
            }
            (Some((_, (running, _))), _) => {
                let message = format!("it was asked {:.1} s before the request's deadline", running.as_secs_f64());
                CallError { message, ..CallError::late(operation, region) }
            }
            (None, None) => CallError::late(operation, region),
        }
    }

    fn list_metrics<'a>(&'a self, ask: &'a ListMetricsAsk) -> Answer<'a, Vec<MetricSeries>> {
        Box::pin(async move {
            let gate = self.gate(list_metrics::OPERATION, &ask.place.region)?;
            let services = self.session.services(&gate).await;
            list_metrics::list_metrics(&services.cloudwatch, &gate, ask).await
        })
    }

    fn list_applications<'a>(&'a self, region: &'a Region) -> Answer<'a, Vec<ApplicationSummary>> {
        Box::pin(async move {
            let gate = self.gate(list_applications::OPERATION, region)?;
            let services = self.session.services(&gate).await;
            list_applications::list_applications(&services.kinesis_analytics, &gate).await
        })
    }

    fn describe_application<'a>(&'a self, region: &'a Region, name: &'a ApplicationName) -> Answer<'a, Description> {
        Box::pin(async move {
            let gate = self.gate(describe_application::OPERATION, region)?;
            let services = self.session.services(&gate).await;
            describe_application::describe_application(&services.kinesis_analytics, &gate, name).await
        })
    }

    fn list_tags_for_resource<'a>(&'a self, region: &'a Region, arn: &'a ApplicationArn) -> Answer<'a, Tags> {
        Box::pin(async move {
            let gate = self.gate(list_tags_for_resource::OPERATION, region)?;
            let services = self.session.services(&gate).await;
            list_tags_for_resource::list_tags_for_resource(&services.kinesis_analytics, &gate, arn).await
        })
    }

    fn filter_log_events<'a>(&'a self, read: &'a LogRead) -> Answer<'a, LogLines> {
        Box::pin(async move {
            let gate = self.gate(filter_log_events::OPERATION, &read.place.region)?;
            let services = self.session.services(&gate).await;
            filter_log_events::filter_log_events(&services.logs, &gate, read).await
        })
    }

    fn caller_account<'a>(&'a self, region: &'a Region) -> Answer<'a, AccountId> {
        Box::pin(async move { self.caller_identity(region).await.map(|identity| identity.account) })
    }

    fn caller_identity<'a>(&'a self, region: &'a Region) -> Answer<'a, CallerIdentity> {
        Box::pin(async move {
            let operation = get_caller_identity::OPERATION;
            // Where the services are elsewhere, AWS's own STS may be out of reach, and is none of its business.
            let endpoints = &self.session.key.endpoints;
            if endpoints.are_custom() && endpoints.sts.is_none() && !has_sts_in_environment() {
                return Err(CallError::not_asked(operation, region));
            }
            let gate = self.gate(operation, region)?;
            let services = self.session.services(&gate).await;
            get_caller_identity::caller_identity(&services.sts, &gate).await
        })
    }
}
