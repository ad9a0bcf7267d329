//! Packs series into the fewest GetMetricData calls.
//!
//! Statistics of one metric stand in the same call, because CloudWatch bills up to five of them as one. Calls of one
//! group share a range, so a call's points are its series times the buckets of that range. The one surprise: series of
//! one group do not always share a range, because its start must suit all their periods (see [`Range`]).

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::billing::BILLED_TOGETHER;
use crate::catalog::statistic::Statistic;
use crate::model::series::Dimensions;
use crate::period::Period;
use crate::place::AccountId;
use crate::plan::call::{GetMetricDataCall, SeriesKey};
use crate::plan::oldest_start;
use crate::plan::series::{Group, PlannedSeries};

/// Most entries of MetricDataQueries in one call (CloudWatch API reference, GetMetricData).
pub const CALL_SERIES: usize = 500;
/// Most data points in one answer page (same source); a call that asks for more is answered in several pages, one after
/// the other.
pub const CALL_POINTS: usize = 100_800;

/// Series in calls.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Packed {
    pub calls: Vec<GetMetricDataCall>,
    /// Where each series stands: which call, which series of it. None where nobody uses the series, or it is spare and
    /// no call has room.
    pub placements: Vec<Option<(usize, usize)>>,
}

/// The calls for all series that somebody uses.
pub fn pack(series: &[PlannedSeries], now_ms: i64) -> Packed {
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    let is_asked = |planned: &PlannedSeries| !planned.users.is_empty() && !planned.is_spare;
    for (index, planned) in series.iter().enumerate().filter(|(_, planned)| is_asked(planned)) {
        groups.entry(planned.group.clone()).or_default().push(index);
    }
    let mut packed = Packed { calls: Vec::new(), placements: vec![None; series.len()] };
    for (group, members) in groups {
        for range in ranges(members, series, now_ms) {
            pack_range(&group, range, series, &mut packed);
        }
    }
    fill_up(series, &mut packed);
    packed
}

/// Puts spare series beside the other statistics of their metrics, where that makes neither a further call or page nor
/// a further metric on the bill.
fn fill_up(series: &[PlannedSeries], Packed { calls, placements }: &mut Packed) {
    if !series.iter().any(|planned| planned.is_spare) {
        return;
    }
    // By metric: the calls that ask for it, and which of its statistics stand in each.
    let mut asked: HashMap<_, BTreeMap<usize, Vec<Statistic>>> = HashMap::new();
    let mut points: Vec<usize> = Vec::with_capacity(calls.len());
    for (index, call) in calls.iter().enumerate() {
        for key in &call.series {
            let calls = asked.entry((call.region.clone(), owned_metric_of(key))).or_default();
            calls.entry(index).or_default().push(key.statistic.clone());
        }
        points.push(call.series.iter().map(|key| call.points(key.period)).sum());
    }
    let spare = series.iter().zip(placements).filter(|(planned, _)| planned.is_spare && !planned.users.is_empty());
    for (planned, placement) in spare {
        let key = (planned.group.region.clone(), owned_metric_of(&planned.key));
        let has_room = |(index, statistics): &(&usize, &mut Vec<Statistic>)| {
            let call = &calls[**index];
            let is_covered = call.start <= planned.first && planned.last <= call.end;
            let together = points[**index] + call.points(planned.key.period);
            is_covered
                && call.series.len() < CALL_SERIES
                && together <= CALL_POINTS
                && !statistics.len().is_multiple_of(BILLED_TOGETHER)
                && !statistics.contains(&planned.key.statistic)
        };
        let Some((index, statistics)) = asked.get_mut(&key).and_then(|calls| calls.iter_mut().find(has_room)) else {
            continue;
        };
        let call = &mut calls[*index];
        points[*index] += call.points(planned.key.period);
        statistics.push(planned.key.statistic.clone());
        *placement = Some((*index, call.series.len()));
        call.series.push(planned.key.clone());
    }
}

/// Members that share a range, and what its start is a multiple of, in seconds.
struct Range {
    step: i64,
    first: i64,
    oldest: i64,
    members: Vec<usize>,
}

/// CloudWatch counts buckets from the start, so the start must be a multiple of every period of a call. Periods share
/// one where that moves it back by no more than six hours, or by their longest period: those of the ladder all do. What
/// is compared with the day before does not: its start would bring a day of minutes with it.
const STEP_LIMIT: i64 = 6 * 3600;

