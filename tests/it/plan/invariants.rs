//! What every plan keeps, whatever was asked.

use std::collections::{BTreeMap, BTreeSet};

use flinkwatch::billing::BILLED_TOGETHER;
use flinkwatch::fetch::{CALL_POINTS, CALL_SERIES, Packed, pack};
use flinkwatch::plan::expr::Needed;
use flinkwatch::plan::line::Line;
use flinkwatch::plan::series::PlannedSeries;
use flinkwatch::plan::{Plan, QueryPlan, Show};

const DAY: i64 = 86_400;

/// How far back CloudWatch keeps points of a period that is no multiple of the next (GetMetricData's API reference).
const KEPT: [(i64, i64); 2] = [(300, 15 * DAY), (3600, 63 * DAY)];

/// Hourly points are kept so long; asking further back finds nothing.
const LONGEST: i64 = 455 * DAY;

pub fn check(plan: &Plan, now: i64) {
    let packed = pack(&plan.series, now * 1000);
    check_calls(&packed, now);
    check_series(plan, &packed);
    check_lines(plan, &packed);
    check_spare(plan, &packed, now);
}

fn check_calls(packed: &Packed, now: i64) {
    for call in &packed.calls {
        assert!(!call.series.is_empty() && call.series.len() <= CALL_SERIES, "{} series", call.series.len());
        let points: usize = call.series.iter().map(|wanted| call.points(wanted.period)).sum();
        assert!(points <= CALL_POINTS, "{points} points");
        assert!(call.start < call.end, "{call:?}");
        for wanted in &call.series {
            assert_eq!(wanted.period.floor(call.start), call.start, "CloudWatch's buckets are counted from the start");
            for (step, kept) in KEPT {
                let is_kept = wanted.period.seconds() % step == 0 || call.start >= now - kept;
                assert!(is_kept, "{} s points from {} s ago", wanted.period.seconds(), now - call.start);
            }
        }
        // A range that lies before everything is asked for its newest bucket only, and is empty.
        let is_kept = call.start >= now - LONGEST - 4 * DAY || call.end - call.start <= 4 * DAY;
        assert!(is_kept, "{} days ago", (now - call.start) / DAY);
        let unique: BTreeSet<_> = call.series.iter().collect();
        assert_eq!(unique.len(), call.series.len(), "asked twice in one call");
    }
}

/// What is asked for only where there is room adds nothing to calls and bill.
fn check_spare(plan: &Plan, packed: &Packed, now: i64) {
    let mut statistics: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for (series, slot) in plan.series.iter().zip(&packed.placements) {
        let Some((call, _)) = *slot else { continue };
        let wanted = &series.key;
        let key = (call, wanted.metric.clone(), wanted.dimensions.clone(), wanted.account.clone(), wanted.period);
        let (needed, spare) = statistics.entry(key).or_default();
        *if series.is_spare { spare } else { needed } += 1;
    }
    for (metric, (needed, spare)) in statistics {
        let billed = |statistics: usize| statistics.div_ceil(BILLED_TOGETHER);
        assert_eq!(billed(needed), billed(needed + spare), "{metric:?} is billed for what is spare");
    }
    let needed: Vec<PlannedSeries> = plan.series.iter().filter(|series| !series.is_spare).cloned().collect();
    assert_eq!(pack(&needed, now * 1000).calls.len(), packed.calls.len(), "a call for what is spare");
}

