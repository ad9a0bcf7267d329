//! When a job was started, restarted and stopped, and how far it has read.
//!
//! All of it follows from the time alone: deployments come at fixed times, restarts after a hashed delay. A job's
//! *position* is the event time up to which it has read; processed records, lag and watermarks are derived from it.

use super::noise;

/// The life of one job.
#[derive(Debug, Clone)]
pub struct Timeline {
    pub seed: u64,
    pub deploys: Deploys,
    pub restarts: Restarts,
    pub throughput: Throughput,
    /// Seconds between the trigger times of checkpoints; restarts fall between them.
    pub checkpoint_interval: i64,
    /// Whether the job was stopped yesterday and stayed so.
    pub ended: bool,
}

/// A new job replaces the old one at every `every` seconds past `at`, after a gap without any job.
#[derive(Debug, Clone, Copy)]
pub struct Deploys {
    pub every: i64,
    pub at: i64,
    pub gap: i64,
}

#[derive(Debug, Clone, Copy)]
pub enum Restarts {
    Never,
    /// One restart in every `every` seconds of a job's life; `down` seconds without tasks.
    Rare {
        every: i64,
        down: i64,
    },
    /// Tasks run for `up` seconds, read nothing, fail, and wait `down` seconds.
    Loop {
        up: i64,
        down: i64,
    },
}

#[derive(Debug, Clone, Copy)]
pub enum Throughput {
    /// Reads all that arrives and catches up after an outage.
    KeepsUp,
    /// Reads this part of what arrives (as event time per time); a new job begins with the newest event.
    FallsBehind(f64),
    /// Reads all that arrives, so many seconds later.
    Late(i64),
    /// Reads nothing.
    Stuck,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// There is no job: nothing is measured.
    Stopped,
    /// The job is there and its tasks are not.
    Restarting,
    Running,
}

/// What a timeline says about one time. Times are epoch seconds.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub phase: Phase,
    /// Which deployment this is, counted from the epoch.
    pub deploy: i64,
    pub job_start: f64,
    /// Restarts of this job so far.
    pub restarts: i64,
    /// When the last outage began: a restart or, before the first one, the deployment.
    pub outage: f64,
    /// When the tasks began to run, or will.
    pub run_start: f64,
    /// From here on nothing before it matters to the position.
    pub settled: f64,
}

/// How long a caught-up outage takes, in outages.
const CATCH_UP: f64 = 3.0;

impl Timeline {
    /// The end of the last job of an ended application: 18:00 UTC of the day before `now`.
    pub fn end(&self, now: i64) -> f64 {
        if self.ended { (now.div_euclid(86_400) * 86_400 - 6 * 3600) as f64 } else { f64::INFINITY }
    }

    /// No sample is taken after this time.
    pub fn last_possible(&self, now: i64) -> i64 {
        self.end(now).min(now as f64) as i64
    }

    /// When a deployment began.
    pub fn deploy_time(&self, deploy: i64) -> i64 {
        deploy * self.deploys.every + self.deploys.at
    }

    pub fn moment(&self, time: f64, now: i64) -> Moment {
        let deploy = (time.floor() as i64 - self.deploys.at).div_euclid(self.deploys.every);
        let deployed = self.deploy_time(deploy);
        let job_start = deployed + self.deploys.gap;
        let stopped = time < job_start as f64 || time >= self.end(now);
        let (restarts, last) = if stopped { (0, None) } else { self.restarts_until(job_start, time) };
        let outage = last.unwrap_or(deployed) as f64;
        let run_start = last.map_or(job_start, |restart| restart + self.down()) as f64;
        let phase = match (stopped, time < run_start) {
            (true, _) => Phase::Stopped,
            (false, true) => Phase::Restarting,
            (false, false) => Phase::Running,
        };
        let settled = run_start + CATCH_UP * (run_start - outage);
        Moment { phase, deploy, job_start: job_start as f64, restarts, outage, run_start, settled }
    }

    /// The event time up to which the job has read at `time`, which lies in `moment`.
    pub fn position(&self, moment: &Moment, time: f64) -> f64 {
        match self.throughput {
            Throughput::Stuck => moment.job_start,
            Throughput::Late(seconds) => time - seconds as f64,
            Throughput::FallsBehind(part) => moment.job_start + part * (time - moment.job_start).max(0.0),
            Throughput::KeepsUp if time >= moment.settled => time,
            Throughput::KeepsUp => {
                let part = ((time - moment.run_start) / (moment.settled - moment.run_start)).clamp(0.0, 1.0);
                moment.outage + part * (moment.settled - moment.outage)
            }
        }
    }

    /// The position when the tasks of `moment` began to run.
    pub fn position_at_run_start(&self, moment: &Moment) -> f64 {
        self.position(moment, moment.run_start)
    }

    fn down(&self) -> i64 {
        match self.restarts {
            Restarts::Never => 0,
            Restarts::Rare { down, .. } | Restarts::Loop { down, .. } => down,
        }
    }

    /// Restarts of the job that began at `job_start`, and the last of them.
    fn restarts_until(&self, job_start: i64, time: f64) -> (i64, Option<i64>) {
        let life = time - job_start as f64;
        match self.restarts {
            Restarts::Never => (0, None),
            Restarts::Loop { up, down } => {
                let count = ((life + down as f64) / (up + down) as f64).floor() as i64;
                let last = job_start + count * (up + down) - down;
                (count, (count > 0).then_some(last))
            }
            Restarts::Rare { every, .. } => {
                let certain = (life / every as f64).floor() as i64;
                let next = self.rare_restart(job_start, certain + 1, every);
                let count = if time >= next as f64 { certain + 1 } else { certain };
                let last = (count > 0).then(|| self.rare_restart(job_start, count, every));
                (count, last)
            }
        }
    }

    /// The time of the `number`th restart (from 1), in the second half of its period. It comes 8 s after a checkpoint
    /// was triggered, so that none is in progress.
    fn rare_restart(&self, job_start: i64, number: i64, every: i64) -> i64 {
        let wait = noise::unit(self.seed ^ job_start.cast_unsigned(), number) * (every / 2) as f64;
        let since = number * every - every / 2 + wait as i64 - self.checkpoint_interval;
        job_start + since.div_euclid(self.checkpoint_interval) * self.checkpoint_interval + 8
    }
}
