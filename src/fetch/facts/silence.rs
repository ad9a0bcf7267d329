//! A service that does not answer is waited for once a minute, and not at every refresh.
//!
//! CloudWatch alone can answer most panels, so a subnet without a way to Kinesis Analytics must not cost them its
//! timeout again and again.

use std::future::Future;
use std::sync::Arc;

use crate::failure::{CallError, CallErrorKind};
use crate::fetch::Upstream;
use crate::place::Region;

/// What a call of Kinesis Analytics answers; without calling, its last failure while that is new.
pub(super) async fn unless_silent<T>(
    upstream: &Upstream,
    operation: &'static str,
    region: &Region,
    call: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    let silent = upstream.facts.silent.of(&upstream.owner);
    if let Some(error) = silent.known(region) {
        return Err(CallError { operation, ..CallError::clone(&error) });
    }
    let result = call.await;
    if let Err(error) = &result
        && matches!(error.kind, CallErrorKind::Timeout | CallErrorKind::Unreachable)
    {
        silent.put(region, Ok(Arc::new(error.clone())));
    }
    result
}
