//! What is counted over a range is what was counted in it: at every period, in series, tables and alert rules.

use std::ops::Range;

use local_aws::fleet::{Direction, HOME_REGION};
use local_aws::world::{Minute, Series, World};
use serde_json::{Value, json};

use super::incidents::incidents;
use super::{DAY, HOUR, NOON, fleet};
use crate::support::world::{Answer, Chain};

/// Seven minutes into an hour, so that no range of whole hours begins with one.
const NOW: i64 = NOON + 420;

/// Ranges with periods that ask in other ways than each other; 0 is "auto".
const RANGES: [(i64, &[i64]); 5] = [
    (1800, &[60, 300, HOUR, DAY]),
    (6 * HOUR, &[0, 300, HOUR, DAY]),
    (3 * DAY, &[0, 300, HOUR, DAY]),
    (30 * DAY, &[0, HOUR, DAY]),
    (90 * DAY, &[0, DAY]),
];

/// What is counted, of which application, and its title as a column.
const COUNTED: [(&str, &str, &str); 6] = [
    // Restarts every two minutes; its job starts anew each day at 06:00, and the count with it.
    ("clickstream", "restarts", "Restarts"),
    ("clickstream", "checkpointsFailed", "Checkpoints failed"),
    // Restarts every three days, a new job every week.
    ("sessions", "checkpointsCompleted", "Checkpoints completed"),
    ("sessions", "restarts", "Restarts"),
    // A new job each day at 04:00.
    ("payments", "recordsIn", "Records in"),
    // Another parallelism every twelve hours.
    ("inventory-sync", "recordsIn", "Records in"),
];

fn query(application: &str, signal: &str, shape: &str, period: Value) -> Value {
    json!({ "queryType": "application", "applications": [application], "signals": [signal], "as": shape, "period": period })
}

fn truth(application: &str, signal: &str, range: Range<i64>) -> f64 {
    let fleet = fleet();
    match signal {
        "restarts" => fleet.true_restarts(application, range) as f64,
        "checkpointsCompleted" => fleet.true_checkpoints(application, range).completed as f64,
        "checkpointsFailed" => fleet.true_checkpoints(application, range).failed as f64,
        _ => {
            let sources = fleet.source_tasks(application);
            sources.iter().map(|task| fleet.true_records(application, task, Direction::Out, range.clone())).sum()
        }
    }
}

/// Samples come four times a minute, so that what is counted lies within a minute at each end; at a restart some of it
/// is lost.
fn check(found: f64, (application, signal): (&str, &str), range: Range<i64>, edge: i64) -> Option<String> {
    let at_most = truth(application, signal, range.start - edge..range.end + edge) * 1.01;
    let at_least = truth(application, signal, range.start + edge..range.end - edge) * 0.97;
    (!(at_least..=at_most).contains(&found)).then(|| format!("{found} and not {at_least} to {at_most}"))
}

/// The shortest period that CloudWatch keeps for a range.
fn kept(range: i64) -> i64 {
    match range {
        range if range < 15 * DAY - HOUR => 60,
        range if range < 63 * DAY - HOUR => 300,
        _ => HOUR,
    }
}

