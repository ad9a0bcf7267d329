//! The applications as `kinesisanalyticsv2` describes them: `ApplicationDetail` and the job plan.

use serde_json::{Map, Value, json};

use super::job::Job;
use super::story::{JobFault, Kind, Level, OperatorKind, ShipStrategy, Story};
use super::timeline::Phase;
use super::{logs, noise};
use crate::world::Application;

const CREATED: i64 = 1_700_000_000;

pub fn application(job: &Job, now: i64) -> Application {
    let story = &job.story;
    let moment = job.timeline.moment(now as f64, now);
    let ended = story.ended && moment.phase == Phase::Stopped;
    let status = match moment.phase {
        Phase::Running | Phase::Restarting => "RUNNING",
        Phase::Stopped if story.fault == JobFault::Silent => "RUNNING",
        Phase::Stopped if ended => "READY",
        Phase::Stopped if story.scaled_parallelism.is_some() => "AUTOSCALING",
        Phase::Stopped => "UPDATING",
    };
    let deployed = job.timeline.deploy_time(moment.deploy).max(CREATED);
    let version = version(job, moment.deploy);
    Application {
        name: story.name.clone(),
        status: status.to_owned(),
        runtime: story.runtime.to_owned(),
        mode: mode(story.kind).to_owned(),
        version,
        detail: detail(job, Facts { status, version, deployed, parallelism: job.parallelism(&moment) }),
        job_plan: (status == "RUNNING" && story.kind == Kind::Flink).then(|| plan(job, job.scale(&moment))),
        tags: tags(story),
    }
}

fn tags(story: &Story) -> Vec<(String, String)> {
    let usual = [("env", "prod"), ("team", story.team)];
    let tags = story.tags.unwrap_or(&usual);
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// The version of the application that a deployment started.
pub fn version(job: &Job, deploy: i64) -> i64 {
    if job.story.scaled_parallelism.is_some() {
        // Scaling starts the job anew without a new version of the application.
        return 12;
    }
    1 + (job.timeline.deploy_time(deploy).max(CREATED) - CREATED) / job.story.deploys.every
}

pub fn arn(job: &Job) -> String {
    let story = &job.story;
    format!("arn:aws:kinesisanalytics:{}:{}:application/{}", story.region, story.account, story.name)
}

/// What of an application changes with time.
#[derive(Clone, Copy)]
struct Facts<'a> {
    status: &'a str,
    version: i64,
    deployed: i64,
    parallelism: u32,
}

fn mode(kind: Kind) -> &'static str {
    match kind {
        Kind::Flink | Kind::Sql => "STREAMING",
        Kind::Studio => "INTERACTIVE",
    }
}

fn detail(job: &Job, facts: Facts<'_>) -> Value {
    let story = &job.story;
    let (name, region, account) = (&story.name, story.region, story.account);
    let logging_options: Vec<Value> = logs::destination(story)
        .map(|place| json!({ "CloudWatchLoggingOptionId": "1.1", "LogStreamARN": place.arn(region, account) }))
        .into_iter()
        .collect();
    let mut detail = json!({
        "ApplicationARN": arn(job),
        "ApplicationDescription": story.description,
        "ApplicationName": name,
        "RuntimeEnvironment": story.runtime,
        "ServiceExecutionRole": format!("arn:aws:iam::{account}:role/service-role/{name}-flink"),
        "ApplicationStatus": facts.status,
        "ApplicationVersionId": facts.version,
        "ApplicationMode": mode(story.kind),
        "CreateTimestamp": CREATED,
        "LastUpdateTimestamp": facts.deployed,
        "ApplicationVersionCreateTimestamp": facts.deployed,
        "ApplicationVersionUpdatedFrom": (facts.version - 1).max(1),
        "ConditionalToken": format!("{:016x}", noise::mix(job.seed, facts.version)),
        "ApplicationConfigurationDescription": configuration(job, facts),
        "CloudWatchLoggingOptionDescriptions": logging_options,
    });
    if story.kind == Kind::Flink {
        detail["ApplicationMaintenanceConfigurationDescription"] = json!({
            "ApplicationMaintenanceWindowStartTime": "03:00",
            "ApplicationMaintenanceWindowEndTime": "11:00",
        });
    }
    detail
}

fn configuration(job: &Job, facts: Facts<'_>) -> Value {
    match job.story.kind {
        Kind::Flink => flink_configuration(job, facts),
        Kind::Sql => sql_configuration(job),
        Kind::Studio => json!({
            "ZeppelinApplicationConfigurationDescription": {
                "MonitoringConfigurationDescription": { "LogLevel": "INFO" },
                "CatalogConfigurationDescription": {
                    "GlueDataCatalogConfigurationDescription": {
                        "DatabaseARN": format!("arn:aws:glue:{}:{}:database/analytics", job.story.region, job.story.account),
                    },
                },
            },
            "FlinkApplicationConfigurationDescription": { "ParallelismConfigurationDescription": parallelism(job, facts) },
        }),
    }
}

