//! From minutes to data points: buckets aligned to the period, CloudWatch's retention, and who may see a series.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::publication::Publication;
use super::statistic::Statistic;
use crate::world::{Minute, Series, SeriesEntry, World};

pub const MINUTE: i64 = 60;
pub const DAY: i64 = 86_400;

/// The only namespace with data.
pub const NAMESPACE: &str = "AWS/KinesisAnalytics";

/// A bucket's start, in epoch seconds, and its value.
pub type Point = (i64, f64);

/// Half-open `start..end` in epoch seconds; buckets start at `origin` plus multiples of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    pub start: i64,
    pub end: i64,
    pub period: i64,
    pub origin: i64,
}

impl Window {
    /// Buckets on the period's own grid, from the one that holds `start`.
    pub fn aligned(start: i64, end: i64, period: i64) -> Self {
        Self { start: start - start.rem_euclid(period), end, period, origin: 0 }
    }

    /// The starts of all buckets whose points are still kept, up to now.
    pub fn starts(self, now: i64) -> impl Iterator<Item = i64> {
        let oldest = now - retention(self.period);
        let from = self.start.max(oldest);
        // The first bucket that starts at or after `from`.
        let first = from + (self.origin - from).rem_euclid(self.period);
        let end = self.end.min(now + 1);
        (first..end).step_by(usize::try_from(self.period).unwrap_or(usize::MAX))
    }
}

/// How long points of a period are kept. Periods under a minute need high-resolution data, which there is none of.
fn retention(period: i64) -> i64 {
    match period {
        p if p % 3600 == 0 => 455 * DAY,
        p if p % 300 == 0 => 63 * DAY,
        _ => 15 * DAY,
    }
}

/// CloudWatch rounds the start of a request down, the more the older it is.
pub fn round_start(start: i64, now: i64) -> i64 {
    let step = match now - start {
        age if age < 15 * DAY => MINUTE,
        age if age < 63 * DAY => 300,
        _ => 3600,
    };
    start - start.rem_euclid(step)
}

/// AWS names no longest period; this one keeps sums of times in range.
const LONGEST_PERIOD: i64 = 10 * 365 * DAY;

/// 1, 5, 10, 20, 30 or a multiple of 60 seconds.
pub fn is_period(period: i64) -> bool {
    matches!(period, 1 | 5 | 10 | 20 | 30) || ((MINUTE..=LONGEST_PERIOD).contains(&period) && period % MINUTE == 0)
}

/// The series of a region, found by name and dimensions.
#[derive(Debug)]
pub struct SeriesIndex {
    pub entries: Arc<Vec<SeriesEntry>>,
    by_series: HashMap<Series, Vec<usize>>,
}

impl SeriesIndex {
    fn new(entries: Arc<Vec<SeriesEntry>>) -> Self {
        let mut by_series: HashMap<Series, Vec<usize>> = HashMap::new();
        for (position, entry) in entries.iter().enumerate() {
            by_series.entry(entry.series.clone()).or_default().push(position);
        }
        Self { entries, by_series }
    }

    /// Whether an account has any series here.
    fn has_account(&self, account: &str) -> bool {
        self.entries.iter().any(|entry| &*entry.account == account)
    }

    /// One for each account that has the series.
    fn find(&self, series: &Series) -> impl Iterator<Item = &SeriesEntry> {
        self.by_series.get(series).into_iter().flatten().map(|position| &self.entries[*position])
    }
}

/// Indices are kept as long as the world gives out the same list.
#[derive(Debug, Default)]
pub struct Indices(Mutex<HashMap<String, Arc<SeriesIndex>>>);

impl Indices {
    pub fn of(&self, world: &dyn World, region: &str, now: i64) -> Arc<SeriesIndex> {
        let entries = world.series(region, now);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = kept.get(region).filter(|index| Arc::ptr_eq(&index.entries, &entries)) {
            return Arc::clone(index);
        }
        let index = Arc::new(SeriesIndex::new(entries));
        kept.insert(region.to_owned(), Arc::clone(&index));
        index
    }
}

/// Which accounts a caller sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Seen without being named.
    pub own: String,
    /// A monitoring account sees those that are linked to it as well.
    pub is_monitoring: bool,
}

impl View {
    /// Whether a series of `owner` answers a question for `asked`, or for no account in particular.
    pub fn shows(&self, owner: &str, asked: Option<&str>) -> bool {
        match asked {
            None => owner == self.own,
            Some(asked) => owner == asked && (self.is_monitoring || owner == self.own),
        }
    }
}

/// Buckets that have samples, ascending.
type Folds = Rc<Vec<(i64, Minute)>>;

/// Reads one world at one moment, for one call. Statistics of one series share its folded buckets.
pub struct Reader<'a> {
    pub world: &'a dyn World,
    pub region: &'a str,
    pub now: i64,
    pub index: Arc<SeriesIndex>,
    pub view: View,
    pub publication: Publication,
    /// Set when the client has gone away: the rest of the work is for nobody.
    pub is_cancelled: &'a AtomicBool,
    folds: RefCell<HashMap<(Series, String, Window), Folds>>,
}

/// A series of an account that a caller may see.
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a> {
    series: &'a Series,
    account: &'a str,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("region", &self.region)
            .field("now", &self.now)
            .field("view", &self.view)
            .finish_non_exhaustive()
    }
}