impl Range {
    /// Takes the members of one period in, unless the start would move too far: beyond what is kept of some member.
    fn take(&mut self, other: &Self) -> bool {
        let step = self.step / greatest_divisor(self.step, other.step) * other.step;
        let (first, oldest) = (self.first.min(other.first), self.oldest.max(other.oldest));
        let limit = STEP_LIMIT.max(self.step);
        let is_near = (self.first - other.first).abs() <= limit;
        let fits = is_near && step <= limit && first.div_euclid(step) * step >= oldest;
        if fits {
            self.members.extend(&other.members);
            (self.step, self.first, self.oldest) = (step, first, oldest);
        }
        fits
    }
}

/// The members of a group by the ranges that they can share; mostly there is one.
fn ranges(members: Vec<usize>, series: &[PlannedSeries], now_ms: i64) -> Vec<Range> {
    let mut by_period: BTreeMap<Period, Vec<usize>> = BTreeMap::new();
    for member in members {
        by_period.entry(series[member].key.period).or_default().push(member);
    }
    let mut ranges: Vec<Range> = Vec::new();
    for (period, members) in by_period.into_iter().rev() {
        let first = members.iter().map(|member| series[*member].first).min().unwrap_or(0);
        let range = Range { step: period.seconds(), first, oldest: oldest_start(period, now_ms), members };
        if !ranges.iter_mut().any(|known| known.take(&range)) {
            ranges.push(range);
        }
    }
    ranges
}

fn greatest_divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

/// A call that still has room.
struct OpenCall {
    index: usize,
    points: usize,
}

fn pack_range(group: &Group, range: Range, series: &[PlannedSeries], Packed { calls, placements }: &mut Packed) {
    let empty = empty_call(group, &range, series);
    let mut open: Vec<OpenCall> = Vec::new();
    for bundle in bundles(range.members, series) {
        let each = empty.points(series[bundle[0]].key.period);
        // Five statistics of two weeks of minutes are more than one call may ask for.
        let most = (CALL_POINTS / each.max(1)).clamp(1, CALL_SERIES);
        for bundle in bundle.chunks(most) {
            let target = call_with_room(&empty, bundle.len(), each * bundle.len(), &mut open, calls);
            for member in bundle {
                placements[*member] = Some((target, calls[target].series.len()));
                calls[target].series.push(series[*member].key.clone());
            }
        }
    }
}

/// The first open call with room for so many series and points, else a new one; the points are taken.
fn call_with_room(
    empty: &GetMetricDataCall,
    series: usize,
    points: usize,
    open: &mut Vec<OpenCall>,
    calls: &mut Vec<GetMetricDataCall>,
) -> usize {
    let has_room =
        |call: &OpenCall| calls[call.index].series.len() + series <= CALL_SERIES && call.points + points <= CALL_POINTS;
    if let Some(position) = open.iter().position(has_room) {
        open[position].points += points;
        return open[position].index;
    }
    calls.push(empty.clone());
    open.push(OpenCall { index: calls.len() - 1, points });
    calls.len() - 1
}

/// From the first bucket that any member needs to the last.
fn empty_call(group: &Group, range: &Range, series: &[PlannedSeries]) -> GetMetricDataCall {
    let last = range.members.iter().map(|member| series[*member].last).max();
    GetMetricDataCall {
        region: group.region.clone(),
        start: range.first.div_euclid(range.step) * range.step,
        end: last.unwrap_or(range.first),
        series: Vec::new(),
    }
}

/// Series of one metric, account and period together; those with most points first, so that small ones fill the gaps.
fn bundles(members: Vec<usize>, series: &[PlannedSeries]) -> Vec<Vec<usize>> {
    let key = |member: usize| &series[member].key;
    let mut sorted = members;
    sorted.sort_by(|a, b| {
        let (a, b) = (key(*a), key(*b));
        metric_of(a).cmp(&metric_of(b)).then_with(|| a.statistic.cmp(&b.statistic))
    });
    let mut bundles: Vec<Vec<usize>> = Vec::new();
    for member in sorted {
        match bundles.last_mut() {
            Some(last) if metric_of(key(last[0])) == metric_of(key(member)) => last.push(member),
            Some(_) | None => bundles.push(vec![member]),
        }
    }
    bundles
}

fn owned_metric_of(key: &SeriesKey) -> (Period, Option<AccountId>, Arc<str>, Dimensions) {
    (key.period, key.account.clone(), Arc::clone(&key.metric), key.dimensions.clone())
}

/// What CloudWatch bills as one, at one period.
fn metric_of(key: &SeriesKey) -> (Period, &Option<AccountId>, &Arc<str>, &Dimensions) {
    (key.period, &key.account, &key.metric, &key.dimensions)
}
