//! Which period and which buckets answer a query.

use super::expr::{Arriving, Grid, Incomplete, SECONDS_AROUND, counted_after, counted_before};
use crate::catalog::metric::{Metric, Sampling};
use crate::catalog::signal::Lookback;
use crate::notice::Notice;
use crate::period::Period;
use crate::query::AskedSignal;
use crate::query::{Origin, PeriodWish, Query};

/// Periods that are easy to read off an axis, in seconds.
const LADDER: &[i64] = &[60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

const DAY: i64 = 86_400;

/// CloudWatch keeps 60 s points 15 days, 300 s points 63 days and hourly ones 455 days (GetMetricData's API reference);
/// older calls must ask for a multiple of the next.
const KEPT: &[(i64, i64)] = &[(60, 15 * DAY), (300, 63 * DAY)];
pub(super) const KEPT_LONGEST: i64 = 455 * DAY;

/// The first bucket of an answer starts up to three periods before its range: it is aligned, with others before it.
const PERIODS_BEFORE: i64 = 3;

/// Buckets before the shown ones: the catch-up time looks back five minutes, an increase one bucket, and those before
/// the newest ones say how many samples are usual.
const LOOKBACK_SECONDS: i64 = 300;

/// A table needs few points: its cells sum the range up. Three hours in minutes, so that a verdict rests on the same
/// series.
const TABLE_POINTS: i64 = 180;

/// How a query uses its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Lines,
    Cells,
    /// Cells that are not shown: the verdict rests on them. They are about its own newest window, in buckets of at
    /// least so many seconds, and asked for as cheaply as they can be.
    Verdict(i64),
}

impl Use {
    pub fn is_verdict(self) -> bool {
        matches!(self, Self::Verdict(_))
    }
}

/// The period for a signal that has no data at shorter periods than `minimum` seconds, with a notice where a wish could
/// not be met.
pub(super) fn choose_period(query: &Query, usage: Use, minimum: i64, now_ms: i64) -> (Period, Option<Notice>) {
    let wanted = match query.period {
        PeriodWish::Fixed(period) => period.seconds(),
        PeriodWish::Auto => auto_period(query, usage),
    };
    let retained = retained_period(query, wanted, now_ms);
    let floor = retained.max(minimum);
    let seconds = if wanted <= floor { floor } else { (wanted + floor - 1) / floor * floor };
    let period = Period::from_seconds(seconds).unwrap_or(Period::DAY);
    // A table shows one value of the range, whatever its period.
    let is_seen = usage == Use::Lines && query.period != PeriodWish::Auto;
    let notice = (seconds != wanted && is_seen).then(|| {
        let why = if minimum > retained {
            format!("there are no points shorter than {minimum} s")
        } else {
            format!("CloudWatch keeps only {retained} s points this far back")
        };
        Notice::info(format!("Period raised from {wanted} s to {seconds} s: {why}."))
    });
    (period, notice)
}

/// What is said of a period that an author chose and that is longer than the range: its points tell of other times than
/// were asked for.
pub(super) fn describe_long_period(query: &Query) -> Option<Notice> {
    let PeriodWish::Fixed(period) = query.period else { return None };
    let (seconds, range) = (period.seconds(), (query.range.to_ms - query.range.from_ms) / 1000);
    let what = match query.origin {
        Origin::Alert => "the newest complete period is taken",
        Origin::Panel => "its values are those of whole periods",
    };
    let text = || format!("The period of {seconds} s is longer than the time range of {range} s: {what}.");
    (seconds > range).then(|| Notice::info(text()))
}

/// The shortest period of which CloudWatch has points over the whole range.
fn retained_period(query: &Query, wanted: i64, now_ms: i64) -> i64 {
    let age = (now_ms - query.range.from_ms) / 1000 + PERIODS_BEFORE * wanted.max(LOOKBACK_SECONDS);
    KEPT.iter().find(|(_, kept)| age < *kept).map_or(3600, |(period, _)| *period)
}