impl<'a> Reader<'a> {
    pub fn new(
        world: &'a dyn World,
        region: &'a str,
        now: i64,
        scope: (Arc<SeriesIndex>, View, Publication),
        is_cancelled: &'a AtomicBool,
    ) -> Self {
        let (index, view, publication) = scope;
        Self { world, region, now, index, view, publication, is_cancelled, folds: RefCell::default() }
    }

    /// The series whose data may be shown: it exists, with exactly these dimensions, in an account that is asked.
    pub fn visible(&self, series: &Series, account: Option<&str>) -> Option<Visible<'_>> {
        let entry = self.index.find(series).find(|entry| self.view.shows(&entry.account, account))?;
        Some(Visible { series: &entry.series, account: &entry.account })
    }

    /// Whether nothing of the account that is asked for may be read: it is another one, and not linked. (An account is
    /// taken for linked where the world has series of it.)
    pub fn is_forbidden(&self, asked: Option<&str>) -> bool {
        let is_shown = |account: &str| self.view.is_monitoring && self.index.has_account(account);
        asked.is_some_and(|account| account != self.view.own && !is_shown(account))
    }

    /// Ascending.
    pub fn points(&self, series: Visible<'_>, window: Window, statistic: Statistic) -> Vec<Point> {
        if window.period < MINUTE || self.is_cancelled.load(Ordering::Relaxed) {
            return Vec::new();
        }
        if statistic.needs_samples() {
            return self.points_of_samples(series, window, statistic);
        }
        let folds = self.folds(series, window);
        folds.iter().filter_map(|(at, fold)| Some((*at, statistic.of_fold(fold)?))).collect()
    }

    fn points_of_samples(&self, series: Visible<'_>, window: Window, statistic: Statistic) -> Vec<Point> {
        let mut samples = Vec::new();
        let known_until = self.publication.known_until(series.series, self.now);
        window
            .starts(self.now)
            .filter_map(|at| {
                samples.clear();
                for minute in self.minutes(at, window.period) {
                    samples.extend(self.world.samples_of(
                        self.region,
                        series.account,
                        series.series,
                        minute,
                        known_until,
                    ));
                }
                Some((at, statistic.of_samples(&mut samples)?))
            })
            .collect()
    }

    fn folds(&self, series: Visible<'_>, window: Window) -> Folds {
        let key = (series.series.clone(), series.account.to_owned(), window);
        if let Some(folds) = self.folds.borrow().get(&key) {
            return Rc::clone(folds);
        }
        let folds: Vec<(i64, Minute)> =
            window.starts(self.now).filter_map(|at| Some((at, self.fold(series, at, window.period)?))).collect();
        let folds = Rc::new(folds);
        self.folds.borrow_mut().insert(key, Rc::clone(&folds));
        folds
    }

    fn fold(&self, series: Visible<'_>, at: i64, period: i64) -> Option<Minute> {
        let known_until = self.publication.known_until(series.series, self.now);
        self.minutes(at, period)
            .filter_map(|minute| self.world.minute_of(self.region, series.account, series.series, minute, known_until))
            .filter(|minute| minute.sample_count > 0.0)
            .reduce(|a, b| Minute {
                sample_count: a.sample_count + b.sample_count,
                sum: a.sum + b.sum,
                minimum: a.minimum.min(b.minimum),
                maximum: a.maximum.max(b.maximum),
            })
    }

    fn minutes(&self, at: i64, period: i64) -> impl Iterator<Item = i64> + use<> {
        let end = (at + period).min(self.now + 1);
        (at..end).step_by(60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_aligned_and_end_before_the_end() {
        let now = 1_000_000_000;
        let window = Window::aligned(now - 1000, now - 100, 300);
        let buckets: Vec<i64> = window.starts(now).collect();
        assert_eq!(buckets, [999_999_000, 999_999_300, 999_999_600]);
    }

    #[test]
    fn points_beyond_their_retention_are_gone() {
        let now = 60 * 3600 * 1000;
        let oldest = |period| Window::aligned(0, now, period).starts(now).next().unwrap();
        assert_eq!(now - oldest(60), 15 * DAY);
        assert_eq!(now - oldest(300), 63 * DAY);
        assert_eq!(now - oldest(3600), 455 * DAY);
        assert_eq!(now - oldest(120), 15 * DAY);
    }

    #[test]
    fn buckets_of_another_origin_keep_it() {
        let now = 1_000_000_000;
        let window = Window { start: now - 600, end: now, period: 300, origin: now - 600 };
        let buckets: Vec<i64> = window.starts(now).collect();
        assert_eq!(buckets, [now - 600, now - 300]);
    }

    #[test]
    fn old_starts_are_rounded_more() {
        let now = 2_000_000_000;
        assert_eq!(round_start(now - 30, now) % 60, 0);
        assert_eq!(round_start(now - 20 * DAY + 7, now) % 300, 0);
        assert_eq!(round_start(now - 70 * DAY + 7, now) % 3600, 0);
    }

    #[test]
    fn linked_accounts_are_seen_from_the_monitoring_account_only() {
        let monitoring = View { own: "1".to_owned(), is_monitoring: true };
        let linked = View { own: "2".to_owned(), is_monitoring: false };
        assert!(monitoring.shows("1", None) && !monitoring.shows("2", None));
        assert!(monitoring.shows("2", Some("2")));
        assert!(linked.shows("2", None) && !linked.shows("1", Some("1")));
    }
}
