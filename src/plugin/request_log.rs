//! One log event per request, and the net under it: a panic becomes an answer. Equal failures are one event a minute.
//!
//! The event is written when the record is dropped, so a request that Grafana cancels (its
//! future is dropped half-way) is recorded too, as "cancelled". What failed is said in this
//! event and nowhere else: at warn when the user or AWS is to blame, at error when we are.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures::FutureExt;
use tonic::Status;
use tonic::metadata::MetadataMap;

use super::data_source::Blame;
use super::repeats::{Repeats, Turn};
use crate::limits;

/// What the log says about one request. Holds nothing that a request brought except the
/// uid of its data source and its trace id.
pub(super) struct RequestLog {
    method: &'static str,
    data_source: Option<String>,
    trace_id: Option<String>,
    queries: usize,
    started: Instant,
    outcome: RequestOutcome,
}

enum RequestOutcome {
    Cancelled,
    Answered,
    Failed(ReplyFailure),
    Panicked,
}

/// Why an answer is an error, in the words that Grafana gets as well.
pub(super) struct ReplyFailure {
    pub(super) blame: Blame,
    pub(super) text: String,
}

impl RequestLog {
    #[expect(clippy::disallowed_methods, reason = "the edge measures how long a request takes")]
    pub(super) fn start(method: &'static str, metadata: &MetadataMap) -> Self {
        Self {
            method,
            data_source: None,
            trace_id: trace_id(metadata),
            queries: 0,
            started: Instant::now(),
            outcome: RequestOutcome::Cancelled,
        }
    }

    pub(super) fn about(&mut self, uid: &str, queries: usize) {
        self.data_source = Some(limits::cut(uid, limits::REF_ID_BYTES).into_owned());
        self.queries = queries;
    }

    /// Runs the data source's work; `failure` tells from its reply whether that is an error.
    /// A panic is logged with its text by the panic hook, and only there.
    pub(super) async fn watch<T>(
        &mut self,
        work: impl Future<Output = T>,
        failure: impl FnOnce(&mut T) -> Option<ReplyFailure>,
    ) -> Result<T, Status> {
        // A panic leaves nothing half-written behind that anyone reads later: the future is
        // dropped, and what requests share must not be left broken by dropping one either.
        let Ok(mut reply) = AssertUnwindSafe(work).catch_unwind().await else {
            self.outcome = RequestOutcome::Panicked;
            return Err(Status::internal(format!(
                "{} failed because of a bug in this plugin; its log has the details.",
                self.method
            )));
        };
        self.outcome = failure(&mut reply).map_or(RequestOutcome::Answered, RequestOutcome::Failed);
        Ok(reply)
    }

    /// What people call it in a log.
    fn what(&self) -> &'static str {
        match self.method {
            "QueryData" => "query",
            "CallResource" => "drop-down",
            "CheckHealth" => "health check",
            "CollectMetrics" => "metrics",
            other => other,
        }
    }

    /// The request itself is wrong: nothing was asked of the data source.
    pub(super) fn refused(&mut self, status: Status) -> Status {
        let text = status.message().to_owned();
        let blame = Blame::Downstream;
        self.outcome = RequestOutcome::Failed(ReplyFailure { blame, text });
        status
    }
}

/// Equal failures of one data source, whatever their requests.
static REPEATS: Repeats = Repeats::new();

impl Drop for RequestLog {
    #[expect(clippy::disallowed_methods, reason = "equal failures are logged once a minute")]
    fn drop(&mut self) {
        let duration_ms = self.started.elapsed().as_secs_f64() * 1e3;
        let (method, queries, what) = (self.method, self.queries, self.what());
        let (data_source, trace_id) = (self.data_source.as_deref(), self.trace_id.as_deref());
        // The fields are the same each time; a level has to be known when it is compiled.
        macro_rules! event {
            ($level:ident, $outcome:literal, $repeated:expr, $($message:tt)+) => {
                tracing::$level!(
                    method, data_source, queries, duration_ms, outcome = $outcome, trace_id, repeated = $repeated, $($message)+
                )
            };
        }
        const NEVER: Option<u64> = None;
        match &self.outcome {
            RequestOutcome::Cancelled => event!(debug, "cancelled", NEVER, "{what} cancelled"),
            RequestOutcome::Answered => event!(debug, "ok", NEVER, "{what} answered"),
            RequestOutcome::Panicked => event!(debug, "panic", NEVER, "{what} panicked"),
            RequestOutcome::Failed(ReplyFailure { blame, text }) => {
                let key = format!("{method} {} {text}", data_source.unwrap_or_default());
                let turn = REPEATS.turn(limits::cut(&key, limits::LOG_TEXT_BYTES).as_ref(), Instant::now());
                match (turn, blame) {
                    (Turn::Count, _) => event!(debug, "error", NEVER, "{what} failed: {text}"),
                    (Turn::Log { repeated }, Blame::Downstream) => {
                        event!(warn, "error", (repeated > 0).then_some(repeated), "{what} failed: {text}");
                    }
                    (Turn::Log { repeated }, Blame::Plugin) => {
                        event!(error, "error", (repeated > 0).then_some(repeated), "{what} failed: {text}");
                    }
                }
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
