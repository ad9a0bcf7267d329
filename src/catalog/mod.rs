//! What Flink on AWS publishes and what AWS lets be asked, as data.
//!
//! Metrics and derived signals are rows of tables; levels, runtimes, statistics and the cleaning of names are
//! small types beside them. Nothing here plans, asks or draws. The one surprise: a metric's true total is
//! neither its `Sum` nor its `Average` (see [`metric::Sampling`]).

pub mod aliases;
pub mod condition;
pub mod conditions;
pub mod level;
pub mod metric;
pub mod metrics;
pub mod names;
pub mod operations;
pub mod regions;
pub mod runtime;
pub mod signal;
pub mod signals;
pub mod similar;
pub mod sinks;
pub mod statistic;

/// CloudWatch's name for all that the service publishes.
pub const NAMESPACE: &str = "AWS/KinesisAnalytics";
