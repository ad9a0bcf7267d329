//! Totals over all subtasks from `Sum` and `SampleCount` of one series.
//!
//! The surprise is that neither `Sum / expected` nor `Average × subtasks` is right alone. Where a bucket has about the
//! expected number of samples, the reporter sent one more or one less, and the mean times the subtasks is right while
//! the sum is off by a quarter. Where it has far fewer, subtasks were really missing, and the sum is right while the
//! mean would count a stopped minute in full. A counter is a level: its mean is right either way.
//!
//! In the newest buckets nobody knows yet whether samples are missing or late. Those that came first are no fair part
//! of all: one container does more than another. So there is no total until all have come, or so many of a long bucket
//! that their mean may stand for the rest.

use super::arriving::Edge;

/// What a sampled metric is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Rate,
    Counter,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Sampling {
    /// Samples that one subtask sends per bucket.
    pub expected: f64,
    pub kind: Kind,
    pub edge: Edge,
}

/// The part of the samples of a longer bucket that may be lost without a reason: about one an hour is, and at times
/// three or four of the
/// 240. A job that was down for a minute of the hour is then shown 2 % too high at most.
const USUAL_LOSS: f64 = 0.02;

/// One total per bucket; null where there are no samples.
pub(super) fn totals(sums: &[f64], counts: &[f64], sampling: Sampling) -> Vec<f64> {
    let subtasks = agreed_subtasks(counts, sampling.expected, sampling.edge.arriving);
    let tolerance = (sampling.expected * USUAL_LOSS).max(1.0);
    let mut totals = Vec::with_capacity(sums.len());
    for (index, (sum, count)) in sums.iter().zip(counts).enumerate() {
        let n = subtasks.at(index);
        let is_usual = (count - sampling.expected * n).abs() <= tolerance * n;
        let is_part = sampling.edge.enough < 1.0 && index >= sampling.edge.arriving && *count < sampling.expected * n;
        totals.push(if sampling.edge.holds_back(counts, index) {
            f64::NAN
        } else if is_usual || is_part || sampling.kind == Kind::Counter {
            sum / count * n
        } else {
            sum / sampling.expected
        });
    }
    if sampling.kind == Kind::Counter {
        interpolate_incomplete(&mut totals, counts, &subtasks, sampling.expected);
    }
    totals
}

/// A counter grows while it is sampled: without its last sample, the mean of a minute lies 7.5 s early. Between two
/// complete buckets the middle is closer to the truth.
fn interpolate_incomplete(levels: &mut [f64], counts: &[f64], subtasks: &Subtasks, expected: f64) {
    let is_complete = |index: usize| counts[index] == expected * subtasks.at(index);
    for index in 1..levels.len().saturating_sub(1) {
        let lost_some = counts[index] > 0.0 && !is_complete(index);
        let nearly_complete = (counts[index] / expected / subtasks.at(index) - 1.0).abs() <= 0.25;
        let (before, after) = (levels[index - 1], levels[index + 1]);
        let stands_between = is_complete(index - 1) && is_complete(index + 1) && before <= after;
        if lost_some && nearly_complete && stands_between {
            levels[index] = f64::midpoint(before, after);
        }
    }
}

/// The number of subtasks per bucket.
enum Subtasks {
    Same(f64),
    Varying(Vec<f64>),
}

impl Subtasks {
    fn at(&self, index: usize) -> f64 {
        match self {
            Self::Same(n) => *n,
            Self::Varying(each) => each[index],
        }
    }
}

fn agreed_subtasks(counts: &[f64], expected: f64, arriving: usize) -> Subtasks {
    let mut votes: Vec<i64> =
        counts.iter().map(|count| if *count > 0.0 { ((count / expected).round() as i64).max(1) } else { 0 }).collect();
    abstain_if_late(&mut votes, arriving);
    let mut known = votes.iter().filter(|vote| **vote > 0);
    let first = known.next().copied().unwrap_or(1);
    if known.all(|vote| *vote == first) {
        return Subtasks::Same(first as f64);
    }
    let settled = settled_votes(counts, &votes, expected);
    let agreed = |index| nearest(&settled, index).unwrap_or_else(|| majority(&votes, index)) as f64;
    Subtasks::Varying((0..votes.len()).map(agreed).collect())
}

