//! Kinesis Analytics DescribeApplication, with the job plan.
//!
//! Where a part of the configuration says DEFAULT the service may leave its values out; its documented defaults are
//! filled in here, so that nobody else needs to know them. Environment properties may hold secrets and are never read.

use aws_sdk_kinesisanalyticsv2::Client;
use aws_sdk_kinesisanalyticsv2::operation::describe_application::{DescribeApplication, DescribeApplicationError};
use aws_sdk_kinesisanalyticsv2::types::{
    ApplicationDetail, CheckpointConfigurationDescription, ConfigurationType, FlinkApplicationConfigurationDescription,
    MetricsLevel as Level, MonitoringConfigurationDescription, ParallelismConfigurationDescription,
};
use aws_smithy_types::DateTime;

use super::call::{Gate, send};
use super::promised::{OF_APPLICATION, Promised, missing_in_json};
use crate::catalog::level::MetricsLevel;
use crate::catalog::runtime::Runtime;
use crate::failure::{CallError, CallErrorKind};
use crate::model::application::{ApplicationStatus, Checkpointing, Description, Parallelism};
use crate::place::ApplicationName;

pub const OPERATION: &str = "kinesisanalytics:DescribeApplication";

/// What an answer lacks.
fn missing(body: &[u8]) -> Option<String> {
    missing_in_json(body, "ApplicationDetail", OF_APPLICATION)
}

/// CheckpointConfiguration's defaults, by the API reference.
const DEFAULT_CHECKPOINTING: Checkpointing = Checkpointing { enabled: true, interval_ms: 60_000, min_pause_ms: 5_000 };

/// Describes one application of the identity's own account.
pub(super) async fn describe_application(
    client: &Client,
    gate: &Gate<'_>,
    name: &ApplicationName,
) -> Result<Description, CallError> {
    let request = client.describe_application().application_name(name.as_str()).include_additional_details(true);
    let request = request.customize().interceptor(gate.attempts::<DescribeApplicationError>());
    let request = request.interceptor(Promised::<DescribeApplication>::new(missing));
    let output = send(gate, request.send()).await?;
    let failed = |words: &str| gate.error(CallErrorKind::ServiceFailure, words);
    let described =
        output.application_detail().map(description).ok_or_else(|| failed("it has no ApplicationDetail"))?;
    if described.name != *name {
        return Err(failed(&format!("it describes another application, \"{}\"", described.name)));
    }
    Ok(described)
}

fn description(detail: &ApplicationDetail) -> Description {
    let flink = detail
        .application_configuration_description()
        .and_then(|configuration| configuration.flink_application_configuration_description());
    let log_streams =
        detail.cloud_watch_logging_option_descriptions().iter().map(|option| option.log_stream_arn().to_owned());
    Description {
        name: ApplicationName::from(detail.application_name()),
        arn: detail.application_arn().to_owned(),
        status: ApplicationStatus::parse(detail.application_status().as_str()),
        runtime: Runtime::parse(detail.runtime_environment().as_str()),
        version: detail.application_version_id(),
        created_ms: detail.create_timestamp().and_then(milliseconds),
        updated_ms: detail.last_update_timestamp().and_then(milliseconds),
        parallelism: flink.and_then(|flink| flink.parallelism_configuration_description()).map(parallelism),
        checkpointing: flink.and_then(|flink| flink.checkpoint_configuration_description()).map(checkpointing),
        metrics_level: flink
            .and_then(FlinkApplicationConfigurationDescription::monitoring_configuration_description)
            .and_then(metrics_level),
        log_streams: log_streams.collect(),
        log_level: flink
            .and_then(FlinkApplicationConfigurationDescription::monitoring_configuration_description)
            .and_then(|monitoring| monitoring.log_level())
            .map(|level| level.as_str().to_owned()),
        job_plan: flink.and_then(|flink| flink.job_plan_description()).map(str::to_owned),
    }
}

fn milliseconds(time: &DateTime) -> Option<i64> {
    time.to_millis().ok()
}

/// By the API reference a missing value is 1, without autoscaling; the job starts with what is configured.
fn parallelism(described: &ParallelismConfigurationDescription) -> Parallelism {
    let configured = described.parallelism().unwrap_or(1);
    Parallelism {
        configured,
        current: described.current_parallelism().unwrap_or(configured),
        per_kpu: described.parallelism_per_kpu().unwrap_or(1),
        autoscaling: described.auto_scaling_enabled().unwrap_or(false),
    }
}

