//! Planned GetMetricData calls and the columns that answer them.

use std::sync::Arc;

use super::facts::Dimensions;
use crate::catalog::statistic::Statistic;
use crate::place::{AccountId, Region};

/// Seconds between two points of a series: a multiple of 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period(i64);

impl Period {
    pub const MINUTE: Self = Self(60);
    pub const HOUR: Self = Self(3600);

    /// None unless `seconds` is a positive multiple of 60, at most a day.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (seconds > 0 && seconds % 60 == 0 && seconds <= 86_400).then_some(Self(seconds))
    }

    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The start of the bucket in which `second` lies.
    pub fn floor(self, second: i64) -> i64 {
        second.div_euclid(self.0) * self.0
    }

    /// The first bucket start at or after `second`.
    pub fn ceil(self, second: i64) -> i64 {
        self.floor(second + self.0 - 1)
    }
}

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
/// starts in `start..end` is asked for, and `start` is aligned to the longest period among the asks.
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
    pub values: Vec<f64>,
    pub completeness: Completeness,
}

/// CloudWatch's StatusCode of one result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    Complete,
    /// Some values are missing, and would come later.
    Partial,
    /// CloudWatch failed on this series.
    Failed,
    /// The identity may not read this series.
    Forbidden,
}
