//! The recorded minutes, keyed by series.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::world::{Minute, Series};

#[derive(Debug)]
pub struct Recording {
    /// In the order of the files: application, tasks, operators, subtasks.
    pub series: Vec<Series>,
    minutes: HashMap<Series, BTreeMap<i64, Minute>>,
    pub application: String,
    pub has_subtasks: bool,
    /// The first recorded minute, and the one after the last.
    pub start: i64,
    pub end: i64,
}

#[derive(Deserialize)]
struct Row {
    minute_ms: i64,
    #[serde(rename = "Application")]
    application: String,
    #[serde(rename = "Task")]
    task: String,
    #[serde(rename = "TaskOperator")]
    task_operator: String,
    #[serde(rename = "Parallelism")]
    parallelism: String,
    metric: String,
    #[serde(rename = "SampleCount")]
    sample_count: f64,
    #[serde(rename = "Sum")]
    sum: f64,
    #[serde(rename = "Minimum")]
    minimum: f64,
    #[serde(rename = "Maximum")]
    maximum: f64,
}

impl Recording {
    pub fn read(dir: &Path) -> Result<Self, String> {
        let subtasks = dir.join("cloudwatch_1m_parallelism.csv.gz");
        let mut recording = Self {
            series: Vec::new(),
            minutes: HashMap::new(),
            application: String::new(),
            has_subtasks: subtasks.exists(),
            start: i64::MAX,
            end: i64::MIN,
        };
        recording.add_file(&dir.join("cloudwatch_1m.csv.gz"))?;
        if recording.has_subtasks {
            recording.add_file(&subtasks)?;
        }
        if recording.series.is_empty() {
            return Err(format!("{} holds no minutes", dir.display()));
        }
        Ok(recording)
    }

    pub fn minute(&self, series: &Series, minute: i64) -> Option<Minute> {
        self.minutes.get(series)?.get(&minute).copied()
    }

    pub fn last_minute_before(&self, series: &Series, now: i64) -> Option<i64> {
        let (minute, _) = self.minutes.get(series)?.range(..now).next_back()?;
        Some(*minute)
    }

    /// How many subtasks the widest task had; 1 where subtasks were not recorded.
    pub fn subtasks_of_a_task(&self) -> usize {
        let index = |series: &Series| {
            let (_, value) = series.dimensions.iter().find(|(name, _)| name.as_ref() == "Parallelism")?;
            value.parse::<usize>().ok()
        };
        self.series.iter().filter_map(index).max().map_or(1, |last| last + 1)
    }

    fn add_file(&mut self, path: &Path) -> Result<(), String> {
        let say = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = File::open(path).map_err(|error| say(&error))?;
        let mut rows = csv::Reader::from_reader(GzDecoder::new(file));
        for row in rows.deserialize::<Row>() {
            self.add_row(row.map_err(|error| say(&error))?);
        }
        Ok(())
    }

    fn add_row(&mut self, row: Row) {
        let minute = row.minute_ms / 1000;
        self.start = self.start.min(minute);
        self.end = self.end.max(minute + 60);
        self.application.clone_from(&row.application);
        let dimensions = [
            ("Application", row.application),
            ("Parallelism", row.parallelism),
            ("Task", row.task),
            ("TaskOperator", row.task_operator),
        ];
        let dimensions = dimensions.into_iter().filter(|(_, value)| !value.is_empty());
        let series = Series {
            metric: row.metric.into(),
            dimensions: dimensions.map(|(name, value)| (Arc::from(name), Arc::from(value))).collect(),
        };
        if !self.minutes.contains_key(&series) {
            self.series.push(series.clone());
        }
        let folded =
            Minute { sample_count: row.sample_count, sum: row.sum, minimum: row.minimum, maximum: row.maximum };
        self.minutes.entry(series).or_default().insert(minute, folded);
    }
}
