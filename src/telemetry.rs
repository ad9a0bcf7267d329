//! Counters of the process, as Prometheus text.
//!
//! One [`Telemetry`] counts for all data sources; its clones share the counters. Labels are operations and outcomes
//! only: names of regions, applications or data sources would grow without bound and tell strangers what runs here.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{
    Counter, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::billing::dollars;
use crate::failure::CallErrorKind;

/// Seconds. CloudWatch answers in 20 to 300 ms; a request may take up to its deadline.
const CALL_BUCKETS: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Seconds. Nearly every call waits for nothing.
const WAIT_BUCKETS: &[f64] = &[0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// What the process has done since it started.
#[derive(Debug, Clone)]
pub struct Telemetry {
    registry: Registry,
    queries: IntCounterVec,
    calls: IntCounterVec,
    attempts: IntCounterVec,
    throttled: IntCounterVec,
    refused: IntCounterVec,
    billed_metrics: IntCounter,
    cost: Counter,
    call_seconds: HistogramVec,
    wait_seconds: HistogramVec,
    request_batches: IntCounter,
    request_batch_seconds: Counter,
    cache_points_asked: IntCounter,
    cache_points_hit: IntCounter,
    cache_bytes: IntGauge,
    prefetched: IntCounterVec,
}

/// How a call to AWS ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallOutcome {
    Answered,
    Failed(CallErrorKind),
    /// Nobody waited for it any more.
    Cancelled,
}

/// What became of a query that was fetched before its panel asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefetch {
    Used,
    Wasted,
}

impl Telemetry {
    pub fn new() -> Self {
        let register = Register(Registry::new());
        Self {
            queries: register.counters("queries_total", "Queries by outcome.", &["outcome"]),
            calls: register.counters(
                "aws_calls_total",
                "Calls to AWS by operation and outcome; a page is a call, a retry is not.",
                &["operation", "outcome"],
            ),
            attempts: register.counters(
                "aws_attempts_total",
                "HTTP requests to AWS by operation, retries included.",
                &["operation"],
            ),
            throttled: register.counters(
                "aws_throttled_total",
                "HTTP requests that AWS throttled, by operation, also where a retry helped.",
                &["operation"],
            ),
            refused: register.counters(
                "aws_refused_total",
                "Calls that were not made, because the rate budget had no room before the request's deadline.",
                &["operation"],
            ),
            billed_metrics: register.counter(
                "aws_billed_metrics_total",
                "Metrics that GetMetricData was asked for as AWS bills them: up to five statistics of one metric count once.",
            ),
            cost: register.amount(
                "aws_estimated_cost_dollars_total",
                "Estimated cost of GetMetricData at $0.01 per 1,000 metrics, without the free tier.",
            ),
            call_seconds: register.seconds(
                "aws_call_duration_seconds",
                "Duration of calls to AWS, retries included, waiting for the rate budget not.",
                CALL_BUCKETS,
            ),
            wait_seconds: register.seconds(
                "aws_queue_wait_seconds",
                "How long calls to AWS waited for the rate budget and for a free slot.",
                WAIT_BUCKETS,
            ),
            request_batches: register.counter("request_batches_total", "Batch windows: requests that were coalesced, one alone included."),
            request_batch_seconds: register
                .amount("request_batch_wait_seconds_total", "How long the first request of each batch waited for others."),
            cache_points_asked: register
                .counter("cache_points_asked_total", "Data points that queries needed."),
            cache_points_hit: register
                .counter("cache_points_hit_total", "Data points that were kept or already on their way; divided by the asked ones, the hit ratio."),
            cache_bytes: register.gauge("cache_bytes", "Memory that the cache of data points holds now."),
            prefetched: register.counters(
                "prefetched_queries_total",
                "Queries fetched ahead for the other panels of a dashboard, by whether their panel then asked.",
                &["outcome"],
            ),
            registry: register.0,
        }
    }

    /// Counts a query that was answered with frames.
    pub fn count_answered(&self) {
        self.queries.with_label_values(&["answered"]).inc();
    }

    /// Counts a query that was answered with an error.
    pub fn count_failed(&self) {
        self.queries.with_label_values(&["failed"]).inc();
    }

    /// Counts a call of `operation` that ran for `duration`.
    pub fn count_call(&self, operation: &'static str, outcome: CallOutcome, duration: Duration) {
        self.calls.with_label_values(&[operation, outcome.label()]).inc();
        self.call_seconds.with_label_values(&[operation]).observe(duration.as_secs_f64());
    }

