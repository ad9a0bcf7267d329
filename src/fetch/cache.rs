//! Facts that were fetched, for a while, and each fetched once however many ask.
//!
//! The clock is tokio's, so that tests can turn it. A request that is dropped while it fetches leaves the work to the next one
//! that waits. A fact that is over is served for as long again while the cache itself refreshes it, so that nobody waits for what
//! is known. A failure is kept for two seconds: long enough for the panels of one dashboard to share it, too
//! short to be noticed after a policy is mended.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Owner;
use super::walk::Walk;
use crate::failure::CallError;
use crate::place::{AccountId, ApplicationArn, ApplicationName, Place, Region};
use crate::plan::facts::{ApplicationList, Description, Inventory, Names, Recency, Tags};

/// Statuses change within a minute.
const LIST_LIFE: Duration = Duration::from_secs(60);
const DESCRIPTION_LIFE: Duration = Duration::from_secs(60);

/// New series appear minutes after a deployment; ListMetrics itself is that late.
const INVENTORY_LIFE: Duration = Duration::from_secs(300);

/// That a running application publishes nothing is soon no longer so: it may have been started a moment ago.
pub(super) const SILENCE_LIFE: Duration = Duration::from_secs(60);

const TAGS_LIFE: Duration = Duration::from_secs(300);

const OWN_ACCOUNT_LIFE: Duration = Duration::from_secs(3600);

const FAILURE_LIFE: Duration = Duration::from_secs(2);

/// What was known this long ago is better than nothing while AWS fails.
const STALE_LIFE: Duration = Duration::from_secs(3600);

/// Facts that the cache refreshes at a time; beyond that, the requests wait for them.
const REFRESHES: usize = 16;

/// Entries of one kind. An inventory of a large application is about a megabyte.
const LIMIT: usize = 256;

/// Facts of all data sources, by owner.
#[derive(Debug)]
pub struct FactCache {
    pub(super) lists: Shelf<(Arc<Owner>, Place), Arc<ApplicationList>>,
    pub(super) inventories: Shelf<(Arc<Owner>, Place, ApplicationName), Arc<Inventory>>,
    pub(super) walks: Shelf<(Arc<Owner>, Place), Arc<Walk>>,
    pub(super) descriptions: Shelf<(Arc<Owner>, Place, ApplicationName), Arc<Description>>,
    pub(super) tags: Shelf<(Arc<Owner>, ApplicationArn), Arc<Tags>>,
    pub(super) own_accounts: Shelf<(Arc<Owner>, Region), AccountId>,
    pub(super) published: Shelf<(Arc<Owner>, Place, Recency), Arc<Names>>,
    pub(super) linked_accounts: Shelf<(Arc<Owner>, Region), Arc<BTreeSet<AccountId>>>,
    /// Ends with the cache.
    refreshes: Mutex<JoinSet<()>>,
}

impl FactCache {
    pub fn new() -> Self {
        Self {
            lists: Shelf::new(LIST_LIFE),
            inventories: Shelf::new(INVENTORY_LIFE),
            walks: Shelf::new(INVENTORY_LIFE),
            descriptions: Shelf::new(DESCRIPTION_LIFE),
            tags: Shelf::new(TAGS_LIFE),
            own_accounts: Shelf::new(OWN_ACCOUNT_LIFE),
            published: Shelf::new(INVENTORY_LIFE),
            linked_accounts: Shelf::new(INVENTORY_LIFE),
            refreshes: Mutex::default(),
        }
    }