/// Buckets of which samples may still arrive have no vote, unless it is for more subtasks than the last complete one's.
fn abstain_if_late(votes: &mut [i64], arriving: usize) {
    let (complete, late) = votes.split_at_mut(arriving.min(votes.len()));
    let known = complete.iter().rev().copied().find(|vote| *vote > 0);
    late.iter_mut().filter(|vote| Some(**vote) < known).for_each(|vote| *vote = 0);
}

/// Votes that can be taken at their word: a whole number of subtasks, in two buckets in a row. A lost sample comes
/// alone.
fn settled_votes(counts: &[f64], votes: &[i64], expected: f64) -> Vec<Option<i64>> {
    let is_whole = |index: usize| votes[index] > 0 && counts[index] == votes[index] as f64 * expected;
    let same_as =
        |index: usize, other: Option<usize>| other.and_then(|other| counts.get(other)) == Some(&counts[index]);
    (0..votes.len())
        .map(|index| {
            let has_twin = same_as(index, index.checked_sub(1)) || same_as(index, Some(index + 1));
            (is_whole(index) && has_twin).then_some(votes[index])
        })
        .collect()
}

/// Buckets to each side that are asked: a quarter of an hour at one minute, so that a scaling event is followed.
const NEARBY: usize = 15;

/// The closest settled vote; the greater one where both sides are as close.
fn nearest(settled: &[Option<i64>], index: usize) -> Option<i64> {
    let at = |index: Option<usize>| index.and_then(|index| settled.get(index)).copied().flatten();
    (0..=NEARBY).find_map(|distance| at(index.checked_sub(distance)).max(at(index.checked_add(distance))))
}

