//! A world of one application that a test tells series by series.

use std::sync::Arc;

use local_aws::world::{Application, Minute, Series, SeriesEntry, World};
use serde_json::json;

/// What a series has in a minute, by the minute's first second, at a moment.
type Values = Arc<dyn Fn(i64, i64) -> Option<Minute> + Send + Sync>;

/// Names and values of dimensions beside `Application`.
pub type Pairs<'a> = &'a [(&'a str, &'a str)];

#[derive(Clone)]
pub struct Made {
    name: &'static str,
    status: &'static str,
    is_deleted: bool,
    job_plan: Option<String>,
    series: Vec<(Series, Values)>,
}

impl Made {
    /// A running application that publishes nothing yet.
    pub fn new(name: &'static str) -> Self {
        Self { name, status: "RUNNING", is_deleted: false, job_plan: None, series: Vec::new() }
    }

    pub fn status(self, status: &'static str) -> Self {
        Self { status, ..self }
    }

    /// CloudWatch still has its series, Kinesis Analytics knows it no more.
    pub fn deleted(self) -> Self {
        Self { is_deleted: true, ..self }
    }

    pub fn job_plan(self, json: &str) -> Self {
        Self { job_plan: Some(json.to_owned()), ..self }
    }

    pub fn with(
        self,
        metric: &str,
        dimensions: Pairs<'_>,
        values: impl Fn(i64) -> Option<Minute> + Send + Sync + 'static,
    ) -> Self {
        self.with_moment(metric, dimensions, move |minute, _| values(minute))
    }

    /// A series of subtasks that each report four times a minute, and whose samples come so many seconds after they
    /// were taken. What a subtask reports is its level, and what is added to it each second since `NOON` of 2026-11-25.
    pub fn late(self, metric: &str, dimensions: Pairs<'_>, subtasks: &[Subtask]) -> Self {
        let subtasks = subtasks.to_vec();
        self.with_moment(metric, dimensions, move |minute, now| {
            let come = |subtask: &Subtask| {
                let Subtask { level, speed, delay } = *subtask;
                let taken = (0..4).map(move |sample| minute + 15 * sample);
                let taken = taken.filter(move |taken| taken + delay <= now);
                taken.map(move |taken| level + speed * (taken - EPOCH) as f64)
            };
            let come: Vec<f64> = subtasks.iter().flat_map(come).collect();
            (!come.is_empty()).then(|| samples(&come))
        })
    }

    fn with_moment(
        mut self,
        metric: &str,
        dimensions: Pairs<'_>,
        values: impl Fn(i64, i64) -> Option<Minute> + Send + Sync + 'static,
    ) -> Self {
        let pairs = dimensions.iter().copied().chain([("Application", self.name)]);
        let mut dimensions: Vec<(Arc<str>, Arc<str>)> =
            pairs.map(|(name, value)| (name.into(), value.into())).collect();
        dimensions.sort();
        self.series.push((Series { metric: metric.into(), dimensions }, Arc::new(values)));
        self
    }

    /// A series that has one value in every minute.
    pub fn constant(self, metric: &str, dimensions: Pairs<'_>, value: f64) -> Self {
        self.with(metric, dimensions, move |_| Some(samples(&[value])))
    }

    /// A rate that each of `subtasks` reports four times a minute.
    pub fn rate(self, metric: &str, dimensions: Pairs<'_>, per_subtask: f64, subtasks: usize) -> Self {
        self.with(metric, dimensions, move |_| Some(samples(&vec![per_subtask; 4 * subtasks])))
    }
}

/// One of the subtasks of a series.
#[derive(Debug, Clone, Copy)]
pub struct Subtask {
    pub level: f64,
    /// Per second.
    pub speed: f64,
    /// Seconds from a sample until it can be asked for.
    pub delay: i64,
}

/// Wednesday, 2026-11-25, 12:00:00 UTC.
const EPOCH: i64 = 1_795_608_000;

/// The fold of some samples.
pub fn samples(values: &[f64]) -> Minute {
    Minute {
        sample_count: values.len() as f64,
        sum: values.iter().sum(),
        minimum: values.iter().copied().fold(f64::INFINITY, f64::min),
        maximum: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    }
}

/// The horizon of ListMetrics.
const TWO_WEEKS: i64 = 14 * 24 * 60;

impl World for Made {
    fn series(&self, _region: &str, now: i64) -> Arc<Vec<SeriesEntry>> {
        let newest = now.div_euclid(60) * 60;
        let entries = self.series.iter().filter_map(|(series, values)| {
            let last_minute =
                (0..TWO_WEEKS).map(|back| newest - back * 60).find(|minute| values(*minute, now).is_some())?;
            Some(SeriesEntry { series: series.clone(), last_minute, account: "111111111111".into() })
        });
        Arc::new(entries.collect())
    }

    fn minute(&self, _region: &str, series: &Series, minute: i64, now: i64) -> Option<Minute> {
        let (_, values) = self.series.iter().find(|(known, _)| known == series)?;
        if minute > now { None } else { values(minute, now) }
    }

    fn samples(&self, region: &str, series: &Series, minute: i64, now: i64) -> Vec<f64> {
        let folded = self.minute(region, series, minute, now);
        folded.map(|minute| vec![minute.sum / minute.sample_count; minute.sample_count as usize]).unwrap_or_default()
    }

    fn applications(&self, region: &str, now: i64) -> Vec<Application> {
        if self.is_deleted {
            return Vec::new();
        }
        let arn = format!("arn:aws:kinesisanalytics:{region}:111111111111:application/{}", self.name);
        let detail = json!({
            "ApplicationARN": arn,
            "ApplicationName": self.name,
            "ApplicationStatus": self.status,
            "ApplicationVersionId": 1,
            "RuntimeEnvironment": "FLINK-1_20",
            "ApplicationMode": "STREAMING",
            "CreateTimestamp": now - 86_400,
            "LastUpdateTimestamp": now - 86_400,
            "ApplicationConfigurationDescription": {
                "FlinkApplicationConfigurationDescription": {
                    "MonitoringConfigurationDescription":
                        { "ConfigurationType": "CUSTOM", "MetricsLevel": "OPERATOR", "LogLevel": "INFO" },
                    "ParallelismConfigurationDescription": {
                        "ConfigurationType": "CUSTOM",
                        "Parallelism": 4,
                        "ParallelismPerKPU": 1,
                        "CurrentParallelism": 4,
                        "AutoScalingEnabled": false,
                    },
                },
            },
        });
        vec![Application {
            name: self.name.to_owned(),
            status: self.status.to_owned(),
            runtime: "FLINK-1_20".to_owned(),
            mode: "STREAMING".to_owned(),
            version: 1,
            detail,
            job_plan: self.job_plan.clone(),
            tags: Vec::new(),
        }]
    }
}
