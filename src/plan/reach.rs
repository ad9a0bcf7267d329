//! Time ranges of which CloudWatch has nothing: nothing is asked about them, and nothing is billed.

use super::grid::KEPT_LONGEST;
use crate::query::{Kind, Origin, Query, TimeRange};

/// CloudWatch has points of no shorter time.
const MINUTE_MS: i64 = 60_000;

/// Why there can be nothing in the time range of a query. Facts have none.
pub fn out_of_reach(query: &Query, now_ms: i64) -> Option<String> {
    match &query.kind {
        Kind::Application(_) | Kind::Operator(_) | Kind::Checkpoint(_) | Kind::Metric(_) => {
            describe_reach(query.range, now_ms)
        }
        Kind::Facts(_) => None,
    }
}

fn describe_reach(range: TimeRange, now_ms: i64) -> Option<String> {
    // Grafana's clock may be a little behind ours: what begins now began just before.
    let (past, future) = (now_ms - range.from_ms, range.to_ms - now_ms);
    if past <= 0 || past < MINUTE_MS && future > MINUTE_MS {
        return Some("The time range begins in the future: CloudWatch has nothing of it yet.".to_owned());
    }
    let oldest = now_ms - KEPT_LONGEST * 1000;
    (range.to_ms < oldest).then(|| format!("{} The time range ends before that.", retention()))
}

/// What is said of a range that begins too early.
pub(super) fn cut_off(range: TimeRange, now_ms: i64) -> Option<String> {
    let is_cut = range.from_ms < now_ms - KEPT_LONGEST * 1000;
    is_cut.then(|| format!("{} What is older is not shown.", retention()))
}

/// ListMetrics lists series with data in the last two weeks (CloudWatch API reference).
const LISTED_MS: i64 = 14 * 86_400_000;

/// Whether a panel looks back further than ListMetrics does.
pub(super) fn begins_before_listing(query: &Query, now_ms: i64) -> bool {
    query.origin == Origin::Panel && query.range.from_ms < now_ms - LISTED_MS
}

fn retention() -> String {
    format!("CloudWatch keeps metrics for {} days.", KEPT_LONGEST / 86_400)
}
