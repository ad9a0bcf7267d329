//! Which of the newest buckets have no value yet, because samples of theirs may still arrive.
//!
//! The samples of a minute come one after the other, those of some containers later than those of others. What is made
//! of the first ones is wrong in ways of its own: a maximum too low, a minimum too high, a mean that of the fast
//! containers. So the samples are counted: a bucket has a value as soon as it has as many as the buckets before it;
//! where they are not counted, when such buckets are usually complete. The surprise is a sample that was lost for good:
//! its bucket is believed when the next one has as many.

/// Settled buckets that say how many samples are usual: the middle of so many.
const SETTLED: usize = 5;

/// A bucket with fewer than this part of the usual samples is not believed because of the next one: in both the same
/// container may be late.
const LEAST_PART: f64 = 0.75;

/// The newest buckets of a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Index of the first bucket of which samples may still arrive.
    pub arriving: usize,
    /// Index of the first that has no value where the samples are not counted.
    pub by_clock: usize,
    /// The part of the usual samples that is enough for a value: 1 where each may change it.
    pub enough: f64,
}

impl Edge {
    /// Whether a bucket has no value yet.
    pub fn holds_back(self, counts: &[f64], index: usize) -> bool {
        if index < self.arriving || counts[index].is_nan() {
            return false;
        }
        let is_followed = counts[index + 1..].iter().any(|later| *later >= counts[index]);
        match self.usual(counts, index) {
            Some(usual) if counts[index] >= usual * self.enough => false,
            Some(usual) => !(is_followed && counts[index] >= usual * LEAST_PART),
            None => !is_followed,
        }
    }

    /// Nulls in place of the values that are held back.
    pub fn hold_back(self, mut values: Vec<f64>, counts: &[f64]) -> Vec<f64> {
        for (index, value) in values.iter_mut().enumerate().skip(self.arriving) {
            let is_counted = !counts[index].is_nan();
            if is_counted && self.holds_back(counts, index) || !is_counted && index >= self.by_clock {
                *value = f64::NAN;
            }
        }
        values
    }

    /// How many samples a bucket has when all have come, as those before it have; more where a new one already has
    /// more.
    fn usual(self, counts: &[f64], index: usize) -> Option<f64> {
        let known = |count: &f64| *count > 0.0;
        let (settled, newer) = counts[..index].split_at(self.arriving);
        let mut last: Vec<f64> = settled.iter().rev().copied().filter(known).take(SETTLED).collect();
        last.sort_unstable_by(f64::total_cmp);
        // Of two in the middle the greater one.
        let middle = last.get(last.len() / 2).copied();
        newer.iter().copied().filter(known).chain(middle).reduce(f64::max)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NO: f64 = f64::NAN;

    /// Which of the buckets that may still arrive are held back.
    fn check(counts: &[f64], arriving: usize, expected: &[bool]) {
        let edge = Edge { arriving, by_clock: 0, enough: 1.0 };
        let found: Vec<bool> = (arriving..counts.len()).map(|index| edge.holds_back(counts, index)).collect();
        assert_eq!(found, expected, "{counts:?}");
    }

    #[test]
    fn a_bucket_has_a_value_when_it_has_as_many_samples_as_those_before() {
        check(&[16.0, 16.0, 16.0, 16.0], 2, &[false, false]);
        check(&[16.0, 16.0, 16.0, 4.0], 2, &[false, true]);
        check(&[16.0, 16.0, 12.0, 4.0], 2, &[true, true]);
        // A sample too many, or one lost, in those before.
        check(&[16.0, 20.0, 16.0, 16.0], 3, &[false]);
        check(&[16.0, 16.0, 15.0, 15.0], 3, &[true]);
        // Nothing is there to be held back.
        check(&[16.0, NO, NO], 1, &[false, false]);
    }

    #[test]
    fn a_lost_sample_is_told_from_a_late_one_by_the_next_bucket() {
        check(&[16.0, 16.0, 15.0, 8.0], 2, &[true, true]);
        check(&[16.0, 16.0, 15.0, 16.0], 2, &[false, false]);
        check(&[16.0, 16.0, 15.0, 15.0], 2, &[false, true]);
        // Half of the containers may be late in both.
        check(&[16.0, 16.0, 8.0, 8.0], 2, &[true, true]);
    }

    #[test]
    fn a_job_that_grows_or_begins_is_followed() {
        check(&[16.0, 16.0, 16.0, 32.0, 16.0], 3, &[false, true]);
        // How many are usual is known from the second minute on, which says that the first is over.
        check(&[NO, NO, 4.0, 16.0, 12.0], 2, &[false, false, true]);
        check(&[NO, NO, 4.0], 2, &[true]);
        check(&[16.0], 0, &[true]);
    }

    #[test]
    fn where_samples_are_not_counted_the_clock_decides() {
        let edge = Edge { arriving: 1, by_clock: 2, enough: 1.0 };
        let shown = edge.hold_back(vec![1.0; 4], &[NO; 4]);
        assert_eq!(shown.iter().map(|value| value.is_nan()).collect::<Vec<_>>(), [false, false, true, true]);
    }

    #[test]
    fn of_a_long_bucket_a_part_may_be_enough() {
        let edge = Edge { arriving: 2, by_clock: 0, enough: 0.5 };
        assert!(!edge.holds_back(&[160.0, 160.0, 80.0], 2));
        assert!(edge.holds_back(&[160.0, 160.0, 79.0], 2));
    }

    /// Subtasks report four times a minute and their samples come at a time of their own, up to a minute later.
    fn arrived(delays: &[i64], minute: i64, now: i64) -> Vec<usize> {
        let samples = |delay: i64| (0..4).filter(move |sample| minute * 60 + sample * 15 + delay <= now).count();
        delays.iter().map(|delay| samples(*delay)).collect()
    }

    proptest! {
        /// Levels are far apart, so that a bucket without a subtask would have another maximum, minimum and mean.
        #[test]
        fn what_is_shown_is_final_and_what_is_complete_is_shown(
            delays in prop::collection::vec(0_i64..60, 1..9),
            levels in prop::collection::vec(0_u32..1000, 8),
            now in 600_i64..720,
        ) {
            let minutes = now / 60 + 1;
            let arriving = usize::try_from((now - 180) / 60).unwrap();
            let whole = delays.len() * 4;
            let counts: Vec<f64> = (0..minutes)
                .map(|minute| arrived(&delays, minute, now).iter().sum::<usize>() as f64)
                .map(|count| if count == 0.0 { NO } else { count })
                .collect();
            let highest = |come: &[usize]| {
                let known = levels.iter().zip(come).filter(|(_, come)| **come > 0);
                known.map(|(level, _)| f64::from(*level)).fold(NO, f64::max)
            };
            let values: Vec<f64> = (0..minutes).map(|minute| highest(&arrived(&delays, minute, now))).collect();
            let shown = Edge { arriving, by_clock: 0, enough: 1.0 }.hold_back(values, &counts);
            let last = highest(&vec![4; delays.len()]);
            for (index, value) in shown.iter().enumerate() {
                let is_complete = counts[index] == whole as f64;
                prop_assert_eq!(is_complete, !value.is_nan(), "{} at {}: {:?}", index, now, &counts);
                prop_assert!(value.is_nan() || *value == last);
            }
        }
    }
}
