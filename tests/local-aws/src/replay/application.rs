//! The recorded application as `kinesisanalyticsv2` would describe it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::recording::Recording;
use super::{ACCOUNT, LOG_STREAM, REGION};
use crate::world::Application;

/// The version that the log records of the recording carry.
const VERSION: i64 = 7;

pub fn read(dir: &Path, recording: &Recording) -> Result<Application, String> {
    let plan = read_json(&dir.join("rest/steady/job_plan.json"))?;
    let checkpoints = read_json(&dir.join("rest/steady/checkpoints_config.json"))?;
    let name = recording.application.clone();
    let runtime = runtime_of(dir)?;
    Ok(Application {
        detail: describe(recording, &runtime, checkpoints.as_ref()),
        name,
        status: "RUNNING".to_owned(),
        runtime,
        mode: "STREAMING".to_owned(),
        version: VERSION,
        job_plan: plan.and_then(|answer| answer.get("plan").map(Value::to_string)),
        tags: vec![("env".to_owned(), "recording".to_owned())],
    })
}

pub fn arn(recording: &Recording) -> String {
    format!("arn:aws:kinesisanalytics:{REGION}:{ACCOUNT}:application/{}", recording.application)
}

pub fn log_group(recording: &Recording) -> String {
    format!("/aws/kinesis-analytics/{}", recording.application)
}

/// `flink-1.20` is `FLINK-1_20`.
fn runtime_of(dir: &Path) -> Result<String, String> {
    let full = dir.canonicalize().map_err(|error| format!("{}: {error}", dir.display()))?;
    let folder = full.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let version = folder.strip_prefix("flink-").ok_or_else(|| {
        format!("{}: the folder of a recording is named after its runtime, such as flink-1.20", dir.display())
    })?;
    Ok(format!("FLINK-{}", version.replace('.', "_")))
}

/// `None` where the file is not there.
fn read_json(path: &Path) -> Result<Option<Value>, String> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_json::from_str(&text).map(Some).map_err(|error| format!("{}: {error}", path.display()))
}

fn describe(recording: &Recording, runtime: &str, checkpoints: Option<&Value>) -> Value {
    let name = &recording.application;
    let parallelism = recording.subtasks_of_a_task();
    let setting = |key: &str, default: i64| {
        checkpoints.and_then(|config| config.get(key)).and_then(Value::as_i64).unwrap_or(default)
    };
    let log_group = log_group(recording);
    let log_stream = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{log_group}:log-stream:{LOG_STREAM}");
    json!({
        "ApplicationARN": arn(recording),
        "ApplicationName": name,
        "ApplicationDescription": "Replay of a recorded job",
        "RuntimeEnvironment": runtime,
        "ServiceExecutionRole": format!("arn:aws:iam::{ACCOUNT}:role/{name}-flink"),
        "ApplicationStatus": "RUNNING",
        "ApplicationVersionId": VERSION,
        "ApplicationMode": "STREAMING",
        "CreateTimestamp": recording.start - 86_400,
        "LastUpdateTimestamp": recording.start,
        "ApplicationConfigurationDescription": {
            "FlinkApplicationConfigurationDescription": {
                "CheckpointConfigurationDescription": {
                    "ConfigurationType": "CUSTOM",
                    "CheckpointingEnabled": true,
                    "CheckpointInterval": setting("interval", 60_000),
                    "MinPauseBetweenCheckpoints": setting("min_pause", 5_000),
                },
                "MonitoringConfigurationDescription": {
                    "ConfigurationType": "CUSTOM",
                    "MetricsLevel": if recording.has_subtasks { "PARALLELISM" } else { "OPERATOR" },
                    "LogLevel": "INFO",
                },
                "ParallelismConfigurationDescription": {
                    "ConfigurationType": "CUSTOM",
                    "Parallelism": parallelism,
                    "ParallelismPerKPU": 2,
                    "CurrentParallelism": parallelism,
                    "AutoScalingEnabled": false,
                },
            },
            "ApplicationSnapshotConfigurationDescription": { "SnapshotsEnabled": true },
        },
        "CloudWatchLoggingOptionDescriptions": [
            { "CloudWatchLoggingOptionId": "1.1", "LogStreamARN": log_stream },
        ],
    })
}
