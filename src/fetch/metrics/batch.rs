//! Which series share a call. Pure: the coalescer collects, this packs.
//!
//! CloudWatch bills the metric and not its points, and limits calls. So series of different ranges share a call over
//! the range of all of them, as long as that does not ask for too much that nobody wants.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::pack::{Packed, pack};
use crate::billing::BILLED_TOGETHER;
use crate::model::series::Dimensions;
use crate::place::{AccountId, Region};
use crate::plan::call::{GetMetricDataCall, SeriesKey};
use crate::plan::series::{Group, PlannedSeries};
use crate::query::TimeRange;

/// Points that a shared call may ask for whoever wants them: CloudWatch takes as long for a few.
const FREE_POINTS: f64 = 10_000.0;

/// Beyond that, a shared call asks for at most so many times the points that are wanted: they count against a quota and
/// take time.
const MOST_WASTE: f64 = 2.0;

/// Buckets of one series that are to be asked for, and for whom.
#[derive(Debug)]
pub(super) struct Item<W> {
    /// Its first and last second are those of the missing buckets.
    pub series: PlannedSeries,
    /// Who waits; the first one pays.
    pub waiting: Vec<W>,
}

/// Series of one owner and region that are asked for together.
#[derive(Debug)]
pub(super) struct Batch<W> {
    items: Vec<Item<W>>,
    by_key: HashMap<SeriesKey, usize>,
    /// The latest moment of those who want something, in epoch milliseconds.
    now_ms: i64,
}

/// Where an item is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placement {
    pub call: usize,
    pub position: usize,
    /// Whether CloudWatch bills a metric for it: the first of up to five statistics.
    pub billed: bool,
}

impl<W> Default for Batch<W> {
    fn default() -> Self {
        Self { items: Vec::new(), by_key: HashMap::new(), now_ms: i64::MIN }
    }
}

impl<W> Batch<W> {
    /// Adds the missing buckets of a series: to an equal one where the ranges are close, else as one more.
    pub(super) fn add(&mut self, series: PlannedSeries, waiting: W, now_ms: i64) {
        self.now_ms = self.now_ms.max(now_ms);
        if let Some(known) = self.by_key.get(&series.key) {
            let item = &mut self.items[*known];
            let mut both = Load::of(&item.series);
            if both.take(&Load::of(&series)) {
                (item.series.first, item.series.last) = (both.range.start, both.range.end);
                item.series.users.extend(series.users);
                item.series.is_spare &= series.is_spare;
                item.waiting.push(waiting);
                return;
            }
        }
        self.by_key.insert(series.key.clone(), self.items.len());
        self.items.push(Item { series, waiting: vec![waiting] });
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Drops those for whom `is_waiting` is not true, and what nobody waits for then.
    pub(super) fn retain(&mut self, is_waiting: impl Fn(&W) -> bool) {
        for item in &mut self.items {
            item.waiting.retain(&is_waiting);
        }
        self.items.retain(|item| !item.waiting.is_empty());
    }

    /// The calls, and for each series where it is asked for and who waits.
    pub(super) fn pack(self) -> (Vec<GetMetricDataCall>, Vec<(Placement, Vec<W>)>) {
        let (mut series, waiting): (Vec<_>, Vec<_>) =
            self.items.into_iter().map(|item| (item.series, item.waiting)).unzip();
        cover_spare(&mut series);
        share_ranges(&mut series);
        let Packed { calls, placements } = pack(&series, self.now_ms);
        let mut bill = Bill::default();
        // All are in use, so all have a placement but some that are spare.
        let placements = series.iter().zip(placements).zip(waiting).filter_map(|((series, placement), waiting)| {
            let (call, position) = placement?;
            Some((Placement { call, position, billed: bill.adds(call, &series.key) }, waiting))
        });
        (calls, placements.collect())
    }
}

/// Counts statistics of metrics.
#[derive(Default)]
struct Bill(HashMap<(usize, Metric), usize>);

type Metric = (Option<AccountId>, Arc<str>, Dimensions);

impl Bill {
    /// Whether a further series of a call is a further metric on the bill.
    fn adds(&mut self, call: usize, key: &SeriesKey) -> bool {
        let count = self.0.entry((call, metric_of(key))).or_default();
        *count += 1;
        *count % BILLED_TOGETHER == 1
    }
}

/// Points over a range.
#[derive(Debug, Clone)]
struct Load {
    range: Range<i64>,
    /// Of all its series.
    per_second: f64,
    wanted: f64,
}

impl Load {
    fn of(series: &PlannedSeries) -> Self {
        Self::of_all(series.first..series.last, &[series.key.period.seconds()])
    }

    fn of_all(range: Range<i64>, periods: &[i64]) -> Self {
        let per_second = periods.iter().map(|period| 1.0 / *period as f64).sum();
        let wanted = per_second * (range.end - range.start) as f64;
        Self { range, per_second, wanted }
    }

