//! Results by owner and key, each for a while, and each fetched once however many wait for it.
//!
//! The clock is tokio's, so that tests can turn it. A request that is dropped while it fetches leaves the work to the
//! next one that waits. A result that has expired is served for as long again while the cache itself refreshes it, so
//! that nobody waits for what is known. What is being fetched is never evicted: its key would be asked twice.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use crate::failure::{CallError, CallErrorKind};
use crate::fetch::Owner;

/// What an identity may not do, and what is not there, hardly ever changes. After a policy is mended it shows within
/// this time, and at once after "Save & test".
const REFUSAL_LIFE: Duration = Duration::from_secs(60);

/// Long enough for the panels of one dashboard to share a failure of AWS.
const FAILURE_LIFE: Duration = Duration::from_secs(2);

/// What was known this long ago is better than nothing while AWS fails.
const STALE_LIFE: Duration = Duration::from_secs(3600);

/// Of one owner. A region has a hundred applications at most unless its quota is raised.
const ENTRIES: usize = 4096;
const BYTES: usize = 64 << 20;

/// About how much memory a value takes.
pub(super) trait Weigh {
    fn bytes(&self) -> usize;
}

/// Results of one kind, of all owners.
#[derive(Debug)]
pub(super) struct TtlCache<K, V> {
    life: Duration,
    owners: Mutex<HashMap<Arc<Owner>, Entries<K, V>>>,
}

type Entries<K, V> = HashMap<K, Arc<Entry<V>>>;

/// A place for one result, filled once.
#[derive(Debug)]
pub(super) struct Entry<V> {
    stored: OnceCell<Stored<V>>,
    life: Duration,
    /// Whether a task of the cache fills it, or did.
    claimed: AtomicBool,
    /// The last good result before this one.
    previous: Option<Good<V>>,
}

#[derive(Debug)]
struct Stored<V> {
    result: Result<V, CallError>,
    until: Instant,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Good<V> {
    value: V,
    until: Instant,
    bytes: usize,
}

/// What there is for a key.
pub(super) enum Lookup<V> {
    Fresh(Result<V, CallError>),
    /// A little old. Who gets the entry with it has to see to it that it is filled.
    Aging(V, Option<Arc<Entry<V>>>),
    /// Nothing yet: fill the entry, or wait for who does.
    Missing(Arc<Entry<V>>),
}

/// A result that has expired.
pub(super) struct Stale<V> {
    pub value: V,
    /// Older than what is served while all is well.
    pub is_old: bool,
    /// Since it was fetched.
    pub age: Duration,
}

/// The results of one owner.
#[derive(Debug)]
pub(super) struct OwnerCache<'a, K, V> {
    cache: &'a TtlCache<K, V>,
    owner: &'a Arc<Owner>,
}

impl<K, V> Clone for OwnerCache<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for OwnerCache<'_, K, V> {}

impl<V: Clone + Weigh> Entry<V> {
    /// The result of whoever comes first, with `fetch` or another one.
    pub(super) async fn fill(&self, fetch: impl Future<Output = Result<V, CallError>>) -> Result<V, CallError> {
        self.stored.get_or_init(|| async { self.stored(fetch.await) }).await.result.clone()
    }

    /// Fills it with a result that was not fetched for it.
    pub(super) fn set(&self, result: Result<V, CallError>) {
        // Whoever fetches it at this moment knows better.
        let _ = self.stored.set(self.stored(result));
    }

    /// True for the first who asks: he has it filled in a task of the cache.
    pub(super) fn claim(&self) -> bool {
        !self.claimed.swap(true, Ordering::Relaxed)
    }

    /// What it was filled with, for those who hold it: it may have expired since, or been evicted.
    pub(super) fn result(&self) -> Option<Result<V, CallError>> {
        self.stored.get().map(|stored| stored.result.clone())
    }

    fn stored(&self, result: Result<V, CallError>) -> Stored<V> {
        let life = match &result {
            Ok(_) => self.life,
            Err(error) => failure_life(error.kind),
        };
        let bytes = result.as_ref().map_or(0, Weigh::bytes);
        Stored { result, until: Instant::now() + life, bytes }
    }

    /// The last good result when this one has expired.
    fn last_good(&self) -> Option<Good<V>> {
        match self.stored.get() {
            Some(Stored { result: Ok(value), until, bytes }) => {
                Some(Good { value: value.clone(), until: *until, bytes: *bytes })
            }
            Some(Stored { result: Err(_), .. }) | None => self.previous.clone(),
        }
    }

