//! What was added per bucket to a counter of the job, from its values, and the time between two of what is counted.
//!
//! Counters that every subtask keeps are read in `counter`. The surprise: a count that falls is that of a new job,
//! which counts from 0.

use super::counter::{Beyond, Reach};

/// What was added since the last known value; a fall is a restart and counts 0. Null without a value in so many buckets
/// before.
pub(super) fn increase(values: &[f64], before: usize) -> Vec<f64> {
    let mut last = None;
    let added = |(index, value): (usize, &f64)| {
        if value.is_nan() {
            return f64::NAN;
        }
        let previous = last.replace((index, *value)).filter(|(known, _)| known + before >= index);
        previous.map_or(f64::NAN, |(_, previous)| (value - previous).max(0.0))
    };
    values.iter().enumerate().map(added).collect()
}

/// What was added to a counter with exact values, at least. In the first bucket it is what the bucket itself shows. A
/// lowest value below the last one is that of a new job, which counts from 0: where its count stands at the end of the
/// bucket is told by the next one.
pub(super) fn job_increase(maximum: &[f64], minimum: &[f64], reach: Reach) -> Vec<f64> {
    let mut last = f64::NAN;
    let mut known = 0;
    let added = |index: usize| {
        let (highest, lowest) = (maximum[index], minimum[index]);
        if highest.is_nan() {
            return f64::NAN;
        }
        if known + reach.before < index {
            last = f64::NAN;
        }
        known = index;
        let until = index + 1 + reach.after;
        let next = minimum[index + 1..until.min(minimum.len())].iter().copied().find(|next| !next.is_nan());
        let is_open = next.is_none() && reach.beyond == Beyond::Nothing && until > reach.arriving;
        let (added, end) = match last {
            last if last.is_nan() => (highest - lowest, highest),
            last if highest < last => (highest, highest),
            // The highest value is the old job's if it is not reached again by the end.
            last if lowest < last => match next {
                Some(next) if next < highest => (highest - last + next, next),
                Some(_) => (highest, highest),
                None => (highest - last, highest),
            },
            last => (highest - last, highest),
        };
        let is_told_by_next = lowest < last && last <= highest;
        last = end;
        if is_told_by_next && is_open { f64::NAN } else { added }
    };
    (0..maximum.len()).map(added).collect()
}

/// Time since the previous bucket with events, divided by the events. Before the first known bucket nobody counted.
pub(super) fn interval(events: &[f64], seconds: f64) -> Vec<f64> {
    let first = events.iter().position(|count| !count.is_nan()).unwrap_or(0);
    let mut buckets = 1.0;
    let per_event = |(index, count): (usize, &f64)| {
        if *count > 0.0 {
            let seconds = buckets * seconds / count;
            buckets = 1.0;
            seconds
        } else {
            buckets += if index < first { 0.0 } else { 1.0 };
            f64::NAN
        }
    };
    events.iter().enumerate().map(per_event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REACH: Reach = Reach { before: 15, after: 15, arriving: 100, beyond: Beyond::Provisional };

    #[test]
    fn an_increase_never_falls_and_needs_a_value_before() {
        let found = increase(&[5.0, 8.0, f64::NAN, 9.0, 2.0, 4.0], 15);
        assert!(found[0].is_nan() && found[2].is_nan());
        assert_eq!((found[1], found[3], found[4], found[5]), (3.0, 1.0, 0.0, 2.0));
    }

    #[test]
    fn a_new_job_counts_from_nothing() {
        // Highest and lowest of each bucket: three added at once, a new job, and one more.
        let highest = [1.0, 4.0, 4.0, f64::NAN, 2.0, 3.0];
        let lowest = [0.0, 1.0, 4.0, f64::NAN, 0.0, 2.0];
        let found = job_increase(&highest, &lowest, REACH);
        assert_eq!((found[0], found[1], found[2], found[4], found[5]), (1.0, 3.0, 0.0, 2.0, 1.0));
        assert!(found[3].is_nan());
        // A new job within a bucket: the old one counted to 7 there, the new one to 2; then the new one counts beyond
        // the old one's 1.
        assert_eq!(job_increase(&[5.0, 7.0, 3.0], &[4.0, 0.0, 2.0], REACH), [1.0, 4.0, 1.0]);
        assert_eq!(job_increase(&[1.0, 3.0, 4.0], &[1.0, 0.0, 3.0], REACH), [0.0, 3.0, 1.0]);
        // Of the last bucket nobody knows whose the highest value is.
        assert_eq!(job_increase(&[5.0, 7.0], &[4.0, 0.0], REACH), [1.0, 2.0]);
    }
}
