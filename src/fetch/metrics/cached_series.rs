//! The buckets of one series that were fetched, as columns. No clock: now comes in, in epoch milliseconds.
//!
//! A bucket is *settled* when it was fetched late enough after its end: it will not change any more, so it is kept
//! until it is evicted. That there is no value settles later than a value does, because AWS delays metrics now and
//! then. Younger ones are the *tail*, which is good for a short while only, and never for an alert. A settled bucket
//! without a value is asked for again every half an hour until it is a day old (`gaps`); what arrives even later than
//! that is not seen until the bucket is evicted.

use std::ops::Range;

use super::gaps::Gaps;
use super::segment::Segment;
use crate::period::Period;
use crate::query::Origin;

/// How long after its end a bucket with a value may still change, in seconds: the service publishes up to three minutes
/// late.
const LATE: i64 = 300;

/// How long after its end a bucket without a value may still get one, in seconds.
pub(super) const ABSENT: i64 = 3600;

/// The tail's longest life. The service publishes every minute, so a bucket of any length may be another one a minute
/// later.
const LONGEST_LIFE_MS: i64 = 60_000;

/// Disjoint ranges kept of one series: a dashboard, what it is compared with, and what somebody once looked up.
const MOST_SEGMENTS: usize = 8;

/// What a series costs beside its values, in bytes: its name and dimensions, and its places in the maps.
const FIXED_BYTES: usize = 384;

/// How long a tail is good after it was fetched: half a period.
pub(super) fn tail_life_ms(period: Period) -> i64 {
    (period.seconds() * 500).min(LONGEST_LIFE_MS)
}

/// Who reads, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub origin: Origin,
    pub now_ms: i64,
}

/// What is known of a range of buckets.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CachedBuckets {
    /// One per bucket of the range, NaN where nothing is known; none at all where the series is not known.
    pub values: Vec<f64>,
    /// From the first unknown bucket to the end of the last one, epoch seconds. Known ones between are asked for again
    /// with them: CloudWatch bills the metric, not its points.
    pub missing: Option<Range<i64>>,
}

impl CachedBuckets {
    /// Buckets in the missing range.
    pub(super) fn missing_points(&self, period: Period) -> u64 {
        let missing = self.missing.as_ref().map_or(0, |missing| missing.end - missing.start);
        u64::try_from(missing / period.seconds()).unwrap_or(0)
    }
}

/// Everything that is kept of one series.
#[derive(Debug)]
pub(super) struct CachedSeries {
    period: i64,
    tail_life_ms: i64,
    /// Settled; ascending, neither overlapping nor adjacent.
    segments: Vec<Segment>,
    /// Settled without a value.
    gaps: Gaps,
    /// Not settled; ascending.
    tail: Vec<UnsettledBucket>,
    /// When it was last read, in the cache's ticks.
    pub used: u64,
    /// What was read since unread ones were last dropped.
    read_range: Option<Range<i64>>,
}

#[derive(Debug, Clone, Copy)]
struct UnsettledBucket {
    start: i64,
    value: f64,
    fetched_ms: i64,
}