fn checkpointing(described: &CheckpointConfigurationDescription) -> Checkpointing {
    let default = DEFAULT_CHECKPOINTING;
    if described.configuration_type() == Some(&ConfigurationType::Default) {
        return default;
    }
    Checkpointing {
        enabled: described.checkpointing_enabled().unwrap_or(default.enabled),
        interval_ms: described.checkpoint_interval().unwrap_or(default.interval_ms),
        min_pause_ms: described.min_pause_between_checkpoints().unwrap_or(default.min_pause_ms),
    }
}

/// The level as described; APPLICATION where the service leaves it out. None for a level that this version does not
/// know.
fn metrics_level(described: &MonitoringConfigurationDescription) -> Option<MetricsLevel> {
    match described.metrics_level() {
        None | Some(Level::Application) => Some(MetricsLevel::Application),
        Some(Level::Task) => Some(MetricsLevel::Task),
        Some(Level::Operator) => Some(MetricsLevel::Operator),
        Some(Level::Parallelism) => Some(MetricsLevel::Parallelism),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_kinesisanalyticsv2::types::{ApplicationConfigurationDescription, CloudWatchLoggingOptionDescription};

    use super::*;

    fn detail(flink: Option<FlinkApplicationConfigurationDescription>) -> ApplicationDetail {
        let configuration =
            ApplicationConfigurationDescription::builder().set_flink_application_configuration_description(flink);
        let logging = CloudWatchLoggingOptionDescription::builder()
            .log_stream_arn("arn:aws:logs:eu-west-1:123456789012:log-group:/flink/orders:log-stream:main")
            .build()
            .unwrap();
        ApplicationDetail::builder()
            .application_arn("arn:aws:kinesisanalytics:eu-west-1:123456789012:application/orders")
            .application_name("orders")
            .runtime_environment("FLINK-1_20".into())
            .application_status("RUNNING".into())
            .application_version_id(12)
            .create_timestamp(DateTime::from_millis(1_700_000_000_123))
            .application_configuration_description(configuration.build())
            .cloud_watch_logging_option_descriptions(logging)
            .build()
            .unwrap()
    }

    #[test]
    fn a_flink_application_is_read_field_by_field() {
        let flink = FlinkApplicationConfigurationDescription::builder()
            .parallelism_configuration_description(
                ParallelismConfigurationDescription::builder()
                    .parallelism(8)
                    .current_parallelism(6)
                    .parallelism_per_kpu(2)
                    .auto_scaling_enabled(true)
                    .build(),
            )
            .checkpoint_configuration_description(
                CheckpointConfigurationDescription::builder()
                    .configuration_type(ConfigurationType::Custom)
                    .checkpointing_enabled(true)
                    .checkpoint_interval(30_000)
                    .build(),
            )
            .monitoring_configuration_description(
                MonitoringConfigurationDescription::builder().metrics_level(Level::Operator).build(),
            )
            .job_plan_description("{}")
            .build();
        let read = description(&detail(Some(flink)));
        assert_eq!(read.name, ApplicationName::from("orders"));
        assert_eq!(read.runtime, Runtime::Flink(1, 20));
        assert_eq!((read.status, read.version), (ApplicationStatus::Running, 12));
        assert_eq!((read.created_ms, read.updated_ms), (Some(1_700_000_000_123), None));
        let parallelism = Parallelism { configured: 8, current: 6, per_kpu: 2, autoscaling: true };
        assert_eq!(read.parallelism, Some(parallelism));
        let checkpointing = Checkpointing { enabled: true, interval_ms: 30_000, min_pause_ms: 5_000 };
        assert_eq!(read.checkpointing, Some(checkpointing));
        assert_eq!(read.metrics_level, Some(MetricsLevel::Operator));
        assert_eq!(read.log_streams.len(), 1);
        assert_eq!(read.job_plan.as_deref(), Some("{}"));
    }

    #[test]
    fn defaults_are_filled_in_where_the_configuration_says_default() {
        let flink = FlinkApplicationConfigurationDescription::builder()
            .checkpoint_configuration_description(
                CheckpointConfigurationDescription::builder().configuration_type(ConfigurationType::Default).build(),
            )
            .monitoring_configuration_description(
                MonitoringConfigurationDescription::builder().configuration_type(ConfigurationType::Default).build(),
            )
            .build();
        let read = description(&detail(Some(flink)));
        assert_eq!(read.checkpointing, Some(DEFAULT_CHECKPOINTING));
        assert_eq!(read.metrics_level, Some(MetricsLevel::Application));
    }

    #[test]
    fn an_application_without_flink_configuration_has_no_flink_facts() {
        let read = description(&detail(None));
        assert_eq!((read.parallelism, read.checkpointing, read.metrics_level), (None, None, None));
    }
}
