//! Which period and which buckets answer a query.

use super::expr::{Arriving, Grid, Incomplete};
use crate::catalog::metric::{Metric, Sampling};
use crate::notice::Notice;
use crate::period::Period;
use crate::query::application::AskedSignal;
use crate::query::{Origin, PeriodWish, Query};

/// Periods that are easy to read off an axis, in seconds.
const LADDER: &[i64] = &[60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

pub(super) const DAY: i64 = 86_400;

/// CloudWatch keeps 60 s points 15 days, 300 s points 63 days and hourly ones 455 days (GetMetricData's API reference);
/// older calls must ask for a multiple of the next.
const KEPT: &[(i64, i64)] = &[(60, 15 * DAY), (300, 63 * DAY)];
pub(super) const KEPT_LONGEST: i64 = 455 * DAY;

/// The first bucket of an answer starts up to three periods before its range: it is aligned, with others before it.
const PERIODS_BEFORE: i64 = 3;

/// Buckets before the shown ones: the catch-up time looks back five minutes, an increase one bucket, and those before the newest ones say how
/// many samples are usual.
pub(super) const LOOKBACK_SECONDS: i64 = 300;

/// A table needs few points: its cells sum the range up.
const TABLE_POINTS: i64 = 120;

/// How a query uses its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Lines,
    Cells,
    /// Cells that are not shown: the verdict rests on them, and they are asked for as cheaply as they can be.
    Verdict,
}

/// The period for a signal that has no data at shorter periods than `minimum` seconds, with a notice where a wish could not be met.
pub(super) fn choose_period(query: &Query, usage: Use, minimum: i64, now_ms: i64) -> (Period, Option<Notice>) {
    let wanted = match query.period {
        PeriodWish::Fixed(period) => period.seconds(),
        PeriodWish::Auto => auto_period(query, usage),
    };
    let retained = retained_period(query, wanted, now_ms);
    let floor = retained.max(minimum);
    let seconds = if wanted <= floor { floor } else { (wanted + floor - 1) / floor * floor };
    let period = Period::from_seconds(seconds).unwrap_or(Period::DAY);
    let notice = (seconds != wanted && query.period != PeriodWish::Auto).then(|| {
        let why = if minimum > retained {
            format!("there are no points shorter than {minimum} s")
        } else {
            format!("CloudWatch keeps only {retained} s points this far back")
        };
        Notice::info(format!("Period raised from {wanted} s to {seconds} s: {why}."))
    });
    (period, notice)
}

/// What is said of a period that an author chose and that holds the whole range: its points tell of other times than were asked for, on which no
/// alert may be decided.
pub(super) fn describe_long_period(query: &Query) -> Option<Notice> {
    let PeriodWish::Fixed(period) = query.period else { return None };
    let range = (query.range.to_ms - query.range.from_ms) / 1000;
    let text = || {
        let seconds = period.seconds();
        format!("The period of {seconds} s is longer than the time range of {range} s: it gives one point at most.")
    };
    (period.seconds() > range).then(|| Notice::warning(text()))
}

/// The shortest period of which CloudWatch has points over the whole range.
fn retained_period(query: &Query, wanted: i64, now_ms: i64) -> i64 {
    let age = (now_ms - query.range.from_ms) / 1000 + PERIODS_BEFORE * wanted.max(LOOKBACK_SECONDS);
    KEPT.iter().find(|(_, kept)| age < *kept).map_or(3600, |(period, _)| *period)
}

/// The oldest start of a call, in epoch seconds, with which CloudWatch has points of this period.
pub(super) fn oldest_start(period: Period, now_ms: i64) -> i64 {
    let next = [300, 3600];
    let kept = KEPT.iter().zip(next).find(|(_, next)| period.seconds() % next != 0).map(|((_, kept), _)| *kept);
    kept.map_or(i64::MIN, |kept| now_ms.div_euclid(1000) - kept)
}

fn auto_period(query: &Query, usage: Use) -> i64 {
    let range = (query.range.to_ms - query.range.from_ms) / 1000;
    let points = match usage {
        Use::Cells | Use::Verdict => TABLE_POINTS,
        Use::Lines if query.resolution.max_data_points > 0 => query.resolution.max_data_points,
        Use::Lines => 1000,
    };
    let interval = match usage {
        Use::Cells | Use::Verdict => 0,
        Use::Lines => query.resolution.interval_ms / 1000,
    };
    let wanted = (range / points).max(interval);
    LADDER.iter().copied().find(|step| *step >= wanted).unwrap_or(DAY)
}

/// The buckets of the query's range. An alert gets closed buckets only, and at least one; a panel also the open one.
pub(super) fn choose_grid(query: &Query, period: Period, lookback: i64, now_ms: i64) -> Grid {
    let now = now_ms.div_euclid(1000);
    let from = query.range.from_ms.div_euclid(1000).max(now - KEPT_LONGEST);
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
    let grid = arriving(Grid { start, end, period, lookback, open, arriving: None }, query, now);
    if grid.arriving.is_none() || lookback > 0 || step >= Period::HOUR.seconds() {
        return grid;
    }
    arriving(Grid { lookback: looked_back(period), ..grid }, query, now)
}

/// So many buckets before the shown ones are computed with, where any are.
pub(super) fn looked_back(period: Period) -> i64 {
    (LOOKBACK_SECONDS / period.seconds()).max(1)
}

/// A verdict on days needs no hour that is still to change: what is settled is asked for once, and then kept.
pub(super) fn of_use(grid: Grid, usage: Use, now_ms: i64) -> Grid {
    if usage != Use::Verdict || grid.period < Period::HOUR {
        return grid;
    }
    let end = grid.period.floor(now_ms.div_euclid(1000) - SETTLED_SECONDS).min(grid.end);
    Grid { start: grid.start.min(end - grid.period.seconds()), end, open: None, arriving: None, ..grid }
}

