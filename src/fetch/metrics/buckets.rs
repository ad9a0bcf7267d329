//! Buckets of all series that were fetched, by owner: what one identity may see is never shown to another.
//!
//! Bounded by bytes. An owner never holds more than its own data source allows, and all together never more than the
//! most that one of them allows. Room is made where most is cached, so that one owner cannot push another out. No
//! clock: now comes in.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::cached_series::{ABSENT, CachedBuckets, CachedSeries, Reader};
use super::segment::Segment;
use crate::answers::{Completeness, GetMetricDataAnswer};
use crate::fetch::Owner;
use crate::place::Region;
use crate::plan::call::{GetMetricDataCall, SeriesKey};

/// An owner that nobody asked for in this long goes first: its data source was changed or deleted.
const IDLE_MS: i64 = 3_600_000;

/// A clock that is set back by more was wrong: what was fetched until then settled too early.
const CLOCK_WAS_AHEAD_MS: i64 = ABSENT * 1000 / 2;

/// The part of an owner's bytes that is freed at a time, so that eviction is rare and looks through all series only
/// then.
const FREED_PART: usize = 8;

/// Columns of all owners.
#[derive(Debug, Default)]
pub(super) struct BucketCache {
    owners: HashMap<Arc<Owner>, OwnerSeries>,
    tick: u64,
    now_ms: i64,
}

/// Columns of one owner.
#[derive(Debug, Default)]
struct OwnerSeries {
    regions: HashMap<Region, HashMap<SeriesKey, CachedSeries>>,
    bytes: usize,
    used_ms: i64,
}

/// The columns of one owner and region, to read.
pub(super) struct Columns<'a> {
    cached: Option<&'a mut HashMap<SeriesKey, CachedSeries>>,
    tick: &'a mut u64,
}

impl Columns<'_> {
    /// What is known of the buckets of an aligned range.
    pub(super) fn read(&mut self, key: &SeriesKey, range: &Range<i64>, reader: Reader) -> CachedBuckets {
        if let Some(cached) = self.cached.as_mut().and_then(|cached| cached.get_mut(key)) {
            *self.tick += 1;
            cached.used = *self.tick;
            return cached.read(range, reader);
        }
        CachedBuckets { values: Vec::new(), missing: (!range.is_empty()).then(|| range.clone()) }
    }
}

impl BucketCache {
    pub(super) fn bytes(&self) -> usize {
        self.owners.values().map(|owned| owned.bytes).sum()
    }

    pub(super) fn columns(&mut self, owner: &Arc<Owner>, region: &Region, now_ms: i64) -> Columns<'_> {
        if now_ms < self.now_ms - CLOCK_WAS_AHEAD_MS {
            self.owners.clear();
        }
        self.now_ms = now_ms;
        let cached = self.owners.get_mut(owner).and_then(|owned| {
            owned.used_ms = now_ms;
            owned.regions.get_mut(region)
        });
        Columns { cached, tick: &mut self.tick }
    }

    /// Takes in the complete columns of an answer that was read_range for at `asked_ms`.
    pub(super) fn store(
        &mut self,
        owner: &Arc<Owner>,
        call: &GetMetricDataCall,
        answer: &GetMetricDataAnswer,
        asked_ms: i64,
    ) {
        let mut tick = self.tick;
        let owned = self.owned(owner);
        owned.used_ms = asked_ms;
        let cached = owned.regions.entry(call.region.clone()).or_default();
        for (key, column) in call.series.iter().zip(&answer.columns) {
            if column.completeness != Completeness::Complete {
                continue;
            }
            let before = cached.get(key).map_or(0, CachedSeries::bytes);
            let cached = cached.entry(key.clone()).or_insert_with(|| CachedSeries::new(key.period));
            tick += 1;
            cached.used = tick;
            let start = key.period.floor(call.start);
            // A bucket of a long period that the end of the call cuts would be kept with a part of its samples.
            let whole = usize::try_from((call.end - start) / key.period.seconds()).unwrap_or(0);
            cached.store(&Segment::new(start, &column.values, whole), asked_ms);
            owned.bytes = owned.bytes + cached.bytes() - before;
        }
        self.tick = tick;
        self.owners.retain(|_, owned| asked_ms - owned.used_ms <= IDLE_MS);
        self.make_room();
    }

    fn owned(&mut self, owner: &Arc<Owner>) -> &mut OwnerSeries {
        self.owners.entry(Arc::clone(owner)).or_default()
    }

    fn make_room(&mut self) {
        for (owner, owned) in &mut self.owners {
            while owned.bytes > owner.cache_bytes {
                owned.shrink();
            }
        }
        let most = self.owners.keys().map(|owner| owner.cache_bytes).max().unwrap_or(0);
        while self.bytes() > most {
            let Some(largest) = self.owners.values_mut().max_by_key(|owned| owned.bytes) else { return };
            largest.shrink();
        }
    }
}

