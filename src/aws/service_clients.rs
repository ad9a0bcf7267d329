//! The SDK's clients of one region, each with its endpoint and its time.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudwatch::config::retry::RetryPartition;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::place::Region;
use crate::settings::Endpoints;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Of Kinesis Analytics, which answers within a second: CloudWatch alone can answer most panels, and needs the rest of
/// the time.
const KINESIS_ANALYTICS_TIMEOUT: Duration = Duration::from_secs(6);
const KINESIS_ANALYTICS_SHARE: f64 = 0.4;

/// The services of one region.
#[derive(Debug)]
pub(super) struct ServiceClients {
    pub(super) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(super) kinesis_analytics: aws_sdk_kinesisanalyticsv2::Client,
    pub(super) logs: aws_sdk_cloudwatchlogs::Client,
    pub(super) sts: aws_sdk_sts::Client,
}

/// Half of the request's time goes to one try at most, so that a connection that hangs leaves time for a second one.
pub(super) fn timeouts(request: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(operation)
        .operation_attempt_timeout(request / 2)
        .build()
}

impl ServiceClients {
    /// With what all regions share.
    pub(super) fn new(shared: &SdkConfig, region: &Region, endpoints: &Endpoints, request_timeout: Duration) -> Self {
        let region_name = aws_types::region::Region::new(region.to_string());
        let config = shared.to_builder().region(region_name).build();
        let partition = |service: &str| RetryPartition::custom(format!("{service} {region}")).build();
        let mut cloudwatch =
            aws_sdk_cloudwatch::config::Builder::from(&config).retry_partition(partition("cloudwatch"));
        let short = KINESIS_ANALYTICS_TIMEOUT.min(request_timeout.mul_f64(KINESIS_ANALYTICS_SHARE));
        let mut kinesis_analytics = aws_sdk_kinesisanalyticsv2::config::Builder::from(&config)
            .retry_partition(partition("kinesisanalytics"))
            .timeout_config(timeouts(request_timeout, short));
        let mut logs = aws_sdk_cloudwatchlogs::config::Builder::from(&config).retry_partition(partition("logs"));
        let mut sts = aws_sdk_sts::config::Builder::from(&config).retry_partition(partition("sts"));
        if let Some(endpoint) = &endpoints.cloudwatch {
            cloudwatch = cloudwatch.endpoint_url(endpoint.as_str());
        }
        if let Some(endpoint) = &endpoints.kinesis_analytics {
            kinesis_analytics = kinesis_analytics.endpoint_url(endpoint.as_str());
        }
        if let Some(endpoint) = &endpoints.logs {
            logs = logs.endpoint_url(endpoint.as_str());
        }
        if let Some(endpoint) = &endpoints.sts {
            sts = sts.endpoint_url(endpoint.as_str());
        }
        Self {
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch.build()),
            kinesis_analytics: aws_sdk_kinesisanalyticsv2::Client::from_conf(kinesis_analytics.build()),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(logs.build()),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
        }
    }
}
