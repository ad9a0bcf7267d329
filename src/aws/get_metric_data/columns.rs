//! The columns of a call while its pages come in.

use std::sync::Arc;

use minicbor::decode::Error;

use super::page::{Page, SeriesResult};
use crate::answers::{Column, Completeness};
use crate::aws::error::presentable;
use crate::plan::call::{GetMetricDataCall, SeriesKey};

/// How a series is named in the request; an answer so finds its column without a map.
pub(super) fn id_of(index: usize) -> String {
    format!("m{index}")
}

fn index_of(id: &str) -> Option<usize> {
    id.strip_prefix('m')?.parse().ok()
}

#[derive(Debug, Default)]
pub(super) struct Columns {
    columns: Vec<OpenColumn>,
    /// About the call as a whole.
    message: Option<Arc<str>>,
}

impl Columns {
    pub(super) fn new(call: &GetMetricDataCall) -> Self {
        Self { columns: call.series.iter().map(|key| OpenColumn::new(call, key)).collect(), message: None }
    }

    /// Takes over all points of a page. Results that nobody asked for are left out.
    pub(super) fn add(&mut self, page: &Page<'_>) -> Result<(), Error> {
        if let Some(message) = &page.message {
            self.message = Some(presentable(message).into());
        }
        for result in &page.results {
            let index = result.id.as_deref().and_then(index_of);
            if let Some(column) = index.and_then(|index| self.columns.get_mut(index)) {
                column.add(result)?;
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<Column> {
        let close = |mut column: OpenColumn| {
            column.values.resize(column.points, f64::NAN);
            // CloudWatch names every series that it was asked for; one that it left out has failed.
            let completeness = column.completeness.unwrap_or(Completeness::Failed);
            // Of which series less came than was asked nobody knows.
            let at_best = if self.message.is_some() { Completeness::Partial } else { Completeness::Complete };
            let message = column.message.or_else(|| self.message.clone());
            Column { values: Arc::new(column.values), completeness: completeness.max(at_best), message }
        };
        self.columns.into_iter().map(close).collect()
    }
}

#[derive(Debug)]
struct OpenColumn {
    first: i64,
    period: i64,
    points: usize,
    /// As far as they have come.
    values: Vec<f64>,
    /// None until a page mentions the series.
    completeness: Option<Completeness>,
    /// Why it is not complete.
    message: Option<Arc<str>>,
}

impl OpenColumn {
    fn new(call: &GetMetricDataCall, key: &SeriesKey) -> Self {
        Self {
            first: key.period.floor(call.start),
            period: key.period.seconds(),
            points: call.points(key.period),
            values: Vec::new(),
            completeness: None,
            message: None,
        }
    }

    /// Puts each value into its bucket. Neighbours are mostly one period apart, so the division is mostly not needed.
    fn add(&mut self, result: &SeriesResult<'_>) -> Result<(), Error> {
        let Self { first, period, points, values, .. } = self;
        values.reserve_exact(*points - values.len());
        let (mut next, mut expected) = (0_usize, *first);
        result.each_point(|second, value| {
            let bucket = if second == expected {
                next
            } else {
                let buckets = second.saturating_sub(*first).div_euclid(*period);
                usize::try_from(buckets).unwrap_or(usize::MAX)
            };
            if bucket < *points {
                match values.get_mut(bucket) {
                    Some(slot) => *slot = value,
                    None => {
                        values.resize(bucket, f64::NAN);
                        values.push(value);
                    }
                }
                next = bucket + 1;
                expected = *first + *period * next as i64;
            }
        })?;
        let before = self.completeness;
        self.completeness = Some(merged(before, completeness(result.status.as_deref())));
        // That of the page whose status counts. A failure has a name at least.
        if before != self.completeness || result.message.is_some() {
            let status = result.status.as_deref().filter(|_| self.completeness >= Some(Completeness::Failed));
            self.message = result.message.as_deref().or(status).map(|text| presentable(text).into());
        }
        Ok(())
    }
}

fn completeness(status: Option<&str>) -> Completeness {
    match status {
        Some("Complete") | None => Completeness::Complete,
        Some("PartialData") => Completeness::Partial,
        Some("Forbidden") => Completeness::Forbidden,
        Some(_) => Completeness::Failed,
    }
}

/// A series whose points are spread over pages is `PartialData` on all but the last, so the newest page counts; but a
/// failure stays a failure.
fn merged(before: Option<Completeness>, page: Completeness) -> Completeness {
    match before {
        Some(Completeness::Failed) => Completeness::Failed,
        Some(Completeness::Forbidden) => Completeness::Forbidden,
        Some(Completeness::Complete | Completeness::Partial) | None => page,
    }
}
