//! The facts of all data sources: a row per kind of fact, with how long it holds and about how much memory it takes.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Owner;
use super::ttl_cache::{TtlCache, Weigh};
use super::walk::Walk;
use crate::failure::CallError;
use crate::model::application::{ApplicationList, ApplicationNames, Description, Tags};
use crate::model::series::Recency;
use crate::place::{AccountId, ApplicationArn, ApplicationName, Place, Region};
use crate::topology::inventory::Inventory;

/// Statuses change within a minute.
const LIST_LIFE: Duration = Duration::from_secs(60);
pub(super) const DESCRIPTION_LIFE: Duration = Duration::from_secs(60);

/// New series appear minutes after a deployment; ListMetrics itself is that late.
const INVENTORY_LIFE: Duration = Duration::from_secs(300);

/// That a running application publishes nothing is soon no longer so: it may have been started a moment ago.
pub(super) const SILENCE_LIFE: Duration = Duration::from_secs(60);

const TAGS_LIFE: Duration = Duration::from_secs(300);

/// A service that does not answer is not waited for again at every refresh.
const SILENT_LIFE: Duration = Duration::from_secs(60);

const OWN_ACCOUNT_LIFE: Duration = Duration::from_secs(3600);

/// Clocks that differ by more have not only been set right.
const SUSPENSION_MS: i64 = 60_000;

/// Facts that the cache refreshes at a time; beyond that, the requests wait for them.
const REFRESHES: usize = 16;

/// Facts of all data sources, and the tasks that refresh them.
#[derive(Debug, Default)]
pub struct FactCache {
    pub(super) facts: Arc<CachedFacts>,
    /// They hold the facts and not the cache, and end with it.
    refreshes: Mutex<JoinSet<()>>,
    /// A moment by both clocks.
    seen: Mutex<Option<(Instant, i64)>>,
}

#[derive(Debug)]
pub(super) struct CachedFacts {
    pub lists: TtlCache<Place, Arc<ApplicationList>>,
    pub inventories: TtlCache<(Place, ApplicationName), Arc<Inventory>>,
    pub walks: TtlCache<Place, Arc<Walk>>,
    pub descriptions: TtlCache<(Place, ApplicationName), Arc<Description>>,
    pub tags: TtlCache<ApplicationArn, Arc<Tags>>,
    pub own_accounts: TtlCache<Region, AccountId>,
    pub published: TtlCache<(Place, Recency), Arc<ApplicationNames>>,
    pub linked_accounts: TtlCache<Region, Arc<BTreeSet<AccountId>>>,
    /// Why Kinesis Analytics gave no answer in a region, lately.
    pub silent: TtlCache<Region, Arc<CallError>>,
    /// Which applications are asked first where many are to be described.
    next_probe: AtomicUsize,
}

impl FactCache {
    pub fn new() -> Self {
        Self::default()
    }

    /// Has everything that failed asked for again: somebody has mended a policy or an address, and looks whether it helped.
    pub fn forget_failures(&self, owner: &Arc<Owner>) {
        self.facts.lists.forget_failures(owner);
        self.facts.inventories.forget_failures(owner);
        self.facts.walks.forget_failures(owner);
        self.facts.descriptions.forget_failures(owner);
        self.facts.tags.forget_failures(owner);
        self.facts.own_accounts.forget_failures(owner);
        self.facts.published.forget_failures(owner);
        self.facts.linked_accounts.forget_failures(owner);
        self.facts.silent.forget(owner);
    }

    /// Forgets everything after the machine was suspended: facts live by a clock that stands still then.
    pub fn notice_suspension(&self, now_ms: i64) {
        let now = Instant::now();
        let last = self.seen.lock().unwrap_or_else(PoisonError::into_inner).replace((now, now_ms));
        let is_new = last.is_some_and(|(then, then_ms)| {
            let known = i64::try_from(now.saturating_duration_since(then).as_millis()).unwrap_or(i64::MAX);
            (now_ms - then_ms).saturating_sub(known) > SUSPENSION_MS
        });
        if is_new {
            self.facts.forget_all();
        }
    }

    /// Runs the filling of entries without anybody who waits for it, and says whether it does. Too much at a time is left to the next who
    /// looks.
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

impl CachedFacts {
    fn forget_all(&self) {
        self.lists.forget_all();
        self.inventories.forget_all();
        self.walks.forget_all();
        self.descriptions.forget_all();
        self.tags.forget_all();
        self.own_accounts.forget_all();
        self.published.forget_all();
        self.linked_accounts.forget_all();
        self.silent.forget_all();
    }

    /// Counts up by `count`.
    pub fn next_probe(&self, count: usize) -> usize {
        self.next_probe.fetch_add(count, Ordering::Relaxed)
    }
}

impl Default for CachedFacts {
    fn default() -> Self {
        Self {
            lists: TtlCache::new(LIST_LIFE),
            inventories: TtlCache::new(INVENTORY_LIFE),
            walks: TtlCache::new(INVENTORY_LIFE),
            descriptions: TtlCache::new(DESCRIPTION_LIFE),
            tags: TtlCache::new(TAGS_LIFE),
            own_accounts: TtlCache::new(OWN_ACCOUNT_LIFE),
            published: TtlCache::new(INVENTORY_LIFE),
            linked_accounts: TtlCache::new(INVENTORY_LIFE),
            silent: TtlCache::new(SILENT_LIFE),
            next_probe: AtomicUsize::new(0),
        }
    }
}

/// A name, an ARN or a short record with its place in a table.
const ROW_BYTES: usize = 200;

impl Weigh for Arc<ApplicationList> {
    fn bytes(&self) -> usize {
        self.applications.len() * ROW_BYTES
    }
}

impl Weigh for Arc<Inventory> {
    fn bytes(&self) -> usize {
        self.count() * ROW_BYTES
    }
}

impl Weigh for Arc<Walk> {
    fn bytes(&self) -> usize {
        self.inventories().map(Weigh::bytes).sum()
    }
}

impl Weigh for Arc<Description> {
    fn bytes(&self) -> usize {
        ROW_BYTES + self.job_plan.as_ref().map_or(0, String::len)
    }
}

impl Weigh for Arc<Tags> {
    fn bytes(&self) -> usize {
        self.len() * ROW_BYTES
    }
}

impl Weigh for Arc<CallError> {
    fn bytes(&self) -> usize {
        ROW_BYTES
    }
}

impl Weigh for AccountId {
    fn bytes(&self) -> usize {
        ROW_BYTES
    }
}

impl Weigh for Arc<ApplicationNames> {
    fn bytes(&self) -> usize {
        self.len() * ROW_BYTES
    }
}

impl Weigh for Arc<BTreeSet<AccountId>> {
    fn bytes(&self) -> usize {
        self.len() * ROW_BYTES
    }
}
