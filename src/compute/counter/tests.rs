//! The table of restarts, and random losses.

use std::ops::Range;

use proptest::prelude::*;

use super::*;

/// The samples of each bucket as CloudWatch folds them.
fn fold(buckets: &[Vec<f64>]) -> Samples {
    let mut folded = Samples::default();
    for samples in buckets {
        let known = |value: f64| if samples.is_empty() { f64::NAN } else { value };
        folded.sums.push(known(samples.iter().sum()));
        folded.counts.push(known(samples.len() as f64));
        folded.highest.push(known(samples.iter().copied().fold(f64::NEG_INFINITY, f64::max)));
        folded.lowest.push(known(samples.iter().copied().fold(f64::INFINITY, f64::min)));
    }
    folded
}

fn without_extremes(sums: Vec<f64>, counts: Vec<f64>) -> Samples {
    let unknown = vec![f64::NAN; sums.len()];
    Samples { sums, counts, highest: unknown.clone(), lowest: unknown }
}

/// What is added per bucket; `None` is null.
fn check(levels: &[(f64, f64)], expected: &[Option<f64>]) {
    let counts: Vec<f64> = levels.iter().map(|(_, count)| *count).collect();
    // The sum of the samples that came.
    let sums: Vec<f64> = levels.iter().map(|(sum, _)| *sum).collect();
    let found = increases(&without_extremes(sums, counts), 4.0);
    let found: Vec<Option<f64>> = found.into_iter().map(|value| (!value.is_nan()).then_some(value)).collect();
    assert_eq!(found, expected, "{levels:?}");
}

#[test]
fn samples_lost_beside_a_subtask_that_is_silent_move_nothing() {
    // Four subtasks, of which one counts and another falls silent. Just before, four samples are lost in each of two
    // minutes, at last three of the one that counts: so one subtask less seems to be there already.
    let of = |minute: usize| {
        (4.0 * (1_169_611.0 + 40.0 * minute as f64), if (2..17).contains(&minute) { 12.0 } else { 16.0 })
    };
    let mut levels: Vec<(f64, f64)> = (0..40).map(of).collect();
    levels[3].0 = 1_169_746.0;
    let (sums, counts): (Vec<f64>, Vec<f64>) = levels.into_iter().unzip();
    let found = increases(&without_extremes(sums, counts), 4.0);
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
    let levels = [of(0.0), of(1.0), of(2.0), small(3.0), small(4.0), small(5.0), small(6.0), of(7.0), of(8.0), of(9.0)];
    check(&levels, &[&[None][..], &[Some(10.0); 9][..]].concat());
}

