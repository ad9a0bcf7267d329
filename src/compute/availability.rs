//! The share of each bucket in which a job ran, from the extremes and the sum of its uptime.
//!
//! Uptime itself is the clock: what it grew by from the last sample of one bucket to the last sample of the next is
//! time in which the job ran. So a bucket here is the time between these two samples, and nothing is counted twice or
//! lost. The surprise is what does not lower it: a sample that never arrived, for the job ran on; only a fall or an end
//! of the series does.
//!
//! Where runs are about as short as the buckets, extremes do not tell how many there were. Then the samples that saw
//! the job up are counted, as many as the sum of uptimes needs, and each stands for the time between two: that is right
//! on average, however runs and samples lie, because a run of ten seconds is seen by two samples of three.

/// A job is sampled four times a minute.
const SAMPLE_SPACING_MS: f64 = 15_000.0;

/// How long a job runs, on average, after the last sample that saw it.
const UNSEEN_MS: f64 = SAMPLE_SPACING_MS / 2.0;

/// Uptime may grow by so much less than the clock from one bucket to another because samples were lost: of four in
/// each, three in the later one, and a little for reporters that are late.
const LOST_MS: f64 = 46_000.0;

/// So many buckets after one show whether uptime catches up with the clock.
const LOOKAHEAD: usize = 2;

/// CloudWatch publishes up to three minutes late: a series that is silent for longer has ended.
const SILENCE_MS: f64 = 240_000.0;

/// Sums of samples that are not 15 s apart to the millisecond.
const JITTER_MS: f64 = 100.0;

/// So many buckets a run has to last for its extremes to be enough.
const LONG_RUN: f64 = 2.0;

/// Highest, lowest and summed uptime per bucket.
pub(super) struct Columns {
    pub highest: Vec<f64>,
    pub lowest: Vec<f64>,
    pub sum: Vec<f64>,
}

/// Shares from 0 to 1; null before the first value and after the last.
pub(super) fn shares(columns: &Columns, bucket_ms: f64) -> Vec<f64> {
    let Columns { highest, lowest, sum } = columns;
    let known = |value: &f64| !value.is_nan();
    let mut shares = vec![f64::NAN; highest.len()];
    let (Some(first), Some(last)) = (highest.iter().position(known), highest.iter().rposition(known)) else {
        return shares;
    };
    let uptime = Uptime { highest, lowest, sum, bucket_ms, last };
    let mut previous = Previous { index: first, value: f64::NAN };
    let mut left_over = 0.0;
    for (index, share) in shares.iter_mut().enumerate().take(last + 1).skip(first) {
        let counted = uptime.counted_ms(index, previous);
        let ran = left_over + counted.unwrap_or_else(|| uptime.ran_ms(index, previous));
        *share = (ran / bucket_ms).clamp(0.0, 1.0);
        // What an unseen end adds to a full bucket belongs to the next one. Samples are counted in their own.
        let has_end = counted.is_none() && uptime.ended_in(index, previous.value);
        left_over = if has_end { (ran - bucket_ms).clamp(0.0, UNSEEN_MS) } else { 0.0 };
        if known(&highest[index]) {
            previous = Previous { index, value: highest[index] };
        }
    }
    shares
}

/// The last known uptime before a bucket, and the bucket that it is of.
#[derive(Clone, Copy)]
struct Previous {
    index: usize,
    value: f64,
}

struct Uptime<'a> {
    highest: &'a [f64],
    lowest: &'a [f64],
    sum: &'a [f64],
    bucket_ms: f64,
    /// Index of the last known value.
    last: usize,
}

