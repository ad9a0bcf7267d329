//! A line of the log as a record.
//!
//! Two forms are known. Flink's lines have a logger and a thread, and the stack trace in a field of its own. Those that
//! the service writes when an operation fails have an error code, the version as a number, and the trace inside the
//! message. Any other line is shown as it is.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::flink::{self, CheckpointStep, Said};
use super::text::harmless;
use crate::model::log::LogLine;

/// One record.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// CloudWatch's id of the event.
    pub id: String,
    /// Milliseconds since the Unix epoch.
    pub time_ms: i64,
    pub stream: Arc<str>,
    pub level: LogLevel,
    pub message: String,
    /// The stack trace: exceptions with their causes.
    pub throwable: Option<String>,
    pub logger: Option<String>,
    pub thread: Option<String>,
    /// Of the application.
    pub version: Option<String>,
    /// The ARN of the application that wrote it.
    pub application: Option<String>,
    /// Only of records that the service writes.
    pub error_code: Option<String>,
}

/// How severe its writer thinks it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Not a record, or none of the levels of Log4j.
    Unknown,
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// The fields of both forms. A field of another type than expected is text all the same.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    message: Value,
    message_type: Option<Value>,
    logger: Option<Value>,
    thread_name: Option<Value>,
    throwable_information: Option<Value>,
    application_version_id: Option<Value>,
    #[serde(rename = "applicationARN")]
    application_arn: Option<Value>,
    error_code: Option<Value>,
}

impl Record {
    /// Reads a line; what is no record becomes the message of one.
    pub fn read(line: LogLine) -> Self {
        match serde_json::from_str::<Wire>(&line.text) {
            Ok(wire) => Self::of_wire(line, wire),
            Err(_) => Self {
                message: harmless(&line.text).into_owned(),
                level: LogLevel::Unknown,
                throwable: None,
                logger: None,
                thread: None,
                version: None,
                application: None,
                error_code: None,
                id: line.id,
                time_ms: line.time_ms,
                stream: line.stream,
            },
        }
    }

    fn of_wire(line: LogLine, wire: Wire) -> Self {
        let text = |value: Option<Value>| {
            let text = text_of(value?);
            (!text.is_empty()).then(|| harmless(&text).into_owned())
        };
        let message = text(Some(wire.message)).unwrap_or_default();
        let (message, inner) = split_trace(message);
        Self {
            level: text(wire.message_type).map_or(LogLevel::Unknown, |name| LogLevel::parse(&name)),
            throwable: text(wire.throwable_information).or(inner),
            logger: text(wire.logger),
            thread: text(wire.thread_name),
            version: text(wire.application_version_id),
            application: text(wire.application_arn),
            error_code: text(wire.error_code),
            message,
            id: line.id,
            time_ms: line.time_ms,
            stream: line.stream,
        }
    }

    /// How severe it is: Flink tells of failures at INFO and WARN.
    pub fn severity(&self) -> LogLevel {
        let least = match flink::read(&self.message) {
            Some(Said::Task(change)) if change.to == "FAILED" => LogLevel::Error,
            Some(Said::Job { to: "FAILING" | "FAILED", .. } | Said::GlobalFailure) => LogLevel::Error,
            Some(Said::Job { to: "RESTARTING", .. }) => LogLevel::Warn,
            Some(Said::Checkpoint(said)) => match said.what {
                CheckpointStep::Triggered { .. } | CheckpointStep::Completed { .. } => self.level,
                CheckpointStep::Expired | CheckpointStep::Declined { .. } | CheckpointStep::Failed { .. } => {
                    LogLevel::Warn
                }
            },
            Some(Said::Task(_) | Said::Job { .. }) | None => self.level,
        };
        self.level.max(least)
    }

    /// Whether the text stands in the message or in the stack trace.
    pub fn contains(&self, text: &str) -> bool {
        self.message.contains(text) || self.throwable.as_ref().is_some_and(|trace| trace.contains(text))
    }
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => other.to_string(),
    }
}

/// A message that ends in a stack trace, and the trace.
fn split_trace(message: String) -> (String, Option<String>) {
    const FRAME: &str = "\n\tat ";
    let Some(first_frame) = message.find(FRAME) else { return (message, None) };
    // The exception stands in the line before its first frame.
    let trace_start = message[..first_frame].rfind('\n').map_or(0, |end| end + 1);
    let trace = message[trace_start..].to_owned();
    let before = message[..trace_start].trim_end();
    let message = if before.is_empty() { &message[..first_frame] } else { before };
    (message.to_owned(), Some(trace))
}

impl LogLevel {
    fn parse(name: &str) -> Self {
        match name {
            "TRACE" => Self::Trace,
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" => Self::Fatal,
            _ => Self::Unknown,
        }
    }

    /// As Grafana names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warning",
            Self::Error => "error",
            Self::Fatal => "critical",
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn line(text: &str) -> LogLine {
        LogLine { id: "1".to_owned(), time_ms: 1_795_253_063_935, stream: "main".into(), text: text.to_owned() }
    }

    pub fn record(message: &str) -> Record {
        let text = serde_json::json!({"message": message, "messageType": "INFO", "threadName": "main"});
        Record::read(line(&text.to_string()))
    }

    #[test]
    fn a_record_of_flink_has_its_trace_in_a_field() {
        let read = Record::read(line(
            r#"{"locationInformation":"a.B.c(B.java:1)","logger":"a.B","message":"m","throwableInformation":"X: y\n\tat z","threadName":"t",
                "applicationARN":"arn:aws:kinesisanalytics:us-east-1:123456789012:application/orders","applicationVersionId":"7","messageSchemaVersion":"1","messageType":"WARN"}"#,
        ));
        assert_eq!((read.level, read.message.as_str(), read.version.as_deref()), (LogLevel::Warn, "m", Some("7")));
        assert_eq!((read.throwable.as_deref(), read.logger.as_deref()), (Some("X: y\n\tat z"), Some("a.B")));
        assert!(read.contains("y\n\tat"));
    }

    #[test]
    fn a_record_of_the_service_has_a_number_as_version_and_the_trace_in_the_message() {
        let read = Record::read(line(
            r#"{"applicationARN":"arn","applicationVersionId":12,"messageType":"ERROR","errorCode":"CodeError.InvalidApplicationCode",
                "message":"The application failed.\njava.lang.X: no\n\tat a.B.c(B.java:1)\nCaused by: java.lang.Y: why\n\tat d"}"#,
        ));
        assert_eq!((read.version.as_deref(), read.level), (Some("12"), LogLevel::Error));
        assert_eq!(read.message, "The application failed.");
        assert!(read.throwable.unwrap().starts_with("java.lang.X: no\n\tat a.B.c"), "the line before the frames");
        let bare = Record::read(line(r#"{"message":"java.lang.X: no\n\tat a","errorCode":"E","messageType":"ERROR"}"#));
        assert_eq!(
            (bare.message.as_str(), bare.throwable.as_deref()),
            ("java.lang.X: no", Some("java.lang.X: no\n\tat a"))
        );
    }

    #[test]
    fn what_is_no_record_is_shown_as_it_is() {
        for text in ["plain", "{broken", r#"{"other": 1}"#, "[1, 2]", ""] {
            let read = Record::read(line(text));
            assert_eq!((read.message.as_str(), read.level), (text, LogLevel::Unknown));
        }
        let odd = Record::read(line(r#"{"message": {"order": 7}, "messageType": 3, "logger": null}"#));
        assert_eq!((odd.message.as_str(), odd.level, odd.logger), (r#"{"order":7}"#, LogLevel::Unknown, None));
    }
}
