//! Carry out what was planned: facts and series, bounded, shared and cached.
//!
//! One call never touches another: each has its own result. Everything runs in the tasks of the requests that wait for it, so that
//! dropping the last of them drops the call. Every wait ends at the request's own deadline.

mod ahead;
mod apart;
mod batch;
mod buckets;
mod cache;
mod columns;
mod descriptions;
mod desk;
mod facts;
mod held;
mod segment;
mod silence;
mod tags;
mod ticket;
mod ttl_cache;
mod walk;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::time::{Instant, timeout_at};

pub use ahead::with_more;
pub use cache::FactCache;
pub use columns::{Account, Fetched, columns};
pub use descriptions::known_description;
pub use desk::{Desk, Figures};
pub(crate) use facts::METRIC_OF_ALL;
pub use facts::{facts, known_facts, linked_accounts, own_account};
pub use tags::tags;

use crate::aws::Aws;
use crate::failure::{CallError, CallErrorKind};
use crate::place::Region;
use crate::settings::{Endpoints, Identity, Settings};

/// Calls of one kind that one request, or one gathering of them, has in line at a time: a large one does not hold up the others.
const AT_A_TIME: usize = 8;

/// AWS as one request of one data source uses it.
#[derive(Clone)]
pub struct Source {
    pub aws: Arc<dyn Aws>,
    pub cache: Arc<FactCache>,
    pub desk: Arc<Desk>,
    pub owner: Arc<Owner>,
    pub deadline: Instant,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("owner", &self.owner).field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// Whose facts these are. Two data sources share cached facts when they are the same for AWS.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    pub identity: Identity,
    pub endpoints: Endpoints,
}

impl Owner {
    pub fn of(settings: &Settings) -> Self {
        Self { identity: settings.identity.clone(), endpoints: settings.endpoints.clone() }
    }
}

/// The answer, or a timeout when the request's deadline comes first.
pub(crate) async fn in_time<T>(
    deadline: Instant,
    operation: &'static str,
    region: &Region,
    answer: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    timeout_at(deadline, answer).await.unwrap_or_else(|_| Err(late(operation, region)))
}

fn late(operation: &'static str, region: &Region) -> CallError {
    CallError::new(CallErrorKind::Timeout, operation, region, "no answer before the request's deadline")
}