impl Uptime<'_> {
    /// How long the job ran in a bucket, after the highest uptime of the one before.
    fn ran_ms(&self, index: usize, previous: Previous) -> f64 {
        let highest = self.highest[index];
        if highest.is_nan() {
            return if self.is_only_unseen(previous) { self.bucket_ms } else { 0.0 };
        }
        if highest <= 0.0 {
            // Up for no time at all: a job that waits for its tasks says so for as long as it waits.
            return 0.0;
        }
        // A job that ends so soon after its start is not up for long after the sample that saw it either.
        let is_seen_again = highest >= SAMPLE_SPACING_MS;
        let unseen = if is_seen_again && self.ended_in(index, previous.value) { UNSEEN_MS } else { 0.0 };
        if previous.value <= 0.0 {
            return highest + unseen;
        }
        if self.lowest[index] >= previous.value {
            let grew = highest - previous.value;
            return match self.runs_on(index) {
                _ if self.fell_behind(index, previous) => grew,
                true => self.bucket_ms,
                false => grew + unseen,
            };
        }
        if self.falls_within(index, previous.value) {
            return highest - previous.value + unseen + self.ran_again_ms(index);
        }
        // Every sample came after the fall.
        highest + unseen
    }

    /// Whether uptime rose, but by so much less than the clock that this is another run: the job ended and started
    /// between two samples.
    fn fell_behind(&self, index: usize, previous: Previous) -> bool {
        let mut last = previous.value;
        for later in index..=(index + LOOKAHEAD).min(self.last) {
            let highest = self.highest[later];
            if highest < last {
                return false;
            }
            if !highest.is_nan() {
                last = highest;
                let clock = (later - previous.index) as f64 * self.bucket_ms;
                if clock - (highest - previous.value) > LOST_MS {
                    return true;
                }
            }
        }
        false
    }

    /// Whether a run of the job ended in a bucket, or after its last sample.
    fn ended_in(&self, index: usize, previous: f64) -> bool {
        !self.highest[index].is_nan() && (self.falls_within(index, previous) || !self.runs_on(index))
    }

    /// Whether there are samples before and after a fall.
    fn falls_within(&self, index: usize, previous: f64) -> bool {
        self.highest[index] > previous && (self.lowest[index].is_nan() || self.lowest[index] < previous)
    }

    /// Whether the run that reached the highest value of a bucket was seen, or may be taken, to go on.
    fn runs_on(&self, index: usize) -> bool {
        let highest = self.highest[index];
        if index == self.last {
            return ((self.highest.len() - 1 - index) as f64) * self.bucket_ms < SILENCE_MS;
        }
        let next = self.highest[index + 1];
        if next.is_nan() { self.is_only_unseen(Previous { index, value: highest }) } else { next >= highest }
    }

    /// In a gap: whether the next sample shows that the job ran on.
    fn is_only_unseen(&self, previous: Previous) -> bool {
        let after = &self.lowest[previous.index + 1..];
        let next = after.iter().position(|value| !value.is_nan()).map(|buckets| (buckets as f64, after[buckets]));
        next.is_some_and(|(buckets, lowest)| {
            lowest >= previous.value && lowest - previous.value > buckets * self.bucket_ms - LOST_MS
        })
    }

    /// How long the job was seen up in a bucket with short runs, or beside one; None where runs are long, or nothing is
    /// known of their sum.
    fn counted_ms(&self, index: usize, previous: Previous) -> Option<f64> {
        let (highest, lowest, sum) = (self.highest[index], self.lowest[index], self.sum[index]);
        let around = &self.highest[index.saturating_sub(1)..=(index + 1).min(self.highest.len() - 1)];
        let is_long = around.iter().any(|highest| *highest >= LONG_RUN * self.bucket_ms);
        let is_one_sample = lowest > 0.0 && sum <= highest;
        if highest.is_nan() || lowest.is_nan() || sum.is_nan() || is_long || is_one_sample {
            return None;
        }
        // One run all along. Some of its samples may be lost.
        if previous.value > 0.0 && lowest >= previous.value && !self.fell_behind(index, previous) {
            return Some(if self.runs_on(index) { self.bucket_ms } else { highest - previous.value });
        }
        let down = if lowest > 0.0 { 0.0 } else { SAMPLE_SPACING_MS };
        Some((least_samples(sum, highest) * SAMPLE_SPACING_MS).min(self.bucket_ms - down))
    }

    /// How long the job had run again at the last sample of a bucket with a fall. That is not published; each of these
    /// is at most as long.
    fn ran_again_ms(&self, index: usize) -> f64 {
        let next = |values: &[f64], distance: f64| values.get(index + 1).map_or(0.0, |value| value - distance);
        let known = [self.lowest[index], next(self.lowest, SAMPLE_SPACING_MS), next(self.highest, self.bucket_ms)];
        known.into_iter().fold(0.0, f64::max)
    }
}

