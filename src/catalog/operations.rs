//! The operations of AWS that are called, with the quotas that they count towards and the features that need them: a
//! row each.
//!
//! Budgets, settings, "Save & test" and errors read these tables; tests hold the policies in `provisioning/iam`, the
//! pages of `docs` and the settings page to them.

/// An operation, as AWS lets identities call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// `service:Operation` as IAM policies name it.
    pub action: &'static str,
    pub quota: Quota,
    pub feature: Feature,
}

/// What is missing without the permission. Each has a policy of its name in `provisioning/iam`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    Metrics,
    Applications,
    Tags,
    Logs,
    /// AWS allows it to everyone.
    Identity,
}

/// What calls are counted towards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    GetMetricData,
    ListMetrics,
    KinesisAnalytics,
    FilterLogEvents,
    /// Called once an hour or less.
    Unlimited,
}

/// How much is asked of a quota.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuotaLimits {
    pub quota: Quota,
    /// The setting of a data source with the calls a second in each region.
    pub setting: &'static str,
    /// Unless the setting says otherwise: AWS counts calls per account, and others use it too.
    pub per_second: f64,
    /// The most that the setting takes.
    pub most: f64,
    /// AWS's own; None where it publishes none.
    pub of_aws: Option<u32>,
    /// What an idle budget lets through at once, as seconds of its rate. Together with the rate itself, at most so much
    /// more passes in any second.
    pub burst_seconds: f64,
    /// Calls at a time, where it is fewer than `maxConcurrentCalls`.
    pub at_a_time: Option<usize>,
}

/// In the order in which "Save & test" tells of them.
pub const OPERATIONS: [Operation; 7] = [
    operation("cloudwatch:ListMetrics", Quota::ListMetrics, Feature::Metrics),
    operation("cloudwatch:GetMetricData", Quota::GetMetricData, Feature::Metrics),
    operation("kinesisanalytics:ListApplications", Quota::KinesisAnalytics, Feature::Applications),
    operation("kinesisanalytics:DescribeApplication", Quota::KinesisAnalytics, Feature::Applications),
    operation("kinesisanalytics:ListTagsForResource", Quota::KinesisAnalytics, Feature::Tags),
    operation("logs:FilterLogEvents", Quota::FilterLogEvents, Feature::Logs),
    operation("sts:GetCallerIdentity", Quota::Unlimited, Feature::Identity),
];

/// The quotas of GetMetricData and ListMetrics are CloudWatch's (its page of service quotas). The second can be raised
/// on request, so the setting takes more. AWS publishes none for Kinesis Analytics: five calls a second are a cautious
/// guess. It answers in about a tenth of a second, and a dashboard about a handful of applications, which is asked for
/// now and then, must not wait. CloudWatch Logs takes ten calls of FilterLogEvents a second, and five in
/// some regions (its page of quotas); that cannot be raised.
pub const QUOTAS: [QuotaLimits; 4] = [
    QuotaLimits {
        quota: Quota::GetMetricData,
        setting: "getMetricDataPerSecond",
        per_second: 100.0,
        most: 500.0,
        of_aws: Some(500),
        burst_seconds: 1.0,
        at_a_time: None,
    },
    QuotaLimits {
        quota: Quota::ListMetrics,
        setting: "listMetricsPerSecond",
        per_second: 12.0,
        most: 100.0,
        of_aws: Some(25),
        burst_seconds: 1.0,
        at_a_time: None,
    },
    QuotaLimits {
        quota: Quota::KinesisAnalytics,
        setting: "kinesisAnalyticsPerSecond",
        per_second: 5.0,
        most: 100.0,
        of_aws: None,
        burst_seconds: 2.0,
        at_a_time: Some(5),
    },
    QuotaLimits {
        quota: Quota::FilterLogEvents,
        setting: "filterLogEventsPerSecond",
        per_second: 4.0,
        most: 25.0,
        of_aws: Some(5),
        burst_seconds: 0.25,
        at_a_time: Some(4),
    },
];

const fn operation(action: &'static str, quota: Quota, feature: Feature) -> Operation {
    Operation { action, quota, feature }
}

impl Quota {
    /// That of an operation, as IAM policies name it.
    pub fn of(action: &str) -> Self {
        OPERATIONS.iter().find(|operation| operation.action == action).map_or(Self::Unlimited, |found| found.quota)
    }

    /// Its row in [`QUOTAS`]; None where nothing is limited.
    pub fn index(self) -> Option<usize> {
        QUOTAS.iter().position(|row| row.quota == self)
    }
}

impl Feature {
    /// As its policy is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Applications => "applications",
            Self::Tags => "tags",
            Self::Logs => "logs",
            Self::Identity => "identity",
        }
    }

    /// An advice to those who miss it, where not everybody does.
    pub fn qualify(self, advice: String) -> String {
        match self {
            Self::Tags => format!("{advice}, if variables choose applications by tag"),
            Self::Logs => format!("{advice}, if logs are to be shown"),
            Self::Metrics | Self::Applications | Self::Identity => advice,
        }
    }
}
