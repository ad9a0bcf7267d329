//! Packs series into the fewest GetMetricData calls.
//!
//! Statistics of one metric stand in the same call, because CloudWatch bills up to five of them as one. Calls of one
//! group share a range, so a call's points are its asks times the buckets of that range. The one surprise: a range that is
//! aligned to a long period may start before CloudWatch has points of a short one; then they do not share it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::call::{GetMetricDataCall, SeriesAsk};
use super::facts::Dimensions;
use super::grid::oldest_start;
use super::series::{Group, PlannedSeries};
use crate::period::Period;
use crate::place::AccountId;

/// Most entries of MetricDataQueries in one call (CloudWatch API reference, GetMetricData).
pub const CALL_ASKS: usize = 500;
/// Most data points in one answer page (same source); a call that asks for more is answered in several pages, one after the other.
pub const CALL_POINTS: usize = 100_800;

/// The calls for all series that somebody uses; each of them learns its slot.
pub(super) fn pack(series: &mut [PlannedSeries], now_ms: i64) -> Vec<GetMetricDataCall> {
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    for (index, planned) in series.iter().enumerate().filter(|(_, planned)| !planned.users.is_empty()) {
        groups.entry(planned.group.clone()).or_default().push(index);
    }
    let mut calls = Vec::new();
    for (group, members) in groups {
        for members in ranges(&group, members, series, now_ms) {
            pack_group(&group, members, series, &mut calls);
        }
    }
    calls
}

/// The members that can share a range: all, unless its start is too old for the points of some.
fn ranges(group: &Group, members: Vec<usize>, series: &[PlannedSeries], now_ms: i64) -> Vec<Vec<usize>> {
    let start = empty_call(group, &members, series).start;
    let oldest = |member: usize| oldest_start(series[member].ask.period, now_ms);
    if members.iter().all(|member| oldest(*member) <= start) {
        return vec![members];
    }
    let mut apart: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for member in members {
        apart.entry(oldest(member)).or_default().push(member);
    }
    apart.into_values().collect()
}

/// A call that still has room.
struct OpenCall {
    index: usize,
    points: usize,
}

fn pack_group(group: &Group, members: Vec<usize>, series: &mut [PlannedSeries], calls: &mut Vec<GetMetricDataCall>) {
    let empty = empty_call(group, &members, series);
    let mut open: Vec<OpenCall> = Vec::new();
    for bundle in bundles(members, series) {
        let each = empty.points(series[bundle[0]].ask.period);
        // Five statistics of two weeks of minutes are more than one call may ask for.
        let most = (CALL_POINTS / each.max(1)).clamp(1, CALL_ASKS);
        for bundle in bundle.chunks(most) {
            let target = call_with_room(&empty, (bundle.len(), each * bundle.len()), &mut open, calls);
            for member in bundle {
                series[*member].slot = Some((target, calls[target].asks.len()));
                calls[target].asks.push(series[*member].ask.clone());
            }
        }
    }
}

/// The first open call with room for so many asks and points, else a new one; the points are taken.
fn call_with_room(
    empty: &GetMetricDataCall,
    (asks, points): (usize, usize),
    open: &mut Vec<OpenCall>,
    calls: &mut Vec<GetMetricDataCall>,
) -> usize {
    let has_room =
        |call: &OpenCall| calls[call.index].asks.len() + asks <= CALL_ASKS && call.points + points <= CALL_POINTS;
    if let Some(position) = open.iter().position(has_room) {
        open[position].points += points;
        return open[position].index;
    }
    calls.push(empty.clone());
    open.push(OpenCall { index: calls.len() - 1, points });
    calls.len() - 1
}

/// The group's range: from the first bucket that any member needs, aligned to the longest period, to the last.
fn empty_call(group: &Group, members: &[usize], series: &[PlannedSeries]) -> GetMetricDataCall {
    let members = || members.iter().map(|member| &series[*member]);
    let first = members().map(|planned| planned.first).min().unwrap_or(0);
    let longest = members().map(|planned| planned.ask.period).max();
    GetMetricDataCall {
        region: group.region.clone(),
        start: longest.map_or(first, |period| period.floor(first)),
        end: members().map(|planned| planned.last).max().unwrap_or(first),
        asks: Vec::new(),
    }
}

/// Series of one metric, account and period together; those with most points first, so that small ones fill the gaps.
fn bundles(members: Vec<usize>, series: &[PlannedSeries]) -> Vec<Vec<usize>> {
    let ask = |member: usize| &series[member].ask;
    let mut sorted = members;
    sorted.sort_by(|a, b| {
        let (a, b) = (ask(*a), ask(*b));
        metric_of(a).cmp(&metric_of(b)).then_with(|| a.statistic.cmp(&b.statistic))
    });
    let mut bundles: Vec<Vec<usize>> = Vec::new();
    for member in sorted {
        match bundles.last_mut() {
            Some(last) if metric_of(ask(last[0])) == metric_of(ask(member)) => last.push(member),
            Some(_) | None => bundles.push(vec![member]),
        }
    }
    bundles
}

/// What CloudWatch bills as one, at one period.
fn metric_of(ask: &SeriesAsk) -> (Period, &Option<AccountId>, &Arc<str>, &Dimensions) {
    (ask.period, &ask.account, &ask.metric, &ask.dimensions)
}
