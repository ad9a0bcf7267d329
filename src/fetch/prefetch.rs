//! What a request fetches for others, beside what it needs itself.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use tokio::time::{Instant, timeout_at};

/// How long after its beginning a request waits for what it prefetches, once it has what it needs itself. By then the
/// panels that want it are there and wait for it on their own.
const PREFETCH_GRACE: Duration = Duration::from_millis(300);

/// Does both at a time. What is prefetched runs in the task of the request like everything else, so it ends soon after
/// what was asked.
pub async fn await_with_prefetch<T>(asked: impl Future<Output = T>, prefetch: impl Future<Output = ()>) -> T {
    let end = Instant::now() + PREFETCH_GRACE;
    match select(pin!(asked), pin!(prefetch)).await {
        Either::Left((answer, prefetch)) => {
            // Whether it came in time or not: the answer is there.
            let _ = timeout_at(end, prefetch).await;
            answer
        }
        Either::Right(((), asked)) => asked.await,
    }
}