    /// Runs the filling of slots without anybody who waits for it, and says whether it does. Too much at a time is left to the next who looks.
    pub(super) fn refresh(&self, filling: impl Future<Output = ()> + Send + 'static) -> bool {
        let mut refreshes = self.refreshes.lock().unwrap_or_else(PoisonError::into_inner);
        while refreshes.try_join_next().is_some() {}
        let has_room = refreshes.len() < REFRESHES;
        if has_room {
            refreshes.spawn(filling);
        }
        has_room
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

/// A place for one result, filled once.
#[derive(Debug)]
pub(super) struct Slot<V> {
    kept: OnceCell<Kept<V>>,
    life: Duration,
    /// The last good result before this one.
    before: Option<Before<V>>,
}

#[derive(Debug, Clone)]
struct Kept<V> {
    result: Result<V, CallError>,
    until: Instant,
}

#[derive(Debug, Clone)]
struct Before<V> {
    value: V,
    until: Instant,
}

/// What there is for a key.
pub(super) enum Look<V> {
    Known(Result<V, CallError>),
    /// A little old. Who gets the slot with it has to see to it that it is filled.
    Aging(V, Option<Arc<Slot<V>>>),
    /// Nothing yet: fill the slot, or wait for who does.
    Nothing(Arc<Slot<V>>),
}

/// A result that is over.
pub(super) struct Stale<V> {
    pub value: V,
    /// Older than what is served while all is well.
    pub is_old: bool,
}

impl<V: Clone> Slot<V> {
    /// The result of whoever comes first, with `fetch` or another one.
    pub(super) async fn fill(&self, fetch: impl Future<Output = Result<V, CallError>>) -> Result<V, CallError> {
        let kept = self.kept.get_or_init(|| async {
            let result = fetch.await;
            let life = if result.is_ok() { self.life } else { FAILURE_LIFE };
            Kept { result, until: Instant::now() + life }
        });
        kept.await.result.clone()
    }

    /// The last good result when this one is over.
    fn last_good(&self) -> Option<Before<V>> {
        match self.kept.get() {
            Some(Kept { result: Ok(value), until }) => Some(Before { value: value.clone(), until: *until }),
            Some(Kept { result: Err(_), .. }) | None => self.before.clone(),
        }
    }

    /// The result before this one, while it is only a little old.
    fn aging(&self, now: Instant) -> Option<V> {
        self.before.as_ref().filter(|before| now < before.until + self.life).map(|before| before.value.clone())
    }
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
        match self.look(key) {
            Look::Known(result) => result,
            Look::Aging(_, Some(slot)) | Look::Nothing(slot) => slot.fill(fetch).await,
            Look::Aging(value, None) => Ok(value),
        }
    }

    /// What is kept for `key`, without fetching anything.
    pub(super) fn known(&self, key: &K) -> Option<V> {
        let slots = self.lock();
        let kept = slots.get(key)?.kept.get()?;
        let is_fresh = kept.until > Instant::now();
        kept.result.as_ref().ok().filter(|_| is_fresh).cloned()
    }

    /// The last good result for `key`, for when there is no better one.
    pub(super) fn stale(&self, key: &K) -> Option<Stale<V>> {
        let last = self.lock().get(key)?.last_good()?;
        let age = Instant::now().saturating_duration_since(last.until);
        (age < STALE_LIFE).then_some(Stale { value: last.value, is_old: age >= self.life })
    }

    /// Has what is kept for `key` for so long already fetched again, if `is_doubtful`: it is served meanwhile.
    pub(super) fn renew_after(&self, key: &K, age: Duration, is_doubtful: impl Fn(&V) -> bool) {
        let now = Instant::now();
        let mut slots = self.lock();
        let Some(Kept { result: Ok(value), until }) = slots.get(key).and_then(|slot| slot.kept.get()) else { return };
        if *until > now + self.life.saturating_sub(age) || !is_doubtful(value) {
            return;
        }
        let before = Some(Before { value: value.clone(), until: *until });
        slots.insert(key.clone(), Arc::new(Slot { kept: OnceCell::new(), life: self.life, before }));
    }

    pub(super) fn look(&self, key: &K) -> Look<V> {
        let now = Instant::now();
        let mut slots = self.lock();
        if let Some(slot) = slots.get(key) {
            match slot.kept.get() {
                Some(kept) if kept.until > now => return Look::Known(kept.result.clone()),
                Some(_) => {}
                None => {
                    let is_left = Arc::strong_count(slot) == 1;
                    return match slot.aging(now) {
                        Some(value) => Look::Aging(value, is_left.then(|| Arc::clone(slot))),
                        None => Look::Nothing(Arc::clone(slot)),
                    };
                }
            }
        }
        let before = slots.get(key).and_then(|slot| slot.last_good());
        if slots.len() >= LIMIT {
            make_room(&mut slots, now);
        }
        let slot = Arc::new(Slot { kept: OnceCell::new(), life: self.life, before });
        slots.insert(key.clone(), Arc::clone(&slot));
        match slot.aging(now) {
            Some(value) => Look::Aging(value, Some(slot)),
            None => Look::Nothing(slot),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Arc<Slot<V>>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what is over or was left unfilled, and if that is nothing, what ends first.
fn make_room<K: Eq + Hash + Clone, V>(slots: &mut HashMap<K, Arc<Slot<V>>>, now: Instant) {
    slots.retain(|_, slot| match slot.kept.get() {
        Some(kept) => kept.until > now,
        None => Arc::strong_count(slot) > 1,
    });
    if slots.len() < LIMIT {
        return;
    }
    let ends_first = slots.iter().min_by_key(|(_, slot)| slot.kept.get().map(|kept| kept.until));
    if let Some(key) = ends_first.map(|(key, _)| key.clone()) {
        slots.remove(&key);
    }
}
