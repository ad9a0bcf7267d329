//! Planned GetMetricData calls.

use std::sync::Arc;

use crate::catalog::statistic::Statistic;
use crate::model::series::Dimensions;
use crate::place::{AccountId, Region};

pub use crate::period::Period;

/// One statistic of one series at one period: one entry of `MetricDataQueries`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    pub metric: Arc<str>,
    pub dimensions: Dimensions,
    /// Set where the series belongs to a linked account.
    pub account: Option<AccountId>,
    pub period: Period,
    pub statistic: Statistic,
}

/// One GetMetricData call: at most 500 series and 100,800 points. `start` and `end` are epoch seconds; every bucket that
/// starts in `start..end` is asked for, and `start` is a multiple of the period of every series: CloudWatch counts buckets from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetricDataCall {
    pub region: Region,
    pub start: i64,
    pub end: i64,
    pub series: Vec<SeriesKey>,
}

impl GetMetricDataCall {
    /// Number of buckets of a series in this call's range.
    pub fn points(&self, period: Period) -> usize {
        let buckets = (period.ceil(self.end) - period.floor(self.start)) / period.seconds();
        usize::try_from(buckets).unwrap_or(0)
    }
}
