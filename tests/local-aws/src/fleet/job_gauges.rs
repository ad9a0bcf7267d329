//! What the JobManager reports: the state of the job and its checkpoints.

use super::checkpoints::Attempt;
use super::clock::JobSnapshot;
use super::job::Job;
use super::noise;
use super::spec::JobGauge;
use super::story::JobFault;
use super::timeline::Phase;

pub fn value(job: &Job, gauge: JobGauge, snapshot: &JobSnapshot, time: f64) -> f64 {
    let moment = &snapshot.moment;
    let millis = |seconds: f64| (seconds * 1000.0).floor();
    let counts = || job.checkpoints.counts(moment.job_start, moment.restarts, time);
    let last = |read: fn(&Attempt) -> f64| {
        let attempt = job.checkpoints.last_completed(moment.job_start, time);
        attempt.map_or(-1.0, |attempt| read(&attempt).floor())
    };
    match gauge {
        JobGauge::Uptime if moment.phase == Phase::Running => millis(time - moment.run_start),
        JobGauge::UptimeSeconds => (time - moment.job_start).floor(),
        JobGauge::RestartingTime if moment.phase == Phase::Restarting => millis(time - moment.outage),
        JobGauge::Uptime | JobGauge::RestartingTime | JobGauge::Zero => 0.0,
        JobGauge::Restarts => moment.restarts as f64,
        JobGauge::CheckpointDuration => last(|attempt| (attempt.ended - attempt.triggered) * 1000.0),
        JobGauge::CheckpointSize => grown(job, time - moment.job_start, last(|attempt| attempt.bytes)),
        JobGauge::CheckpointCompletedAt => last(|attempt| attempt.ended * 1000.0),
        JobGauge::CheckpointsCompleted => counts().completed as f64,
        JobGauge::CheckpointsFailed => counts().failed as f64,
        JobGauge::Heap => 31.0 + 9.0 * noise::unit(job.seed, time as i64),
        JobGauge::Metaspace => 44.0,
        JobGauge::FileDescriptorsOpen => 310.0 + (20.0 * noise::unit(job.seed, time as i64)).floor(),
        JobGauge::FileDescriptorsMax => 65_536.0,
    }
}

/// The size of a checkpoint at an age of the job in seconds. Without a checkpoint yet it stays −1.
fn grown(job: &Job, age: f64, bytes: f64) -> f64 {
    let is_leaking = job.story.fault == JobFault::Leaking && bytes > 0.0;
    if is_leaking { (bytes * (age / LEAK_SECONDS).exp2()).floor() } else { bytes }
}

/// In this time a leaking job doubles its state.
pub(super) const LEAK_SECONDS: f64 = 57_600.0;