    /// When the last good result expired or will.
    fn good_until(&self) -> Option<Instant> {
        let stored = self.stored.get().filter(|stored| stored.result.is_ok());
        stored.map(|stored| stored.until).or(self.previous.as_ref().map(|good| good.until))
    }

    fn until(&self) -> Option<Instant> {
        self.stored.get().map(|stored| stored.until)
    }

    /// Of the result and, while that is a failure or not there yet, of the one before.
    fn bytes(&self) -> usize {
        let stored = self.stored.get().map_or(0, |stored| stored.bytes);
        stored.max(self.previous.as_ref().map_or(0, |good| good.bytes))
    }

    fn is_abandoned(self: &Arc<Self>) -> bool {
        self.stored.get().is_none() && Arc::strong_count(self) == 1
    }
}

/// Credentials that have expired are often renewed by whoever gives them.
fn failure_life(kind: CallErrorKind) -> Duration {
    match kind {
        CallErrorKind::AccessDenied | CallErrorKind::NotFound | CallErrorKind::Rejected => REFUSAL_LIFE,
        CallErrorKind::NoCredentials
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::Timeout
        | CallErrorKind::Unreachable
        | CallErrorKind::Untrusted
        | CallErrorKind::CaBundle
        | CallErrorKind::WrongServer
        | CallErrorKind::ServiceFailure => FAILURE_LIFE,
    }
}

impl<K: Eq + Hash + Clone, V: Clone + Weigh> TtlCache<K, V> {
    pub(super) fn new(life: Duration) -> Self {
        Self { life, owners: Mutex::default() }
    }

    pub(super) fn of<'a>(&'a self, owner: &'a Arc<Owner>) -> OwnerCache<'a, K, V> {
        OwnerCache { cache: self, owner }
    }

    /// Drops everything of an owner that is not just being fetched.
    pub(super) fn forget(&self, owner: &Arc<Owner>) {
        if let Some(entries) = self.lock().get_mut(owner) {
            entries.retain(|_, entry| entry.stored.get().is_none());
        }
    }

    pub(super) fn forget_all(&self) {
        self.lock().clear();
    }