fn check_series(plan: &Plan, packed: &Packed) {
    let mut asked = BTreeSet::new();
    let mut calls_of: BTreeMap<_, (usize, BTreeSet<usize>)> = BTreeMap::new();
    let mut slots = BTreeSet::new();
    for (series, slot) in plan.series.iter().zip(&packed.placements) {
        let Some((call, position)) = *slot else { continue };
        let PlannedSeries { key: wanted, group, .. } = series;
        assert!(slots.insert((call, position)), "two series in one place");
        assert_eq!(&packed.calls[call].series[position], wanted);
        assert_eq!(packed.calls[call].region, group.region);
        assert!(
            packed.calls[call].start <= series.first && series.last <= packed.calls[call].end,
            "not covered: {series:?}"
        );
        assert!(asked.insert((group.clone(), wanted.clone())), "asked twice: {wanted:?}");
        // What is spare stands wherever it is billed with others, which is checked apart: in another range's call, too.
        if series.is_spare {
            continue;
        }
        let metric =
            (group.clone(), wanted.metric.clone(), wanted.dimensions.clone(), wanted.account.clone(), wanted.period);
        let points = packed.calls[call].points(wanted.period);
        let (all_points, calls) = calls_of.entry(metric).or_default();
        *all_points += points;
        calls.insert(call);
    }
    assert_eq!(
        slots.len(),
        packed.calls.iter().map(|call| call.series.len()).sum::<usize>(),
        "a placement without a series"
    );
    for (metric, (points, calls)) in calls_of {
        let must_be_one = points <= CALL_POINTS;
        assert!(calls.len() == 1 || !must_be_one, "statistics of one metric in several calls: {metric:?}");
    }
}

/// Every series that a line needs is there over the line's whole range, and none that no line needs.
fn check_lines(plan: &Plan, packed: &Packed) {
    let mut users: Vec<BTreeSet<String>> = vec![BTreeSet::new(); plan.series.len()];
    for query in &plan.queries {
        for line in lines(query) {
            assert!(line.grid.start < line.grid.end && line.grid.computed() > 0, "{:?}", line.grid);
            line.expr.visit_uses(&mut |id, needed| {
                let series = &plan.series[id.0 as usize];
                // Some are asked in finer buckets than they are shown.
                let (asked, shown) = (series.key.period.seconds(), line.grid.period.seconds());
                assert!(asked <= shown && shown % asked == 0, "{asked} s for {shown} s");
                let first = match (needed, asked == shown) {
                    (Needed::All, true) => line.grid.first(),
                    // Of the first and the last bucket of a panel, what lies in the range.
                    (Needed::All, false) => line.grid.start + shown - asked,
                    // Of what is only counted the newest buckets will do, also where others need more of it.
                    (Needed::Counted, true) => line.grid.first_counted(),
                    (Needed::Counted, false) => line.grid.end - asked,
                };
                assert!(needed == Needed::Counted || !series.is_spare, "spare and needed: {series:?}");
                let end = if asked == shown { line.grid.end } else { line.grid.end - shown };
                assert!(series.first <= first && end <= series.last, "{:?} {series:?}", line.grid);
                users[id.0 as usize].insert(query.ref_id.clone());
            });
        }
    }
    for ((series, slot), users) in plan.series.iter().zip(&packed.placements).zip(users) {
        assert_eq!(series.users, users, "{:?}", series.key);
        let is_needed = !series.users.is_empty();
        let is_right = if series.is_spare { is_needed || slot.is_none() } else { is_needed == slot.is_some() };
        assert!(is_right, "asked for nobody: {series:?}");
    }
}

fn lines(query: &QueryPlan) -> Vec<&Line> {
    let mut lines: Vec<&Line> = Vec::new();
    match &query.show {
        Show::Series { lines: shown, ranking } => {
            lines.extend(shown);
            lines.extend(ranking.iter().flat_map(|ranking| &ranking.by));
        }
        Show::Fleet(table) => lines.extend(table.rows.iter().flat_map(|row| row.cells.iter().flatten())),
        Show::Operators { table, ranking } => {
            lines.extend(table.rows.iter().flat_map(|row| row.cells.iter().flatten()));
            lines.extend(ranking.iter().flat_map(|ranking| &ranking.by));
        }
        Show::Facts(_) | Show::Logs(_) | Show::TooLarge(_) => {}
        Show::Summary(rows) => {
            lines.extend(rows.iter().flat_map(|row| [&row.line, &row.lowest, &row.mean]));
            lines.extend(rows.iter().filter_map(|row| row.weight.as_ref()));
        }
    }
    lines
}
