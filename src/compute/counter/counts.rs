//! What was added in each bucket, as it will stay.
//!
//! A number that was given once must be the same in every other range and at every later time. So each is made of a few
//! buckets around its own: of those before it, and of as many after it as it takes to be certain. That is none where
//! all samples of the same subtasks came in its bucket and the one before, and more where some were lost or the
//! subtasks changed. The surprise: what comes later is not looked at, even where it would tell more.

use std::ops::Range;

use super::jobs::jobs;
use super::samples::{Bucket, Samples};
use super::{TOLERANCE, increases};

/// How many buckets around its own a count is made of, and which of them have all of their samples.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    pub before: usize,
    pub after: usize,
    /// The first bucket of which samples may still arrive.
    pub arriving: usize,
    /// Whether a bucket may have a value that is not final.
    pub beyond: Beyond,
}

/// What is said of a bucket of which too few that follow it are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// What is known so far.
    Provisional,
    Nothing,
}

/// Where the subtasks changed, or some of them are silent, so many buckets after it show which.
const CHANGE: usize = 3;

/// An increase that is so many times the highest of those before it is believed when the next bucket confirms it.
const JUMP: f64 = 2.0;

/// A job that began in the buckets that are looked at has shown at least so many, so that its first one, which is a
/// part of a minute, does not tell how many subtasks it has.
const LEAST_OF_JOB: usize = 3;

/// What was added per bucket, in whole numbers; null where that is not certain yet, or never will be.
pub fn counts(samples: &Samples, expected: f64, reach: Reach) -> Vec<f64> {
    let buckets = samples.counts.iter().map(|count| Bucket::new(*count, expected)).collect();
    let counting = Counting { samples, buckets, expected, reach };
    (0..samples.counts.len()).map(|bucket| counting.count(bucket)).collect()
}

struct Counting<'a> {
    samples: &'a Samples,
    buckets: Vec<Bucket>,
    expected: f64,
    reach: Reach,
}

impl Counting<'_> {
    /// What the first buckets after it that are enough say.
    fn count(&self, bucket: usize) -> f64 {
        let first = bucket.saturating_sub(self.reach.before);
        let most = bucket + self.reach.after;
        let last = most.min(self.buckets.len() - 1);
        if self.samples.counts[first..=last].iter().all(|count| count.is_nan()) {
            return f64::NAN;
        }
        for end in bucket..=last {
            if let Some(certain) = self.certain(first..end + 1, bucket) {
                return certain;
            }
            if end < bucket + CHANGE {
                continue;
            }
            if end >= self.reach.arriving {
                break;
            }
            // After the last complete bucket nothing is told.
            if self.buckets[bucket..=end].iter().all(|bucket| bucket.complete.is_none()) {
                continue;
            }
            let found = self.likely(first..end + 1, bucket);
            if !found.is_nan() {
                return found;
            }
        }
        match self.reach.beyond {
            Beyond::Provisional => self.likely(first..last + 1, bucket),
            Beyond::Nothing => f64::NAN,
        }
    }

    /// What some buckets together say.
    fn likely(&self, window: Range<usize>, bucket: usize) -> f64 {
        increases(&self.samples.part(window.clone()), self.expected)[bucket - window.start]
    }

    /// What was added in a bucket between two in which all samples of all subtasks of one job came; None where these are
    /// not in the window.
    fn certain(&self, window: Range<usize>, bucket: usize) -> Option<f64> {
        let newest = self.buckets[window.end - 1].complete?;
        let job = if self.subtasks(&window) > newest { self.job(window, bucket)? } else { window };
        let subtasks = self.subtasks(&job);
        let is_whole = |index: &usize| self.buckets[*index].complete == Some(subtasks);
        let before = (job.start..bucket).rev().find(is_whole)?;
        let after = (bucket..job.end).find(is_whole)?;
        let level = |index: usize| self.samples.sums[index] / self.samples.counts[index] * subtasks as f64;
        if self.falls(before..after) || level(after) < level(before) {
            return None;
        }
        let last = job.end - 1;
        if last >= self.reach.arriving {
            // Of subtasks that have just begun, or were silent, nothing may have come yet.
            let settled = (job.start..self.reach.arriving).rev().find(is_whole)?;
            let is_more = |index: usize| self.buckets[index].sending > subtasks;
            if newest != subtasks
                || self.falls(settled..last)
                || level(last) < level(settled)
                || job.clone().any(is_more)
            {
                return None;
            }
        }
        let speed = |from: usize, to: usize| (level(to) - level(from)) / (to - from) as f64;
        let each = speed(before, after);
        let known = job.start..(before + 1).min(self.reach.arriving);
        let wholes: Vec<usize> = known.filter(is_whole).collect();
        let highest = wholes.windows(2).map(|pair| speed(pair[0], pair[1])).fold(f64::NAN, f64::max);
        let next = (after + 1..job.end.min(self.reach.arriving)).find(is_whole);
        if each <= highest * JUMP || next.is_some_and(|next| level(after) <= level(next)) {
            let until = |index: usize| (level(before) + each * (index - before) as f64 + TOLERANCE).floor();
            return Some(until(bucket) - until(bucket - 1));
        }
        None
    }

    /// Whether counters certainly began anew after the first of two buckets in which all samples came.
    fn falls(&self, between: Range<usize>) -> bool {
        let Samples { lowest, highest, .. } = self.samples;
        let (before, after) = (between.start, between.end);
        (before + 1..=after).any(|index| lowest[index] < lowest[before])
            || between.into_iter().any(|index| highest[index] > highest[after])
    }

    /// How many subtasks sent samples in two buckets in a row. In a single one some may have sent one too many.
    fn subtasks(&self, window: &Range<usize>) -> i64 {
        let pairs = self.buckets[window.clone()].windows(2);
        pairs.map(|pair| pair[0].sending.min(pair[1].sending)).max().unwrap_or(0)
    }

    /// The buckets of the job that one of them belongs to.
    fn job(&self, window: Range<usize>, bucket: usize) -> Option<Range<usize>> {
        let jobs = jobs(&self.samples.part(window.clone()), self.expected);
        let job = jobs.into_iter().find(|job| job.contains(&(bucket - window.start)))?;
        (job.len() >= LEAST_OF_JOB).then(|| window.start + job.start..window.start + job.end)
    }
}
