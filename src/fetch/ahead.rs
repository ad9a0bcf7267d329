//! What a request fetches for others, beside what it needs itself.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};
use tokio::time::{Instant, timeout_at};

/// How long after its beginning a request waits for what it fetches ahead, once it has what it needs itself. By then the panels that want it
/// are there and wait for it on their own.
const AHEAD_GRACE: Duration = Duration::from_millis(300);

/// Does both at a time. What is fetched ahead runs in the task of the request like everything else, so it ends soon after what was asked.
pub async fn with_more<T>(asked: impl Future<Output = T>, ahead: impl Future<Output = ()>) -> T {
    let end = Instant::now() + AHEAD_GRACE;
    match select(pin!(asked), pin!(ahead)).await {
        Either::Left((answer, ahead)) => {
            // Whether it came in time or not: the answer is there.
            let _ = timeout_at(end, ahead).await;
            answer
        }
        Either::Right(((), asked)) => asked.await,
    }
}