/// How many samples at least add up to a sum, none above the highest: each run was seen every 15 s.
fn least_samples(sum: f64, highest: f64) -> f64 {
    if highest <= 0.0 {
        return 0.0;
    }
    let of_run = (highest / SAMPLE_SPACING_MS).floor() + 1.0;
    let sum_of_run = of_run * highest - SAMPLE_SPACING_MS * of_run * (of_run - 1.0) / 2.0;
    let runs = ((sum + JITTER_MS) / sum_of_run).floor();
    let (mut samples, mut rest, mut next) = (runs * of_run, sum - runs * sum_of_run, highest);
    while rest > JITTER_MS && next > 0.0 && next <= rest + JITTER_MS {
        rest -= next;
        samples += 1.0;
        next -= SAMPLE_SPACING_MS;
    }
    // What is left is of runs that were seen only once.
    samples + ((rest - JITTER_MS).max(0.0) / SAMPLE_SPACING_MS).ceil()
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use proptest::prelude::*;

    use super::*;

    /// Uptimes in seconds as (lowest, highest) per minute; None is a minute without samples. No sum of them is known.
    fn check(minutes: &[Option<(f64, f64)>], expected: &[Option<f64>]) {
        let pick = |of: fn((f64, f64)) -> f64| minutes.iter().map(|m| m.map_or(f64::NAN, |m| of(m) * 1000.0)).collect();
        let (lowest, highest): (Vec<f64>, Vec<f64>) = (pick(|m| m.0), pick(|m| m.1));
        let sum = vec![f64::NAN; highest.len()];
        let found = shares(&Columns { highest, lowest, sum }, 60_000.0);
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
        // Seen for 15 s of the second minute and for its last 7 s.
        let restart = [Some((600.0, 645.0)), Some((0.0, 660.0)), Some((22.0, 67.0)), Some((82.0, 127.0))];
        check(&restart, &[Some(1.0), Some(0.49), Some(1.0), Some(1.0)]);
        // Between the minutes: the second has samples of the new run only.
        check(&[Some((600.0, 645.0)), Some((5.0, 40.0)), Some((55.0, 100.0))], &[Some(1.0), Some(0.79), Some(1.0)]);
        // Up 105 s and down 15 s, again and again.
        let looping = [Some((5.0, 50.0)), Some((0.0, 95.0)), Some((5.0, 50.0)), Some((0.0, 95.0)), Some((5.0, 50.0))];
        check(&looping, &[Some(0.83), Some(0.88), Some(0.83), Some(0.88), Some(0.83)]);
    }

    #[test]
    fn a_job_that_does_not_come_up_is_not_there() {
        let waiting = [Some((600.0, 645.0)), Some((0.0, 660.0)), Some((0.0, 0.0)), Some((0.0, 0.0)), Some((0.0, 30.0))];
        check(&waiting, &[Some(1.0), Some(0.38), Some(0.0), Some(0.0), Some(0.5)]);
        check(
            &[Some((0.0, 0.0)), Some((0.0, 0.0)), Some((2.0, 47.0)), Some((62.0, 107.0))],
            &[Some(0.0), Some(0.0), Some(0.78), Some(1.0)],
        );
    }

    #[test]
    fn a_stop_counts_from_the_last_sample_to_the_next_start() {
        let stop = [Some((600.0, 645.0)), Some((660.0, 660.0)), None, None, Some((5.0, 20.0)), Some((35.0, 80.0))];
        check(&stop, &[Some(1.0), Some(0.38), Some(0.0), Some(0.0), Some(0.33), Some(1.0)]);
        // Nobody knows whether it will start again; what is certain is that the last minute was not a whole one.
        let ended = [Some((600.0, 645.0)), Some((660.0, 660.0)), None, None, None, None];
        check(&ended, &[Some(1.0), Some(0.38), None, None, None, None]);
    }

    /// One sample a minute, three restarts in each: uptime rises from minute to minute, and the job hardly ran.
    #[test]
    fn a_storm_of_restarts_is_no_running_job() {
        let storm = [2.0, 7.0, 10.0, 0.0, 2.0, 7.0, 10.0, 0.0, 2.0].map(|seconds| Some((seconds, seconds)));
        let shares = [0.03, 0.08, 0.05, 0.0, 0.03, 0.08, 0.05, 0.0, 0.03].map(Some);
        check(&storm, &shares);
        // Longer runs, and then it is over.
        let storm = [5.0, 20.0, 25.0, 3.0, 15.0, 75.0, 135.0, 195.0].map(|seconds| Some((seconds, seconds)));
        check(&storm, &[0.08, 0.25, 0.08, 0.05, 0.2, 1.0, 1.0, 1.0].map(Some));
    }

    #[test]
    fn lost_samples_are_no_storm() {
        // The first sample of four in each minute, for a while.
        let lost = [Some((600.0, 645.0)), Some((660.0, 660.0)), Some((720.0, 720.0)), Some((780.0, 825.0))];
        check(&lost, &[Some(1.0); 4]);
    }

    /// The runs of a job that is up and down for so many seconds each, give or take three tenths.
    fn runs((up, down): (f64, f64), seed: u64) -> Vec<Range<f64>> {
        let (mut start, mut random, mut runs) = (0.0, seed, Vec::new());
        let mut about = |length: f64| {
            // Knuth's generator of random numbers: its high bits are as good as any.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            length * (0.7 + 0.6 * (random >> 33) as f64 / (1_u64 << 31) as f64)
        };
        while start < HOURS * 3600.0 {
            let stop = start + about(up);
            runs.push(start..stop);
            start = stop + about(down);
        }
        runs
    }

    const HOURS: f64 = 12.0;

    /// What the minutes have of it, sampled every 15 s.
    fn minutes(runs: &[Range<f64>], phase: f64) -> Columns {
        let mut columns = Columns { highest: vec![], lowest: vec![], sum: vec![] };
        let mut runs = runs.iter().peekable();
        for minute in 0..(HOURS * 60.0) as usize {
            let mut uptime = |sample: usize| {
                let time = (minute * 60 + sample * 15) as f64 + phase;
                while runs.next_if(|run| run.end <= time).is_some() {}
                runs.peek().map_or(0.0, |run| ((time - run.start).max(0.0) * 1000.0).floor())
            };
            let uptimes: Vec<f64> = (0..4).map(&mut uptime).collect();
            columns.highest.push(uptimes.iter().copied().fold(f64::NAN, f64::max));
            columns.lowest.push(uptimes.iter().copied().fold(f64::NAN, f64::min));
            columns.sum.push(uptimes.iter().sum());
        }
        columns
    }

    fn error((up, down): (f64, f64), phase: f64, seed: u64) -> f64 {
        let runs = runs((up, down), seed);
        let end = HOURS * 3600.0;
        let ran: f64 = runs.iter().map(|run| (run.end.min(end) - run.start).max(0.0)).sum();
        let known: Vec<f64> =
            shares(&minutes(&runs, phase), 60_000.0).into_iter().filter(|share| !share.is_nan()).collect();
        known.iter().sum::<f64>() / known.len() as f64 - ran / end
    }

    proptest! {
        /// Half a day of runs and pauses of any length. Many of the short ones fall between two samples, so that they
        /// leave more to chance.
        #[test]
        fn runs_and_minutes_that_alternate_are_told_without_bias(
            up in 2.0_f64..500.0,
            down in 5.0_f64..200.0,
            phase in 0.0_f64..15.0,
            seed in any::<u64>(),
        ) {
            prop_assume!(up + down > 15.0);
            let found = error((up, down), phase, seed);
            let tolerance = if up + down < 45.0 { 0.12 } else { 0.03 };
            prop_assert!(found.abs() < tolerance, "up {} s, down {} s: {}", up, down, found);
        }
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        check(&[None, None], &[None, None]);
        check(&[None, Some((10.0, 40.0)), Some((55.0, 100.0))], &[None, Some(0.67), Some(1.0)]);
    }
}
