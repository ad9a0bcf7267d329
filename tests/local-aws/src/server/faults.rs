//! What shall go wrong: set by tests, over the control path or in process.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::options::is_matching;

/// How often a fault occurs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    #[default]
    Never,
    /// The next calls, then never again.
    Next(u32),
    Always,
}

impl Times {
    fn take(&mut self) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Next(left) => {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    *self = Self::Never;
                }
                true
            }
        }
    }
}

/// All faults. As JSON every field may be left out; counts are `"never"`, `"always"` or `{"next": 3}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Names of the operations that fail; empty: all.
    pub operations: Vec<String>,
    /// Regions whose calls fail; empty: all.
    pub regions: Vec<String>,
    /// Added to the latency of the options.
    pub latency_ms: u64,
    pub throttle: Times,
    pub internal_error: Times,
    pub unavailable: Times,
    pub expired_token: Times,
    /// Actions that nobody may do, such as `cloudwatch:ListMetrics`.
    pub deny: Vec<String>,
    /// What nobody may do on some resources: ARNs (`*` for any part) to actions.
    pub deny_resources: HashMap<String, Vec<String>>,
    /// Pages of FilterLogEvents are empty and say that there is more.
    pub empty_log_pages: Times,
    /// A tail breaks after its first update.
    pub broken_live_tail: Times,
    /// Every result of GetMetricData loses its second half and says `PartialData`.
    pub partial_data: Times,
    /// Metric name to the status of its results: `InternalError`, `Forbidden` or `PartialData`.
    pub metric_status: HashMap<String, String>,
    /// Metrics that ListMetrics lists no more, and of which there are no values.
    pub vanished_metrics: Vec<String>,
    /// Applications that do not exist any more; CloudWatch still has their metrics.
    pub deleted_applications: Vec<String>,
    /// The connection ends in the middle of the body.
    pub cut_body: Times,
    /// The body arrives in pieces with this pause between them.
    pub slow_body_ms: u64,
    /// The body is right but calls itself HTML, as a proxy's page would.
    pub wrong_content_type: Times,
    /// A page in HTML with status 200 takes the place of the answer, as from a proxy that wants a login.
    pub proxy_page: Times,
    /// Samples are published so much later than usual.
    pub publication_delay_minutes: i64,
}

/// The faults of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InjectedFault {
    pub latency_ms: u64,
    pub refusal: Option<Refusal>,
    pub partial_data: bool,
    pub empty_log_page: bool,
    pub broken_live_tail: bool,
    pub metric_status: HashMap<String, String>,
    pub vanished_metrics: Vec<String>,
    pub deleted_applications: Vec<String>,
    pub cut_body: bool,
    pub slow_body_ms: u64,
    pub wrong_content_type: bool,
    pub proxy_page: bool,
}

impl InjectedFault {
    /// Whether an application is left.
    pub fn has(&self, application: &str) -> bool {
        !self.deleted_applications.iter().any(|deleted| deleted == application)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Throttled,
    Internal,
    Unavailable,
    Expired,
    Denied,
}

impl Faults {
    /// Whether calls to a region suffer anything.
    pub fn reach(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|named| named == region)
    }

    /// What the next call of an operation suffers; counts go down.
    pub fn next_call(&mut self, operation: &str, action: &str, resources: &[String]) -> InjectedFault {
        let is_meant = self.operations.is_empty() || self.operations.iter().any(|o| o == operation);
        if !is_meant {
            return InjectedFault::default();
        }
        let refusal = self.refuse(action, resources);
        if refusal.is_some() {
            return InjectedFault { latency_ms: self.latency_ms, refusal, ..InjectedFault::default() };
        }
        InjectedFault {
            latency_ms: self.latency_ms,
            refusal,
            partial_data: self.partial_data.take(),
            empty_log_page: self.empty_log_pages.take(),
            broken_live_tail: self.broken_live_tail.take(),
            metric_status: self.metric_status.clone(),
            vanished_metrics: self.vanished_metrics.clone(),
            deleted_applications: self.deleted_applications.clone(),
            cut_body: self.cut_body.take(),
            slow_body_ms: self.slow_body_ms,
            wrong_content_type: self.wrong_content_type.take(),
            proxy_page: self.proxy_page.take(),
        }
    }

    fn refuse(&mut self, action: &str, resources: &[String]) -> Option<Refusal> {
        let is_denied = |denied: &[String]| denied.iter().any(|denied| is_matching(denied, action));
        let is_denied_there = |(pattern, denied): (&String, &Vec<String>)| {
            is_denied(denied) && resources.iter().any(|resource| is_matching(pattern, resource))
        };
        if is_denied(&self.deny) || self.deny_resources.iter().any(is_denied_there) {
            return Some(Refusal::Denied);
        }
        let counted = [
            (&mut self.expired_token, Refusal::Expired),
            (&mut self.throttle, Refusal::Throttled),
            (&mut self.internal_error, Refusal::Internal),
            (&mut self.unavailable, Refusal::Unavailable),
        ];
        counted.into_iter().find_map(|(times, refusal)| times.take().then_some(refusal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_faults_end() {
        let mut faults: Faults = serde_json::from_str(r#"{"throttle": {"next": 2}}"#).unwrap();
        let mut refusals = || faults.next_call("ListMetrics", "cloudwatch:ListMetrics", &[]).refusal;
        assert_eq!(refusals(), Some(Refusal::Throttled));
        assert_eq!(refusals(), Some(Refusal::Throttled));
        assert_eq!(refusals(), None);
    }

    #[test]
    fn faults_affect_the_named_operations_only() {
        let mut faults: Faults =
            serde_json::from_str(r#"{"operations": ["ListMetrics"], "unavailable": "always"}"#).unwrap();
        assert_eq!(faults.next_call("GetMetricData", "cloudwatch:GetMetricData", &[]).refusal, None);
        let fault = faults.next_call("ListMetrics", "cloudwatch:ListMetrics", &[]);
        assert_eq!(fault.refusal, Some(Refusal::Unavailable));
    }

    #[test]
    fn faults_reach_the_named_regions_only() {
        let faults: Faults = serde_json::from_str(r#"{"regions": ["us-east-1"], "latency_ms": 5}"#).unwrap();
        assert!(faults.reach("us-east-1") && !faults.reach("eu-west-1"));
        assert!(Faults::default().reach("eu-west-1"));
    }

    #[test]
    fn actions_are_denied_on_some_resources_only() {
        let text = r#"{"deny_resources": {"arn:aws:logs:*:log-group:/shop/*": ["logs:Filter*"]}}"#;
        let mut faults: Faults = serde_json::from_str(text).unwrap();
        let mut refusal = |action: &str, group: &str| {
            let resources = [format!("arn:aws:logs:eu-west-1:111111111111:log-group:{group}")];
            faults.next_call("X", action, &resources).refusal
        };
        assert_eq!(refusal("logs:FilterLogEvents", "/shop/flink"), Some(Refusal::Denied));
        assert_eq!(refusal("logs:FilterLogEvents", "/other/shop"), None);
        assert_eq!(refusal("logs:GetLogEvents", "/shop/flink"), None);
        assert_eq!(faults.next_call("X", "logs:FilterLogEvents", &[]).refusal, None);
    }

    #[test]
    fn a_misspelt_fault_is_an_error() {
        assert!(serde_json::from_str::<Faults>(r#"{"trottle": "always"}"#).is_err());
    }
}
