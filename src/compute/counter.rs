//! What was added per bucket to a counter that every subtask keeps.
//!
//! The counters of a job's subtasks are far apart, and large. So a level that is made of the samples that came says
//! more about which came than about what was counted: it jumps when a subtask's are missing. The levels of two buckets
//! are compared only where all samples of the same subtasks came; what was added between them is spread evenly over the
//! buckets in which some were lost. Where that is not certain, no more than the highest certain increase is believed.
//! The surprise: a change of the subtasks restarts the job, and its counters with it, so that what they show has been
//! counted since.

mod counts;
mod jobs;
mod samples;

pub(super) use counts::{Beyond, Reach, counts};
pub(super) use samples::Samples;
use samples::Subtasks;

/// Longest gap that is filled, in buckets. In a longer one nobody knows what happened.
const LONGEST_GAP: usize = 15;

/// A bucket in which the samples of all subtasks came.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Whole {
    index: usize,
    /// Counted by certain restarts.
    job: usize,
    subtasks: f64,
    /// Whether these are all of its job. Of fewer, others may be silent in the next bucket.
    is_certain: bool,
    /// The total of the counters, as its mean over the bucket.
    level: f64,
}

impl Whole {
    fn is_alike(&self, other: &Self) -> bool {
        self.job == other.job && self.subtasks == other.subtasks
    }
}

/// Whole numbers; null before the first bucket that is certain, after the last, and in long gaps. `expected` samples
/// come from one subtask per bucket.
fn increases(samples: &Samples, expected: f64) -> Vec<f64> {
    let wholes = wholes(samples, expected);
    let highest = highest_increase(&wholes);
    let mut added = vec![f64::NAN; samples.counts.len()];
    for (index, pair) in wholes.windows(2).enumerate() {
        let (before, after) = (&pair[0], &pair[1]);
        let gap = after.index - before.index;
        let within = before.index + 1..=after.index;
        match steady_increase(before, after) {
            Some(each) if gap > LONGEST_GAP => added[after.index] = capped(each, highest),
            Some(each) if is_certain(pair) => added[within].fill(each),
            Some(each) => added[within].fill(capped(each, highest)),
            None if before.job == after.job && before.subtasks != after.subtasks => {
                // Some fell silent, or there are fewer since: it is taken to go on as around.
                let around = wholes[index.saturating_sub(1)..].windows(2).take(3);
                let around = around.filter_map(|pair| steady_increase(&pair[0], &pair[1])).reduce(f64::max);
                begun(&mut added[within], samples, pair, capped(around.unwrap_or(highest), highest));
            }
            None => begun(&mut added[within], samples, pair, highest),
        }
        // Subtasks that were missing for a while have counted on.
        let same = wholes[..=index].iter().rev().find(|whole| whole.is_alike(after));
        if let Some(same) = same.filter(|same| before.subtasks < after.subtasks && same.level <= after.level) {
            let gap = after.index - same.index;
            if gap <= LONGEST_GAP {
                added[same.index + 1..=after.index].fill((after.level - same.level) / gap as f64);
            }
        }
    }
    // A job that begins within the range: its counters stand at nothing, whichever of their samples came.
    if let Some(first) = wholes.first()
        && let Some(zero) = (0..first.index).rev().find(|index| samples.sums[*index] == 0.0)
    {
        let gap = first.index - zero;
        if gap <= LONGEST_GAP && first.level <= highest * gap as f64 {
            added[zero + 1..=first.index].fill(first.level / gap as f64);
        }
    }
    round_on(&mut added, wholes.first().map_or(0.0, |whole| whole.level.fract()));
    added
}

