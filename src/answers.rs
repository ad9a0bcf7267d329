//! What came back of AWS, by what was asked, and what it cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::failure::CallError;
use crate::notice::Notice;

/// What came back: one column per series, in the order of the series.
#[derive(Debug, Clone, PartialEq)]
pub struct GetMetricDataAnswer {
    pub columns: Vec<Column>,
    /// HTTP calls made: pages, without retries.
    pub calls: u32,
}

/// The values of one series on the grid of the call: index i is the bucket that starts at
/// `period.floor(call.start) + i · period`. NaN where CloudWatch has no value.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Shared by the call and those who wait for it.
    pub values: Arc<Vec<f64>>,
    pub completeness: Completeness,
    /// What CloudWatch says about it.
    pub message: Option<Arc<str>>,
}

/// What is known of one planned series.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAnswer {
    /// Index i is the bucket that starts at the series' first second plus i periods.
    pub column: Column,
    /// Why some of the buckets could not be asked for; the others may be known from before.
    pub error: Option<CallError>,
    pub from: ValuesFrom,
}

/// Where the values of a series are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValuesFrom {
    /// All were kept from before.
    #[default]
    Cache,
    /// So many of its points were asked of CloudWatch, the others kept.
    OwnCall { points: u64 },
    /// So many of its points came in a call that another request made.
    SharedCall { points: u64 },
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

/// Everything that is known of a plan's series, and what it cost.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fetched {
    /// By number of the series in the plan.
    pub answers: Vec<SeriesAnswer>,
    /// By refId.
    pub costs: BTreeMap<String, QueryCost>,
    /// That most of what may be spent in an hour is spent.
    pub spent: Option<Notice>,
}

/// What was asked of CloudWatch because of one query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueryCost {
    /// Calls, pages counted each, in which something was asked for this query; series of others may stand in them too.
    pub calls: u64,
    /// Metrics on the bill. What several queries want is billed to the first.
    pub billed_metrics: u64,
    /// Points that were asked for this query.
    pub asked_points: u64,
    /// Points that were kept, or asked for another query.
    pub saved_points: u64,
}

impl QueryCost {
    /// Adds what else was asked because of the query.
    pub fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.billed_metrics += other.billed_metrics;
        self.asked_points += other.asked_points;
        self.saved_points += other.saved_points;
    }

    /// The part of the points that cost nothing; None of nothing.
    pub fn saved_share(&self) -> Option<f64> {
        let all = self.asked_points + self.saved_points;
        (all > 0).then(|| self.saved_points as f64 / all as f64)
    }
}