/// The most frequent vote nearby; the greater one of a tie.
fn majority(votes: &[i64], index: usize) -> i64 {
    let nearby = &votes[index.saturating_sub(NEARBY)..(index + NEARBY + 1).min(votes.len())];
    let mut sorted: Vec<i64> = nearby.iter().copied().filter(|vote| *vote > 0).collect();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|a, b| a == b);
    runs.max_by_key(|run| run.len()).map_or(1, |run| run[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closed(expected: f64, kind: Kind) -> Sampling {
        Sampling { expected, kind, edge: Edge { arriving: usize::MAX, by_clock: 0, enough: 1.0 } }
    }

    /// Every sample is 10, so that the total of a bucket is ten times its true subtasks.
    fn check(counts: &[f64], expected: f64, totals_expected: &[f64]) {
        let sums: Vec<f64> = counts.iter().map(|count| count * 10.0).collect();
        let sampling = closed(expected, Kind::Rate);
        assert_eq!(totals(&sums, counts, sampling), totals_expected, "{counts:?}");
    }

    #[test]
    fn a_lost_or_extra_sample_changes_nothing() {
        check(&[16.0, 16.0, 12.0, 16.0, 20.0, 16.0, 16.0], 4.0, &[40.0; 7]);
        check(&[12.0, 16.0, 16.0], 4.0, &[40.0; 3]);
        check(&[16.0, 16.0, 12.0], 4.0, &[40.0; 3]);
        // Only one of two TaskManagers was late.
        check(&[16.0, 16.0, 14.0, 16.0], 4.0, &[40.0; 4]);
        // Five minutes: 20 samples, of which one is lost.
        check(&[80.0, 76.0, 80.0, 80.0], 20.0, &[40.0; 4]);
        // An hour in which every reporter was late four times.
        check(&[960.0, 944.0, 960.0], 240.0, &[40.0; 3]);
    }

    #[test]
    fn a_minute_without_subtasks_is_not_counted_in_full() {
        check(&[16.0, 16.0, 4.0, 16.0, 16.0], 4.0, &[40.0, 40.0, 10.0, 40.0, 40.0]);
        check(&[16.0, 16.0, 8.0], 4.0, &[40.0, 40.0, 20.0]);
    }

    #[test]
    fn scaling_is_followed_at_once_also_at_the_edge_of_the_range() {
        let mut counts = vec![16.0; 3];
        counts.extend([20.0; 30]);
        let mut expected = vec![40.0; 3];
        expected.extend([50.0; 30]);
        check(&counts, 4.0, &expected);
        // With a lost sample on each side of the change.
        let lossy = [16.0, 12.0, 16.0, 16.0, 32.0, 32.0, 24.0, 32.0];
        check(&lossy, 4.0, &[40.0, 40.0, 40.0, 40.0, 80.0, 80.0, 80.0, 80.0]);
    }

    #[test]
    fn a_counter_is_its_mean_times_the_subtasks() {
        let sampling = closed(4.0, Kind::Counter);
        let found = totals(&[1600.0, 1600.0, 450.0, 1800.0], &[16.0, 16.0, 4.0, 16.0], sampling);
        assert_eq!(found, [400.0, 400.0, 450.0, 450.0]);
        // Ten a minute: the third minute lost its last sample, in which most had been counted.
        let found = totals(&[400.0, 440.0, 345.0, 520.0, 560.0], &[4.0, 4.0, 3.0, 4.0, 4.0], sampling);
        assert_eq!(found, [100.0, 110.0, 120.0, 130.0, 140.0]);
        // After a restart there is no middle.
        let found = totals(&[400.0, 440.0, 3.0, 40.0], &[4.0, 4.0, 3.0, 4.0], sampling);
        assert_eq!(found, [100.0, 110.0, 1.0, 10.0]);
    }

    /// Totals where the last buckets may still arrive.
    fn check_late(counts: &[f64], edge: Edge, expected: &[f64]) {
        let sums: Vec<f64> = counts.iter().map(|count| count * 10.0).collect();
        let found = totals(&sums, counts, Sampling { edge, ..closed(4.0, Kind::Rate) });
        let is_same = |(a, b): (&f64, &f64)| a == b || a.is_nan() && b.is_nan();
        assert!(found.len() == expected.len() && found.iter().zip(expected).all(is_same), "{counts:?}: {found:?}");
    }

    #[test]
    fn what_is_still_arriving_does_not_move_a_total() {
        let nan = f64::NAN;
        let from = |arriving: usize| Edge { arriving, by_clock: 0, enough: 1.0 };
        check_late(&[16.0, 16.0, 4.0], from(2), &[40.0, 40.0, nan]);
        check_late(&[16.0, 16.0, 16.0, 8.0, 4.0], from(3), &[40.0, 40.0, 40.0, nan, nan]);
        // A lost sample is told from a late one by the next minute.
        check_late(&[16.0, 16.0, 15.0, 4.0], from(2), &[40.0, 40.0, nan, nan]);
        check_late(&[16.0, 16.0, 15.0, 16.0], from(2), &[40.0; 4]);
        // Two minutes that look as if half of the subtasks were gone.
        check_late(&[16.0, 16.0, 8.0, 8.0], from(2), &[40.0, 40.0, nan, nan]);
        // What is long over was really missing.
        check_late(&[16.0, 16.0, 8.0, 16.0, 16.0, 16.0], from(3), &[40.0, 40.0, 20.0, 40.0, 40.0, 40.0]);
        // More subtasks than before are seen at once.
        check_late(&[16.0, 16.0, 16.0, 32.0, 32.0, 32.0], from(3), &[40.0, 40.0, 40.0, 80.0, 80.0, 80.0]);
        // A job that has just begun: its first minute was not a whole one.
        check_late(&[nan, 4.0, 16.0, 16.0], from(1), &[nan, 10.0, 40.0, 40.0]);
    }

    #[test]
    fn of_a_long_bucket_a_part_stands_for_the_whole() {
        let edge = Edge { arriving: 2, by_clock: 0, enough: 0.5 };
        check_late(&[16.0, 16.0, 8.0], edge, &[40.0; 3]);
        check_late(&[16.0, 16.0, 7.0], edge, &[40.0, 40.0, f64::NAN]);
    }

    #[test]
    fn without_samples_there_is_no_total() {
        let sampling = closed(4.0, Kind::Rate);
        let found = totals(&[160.0, f64::NAN, 160.0], &[16.0, f64::NAN, 16.0], sampling);
        assert!(found[1].is_nan() && found[0] == 40.0 && found[2] == 40.0);
    }
}
