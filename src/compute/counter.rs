//! What was added per bucket to a counter that every subtask keeps, from `Sum` and `SampleCount` of its series.
//!
//! The counters of a job's subtasks are far apart, and large. So a level that is made of the samples that came says more about which
//! came than about what was counted: it jumps when a subtask's are missing. The levels of two buckets are compared only where all
//! samples of the same subtasks came; what was added between them is spread evenly over the buckets in which some were lost. The
//! surprise: a value of 0 after a change of the subtasks. Such a change restarts the job, and its counters with it.

/// The part of the buckets in which all samples came that must show a number of subtasks, or it is taken for one with a sample too many.
const LEAST_SHARE: f64 = 0.2;

/// Fewer subtasks than there are at other times are believed where this part of the buckets nearby shows them: else some are silent.
const CERTAIN_SHARE: f64 = 0.6;

/// Buckets to one side that are near.
const NEARBY: usize = 15;

/// Longest gap that is filled, in buckets. In a longer one nobody knows what happened.
const LONGEST_GAP: usize = 15;

/// Up to so many samples of a subtask per bucket none may be lost; of more a few are lost in nearly every bucket.
const FEW_SAMPLES: f64 = 20.0;

/// The part of many samples that may be lost.
const USUAL_LOSS: f64 = 0.02;

/// A bucket in which the samples of all subtasks came.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Whole {
    index: usize,
    subtasks: f64,
    /// The total of the counters, as its mean over the bucket.
    level: f64,
}

/// Whole numbers; null before the first bucket that is certain, after the last, and in long gaps. `expected` samples come from one
/// subtask per bucket.
pub(super) fn increases(sums: &[f64], counts: &[f64], expected: f64) -> Vec<f64> {
    let most = counts.iter().map(|count| (count / expected).ceil()).fold(0.0, f64::max);
    let wholes = without_stray_ends(&without_outliers(wholes(sums, counts, expected, most)), most);
    let highest = wholes.windows(2).filter_map(|pair| steady_increase(pair[0], pair[1])).fold(0.0, f64::max);
    let mut added = vec![f64::NAN; sums.len()];
    for (index, pair) in wholes.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let gap = after.index - before.index;
        let within = before.index + 1..=after.index;
        match steady_increase(*before, *after) {
            _ if gap > LONGEST_GAP => added[after.index] = 0.0,
            Some(each) => added[within].fill(each),
            None if before.subtasks == after.subtasks => {
                let first = sums[before.index + 1] / counts[before.index + 1] * before.subtasks;
                restarted(&mut added[within], *before, *after, (first, highest));
            }
            None => added[within].fill(0.0),
        }
        // Subtasks that were missing for a while have counted on.
        let same = wholes[..=index].iter().rev().find(|whole| whole.subtasks == after.subtasks);
        if let Some(same) = same.filter(|same| before.subtasks < after.subtasks && same.level <= after.level) {
            let gap = after.index - same.index;
            if gap <= LONGEST_GAP {
                added[same.index + 1..=after.index].fill((after.level - same.level) / gap as f64);
            }
        }
    }
    // A job that begins within the range: its counters stand at nothing, whichever of their samples came.
    if let Some(first) = wholes.first()
        && let Some(zero) = (0..first.index).rev().find(|index| sums[*index] == 0.0)
    {
        let gap = first.index - zero;
        if gap <= LONGEST_GAP && first.level <= highest * gap as f64 {
            added[zero + 1..=first.index].fill(first.level / gap as f64);
        }
    }
    round_on(&mut added, wholes.first().map_or(0.0, |whole| whole.level.fract()));
    added
}

/// A restart in one of these buckets: what the counters show after it has been counted since, and what they showed in the first of the
/// buckets had been counted before. More than the highest that was ever added is something else.
fn restarted(added: &mut [f64], before: Whole, after: Whole, (first, highest): (f64, f64)) {
    let gap = added.len();
    added.fill(0.0);
    if after.level <= highest * gap as f64 {
        added.fill(after.level / gap as f64);
    }
    if gap > 1 && first > before.level {
        let rest = added.iter().skip(1).sum::<f64>() + added[0];
        added[0] = (first - before.level).min(highest);
        let each = (rest / (gap - 1) as f64).min(highest);
        added[1..].fill(each);
    }
}

/// What was added per bucket from one to another of the same subtasks; None where the counters fell.
fn steady_increase(before: Whole, after: Whole) -> Option<f64> {
    let rises = before.subtasks == after.subtasks && before.level <= after.level;
    rises.then(|| (after.level - before.level) / (after.index - before.index) as f64)
}

