//! Planned GetMetricData calls and the columns that answer them.

use std::sync::Arc;

use crate::catalog::statistic::Statistic;
use crate::failure::CallError;
use crate::model::series::Dimensions;
use crate::place::{AccountId, Region};

pub use crate::period::Period;

/// One statistic of one series at one period: one entry of `MetricDataQueries`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesAsk {
    pub metric: Arc<str>,
    pub dimensions: Dimensions,
    /// Set where the series belongs to a linked account.
    pub account: Option<AccountId>,
    pub period: Period,
    pub statistic: Statistic,
}

/// One GetMetricData call: at most 500 asks and 100,800 points. `start` and `end` are epoch seconds; every bucket that
/// starts in `start..end` is asked for, and `start` is a multiple of the period of every ask: CloudWatch counts buckets from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetMetricDataCall {
    pub region: Region,
    pub start: i64,
    pub end: i64,
    pub asks: Vec<SeriesAsk>,
}

impl GetMetricDataCall {
    /// Number of buckets of an ask in this call's range.
    pub fn points(&self, period: Period) -> usize {
        let buckets = (period.ceil(self.end) - period.floor(self.start)) / period.seconds();
        usize::try_from(buckets).unwrap_or(0)
    }
}

/// What came back: one column per ask, in the order of the asks.
#[derive(Debug, Clone, PartialEq)]
pub struct GetMetricDataAnswer {
    pub columns: Vec<Column>,
    /// HTTP calls made: pages, without retries.
    pub calls: u32,
}

/// The values of one ask on the grid of the call: index i is the bucket that starts at
/// `period.floor(call.start) + i · period`. NaN where CloudWatch has no value.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Shared by the call and those who wait for it.
    pub values: Arc<Vec<f64>>,
    pub completeness: Completeness,
}

/// What is known of one planned series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAnswer {
    /// Index i is the bucket that starts at the series' first second plus i periods.
    pub column: Column,
    /// Why some of the buckets could not be asked for; the others may be known from before.
    pub error: Option<CallError>,
}

/// CloudWatch's StatusCode of one result, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Completeness {
    Complete,
    /// Some values are missing, and would come later.
    Partial,
    /// CloudWatch failed on this series.
    Failed,
    /// The identity may not read this series.
    Forbidden,
}
