//! Carry out what was planned: facts and calls, bounded, shared and cached.
//!
//! One call never touches another: each has its own result. Everything runs in the task of the request, so that dropping the
//! request drops its calls. Every wait ends at the request's deadline.

mod ahead;
mod cache;
mod facts;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use tokio::time::{Instant, timeout_at};

pub use ahead::with_more;
pub use cache::FactCache;
pub(crate) use facts::METRIC_OF_ALL;
pub use facts::{facts, known_description, known_facts, linked_accounts, own_account};

use crate::aws::Aws;
use crate::failure::{CallError, CallErrorKind};
use crate::place::Region;
use crate::plan::call::{GetMetricDataAnswer, GetMetricDataCall};
use crate::settings::{Endpoint, Identity, Settings};

/// AWS calls that one request makes at a time.
const AT_A_TIME: usize = 8;

/// AWS as one request of one data source uses it.
#[derive(Clone)]
pub struct Source {
    pub aws: Arc<dyn Aws>,
    pub cache: Arc<FactCache>,
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
    pub endpoint: Option<Endpoint>,
}

impl Owner {
    pub fn of(settings: &Settings) -> Self {
        Self { identity: settings.identity.clone(), endpoint: settings.endpoint.clone() }
    }
}

/// Makes all calls; the results are in the order of the calls.
pub async fn answers(source: &Source, calls: &[GetMetricDataCall]) -> Vec<Result<GetMetricDataAnswer, CallError>> {
    let waiting: Vec<_> = calls.iter().map(|call| answer(source, call)).collect();
    stream::iter(waiting).buffered(AT_A_TIME).collect().await
}

async fn answer(source: &Source, call: &GetMetricDataCall) -> Result<GetMetricDataAnswer, CallError> {
    let answer = source.aws.get_metric_data(call);
    in_time(source.deadline, "cloudwatch:GetMetricData", &call.region, answer).await
}

/// The answer, or a timeout when the request's deadline comes first.
pub(crate) async fn in_time<T>(
    deadline: Instant,
    operation: &'static str,
    region: &Region,
    answer: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    timeout_at(deadline, answer).await.unwrap_or_else(|_| {
        Err(CallError {
            kind: CallErrorKind::Timeout,
            operation,
            region: region.clone(),
            message: "no answer before the request's deadline".to_owned(),
        })
    })
}