/// The oldest start of a call, in epoch seconds, with which CloudWatch has points of this period.
pub fn oldest_start(period: Period, now_ms: i64) -> i64 {
    let next = [300, 3600];
    let kept = KEPT.iter().zip(next).find(|(_, next)| period.seconds() % next != 0).map(|((_, kept), _)| *kept);
    kept.map_or(i64::MIN, |kept| now_ms.div_euclid(1000) - kept)
}

fn auto_period(query: &Query, usage: Use) -> i64 {
    let range = (query.range.to_ms - query.range.from_ms) / 1000;
    let points = match usage {
        Use::Cells | Use::Verdict(_) => TABLE_POINTS,
        Use::Lines if query.resolution.max_data_points > 0 => query.resolution.max_data_points,
        Use::Lines => 1000,
    };
    let interval = match usage {
        Use::Cells | Use::Verdict(_) => 0,
        Use::Lines => query.resolution.interval_ms / 1000,
    };
    let wanted = (range / points).max(interval);
    LADDER.iter().copied().find(|step| *step >= wanted).unwrap_or(DAY)
}

/// The seconds of the query's range of which CloudWatch has data.
fn known_range(query: &Query, now: i64) -> (i64, i64) {
    let from = query.range.from_ms.div_euclid(1000).max(now - KEPT_LONGEST);
    (from, query.range.to_ms.div_euclid(1000).min(now))
}

/// The buckets that belong to the query's range, at least `least` of them. A panel gets all that the range touches, the
/// open one among them. An alert gets as many as fit into the range, which are the newest closed ones: so it is always
/// decided on the same length of time, whichever moment of a bucket it is evaluated at.
pub(super) fn choose_grid(query: &Query, (period, least): (Period, i64), lookback: i64, now_ms: i64) -> Grid {
    let now = now_ms.div_euclid(1000);
    let (from, to) = known_range(query, now);
    let step = period.seconds();
    let (start, end) = match query.origin {
        Origin::Alert => (period.floor(to) - (to - from) / step * step, period.floor(to)),
        Origin::Panel => (period.floor(from), period.ceil(to)),
    };
    let start = start.min(end - least * step);
    let open = (end > now).then_some(end - step);
    let grid = arriving(Grid { start, end, period, lookback, open, arriving: None }, query, now);
    if grid.arriving.is_none() || lookback > 0 {
        return grid;
    }
    arriving(Grid { lookback: looked_back(period), ..grid }, query, now)
}

/// How many periods a range has at least: what comes once an hour may come late in its hour, and one more keeps the
/// newest known value in sight.
pub(super) fn least_periods(minimum: i64) -> i64 {
    if minimum >= Period::HOUR.seconds() { 2 } else { 1 }
}

/// Buckets before the shown ones for so many seconds.
pub(super) fn buckets_before(seconds: i64, period: Period) -> i64 {
    if seconds > 0 { (seconds / period.seconds()).max(1) } else { 0 }
}

/// So many buckets before the shown ones are computed with, where any are.
pub(super) fn looked_back(period: Period) -> i64 {
    (LOOKBACK_SECONDS / period.seconds()).max(1)
}

/// A verdict on hours needs no bucket that is still to change: what is settled is asked for once, and then kept.
pub(super) fn of_use(grid: Grid, usage: Use, now_ms: i64) -> Grid {
    if !usage.is_verdict() || grid.period == Period::MINUTE {
        return grid;
    }
    let end = grid.period.floor(now_ms.div_euclid(1000) - SETTLED_SECONDS).min(grid.end);
    Grid { start: grid.start.min(end - grid.period.seconds()), end, open: None, arriving: None, ..grid }
}

/// How long after its end a bucket is fetched that is kept.
const SETTLED_SECONDS: i64 = 300;

