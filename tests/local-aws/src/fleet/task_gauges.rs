//! What a subtask reports: counters, Flink's rates, the split of its time, watermarks, and the lag of its consumer.

use super::clock::JobSnapshot;
use super::job::{Flow, Job, Role, Task};
use super::noise;
use super::sample::Source;
use super::spec::TaskGauge;
use super::story::{CheckpointPlan, JobFault};

/// Flink's watermark before the first one: the smallest 64-bit integer.
pub const NO_WATERMARK: f64 = i64::MIN as f64;

/// Seconds after a start in which connectors and watermarks have nothing to report yet.
const SILENCE: f64 = 20.0;

/// What all subtasks of a job have in common at one time.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub job: &'a Job,
    pub snapshot: JobSnapshot,
    time: f64,
    /// Events read since the start of the tasks: now and 60 s ago.
    events: f64,
    events_before: f64,
    /// Events read per second in the last 60 s, as a part of the mean load.
    load: f64,
}

/// A subtask and its part of the task's records.
pub struct Place<'a> {
    pub task: &'a Task,
    pub subtask: usize,
    pub subtasks: usize,
    pub share: f64,
}

impl<'a> Reading<'a> {
    pub fn new(source: &Source<'a>, snapshot: &JobSnapshot, time: f64) -> Self {
        let events = source.clock.events(snapshot, time);
        let events_before = source.clock.events(snapshot, time - 60.0);
        let load = (events - events_before) / 60.0 / source.job.load.mean_per_second;
        Self { job: source.job, snapshot: *snapshot, time, events, events_before, load }
    }

    /// Behind a window records come only when one ends.
    pub fn of_bursts(&self, source: &Source<'a>, seconds: i64) -> Self {
        let step = seconds as f64;
        let until = |time: f64| source.clock.events(&self.snapshot, (time / step).floor() * step);
        Self { events: until(self.time), events_before: until(self.time - 60.0), ..*self }
    }

    fn is_silent(&self) -> bool {
        self.time - self.snapshot.moment.run_start < SILENCE || self.events <= 0.0
    }

    fn position(&self) -> f64 {
        self.job.timeline.position(&self.snapshot.moment, self.time)
    }
}

#[inline]
pub fn value(gauge: TaskGauge, flow: Flow, place: &Place<'_>, reading: &Reading<'_>) -> f64 {
    let count = |events| Job::count(flow, place.share, events);
    match gauge {
        TaskGauge::Count => count(reading.events),
        // Flink's meter: what came in the last 60 s by 60, also where the task is younger.
        TaskGauge::Rate => (count(reading.events) - count(reading.events_before)) / 60.0,
        TaskGauge::Busy => split_of_time(place, reading).busy,
        TaskGauge::BackPressured => split_of_time(place, reading).back_pressured,
        TaskGauge::Idle => {
            let split = split_of_time(place, reading);
            1000.0 - split.busy - split.back_pressured
        }
        TaskGauge::InputWatermark | TaskGauge::OutputWatermark => watermark(place, reading),
        TaskGauge::MillisBehindLatest => millis_behind_latest(place, reading),
        TaskGauge::RecordsLag => records_lag(place, reading),
        TaskGauge::BytesRate => (count(reading.events) - count(reading.events_before)) / 60.0 * 412.0,
        TaskGauge::CurrentOffset => offset(flow, place, reading, 0.0),
        TaskGauge::CommittedOffset => {
            let CheckpointPlan { interval, .. } = reading.job.story.checkpoints;
            offset(flow, place, reading, (reading.time - reading.snapshot.moment.job_start) % interval as f64)
        }
        TaskGauge::CommitsSucceeded => {
            let moment = &reading.snapshot.moment;
            let counts = |time| reading.job.checkpoints.counts(moment.job_start, moment.restarts, time).completed;
            (counts(reading.time) - counts(moment.run_start)) as f64
        }
        TaskGauge::CommitsFailed => 0.0,
    }
}

struct Split {
    busy: f64,
    back_pressured: f64,
}

/// How a subtask spent the last 60 s, in ms per s; the rest it was idle.
fn split_of_time(place: &Place<'_>, reading: &Reading<'_>) -> Split {
    let task = place.task;
    let noise = noise::unit(task.seed ^ place.subtask as u64, reading.time as i64);
    let usual_subtasks = task.shares[0].len() as f64;
    let cost = task.busy * usual_subtasks * place.share;
    let working = (cost * reading.load * (0.98 + 0.04 * noise)).clamp(0.0, 1000.0).round();
    let warm = ((reading.time - reading.snapshot.moment.run_start) / 60.0).clamp(0.0, 1.0);
    match task.role {
        Role::Healthy => Split { busy: working, back_pressured: (3.0 * noise).floor().min(1000.0 - working) },
        Role::Bottleneck => {
            Split { busy: (1000.0 * warm - (4.0 * noise).floor()).max(0.0).round(), back_pressured: 0.0 }
        }
        Role::BackPressured => {
            let waiting = (1000.0 - working) * warm * (0.95 + 0.04 * noise);
            Split { busy: working, back_pressured: waiting.round() }
        }
        Role::Spinning => Split { busy: 1000.0, back_pressured: 0.0 },
    }
}

fn watermark(place: &Place<'_>, reading: &Reading<'_>) -> f64 {
    match reading.job.story.event_time {
        Some(lag) if !reading.is_silent() => {
            let spread = 1.5 * noise::unit(place.task.seed, place.subtask as i64);
            let stalled = if let JobFault::StalledSubtask(seconds) = reading.job.story.fault
                && place.subtask == 0
            {
                seconds as f64
            } else {
                0.0
            };
            ((reading.position() - lag - spread - stalled) * 1000.0).floor()
        }
        _ => NO_WATERMARK,
    }
}

fn millis_behind_latest(place: &Place<'_>, reading: &Reading<'_>) -> f64 {
    if reading.time - reading.snapshot.moment.run_start < SILENCE {
        return -1.0;
    }
    let behind = (reading.time - reading.position()) * 1000.0;
    let fetching = noise::unit(place.task.seed ^ place.subtask as u64, reading.time as i64);
    (behind + (fetching - 0.7).max(0.0) * 900.0).floor()
}

/// The lag of a subtask's worst partition: what has arrived and is not read, with what is just being fetched.
fn records_lag(place: &Place<'_>, reading: &Reading<'_>) -> f64 {
    let fetching = 0.5 * noise::unit(place.task.seed ^ place.subtask as u64, reading.time as i64);
    let load = &reading.job.load;
    let waiting = load.events_until(reading.time) - load.events_until(reading.position() - fetching);
    (waiting * place.share * place.task.records_in.per_event).floor()
}

/// Records of the subtask's partition before the position, counted from a fixed day.
fn offset(flow: Flow, place: &Place<'_>, reading: &Reading<'_>, seconds_ago: f64) -> f64 {
    const FIRST_DAY: f64 = 1_700_000_000.0;
    let load = &reading.job.load;
    let events = load.events_until(reading.position() - seconds_ago) - load.events_until(FIRST_DAY);
    Job::count(flow, 1.0 / place.subtasks as f64, events.max(0.0))
}
