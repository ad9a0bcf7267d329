//! What came of a counter per bucket, and of how many subtasks.

use std::ops::Range;

/// Up to so many samples of a subtask per bucket none may be lost; of more a few are lost in nearly every bucket.
const FEW_SAMPLES: f64 = 20.0;

/// The part of many samples that may be lost, or too much.
const USUAL_LOSS: f64 = 0.02;

/// The values of a counter's series per bucket; NaN where there is none.
#[derive(Debug, Clone, Default)]
pub struct Samples {
    pub sums: Vec<f64>,
    pub counts: Vec<f64>,
    pub highest: Vec<f64>,
    pub lowest: Vec<f64>,
}

impl Samples {
    /// Those of some of the buckets.
    pub fn part(&self, range: Range<usize>) -> Self {
        let part = |values: &[f64]| values[range.clone()].to_vec();
        Self {
            sums: part(&self.sums),
            counts: part(&self.counts),
            highest: part(&self.highest),
            lowest: part(&self.lowest),
        }
    }
}

/// How many subtasks of a job sent samples, per bucket.
pub struct Subtasks {
    buckets: Vec<Bucket>,
    /// So many have sent some in one bucket at least.
    seen: i64,
}

/// How many subtasks sent samples in one bucket.
pub struct Bucket {
    /// At least so many sent some.
    pub sending: i64,
    /// So many sent all of theirs; None where some are missing.
    pub complete: Option<i64>,
}

impl Subtasks {
    /// From the samples that came per bucket, where each subtask sends `expected`.
    pub fn new(counts: &[f64], expected: f64) -> Self {
        let buckets: Vec<Bucket> = counts.iter().map(|count| Bucket::new(*count, expected)).collect();
        let seen = buckets.iter().map(|bucket| bucket.sending).max().unwrap_or(0);
        Self { buckets, seen }
    }

    /// Whether all that were ever seen sent samples in a bucket, if not all of theirs.
    pub fn are_all_sending(&self, bucket: usize) -> bool {
        self.buckets[bucket].sending == self.seen
    }

    /// Whether all that were ever seen sent all of their samples in a bucket.
    pub fn are_all_complete(&self, bucket: usize) -> bool {
        self.buckets[bucket].complete == Some(self.seen)
    }

    /// The subtasks whose samples came in a bucket; None where some of theirs are missing. What several lost may look
    /// like one subtask less: fewer than were ever seen are believed in two buckets in a row.
    pub fn complete(&self, bucket: usize) -> Option<f64> {
        let found = self.buckets[bucket].complete?;
        let is_same = |other: Option<&Bucket>| other.and_then(|other| other.complete) == Some(found);
        let before = bucket.checked_sub(1).and_then(|before| self.buckets.get(before));
        let is_believed = found == self.seen || is_same(before) || is_same(self.buckets.get(bucket + 1));
        is_believed.then_some(found as f64)
    }
}

impl Bucket {
    pub fn new(count: f64, expected: f64) -> Self {
        let subtasks = (count / expected).round();
        let tolerance = if expected <= FEW_SAMPLES { 0.0 } else { expected * subtasks * USUAL_LOSS };
        let is_complete = subtasks >= 1.0 && (count - expected * subtasks).abs() <= tolerance;
        Self {
            sending: ((count - tolerance) / expected).ceil() as i64,
            complete: is_complete.then_some(subtasks as i64),
        }
    }
}
