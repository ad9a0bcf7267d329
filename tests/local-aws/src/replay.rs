//! A world that was recorded: the folded minutes of a real Flink job, read from gzipped CSV.
//!
//! The recording holds minutes, not the samples behind them. [`World::samples`] therefore makes samples that
//! fold back to the same minute; their percentiles are plausible, not measured.

mod application;
mod log;
mod recording;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::world::{Application, LogEvent, LogGroup, LogStream, Minute, Series, SeriesEntry, World};
use log::Log;
use recording::Recording;

/// The region and the account in which a recording is shown.
pub const REGION: &str = "eu-west-1";
pub const ACCOUNT: &str = "111111111111";

/// The log stream of a recorded application; its group is the console's.
const LOG_STREAM: &str = "kinesis-analytics-log-stream";

/// One recorded application.
#[derive(Debug)]
pub struct Replay {
    recording: Recording,
    application: Application,
    log: Log,
}

impl Replay {
    /// Reads `cloudwatch_1m.csv.gz` and, where they are, `cloudwatch_1m_parallelism.csv.gz`, `log_events.ndjson.gz`,
    /// `rest/steady/job_plan.json` and `rest/steady/checkpoints_config.json`. The runtime comes from the folder's name
    /// (`flink-1.20` is `FLINK-1_20`).
    ///
    /// # Errors
    /// The file that cannot be read and why.
    pub fn open(dir: &Path) -> Result<Self, String> {
        let recording = Recording::read(dir)?;
        let application = application::read(dir, &recording)?;
        let log = Log::read(dir, &application::arn(&recording))?;
        Ok(Self { recording, application, log })
    }

    /// The end of the recording: the start of the minute after the last.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.recording.end
    }
}

impl World for Replay {
    fn series(&self, region: &str, now: i64) -> Arc<Vec<SeriesEntry>> {
        if region != REGION {
            return Arc::default();
        }
        let entries = self.recording.series.iter().filter_map(|series| {
            let last_minute = self.recording.last_minute_before(series, now)?;
            Some(SeriesEntry { series: series.clone(), last_minute, account: ACCOUNT.into() })
        });
        Arc::new(entries.collect())
    }

    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        if region != REGION || minute >= now {
            return None;
        }
        let whole = self.recording.minute(series, minute)?;
        if minute + 60 <= now { Some(whole) } else { Minute::of_samples(&self.samples(region, series, minute, now)) }
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        if region != REGION || minute >= now {
            return Vec::new();
        }
        let mut samples = self.recording.minute(series, minute).map(unfold).unwrap_or_default();
        let elapsed = (now - minute).clamp(0, 60) as usize;
        // Samples are taken to come evenly over the minute.
        let arrived = (samples.len() * elapsed).div_ceil(60);
        samples.truncate(arrived);
        samples
    }

    fn applications(&self, region: &str, _now: i64) -> Vec<Application> {
        if region == REGION { vec![self.application.clone()] } else { Vec::new() }
    }

    fn log_groups(&self, region: &str, _now: i64) -> Vec<LogGroup> {
        if region != REGION || self.log.is_empty() {
            return Vec::new();
        }
        vec![LogGroup {
            name: application::log_group(&self.recording),
            account: ACCOUNT.into(),
            created: self.recording.start - 86_400,
            retention_days: 90,
            streams: vec![LOG_STREAM.to_owned()],
        }]
    }

    fn log_events(&self, region: &str, stream: LogStream<'_>, time: Range<i64>, now: i64) -> Vec<LogEvent> {
        let is_known = stream.group == application::log_group(&self.recording) && stream.name == LOG_STREAM;
        if region != REGION || stream.account != ACCOUNT || !is_known {
            return Vec::new();
        }
        self.log.events(time.start..time.end.min(now * 1000))
    }
}

/// Samples with the given count, sum and extremes: the two extremes and the rest at one value between them.
fn unfold(minute: Minute) -> Vec<f64> {
    let count = minute.sample_count as usize;
    match count {
        0 => Vec::new(),
        1 => vec![minute.sum],
        2 => vec![minute.minimum, minute.maximum],
        more => {
            let rest = (minute.sum - minute.minimum - minute.maximum) / (more - 2) as f64;
            // The recorded numbers are rounded, so that the rest may lie a hair outside.
            let rest = rest.clamp(minute.minimum, minute.maximum);
            let mut samples = vec![rest; more];
            samples[0] = minute.minimum;
            samples[more - 1] = minute.maximum;
            samples
        }
    }
}
