//! What really happened, for tests: exact differences of counters, restarts, checkpoints, lag.
//!
//! A range of time is asked as of its end: for the stopped application the end decides which day it was stopped on.

use std::ops::Range;

use super::checkpoints::{Attempt, Counts};
use super::job::{Flow, Job, Task};
use super::timeline::{Moment, Phase};
use super::{Fleet, HOME_REGION};

/// Which records of a task are counted. A source's `In` is what it read, a sink's `Out` what it sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

impl Fleet {
    /// Records of a task in a time range (epoch seconds), over restarts and deployments. `task` is Flink's
    /// name or the
    /// dimension's value. 0 for a task that does not exist.
    #[must_use]
    pub fn true_records(&self, application: &str, task: &str, direction: Direction, time: Range<i64>) -> f64 {
        let Some(job) = self.job(application) else { return 0.0 };
        let Some(index) = job.tasks.iter().position(|found| found.name == task || found.dimension.as_ref() == task)
        else {
            return 0.0;
        };
        let flow = match direction {
            Direction::In => job.tasks[index].records_in,
            Direction::Out => job.tasks[index].records_out,
        };
        records(job, index, flow, time)
    }

    /// Restarts between two times, deployments not counted.
    #[must_use]
    pub fn true_restarts(&self, application: &str, time: Range<i64>) -> i64 {
        let Some(job) = self.job(application) else { return 0 };
        let lives = lives(job, time);
        lives.iter().map(|(start, end)| end.restarts - start.restarts).sum()
    }

    /// Checkpoints that ended between two times.
    #[must_use]
    pub fn true_checkpoints(&self, application: &str, time: Range<i64>) -> Counts {
        let mut sum = Counts { completed: 0, failed: 0 };
        let Some(job) = self.job(application) else { return sum };
        for (start, end) in lives(job, time) {
            let counts = |life: &Life| job.checkpoints.counts(life.moment.job_start, life.restarts, life.time);
            let (before, after) = (counts(&start), counts(&end));
            sum.completed += after.completed - before.completed;
            sum.failed += after.failed - before.failed;
        }
        sum
    }

    /// The checkpoint attempts that were triggered between two times, oldest first. Attempts of a job that
    /// never completes any are
    /// not among them.
    #[must_use]
    pub fn checkpoints(&self, application: &str, time: Range<i64>) -> Vec<Attempt> {
        let Some(job) = self.job(application) else { return Vec::new() };
        let mut attempts = Vec::new();
        for (start, end) in lives(job, time) {
            let triggered = |life: &Life| job.checkpoints.triggered(life.moment.job_start, life.time);
            let numbers = triggered(&start)..triggered(&end);
            attempts.extend(numbers.map(|index| job.checkpoints.attempt(start.moment.job_start, index)));
        }
        attempts
    }

    /// When the tasks of an application went down between two times, and when they ran again; oldest first.
    #[must_use]
    pub fn restarts(&self, application: &str, time: Range<i64>) -> Vec<(f64, f64)> {
        let Some(job) = self.job(application) else { return Vec::new() };
        let mut restarts = Vec::new();
        let (from, to) = (time.start, time.end);
        let mut time = newest(job, to);
        while time > from as f64 {
            let moment = job.timeline.moment(time, to);
            if moment.restarts > 0 && moment.outage > from as f64 {
                restarts.push((moment.outage, moment.run_start));
            }
            time = moment.outage - 1.0;
        }
        restarts.reverse();
        restarts
    }

    /// Seconds between now and the event that the job has read last; both lag and watermark follow from
    /// it. 0 where there is no such job.
    #[must_use]
    pub fn true_lag(&self, application: &str, time: i64) -> f64 {
        let Some(job) = self.job(application) else { return 0.0 };
        let moment = job.timeline.moment(time as f64, time);
        time as f64 - job.timeline.position(&moment, time as f64)
    }

    /// The `Task` values of the tasks that read from outside.
    #[must_use]
    pub fn source_tasks(&self, application: &str) -> Vec<String> {
        self.tasks_where(application, |task| task.is_source)
    }

    /// The `Task` values of the tasks whose records no other task takes.
    #[must_use]
    pub fn sink_tasks(&self, application: &str) -> Vec<String> {
        self.tasks_where(application, |task| task.is_sink)
    }

    fn tasks_where(&self, application: &str, wanted: fn(&Task) -> bool) -> Vec<String> {
        let tasks = self.job(application).map_or(&[][..], |job| job.tasks.as_slice());
        tasks.iter().filter(|task| wanted(task)).map(|task| task.dimension.to_string()).collect()
    }

    /// The application of that name, the home region's first.
    pub(super) fn job(&self, application: &str) -> Option<&Job> {
        let named = || self.jobs.iter().filter(|job| job.story.name == application);
        named().find(|job| job.story.region == HOME_REGION).or_else(|| named().next())
    }
}

/// A job at a time.
struct Life {
    moment: Moment,
    time: f64,
    restarts: i64,
}

/// The newest time until `to` at which there was a job, or could have been.
fn newest(job: &Job, to: i64) -> f64 {
    (to as f64).min(job.timeline.end(to) - 0.001)
}

/// For each job that ran between two times: its first and its last state there.
fn lives(job: &Job, time: Range<i64>) -> Vec<(Life, Life)> {
    let mut lives = Vec::new();
    let (from, to) = (time.start, time.end);
    let mut time = newest(job, to);
    while time >= from as f64 {
        let end = job.timeline.moment(time, to);
        if time >= end.job_start && end.phase != Phase::Stopped {
            let start_time = end.job_start.max(from as f64);
            let start = job.timeline.moment(start_time, to);
            let life = |moment: Moment, time| Life { moment, time, restarts: moment.restarts };
            lives.push((life(start, start_time), life(end, time)));
        }
        // Just before the deployment of this job; the times of deployments are whole seconds.
        time = job.timeline.deploy_time(end.deploy) as f64 - 0.001;
    }
    lives.reverse();
    lives
}

fn records(job: &Job, task: usize, flow: Flow, time: Range<i64>) -> f64 {
    let (from, to) = (time.start, time.end);
    let mut sum = 0.0;
    let mut time = newest(job, to);
    while time > from as f64 {
        let moment = job.timeline.moment(time, to);
        if moment.phase == Phase::Running {
            let shares = &job.tasks[task].shares[job.scale(&moment)];
            let total = |time: f64| -> f64 {
                let seen = if flow.burst == 0 { time } else { (time / flow.burst as f64).floor() * flow.burst as f64 };
                let events = job.events(&moment, seen);
                shares.iter().map(|share| Job::count(flow, *share, events)).sum()
            };
            sum += total(time) - total(moment.run_start.max(from as f64));
        }
        time = moment.outage - 0.001;
    }
    sum
}
