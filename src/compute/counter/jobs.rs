//! Where counters begin anew: what falls while all subtasks send samples is no loss of samples.
//!
//! Most falls prove nothing, since all samples of the subtasks that counted most may be lost. Two are certain. A value
//! lies below the lowest of an earlier bucket in which all subtasks sent some; or it lies above the highest of a later
//! one in which all did.

use std::ops::Range;

use super::samples::{Samples, Subtasks};

/// The buckets from one certain restart to the next, oldest first.
pub(super) fn jobs(samples: &Samples, expected: f64) -> Vec<Range<usize>> {
    let mut jobs = Vec::new();
    let all = 0..samples.counts.len();
    let mut rest = vec![all];
    while let Some(range) = rest.pop() {
        let Some(start) = restart_within(samples, range.clone(), expected) else {
            jobs.push(range);
            continue;
        };
        // The bucket of the restart may have samples of before and after; then it belongs to neither.
        let is_mixed = start + 1 < range.end && samples.highest[start] > samples.highest[start + 1];
        let clean = if is_mixed { start + 1 } else { start };
        let parts = [clean..range.end, start..clean, range.start..start];
        rest.extend(parts.into_iter().filter(|part| !part.is_empty()));
    }
    jobs
}

/// The first of these buckets, but for the very first, in which counters have certainly begun anew.
fn restart_within(samples: &Samples, range: Range<usize>, expected: f64) -> Option<usize> {
    let subtasks = Subtasks::new(&samples.counts[range.clone()], expected);
    let are_all = |bucket: usize| subtasks.are_all_sending(bucket - range.start);
    let mut least = f64::NEG_INFINITY;
    for bucket in range.clone() {
        if samples.lowest[bucket] < least {
            return Some(bucket);
        }
        if are_all(bucket) {
            least = least.max(samples.lowest[bucket]);
        }
    }
    let mut most = f64::INFINITY;
    for bucket in range.clone().rev() {
        if samples.highest[bucket] > most {
            return Some(bucket + 1);
        }
        if are_all(bucket) {
            most = most.min(samples.highest[bucket]);
        }
    }
    None
}