impl CachedSeries {
    pub(super) fn new(period: Period) -> Self {
        Self {
            period: period.seconds(),
            tail_life_ms: tail_life_ms(period),
            segments: Vec::new(),
            gaps: Gaps::default(),
            tail: Vec::new(),
            used: 0,
            read_range: None,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty() && self.tail.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        let segments: usize = self.segments.iter().map(Segment::bytes).sum();
        FIXED_BYTES + segments + self.gaps.bytes() + self.tail.capacity() * size_of::<UnsettledBucket>()
    }

    /// The buckets of an aligned range.
    pub(super) fn read(&mut self, range: &Range<i64>, reader: Reader) -> CachedBuckets {
        self.read_range = Some(match &self.read_range {
            Some(read_range) => read_range.start.min(range.start)..read_range.end.max(range.end),
            None => range.clone(),
        });
        let mut values = vec![f64::NAN; self.count(range.start, range.end)];
        let mut known = vec![false; values.len()];
        for segment in &self.segments {
            let shared = segment.start.max(range.start)..segment.end(self.period).min(range.end);
            if shared.start < shared.end {
                let to = self.count(range.start, shared.start)..self.count(range.start, shared.end);
                let from = self.count(segment.start, shared.start)..self.count(segment.start, shared.end);
                values[to.clone()].copy_from_slice(&segment.values()[from]);
                known[to].fill(true);
            }
        }
        for gap in self.gaps.due(range, reader.now_ms) {
            // What stands before it may be made of a part of its samples.
            let first = self.count(range.start, gap.start).saturating_sub(self.margin());
            known[first..self.count(range.start, gap.end)].fill(false);
        }
        if reader.origin == Origin::Panel {
            self.read_tail(range, reader.now_ms, &mut values, &mut known);
        }
        let missing = self.unknown_range(range, &known);
        CachedBuckets { values, missing }
    }

    fn read_tail(&self, range: &Range<i64>, now_ms: i64, values: &mut [f64], known: &mut [bool]) {
        let mut put = |start: i64, value: f64| {
            if range.contains(&start) {
                let index = self.count(range.start, start);
                (values[index], known[index]) = (value, true);
            }
        };
        for bucket in self.tail.iter().filter(|bucket| self.is_fresh(bucket, now_ms)) {
            put(bucket.start, bucket.value);
        }
        // What was fetched up to its present says of the bucket that has begun since that it was empty.
        if let Some(newest) = self.tail.last().filter(|bucket| self.is_fresh(bucket, now_ms)) {
            let end = newest.start + self.period;
            if end >= newest.fetched_ms.div_euclid(1000) {
                put(end, f64::NAN);
            }
        }
    }

    /// A clock that was set back makes nothing fresh for longer.
    fn is_fresh(&self, bucket: &UnsettledBucket, now_ms: i64) -> bool {
        (now_ms - bucket.fetched_ms).abs() <= self.tail_life_ms
    }

    fn unknown_range(&self, range: &Range<i64>, known: &[bool]) -> Option<Range<i64>> {
        let first = known.iter().position(|known| !known)?;
        let last = known.iter().rposition(|known| !known)?;
        let second = |index: usize| range.start + i64::try_from(index).unwrap_or(0) * self.period;
        Some(second(first)..second(last + 1))
    }

    /// Takes in a column that was fetched at `fetched_ms`.
    pub(super) fn store(&mut self, column: &Segment, fetched_ms: i64) {
        let start = column.start;
        let settled = self.settled(column, fetched_ms.div_euclid(1000));
        if settled > 0 {
            let settled = column.first(settled);
            self.gaps.note(&settled, self.period, fetched_ms);
            self.insert(settled);
        }
        let is_current = |bucket: &UnsettledBucket| {
            !self.segments.iter().any(|segment| segment.contains(bucket.start, self.period))
                && self.is_fresh(bucket, fetched_ms)
        };
        let mut tail: Vec<UnsettledBucket> = self.tail.iter().copied().filter(is_current).collect();
        let starts = (start..).step_by(usize::try_from(self.period).unwrap_or(1));
        for (start, value) in starts.zip(column.values()).skip(settled) {
            let bucket = UnsettledBucket { start, value: *value, fetched_ms };
            match tail.binary_search_by_key(&start, |bucket| bucket.start) {
                Ok(index) if tail[index].fetched_ms > fetched_ms => {}
                Ok(index) => tail[index] = bucket,
                Err(index) => tail.insert(index, bucket),
            }
        }
        tail.shrink_to_fit();
        self.tail = tail;
    }

    /// How many of a column's first buckets will not change any more. Before a gap that may still be filled there are
    /// values that may be made of a part of their samples.
    fn settled(&self, column: &Segment, fetched: i64) -> usize {
        let values = column.values();
        let ended = |before: i64| self.count(column.start, self.floor(fetched - before)).min(values.len());
        let (sure, late) = (ended(ABSENT), ended(LATE));
        match values[sure..late].iter().position(|value| value.is_nan()) {
            Some(gap) => (sure + gap).saturating_sub(self.margin()).max(sure),
            None => late,
        }
    }

    /// So many buckets before one that is late may be made of a part of their samples.
    fn margin(&self) -> usize {
        usize::try_from(LATE / self.period).unwrap_or(0).max(1)
    }

    /// Puts a settled column in, and makes one segment of all that touch.
    fn insert(&mut self, mut new: Segment) {
        let period = self.period;
        let (start, end) = (new.start, new.end(period));
        let touches = |segment: &Segment| segment.start <= end && segment.end(period) >= start;
        let mut touching: Vec<Segment> = self.segments.extract_if(.., |segment| touches(segment)).collect();
        let beyond = touching.last().filter(|last| last.end(period) > end);
        let rest = beyond.map_or(Vec::new(), |last| last.values()[self.count(last.start, end)..].to_vec());
        let merged = match touching.first() {
            Some(first) if first.start <= start => {
                let mut first = touching.swap_remove(0);
                first.continue_with(self.count(first.start, start), new.values(), &rest);
                first
            }
            Some(_) | None => {
                if !rest.is_empty() {
                    new.continue_with(new.values().len(), &rest, &[]);
                }
                new
            }
        };
        let position = self.segments.partition_point(|segment| segment.start < merged.start);
        self.segments.insert(position, merged);
        if self.segments.len() > MOST_SEGMENTS {
            // The one that is farthest from what was just fetched.
            let farthest = if position * 2 > self.segments.len() { 0 } else { self.segments.len() - 1 };
            self.segments.remove(farthest);
        }
    }

    /// Gives up the settled buckets that nobody read since unread ones were last dropped. A series that nobody read at all is
    /// left to eviction.
    pub(super) fn drop_unread(&mut self) {
        let Some(read_range) = self.read_range.take() else { return };
        let period = self.period;
        self.segments.retain(|segment| segment.start < read_range.end && segment.end(period) > read_range.start);
        for segment in &mut self.segments {
            let kept = segment.start.max(read_range.start)..segment.end(period).min(read_range.end);
            let from = usize::try_from((kept.start - segment.start) / period).unwrap_or(0);
            let to = usize::try_from((kept.end - segment.start) / period).unwrap_or(0);
            segment.keep(from..to, period);
        }
    }

    fn floor(&self, second: i64) -> i64 {
        second.div_euclid(self.period) * self.period
    }

    /// Buckets between two aligned seconds.
    fn count(&self, from: i64, to: i64) -> usize {
        usize::try_from((to - from) / self.period).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment at the start of a minute.
    const NOW: i64 = 1_790_000_040;
    const NOW_MS: i64 = NOW * 1000;

    fn column(start: i64, values: &[f64]) -> Segment {
        Segment::new(start, &values.to_vec().into(), values.len())
    }

    fn panel(now_ms: i64) -> Reader {
        Reader { origin: Origin::Panel, now_ms }
    }

    fn alert(now_ms: i64) -> Reader {
        Reader { origin: Origin::Alert, now_ms }
    }

    /// Minutes relative to `NOW`.
    fn minutes(from: i64, to: i64) -> Range<i64> {
        NOW + from * 60..NOW + to * 60
    }

    /// The minute's own number as its value.
    fn store(cached: &mut CachedSeries, from: i64, to: i64, fetched_ms: i64) {
        let values: Vec<f64> = (from..to).map(|minute| minute as f64).collect();
        cached.store(&column(NOW + from * 60, &values), fetched_ms);
    }

    /// Values as numbers, `-` for none, and then what is missing.
    fn check(cached: &mut CachedSeries, (from, to): (i64, i64), reader: Reader, expected: &str) {
        let found = cached.read(&minutes(from, to), reader);
        let shown = |value: &f64| if value.is_nan() { "-".to_owned() } else { value.to_string() };
        let values = found.values.iter().map(shown).collect::<Vec<_>>().join(" ");
        let missing = found.missing.map(|range| ((range.start - NOW) / 60, (range.end - NOW) / 60));
        let missing = missing.map_or("nothing".to_owned(), |(from, to)| format!("{from}..{to}"));
        assert_eq!(format!("{values} missing {missing}"), expected);
    }

    fn cached() -> CachedSeries {
        CachedSeries::new(Period::MINUTE)
    }

    #[test]
    fn adjacent_and_overlapping_columns_become_one() {
        let mut cached = cached();
        for (from, to) in [(-30, -28), (-26, -24), (-28, -26), (-31, -23)] {
            store(&mut cached, from, to, NOW_MS);
        }
        assert_eq!(cached.segments.len(), 1);
        check(&mut cached, (-32, -22), panel(NOW_MS), "- -31 -30 -29 -28 -27 -26 -25 -24 - missing -32..-22");
        check(&mut cached, (-31, -28), panel(NOW_MS), "-31 -30 -29 missing nothing");
        store(&mut cached, -32, -31, NOW_MS);
        store(&mut cached, -23, -22, NOW_MS);
        check(&mut cached, (-33, -22), panel(NOW_MS), "- -32 -31 -30 -29 -28 -27 -26 -25 -24 -23 missing -33..-32");
    }

    #[test]
    fn a_newer_column_replaces_what_it_covers_and_nothing_else() {
        let mut cached = cached();
        store(&mut cached, -30, -20, NOW_MS);
        cached.store(&column(NOW - 25 * 60, &[7.0, f64::NAN]), NOW_MS);
        check(&mut cached, (-27, -21), panel(NOW_MS), "-27 -26 7 - -23 -22 missing nothing");
    }

    #[test]
    fn few_disjoint_ranges_are_kept() {
        let mut cached = cached();
        for index in 0..20 {
            store(&mut cached, -1000 + index * 10, -998 + index * 10, NOW_MS);
        }
        assert_eq!(cached.segments.len(), MOST_SEGMENTS);
        check(&mut cached, (-810, -808), panel(NOW_MS), "-810 -809 missing nothing");
        check(&mut cached, (-1000, -998), panel(NOW_MS), "- - missing -1000..-998");
    }

    #[test]
    fn the_tail_is_good_for_half_a_period_and_what_has_settled_for_ever() {
        let mut cached = cached();
        store(&mut cached, -8, 1, NOW_MS + 10_000);
        check(&mut cached, (-8, 1), panel(NOW_MS + 40_000), "-8 -7 -6 -5 -4 -3 -2 -1 0 missing nothing");
        check(&mut cached, (-8, 1), panel(NOW_MS + 40_001), "-8 -7 -6 - - - - - - missing -5..1");
        // Fetched again a while later, more has settled.
        store(&mut cached, -5, 3, NOW_MS + 130_000);
        check(&mut cached, (-8, 3), panel(NOW_MS + 170_000), "-8 -7 -6 -5 -4 - - - - - - missing -3..3");
    }

    #[test]
    fn a_long_period_does_not_make_a_long_life() {
        assert_eq!(tail_life_ms(Period::MINUTE), 30_000);
        assert_eq!(tail_life_ms(Period::HOUR), 60_000);
        let mut cached = CachedSeries::new(Period::HOUR);
        let hour = Period::HOUR.floor(NOW);
        cached.store(&column(hour - 3600, &[1.0, 2.0]), NOW_MS);
        let range = hour - 3600..hour + 3600;
        assert_eq!(cached.read(&range, panel(NOW_MS + 60_000)).missing, None);
        assert_eq!(cached.read(&range, panel(NOW_MS + 60_001)).missing, Some(hour..hour + 3600));
    }

    #[test]
    fn an_alert_reads_what_has_settled_only() {
        let mut cached = cached();
        store(&mut cached, -8, 0, NOW_MS);
        check(&mut cached, (-8, 0), alert(NOW_MS), "-8 -7 -6 - - - - - missing -5..0");
        check(&mut cached, (-8, -5), alert(NOW_MS), "-8 -7 -6 missing nothing");
    }

    #[test]
    fn the_bucket_that_begins_within_the_tails_life_is_known_to_be_empty() {
        let mut cached = cached();
        store(&mut cached, -8, 1, NOW_MS + 50_000);
        check(&mut cached, (-1, 2), panel(NOW_MS + 65_000), "-1 0 - missing nothing");
        check(&mut cached, (-1, 2), alert(NOW_MS + 65_000), "- - - missing -1..2");
        // A range that ended before its present says nothing of what came after it.
        let mut cached = super::tests::cached();
        store(&mut cached, -8, 0, NOW_MS + 50_000);
        check(&mut cached, (-1, 1), panel(NOW_MS + 65_000), "-1 - missing 0..1");
    }

    #[test]
    fn no_value_is_knowledge_after_an_hour() {
        let mut cached = cached();
        cached.store(&column(NOW - 63 * 60, &[f64::NAN; 6]), NOW_MS);
        check(&mut cached, (-63, -57), panel(NOW_MS), "- - - - - - missing nothing");
        check(&mut cached, (-63, -60), alert(NOW_MS), "- - - missing nothing");
        check(&mut cached, (-63, -57), alert(NOW_MS), "- - - - - - missing -60..-57");
        // Asked again, there are values.
        store(&mut cached, -60, -57, NOW_MS);
        check(&mut cached, (-63, -57), alert(NOW_MS), "- - - -60 -59 -58 missing nothing");
    }

    #[test]
    fn values_before_a_gap_may_lack_samples_and_are_not_final() {
        let mut cached = cached();
        let values: Vec<f64> = (-30..-4).map(|minute| if minute < -12 { minute as f64 } else { f64::NAN }).collect();
        cached.store(&column(NOW - 30 * 60, &values), NOW_MS);
        check(&mut cached, (-19, -16), alert(NOW_MS), "-19 -18 - missing -17..-16");
        // Nor are those before a short one.
        let mut cached = super::tests::cached();
        store(&mut cached, -30, -4, NOW_MS);
        cached.store(&column(NOW - 30 * 60, &[1.0, f64::NAN, 1.0]), NOW_MS);
        check(&mut cached, (-30, -26), alert(NOW_MS), "-30 -29 -28 -27 missing nothing");
    }

    #[test]
    fn an_older_answer_that_comes_later_changes_no_newer_one() {
        let mut cached = cached();
        cached.store(&column(NOW - 60, &[2.0]), NOW_MS + 20_000);
        cached.store(&column(NOW - 60, &[1.0]), NOW_MS + 10_000);
        check(&mut cached, (-1, 0), panel(NOW_MS + 20_000), "2 missing nothing");
    }

    #[test]
    fn a_trim_keeps_what_was_read_since_the_last_one() {
        let mut cached = cached();
        store(&mut cached, -60, -10, NOW_MS);
        store(&mut cached, -100, -90, NOW_MS);
        let before = cached.bytes();
        cached.drop_unread();
        assert_eq!(cached.bytes(), before);
        cached.read(&minutes(-30, -10), panel(NOW_MS));
        cached.drop_unread();
        assert_eq!(cached.bytes(), FIXED_BYTES + 20 * 8);
        check(&mut cached, (-32, -28), panel(NOW_MS), "- - -30 -29 missing -32..-30");
    }
}
