//! What came of all requests, and how long panels waited.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use xtask::failure::{Failure, Outcome};

/// Which waits are compared. Those of the first minute, before any of these, are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Before,
    BesideOneThatHangs,
}

/// By how much the waits beside a region that hangs may be longer: as a share, and what is noise in any case.
const SHARE: f64 = 1.25;
const NOISE_MS: f64 = 20.0;

#[derive(Debug, Default)]
pub struct Tally {
    answered: AtomicU64,
    left: AtomicU64,
    hung: AtomicU64,
    failed: AtomicU64,
    first_failure: Mutex<Option<String>>,
    waits: Mutex<Waits>,
}

/// In milliseconds.
#[derive(Debug, Default)]
struct Waits {
    phase: Option<Phase>,
    before: Vec<f64>,
    beside: Vec<f64>,
}

impl Tally {
    pub fn begin(&self, phase: Phase) {
        lock(&self.waits).phase = Some(phase);
    }

    pub fn note(&self, outcome: Outcome<()>) {
        match outcome {
            Ok(()) => self.answered.fetch_add(1, Ordering::Relaxed),
            Err(failure) => {
                lock(&self.first_failure).get_or_insert_with(|| failure.to_string());
                self.failed.fetch_add(1, Ordering::Relaxed)
            }
        };
    }

    /// How long a panel waited.
    pub fn note_wait(&self, wait: Duration) {
        let milliseconds = wait.as_secs_f64() * 1000.0;
        let mut waits = lock(&self.waits);
        match waits.phase {
            None => {}
            Some(Phase::Before) => waits.before.push(milliseconds),
            Some(Phase::BesideOneThatHangs) => waits.beside.push(milliseconds),
        }
    }

    /// A viewer left before the answer came.
    pub fn note_left(&self) {
        self.left.fetch_add(1, Ordering::Relaxed);
    }

    /// A question to the region that hangs has ended.
    pub fn note_hung(&self) {
        self.hung.fetch_add(1, Ordering::Relaxed);
    }

    pub fn requests(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    pub fn failures(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub fn first_failure(&self) -> String {
        lock(&self.first_failure).clone().unwrap_or_default()
    }

    pub fn judge_waits(&self) -> Outcome<()> {
        let waits = lock(&self.waits);
        let [before, beside] = [&waits.before, &waits.beside].map(|waits| percentile(waits, 0.95));
        if beside <= (before * SHARE).max(before + NOISE_MS) {
            return Ok(());
        }
        Err(Failure::new(format!(
            "19 of 20 panels waited at most {before:.0} ms, and {beside:.0} ms beside a region that hangs"
        )))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waits = lock(&self.waits);
        writeln!(f, "| wait of a panel, ms | panels | median | 95 % | 99 % | longest |\n|---|---|---|---|---|---|")?;
        for (name, waits) in [("without the region that hangs", &waits.before), ("beside it", &waits.beside)] {
            let [median, most, nearly_all, all] = [0.5, 0.95, 0.99, 1.0].map(|share| percentile(waits, share));
            writeln!(f, "| {name} | {} | {median:.0} | {most:.0} | {nearly_all:.0} | {all:.0} |", waits.len())?;
        }
        let [answered, left, hung, failed] =
            [&self.answered, &self.left, &self.hung, &self.failed].map(|count| count.load(Ordering::Relaxed));
        write!(f, "\n{answered} requests were answered, {left} left unanswered by their viewers, {failed} failed. ")?;
        write!(f, "{hung} to the region that hangs ended without data.")
    }
}

/// The smallest value that so large a share of all does not exceed.
fn percentile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(before: u64, beside: u64) -> Tally {
        let tally = Tally::default();
        tally.note_wait(Duration::from_secs(60));
        for (phase, wait) in [(Phase::Before, before), (Phase::BesideOneThatHangs, beside)] {
            tally.begin(phase);
            (0..20).for_each(|_| tally.note_wait(Duration::from_millis(wait)));
        }
        tally
    }

    #[test]
    fn a_percentile_leaves_out_the_slowest() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!([0.5, 0.95, 1.0].map(|share| percentile(&values, share)), [50.0, 95.0, 100.0]);
        assert_eq!(percentile(&[], 0.95), 0.0);
    }

    #[test]
    fn longer_waits_are_a_failure() {
        tally(100, 120).judge_waits().unwrap();
        assert!(tally(100, 130).judge_waits().is_err());
        tally(10, 25).judge_waits().unwrap();
    }
}