/// CloudWatch publishes a minute up to three minutes late, and not all of its samples at once. What is older is
/// complete, however few samples it has.
pub const LATE_SECONDS: i64 = 180;

/// So many periods before its range an alert looks where nothing of the range is complete yet.
pub fn late_periods(period: Period) -> i64 {
    (LATE_SECONDS / period.seconds()).max(1)
}

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
    let period = Period::from_seconds(retained).unwrap_or(Period::HOUR);
    if period >= grid.period {
        return grid;
    }
    let now = now_ms.div_euclid(1000);
    let end = grid.end.min(period.ceil(now));
    let lookback = looked_back(period);
    let open = (end > now).then(|| end - period.seconds());
    arriving(Grid { start: grid.start, end, period, lookback, open, arriving: None }, query, now)
}

/// What is shown has so many shorter buckets at most, as a day has minutes. Values are not billed, but CloudWatch gives
/// only so many a second.
const FINE_BUCKETS: i64 = 1440;

/// The same range in the buckets in which is counted, and some around it. Of the first and the last bucket of a panel,
/// what lies in the range is counted. For an alert those that follow are still arriving where not all of them are
/// there.
pub(super) fn finer(grid: Grid, query: &Query, now_ms: i64) -> Grid {
    let reached = match query.origin {
        Origin::Alert => grid.start - late_periods(grid.period) * grid.period.seconds(),
        Origin::Panel => grid.start,
    };
    let is_kept = |period: &Period| {
        let before = PERIODS_BEFORE * period.seconds().max(LOOKBACK_SECONDS) + SECONDS_AROUND;
        reached - before >= oldest_start(*period, now_ms)
    };
    let is_fine = |period: &Period| {
        let step = period.seconds();
        grid.period.seconds() % step == 0 && step * FINE_BUCKETS >= grid.end - grid.start
    };
    let shorter = LADDER.iter().copied().filter_map(Period::from_seconds).filter(is_fine);
    let Some(period) = shorter.chain([grid.period]).find(is_kept) else { return grid };
    let now = now_ms.div_euclid(1000);
    let (from, to) = known_range(query, now);
    let (start, end) = match query.origin {
        Origin::Alert => (reached, grid.end),
        Origin::Panel => (grid.start.max(period.floor(from)), grid.end.min(period.ceil(to))),
    };
    let open = (end > now).then(|| end - period.seconds());
    let end = if end == grid.end { looked_ahead(end, period, now) } else { end };
    let fine = Grid { start, end, period, lookback: counted_before(period), open, arriving: None };
    let fine = arriving(fine, query, now);
    let is_waiting = query.origin == Origin::Alert && end < grid.end + counted_after(period) * period.seconds();
    if fine.arriving.is_none() && is_waiting {
        let arriving = Arriving { from: end, usually_from: end, incomplete: Incomplete::LeftOut };
        return Grid { arriving: Some(arriving), ..fine };
    }
    fine
}

/// The end of the buckets that are computed with, as far as they are complete.
fn looked_ahead(end: i64, period: Period, now: i64) -> i64 {
    (end + counted_after(period) * period.seconds()).min(period.floor(now - LATE_SECONDS)).max(end)
}

/// Periods shorter than this many seconds have no data.
pub(super) fn minimum_period(asked: &AskedSignal) -> i64 {
    match asked {
        AskedSignal::Signal(signal) => signal.minimum_period,
        AskedSignal::Metric(metric) => shortest_period(metric),
    }
}

/// Seconds of buckets before the shown ones, 0 for none.
pub(super) fn lookback_seconds(asked: &AskedSignal) -> i64 {
    let lookback = match asked {
        AskedSignal::Signal(signal) => signal.formula.traits().lookback,
        AskedSignal::Metric(metric) if metric.sampling == Sampling::Subtask => Lookback::Minutes,
        AskedSignal::Metric(_) => Lookback::None,
    };
    match lookback {
        Lookback::None => 0,
        Lookback::Minutes => LOOKBACK_SECONDS,
        Lookback::Day => DAY,
    }
}

