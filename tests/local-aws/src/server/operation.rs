//! The operations that this server knows, and how AWS names them in targets, paths and policies.

use super::error::ServiceError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    CloudWatch,
    KinesisAnalytics,
    Sts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    GetMetricData,
    GetMetricStatistics,
    ListMetrics,
    ListApplications,
    DescribeApplication,
    ListTagsForResource,
    GetCallerIdentity,
    AssumeRole,
}

const ALL: [Operation; 8] = [
    Operation::GetMetricData,
    Operation::GetMetricStatistics,
    Operation::ListMetrics,
    Operation::ListApplications,
    Operation::DescribeApplication,
    Operation::ListTagsForResource,
    Operation::GetCallerIdentity,
    Operation::AssumeRole,
];

impl Operation {
    pub fn parse(service: Service, name: &str) -> Result<Self, ServiceError> {
        ALL.into_iter()
            .find(|operation| operation.service() == service && operation.name() == name)
            .ok_or_else(|| ServiceError::unknown_operation(name))
    }

    pub fn service(self) -> Service {
        match self {
            Self::GetMetricData | Self::GetMetricStatistics | Self::ListMetrics => Service::CloudWatch,
            Self::ListApplications | Self::DescribeApplication | Self::ListTagsForResource => Service::KinesisAnalytics,
            Self::GetCallerIdentity | Self::AssumeRole => Service::Sts,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::GetMetricData => "GetMetricData",
            Self::GetMetricStatistics => "GetMetricStatistics",
            Self::ListMetrics => "ListMetrics",
            Self::ListApplications => "ListApplications",
            Self::DescribeApplication => "DescribeApplication",
            Self::ListTagsForResource => "ListTagsForResource",
            Self::GetCallerIdentity => "GetCallerIdentity",
            Self::AssumeRole => "AssumeRole",
        }
    }

    /// As in a policy; the prefix of the second version of Kinesis Analytics has no `v2`.
    pub fn action(self) -> String {
        let prefix = match self.service() {
            Service::CloudWatch => "cloudwatch",
            Service::KinesisAnalytics => "kinesisanalytics",
            Service::Sts => "sts",
        };
        format!("{prefix}:{}", self.name())
    }
}