fn flink_configuration(job: &Job, facts: Facts<'_>) -> Value {
    let story = &job.story;
    let streams = story.connectors.iter().enumerate().map(|(index, connector)| {
        let (key, value) = match connector {
            super::story::Connector::Kinesis { stream, .. } => (format!("stream.{index}"), stream),
            super::story::Connector::Kafka { topic, .. } => (format!("topic.{index}"), topic),
        };
        (key, Value::from(value.as_str()))
    });
    let properties: Map<String, Value> =
        streams.chain([("aws.region".to_owned(), Value::from(story.region))]).collect();
    json!({
        "FlinkApplicationConfigurationDescription": {
            "CheckpointConfigurationDescription": {
                "ConfigurationType": "CUSTOM",
                "CheckpointingEnabled": true,
                "CheckpointInterval": story.checkpoints.interval * 1000,
                "MinPauseBetweenCheckpoints": 5000,
            },
            "MonitoringConfigurationDescription": {
                "ConfigurationType": "CUSTOM",
                "MetricsLevel": level_name(story.level),
                "LogLevel": story.log_level.name(),
            },
            "ParallelismConfigurationDescription": parallelism(job, facts),
        },
        "ApplicationCodeConfigurationDescription": {
            "CodeContentType": "ZIPFILE",
            "CodeContentDescription": {
                "CodeMD5": format!("{:016x}{:016x}", noise::mix(job.seed, 1), noise::mix(job.seed, 2)),
                "CodeSize": 48_000_000 + noise::mix(job.seed, 3) % 20_000_000,
                "S3ApplicationCodeLocationDescription": {
                    "BucketARN": "arn:aws:s3:::shop-flink-artifacts",
                    "FileKey": format!("{}/{}-{}.jar", story.team, story.name, facts.version),
                },
            },
        },
        "RunConfigurationDescription": {
            "ApplicationRestoreConfigurationDescription": { "ApplicationRestoreType": "RESTORE_FROM_LATEST_SNAPSHOT" },
            "FlinkRunConfigurationDescription": { "AllowNonRestoredState": false },
        },
        "ApplicationSnapshotConfigurationDescription": { "SnapshotsEnabled": true },
        "ApplicationSystemRollbackConfigurationDescription": { "RollbackEnabled": true },
        "EnvironmentPropertyDescriptions": {
            "PropertyGroupDescriptions": [{ "PropertyGroupId": "job", "PropertyMap": properties }],
        },
        "VpcConfigurationDescriptions": [],
    })
}

fn parallelism(job: &Job, facts: Facts<'_>) -> Value {
    json!({
        "ConfigurationType": "CUSTOM",
        "Parallelism": job.story.parallelism,
        "ParallelismPerKPU": job.story.per_kpu,
        "CurrentParallelism": facts.parallelism,
        "AutoScalingEnabled": job.story.scaled_parallelism.is_some(),
    })
}

fn sql_configuration(job: &Job) -> Value {
    let stream = |name: &str| format!("arn:aws:kinesis:{}:{}:stream/{name}", job.story.region, job.story.account);
    json!({
        "SqlApplicationConfigurationDescription": {
            "InputDescriptions": [{
                "InputId": "1.1",
                "NamePrefix": "SOURCE_SQL_STREAM",
                "InAppStreamNames": ["SOURCE_SQL_STREAM_001"],
                "KinesisStreamsInputDescription": { "ResourceARN": stream("orders-stream") },
            }],
            "OutputDescriptions": [{
                "OutputId": "2.1",
                "Name": "DESTINATION_SQL_STREAM",
                "KinesisStreamsOutputDescription": { "ResourceARN": stream("order-alerts") },
            }],
        },
    })
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::Application => "APPLICATION",
        Level::Task => "TASK",
        Level::Operator => "OPERATOR",
        Level::Parallelism => "PARALLELISM",
    }
}

/// The plan as Flink writes it: sinks first, sources without `inputs`, chained operators drawn as a tree in HTML.
fn plan(job: &Job, scale: usize) -> String {
    let nodes: Vec<Value> = (0..job.tasks.len()).rev().map(|index| node(job, index, scale)).collect();
    let id = format!("{:016x}{:016x}", job.seed, noise::mix(job.seed, 0));
    json!({ "jid": id, "name": job.story.name, "type": "STREAMING", "nodes": nodes }).to_string()
}

fn node(job: &Job, index: usize, scale: usize) -> Value {
    let plan = &job.story.tasks[index];
    let mut node = json!({
        "id": node_id(job, index),
        "parallelism": job.tasks[index].shares[scale].len(),
        "operator": "",
        "operator_strategy": "",
        "description": node_description(job, index),
        "optimizer_properties": {},
    });
    if !plan.inputs.is_empty() {
        let inputs = plan.inputs.iter().enumerate().map(|(number, (input, strategy))| {
            json!({
                "num": number,
                "id": node_id(job, *input),
                "ship_strategy": ship_strategy_name(*strategy),
                "exchange": "pipelined_bounded",
            })
        });
        node["inputs"] = inputs.collect();
    }
    node
}

pub fn node_id(job: &Job, index: usize) -> String {
    let seed = job.tasks[index].seed;
    format!("{seed:016x}{:016x}", noise::mix(seed, index as i64))
}

/// A window is described by what it does, not by its name; every other operator by its name.
fn node_description(job: &Job, index: usize) -> String {
    let lines = job.story.tasks[index].operators.iter().enumerate().map(|(depth, operator)| {
        let line = match operator.kind {
            OperatorKind::Window(seconds) => {
                format!(
                    "Window(TumblingEventTimeWindows({}), EventTimeTrigger, Aggregate, PassThroughWindowFunction)",
                    seconds * 1000
                )
            }
            OperatorKind::Source | OperatorKind::Plain | OperatorKind::Writer | OperatorKind::Committer => {
                escape(&operator.name)
            }
        };
        let branch = if depth == 0 { String::new() } else { format!("{}+- ", "   ".repeat(depth - 1)) };
        format!("{branch}{line}<br/>")
    });
    lines.collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn ship_strategy_name(strategy: ShipStrategy) -> &'static str {
    match strategy {
        ShipStrategy::Forward => "FORWARD",
        ShipStrategy::Hash => "HASH",
        ShipStrategy::Rebalance => "REBALANCE",
    }
}
