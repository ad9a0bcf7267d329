//! Calls that run: of an answer that is late it is told which host was asked, and for how long it has not answered.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::place::Region;

/// All calls of a session that run.
#[derive(Debug, Default)]
pub(super) struct InFlight(Mutex<Vec<Arc<Call>>>);

#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) region: Region,
    pub(super) started: Instant,
    /// The host that was asked, once one was.
    pub(super) server: Arc<OnceLock<String>>,
}

impl InFlight {
    pub(super) fn add(&self, call: Call) -> Arc<Call> {
        let call = Arc::new(call);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&call));
        call
    }

    pub(super) fn remove(&self, call: &Arc<Call>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| !Arc::ptr_eq(other, call));
    }

    /// How long the longest call of an operation has been running, and the host that it has reached for.
    pub(super) fn longest(&self, operation: &str, region: &Region) -> Option<(Duration, Option<String>)> {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = calls.iter().filter(|call| call.operation == operation && call.region == *region);
        let longest = asked.min_by_key(|call| call.started)?;
        Some((longest.started.elapsed(), longest.server.get().cloned()))
    }
}
