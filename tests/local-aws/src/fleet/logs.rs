//! What the applications write to CloudWatch Logs: Flink's own lines, as the service wraps them.
//!
//! A log is computed like a metric: the lines of a range of time follow from the same timeline, checkpoints and
//! restarts from which the metrics follow, so that both tell one story. Texts, loggers and locations are those of Flink
//! 1.20.

mod background;
mod checkpoint;
mod deployment;
mod failure;
mod lines;
mod restart;
mod service;
mod subtask;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use super::job::Job;
use super::story::{JobFault, Kind, Logging, Story};
use super::timeline::Moment;
use crate::world::{LogEvent, LogGroup};
use lines::Lines;

const CONSOLE_STREAM: &str = "kinesis-analytics-log-stream";
const RETENTION_DAYS: i64 = 90;
const CREATED: i64 = 1_700_000_000;
/// Lines about one event come within this many seconds of it; a checkpoint ends within its timeout.
const SPREAD: f64 = 30.0;

/// A group and a stream in it, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub group: String,
    pub stream: String,
    has_group: bool,
    has_stream: bool,
}

impl Destination {
    pub fn arn(&self, region: &str, account: &str) -> String {
        format!("arn:aws:logs:{region}:{account}:log-group:{}:log-stream:{}", self.group, self.stream)
    }
}

/// Where an application is told to write; `None` without a logging option.
pub fn destination(story: &Story) -> Option<Destination> {
    let own_group = format!("/aws/kinesis-analytics/{}", story.name);
    let (group, stream) = match story.logging {
        Logging::Console | Logging::MissingStream => (own_group, CONSOLE_STREAM),
        Logging::Shared(group) => (group.to_owned(), story.name.as_str()),
        Logging::MissingGroup => (format!("{own_group}-logs"), CONSOLE_STREAM),
        Logging::Off => return None,
    };
    let has_group = story.logging != Logging::MissingGroup;
    let has_stream = has_group && story.logging != Logging::MissingStream;
    Some(Destination { group, stream: stream.to_owned(), has_group, has_stream })
}

/// The groups that some jobs of one region write to, sorted by name and account.
pub fn groups<'a>(jobs: impl Iterator<Item = &'a Job>) -> Vec<LogGroup> {
    let mut groups: BTreeMap<(String, &str), LogGroup> = BTreeMap::new();
    for job in jobs {
        let Some(place) = destination(&job.story).filter(|place| place.has_group) else { continue };
        let key = (place.group.clone(), job.story.account);
        let group = groups.entry(key).or_insert_with(|| LogGroup {
            name: place.group,
            account: job.account.clone(),
            created: CREATED,
            retention_days: RETENTION_DAYS,
            streams: Vec::new(),
        });
        group.streams.extend(Some(place.stream).filter(|_| place.has_stream));
        group.streams.sort();
    }
    groups.into_values().collect()
}

/// Whether a job writes to a stream.
pub fn writes_to(job: &Job, group: &str, stream: &str) -> bool {
    destination(&job.story).is_some_and(|place| place.has_stream && place.group == group && place.stream == stream)
}

/// The lines of a job within `time` (epoch milliseconds) that were written before `now`; oldest first.
pub fn events(job: &Job, time: Range<i64>, now: i64) -> Vec<LogEvent> {
    let mut lines = Lines::new(job, time.start.max(0)..time.end.min(now * 1000));
    if job.story.kind != Kind::Flink || lines.is_empty_range() {
        return Vec::new();
    }
    let span = Span { from: lines.start_seconds(), to: lines.end_seconds(), now };
    for moment in outages(job, span) {
        if moment.restarts == 0 {
            deployment::write(job, &moment, now, &mut lines);
        } else {
            restart::write(job, &moment, &mut lines);
        }
    }
    checkpoint::write(job, span, &mut lines);
    background::write(job, span, &mut lines);
    let end = job.timeline.end(now);
    if end.is_finite() && job.story.fault != JobFault::Silent {
        let last = job.timeline.moment(end - 0.001, now);
        deployment::write_stop(job, &last, end, &mut lines);
        service::write_failed_start(job, last.deploy, end, &mut lines);
    }
    lines.finish()
}

/// The times that are asked, in epoch seconds, as of `now`.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: f64,
    to: f64,
    now: i64,
}

/// The moments just after each restart or deployment whose lines may lie in a span; newest first.
fn outages(job: &Job, span: Span) -> Vec<Moment> {
    let mut outages = Vec::new();
    let mut time = (span.to + SPREAD + restart::ahead(job)).min(job.timeline.end(span.now) - 0.001);
    loop {
        let moment = job.timeline.moment(time, span.now);
        if moment.run_start + SPREAD < span.from {
            return outages;
        }
        time = moment.outage - 0.001;
        outages.push(moment);
    }
}