async fn check_all(cases: &[(&str, &str, &str)]) {
    let chain = Chain::start(fleet(), NOW).await;
    let mut wrong = Vec::new();
    for (application, signal, title) in cases.iter().copied() {
        for (range, periods) in RANGES {
            for period in periods.iter().map(|period| if *period == 0 { json!("auto") } else { json!(period) }) {
                let case = (application, signal);
                let edge = 3 * kept(range).max(range / 1440);
                let whole = NOW - range..NOW;
                let table = chain.ask(query(application, signal, "table", period.clone()), whole.clone()).await;
                let table = check(table.cell(application, title), case, whole.clone(), edge);
                let series = query(application, signal, "series", period.clone());
                let panel = check(sum(&chain.ask(series.clone(), whole.clone()).await), case, whole.clone(), edge);
                let alert = chain.alert(series, whole).await;
                let line = alert.lines().remove(0);
                let counted = line.points[0].0..line.points.last().unwrap().0 + line.period;
                let alert = check(sum(&alert), case, counted, edge);
                for (what, text) in [("table", table), ("panel", panel), ("alert", alert)] {
                    wrong.extend(text.map(|text| format!("{what} {case:?} over {range} s at {period}: {text}")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_count_of_the_job_that_starts_anew_is_right_at_every_period() {
    check_all(&COUNTED[..4]).await;
}

#[tokio::test]
async fn records_of_jobs_that_start_anew_are_counted_at_every_period() {
    check_all(&COUNTED[4..]).await;
}

/// Each complete period has the extreme of its minutes, as CloudWatch has them, and an alert as many periods as fit.
#[tokio::test]
async fn a_level_is_that_of_its_minutes_at_every_period() {
    let chain = Chain::start(fleet(), NOW).await;
    let extremes: [(&str, &str, f64, Extreme); 3] = [
        ("cpu", "cpuUtilization", 0.01, |minute| (minute.maximum, f64::max)),
        ("heap", "heapMemoryUtilization", 0.01, |minute| (minute.maximum, f64::max)),
        ("uptime", "uptime", 1.0, |minute| (minute.minimum, f64::min)),
    ];
    for (signal, metric, scale, extreme) in extremes {
        let series = of_application("payments", metric);
        for (range, period) in
            [(1800, 60), (1800, DAY), (6 * HOUR, 300), (6 * HOUR, HOUR), (3 * DAY, HOUR), (3 * DAY, DAY)]
        {
            let query = query("payments", signal, "series", json!(period));
            let alert = chain.alert(query.clone(), NOW - range..NOW).await.signal(signal);
            assert_eq!(alert.points.len() as i64, (range / period).max(1), "{signal} over {range} s at {period}");
            let panel = chain.ask(query, NOW - range..NOW).await.signal(signal);
            let complete = panel.points.iter().filter(|(start, _)| start + period <= NOW - 180);
            for (start, found) in complete.chain(alert.points.iter().filter(|(start, _)| start + period <= NOW - 180)) {
                let minutes = (*start..start + period).step_by(60);
                let known = minutes
                    .filter_map(|minute| fleet().minute(HOME_REGION, &series, minute, NOW))
                    .map(|minute| extreme(&minute));
                let expected = known.reduce(|(a, fold), (b, _)| (fold(a, b), fold)).unwrap().0 * scale;
                assert!(
                    (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
                    "{signal} {start} at {period}: {found} for {expected}"
                );
            }
        }
    }
}

/// A value of a minute, and how two of them become one.
type Extreme = fn(&Minute) -> (f64, fn(f64, f64) -> f64);

fn of_application(application: &str, metric: &str) -> Series {
    let dimensions = vec![("Application".into(), application.into())];
    Series { metric: metric.into(), dimensions }
}

fn sum(answer: &Answer) -> f64 {
    answer.lines().remove(0).sum(0..i64::MAX)
}

/// Jobs that restart all the time, at every period: up for so many seconds, then down for so many.
#[tokio::test]
async fn availability_of_a_loop_is_the_share_of_its_runs() {
    const LOOPS: [(&str, f64, f64); 5] = [
        ("clickstream", 105.0, 15.0),
        ("crash-loop", 105.0, 15.0),
        ("runs-a-third", 105.0, 195.0),
        ("restarts-hourly", 3540.0, 60.0),
        ("waits-for-slots", 60.0, 840.0),
    ];
    let (shop, incidents) = (Chain::start(fleet(), NOW).await, Chain::start(incidents(), NOW).await);
    for (name, up, down) in LOOPS {
        let chain = if name == "clickstream" { &shop } else { &incidents };
        for (range, periods) in RANGES {
            for period in periods {
                let period = if *period == 0 { json!("auto") } else { json!(period) };
                let answer = chain.ask(query(name, "availability", "series", period.clone()), NOW - range..NOW).await;
                let found = answer.signal("availability").mean(0..NOW);
                // A range may hold a part of a run more or less. In buckets of half an hour and more runs are counted
                // low.
                let tolerance = if range > 15 * DAY { 0.05 } else { 0.01 } + (up + down) / range as f64;
                let error = found - up / (up + down);
                assert!(error.abs() < tolerance, "{name} over {range} s at {period}: {found}, {error} off");
            }
        }
    }
}

/// Rates at every period: a rule's points are the panel's, and their mean is what was read in their time.
#[tokio::test]
async fn a_rate_is_the_same_at_every_period_in_panels_and_rules() {
    let chain = Chain::start(fleet(), NOW).await;
    for (application, signal) in
        [("payments", "sourceRate"), ("inventory-sync", "sourceRate"), ("sessions", "sinkRate")]
    {
        for (range, periods) in RANGES {
            for period in periods.iter().map(|period| if *period == 0 { json!("auto") } else { json!(period) }) {
                let series = query(application, signal, "series", period.clone());
                let panel = chain.ask(series.clone(), NOW - range..NOW).await.signal(signal);
                let alert = chain.alert(series, NOW - range..NOW).await.signal(signal);
                let is_shown = |time: &i64| panel.points.iter().any(|(known, _)| known == time);
                for (time, value) in alert.points.iter().filter(|(time, value)| is_shown(time) && !value.is_nan()) {
                    assert_eq!(panel.at(*time), *value, "{application} {signal} over {range} s at {period}");
                }
                let span = alert.points[0].0..alert.points.last().unwrap().0 + alert.period;
                let truth = rate(application, signal, span.clone());
                let found = alert.mean(span);
                assert!(
                    (found / truth - 1.0).abs() < 0.01,
                    "{application} {signal} over {range} s at {period}: {found} for {truth}"
                );
            }
        }
    }
}

fn rate(application: &str, signal: &str, span: Range<i64>) -> f64 {
    let tasks = if signal == "sinkRate" { fleet().sink_tasks(application) } else { fleet().source_tasks(application) };
    let records = tasks.iter().map(|task| fleet().true_records(application, task, Direction::Out, span.clone()));
    records.sum::<f64>() / (span.end - span.start) as f64
}

/// After a restart there is no watermark for a while, which hides no long period: it has the highest lag of its parts.
#[tokio::test]
async fn a_watermark_is_that_of_its_parts_at_every_period() {
    let chain = Chain::start(fleet(), NOW).await;
    for signal in ["watermarkLag", "watermarkSkew"] {
        for (range, period, parts) in
            [(6 * HOUR, HOUR, 60), (DAY, 3 * HOUR, 60), (3 * DAY, DAY, 300), (30 * DAY, DAY, 3600)]
        {
            let line = async |period: i64| {
                let series = query("sessions", signal, "series", json!(period));
                chain.alert(series, NOW - range..NOW).await.signal(signal)
            };
            let (long, short) = (line(period).await, line(parts).await);
            for (time, value) in &long.points {
                let part = short.known(*time..time + period).into_iter().fold(f64::NAN, f64::max);
                assert!(!value.is_nan(), "{signal} over {range} s at {period}: {:?}", long.points);
                assert!(
                    part.is_nan() || *value >= part - 1.0,
                    "{signal} over {range} s at {period}: {value} for {part}"
                );
            }
        }
    }
}

/// Subtasks are compared with each other and not with another hour: load that rises and falls is no skew.
#[tokio::test]
async fn skew_is_no_larger_at_a_long_period() {
    let chain = Chain::start(fleet(), NOW).await;
    for (range, period, parts) in [(6 * HOUR, HOUR, 60), (3 * DAY, DAY, 300)] {
        let lines = async |period: i64| {
            let query =
                json!({ "queryType": "operator", "applications": ["sessions"], "signals": ["skew"], "period": period });
            chain.alert(query, NOW - range..NOW).await.lines()
        };
        let (long, short) = (lines(period).await, lines(parts).await);
        assert!(long.len() > 2 && long.len() == short.len());
        for (long, short) in long.iter().zip(&short) {
            for (time, value) in &long.points {
                let (mean, parts) = (short.mean(*time..time + period), short.known(*time..time + period).len());
                assert!(
                    parts == 0 || (value / mean - 1.0).abs() < 0.02,
                    "{:?} at {time}: {value} for {mean}",
                    long.labels
                );
            }
        }
    }
}

/// What is lost at a restart is lost at every period: sums of the same days agree.
#[tokio::test]
async fn records_of_days_are_the_same_sum_at_every_period() {
    let chain = Chain::start(fleet(), NOW).await;
    for application in ["payments", "inventory-sync", "sessions"] {
        for range in [DAY, 10 * DAY, 14 * DAY] {
            let mut parts = Vec::new();
            for period in [300, 900, HOUR, 6 * HOUR, DAY] {
                let series = query(application, "recordsIn", "series", json!(period));
                let line = chain.alert(series, NOW - range..NOW).await.signal("recordsIn");
                let span = line.points[0].0..line.points.last().unwrap().0 + line.period;
                parts.push(line.sum(span.clone()) / truth(application, "recordsIn", span));
            }
            let (least, most) = parts.iter().fold((1.0_f64, 0.0_f64), |(a, b), part| (a.min(*part), b.max(*part)));
            assert!(least > 0.994 && most < 1.001 && most - least < 0.006, "{application} over {range} s: {parts:?}");
        }
    }
}

/// What is counted in a minute of which samples were lost is told by the minutes after it, also where they are not
/// shown.
#[tokio::test]
async fn a_long_period_keeps_its_last_minute_where_samples_of_it_were_lost() {
    let chain = Chain::start(incidents(), NOON).await;
    let ask = |application: &'static str, period: i64, range: Range<i64>| {
        chain.alert(query(application, "recordsIn", "series", json!(period)), range)
    };
    let mut wrong = Vec::new();
    for application in ["slow-subtask", "hot", "steady", "often-scaled", "at-its-quota"] {
        let minutes = ask(application, 60, NOON - 20 * HOUR..NOON - HOUR).await;
        let minutes = minutes.signal("recordsIn");
        for start in (NOON - 20 * HOUR + 600..NOON - HOUR - 1200).step_by(600) {
            let whole = ask(application, 600, start..start + 600).await.signal("recordsIn").at(start);
            let sum: f64 = (start..start + 600).step_by(60).map(|minute| minutes.at(minute)).sum();
            if (whole - sum).abs() > sum * 0.001 + 1.0 {
                wrong.push(format!("{application} {start}: {whole} of {sum}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
