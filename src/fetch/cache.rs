//! Facts that were fetched, for a while, and each fetched once however many ask.
//!
//! The clock is tokio's, so that tests can turn it. A request that is dropped while it fetches leaves the work to the next one
//! that waits. A failure is kept for two seconds: long enough for the panels of one dashboard to share it, too
//! short to be noticed after a policy is mended.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::Owner;
use crate::failure::CallError;
use crate::place::{AccountId, ApplicationName, Place, Region};
use crate::plan::facts::{ApplicationList, Description, Inventory};

/// Statuses change within a minute.
const LIST_LIFE: Duration = Duration::from_secs(60);
const DESCRIPTION_LIFE: Duration = Duration::from_secs(60);

/// New series appear minutes after a deployment; ListMetrics itself is that late.
const INVENTORY_LIFE: Duration = Duration::from_secs(300);

const OWN_ACCOUNT_LIFE: Duration = Duration::from_secs(3600);

const FAILURE_LIFE: Duration = Duration::from_secs(2);

/// Entries of one kind. An inventory of a large application is about a megabyte.
const LIMIT: usize = 256;

/// Facts of all data sources, by owner.
#[derive(Debug)]
pub struct FactCache {
    pub(super) lists: Shelf<(Arc<Owner>, Place), Arc<ApplicationList>>,
    pub(super) inventories: Shelf<(Arc<Owner>, Place, ApplicationName), Arc<Inventory>>,
    pub(super) descriptions: Shelf<(Arc<Owner>, Place, ApplicationName), Arc<Description>>,
    pub(super) own_accounts: Shelf<(Arc<Owner>, Region), AccountId>,
    pub(super) linked_accounts: Shelf<(Arc<Owner>, Region), Arc<BTreeSet<AccountId>>>,
}

impl FactCache {
    pub fn new() -> Self {
        Self {
            lists: Shelf::new(LIST_LIFE),
            inventories: Shelf::new(INVENTORY_LIFE),
            descriptions: Shelf::new(DESCRIPTION_LIFE),
            own_accounts: Shelf::new(OWN_ACCOUNT_LIFE),
            linked_accounts: Shelf::new(INVENTORY_LIFE),
        }
    }
}

impl Default for FactCache {
    fn default() -> Self {
        Self::new()
    }
}

/// Results of one kind.
#[derive(Debug)]
pub(super) struct Shelf<K, V> {
    life: Duration,
    slots: Mutex<HashMap<K, Arc<Slot<V>>>>,
}

type Slot<V> = OnceCell<Kept<V>>;

#[derive(Debug, Clone)]
struct Kept<V> {
    result: Result<V, CallError>,
    until: Instant,
}

impl<K: Eq + Hash + Clone, V: Clone> Shelf<K, V> {
    fn new(life: Duration) -> Self {
        Self { life, slots: Mutex::new(HashMap::new()) }
    }

    /// What is kept for `key`, or the result of `fetch`, which runs at most once at a time.
    pub(super) async fn get_or_fetch(
        &self,
        key: &K,
        fetch: impl Future<Output = Result<V, CallError>>,
    ) -> Result<V, CallError> {
        let slot = self.slot(key);
        let kept = slot.get_or_init(|| async {
            let result = fetch.await;
            let life = if result.is_ok() { self.life } else { FAILURE_LIFE };
            Kept { result, until: Instant::now() + life }
        });
        kept.await.result.clone()
    }

    /// What is kept for `key`, without fetching anything.
    pub(super) fn known(&self, key: &K) -> Option<V> {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = slots.get(key)?.get()?;
        let is_fresh = kept.until > Instant::now();
        kept.result.as_ref().ok().filter(|_| is_fresh).cloned()
    }

    /// The slot of `key`: the one that is fresh or being filled, else a new one.
    fn slot(&self, key: &K) -> Arc<Slot<V>> {
        let now = Instant::now();
        let is_current = |slot: &Arc<Slot<V>>| slot.get().is_none_or(|kept| kept.until > now);
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(key).filter(|slot| is_current(slot)) {
            return Arc::clone(slot);
        }
        if slots.len() >= LIMIT {
            make_room(&mut slots, now);
        }
        let slot = Arc::new(Slot::new());
        slots.insert(key.clone(), Arc::clone(&slot));
        slot
    }
}

/// Drops what is over or was left unfilled, and if that is nothing, what ends first.
fn make_room<K: Eq + Hash + Clone, V>(slots: &mut HashMap<K, Arc<Slot<V>>>, now: Instant) {
    slots.retain(|_, slot| match slot.get() {
        Some(kept) => kept.until > now,
        None => Arc::strong_count(slot) > 1,
    });
    if slots.len() < LIMIT {
        return;
    }
    let ends_first = slots.iter().min_by_key(|(_, slot)| slot.get().map(|kept| kept.until));
    if let Some(key) = ends_first.map(|(key, _)| key.clone()) {
        slots.remove(&key);
    }
}