    /// Counts an HTTP request: the first try of a call or a retry.
    pub fn count_attempt(&self, operation: &'static str) {
        self.attempts.with_label_values(&[operation]).inc();
    }

    /// Counts an HTTP request that AWS throttled.
    pub fn count_throttled(&self, operation: &'static str) {
        self.throttled.with_label_values(&[operation]).inc();
    }

    /// Counts a call that found no room in the rate budget before its deadline.
    pub fn count_refused(&self, operation: &'static str) {
        self.refused.with_label_values(&[operation]).inc();
    }

    /// Notes how long a call waited before it was made.
    pub fn waited(&self, operation: &'static str, duration: Duration) {
        self.wait_seconds.with_label_values(&[operation]).observe(duration.as_secs_f64());
    }

    /// Counts the metrics that AWS bills for one GetMetricData.
    pub fn count_billed_metrics(&self, metrics: u64) {
        self.billed_metrics.inc_by(metrics);
        self.cost.inc_by(dollars(metrics));
    }

    /// Counts batch windows of requests, and how long the first of each waited for others.
    pub fn count_request_batches(&self, request_batches: u64, waited: Duration) {
        self.request_batches.inc_by(request_batches);
        self.request_batch_seconds.inc_by(waited.as_secs_f64());
    }

    /// Counts points that queries needed, and how many of them were kept or already on their way.
    pub fn cache_points(&self, hit: u64, asked: u64) {
        self.cache_points_hit.inc_by(hit);
        self.cache_points_asked.inc_by(asked);
    }

    /// Notes what the cache holds now.
    pub fn cache_bytes(&self, bytes: usize) {
        self.cache_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Counts queries that were fetched ahead.
    pub fn count_prefetched(&self, outcome: Prefetch, queries: u64) {
        let label = match outcome {
            Prefetch::Used => "used",
            Prefetch::Wasted => "wasted",
        };
        self.prefetched.with_label_values(&[label]).inc_by(queries);
    }

    /// The text that Grafana serves under `/metrics/plugins/<id>`.
    pub fn text(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_else(|error| {
            tracing::error!(%error, "cannot write the process's metrics");
            String::new()
        })
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl CallOutcome {
    fn label(self) -> &'static str {
        match self {
            Self::Answered => "ok",
            Self::Cancelled => "cancelled",
            Self::Failed(CallErrorKind::AccessDenied) => "access_denied",
            Self::Failed(CallErrorKind::NoCredentials) => "no_credentials",
            Self::Failed(CallErrorKind::Credentials) => "credentials",
            Self::Failed(CallErrorKind::Throttled) => "throttled",
            Self::Failed(CallErrorKind::NotFound) => "not_found",
            Self::Failed(CallErrorKind::Rejected) => "rejected",
            Self::Failed(CallErrorKind::Timeout) => "timeout",
            Self::Failed(CallErrorKind::Unreachable) => "unreachable",
            Self::Failed(CallErrorKind::Untrusted) => "untrusted",
            Self::Failed(CallErrorKind::CaBundle) => "ca_bundle",
            Self::Failed(CallErrorKind::WrongServer) => "wrong_server",
            Self::Failed(CallErrorKind::ServiceFailure) => "service_failure",
        }
    }
}

/// Makes metrics that are part of the text.
struct Register(Registry);

impl Register {
    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.add(IntCounterVec::new(options(name, help), labels))
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.add(IntCounter::with_opts(options(name, help)))
    }

    fn amount(&self, name: &str, help: &str) -> Counter {
        self.add(Counter::with_opts(options(name, help)))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.add(IntGauge::with_opts(options(name, help)))
    }

    fn seconds(&self, name: &str, help: &str, buckets: &[f64]) -> HistogramVec {
        let options = HistogramOpts { common_opts: options(name, help), buckets: buckets.to_vec() };
        self.add(HistogramVec::new(options, &["operation"]))
    }

    fn add<M: Collector + Clone + 'static>(&self, metric: prometheus::Result<M>) -> M {
        let metric = metric.expect("names, labels and buckets are written above");
        self.0.register(Box::new(metric.clone())).expect("each name is registered once");
        metric
    }
}

