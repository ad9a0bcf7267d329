//! Carry out what was planned: facts and series, bounded, shared and cached.
//!
//! One call never touches another: each has its own result. Everything runs in the tasks of the requests that wait for
//! it, so that dropping the last of them drops the call. Every wait ends at the request's own deadline.

mod facts;
mod metrics;
mod prefetch;

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use facts::CachedFacts;
pub(crate) use facts::METRIC_OF_ALL;
pub use facts::{FactCache, facts, fetch_in_background, known_description, known_facts, linked_accounts, own_account};
pub use metrics::{BilledTo, CALL_POINTS, CALL_SERIES, Coalescer, Figures, Packed, Payer, Spending, columns, pack};
pub use prefetch::await_with_prefetch;

use crate::aws::Aws;
use crate::failure::CallError;
use crate::place::Region;
use crate::settings::{AllowedRegions, CallLimits, Endpoints, Identity, Settings};

/// Calls of one kind that one request, or one gathering of them, has in line at a time: a large one does not hold up
/// the others.
const AT_A_TIME: usize = 8;

/// AWS as one request of one data source uses it.
#[derive(Clone)]
pub struct Source {
    pub aws: Arc<dyn Aws>,
    pub cache: Arc<FactCache>,
    pub coalescer: Arc<Coalescer>,
    pub owner: Arc<Owner>,
    pub payer: Payer,
    pub deadline: Instant,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("owner", &self.owner).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl Source {
    /// The answer, or why there is none at `deadline`.
    pub(crate) async fn within<T>(
        &self,
        deadline: Instant,
        operation: &'static str,
        region: &Region,
        answer: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let mut answer = pin!(answer);
        // What it waits for is seen while it still waits.
        timeout_at(deadline, answer.as_mut()).await.unwrap_or_else(|_| Err(self.aws.late(operation, region)))
    }

    fn upstream(&self) -> Upstream {
        Upstream { aws: Arc::clone(&self.aws), facts: Arc::clone(&self.cache.facts), owner: Arc::clone(&self.owner) }
    }
}

/// AWS for work that requests share: without the deadline of any of them, and without a hold on the cache that runs
/// such work.
#[derive(Clone)]
struct Upstream {
    aws: Arc<dyn Aws>,
    facts: Arc<CachedFacts>,
    owner: Arc<Owner>,
}

/// Whose facts, values and calls these are. Two data sources share them when they are the same for AWS and ask in the
/// same way: a call that is made for both has the timeouts and limits of each.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Owner {
    pub identity: Identity,
    pub endpoints: Endpoints,
    pub regions: AllowedRegions,
    pub request_timeout: Duration,
    pub limits: CallLimits,
    /// Bytes of values that are kept.
    pub cache_bytes: usize,
}

impl Owner {
    pub fn of(settings: &Settings) -> Self {
        Self {
            identity: settings.identity.clone(),
            endpoints: settings.endpoints.clone(),
            regions: settings.regions.clone(),
            request_timeout: settings.request_timeout,
            limits: settings.limits,
            cache_bytes: settings.cache_bytes,
        }
    }
}
