//! Calls that run, and who was silent of late: of an answer that is late it is told which host has not answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::failure::CallErrorKind;
use crate::place::Region;
use crate::telemetry::CallOutcome;

/// All calls of a session that run.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    calls: Mutex<Vec<Arc<Call>>>,
    /// Operations whose last call ended without an answer.
    silent: Mutex<HashMap<(&'static str, Region), Silence>>,
}

#[derive(Debug)]
struct Silence {
    since: Instant,
    host: Option<String>,
}

/// Whoever waits now may have waited for a call that ended so long ago.
const RECENT: Duration = Duration::from_secs(30);

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
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&call));
        call
    }

    pub(super) fn remove(&self, call: &Arc<Call>, outcome: CallOutcome) {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| !Arc::ptr_eq(other, call));
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (call.operation, call.region.clone());
        match outcome {
            CallOutcome::Failed(CallErrorKind::Timeout) => {
                silent.insert(key, Silence { since: Instant::now(), host: call.server.get().cloned() });
            }
            CallOutcome::Answered | CallOutcome::Failed(_) => drop(silent.remove(&key)),
            CallOutcome::Cancelled => {}
        }
    }

    /// The operation of a region that was silent of late, and the host: of `operation` where it was, else of any.
    pub(super) fn silent(&self, operation: &str, region: &Region) -> Option<(&'static str, Option<String>)> {
        let silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        let of_late = silent.iter().filter(|((_, of), silence)| of == region && silence.since.elapsed() < RECENT);
        let found = of_late.max_by_key(|((of, _), silence)| (*of == operation, silence.since));
        found.map(|((of, _), silence)| (*of, silence.host.clone()))
    }

    /// How long the longest call of an operation has been running, and the host that it has reached for.
    pub(super) fn longest(&self, operation: &str, region: &Region) -> Option<(Duration, Option<String>)> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = calls.iter().filter(|call| call.operation == operation && call.region == *region);
        let longest = asked.min_by_key(|call| call.started)?;
        Some((longest.started.elapsed(), longest.server.get().cloned()))
    }
}
