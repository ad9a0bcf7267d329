//! How a server is set up: port, clock, who may call and what they may do, latency and rate limits.

use std::collections::HashMap;

use super::publication::Publication;

/// The account that owns the simulated fleet, unless [`Options::account`] says otherwise.
pub const DEFAULT_ACCOUNT: &str = "111111111111";

/// The server's idea of now. Signatures are not checked, so it may differ from the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    System,
    /// Always this moment, in epoch seconds: for recordings and for tests with exact expectations.
    Fixed(i64),
}

impl Clock {
    /// Epoch seconds.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server is the edge at which the simulated account meets the real clock"
    )]
    pub fn now(self) -> i64 {
        match self {
            Self::Fixed(now) => now,
            Self::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX)),
        }
    }
}

/// What one access key or role may not do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Actions such as `cloudwatch:GetMetricData`; `*` and `cloudwatch:*` deny more.
    pub denied: Vec<String>,
}

impl Identity {
    pub fn denying<S: Into<String>>(actions: impl IntoIterator<Item = S>) -> Self {
        Self { denied: actions.into_iter().map(Into::into).collect() }
    }

    pub fn is_denied(&self, action: &str) -> bool {
        self.denied.iter().any(|denied| is_matching(denied, action))
    }
}

/// IAM's wildcard: `*`, `cloudwatch:*`, `cloudwatch:Get*`, `arn:aws:logs:*:log-group:/shop/*`.
pub fn is_matching(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(rest) = text.strip_prefix(head) else { return false };
    (0..=rest.len()).any(|place| rest.get(place..).is_some_and(|rest| is_matching(tail, rest)))
}

/// Calls per second, region, account and operation.
#[derive(Debug, Clone, PartialEq)]
pub struct RateLimits {
    /// By operation, or by `region/operation` where a region has its own quota.
    pub per_second: HashMap<String, f64>,
}

impl Default for RateLimits {
    /// CloudWatch's and CloudWatch Logs' published quotas. Those of `kinesisanalyticsv2` are not published: 10 is a
    /// cautious guess.
    fn default() -> Self {
        let published = [
            ("GetMetricData", 500.0),
            ("GetMetricStatistics", 400.0),
            ("ListMetrics", 25.0),
            ("ListApplications", 10.0),
            ("DescribeApplication", 10.0),
            ("ListTagsForResource", 10.0),
            ("DescribeLogGroups", 10.0),
            ("DescribeLogStreams", 25.0),
            ("FilterLogEvents", 10.0),
            ("us-east-1/FilterLogEvents", 25.0),
            ("eu-central-1/FilterLogEvents", 5.0),
            ("GetLogEvents", 25.0),
            ("us-west-2/GetLogEvents", 10.0),
            ("eu-central-1/GetLogEvents", 10.0),
            ("eu-west-1/GetLogEvents", 10.0),
            ("StartQuery", 10.0),
            ("GetQueryResults", 10.0),
            ("StartLiveTail", 5.0),
        ];
        Self { per_second: published.map(|(name, rate)| (name.to_owned(), rate)).into() }
    }
}

#[derive(Debug, Clone)]
pub struct Options {
    /// 0 takes any free port.
    pub port: u16,
    pub clock: Clock,
    /// The account of a caller that assumed no role.
    pub account: String,
    /// By access key id, or by role ARN for callers that assumed it.
    pub identities: HashMap<String, Identity>,
    /// When true, only access keys in `identities` (and temporary keys of this server) are accepted.
    pub only_known_keys: bool,
    /// The external id that AssumeRole must bring.
    pub external_id: Option<String>,
    /// Added to every answer.
    pub latency_ms: u64,
    /// `None`: no throttling.
    pub rate_limits: Option<RateLimits>,
    /// Whether a GetMetricData that was answered before is answered from memory: for measurements of clients, whose
    /// time should not depend on the world's.
    pub remembers_answers: bool,
    /// When samples can be asked for.
    pub publication: Publication,
    /// After so many seconds a tail of a log ends, and so many may be open.
    pub live_tail_seconds: i64,
    pub live_tail_sessions: usize,
    /// How long a query of Logs Insights takes, and how many may run.
    pub insights_ms: u64,
    pub insights_queries: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::System,
            account: DEFAULT_ACCOUNT.to_owned(),
            identities: HashMap::new(),
            only_known_keys: false,
            external_id: None,
            latency_ms: 0,
            rate_limits: None,
            remembers_answers: false,
            publication: Publication::default(),
            live_tail_seconds: 3 * 3600,
            live_tail_sessions: 15,
            insights_ms: 600,
            insights_queries: 100,
        }
    }
}
