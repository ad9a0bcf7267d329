//! A world that a test can compute by hand: two subtasks, four samples a minute each.

use std::sync::Arc;

use serde_json::json;

use crate::world::{Application, Minute, Series, SeriesEntry, World};

/// A full minute, and a multiple of 3600.
pub const NOW: i64 = 1_764_000_000;
pub const REGION: &str = "eu-west-1";
pub const SAMPLES_PER_MINUTE: i64 = 8;

/// `rate` of tasks `a` and `b`, `watermark` of task `a` with a sentinel in every tenth minute, `rate` of a linked
/// account's application, and `old`, silent for five hours. Everything else does not exist.
#[derive(Debug)]
pub struct TestWorld {
    entries: Arc<Vec<SeriesEntry>>,
}

pub fn series(metric: &str, application: &str, task: &str) -> Series {
    Series {
        metric: metric.into(),
        dimensions: vec![("Application".into(), application.into()), ("Task".into(), task.into())],
    }
}

impl TestWorld {
    pub fn new() -> Self {
        let entry =
            |series, account: &str, age| SeriesEntry { series, last_minute: NOW - age, account: account.into() };
        let mut entries = vec![
            entry(series("rate", "orders", "a"), "111111111111", 0),
            entry(series("rate", "orders", "b"), "111111111111", 0),
            entry(series("watermark", "orders", "a"), "111111111111", 0),
            entry(series("rate", "linked", "a"), "222222222222", 0),
            entry(series("old", "orders", "a"), "111111111111", 5 * 3600),
        ];
        entries
            .extend((0..600).map(|number| entry(series("many", "orders", &format!("t{number}")), "111111111111", 0)));
        Self { entries: Arc::new(entries) }
    }
}

/// The value of one sample of `rate`.
pub fn sample(minute: i64, number: i64) -> f64 {
    ((minute / 60) % 10 * 10 + number) as f64
}

impl World for TestWorld {
    fn series(&self, region: &str, _now: i64) -> Arc<Vec<SeriesEntry>> {
        if region == REGION { Arc::clone(&self.entries) } else { Arc::default() }
    }

    fn minute(&self, region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        Minute::of_samples(&self.samples(region, series, minute, now))
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        let entry = self.entries.iter().find(|entry| entry.series == *series);
        let has_data = region == REGION && entry.is_some_and(|entry| minute <= entry.last_minute && minute < now);
        if !has_data {
            return Vec::new();
        }
        if &*series.metric == "watermark" && (minute / 60) % 10 == 0 {
            return vec![-1.0, 5.0];
        }
        (0..SAMPLES_PER_MINUTE).map(|number| sample(minute, number)).collect()
    }

    fn applications(&self, region: &str, _now: i64) -> Vec<Application> {
        if region != REGION {
            return Vec::new();
        }
        vec![Application {
            name: "orders".to_owned(),
            status: "RUNNING".to_owned(),
            runtime: "FLINK-1_20".to_owned(),
            mode: "STREAMING".to_owned(),
            version: 1,
            detail: json!({"ApplicationName": "orders", "ApplicationARN": "arn:aws:x:orders"}),
            job_plan: None,
            tags: Vec::new(),
        }]
    }
}
