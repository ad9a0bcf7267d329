//! Packs series into the fewest GetMetricData calls.
//!
//! Statistics of one metric stand in the same call, because CloudWatch bills up to five of them as one. Calls of one
//! group share a range, so a call's points are its asks times the buckets of that range.

use std::collections::BTreeMap;

use super::call::{GetMetricDataCall, SeriesAsk};
use super::series::{Group, PlannedSeries};

/// Most entries of MetricDataQueries in one call (CloudWatch API reference, GetMetricData).
pub const CALL_ASKS: usize = 500;
/// Most data points in one answer page (same source); a call that asks for more is answered in several pages, one after the other.
pub const CALL_POINTS: usize = 100_800;

/// The calls for all series; each series learns its slot.
pub fn pack(series: &mut [PlannedSeries]) -> Vec<GetMetricDataCall> {
    let mut groups: BTreeMap<Group, Vec<usize>> = BTreeMap::new();
    for (index, planned) in series.iter().enumerate() {
        groups.entry(planned.group.clone()).or_default().push(index);
    }
    let mut calls = Vec::new();
    for (group, members) in groups {
        pack_group(&group, members, series, &mut calls);
    }
    calls
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
        let period = series[bundle[0]].ask.period;
        let points = empty.points(period) * bundle.len();
        let fitting = open.iter_mut().find(|call| {
            calls[call.index].asks.len() + bundle.len() <= CALL_ASKS && call.points + points <= CALL_POINTS
        });
        let target = match fitting {
            Some(call) => {
                call.points += points;
                call.index
            }
            None => {
                calls.push(empty.clone());
                open.push(OpenCall { index: calls.len() - 1, points });
                calls.len() - 1
            }
        };
        for member in bundle {
            series[member].slot = (target, calls[target].asks.len());
            calls[target].asks.push(series[member].ask.clone());
        }
    }
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
    let key = |ask: &SeriesAsk| (ask.period, ask.account.clone(), ask.metric.clone(), ask.dimensions.clone());
    let mut sorted = members;
    sorted.sort_by(|a, b| key(&series[*a].ask).cmp(&key(&series[*b].ask)).then(series[*a].ask.cmp(&series[*b].ask)));
    let mut bundles: Vec<Vec<usize>> = Vec::new();
    for member in sorted {
        match bundles.last_mut() {
            Some(last) if key(&series[last[0]].ask) == key(&series[member].ask) => last.push(member),
            Some(_) | None => bundles.push(vec![member]),
        }
    }
    bundles
}