/// Rounds what was added up to each bucket, so that no part of a record is lost or counted twice.
fn round_on(added: &mut [f64], start: f64) {
    let mut total = start;
    for value in added.iter_mut().filter(|value| !value.is_nan()) {
        let before = total;
        total += *value;
        *value = (total + TOLERANCE).floor() - (before + TOLERANCE).floor();
    }
}

/// What sums of parts may be off by.
const TOLERANCE: f64 = 1e-6;

/// At least `most` subtasks have been seen.
fn wholes(sums: &[f64], counts: &[f64], expected: f64, most: f64) -> Vec<Whole> {
    let votes: Vec<Option<i64>> = counts.iter().map(|count| subtasks_of(*count, expected)).collect();
    let certain = certain_votes(&votes, most as i64);
    let whole = |index: usize| {
        let subtasks = certain[index]? as f64;
        Some(Whole { index, subtasks, level: sums[index] / counts[index] * subtasks })
    };
    (0..sums.len().min(counts.len())).filter_map(whole).collect()
}

/// The number of subtasks whose samples all came; None where some are missing.
fn subtasks_of(count: f64, expected: f64) -> Option<i64> {
    let subtasks = (count / expected).round();
    let tolerance = if expected <= FEW_SAMPLES { 0.0 } else { expected * subtasks * USUAL_LOSS };
    (subtasks >= 1.0 && (count - expected * subtasks).abs() <= tolerance).then_some(subtasks as i64)
}

/// The votes for the greatest number of subtasks, and those for fewer where nearly all nearby agree. At least `highest` have been seen.
fn certain_votes(votes: &[Option<i64>], highest: i64) -> Vec<Option<i64>> {
    let mut sorted: Vec<i64> = votes.iter().copied().flatten().collect();
    sorted.sort_unstable();
    let least = sorted.len() as f64 * LEAST_SHARE;
    let most = sorted.chunk_by(|a, b| a == b).rfind(|same| same.len() as f64 >= least).map(|same| same[0]);
    let is_certain = |index: usize, vote: i64| {
        let before = &votes[index.saturating_sub(NEARBY)..=index];
        let after = &votes[index..(index + NEARBY + 1).min(votes.len())];
        let agree = |nearby: &[Option<i64>]| {
            let agreeing = nearby.iter().filter(|other| **other == Some(vote)).count() as f64;
            nearby.len() > NEARBY && agreeing >= CERTAIN_SHARE * nearby.len() as f64
        };
        // Samples lost by several may look like one subtask less, beside a bucket in which it is.
        let same =
            |other: Option<usize>| other.and_then(|other| votes.get(other)).is_some_and(|other| *other == Some(vote));
        let is_within = same(index.checked_sub(1)) && same(Some(index + 1));
        let is_most = Some(vote) == most;
        is_most && vote >= highest || is_within && (is_most || agree(before) || agree(after))
    };
    votes.iter().enumerate().map(|(index, vote)| vote.filter(|vote| is_certain(index, *vote))).collect()
}

/// Leaves out levels that stand above or below both neighbours which rise: samples of one subtask took the place of another's. A
/// level that stays below is a restart.
fn without_outliers(wholes: Vec<Whole>) -> Vec<Whole> {
    let mut kept: Vec<Whole> = Vec::with_capacity(wholes.len());
    for (index, whole) in wholes.iter().enumerate() {
        let is_outlier = match (kept.last(), wholes.get(index + 1)) {
            (Some(before), Some(after)) => {
                let is_same = before.subtasks == whole.subtasks && whole.subtasks == after.subtasks;
                let rises = before.level <= after.level;
                is_same && rises && !(before.level..=after.level).contains(&whole.level)
            }
            (Some(_) | None, _) => false,
        };
        if !is_outlier {
            kept.push(*whole);
        }
    }
    kept
}

/// How many times the highest increase within runs one at an end may be: at the newest end, counters may really rise faster than before.
const END: f64 = 1.0;
const NEWEST_END: f64 = 3.0;

