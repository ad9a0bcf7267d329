//! The share of each bucket in which a job ran, from the extremes of its uptime.
//!
//! Uptime itself is the clock: what it grew by from the last sample of one bucket to the last sample of the next is time in which
//! the job ran. So a bucket here is the time between these two samples, and nothing is counted twice or lost. The surprise is
//! what does not lower it: a sample that never arrived, for the job ran on; only a fall or an end of the series does.

/// A job is sampled four times a minute.
const SAMPLE_SPACING_MS: f64 = 15_000.0;

/// CloudWatch publishes up to three minutes late: a series that is silent for longer has ended.
const SILENCE_MS: f64 = 240_000.0;

/// Shares from 0 to 1; null before the first value and after the last.
pub(super) fn shares(highest: &[f64], lowest: &[f64], bucket_ms: f64) -> Vec<f64> {
    let known = |value: &f64| !value.is_nan();
    let mut shares = vec![f64::NAN; highest.len()];
    let (Some(first), Some(last)) = (highest.iter().position(known), highest.iter().rposition(known)) else {
        return shares;
    };
    let uptime = Uptime { highest, lowest, bucket_ms, last };
    let mut previous = f64::NAN;
    for (index, share) in shares.iter_mut().enumerate().take(last + 1).skip(first) {
        *share = if highest[index].is_nan() {
            uptime.in_gap(index, previous)
        } else if lowest[index] >= previous {
            uptime.without_fall(index, previous)
        } else {
            uptime.with_fall(index, previous)
        };
        if known(&highest[index]) {
            previous = highest[index];
        }
    }
    shares
}

struct Uptime<'a> {
    highest: &'a [f64],
    lowest: &'a [f64],
    bucket_ms: f64,
    /// Index of the last known value.
    last: usize,
}

impl Uptime<'_> {
    /// Without any sample: the job ran only if the next one shows that it did.
    fn in_gap(&self, index: usize, previous: f64) -> f64 {
        let next = self.lowest[index..].iter().zip(&self.highest[index..]).find(|(_, highest)| !highest.is_nan());
        if next.is_some_and(|(lowest, _)| *lowest >= previous) { 1.0 } else { 0.0 }
    }

    /// The job ran through, unless it ended in this bucket: then it ran for what its uptime grew by.
    fn without_fall(&self, index: usize, previous: f64) -> f64 {
        let ran_on = match self.highest.get(index + 1) {
            Some(next) if index < self.last => *next >= self.highest[index] || self.continues_after(index),
            Some(_) | None => ((self.highest.len() - 1 - index) as f64) * self.bucket_ms < SILENCE_MS,
        };
        if ran_on { 1.0 } else { self.share(self.highest[index] - previous) }
    }

    /// Whether only samples are missing after a bucket.
    fn continues_after(&self, index: usize) -> bool {
        self.highest[index + 1].is_nan() && self.in_gap(index + 1, self.highest[index]) == 1.0
    }

    /// The job ran until the highest value, and again from the fall on.
    fn with_fall(&self, index: usize, previous: f64) -> f64 {
        let highest = self.highest[index];
        let ran_before = highest > previous;
        if !ran_before {
            // Every sample came after the fall.
            return self.share(highest);
        }
        // How long it had run again at the last sample is not published; each of these is at most that long.
        let next = |values: &[f64], distance: f64| values.get(index + 1).map_or(0.0, |value| value - distance);
        let ran_after = [
            self.lowest[index],
            next(self.lowest, SAMPLE_SPACING_MS),
            next(self.highest, self.bucket_ms),
        ];
        self.share(highest - previous + ran_after.into_iter().fold(0.0, f64::max))
    }

    fn share(&self, ran_ms: f64) -> f64 {
        (ran_ms / self.bucket_ms).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Uptimes in seconds as (lowest, highest) per minute; None is a minute without samples.
    fn check(minutes: &[Option<(f64, f64)>], expected: &[Option<f64>]) {
        let pick = |of: fn((f64, f64)) -> f64| minutes.iter().map(|m| m.map_or(f64::NAN, |m| of(m) * 1000.0)).collect();
        let (lowest, highest): (Vec<f64>, Vec<f64>) = (pick(|m| m.0), pick(|m| m.1));
        let found = shares(&highest, &lowest, 60_000.0);
        let found: Vec<Option<f64>> =
            found.iter().map(|share| (!share.is_nan()).then_some((share * 100.0).round() / 100.0)).collect();
        assert_eq!(found, expected, "{minutes:?}");
    }

    #[test]
    fn a_job_that_runs_on_is_always_there() {
        check(&[Some((600.0, 645.0)), Some((660.0, 705.0))], &[Some(1.0), Some(1.0)]);
        // The last sample of the second minute, and then all of a minute, never arrived.
        let lost = [Some((600.0, 645.0)), Some((660.0, 690.0)), Some((720.0, 765.0)), None, Some((840.0, 885.0))];
        check(&lost, &[Some(1.0); 5]);
        // The newest minute is still coming in.
        check(&[Some((600.0, 645.0)), Some((660.0, 660.0)), None], &[Some(1.0), Some(1.0), None]);
    }

    #[test]
    fn a_restart_costs_what_uptime_lost() {
        // Down from 15 s to 38 s of the second minute.
        let restart = [Some((600.0, 645.0)), Some((0.0, 660.0)), Some((22.0, 67.0)), Some((82.0, 127.0))];
        check(&restart, &[Some(1.0), Some(0.37), Some(1.0), Some(1.0)]);
        // Between the minutes: the second has samples of the new run only.
        check(&[Some((600.0, 645.0)), Some((5.0, 50.0)), Some((65.0, 110.0))], &[Some(1.0), Some(0.83), Some(1.0)]);
    }

    #[test]
    fn a_stop_counts_from_the_last_sample_to_the_next_start() {
        let stop = [Some((600.0, 645.0)), Some((660.0, 660.0)), None, None, Some((5.0, 20.0)), Some((35.0, 80.0))];
        check(&stop, &[Some(1.0), Some(0.25), Some(0.0), Some(0.0), Some(0.33), Some(1.0)]);
        // Nobody knows whether it will start again; what is certain is that the last minute was not a whole one.
        let ended = [Some((600.0, 645.0)), Some((660.0, 660.0)), None, None, None, None];
        check(&ended, &[Some(1.0), Some(0.25), None, None, None, None]);
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        check(&[None, None], &[None, None]);
        check(&[None, Some((10.0, 40.0)), Some((55.0, 100.0))], &[None, Some(0.67), Some(1.0)]);
    }
}
