//! Checkpoints of a job: when they were triggered, how they ended, how large they were.
//!
//! Triggers come at fixed distances from the start of the job, so that the number of an attempt gives its time and
//! the time the number of attempts.

use super::noise;

#[derive(Debug, Clone)]
pub struct Checkpoints {
    pub seed: u64,
    /// Seconds between triggers.
    pub interval: i64,
    pub mean_seconds: f64,
    pub mean_bytes: f64,
    pub health: Health,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Good,
    /// Every four hours an hour in which attempts take about as long as the timeout allows.
    Episodes,
    /// No attempt outlives the tasks: each restart fails one.
    Hopeless,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Completed,
    Expired,
    Declined,
}

/// One attempt. Times are epoch seconds.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// The checkpoint's id in its job, from 1.
    pub id: i64,
    pub triggered: f64,
    pub ended: f64,
    pub outcome: Outcome,
    pub bytes: f64,
}

/// Ended attempts of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub completed: i64,
    pub failed: i64,
}

/// The time after which an attempt expires, as the service sets it.
pub const TIMEOUT: i64 = 600;

const CYCLE: i64 = 14_400;
/// In an episode the next attempt waits for the end of the one before: a timeout and the rest of a minute.
const SLOW: i64 = 660;
const EPISODE: [(Outcome, f64); 6] = [
    (Outcome::Completed, 547.0),
    (Outcome::Expired, TIMEOUT as f64),
    (Outcome::Expired, TIMEOUT as f64),
    (Outcome::Declined, 34.0),
    (Outcome::Completed, 583.0),
    (Outcome::Expired, TIMEOUT as f64),
];
const GOOD_SECONDS: i64 = CYCLE - SLOW * EPISODE.len() as i64;

impl Checkpoints {
    /// The attempt with number `index` (from 0) of the job that began at `job_start`.
    pub fn attempt(&self, job_start: f64, index: i64) -> Attempt {
        let jitter = noise::unit(self.seed ^ job_start.to_bits(), index);
        let good = (Outcome::Completed, self.mean_seconds * (0.8 + 0.4 * jitter));
        let (since, (outcome, seconds)) = match self.health {
            Health::Good | Health::Hopeless => (index * self.interval, good),
            Health::Episodes => {
                let in_good = GOOD_SECONDS / self.interval;
                let (cycle, place) = (index.div_euclid(in_good + 6), index.rem_euclid(in_good + 6));
                let slow = usize::try_from(place - in_good).ok();
                match slow {
                    None => (cycle * CYCLE + place * self.interval, good),
                    Some(slow) => (cycle * CYCLE + GOOD_SECONDS + (place - in_good) * SLOW, EPISODE[slow]),
                }
            }
        };
        let triggered = job_start + (since + self.interval) as f64;
        let bytes = self.mean_bytes * (0.85 + 0.3 * jitter);
        Attempt { id: index + 1, triggered, ended: triggered + seconds, outcome, bytes }
    }

    /// How many attempts were triggered until `time`.
    pub fn triggered(&self, job_start: f64, time: f64) -> i64 {
        let since = (time - job_start).floor() as i64 - self.interval;
        if since < 0 {
            return 0;
        }
        match self.health {
            Health::Hopeless => 0,
            Health::Good => since / self.interval + 1,
            Health::Episodes => {
                let in_good = GOOD_SECONDS / self.interval;
                let (cycle, place) = (since / CYCLE, since % CYCLE);
                let started = if place < GOOD_SECONDS {
                    place / self.interval + 1
                } else {
                    in_good + (place - GOOD_SECONDS) / SLOW + 1
                };
                cycle * (in_good + 6) + started
            }
        }
    }

    /// Attempts of this job that have ended at `time`; `restarts` is how often it was restarted by then.
    pub fn counts(&self, job_start: f64, restarts: i64, time: f64) -> Counts {
        if self.health == Health::Hopeless {
            return Counts { completed: 0, failed: restarts };
        }
        let triggered = self.triggered(job_start, time);
        let ended = if triggered > 0 && self.attempt(job_start, triggered - 1).ended > time {
            triggered - 1
        } else {
            triggered
        };
        let failed = match self.health {
            Health::Good | Health::Hopeless => 0,
            Health::Episodes => {
                let in_good = GOOD_SECONDS / self.interval;
                let (cycle, place) = (ended / (in_good + 6), ended % (in_good + 6));
                let slow = usize::try_from(place - in_good).unwrap_or(0);
                let failures = |attempts: &[(Outcome, f64)]| {
                    attempts.iter().filter(|(outcome, _)| *outcome != Outcome::Completed).count() as i64
                };
                cycle * failures(&EPISODE) + failures(&EPISODE[..slow])
            }
        };
        Counts { completed: ended - failed, failed }
    }

    /// The newest completed attempt at `time`.
    pub fn last_completed(&self, job_start: f64, time: f64) -> Option<Attempt> {
        let triggered = self.triggered(job_start, time);
        // At most three attempts in a row fail, and one may be in progress.
        (0..triggered)
            .rev()
            .take(5)
            .map(|index| self.attempt(job_start, index))
            .find(|attempt| attempt.outcome == Outcome::Completed && attempt.ended <= time)
    }
}