/// What was added in the buckets after the first of a pair until the second, where counters began anew in one of them:
/// what they show has been counted since, and what they showed in the first of the buckets had been counted before.
/// More than `most` in one of them is something else.
fn begun(added: &mut [f64], samples: &Samples, pair: &[Whole], most: f64) {
    let (before, after) = (&pair[0], &pair[1]);
    // Without samples nothing ran.
    let silent = (before.index + 1..after.index).rposition(|index| samples.counts[index].is_nan());
    let down = silent.map_or(0, |last| last + 1);
    if added.len() <= LONGEST_GAP {
        added[..down].fill(0.0);
    }
    let ran = &mut added[down..];
    let first = samples.sums[before.index + 1] / samples.counts[before.index + 1] * before.subtasks;
    if ran.len() > LONGEST_GAP {
        ran[ran.len() - 1] = capped(after.level, most);
    } else if down == 0 && ran.len() > 1 && first > before.level {
        let each = after.level / (ran.len() - 1) as f64;
        ran.fill(capped(each, most));
        ran[0] = capped(first - before.level, most);
    } else {
        let each = after.level / ran.len() as f64;
        ran.fill(capped(each, most));
    }
}

/// What was added per bucket from one to another of the same subtasks; None where the counters fell.
fn steady_increase(before: &Whole, after: &Whole) -> Option<f64> {
    let rises = before.is_alike(after) && before.level <= after.level;
    rises.then(|| (after.level - before.level) / (after.index - before.index) as f64)
}

/// The most that was certainly added in a bucket; NaN where nothing is certain.
fn highest_increase(wholes: &[Whole]) -> f64 {
    let certain = wholes.windows(2).filter(|pair| is_certain(pair));
    let certain = certain.filter_map(|pair| steady_increase(&pair[0], &pair[1])).fold(f64::NAN, f64::max);
    if !certain.is_nan() {
        return certain;
    }
    // What is usual in a row of the same subtasks; at its ends, samples lost by others may look like its own.
    let is_row = |row: &&[Whole]| row.iter().all(|whole| whole.is_alike(&row[0])) && row[5].index - row[0].index == 5;
    let usual = wholes.windows(6).filter(is_row).map(usual_increase);
    usual.filter(|usual| *usual >= 0.0).fold(f64::NAN, f64::max)
}

/// The one in the middle of all from a bucket to the next.
fn usual_increase(row: &[Whole]) -> f64 {
    let mut added: Vec<f64> = row.windows(2).map(|pair| pair[1].level - pair[0].level).collect();
    added.sort_by(f64::total_cmp);
    added[added.len() / 2]
}

fn is_certain(wholes: &[Whole]) -> bool {
    wholes.iter().all(|whole| whole.is_certain)
}

/// At most the highest; NaN where that is not known.
fn capped(value: f64, highest: f64) -> f64 {
    if value <= highest { value } else { highest }
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

fn wholes(samples: &Samples, expected: f64) -> Vec<Whole> {
    let mut wholes = Vec::new();
    for (job, range) in jobs::jobs(samples, expected).into_iter().enumerate() {
        let found = Subtasks::new(&samples.counts[range.clone()], expected);
        let whole = |index: usize| {
            let subtasks = found.complete(index - range.start)?;
            let level = samples.sums[index] / samples.counts[index] * subtasks;
            Some(Whole { index, job, subtasks, is_certain: found.are_all_complete(index - range.start), level })
        };
        wholes.extend(range.clone().filter_map(whole));
    }
    without_outliers(&wholes)
}

/// Leaves out levels that stand above or below both neighbours which rise: samples of one subtask took the place of
/// another's. A level that stays below is a restart.
fn without_outliers(wholes: &[Whole]) -> Vec<Whole> {
    let mut kept: Vec<Whole> = Vec::with_capacity(wholes.len());
    for (index, whole) in wholes.iter().enumerate() {
        let is_outlier = match (kept.last(), wholes.get(index + 1)) {
            (Some(before), Some(after)) => {
                let is_same = before.is_alike(whole) && whole.is_alike(after);
                is_same && before.level <= after.level && !(before.level..=after.level).contains(&whole.level)
            }
            (Some(_) | None, _) => false,
        };
        if !is_outlier {
            kept.push(*whole);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
