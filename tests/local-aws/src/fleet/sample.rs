//! The samples of a series in one minute: every subtask, TaskManager or JobManager reports at its own times.

use super::clock::{Clock, JobSnapshot, Window, reporter};
use super::job::Job;
use super::noise;
use super::spec::{Gauge, Lane, Spec, TaskGauge};
use super::timeline::Phase;
use super::{job_gauges, task_gauges, task_manager_gauges};

/// Calls `take` with each sample of the minute.
pub fn visit(job: &Job, spec: &Spec, window: Window, take: &mut impl FnMut(f64)) {
    let clock = Clock::new(job, window);
    let source = Source { job, clock: &clock, window };
    match spec.gauge {
        Gauge::Task(gauge) => source.visit_tasks(gauge, &spec.lanes, take),
        Gauge::Job(gauge) => {
            for (time, snapshot) in source.job_reports(4) {
                take(job_gauges::value(job, gauge, &snapshot, time));
            }
        }
        Gauge::TaskManager(gauge, only) => {
            for task_manager in 0..job.most_task_managers() {
                if only.is_some_and(|only| only != task_manager) {
                    continue;
                }
                for (time, snapshot) in source.task_manager_reports(task_manager, gauge.samples_a_minute()) {
                    take(task_manager_gauges::value(
                        gauge,
                        &task_manager_gauges::Reading::new(&source, task_manager, &snapshot, time),
                    ));
                }
            }
        }
        Gauge::Kpus if window.minute % 3600 == 0 => {
            // Billed also while a deployment replaces the job, but not once the application is stopped.
            for time in window.reports(job.seed, 1).filter(|time| *time < job.timeline.end(window.now)) {
                take(f64::from(job.kpus(&clock.at(time).moment)));
            }
        }
        Gauge::Kpus => {}
        Gauge::Level { mean, swing } => {
            for (time, _) in source.job_reports(1) {
                let load = source.arrivals(time) / job.load.mean_per_second;
                let wobble = 0.05 * noise::wander(job.seed, time, 120.0);
                take(mean * (1.0 + swing * (load - 1.0) + swing * wobble));
            }
        }
    }
}

/// Where samples of one job and minute come from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub job: &'a Job,
    pub clock: &'a Clock<'a>,
    pub window: Window,
}

impl Source<'_> {
    /// Events per second that arrived in the 60 s before `time`.
    pub fn arrivals(&self, time: f64) -> f64 {
        (self.job.load.events_until(time) - self.job.load.events_until(time - 60.0)) / 60.0
    }

    fn job_reports(&self, samples_a_minute: u32) -> impl Iterator<Item = (f64, JobSnapshot)> {
        self.window
            .reports(self.job.seed, samples_a_minute)
            .map(|time| (time, self.clock.at(time)))
            .filter(|(_, snapshot)| snapshot.moment.phase != Phase::Stopped)
    }

    fn task_manager_reports(
        &self,
        task_manager: u32,
        samples_a_minute: u32,
    ) -> impl Iterator<Item = (f64, JobSnapshot)> {
        self.window
            .reports(reporter(self.job, task_manager), samples_a_minute)
            .map(|time| (time, self.clock.at(time)))
            .filter(move |(_, snapshot)| {
                snapshot.moment.phase != Phase::Stopped && task_manager < snapshot.task_managers
            })
    }

    fn visit_tasks(&self, gauge: TaskGauge, lanes: &[Lane], take: &mut impl FnMut(f64)) {
        for task_manager in 0..self.job.most_task_managers() {
            for (time, snapshot) in self.task_manager_reports(task_manager, 4) {
                if snapshot.moment.phase != Phase::Running {
                    continue;
                }
                let reading = task_gauges::Reading::new(self, &snapshot, time);
                for lane in lanes {
                    let bursts = (lane.flow.burst > 0).then(|| reading.of_bursts(self, lane.flow.burst));
                    visit_lane(gauge, lane, task_manager as usize, bursts.as_ref().unwrap_or(&reading), take);
                }
            }
        }
    }
}

/// The subtasks of a lane that run on one TaskManager: they are dealt to the TaskManagers in turn.
fn visit_lane(
    gauge: TaskGauge,
    lane: &Lane,
    task_manager: usize,
    reading: &task_gauges::Reading<'_>,
    take: &mut impl FnMut(f64),
) {
    let task = &reading.job.tasks[lane.task];
    let shares = task.shares[reading.snapshot.scale].as_slice();
    let mut subtask = task_manager;
    // Not `step_by`, which divides at each start: this is the innermost loop of every answer.
    while let Some(share) = shares.get(subtask) {
        if lane.subtask.is_none_or(|only| only as usize == subtask) {
            let place = task_gauges::Place { task, subtask, subtasks: shares.len(), share: *share };
            take(task_gauges::value(gauge, lane.flow, &place, reading));
        }
        subtask += reading.snapshot.task_managers as usize;
    }
}