/// Seconds between two values of a metric.
pub(super) fn shortest_period(metric: &Metric) -> i64 {
    if metric.sampling == Sampling::Hourly { 3600 } else { 60 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        let grid = choose_grid(&query(origin, (from, to), 0), (period, 1), 0, NOW * 1000);
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
        // 10:02:30 to 10:07:30, in buckets from 09:00 on, or for an alert from 08:00 on.
        for (origin, first) in [(Origin::Panel, -4050), (Origin::Alert, -7650)] {
            let grid = choose_grid(&query(origin, (NOW - 300, NOW), 0), (Period::HOUR, 2), 0, NOW * 1000);
            assert_eq!(grid.start - NOW, first, "{origin:?}");
        }
    }

    #[test]
    fn an_alert_gets_as_many_closed_buckets_as_fit() {
        // 10:07:30: the newest closed hour began at 09:00.
        for (range, hours) in [(60, 1), (3600, 1), (7199, 1), (7200, 2), (9000, 2)] {
            let found = grid(Origin::Alert, (NOW - range, NOW), Period::HOUR);
            assert_eq!(found, (-450 - hours * 3600, -450, None), "{range}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// A panel has all that its range touches, an alert the newest that is closed and no more than fits; what is
        /// counted lies within the range of a panel but for one short bucket at each end.
        #[test]
        fn buckets_are_those_of_the_range(
            age in 0_i64..80 * DAY, length in 1_i64..100 * DAY, step in prop::sample::select(LADDER), is_alert: bool,
        ) {
            let (to, period) = (NOW - age, Period::from_seconds(step).unwrap());
            let (from, step) = (to - length, period.seconds());
            let origin = if is_alert { Origin::Alert } else { Origin::Panel };
            let query = query(origin, (from, to), 0);
            let grid = choose_grid(&query, (period, 1), 0, NOW * 1000);
            let fine = finer(grid, &query, NOW * 1000);
            prop_assert!(grid.start % step == 0 && grid.end % step == 0 && grid.start < grid.end);
            let counted = fine.period.seconds();
            prop_assert!(step % counted == 0 && fine.start % counted == 0 && fine.start < fine.end);
            // A rule of which nothing is complete yet looks further back.
            let reached = if !is_alert || fine == grid { 0 } else { late_periods(period) * step };
            let most = FINE_BUCKETS + reached / counted + COUNTED_MORE;
            prop_assert!(fine.period == period || fine.computed() as i64 <= most);
            if is_alert {
                prop_assert!(grid.end <= to && to < grid.end + step);
                prop_assert_eq!((grid.end - grid.start) / step, (length / step).max(1));
                prop_assert_eq!(fine.start, grid.start - reached);
                prop_assert!((grid.end..=grid.end + counted_after(fine.period) * counted).contains(&fine.end));
            } else {
                prop_assert!(grid.start <= from && from < grid.start + step);
                prop_assert!(to <= grid.end && grid.end < to + step);
                prop_assert!(fine.start <= from && from < fine.start + counted);
                // What is computed beyond the range lies in no bucket that is shown.
                let is_ahead = fine.end > grid.end && fine.end <= grid.end + counted_after(fine.period) * counted;
                prop_assert!(to <= fine.end && (fine.end < to + counted || is_ahead));
            }
        }
    }

    /// Buckets before and after the shown ones, and those that a range touches at its ends.
    const COUNTED_MORE: i64 = 2 * SECONDS_AROUND / 60 + 2;

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
        assert_eq!(seconds(3, 1000, Use::Cells), 60);
        assert_eq!(seconds(24, 1000, Use::Cells), 600);
        assert_eq!(seconds(24 * 90, 1000, Use::Lines), 10_800);
        assert_eq!(seconds(24 * 16, 1_000_000, Use::Lines), 300);
    }
}