/// Leaves out the ends of runs of fewer subtasks than `most` from or to which the counters rise as nowhere else: beside a subtask that is
/// silent, samples lost by several others looked like its own.
fn without_stray_ends(wholes: &[Whole], most: f64) -> Vec<Whole> {
    let runs: Vec<&[Whole]> = wholes.chunk_by(|a, b| a.subtasks == b.subtasks).collect();
    let increase = |pair: &[Whole]| steady_increase(pair[0], pair[1]).unwrap_or(0.0);
    let is_fewer = |run: &[Whole]| run[0].subtasks < most;
    let inner = runs.iter().copied().map(|run| match run {
        [_, middle @ .., _] if is_fewer(run) => middle,
        whole => whole,
    });
    let highest = inner.flat_map(|run| run.windows(2)).map(increase).fold(0.0, f64::max);
    let is_stray = |pair: Option<&[Whole]>, times: f64| pair.is_some_and(|pair| increase(pair) > highest * times + 1.0);
    let mut kept = Vec::with_capacity(wholes.len());
    for (index, run) in runs.iter().enumerate() {
        let times = if index + 1 == runs.len() { NEWEST_END } else { END };
        let mut run = *run;
        if is_fewer(run) && is_stray(run.windows(2).next(), END) {
            run = &run[1..];
        }
        if is_fewer(run) && is_stray(run.windows(2).last(), times) {
            run = &run[..run.len() - 1];
        }
        kept.extend_from_slice(run);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is added per bucket; `None` is null.
    fn check(levels: &[(f64, f64)], expected: &[Option<f64>]) {
        let counts: Vec<f64> = levels.iter().map(|(_, count)| *count).collect();
        // The sum of the samples that came.
        let sums: Vec<f64> = levels.iter().map(|(sum, _)| *sum).collect();
        let found = increases(&sums, &counts, 4.0);
        let found: Vec<Option<f64>> = found.into_iter().map(|value| (!value.is_nan()).then_some(value)).collect();
        assert_eq!(found, expected, "{levels:?}");
    }

    #[test]
    fn samples_lost_beside_a_subtask_that_is_silent_move_nothing() {
        // Four subtasks, of which one counts and another falls silent. Just before, four samples are lost in each of two minutes, at last three
        // of the one that counts: so one subtask less seems to be there already.
        let of = |minute: usize| {
            (4.0 * (1_169_611.0 + 40.0 * minute as f64), if (2..17).contains(&minute) { 12.0 } else { 16.0 })
        };
        let mut levels: Vec<(f64, f64)> = (0..40).map(of).collect();
        levels[3].0 = 1_169_746.0;
        let (sums, counts): (Vec<f64>, Vec<f64>) = levels.into_iter().unzip();
        let found = increases(&sums, &counts, 4.0);
        assert!(found.iter().all(|value| value.is_nan() || (0.0..=41.0).contains(value)), "{found:?}");
    }

    #[test]
    fn a_lost_sample_moves_nothing() {
        // Two subtasks at 1000 and 0, ten a minute: the third minute lost the large one's samples.
        let levels = [(4040.0, 8.0), (4080.0, 8.0), (60.0, 4.0), (4160.0, 8.0), (4200.0, 8.0)];
        check(&levels, &[None, Some(10.0), Some(10.0), Some(10.0), Some(10.0)]);
        // Several in a row, also whole minutes, and at the edges.
        let nan = f64::NAN;
        let levels = [(80.0, 6.0), (4040.0, 8.0), (4080.0, 8.0), (nan, nan), (90.0, 5.0), (4200.0, 8.0), (5.0, 1.0)];
        check(&levels, &[None, None, Some(10.0), Some(10.0), Some(10.0), Some(10.0), None]);
    }

    #[test]
    fn a_subtask_that_is_silent_for_a_while_has_counted_on() {
        let of = |minute: f64| (4.0 * (1000.0 + 10.0 * minute), 8.0);
        let small = |minute: f64| (4.0 * 5.0 * minute, 4.0);
        let levels =
            [of(0.0), of(1.0), of(2.0), small(3.0), small(4.0), small(5.0), small(6.0), of(7.0), of(8.0), of(9.0)];
        check(&levels, &[&[None][..], &[Some(10.0); 9][..]].concat());
    }

    #[test]
    fn a_restart_counts_on_from_nothing() {
        let levels = [(4000.0, 4.0), (4040.0, 4.0), (30.0, 2.0), (120.0, 4.0), (160.0, 4.0), (200.0, 4.0)];
        check(&levels, &[None, Some(10.0), Some(0.0), Some(0.0), Some(10.0), Some(10.0)]);
        // What was counted since it began is known where it is plausible.
        let levels = [(4000.0, 4.0), (4040.0, 4.0), (3.0, 1.0), (60.0, 4.0), (100.0, 4.0), (140.0, 4.0)];
        check(&levels, &[None, Some(10.0), Some(7.0), Some(8.0), Some(10.0), Some(10.0)]);
        // Of other subtasks, of which there are fewer first, then more.
        let before = (0..20).map(|minute| (4.0 * (1000.0 + 10.0 * f64::from(minute)), 4.0));
        let after = (0..20).map(|minute| (4.0 * (5.0 + 20.0 * f64::from(minute)), 8.0));
        let more = [&[None; 2][..], &[Some(10.0); 17][..], &[Some(0.0); 2][..], &[Some(20.0); 19][..]].concat();
        check(&before.clone().chain(after.clone()).collect::<Vec<_>>(), &more);
        let fewer =
            [&[None][..], &[Some(20.0); 19][..], &[Some(0.0); 2][..], &[Some(10.0); 17][..], &[None][..]].concat();
        check(&after.chain(before).collect::<Vec<_>>(), &fewer);
    }

    #[test]
    fn samples_of_one_subtask_in_place_of_another_are_no_increase() {
        let levels = [(4000.0, 8.0), (4040.0, 8.0), (4900.0, 8.0), (4120.0, 8.0), (4160.0, 8.0)];
        check(&levels, &[None, Some(10.0), Some(10.0), Some(10.0), Some(10.0)]);
    }

    #[test]
    fn records_are_whole() {
        // A record every second minute, counted in the middle of a minute.
        let levels = [(8.0, 4.0), (10.0, 4.0), (12.0, 4.0), (14.0, 4.0), (16.0, 4.0)];
        check(&levels, &[None, Some(0.0), Some(1.0), Some(0.0), Some(1.0)]);
    }

    /// Subtasks as (counted before, per sample), and which of their samples are lost: per minute and subtask four bits. One of them may be
    /// silent for long.
    fn job() -> impl Strategy<Value = (Vec<(f64, f64)>, Vec<Vec<u8>>)> {
        (1_usize..7, 5_usize..50).prop_flat_map(|(subtasks, minutes)| {
            let subtask = (0_u32..2_000_000, 0_u32..50).prop_map(|(start, step)| (f64::from(start), f64::from(step)));
            let lost = prop_oneof![14 => Just(0_u8), 1 => 0_u8..15];
            let minute = prop::collection::vec(lost, subtasks);
            let silent = prop::option::of((0..subtasks, 0..minutes, 1_usize..40));
            let parts = (prop::collection::vec(subtask, subtasks), prop::collection::vec(minute, minutes), silent);
            parts.prop_map(|(subtasks, mut lost, silent)| {
                if let Some((subtask, from, length)) = silent {
                    lost.iter_mut().skip(from).take(length).for_each(|minute| minute[subtask] = 15);
                }
                (subtasks, lost)
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_lost_a_counter_never_jumps((subtasks, lost) in job()) {
            // Where not one minute is complete nobody knows how many subtasks there are.
            prop_assume!(lost.iter().any(|minute| minute.iter().all(|lost| *lost == 0)));
            let (mut sums, mut counts) = (Vec::new(), Vec::new());
            for (minute, lost) in lost.iter().enumerate() {
                let samples = subtasks.iter().zip(lost).flat_map(|((start, step), lost)| {
                    let came = (0..4).filter(move |sample| lost & (1 << sample) == 0);
                    came.map(move |sample| start + step * (4 * minute + sample) as f64)
                });
                let samples: Vec<f64> = samples.collect();
                sums.push(if samples.is_empty() { f64::NAN } else { samples.iter().sum() });
                counts.push(if samples.is_empty() { f64::NAN } else { samples.len() as f64 });
            }
            let true_increase: f64 = subtasks.iter().map(|(_, step)| 4.0 * step).sum();
            let known: Vec<f64> = increases(&sums, &counts, 4.0).into_iter().filter(|value| !value.is_nan()).collect();
            for value in &known {
                prop_assert!(*value >= 0.0 && *value <= true_increase + 1.0 && value.fract() == 0.0, "{value} of {true_increase}");
            }
            let total: f64 = known.iter().sum();
            prop_assert!(total <= true_increase * lost.len() as f64 + 1.0, "{total}");
        }

        #[test]
        fn what_is_lost_now_and_then_does_not_lower_the_total(
            lost in prop::collection::vec(prop::collection::vec(prop_oneof![20 => Just(0_u8), 1 => 0_u8..16], 3), 40),
        ) {
            let counters = [(1_000_000.0, 7.0), (5.0, 30.0), (400_000.0, 1.0)];
            let (mut sums, mut counts) = (Vec::new(), Vec::new());
            for (minute, lost) in lost.iter().enumerate() {
                let is_whole = !(3..=36).contains(&minute);
                let came = |(start, step): (f64, f64), lost: u8| (0..4).filter(move |sample| is_whole || lost & (1 << sample) == 0)
                    .map(move |sample| start + step * (4 * minute + sample) as f64);
                let samples: Vec<f64> = counters.into_iter().zip(lost).flat_map(|(counter, lost)| came(counter, *lost)).collect();
                sums.push(samples.iter().sum());
                counts.push(samples.len() as f64);
            }
            let total: f64 = increases(&sums, &counts, 4.0).into_iter().filter(|value| !value.is_nan()).sum();
            prop_assert!((total - 39.0 * 4.0 * 38.0).abs() <= 1.0, "{total}");
        }
    }
}