    /// Has every failure asked for again at the next look.
    pub(super) fn forget_failures(&self, owner: &Arc<Owner>) {
        if let Some(entries) = self.lock().get_mut(owner) {
            entries.retain(|_, entry| entry.stored.get().is_none_or(|stored| stored.result.is_ok()));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<Owner>, Entries<K, V>>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a, K: Eq + Hash + Clone, V: Clone + Weigh> OwnerCache<'a, K, V> {
    /// What is kept for `key`, or the result of `fetch`, which runs at most once at a time.
    pub(super) async fn get_or_fetch(
        self,
        key: &K,
        fetch: impl Future<Output = Result<V, CallError>>,
    ) -> Result<V, CallError> {
        match self.look(key) {
            Lookup::Fresh(result) => result,
            Lookup::Aging(_, Some(entry)) | Lookup::Missing(entry) => entry.fill(fetch).await,
            Lookup::Aging(value, None) => Ok(value),
        }
    }

    /// What is kept for `key`, good or not, without fetching anything.
    pub(super) fn fresh(self, key: &K) -> Option<Result<V, CallError>> {
        let now = Instant::now();
        self.with(key, |entry| Some(entry.stored.get().filter(|stored| stored.until > now)?.result.clone()))
    }

    /// The good result that is kept for `key`, without fetching anything.
    pub(super) fn known(self, key: &K) -> Option<V> {
        self.fresh(key)?.ok()
    }

    /// The last good result for `key`, for when there is no better one.
    pub(super) fn stale(self, key: &K) -> Option<Stale<V>> {
        let last = self.with(key, |entry| entry.last_good())?;
        let (over, life) = (Instant::now().saturating_duration_since(last.until), self.cache.life);
        (over < STALE_LIFE).then_some(Stale { value: last.value, is_old: over >= life, age: life + over })
    }

    /// The last result for `key`, however long ago.
    pub(super) fn last(self, key: &K) -> Option<Result<V, CallError>> {
        self.with(key, |entry| Some(entry.stored.get()?.result.clone()))
    }

    /// Keeps a result that was not fetched for `key` itself, unless it is just being fetched.
    pub(super) fn put(self, key: &K, result: Result<V, CallError>) {
        match self.look(key) {
            Lookup::Missing(entry) | Lookup::Aging(_, Some(entry)) => {
                entry.set(result);
            }
            Lookup::Fresh(_) | Lookup::Aging(_, None) => {}
        }
    }

    /// Has what is kept for `key` for so long already fetched again, if `is_doubtful`: it is served meanwhile.
    pub(super) fn renew_after(self, key: &K, age: Duration, is_doubtful: impl Fn(&V) -> bool) {
        let now = Instant::now();
        let mut owners = self.cache.lock();
        let Some(entries) = owners.get_mut(self.owner) else { return };
        let Some(entry) = entries.get(key) else { return };
        let Some(Stored { result: Ok(value), until, .. }) = entry.stored.get() else { return };
        if *until > now + self.cache.life.saturating_sub(age) || !is_doubtful(value) {
            return;
        }
        let previous = entry.last_good();
        entries.insert(key.clone(), Arc::new(self.entry(previous)));
    }

    pub(super) fn look(self, key: &K) -> Lookup<V> {
        self.look_if_confirmed(key, |_| Duration::ZERO)
    }

    /// As [`Self::look`]; the last good result holds so much longer than it would by itself, and is served for three
    /// times that while it is refreshed.
    pub(super) fn look_if_confirmed(self, key: &K, confirmed_life: impl Fn(&V) -> Duration) -> Lookup<V> {
        let now = Instant::now();
        let mut owners = self.cache.lock();
        if !owners.contains_key(self.owner) {
            owners.retain(|_, entries| entries.values().any(|entry| is_of_use(entry, now)));
        }
        let entries = owners.entry(Arc::clone(self.owner)).or_default();
        let aging = |entry: &Entry<V>| {
            let last = entry.previous.as_ref()?;
            let until = last.until + self.cache.life + confirmed_life(&last.value) * 3;
            (now < until).then(|| last.value.clone())
        };
        if let Some(entry) = entries.get(key) {
            match entry.stored.get() {
                Some(stored) if stored.until > now => return Lookup::Fresh(stored.result.clone()),
                Some(Stored { result: Ok(value), until, .. }) if *until + confirmed_life(value) > now => {
                    return Lookup::Fresh(Ok(value.clone()));
                }
                Some(_) => {}
                None => {
                    return match aging(entry) {
                        Some(value) => Lookup::Aging(value, entry.is_abandoned().then(|| Arc::clone(entry))),
                        None => Lookup::Missing(Arc::clone(entry)),
                    };
                }
            }
        }
        let previous = entries.get(key).and_then(|entry| entry.last_good());
        let entry = Arc::new(self.entry(previous));
        entries.insert(key.clone(), Arc::clone(&entry));
        make_room(entries, now);
        match aging(&entry) {
            Some(value) => Lookup::Aging(value, Some(entry)),
            None => Lookup::Missing(entry),
        }
    }

    fn entry(self, previous: Option<Good<V>>) -> Entry<V> {
        Entry { stored: OnceCell::new(), life: self.cache.life, claimed: AtomicBool::new(false), previous }
    }

    fn with<T>(self, key: &K, read: impl FnOnce(&Arc<Entry<V>>) -> Option<T>) -> Option<T> {
        read(self.cache.lock().get(self.owner)?.get(key)?)
    }
}

/// Whether something is being fetched there, or may still stand in for what cannot be fetched.
fn is_of_use<V: Clone + Weigh>(entry: &Arc<Entry<V>>, now: Instant) -> bool {
    match entry.stored.get() {
        Some(stored) => stored.until + STALE_LIFE > now,
        None => !entry.is_abandoned(),
    }
}

/// Drops what is of no use any more and, where that is not enough, failures that never had a good result, then what
/// expires first.
fn make_room<K: Eq + Hash + Clone, V: Clone + Weigh>(entries: &mut Entries<K, V>, now: Instant) {
    let all_bytes = |entries: &Entries<K, V>| entries.values().map(|entry| entry.bytes()).sum::<usize>();
    let is_over = |count: usize, bytes: usize| count > ENTRIES || bytes > BYTES;
    if !is_over(entries.len(), all_bytes(entries)) {
        return;
    }
    entries.retain(|_, entry| is_of_use(entry, now));
    let mut bytes = all_bytes(entries);
    let filled = entries.iter().filter(|(_, entry)| entry.stored.get().is_some());
    let mut filled: Vec<_> = filled.map(|(key, entry)| (entry.good_until(), entry.until(), key.clone())).collect();
    filled.sort_by_key(|(good_until, until, _)| (*good_until, *until));
    for (_, _, key) in filled {
        if !is_over(entries.len(), bytes) {
            break;
        }
        bytes -= entries.remove(&key).map_or(0, |entry| entry.bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap as Secure;

    use super::*;
    use crate::place::Region;
    use crate::settings::{AdminSettings, Settings, SettingsSource};

    #[derive(Debug, Clone, PartialEq)]
    struct Value(usize);

    impl Weigh for Value {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    fn owner(access_key: &str) -> Arc<Owner> {
        let secure: Secure<String, String> =
            [("accessKey", access_key), ("secretKey", "secret")].map(|(key, value)| (key.into(), value.into())).into();
        let json_data = br#"{"authType":"keys","defaultRegion":"eu-west-1"}"#;
        let source = SettingsSource { json_data, secure: &secure, database: "" };
        Arc::new(Owner::of(&Settings::parse(&source, &AdminSettings::default()).unwrap()))
    }

    fn fill(cache: &TtlCache<usize, Value>, owner: &Arc<Owner>, keys: std::ops::Range<usize>, bytes: usize) {
        keys.for_each(|key| cache.of(owner).put(&key, Ok(Value(bytes))));
    }

    fn known(cache: &TtlCache<usize, Value>, owner: &Arc<Owner>, keys: std::ops::Range<usize>) -> usize {
        keys.filter(|key| cache.of(owner).known(key).is_some()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn an_owner_keeps_so_many_results_and_takes_no_room_from_others() {
        let cache = TtlCache::new(Duration::from_secs(60));
        let (one, two) = (owner("AKIDONE"), owner("AKIDTWO"));
        fill(&cache, &two, 0..10, 1);
        fill(&cache, &one, 0..200, 1);
        tokio::time::advance(Duration::from_secs(1)).await;
        fill(&cache, &one, 200..ENTRIES + 100, 1);
        assert_eq!(known(&cache, &two, 0..10), 10);
        let kept = known(&cache, &one, 0..ENTRIES + 100);
        assert!((ENTRIES - 1..=ENTRIES).contains(&kept), "{kept}");
        // Those that expire last are kept.
        assert_eq!(known(&cache, &one, 200..ENTRIES + 100), ENTRIES - 100);
    }

    #[tokio::test(start_paused = true)]
    async fn an_owner_keeps_so_many_bytes() {
        let (cache, one) = (TtlCache::new(Duration::from_secs(60)), owner("AKIDONE"));
        fill(&cache, &one, 0..100, BYTES / 10);
        let kept = known(&cache, &one, 0..100);
        assert!((9..=11).contains(&kept), "{kept}");
        assert_eq!(known(&cache, &one, 99..100), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_being_fetched_is_not_evicted() {
        let (cache, one) = (TtlCache::new(Duration::from_secs(60)), owner("AKIDONE"));
        let Lookup::Missing(fetching) = cache.of(&one).look(&usize::MAX) else { panic!("nothing is known yet") };
        fill(&cache, &one, 0..ENTRIES + 100, 1);
        let Lookup::Missing(again) = cache.of(&one).look(&usize::MAX) else { panic!("nothing is known yet") };
        assert!(Arc::ptr_eq(&fetching, &again));
    }

    fn failing(cache: &TtlCache<usize, Value>, owner: &Arc<Owner>, keys: std::ops::Range<usize>) {
        let error =
            || CallError::new(CallErrorKind::Throttled, "test:Scripted", &Region::from("eu-west-1"), "scripted");
        keys.for_each(|key| cache.of(owner).put(&key, Err(error())));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_failures_takes_no_good_result_away() {
        let (cache, one) = (TtlCache::new(Duration::from_secs(60)), owner("AKIDONE"));
        fill(&cache, &one, 0..10, 1);
        tokio::time::advance(Duration::from_secs(130)).await;
        failing(&cache, &one, 0..10);
        tokio::time::advance(Duration::from_secs(1)).await;
        failing(&cache, &one, 10..ENTRIES + 100);
        assert!((0..10).all(|key| cache.of(&one).stale(&key).is_some()));
    }
}
