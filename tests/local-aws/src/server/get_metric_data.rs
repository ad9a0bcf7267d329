//! GetMetricData: many queries in one call, paged by data points.
//!
//! A page holds at most 100,800 points. The next one starts at the very point where it ended, also in the
//! middle of a result, which is then `PartialData` until its last page. A token remembers the moment of the
//! first page, so that pages fit together while the clock goes on.

mod answer;
mod label;
mod pages;
mod request;

pub use answer::{GetMetricDataAnswer, MetricDataResult};
pub use pages::token_time;
pub use request::{GetMetricDataRequest, Stat, WireDimension, WireMetric};

use super::counters::Usage;
use super::error::ServiceError;
use super::faults::InjectedFault;
use super::points::Reader;

pub const MAX_POINTS: usize = 100_800;
pub const MAX_QUERIES: usize = 500;

/// The answer, and what it would have cost.
pub fn run(
    request: &GetMetricDataRequest,
    reader: &Reader<'_>,
    fault: &InjectedFault,
) -> Result<(GetMetricDataAnswer, Usage), ServiceError> {
    let (mut answer, billed_metrics) = pages::fill_page(request, reader)?;
    answer.apply_faults(request, fault);
    let data_points = answer.results.iter().map(|result| result.points.len() as u64);
    let usage = Usage {
        queries: request.queries.len() as u64,
        billed_metrics,
        data_points: data_points.sum(),
        ..Usage::default()
    };
    Ok((answer, usage))
}

#[cfg(test)]
mod tests;
