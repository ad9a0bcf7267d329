//! When samples are taken, and what a job's life looked like at that time.

use super::job::Job;
use super::noise;
use super::timeline::{Moment, Phase};

/// A minute, of which only the time before `now` has happened.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub minute: i64,
    pub now: i64,
}

impl Window {
    /// The times at which a reporter samples this minute. Every reporter has its own offset into the
    /// quarter of a minute; about once an
    /// hour a reporter is late and the minute lacks the last of its four samples.
    pub fn reports(self, reporter: u64, samples_a_minute: u32) -> impl Iterator<Item = f64> {
        let step = 60.0 / f64::from(samples_a_minute);
        let offset = self.minute as f64 + noise::unit(reporter, 0) * step;
        let late = samples_a_minute == 4 && noise::mix(reporter, self.minute).is_multiple_of(53);
        let count = if late { 3 } else { samples_a_minute };
        (0..count).map(move |index| offset + f64::from(index) * step).take_while(move |time| *time < self.now as f64)
    }
}

/// The reporter of a TaskManager; the JobManager's is the job's seed itself.
pub fn reporter(job: &Job, task_manager: u32) -> u64 {
    job.seed.wrapping_add(u64::from(task_manager) + 1).rotate_left(17)
}

/// The moments of a job around one minute.
pub struct Clock<'a> {
    job: &'a Job,
    now: i64,
    /// The one moment that holds from a minute before the window to its end, if nothing changes there.
    /// Rates look back 60 s.
    steady: Option<JobSnapshot>,
}

/// A moment and the events that the job had read when its tasks began.
#[derive(Debug, Clone, Copy)]
pub struct JobSnapshot {
    pub moment: Moment,
    pub task_managers: u32,
    /// Which of the job's two parallelisms it has.
    pub scale: usize,
    /// Events since the epoch at the start of the tasks.
    base: f64,
}

impl<'a> Clock<'a> {
    pub fn new(job: &'a Job, window: Window) -> Self {
        let mut clock = Self { job, now: window.now, steady: None };
        let last = clock.at((window.minute + 60) as f64);
        let moment = &last.moment;
        let unchanged = moment.phase == Phase::Running && moment.settled <= (window.minute - 61) as f64;
        clock.steady = unchanged.then_some(last);
        clock
    }

    pub fn at(&self, time: f64) -> JobSnapshot {
        if let Some(snapshot) = self.steady {
            return snapshot;
        }
        let moment = self.job.timeline.moment(time, self.now);
        let start = self.job.timeline.position_at_run_start(&moment);
        JobSnapshot {
            moment,
            task_managers: self.job.task_managers(&moment),
            scale: self.job.scale(&moment),
            base: self.job.load.events_until(start),
        }
    }

    /// Events that the tasks have read from their start until `time`.
    pub fn events(&self, snapshot: &JobSnapshot, time: f64) -> f64 {
        if time <= snapshot.moment.run_start {
            return 0.0;
        }
        self.job.load.events_until(self.job.timeline.position(&snapshot.moment, time)) - snapshot.base
    }
}
