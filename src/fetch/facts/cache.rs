//! The facts of all data sources: a row per kind of fact, with how long it holds and about how much memory it takes.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::namespace_scan::NamespaceScan;
use super::ttl_cache::{TtlCache, Weigh};
use crate::failure::CallError;
use crate::fetch::Owner;
use crate::model::application::{Accounts, ApplicationList, ApplicationNames, Description, Tags};
use crate::model::log::LogLines;
use crate::model::series::Recency;
use crate::place::{AccountId, ApplicationArn, ApplicationName, Place, Region};
use crate::plan::log_read::LogRead;
use crate::topology::inventory::Inventory;

/// Statuses change within a minute.
const LIST_LIFE: Duration = Duration::from_secs(60);
pub(super) const DESCRIPTION_LIFE: Duration = Duration::from_secs(60);

/// New series appear minutes after a deployment; ListMetrics itself is that late.
const INVENTORY_LIFE: Duration = Duration::from_secs(300);

/// That a running application publishes nothing is soon no longer so: it may have been started a moment ago.
pub(super) const SILENCE_LIFE: Duration = Duration::from_secs(60);

const TAGS_LIFE: Duration = Duration::from_secs(300);

/// New lines are seen within this time; panels of one dashboard, and those who look at it, share a search.
const LOGS_LIFE: Duration = Duration::from_secs(10);

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
    pub(in crate::fetch) facts: Arc<CachedFacts>,
    /// They hold the facts and not the cache, and end with it.
    refreshes: Mutex<JoinSet<()>>,
    /// A moment by both clocks.
    seen: Mutex<Option<(Instant, i64)>>,
}

impl FactCache {
    pub fn new() -> Self {
        Self::default()
    }

    /// Has everything that failed asked for again: somebody has mended a policy or an address, and looks whether it
    /// helped.
    pub fn forget_failures(&self, owner: &Arc<Owner>) {
        self.facts.forget_failures(owner);
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

    /// Runs the filling of entries without anybody who waits for it, and says whether it does. Too much at a time is
    /// left to the next who looks.
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

/// A name, an ARN or a short record with its place in a table.
const ROW_BYTES: usize = 200;

/// A row per kind of fact: by what it is asked for, what it is, how long it holds, and about how many bytes it takes.
macro_rules! cached {
    ($($(#[$what:meta])* $kind:ident: $key:ty => $fact:ty, $life:expr, |$known:ident| $bytes:expr;)*) => {
        #[derive(Debug)]
        pub(in crate::fetch) struct CachedFacts {
            $($(#[$what])* pub(super) $kind: TtlCache<$key, Arc<$fact>>,)*
            /// Which applications are asked first where many are to be described.
            next_probe: AtomicUsize,
        }

        impl Default for CachedFacts {
            fn default() -> Self {
                Self { $($kind: TtlCache::new($life),)* next_probe: AtomicUsize::new(0) }
            }
        }

        impl CachedFacts {
            fn forget_failures(&self, owner: &Arc<Owner>) {
                $(self.$kind.forget_failures(owner);)*
                self.silent.forget(owner);
            }

            fn forget_all(&self) {
                $(self.$kind.forget_all();)*
            }
        }

        $(impl Weigh for Arc<$fact> {
            fn bytes(&self) -> usize {
                let $known = self;
                $bytes
            }
        })*
    };
}

cached! {
    lists: Place => ApplicationList, LIST_LIFE, |list| list.applications.len() * ROW_BYTES;
    inventories: (Place, ApplicationName) => Inventory, INVENTORY_LIFE, |inventory| inventory.count() * ROW_BYTES;
    scans: Place => NamespaceScan, INVENTORY_LIFE, |scan| scan.inventories().map(Weigh::bytes).sum();
    descriptions: (Place, ApplicationName) => Description, DESCRIPTION_LIFE,
        |description| ROW_BYTES + description.job_plan.as_ref().map_or(0, String::len);
    published: (Place, Recency) => ApplicationNames, INVENTORY_LIFE, |names| names.len() * ROW_BYTES;
    tags: (Place, ApplicationArn) => Tags, TAGS_LIFE, |tags| tags.len() * ROW_BYTES;
    logs: LogRead => LogLines, LOGS_LIFE, |found| found.lines.iter().map(|line| ROW_BYTES + line.text.len()).sum();
    own_accounts: Region => AccountId, OWN_ACCOUNT_LIFE, |_account| ROW_BYTES;
    accounts: Place => Accounts, INVENTORY_LIFE, |accounts| accounts.values().map(|names| (names.len() + 1) * ROW_BYTES).sum();
    /// Why Kinesis Analytics gave no answer in a region, lately.
    silent: Region => CallError, SILENT_LIFE, |_error| ROW_BYTES;
}

impl CachedFacts {
    /// Counts up by `count`.
    pub fn next_probe(&self, count: usize) -> usize {
        self.next_probe.fetch_add(count, Ordering::Relaxed)
    }
}