fn options(name: &str, help: &str) -> Opts {
    Opts::new(name, help).namespace("flinkwatch")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of one metric, without its help and type.
    fn samples(telemetry: &Telemetry, name: &str) -> Vec<String> {
        let text = telemetry.text();
        let start = format!("flinkwatch_{name}");
        let is_of_name = |line: &&str| line.starts_with(&start) && !line[start.len()..].starts_with('_');
        text.lines().filter(is_of_name).map(|line| line[start.len()..].to_owned()).collect()
    }

    #[test]
    fn queries_and_calls_are_counted_by_outcome() {
        let telemetry = Telemetry::new();
        telemetry.count_answered();
        telemetry.clone().count_answered();
        telemetry.count_failed();
        assert_eq!(samples(&telemetry, "queries_total"), ["{outcome=\"answered\"} 2", "{outcome=\"failed\"} 1"]);

        let operation = "cloudwatch:ListMetrics";
        telemetry.count_call(operation, CallOutcome::Answered, Duration::from_millis(30));
        telemetry.count_call(operation, CallOutcome::Failed(CallErrorKind::Throttled), Duration::from_secs(60));
        telemetry.count_call(operation, CallOutcome::Cancelled, Duration::ZERO);
        let of = |outcome: &str| format!("{{operation=\"{operation}\",outcome=\"{outcome}\"}} 1");
        assert_eq!(samples(&telemetry, "aws_calls_total"), [of("cancelled"), of("ok"), of("throttled")]);
        let seconds = samples(&telemetry, "aws_call_duration_seconds_bucket");
        assert!(seconds.contains(&format!("{{operation=\"{operation}\",le=\"0.05\"}} 2")), "{seconds:?}");
        assert!(seconds.contains(&format!("{{operation=\"{operation}\",le=\"30\"}} 2")), "{seconds:?}");
        assert!(seconds.contains(&format!("{{operation=\"{operation}\",le=\"+Inf\"}} 3")), "{seconds:?}");
    }

    #[test]
    fn a_thousand_metrics_cost_a_cent() {
        let telemetry = Telemetry::new();
        telemetry.count_billed_metrics(999);
        telemetry.count_billed_metrics(1);
        assert_eq!(samples(&telemetry, "aws_billed_metrics_total"), [" 1000"]);
        let dollars: f64 = samples(&telemetry, "aws_estimated_cost_dollars_total")[0].trim().parse().unwrap();
        assert!((dollars - 0.01).abs() < 1e-9, "{dollars}");
    }

    #[test]
    fn batches_tell_how_long_they_wait() {
        let telemetry = Telemetry::new();
        telemetry.count_request_batches(3, Duration::from_millis(12));
        telemetry.count_request_batches(1, Duration::from_millis(3));
        assert_eq!(samples(&telemetry, "request_batches_total"), [" 4"]);
        assert_eq!(samples(&telemetry, "request_batch_wait_seconds_total"), [" 0.015"]);
    }

    #[test]
    fn the_cache_tells_its_points_and_its_size() {
        let telemetry = Telemetry::new();
        telemetry.cache_points(30, 40);
        telemetry.cache_points(10, 10);
        telemetry.cache_bytes(4096);
        telemetry.cache_bytes(2048);
        assert_eq!(samples(&telemetry, "cache_points_hit_total"), [" 40"]);
        assert_eq!(samples(&telemetry, "cache_points_asked_total"), [" 50"]);
        assert_eq!(samples(&telemetry, "cache_bytes"), [" 2048"]);
    }

    /// As a scraper reads it: each metric has its help and its type before its first sample, and each sample ends in a
    /// number.
    #[test]
    fn the_text_is_prometheus_text() {
        let telemetry = Telemetry::new();
        telemetry.count_answered();
        telemetry.count_call("sts:GetCallerIdentity", CallOutcome::Answered, Duration::from_millis(3));
        telemetry.waited("sts:GetCallerIdentity", Duration::ZERO);
        let (mut helped, mut typed) = (String::new(), String::new());
        for line in telemetry.text().lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').unwrap();
                assert!(words.ends_with('.'), "{line}");
                helped = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(name == helped && ["counter", "gauge", "histogram"].contains(&kind), "{line}");
                typed = name.to_owned();
            } else {
                let (sample, value) = line.rsplit_once(' ').unwrap();
                assert!(sample.starts_with(&typed) && sample.starts_with("flinkwatch_"), "{line}");
                assert!(value.parse::<f64>().unwrap() >= 0.0, "{line}");
            }
        }
    }
}
