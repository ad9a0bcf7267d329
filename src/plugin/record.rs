//! One log event per request, and the net under it: a panic becomes an answer.
//!
//! The event is written when the record is dropped, so a request that Grafana cancels (its
//! future is dropped half-way) is recorded too, as "cancelled".

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures::FutureExt;
use tonic::Status;
use tonic::metadata::MetadataMap;

/// What the log says about one request. Holds nothing that a request brought except the
/// uid of its data source and its trace id.
pub(super) struct Record {
    method: &'static str,
    data_source: Option<String>,
    trace_id: Option<String>,
    queries: usize,
    started: Instant,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Cancelled,
    Answered,
    Failed,
    Panicked,
}

impl Record {
    #[expect(clippy::disallowed_methods, reason = "the edge measures how long a request takes")]
    pub(super) fn start(method: &'static str, metadata: &MetadataMap) -> Self {
        Self {
            method,
            data_source: None,
            trace_id: trace_id(metadata),
            queries: 0,
            started: Instant::now(),
            outcome: Outcome::Cancelled,
        }
    }

    pub(super) fn about(&mut self, uid: &str, queries: usize) {
        self.data_source = Some(uid.to_owned());
        self.queries = queries;
    }

    /// Runs the data source's work. `failed` tells from its reply whether the event is a
    /// warning. A panic is logged with its text by the panic hook, and only there.
    pub(super) async fn watch<T>(
        &mut self,
        work: impl Future<Output = T>,
        failed: impl FnOnce(&T) -> bool,
    ) -> Result<T, Status> {
        // A panic leaves nothing half-written behind that anyone reads later: the future is
        // dropped, and what requests share is behind locks that do not poison.
        let Ok(reply) = AssertUnwindSafe(work).catch_unwind().await else {
            self.outcome = Outcome::Panicked;
            return Err(Status::internal(format!(
                "{} failed because of a bug in this plugin; its log has the details.",
                self.method
            )));
        };
        self.outcome = if failed(&reply) { Outcome::Failed } else { Outcome::Answered };
        Ok(reply)
    }

    /// The request itself is wrong: nothing was asked of the data source.
    pub(super) fn refused(&mut self, status: Status) -> Status {
        self.outcome = Outcome::Failed;
        status
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let duration_ms = self.started.elapsed().as_secs_f64() * 1e3;
        let outcome = match self.outcome {
            Outcome::Cancelled => "cancelled",
            Outcome::Answered => "ok",
            Outcome::Failed => "error",
            Outcome::Panicked => "panic",
        };
        let (method, data_source) = (self.method, self.data_source.as_deref());
        let (trace_id, queries) = (self.trace_id.as_deref(), self.queries);
        match self.outcome {
            Outcome::Failed => tracing::warn!(method, data_source, queries, duration_ms, outcome, trace_id, "request"),
            Outcome::Cancelled | Outcome::Answered | Outcome::Panicked => {
                tracing::debug!(method, data_source, queries, duration_ms, outcome, trace_id, "request")
            }
        }
    }
}

/// The trace id of W3C's `traceparent`: `00-<32 hex digits>-<16 hex digits>-<flags>`.
fn trace_id(metadata: &MetadataMap) -> Option<String> {
    let parent = metadata.get("traceparent")?.to_str().ok()?;
    let id = parent.split('-').nth(1)?;
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| id.to_owned())
}