    /// Takes the other one in, unless too much would be asked for that nobody wants.
    fn take(&mut self, other: &Self) -> bool {
        let range = self.range.start.min(other.range.start)..self.range.end.max(other.range.end);
        let per_second = self.per_second + other.per_second;
        let wanted = self.wanted + other.wanted;
        let fits = per_second * (range.end - range.start) as f64 <= (wanted * MOST_WASTE).max(FREE_POINTS);
        if fits {
            *self = Self { range, per_second, wanted };
        }
        fits
    }
}

/// Widens the ranges of series to those of what is spare beside them.
fn cover_spare(series: &mut [PlannedSeries]) {
    let key = |series: &PlannedSeries| (series.group.region.clone(), series.key.period, metric_of(&series.key));
    let spare = series.iter().filter(|series| series.is_spare);
    let spare: HashMap<_, Load> = spare.map(|series| (key(series), Load::of(series))).collect();
    for series in series.iter_mut().filter(|series| !series.is_spare) {
        let mut both = Load::of(series);
        if spare.get(&key(series)).is_some_and(|spare| both.take(spare)) {
            (series.first, series.last) = (both.range.start, both.range.end);
        }
    }
}

fn metric_of(key: &SeriesKey) -> Metric {
    (key.account.clone(), Arc::clone(&key.metric), key.dimensions.clone())
}

/// Puts series that may share a call into one group.
fn share_ranges(series: &mut [PlannedSeries]) {
    let mut by_range: BTreeMap<(Region, i64, i64), Vec<usize>> = BTreeMap::new();
    for (index, series) in series.iter().enumerate().filter(|(_, series)| !series.is_spare) {
        by_range.entry((series.group.region.clone(), series.first, series.last)).or_default().push(index);
    }
    let mut loads: Vec<(Load, Vec<usize>)> = Vec::new();
    // The newest first: most want the present, and what reaches farther back joins them if it can.
    for ((_, first, last), members) in by_range.into_iter().rev() {
        let periods: Vec<i64> = members.iter().map(|member| series[*member].key.period.seconds()).collect();
        let load = Load::of_all(first..last, &periods);
        match loads.iter_mut().find_map(|(known, of)| known.take(&load).then_some(of)) {
            Some(of) => of.extend(members),
            None => loads.push((load, members)),
        }
    }
    for (load, members) in loads {
        let range = TimeRange { from_ms: load.range.start * 1000, to_ms: load.range.end * 1000 };
        for member in members {
            let region = series[member].group.region.clone();
            series[member].group = Group { region, range };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::statistic::Statistic;
    use crate::period::Period;

    const NOW: i64 = 1_790_000_040;

    /// Minutes before now.
    fn series(metric: &str, statistic: Statistic, (from, to): (i64, i64)) -> PlannedSeries {
        let key = SeriesKey {
            metric: Arc::from(metric),
            dimensions: Dimensions::new(Vec::new()),
            account: None,
            period: Period::MINUTE,
            statistic,
        };
        let (first, last) = (NOW - from * 60, NOW - to * 60);
        let range = TimeRange { from_ms: first * 1000, to_ms: last * 1000 };
        let group = Group { region: Region::from("eu-west-1"), range };
        let users = BTreeSet::from(["A".to_owned()]);
        PlannedSeries { key, group, first, last, sentinels: &[], is_spare: false, users }
    }

    fn of(metric: &str, minutes: (i64, i64)) -> PlannedSeries {
        series(metric, Statistic::Maximum, minutes)
    }

    /// Each call as its minutes before now and the number of its series; then how many metrics are billed.
    fn check(wanted: impl IntoIterator<Item = PlannedSeries>, expected: &str) {
        let mut batch = Batch::default();
        for series in wanted {
            batch.add(series, (), NOW * 1000);
        }
        let (calls, placements) = batch.pack();
        let show = |call: &GetMetricDataCall| {
            format!("{}..{} x{}", (NOW - call.start) / 60, (NOW - call.end) / 60, call.series.len())
        };
        let calls = calls.iter().map(show).collect::<Vec<_>>().join(", ");
        let billed = placements.iter().filter(|(placement, _)| placement.billed).count();
        assert_eq!(format!("{calls}, {billed} billed"), expected);
    }

    #[test]
    fn series_of_near_ranges_share_a_call() {
        check([of("a", (6, 0)), of("b", (60, 0)), of("c", (360, 0))], "360..0 x3, 3 billed");
        let few = (0..60).map(|rule| of(&format!("m{rule}"), (5 + rule % 3 * 5, 1)));
        check(few, "15..1 x60, 60 billed");
    }

    #[test]
    fn a_shared_call_does_not_ask_for_much_that_nobody_wants() {
        let tails = (0..100).map(|index| of(&format!("m{index}"), (6, 0)));
        check(tails.chain([of("old", (20_000, 10_000))]), "20000..10000 x1, 6..0 x100, 101 billed");
    }

    #[test]
    fn one_series_is_asked_once_for_all_who_want_it() {
        check([of("a", (6, 0)), of("a", (60, 0)), of("a", (6, 0))], "60..0 x1, 1 billed");
        check([of("a", (6, 0)), of("a", (20_000, 19_000))], "20000..19000 x1, 6..0 x1, 2 billed");
    }

    #[test]
    fn five_statistics_are_billed_as_one_metric() {
        let statistics = ["Average", "Minimum", "Maximum", "Sum", "SampleCount", "p90"];
        let all = statistics.map(|name| series("a", Statistic::parse(name).unwrap(), (60, 0)));
        check(all[..5].to_vec(), "60..0 x5, 1 billed");
        check(all, "60..0 x6, 2 billed");
    }

    #[test]
    fn what_nobody_waits_for_any_more_is_not_asked() {
        let mut batch = Batch::default();
        batch.add(of("a", (6, 0)), 1, 0);
        batch.add(of("b", (6, 0)), 2, 0);
        batch.add(of("b", (6, 0)), 1, 0);
        batch.retain(|waiting| *waiting == 2);
        let (calls, placements) = batch.pack();
        assert_eq!((calls.len(), calls[0].series.len(), placements.len()), (1, 1, 1));
        assert_eq!(placements[0].1, [2]);
    }
}
