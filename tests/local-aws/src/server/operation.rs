//! The operations that this server knows, and how AWS names them in targets, paths and policies.

use super::error::ServiceError;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    CloudWatch,
    KinesisAnalytics,
    Logs,
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
    DescribeLogGroups,
    DescribeLogStreams,
    FilterLogEvents,
    GetLogEvents,
    StartQuery,
    GetQueryResults,
    StopQuery,
    StartLiveTail,
    GetCallerIdentity,
    AssumeRole,
}

const ALL: [Operation; 16] = [
    Operation::GetMetricData,
    Operation::GetMetricStatistics,
    Operation::ListMetrics,
    Operation::ListApplications,
    Operation::DescribeApplication,
    Operation::ListTagsForResource,
    Operation::DescribeLogGroups,
    Operation::DescribeLogStreams,
    Operation::FilterLogEvents,
    Operation::GetLogEvents,
    Operation::StartQuery,
    Operation::GetQueryResults,
    Operation::StopQuery,
    Operation::StartLiveTail,
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
            Self::DescribeLogGroups
            | Self::DescribeLogStreams
            | Self::FilterLogEvents
            | Self::GetLogEvents
            | Self::StartQuery
            | Self::GetQueryResults
            | Self::StopQuery
            | Self::StartLiveTail => Service::Logs,
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
            Self::DescribeLogGroups => "DescribeLogGroups",
            Self::DescribeLogStreams => "DescribeLogStreams",
            Self::FilterLogEvents => "FilterLogEvents",
            Self::GetLogEvents => "GetLogEvents",
            Self::StartQuery => "StartQuery",
            Self::GetQueryResults => "GetQueryResults",
            Self::StopQuery => "StopQuery",
            Self::StartLiveTail => "StartLiveTail",
            Self::GetCallerIdentity => "GetCallerIdentity",
            Self::AssumeRole => "AssumeRole",
        }
    }

    /// As in a policy; the prefix of the second version of Kinesis Analytics has no `v2`.
    pub fn action(self) -> String {
        let prefix = match self.service() {
            Service::CloudWatch => "cloudwatch",
            Service::KinesisAnalytics => "kinesisanalytics",
            Service::Logs => "logs",
            Service::Sts => "sts",
        };
        format!("{prefix}:{}", self.name())
    }
}
