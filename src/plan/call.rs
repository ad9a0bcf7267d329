//! Planned GetMetricData calls.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::billing;
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

/// One GetMetricData call: at most 500 series and 100,800 points. `start` and `end` are epoch seconds; every bucket
/// that starts in `start..end` is asked for, and `start` is a multiple of the period of every series: CloudWatch counts
/// buckets from it.
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

    /// What AWS bills for this call.
    pub fn billed_metrics(&self) -> u64 {
        billed_metrics(&self.series)
    }
}

/// What AWS bills for series that are asked for in one call. Its price list says "up to five statistics of a metric"
/// and nothing of periods: a statistic counts for each of its periods.
pub fn billed_metrics<'a>(series: impl IntoIterator<Item = &'a SeriesKey>) -> u64 {
    let mut statistics: HashMap<_, HashSet<_>> = HashMap::new();
    for key in series {
        let metric = (&key.metric, &key.dimensions, &key.account);
        statistics.entry(metric).or_default().insert((&key.statistic, key.period));
    }
    statistics.values().map(|statistics| billing::billed_metrics(statistics.len())).sum()
}
