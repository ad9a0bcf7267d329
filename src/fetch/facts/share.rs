//! One fetch for all who wait for a fact, and an older answer where AWS fails for the moment.

use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::{Instant, timeout};

use super::ttl_cache::{Lookup, OwnerCache, Weigh};
use crate::failure::CallError;
use crate::fetch::Source;
use crate::place::Region;
use crate::plan::facts::Outdated;

/// A result, and why it is older than it should be.
pub(super) type Shared<V> = (Result<V, CallError>, Option<Outdated>);

/// The longest that the cache itself waits for a fact.
pub(super) const REFRESH_LIMIT: Duration = Duration::from_secs(60);

/// What is kept or fetched for a key. Where AWS fails for the moment, what was known before, with the error.
pub(super) async fn share<K: Eq + Hash + Clone, V: Clone + Weigh + Send + Sync + 'static>(
    source: &Source,
    cache: OwnerCache<'_, K, V>,
    key: &K,
    operation: &'static str,
    region: &Region,
    fetch: impl Future<Output = Result<V, CallError>> + Send + 'static,
) -> Shared<V> {
    let result = match cache.look(key) {
        Lookup::Fresh(result) => result,
        Lookup::Aging(value, None) => Ok(value),
        Lookup::Aging(value, Some(entry)) => {
            source.cache.refresh(async move {
                // Whoever looks next sees what came of it.
                let _ = timeout(REFRESH_LIMIT, entry.fill(fetch)).await;
            });
            Ok(value)
        }
        // Nothing is begun that nobody waits for.
        Lookup::Missing(_) if Instant::now() >= source.deadline => Err(source.aws.late(operation, region)),
        Lookup::Missing(entry) => source.within(source.deadline, operation, region, entry.fill(fetch)).await,
    };
    or_stale(cache, key, result)
}

/// Has what is not known for a key fetched in a task of the cache: it goes on when those who wait for it have left.
pub(super) fn begin<K: Eq + Hash + Clone, V: Clone + Weigh + Send + Sync + 'static>(
    source: &Source,
    cache: OwnerCache<'_, K, V>,
    key: &K,
    fetch: impl Future<Output = Result<V, CallError>> + Send + 'static,
) {
    let Lookup::Missing(entry) = cache.look(key) else { return };
    if !entry.claim() {
        return;
    }
    let filling = async move { timeout(REFRESH_LIMIT, entry.fill(fetch)).await.is_ok() }.boxed().shared();
    // Begun at once: else the next who looks would make the call, and end it when he leaves.
    filling.clone().now_or_never();
    source.cache.refresh(filling.map(drop));
}

/// The result, or what was known before where AWS fails for the moment.
pub(super) fn or_stale<K: Eq + Hash + Clone, V: Clone + Weigh>(
    cache: OwnerCache<'_, K, V>,
    key: &K,
    result: Result<V, CallError>,
) -> Shared<V> {
    match result {
        Err(error) if error.kind.is_passing() => match cache.stale(key) {
            Some(stale) => (Ok(stale.value), stale.is_old.then_some(Outdated { why: error, age: stale.age })),
            None => (Err(error), None),
        },
        result => (result, None),
    }
}
