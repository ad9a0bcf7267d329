//! Token buckets: one per region, account and operation.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

use super::operation::Operation;
use super::options::RateLimits;

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Instant,
}

/// Counts calls against the quotas. A bucket holds one second's worth.
#[derive(Debug)]
pub struct Throttle {
    limits: RateLimits,
    buckets: Mutex<HashMap<(String, String, Operation), Bucket>>,
}

impl Throttle {
    pub fn new(limits: RateLimits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Whether a call is within the quota, at a moment.
    pub fn admit(&self, region: &str, account: &str, operation: Operation, at: Instant) -> bool {
        let limits = &self.limits.per_second;
        let regional = limits.get(&format!("{region}/{}", operation.name()));
        let Some(&rate) = regional.or_else(|| limits.get(operation.name())) else {
            return true;
        };
        let Ok(mut buckets) = self.buckets.lock() else {
            return true;
        };
        let key = (region.to_owned(), account.to_owned(), operation);
        let capacity = rate.max(1.0);
        let bucket = buckets.entry(key).or_insert(Bucket { tokens: capacity, filled_at: at });
        let seconds = at.saturating_duration_since(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + seconds * rate).min(capacity);
        bucket.filled_at = at;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any moment will do as a start")]
    fn the_quota_refills_with_time_and_is_per_region() {
        let throttle = Throttle::new(RateLimits::default());
        let start = Instant::now();
        let admit = |region, at| throttle.admit(region, "1", Operation::ListMetrics, at);
        let admitted = (0..40).filter(|_| admit("eu-west-1", start)).count();
        assert_eq!(admitted, 25);
        assert!(admit("us-east-1", start));
        assert!(!admit("eu-west-1", start));
        assert!(admit("eu-west-1", start + Duration::from_millis(50)));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "any moment will do as a start")]
    fn a_region_may_have_a_quota_of_its_own() {
        let throttle = Throttle::new(RateLimits::default());
        let start = Instant::now();
        let admitted =
            |region| (0..40).filter(|_| throttle.admit(region, "1", Operation::FilterLogEvents, start)).count();
        assert_eq!((admitted("eu-west-1"), admitted("us-east-1"), admitted("eu-central-1")), (10, 25, 5));
    }
}
