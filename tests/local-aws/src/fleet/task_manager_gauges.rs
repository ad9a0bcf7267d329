//! What a TaskManager reports: CPU, memory, threads, garbage collection, file descriptors.

use super::clock::{JobSnapshot, reporter};
use super::job::{Job, Role};
use super::job_gauges::LEAK_SECONDS;
use super::noise;
use super::sample::Source;
use super::spec::TaskManagerGauge;
use super::story::JobFault;

const MANAGED_BYTES: f64 = 1_610_612_736.0;

pub struct Reading<'a> {
    job: &'a Job,
    time: f64,
    seed: u64,
    /// Seconds since the process started.
    age: f64,
    subtasks: f64,
    /// Per cent of one CPU: its own part and that of the records.
    cpu: f64,
}

impl<'a> Reading<'a> {
    pub fn new(source: &Source<'a>, task_manager: u32, snapshot: &JobSnapshot, time: f64) -> Self {
        let job = source.job;
        let read = source.clock.events(snapshot, time) - source.clock.events(snapshot, time - 60.0);
        let load = read / 60.0 / job.load.mean_per_second;
        let seed = reporter(job, task_manager);
        let width = f64::from(job.parallelism(&snapshot.moment)) / f64::from(job.story.parallelism);
        let spinning = job.tasks.iter().any(|task| task.role == Role::Spinning);
        let working = if spinning { 1.0 } else { load / width };
        let noise = noise::unit(seed, time as i64) - 0.5;
        let slots = f64::from(job.parallelism(&snapshot.moment)) / f64::from(snapshot.task_managers);
        Self {
            job,
            time,
            seed,
            age: time - snapshot.moment.job_start,
            subtasks: slots * job.tasks.len() as f64,
            cpu: (4.0 + job.story.cpu * working + 4.0 * noise).clamp(1.0, 100.0),
        }
    }
}

impl Reading<'_> {
    fn is_full(&self) -> bool {
        self.job.story.fault == JobFault::OutOfMemory
    }
}

pub fn value(gauge: TaskManagerGauge, reading: &Reading<'_>) -> f64 {
    let slow = noise::wander(reading.seed, reading.time, 900.0);
    match gauge {
        TaskManagerGauge::Cpu => round(reading.cpu),
        TaskManagerGauge::ContainerCpu => round((reading.cpu * 0.92 + 5.0).min(100.0)),
        TaskManagerGauge::ContainerMemory => round(if reading.is_full() { 95.0 } else { 66.0 } + 3.0 * slow),
        TaskManagerGauge::ContainerDisk => round(11.0 + 0.5 * slow + 4.0 * (reading.age / 604_800.0).min(1.0)),
        TaskManagerGauge::Heap => round(heap(reading)),
        TaskManagerGauge::Metaspace => 52.0,
        TaskManagerGauge::ManagedMemoryTotal => MANAGED_BYTES,
        TaskManagerGauge::ManagedMemoryUsed => (MANAGED_BYTES * managed_part(reading)).floor(),
        TaskManagerGauge::ManagedMemoryUtilization => round(100.0 * managed_part(reading)),
        TaskManagerGauge::Threads => ((86.0 + 5.0 * reading.subtasks) * leaked(reading) + 3.0 * slow).round(),
        TaskManagerGauge::OldGenerationCount => old_collections(reading),
        TaskManagerGauge::OldGenerationTime if reading.is_full() => (reading.age * 0.8 * 1000.0).floor(),
        TaskManagerGauge::OldGenerationTime => old_collections(reading) * 41.0,
        TaskManagerGauge::FileDescriptorsOpen => (420.0 + 9.0 * reading.subtasks + 15.0 * slow).round(),
        TaskManagerGauge::FileDescriptorsMax => 65_536.0,
    }
}

/// Rises until the young generation is collected.
fn heap(reading: &Reading<'_>) -> f64 {
    let seconds_between = 40.0 + 50.0 * noise::unit(reading.seed, 7);
    let rising = (reading.age / seconds_between).fract();
    if reading.is_full() {
        return 95.0 + 4.0 * rising;
    }
    34.0 + 0.25 * reading.job.story.cpu + 22.0 * rising
}

/// Threads in threads at the start.
fn leaked(reading: &Reading<'_>) -> f64 {
    if reading.job.story.fault == JobFault::Leaking { 1.0 + reading.age / LEAK_SECONDS } else { 1.0 }
}

/// State fills its memory within half an hour of a start.
fn managed_part(reading: &Reading<'_>) -> f64 {
    0.22 + 0.48 * (reading.age / 1800.0).clamp(0.0, 1.0)
}

fn old_collections(reading: &Reading<'_>) -> f64 {
    let seconds_between = 2400.0 - 15.0 * reading.job.story.cpu;
    (reading.age / seconds_between).floor()
}

fn round(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}
