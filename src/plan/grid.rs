//! Which period and which buckets answer a query.

use super::expr::Grid;
use crate::notice::Notice;
use crate::period::Period;
use crate::query::{Origin, PeriodWish, Query};

/// Periods that are easy to read off an axis, in seconds.
const LADDER: &[i64] = &[60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

const DAY: i64 = 86_400;

/// CloudWatch keeps 60 s points 15 days and 300 s points 63 days; older calls must ask for a multiple of the next.
/// A margin of two hours covers the alignment of the start and the buckets before it.
const RETENTION: &[(i64, i64)] = &[(15 * DAY - 7200, 60), (63 * DAY - 7200, 300)];

/// A table needs few points: its cells sum the range up.
const TABLE_POINTS: i64 = 120;

/// How a query uses its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Lines,
    Cells,
}

/// The period for a signal that has no data at shorter periods than `minimum` seconds, with a notice where a wish could not be met.
pub(super) fn choose_period(query: &Query, usage: Use, minimum: i64, now_ms: i64) -> (Period, Option<Notice>) {
    let retained = retained_period(query, now_ms);
    let wanted = match query.period {
        PeriodWish::Fixed(period) => period.seconds(),
        PeriodWish::Auto => auto_period(query, usage),
    };
    let floor = retained.max(minimum);
    let seconds = if wanted <= floor { floor } else { (wanted + floor - 1) / floor * floor };
    let period = Period::from_seconds(seconds).unwrap_or(Period::DAY);
    let notice = (seconds != wanted && retained > 60 && query.period != PeriodWish::Auto).then(|| {
        Notice::info(format!(
            "Period raised from {wanted} s to {seconds} s: CloudWatch keeps only {retained} s points this far back."
        ))
    });
    (period, notice)
}

fn retained_period(query: &Query, now_ms: i64) -> i64 {
    let age = (now_ms - query.range.from_ms) / 1000;
    RETENTION.iter().find(|(limit, _)| age < *limit).map_or(3600, |(_, period)| *period)
}

fn auto_period(query: &Query, usage: Use) -> i64 {
    let range = (query.range.to_ms - query.range.from_ms) / 1000;
    let points = match usage {
        Use::Cells => TABLE_POINTS,
        Use::Lines if query.resolution.max_data_points > 0 => query.resolution.max_data_points,
        Use::Lines => 1000,
    };
    let interval = match usage {
        Use::Cells => 0,
        Use::Lines => query.resolution.interval_ms / 1000,
    };
    let wanted = (range / points).max(interval);
    LADDER.iter().copied().find(|step| *step >= wanted).unwrap_or(DAY)
}

/// The buckets of the query's range. An alert gets closed buckets only, and at least one; a panel also the open one.
pub(super) fn choose_grid(query: &Query, period: Period, lookback: i64, now_ms: i64) -> Grid {
    let now = now_ms.div_euclid(1000);
    let from = query.range.from_ms.div_euclid(1000);
    let to = query.range.to_ms.div_euclid(1000).min(now);
    let step = period.seconds();
    let end = match query.origin {
        Origin::Alert => period.floor(to),
        Origin::Panel => period.ceil(to),
    };
    // An hourly value may be published late in its hour: one more bucket keeps the newest known value in sight.
    let extra = if step >= Period::HOUR.seconds() { step } else { 0 };
    let start = (period.floor(from) - extra).min(end - step);
    let open = (end > now).then_some(end - step);
    Grid { start, end, period, lookback, open }
}

/// The same range in the shortest buckets that CloudWatch keeps for it, up to now.
pub(super) fn refine(grid: Grid, query: &Query, lookback_seconds: i64, now_ms: i64) -> Grid {
    let period = Period::from_seconds(retained_period(query, now_ms)).unwrap_or(Period::HOUR).min(grid.period);
    let now = now_ms.div_euclid(1000);
    let end = grid.end.min(period.ceil(now));
    let lookback = (lookback_seconds / period.seconds()).max(1);
    Grid { start: grid.start, end, period, lookback, open: (end > now).then(|| end - period.seconds()) }
}
