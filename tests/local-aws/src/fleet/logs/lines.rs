//! Lines become records as the service writes them: a JSON object, its fields in the service's order.

use std::ops::Range;

use serde::Serialize;

use super::super::describe;
use super::super::job::Job;
use super::super::story::LogLevel;
use crate::world::LogEvent;

/// Where in Flink's code a line is written, and how loud.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub level: LogLevel,
    pub logger: &'static str,
    pub location: &'static str,
}

impl Origin {
    pub const fn info(logger: &'static str, location: &'static str) -> Self {
        Self { level: LogLevel::Info, logger, location }
    }

    pub const fn warn(logger: &'static str, location: &'static str) -> Self {
        Self { level: LogLevel::Warn, logger, location }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    location_information: &'a str,
    logger: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    throwable_information: Option<&'a str>,
    thread_name: &'a str,
    #[serde(rename = "applicationARN")]
    application_arn: &'a str,
    application_version_id: &'a str,
    message_schema_version: &'a str,
    message_type: &'a str,
}

/// The lines of one job within a range of time. Lines outside it, and those below the level of the log, cost nothing.
#[derive(Debug)]
pub struct Lines {
    time: Range<i64>,
    level: LogLevel,
    arn: String,
    version: String,
    events: Vec<LogEvent>,
}

/// Who says something: the origin, the thread, and the exception if there is one.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub origin: &'a Origin,
    pub thread: &'a str,
    pub throwable: Option<&'a str>,
}

impl<'a> By<'a> {
    pub fn new(origin: &'a Origin, thread: &'a str) -> Self {
        Self { origin, thread, throwable: None }
    }

    pub fn throwing(self, throwable: &'a str) -> Self {
        Self { throwable: Some(throwable), ..self }
    }
}

impl Lines {
    pub fn new(job: &Job, time: Range<i64>) -> Self {
        Self { time, level: job.story.log_level, arn: describe::arn(job), version: String::new(), events: Vec::new() }
    }

    /// Lines from here on are of a deployment.
    pub fn of_deployment(&mut self, job: &Job, deploy: i64) {
        self.version = describe::version(job, deploy).to_string();
    }

    pub fn is_empty_range(&self) -> bool {
        self.time.is_empty()
    }

    pub fn start_seconds(&self) -> f64 {
        self.time.start as f64 / 1000.0
    }

    pub fn end_seconds(&self) -> f64 {
        self.time.end as f64 / 1000.0
    }

    /// Whether a line of any level would be taken at a time.
    pub fn wants(&self, at: i64) -> bool {
        self.time.contains(&at)
    }

    /// Whether any line between two times would be taken.
    pub fn wants_any(&self, from: i64, to: i64) -> bool {
        from < self.time.end && to >= self.time.start
    }

    /// The message is made only where the line is taken. `at` is in epoch milliseconds.
    pub fn add(&mut self, at: i64, by: By<'_>, message: impl FnOnce() -> String) {
        if !self.wants(at) || by.origin.level < self.level {
            return;
        }
        let record = Record {
            location_information: by.origin.location,
            logger: by.origin.logger,
            message: &message(),
            throwable_information: by.throwable,
            thread_name: by.thread,
            application_arn: &self.arn,
            application_version_id: &self.version,
            message_schema_version: "1",
            message_type: by.origin.level.name(),
        };
        let message = serde_json::to_string(&record).expect("a record of texts always serialises");
        self.events.push(LogEvent { timestamp: at, message });
    }

    /// A record that the service itself writes, whatever the level of the log.
    pub fn add_record(&mut self, at: i64, message: impl FnOnce(&str) -> String) {
        if self.wants(at) {
            let message = message(&self.arn);
            self.events.push(LogEvent { timestamp: at, message });
        }
    }

    pub fn finish(mut self) -> Vec<LogEvent> {
        self.events.sort_by_key(|event| event.timestamp);
        self.events
    }
}

/// Epoch milliseconds.
pub fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}