#[test]
fn a_restart_counts_on_from_nothing() {
    let levels = [(4000.0, 4.0), (4040.0, 4.0), (30.0, 2.0), (120.0, 4.0), (160.0, 4.0), (200.0, 4.0)];
    check(&levels, &[None, Some(10.0), Some(10.0), Some(10.0), Some(10.0), Some(10.0)]);
    // What was counted since it began is known where it is plausible.
    let levels = [(4000.0, 4.0), (4040.0, 4.0), (3.0, 1.0), (60.0, 4.0), (100.0, 4.0), (140.0, 4.0)];
    check(&levels, &[None, Some(10.0), Some(7.0), Some(8.0), Some(10.0), Some(10.0)]);
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

/// What a subtask, of so many, counts per second.
type Load = fn(usize, usize) -> f64;

/// All the same, or few of them nearly all.
const LOADS: [(&str, Load); 4] = [
    ("even", |_, of| 24.0 / of as f64),
    ("every other", |subtask, of| if subtask % 2 == 0 { 24.0 / of.div_ceil(2) as f64 } else { 0.0 }),
    ("four partitions", |subtask, of| if subtask < 4 { 24.0 / of.min(4) as f64 } else { 0.0 }),
    ("skewed", |subtask, of| if subtask == 0 { 25.0 - of as f64 / 60.0 } else { 1.0 / 60.0 }),
];

/// Subtasks before and after a restart.
const CHANGES: [(usize, usize); 7] = [(8, 4), (4, 8), (4, 4), (4, 3), (3, 4), (2, 1), (60, 30)];

/// Seconds after a full minute at which the one job ends and the next begins.
const OUTAGES: [(i64, i64); 5] = [(0, 75), (0, 2), (30, 31), (20, 50), (59, 200)];

/// A job, and after an outage another one, in minutes from one second to another. Subtasks report at times of their
/// own.
fn restart(
    load: Load,
    (before, after): (usize, usize),
    (stop, start): (i64, i64),
    (from, to): (i64, i64),
    is_lost: impl Fn(i64, usize) -> bool,
) -> Samples {
    let jobs = [(before, -7000, stop), (after, start, i64::MAX)];
    let minute = |minute: i64| {
        let of_job = |(subtasks, begin, end): (usize, i64, i64)| {
            let reports = (0..subtasks).flat_map(move |subtask| (0..4).map(move |report| (subtask, report)));
            let sent = reports.filter(|(subtask, report)| *report < 3 || !is_lost(minute, *subtask));
            let timed = sent.map(|(subtask, report)| (subtask, minute + 15 * report + 3 + 5 * (subtask as i64 % 3)));
            let alive = timed.filter(|(_, time)| (begin..end).contains(time));
            alive.map(|(subtask, time)| load(subtask, subtasks) * (time - begin) as f64).collect::<Vec<f64>>()
        };
        jobs.into_iter().flat_map(of_job).collect::<Vec<f64>>()
    };
    fold(&(from..to).step_by(60).map(minute).collect::<Vec<_>>())
}

/// The minutes around a restart that are wrong, in a range of so many minutes that ends so many after it.
fn wrong_minutes(
    (load, change, outage): (Load, (usize, usize), (i64, i64)),
    (length, after): (i64, i64),
    is_lossy: bool,
) -> Vec<String> {
    const LOOKBACK: i64 = 5;
    let to = (outage.1 / 60 + 1 + after) * 60;
    let from = to - 60 * (length + LOOKBACK);
    let is_lost = |minute: i64, subtask: usize| is_lossy && (minute / 60 * 7 + subtask as i64 * 13).rem_euclid(53) == 0;
    let found = increases(&restart(load, change, outage, (from, to), is_lost), 4.0);
    let most = change.0.max(change.1);
    let total = |subtasks: usize| (0..subtasks).map(|subtask| load(subtask, subtasks)).sum::<f64>() * 60.0;
    let highest = total(change.0).max(total(change.1));
    let mut wrong = Vec::new();
    for (minute, value) in (from..to).step_by(60).zip(found).skip(LOOKBACK as usize) {
        let lost = |minute: i64| (0..most).any(|subtask| is_lost(minute, subtask));
        let expected = match (minute + 60 <= outage.0, minute - 60 >= outage.1) {
            _ if lost(minute) || lost(minute - 60) => None,
            (true, _) => Some(total(change.0)),
            (_, true) => Some(total(change.1)),
            (false, false) => None,
        };
        let is_right = match expected {
            Some(expected) => (value - expected).abs() <= 1.0,
            None => value.is_nan() || (0.0..=highest + 1.0).contains(&value),
        };
        wrong.extend((!is_right).then(|| format!("minute {}: {value} for {expected:?}", minute / 60)));
    }
    wrong
}

#[test]
fn each_whole_minute_around_a_restart_has_its_count() {
    let windows = [5, 15, 60].into_iter().flat_map(|length| [1, 2, 3, 5, 10, 20, 30].map(|after| (length, after)));
    let windows: Vec<(i64, i64)> = windows.collect();
    let mut wrong = Vec::new();
    for (name, load) in LOADS {
        for (change, outage) in CHANGES.into_iter().flat_map(|change| OUTAGES.map(|outage| (change, outage))) {
            // A short range of which samples are lost may hold too little.
            let lossy = windows.iter().filter(|(length, _)| *length > 5).map(|window| (*window, true));
            for (window, is_lossy) in windows.iter().map(|window| (*window, false)).chain(lossy) {
                let found = wrong_minutes((load, change, outage), window, is_lossy);
                let describe = |first| format!("{name} {change:?} {outage:?} {window:?} {is_lossy}: {first}");
                wrong.extend(found.first().map(describe));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong, {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}

/// Subtasks as (counted before, per sample), and which of their samples are lost: per minute and subtask four bits. One
/// of them may be silent for long.
fn job() -> impl Strategy<Value = (Vec<(f64, f64)>, Vec<Vec<u8>>)> {
    (1_usize..7, 5_usize..50).prop_flat_map(|(subtasks, minutes)| {
        let start = prop_oneof![1 => Just(0), 4 => 0_u32..2_000_000];
        let subtask = (start, 0_u32..50).prop_map(|(start, step)| (f64::from(start), f64::from(step)));
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

/// The samples of subtasks in a minute that begins with their `first`, but those that are lost or outside of `alive`.
fn sent(subtasks: &[(f64, f64)], lost: &[u8], first: usize, alive: Range<usize>) -> Vec<f64> {
    let of_subtask = |((start, step), lost): (&(f64, f64), &u8)| {
        let (start, step, lost) = (*start, *step, *lost);
        let came = alive.clone().filter(move |sample| lost & (1 << sample) == 0);
        came.map(move |sample| start + step * (first + sample) as f64)
    };
    subtasks.iter().zip(lost).flat_map(of_subtask).collect()
}

/// A sample of a subtask.
struct Sent {
    subtask: usize,
    time: i64,
    value: f64,
}

/// The samples of subtasks in a minute, of which some are lost. `since` tells how many samples each counted before.
fn timed(
    subtasks: &[(f64, f64)],
    lost: &[u8],
    minute: usize,
    alive: Range<usize>,
    since: impl Fn(usize) -> f64,
) -> Vec<Sent> {
    let of_subtask = |(subtask, ((start, step), lost)): (usize, (&(f64, f64), &u8))| {
        let (start, step, lost) = (*start, *step, *lost);
        let came: Vec<usize> = alive.clone().filter(|sample| lost & (1 << sample) == 0).collect();
        let time = |sample: usize| (60 * minute + 15 * sample + 5 * (subtask % 3)) as i64;
        let sent = |sample| Sent { subtask, time: time(sample), value: start + step * since(sample) };
        came.into_iter().map(sent).collect::<Vec<_>>()
    };
    subtasks.iter().zip(lost).enumerate().flat_map(of_subtask).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_lost_a_counter_never_jumps((subtasks, lost) in job()) {
        // Where not one minute is complete nobody knows how many subtasks there are.
        prop_assume!(lost.iter().any(|minute| minute.iter().all(|lost| *lost == 0)));
        let buckets: Vec<Vec<f64>> = (0..lost.len()).map(|minute| sent(&subtasks, &lost[minute], 4 * minute, 0..4)).collect();
        let true_increase: f64 = subtasks.iter().map(|(_, step)| 4.0 * step).sum();
        let known: Vec<f64> = increases(&fold(&buckets), 4.0).into_iter().filter(|value| !value.is_nan()).collect();
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
        let all = [0; 3];
        let of = |minute: usize| sent(&counters, if (3..=36).contains(&minute) { &lost[minute] } else { &all }, 4 * minute, 0..4);
        let buckets: Vec<Vec<f64>> = (0..lost.len()).map(of).collect();
        let total: f64 = increases(&fold(&buckets), 4.0).into_iter().filter(|value| !value.is_nan()).sum();
        prop_assert!((total - 39.0 * 4.0 * 38.0).abs() <= 1.0, "{total}");
    }

    /// A job is deployed anew with other subtasks: within a minute where its samples from the fourth on are those of
    /// the new one.
    #[test]
    fn nothing_jumps_where_a_job_begins_anew(
        (before, mut lost) in job(), (after, more) in job(), (cut, is_at_once) in (0_usize..5, prop::bool::ANY),
    ) {
        let is_whole = |minute: &Vec<u8>| minute.iter().all(|lost| *lost == 0);
        prop_assume!(lost[..lost.len() - 1].iter().any(is_whole) && more[1..].iter().any(is_whole));
        let after: Vec<(f64, f64)> = after.into_iter().map(|(_, step)| (0.0, step)).collect();
        let last = lost.len() - 1;
        lost.extend(more);
        let mut buckets = Vec::new();
        for (minute, lost) in lost.iter().enumerate() {
            let mut samples = match minute {
                minute if minute < last => sent(&before, lost, 4 * minute, 0..4),
                minute if minute == last => sent(&before, lost, 4 * minute, 0..cut),
                minute => sent(&after, lost, 4 * (minute - last) - cut, 0..4),
            };
            if minute == last && is_at_once && cut < 4 {
                samples.extend((cut..4).flat_map(|sample| after.iter().map(move |(_, step)| step * (sample - cut) as f64)));
            }
            buckets.push(samples);
        }
        let rate = |subtasks: &[(f64, f64)]| subtasks.iter().map(|(_, step)| 4.0 * step).sum::<f64>();
        let most = rate(&before).max(rate(&after));
        let found = increases(&fold(&buckets), 4.0);
        for value in found.iter().filter(|value| !value.is_nan()) {
            // In the minute of the restart a mean may stand for less than a minute.
            prop_assert!((0.0..=2.0 * most + 1.0).contains(value) && value.fract() == 0.0, "{value} of {most}: {found:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    /// A rule over a few minutes that is evaluated while samples arrive, those of each subtask at times of their own.
    /// (Of a subtask that was silent and comes back while it arrives, nobody can know.)
    #[test]
    fn what_a_rule_is_told_stays(
        (before, mut lost) in job(), (after, more) in job(), cut in 0_usize..5,
        delays in prop::collection::vec(0_i64..120, 7), length in 1_usize..8,
    ) {
        let before: Vec<(f64, f64)> = before.into_iter().map(|(start, step)| (start, step + 1.0)).collect();
        let after: Vec<(f64, f64)> = after.into_iter().map(|(_, step)| (0.0, step + 1.0)).collect();
        let last = lost.len() - 1;
        // The job that begins has all of its subtasks from its first minute on.
        lost.extend(more);
        lost[last].resize(before.len().max(after.len()), 0);
        lost.iter_mut().flatten().filter(|lost| **lost == 15).for_each(|lost| *lost = 0);
        let minutes: Vec<(Vec<Sent>, Vec<Sent>)> = lost.iter().enumerate().map(|(minute, lost)| {
            let old = if minute < last { 0..4 } else if minute == last { 0..cut } else { 0..0 };
            let new = if minute < last { 0..0 } else if minute == last { cut..4 } else { 0..4 };
            let since = |sample: usize| (4 * minute + sample) as f64;
            let begun = (4 * last + cut) as f64;
            (timed(&before, lost, minute, old, since), timed(&after, lost, minute, new, |sample| since(sample) - begun))
        }).collect();
        let arrived = |range: Range<usize>, now: i64| {
            let come = |(old, new): &(Vec<Sent>, Vec<Sent>)| {
                let come = old.iter().chain(new).filter(|sent| sent.time + delays[sent.subtask] <= now);
                come.map(|sent| sent.value).collect::<Vec<f64>>()
            };
            fold(&minutes[range].iter().map(come).collect::<Vec<_>>())
        };
        let mut given = vec![f64::NAN; minutes.len()];
        for now in (0..60 * minutes.len() as i64).step_by(35) {
            let end = usize::try_from(now / 60).unwrap();
            let first = end.saturating_sub(length + 15);
            let arriving = usize::try_from((now - 180).max(0) / 60).unwrap().max(first) - first;
            let reach = Reach { before: 15, after: 15, arriving, beyond: Beyond::Nothing };
            let found = counts(&arrived(first..end, now), 4.0, reach);
            let shown = end.saturating_sub(length);
            for (minute, value) in (first..end).zip(found).filter(|(minute, value)| *minute >= shown && !value.is_nan()) {
                let before = std::mem::replace(&mut given[minute], value);
                prop_assert!(before.is_nan() || before == value, "{before} of {minute} became {value} at {now}");
            }
        }
    }
}
