//! The recorded log: every event of the job, as the service would have stored it.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::ops::Range;
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::world::LogEvent;

#[derive(Deserialize)]
struct Row {
    timestamp: i64,
    message: String,
}

/// Events, oldest first.
#[derive(Debug, Default)]
pub struct Log(Vec<LogEvent>);

impl Log {
    /// Reads `log_events.ndjson.gz`, if it is there. Its records name the application by the ARN that it was recorded
    /// with; here they name it by `arn`.
    pub fn read(dir: &Path, arn: &str) -> Result<Self, String> {
        let path = dir.join("log_events.ndjson.gz");
        if !path.exists() {
            return Ok(Self::default());
        }
        let say = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = File::open(&path).map_err(|error| say(&error))?;
        let mut events = Vec::new();
        for line in BufReader::new(GzDecoder::new(file)).lines() {
            let line = line.map_err(|error| say(&error))?;
            let row: Row = serde_json::from_str(&line).map_err(|error| say(&error))?;
            events.push(LogEvent { timestamp: row.timestamp, message: with_arn(&row.message, arn) });
        }
        events.sort_by_key(|event| event.timestamp);
        Ok(Self(events))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn events(&self, time: Range<i64>) -> Vec<LogEvent> {
        let place = |time: i64| self.0.partition_point(|event| event.timestamp < time);
        self.0.get(place(time.start)..place(time.end)).unwrap_or_default().to_vec()
    }
}

fn with_arn(message: &str, arn: &str) -> String {
    const FIELD: &str = "\"applicationARN\":\"";
    let Some((before, rest)) = message.split_once(FIELD) else { return message.to_owned() };
    let after = rest.split_once('"').map_or("", |(_, after)| after);
    format!("{before}{FIELD}{arn}\"{after}")
}
