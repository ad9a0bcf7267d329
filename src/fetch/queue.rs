//! Descriptions of many applications, for tables that need not have them all.
//!
//! Kinesis Analytics admits a few calls a second, so that a fleet is described in as many seconds as a table must not wait. The
//! cache itself describes one after the other, for all who ask, and goes on when they have left; a table waits a moment and shows
//! what is known by then.

use std::collections::BTreeSet;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::cache::Look;
use super::facts::{Fact, Fetched, REFRESH_LIMIT, fetch_description, or_stale};
use super::{AT_A_TIME, Owner, Source, in_time, late};
use crate::aws::DESCRIBE_APPLICATION;
use crate::place::{ApplicationName, Place};
use crate::plan::facts::Needs;

type Key = (Arc<Owner>, Place, ApplicationName);

/// Fewer are awaited.
const MANY: usize = 25;

/// How long a table waits when it has nothing older to show.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether only tables ask, and for many applications whose descriptions are not fresh.
pub(super) fn is_worthwhile(source: &Source, needs: &Needs) -> bool {
    let is_fresh = |(place, name): &&(Place, ApplicationName)| {
        source.cache.descriptions.known(&key(source, place, name)).is_some()
    };
    needs.is_hurried && needs.descriptions.iter().filter(|of| !is_fresh(of)).count() > MANY
}

/// Every description, or that it is late; within moments where all have been known.
pub(super) async fn describe(source: &Source, wanted: BTreeSet<(Place, ApplicationName)>) -> Vec<Fetched> {
    let is_known = |(place, name): &(Place, ApplicationName)| {
        source.cache.descriptions.stale(&key(source, place, name)).is_some_and(|stale| !stale.is_old)
    };
    let must_wait = !wanted.iter().all(is_known);
    let (ended, end) = oneshot::channel();
    let (own, names) = (source.clone(), wanted.clone());
    let filling = async move {
        let describe = |(place, name)| describe_one(&own, place, name);
        stream::iter(names).map(describe).buffer_unordered(AT_A_TIME).for_each(ready).await;
        // The table may have left.
        let _ = ended.send(());
    };
    if !wanted.is_empty() && source.cache.refresh(filling) && must_wait {
        let patience = source.deadline.min(Instant::now() + PATIENCE);
        // Either way, what is known by then is shown.
        let _ = timeout_at(patience, end).await;
    }
    wanted.into_iter().map(|(place, name)| look(source, place, name)).collect()
}

/// Fills the slot of one application, unless another one does or it is filled.
async fn describe_one(source: &Source, place: Place, name: ApplicationName) {
    let limit = Instant::now() + REFRESH_LIMIT;
    let fetch = in_time(limit, DESCRIBE_APPLICATION, &place.region, fetch_description(source, &place, &name));
    // Whoever looks next sees what came of it.
    let _ = source.cache.descriptions.get_or_fetch(&key(source, &place, &name), fetch).await;
}

fn look(source: &Source, place: Place, name: ApplicationName) -> Fetched {
    let (shelf, key) = (&source.cache.descriptions, key(source, &place, &name));
    let (result, stale) = match shelf.look(&key) {
        Look::Known(result) => or_stale(shelf, &key, result),
        Look::Aging(value, _) => (Ok(value), None),
        Look::Nothing(_) => or_stale(shelf, &key, Err(late(DESCRIBE_APPLICATION, &place.region))),
    };
    (Fact::Description((place.clone(), name), result), stale.map(|error| (place, error)))
}

fn key(source: &Source, place: &Place, name: &ApplicationName) -> Key {
    (Arc::clone(&source.owner), place.clone(), name.clone())
}
