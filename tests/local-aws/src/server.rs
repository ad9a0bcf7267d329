//! AWS's protocols over a simulated world, on loopback.
//!
//! One port speaks CloudWatch (rpc-v2-cbor, JSON 1.0, query/XML), CloudWatch Logs and `kinesisanalyticsv2` (JSON 1.1)
//! and STS (query). A request goes `request` → one file per operation → `response`; what a client of AWS may not know
//! (counters, faults) is under `/_local/`. Any number of servers may run in one process.

mod control;
mod counters;
mod dispatch;
mod error;
mod expression;
mod faults;
mod get_metric_data;
mod get_metric_statistics;
mod identity;
mod input;
mod kinesis_analytics;
mod list_metrics;
mod logs;
mod operation;
mod options;
mod output;
mod points;
mod publication;
mod request;
mod resource;
mod response;
mod statistic;
mod sts;
#[cfg(test)]
mod test_world;
#[cfg(test)]
mod tests;
mod throttle;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use counters::{Counters, OperationCounts, RecentCall, Usage};
pub use faults::{Faults, Times};
pub use options::{Clock, DEFAULT_ACCOUNT, Identity, Options, RateLimits};
pub use publication::Publication;

use crate::world::World;
use dispatch::State;

/// How long calls in flight may take to end when the server stops.
const STOP_PATIENCE: Duration = Duration::from_secs(1);

/// A running server. Dropping it stops it.
pub struct LocalAws {
    address: SocketAddr,
    state: Arc<State>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl std::fmt::Debug for LocalAws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalAws").field("address", &self.address).finish_non_exhaustive()
    }
}

impl LocalAws {
    /// Listens on 127.0.0.1. An error means that the port is taken.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server outlives the call that starts it and is owned by the value returned"
    )]
    pub async fn start(world: Arc<dyn World>, options: Options) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        // Without this, small answers wait for the client's delayed acknowledgement.
        let listener = listener.tap_io(|connection| {
            // A connection without the option is slower, not wrong.
            let _ = connection.set_nodelay(true);
        });
        let state = Arc::new(State::new(world, options));
        let (stop, stopped) = oneshot::channel();
        let router = router(Arc::clone(&state));
        let task = tokio::spawn(async move {
            let serving = axum::serve(listener, router).with_graceful_shutdown(async {
                // A dropped sender stops the server as well.
                let _ = stopped.await;
            });
            // Serving ends only by the signal above; accepting never fails for good.
            let _ = serving.await;
        });
        Ok(Self { address, state, stop, task })
    }

    /// Such as `http://127.0.0.1:4566`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn counters(&self) -> Counters {
        self.state.call_log.snapshot()
    }

    pub fn reset_counters(&self) {
        self.state.call_log.reset();
    }

    /// Replaces all faults.
    pub fn set_faults(&self, faults: Faults) {
        self.state.set_faults(faults);
    }

    pub fn set_clock(&self, clock: Clock) {
        self.state.set_clock(clock);
    }

    /// Ends when the port is free again; calls in flight have a second to end.
    pub async fn stop(self) {
        let Self { stop, mut task, .. } = self;
        // The task may have ended by itself.
        let _ = stop.send(());
        if tokio::time::timeout(STOP_PATIENCE, &mut task).await.is_err() {
            task.abort();
        }
    }
}

fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/_local/health", get(control::health))
        .route("/_local/counters", get(control::counters))
        .route("/_local/counters/reset", post(control::reset_counters))
        .route("/_local/faults", get(control::faults).post(control::set_faults))
        .fallback(dispatch::answer)
        .with_state(state)
}