/// How long after its end a bucket is fetched that is kept.
const SETTLED_SECONDS: i64 = 300;

/// CloudWatch publishes a minute up to three minutes late, and not all of its samples at once. What is older is complete, however few samples
/// it has.
pub const LATE_SECONDS: i64 = 180;

/// A minute is mostly complete when the next one is over.
const USUALLY_LATE_SECONDS: i64 = 60;

/// The grid with those of its buckets marked that may still be arriving.
fn arriving(grid: Grid, query: &Query, now: i64) -> Grid {
    let incomplete = match query.origin {
        Origin::Panel => Incomplete::Estimated,
        Origin::Alert => Incomplete::LeftOut,
    };
    // The first bucket that ends after what is certainly complete.
    let from = grid.period.floor(now - LATE_SECONDS).max(grid.first());
    let usually_from = grid.period.floor(now - USUALLY_LATE_SECONDS).max(grid.first());
    Grid { arriving: (from < grid.end).then_some(Arriving { from, usually_from, incomplete }), ..grid }
}

/// The same range in the shortest buckets that CloudWatch keeps for it, up to now.
pub(super) fn refine(grid: Grid, query: &Query, now_ms: i64) -> Grid {
    let retained = retained_period(query, grid.period.seconds(), now_ms);
    let period = Period::from_seconds(retained).unwrap_or(Period::HOUR).min(grid.period);
    let now = now_ms.div_euclid(1000);
    let end = grid.end.min(period.ceil(now));
    let lookback = looked_back(period);
    let open = (end > now).then(|| end - period.seconds());
    arriving(Grid { start: grid.start, end, period, lookback, open, arriving: None }, query, now)
}

/// Periods shorter than this many seconds have no data.
pub(super) fn minimum_period(asked: &AskedSignal) -> i64 {
    match asked {
        AskedSignal::Signal(signal) => signal.minimum_period,
        AskedSignal::Metric(metric) => shortest_period(metric),
    }
}

/// Seconds between two values of a metric.
pub(super) fn shortest_period(metric: &Metric) -> i64 {
    if metric.sampling == Sampling::Hourly { 3600 } else { 60 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Account, Place, Region};
    use crate::query::{Kind, MetricQuery, NameFilter, Resolution, TimeRange};

    /// 2025-11-19 10:07:30 UTC.
    const NOW: i64 = 1_763_546_850;

    fn query(origin: Origin, (from, to): (i64, i64), max_data_points: i64) -> Query {
        Query {
            ref_id: "A".to_owned(),
            place: Place { region: Region::from("eu-west-1"), account: Account::Own },
            range: TimeRange { from_ms: from * 1000, to_ms: to * 1000 },
            resolution: Resolution { max_data_points, interval_ms: 0 },
            origin,
            period: PeriodWish::Auto,
            statistic: None,
            legend: None,
            applications: vec![NameFilter::Any],
            exclude: Default::default(),
            only: Vec::new(),
            selected: vec![NameFilter::Any],
            notices: Vec::new(),
            kind: Kind::Metric(MetricQuery { metric: "KPUs".to_owned(), dimensions: Default::default() }),
        }
    }

    fn grid(origin: Origin, (from, to): (i64, i64), period: Period) -> (i64, i64, Option<i64>) {
        let grid = choose_grid(&query(origin, (from, to), 0), period, 0, NOW * 1000);
        (grid.start - NOW, grid.end - NOW, grid.open.map(|open| open - NOW))
    }

    #[test]
    fn a_panel_sees_the_open_bucket_and_an_alert_does_not() {
        let hour = (NOW - 3600, NOW);
        assert_eq!(grid(Origin::Panel, hour, Period::MINUTE), (-3630, 30, Some(-30)));
        assert_eq!(grid(Origin::Alert, hour, Period::MINUTE), (-3630, -30, None));
    }

    #[test]
    fn a_range_shorter_than_a_bucket_has_one_bucket() {
        let short = (NOW - 10, NOW);
        assert_eq!(grid(Origin::Alert, short, Period::MINUTE), (-90, -30, None));
        assert_eq!(grid(Origin::Panel, short, Period::MINUTE), (-30, 30, Some(-30)));
    }

    #[test]
    fn the_future_is_not_asked_for() {
        let (start, end, _) = grid(Origin::Panel, (NOW + 3600, NOW + 7200), Period::MINUTE);
        assert_eq!((start, end), (-30, 30));
    }

    #[test]
    fn hourly_values_that_come_late_stay_in_sight() {
        // 09:07:30 to 10:07:30, in buckets from 08:00 on.
        assert_eq!(grid(Origin::Panel, (NOW - 3600, NOW), Period::HOUR).0, -7650);
    }

    #[test]
    fn a_period_is_read_off_the_panel() {
        let seconds = |hours: i64, points: i64, usage: Use| {
            let query = query(Origin::Panel, (NOW - hours * 3600, NOW), points);
            choose_period(&query, usage, 60, NOW * 1000).0.seconds()
        };
        assert_eq!(seconds(1, 1000, Use::Lines), 60);
        assert_eq!(seconds(24, 1440, Use::Lines), 60);
        assert_eq!(seconds(24, 1000, Use::Lines), 120);
        assert_eq!(seconds(24, 0, Use::Lines), 120);
        assert_eq!(seconds(24, 1000, Use::Cells), 900);
        assert_eq!(seconds(24 * 90, 1000, Use::Lines), 10_800);
        assert_eq!(seconds(24 * 16, 1_000_000, Use::Lines), 300);
    }
}