impl OwnerSeries {
    /// Frees a part: what nobody read since the last time, then whole series, those first that were read longest ago.
    fn shrink(&mut self) {
        let target = self.bytes - self.bytes / FREED_PART - 1;
        self.all().for_each(CachedSeries::drop_unread);
        self.drop_empty();
        let mut ages: Vec<(u64, usize)> = self.all().map(|cached| (cached.used, cached.bytes())).collect();
        ages.sort_unstable();
        let mut left = self.bytes;
        let mut oldest_kept = 0;
        for (used, bytes) in ages {
            if left <= target {
                break;
            }
            left -= bytes;
            oldest_kept = used + 1;
        }
        for cached in self.regions.values_mut() {
            cached.retain(|_, cached| cached.used >= oldest_kept);
        }
        self.drop_empty();
    }

    fn drop_empty(&mut self) {
        for cached in self.regions.values_mut() {
            cached.retain(|_, cached| !cached.is_empty());
        }
        self.regions.retain(|_, cached| !cached.is_empty());
        self.bytes = self.regions.values().flat_map(HashMap::values).map(CachedSeries::bytes).sum();
    }

    fn all(&mut self) -> impl Iterator<Item = &mut CachedSeries> {
        self.regions.values_mut().flat_map(HashMap::values_mut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::Column;
    use crate::catalog::statistic::Statistic;
    use crate::model::series::Dimensions;
    use crate::plan::call::Period;
    use crate::query::Origin;
    use crate::settings::{AdminSettings, Settings, SettingsSource};

    const NOW: i64 = 1_790_000_040;
    const NOW_MS: i64 = NOW * 1000;
    const POINTS: i64 = 100;

    fn owner(profile: &str) -> Arc<Owner> {
        owner_of(profile, 67_108_864.0)
    }

    fn owner_of(profile: &str, bytes: f64) -> Arc<Owner> {
        let json = serde_json::json!({
            "authType": "credentials", "profile": profile, "defaultRegion": "eu-west-1", "cacheMegabytes": bytes / 1_048_576.0,
        });
        let (json, secure) = (json.to_string(), HashMap::new());
        let source = SettingsSource { json_data: json.as_bytes(), secure: &secure, database: "" };
        Arc::new(Owner::of(&Settings::parse(&source, &AdminSettings::default()).unwrap()))
    }

    fn region() -> Region {
        Region::from("eu-west-1")
    }

    fn key(metric: usize) -> SeriesKey {
        SeriesKey {
            metric: Arc::from(format!("m{metric}")),
            dimensions: Dimensions::new(Vec::new()),
            account: None,
            period: Period::MINUTE,
            statistic: Statistic::Maximum,
        }
    }

    fn range() -> Range<i64> {
        NOW - 60_000..NOW - 60_000 + POINTS * 60
    }

    fn store(cache: &mut BucketCache, owner: &Arc<Owner>, metric: usize, completeness: Completeness) {
        let call =
            GetMetricDataCall { region: region(), start: range().start, end: range().end, series: vec![key(metric)] };
        let column = Column { values: vec![1.0; POINTS as usize].into(), completeness, message: None };
        let answer = GetMetricDataAnswer { columns: vec![column], calls: 1 };
        cache.store(owner, &call, &answer, NOW_MS);
    }

    fn has(cache: &mut BucketCache, owner: &Arc<Owner>, metric: usize) -> bool {
        let reader = Reader { origin: Origin::Alert, now_ms: NOW_MS };
        cache.columns(owner, &region(), NOW_MS).read(&key(metric), &range(), reader).missing.is_none()
    }

    #[test]
    fn owners_and_regions_see_their_own() {
        let mut cache = BucketCache::default();
        let (one, other) = (owner("one"), owner("other"));
        store(&mut cache, &one, 0, Completeness::Complete);
        assert!(has(&mut cache, &one, 0) && has(&mut cache, &owner("one"), 0));
        assert!(!has(&mut cache, &other, 0));
        let reader = Reader { origin: Origin::Panel, now_ms: NOW_MS };
        let found = cache.columns(&one, &Region::from("us-east-1"), NOW_MS).read(&key(0), &range(), reader);
        assert_eq!(found.missing, Some(range()));
    }

    #[test]
    fn incomplete_columns_are_not_kept() {
        let mut cache = BucketCache::default();
        let owner = owner("one");
        for (metric, completeness) in
            [Completeness::Partial, Completeness::Failed, Completeness::Forbidden].into_iter().enumerate()
        {
            store(&mut cache, &owner, metric, completeness);
            assert!(!has(&mut cache, &owner, metric), "{completeness:?}");
        }
        assert_eq!(cache.bytes(), 0);
    }

    #[test]
    fn a_bucket_that_the_call_cuts_is_not_kept() {
        let mut cache = BucketCache::default();
        let owner = owner("one");
        let hour = Period::HOUR.floor(NOW) - 86_400;
        let key = SeriesKey { period: Period::HOUR, ..key(0) };
        let call = GetMetricDataCall { region: region(), start: hour, end: hour + 5400, series: vec![key.clone()] };
        let column = Column { values: vec![1.0, 2.0].into(), completeness: Completeness::Complete, message: None };
        cache.store(&owner, &call, &GetMetricDataAnswer { columns: vec![column], calls: 1 }, NOW_MS);
        let reader = Reader { origin: Origin::Panel, now_ms: NOW_MS };
        let found = cache.columns(&owner, &region(), NOW_MS).read(&key, &(hour..hour + 7200), reader);
        assert_eq!((found.values[0], found.missing), (1.0, Some(hour + 3600..hour + 7200)));
    }

    #[test]
    fn what_was_read_longest_ago_goes_first_and_bytes_stay_bounded() {
        let mut cache = BucketCache::default();
        let owner = owner_of("one", 20_000.0);
        for metric in 0..1000 {
            store(&mut cache, &owner, metric, Completeness::Complete);
            assert!(cache.bytes() <= 20_000);
            assert!(has(&mut cache, &owner, 0), "the one that is read all the time stays; {metric}");
        }
        assert!(has(&mut cache, &owner, 999) && !has(&mut cache, &owner, 1));
        store(&mut cache, &owner_of("one", 0.0), 0, Completeness::Complete);
        assert!(has(&mut cache, &owner, 999) && cache.bytes() <= 20_000, "what keeps nothing takes nothing away");
    }

    #[test]
    fn one_owner_cannot_push_another_out() {
        let mut cache = BucketCache::default();
        let (small, large) = (owner_of("small", 50_000.0), owner_of("large", 50_000.0));
        for metric in 0..5 {
            store(&mut cache, &small, metric, Completeness::Complete);
        }
        for metric in 0..500 {
            store(&mut cache, &large, metric, Completeness::Complete);
        }
        assert!(cache.bytes() <= 50_000);
        assert!((0..5).all(|metric| has(&mut cache, &small, metric)));
    }

    #[test]
    fn what_was_fetched_while_the_clock_was_ahead_is_asked_again() {
        for (ahead_ms, is_kept) in [(600_000, true), (7_200_000, false)] {
            let (mut cache, owner) = (BucketCache::default(), owner("one"));
            let read = |cache: &mut BucketCache, now_ms: i64| {
                let reader = Reader { origin: Origin::Panel, now_ms };
                cache.columns(&owner, &region(), now_ms).read(&key(0), &range(), reader).missing.is_none()
            };
            read(&mut cache, NOW_MS + ahead_ms);
            store(&mut cache, &owner, 0, Completeness::Complete);
            assert!(read(&mut cache, NOW_MS + ahead_ms + 1000));
            assert_eq!(read(&mut cache, NOW_MS), is_kept, "{ahead_ms}");
        }
    }

    #[test]
    fn an_owner_that_nobody_asks_for_is_forgotten() {
        let mut cache = BucketCache::default();
        let (old, new) = (owner("old"), owner("new"));
        store(&mut cache, &old, 0, Completeness::Complete);
        let call = GetMetricDataCall { region: region(), start: 0, end: 0, series: Vec::new() };
        let answer = GetMetricDataAnswer { columns: Vec::new(), calls: 1 };
        cache.store(&new, &call, &answer, NOW_MS + IDLE_MS + 1);
        assert_eq!(cache.bytes(), 0);
    }
}
