//! The newest minutes are still arriving: no number dips because of it.

use std::sync::Arc;

use local_aws::world::World;
use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::made::{Made, Subtask};
use crate::support::world::{Answer, Chain, Line};

/// A panel that is refreshed every ten seconds, and an alert rule beside it.
const REFRESH: i64 = 10;

fn application(name: &str, signals: &[&str], shape: &str) -> Value {
    json!({"queryType": "application", "applications": [name], "signals": signals, "as": shape})
}

/// Whether each value of a line is about what it is when all has arrived.
fn check_line(line: &Line, settled: &Line, tolerance: f64, at: i64) {
    for (time, value) in line.points.iter().filter(|(_, value)| !value.is_nan()) {
        let truth = settled.at(*time);
        let is_near = (value - truth).abs() <= truth.abs() * tolerance;
        assert!(is_near, "{:?} at {at}: {value} in the minute {time}, which became {truth}", line.labels);
    }
    let newest = line.points.iter().rfind(|(_, value)| !value.is_nan()).map_or(0, |(time, _)| *time);
    assert!(newest >= at - 300, "{:?} at {at}: nothing since {newest}", line.labels);
}

/// Asks the same through three minutes. Rates differ by what a minute differs from the next, counts by a record.
async fn check_refreshes(world: Arc<dyn World>, query: Value, tolerance: f64) {
    let lines = |answer: &Answer| answer.lines();
    let later = Chain::start(Arc::clone(&world), NOON + HOUR).await;
    let settled = lines(&later.ask(query.clone(), NOON - HOUR..NOON + 600).await);
    assert!(!settled.is_empty());
    let mut chain = Chain::start_late(world, NOON).await;
    let same = |line: &Line| settled.iter().find(|other| other.labels == line.labels).unwrap().clone();
    for at in (NOON..NOON + 180).step_by(usize::try_from(REFRESH).unwrap()) {
        chain.move_to(at);
        let panel = chain.ask(query.clone(), at - 900..at).await;
        lines(&panel).iter().for_each(|line| check_line(line, &same(line), tolerance, at));
        let alert = chain.alert(query.clone(), at - 900..at).await;
        lines(&alert).iter().for_each(|line| check_line(line, &same(line), tolerance, at));
    }
}

#[tokio::test]
async fn a_rate_does_not_dip_while_its_newest_minute_arrives() {
    for (name, signals) in [("orders", ["sourceRate", "sinkRate"]), ("inventory-sync", ["sourceRate", "sinkRate"])] {
        check_refreshes(fleet(), application(name, &signals, "series"), 0.03).await;
    }
}

#[tokio::test]
async fn counted_records_do_not_dip_while_their_newest_minute_arrives() {
    check_refreshes(fleet(), application("orders", &["recordsIn", "recordsOut"], "series"), 0.03).await;
}

/// The first samples of a minute do not tell how long the job ran in it.
#[tokio::test]
async fn availability_does_not_dip_while_its_newest_minute_arrives() {
    check_refreshes(fleet(), application("clickstream", &["availability"], "series"), 0.05).await;
}

/// The highest and the lowest watermark of a minute are taken at different times: from its first sample alone they look
/// closer.
#[tokio::test]
async fn a_skew_does_not_dip_while_its_newest_minute_arrives() {
    check_refreshes(fleet(), application("orders", &["watermarkSkew"], "series"), 0.01).await;
}

/// A lag that rises by a second a second, so that each sample of a bucket changes its maximum.
#[tokio::test]
async fn a_rule_over_long_periods_waits_for_the_last_samples_of_a_bucket() {
    // A panel shows what is made of the first five minutes.
    const PERIOD: i64 = 900;
    let stream = [("Flow", "Input"), ("Id", "stream")];
    let made: Arc<dyn World> =
        Arc::new(Made::new("orders").late("millisBehindLatest", &stream, &hot(0, 2e7, 1e7, 1000.0)));
    let mut query = application("orders", &["consumerLagTime"], "series");
    query["period"] = json!(PERIOD);
    let line = |answer: &Answer| answer.signal("consumerLagTime");
    let settled =
        line(&Chain::start(Arc::clone(&made), NOON + HOUR).await.ask(query.clone(), NOON - 2 * HOUR..NOON + 600).await);
    let mut chain = Chain::start_late(made, NOON).await;
    let mut waited = 0;
    for at in (NOON..NOON + 360).step_by(usize::try_from(REFRESH).unwrap()) {
        chain.move_to(at);
        let rule = line(&chain.alert(query.clone(), at - HOUR..at).await);
        for (time, value) in rule.points.iter().filter(|(_, value)| !value.is_nan()) {
            assert_eq!(*value, settled.at(*time), "{time} at {at}");
        }
        let newest = rule.points.iter().rfind(|(_, value)| !value.is_nan()).map_or(0, |(time, _)| *time);
        waited += usize::from(newest + 2 * PERIOD <= at);
        assert!(newest + 2 * PERIOD + COMPLETE_AFTER + REFRESH >= at, "nothing since {newest} at {at}");
    }
    assert!(waited > 0, "a bucket that has just ended is complete from the first moment on");
}

/// Their series are published at times of their own.
fn two_sources() -> Made {
    let of = |task: &'static str, made: Made, each: f64| {
        let made = made.rate("numRecordsOutPerSecond", &[("Task", task)], each, 4);
        made.constant("busyTimeMsPerSecond", &[("Task", task)], each)
    };
    let made = of("Source:_a", Made::new("orders"), 100.0);
    let made = of("Source:_b", made, 25.0);
    of("Source:_c", made, 10.0).rate("numRecordsInPerSecond", &[("Task", "Sink:_d:_Writer")], 135.0, 4)
}

#[tokio::test]
async fn a_source_that_is_late_does_not_lower_the_sum() {
    check_refreshes(Arc::new(two_sources()), application("orders", &["sourceRate"], "series"), 0.0).await;
}

#[tokio::test]
async fn the_fleet_table_and_its_verdict_do_not_dip_either() {
    let mut chain = Chain::start_late(Arc::new(two_sources()), NOON).await;
    for at in (NOON..NOON + 180).step_by(usize::try_from(REFRESH).unwrap()) {
        chain.move_to(at);
        let table = chain.ask(application("orders", &["sourceRate"], "table"), at - HOUR..at).await;
        assert_eq!(table.cell("orders", "Source rate"), 540.0, "{at}");
    }
}

/// A part that has ended does not hold the others back.
#[tokio::test]
async fn a_source_that_has_ended_leaves_the_sum_of_the_others() {
    let ended = |minute: i64| (minute < NOON - 600).then(|| crate::support::made::samples(&[7.0; 16]));
    let made = two_sources().with("numRecordsOutPerSecond", &[("Task", "Source:_old")], ended);
    let chain = Chain::start(Arc::new(made), NOON).await;
    let line =
        chain.ask(application("orders", &["sourceRate"], "series"), NOON - HOUR..NOON).await.signal("sourceRate");
    assert_eq!((line.at(NOON - 660), line.at(NOON - 600), line.at(NOON - 60)), (568.0, 540.0, 540.0));
}

/// The subtasks of a task with a hot one. Their samples come up to 50 s late; in which order depends on `hot`.
fn hot(hot: usize, level: f64, others: f64, speed: f64) -> Vec<Subtask> {
    let subtask = |index: usize| {
        let level = if index == hot { level } else { others };
        Subtask { level, speed, delay: 5 + 15 * i64::try_from(index).unwrap() }
    };
    (0..4).map(subtask).collect()
}

/// The last sample of a minute is taken 45 s into it, and is up to 50 s on its way.
const COMPLETE_AFTER: i64 = 95;

/// A panel may show what is 30 s old.
const KEPT: i64 = 30;

/// One of the subtasks, the first or the last to be known, differs from the others in all that it reports.
fn uneven(first: usize) -> Made {
    let task = |task: &'static str, made: Made| {
        let at = [("Task", task)];
        let made = made.late("numRecordsInPerSecond", &at, &hot(first, 900.0, 100.0, 0.0));
        let made = made.late("numRecordsOutPerSecond", &at, &hot(first, 800.0, 100.0, 0.0));
        let made = made.late("busyTimeMsPerSecond", &at, &hot(first, 950.0, 100.0, 0.0));
        let made = made.late("idleTimeMsPerSecond", &at, &hot(first, 50.0, 900.0, 0.0));
        let made = made.late("backPressuredTimeMsPerSecond", &at, &hot(first, 400.0, 10.0, 0.0));
        // In milliseconds, and as fast as the clock.
        let made = made.late("currentInputWatermark", &at, &hot(first, 1.795_607e12, 1.795_607_5e12, 1000.0));
        made.late("currentOutputWatermark", &at, &hot(first, 1.795_607e12, 1.795_607_5e12, 1000.0))
    };
    let made = task("Join", task("Source:_a", Made::new("orders")));
    let stream = [("Flow", "Input"), ("Id", "stream")];
    let made = made.late("millisBehindLatest", &stream, &hot(first, 90_000.0, 500.0, 0.0));
    let made = made.late("records_lag_max", &[], &hot(first, 5000.0, 3.0, 0.0));
    let made = made.late("containerCPUUtilization", &[], &hot(first, 95.0, 20.0, 0.0));
    let made = made.late("cpuUtilization", &[], &hot(first, 95.0, 20.0, 0.0));
    let made = made.late("containerMemoryUtilization", &[], &hot(first, 80.0, 30.0, 0.0));
    let made = made.late("heapMemoryUtilization", &[], &hot(first, 85.0, 30.0, 0.0));
    let made = made.late("taskmanagerFileDescriptorsOpen", &[], &hot(first, 900.0, 100.0, 0.0));
    let made = made.late("taskmanagerFileDescriptorsMax", &[], &hot(first, 1000.0, 1000.0, 0.0));
    let made = made.late("oldGenerationGCTime", &[], &hot(first, 90_000.0, 100.0, 12.0));
    let made = made.late("oldGenerationGCCount", &[], &hot(first, 900.0, 10.0, 0.5));
    let made = made.late("lastCheckpointDuration", &[], &hot(first, 4000.0, 1000.0, 0.0));
    let made = made.late("numberOfCompletedCheckpoints", &[], &hot(first, 5000.0, 5000.0, 0.1));
    made.late("numberOfFailedCheckpoints", &[], &hot(first, 100.0, 100.0, 0.02))
}

const OF_APPLICATION: &[&str] = &[
    "consumerLagTime",
    "consumerLagRecords",
    "timeToCatchUp",
    "cpu",
    "heap",
    "cpuHeadroom",
    "memoryHeadroom",
    "fileDescriptors",
    "gcPressure",
    "gcCollections",
    "checkpointDuration",
    "checkpointSuccessRatio",
    "checkpointInterval",
    "watermarkLag",
    "watermarkSkew",
    "busy",
    "sourceRate",
];
const OF_TASK: &[&str] = &[
    "busy",
    "idle",
    "backPressure",
    "skew",
    "recordsInRate",
    "recordsOutRate",
    "selectivity",
    "watermarkLag",
    "watermarkSkew",
];

fn polled() -> Vec<Value> {
    let tasks = |extra: Value| {
        let mut query = json!({"queryType": "operator", "applications": ["orders"], "level": "task"});
        query.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        query
    };
    let metric = |name: &str, statistic: &str| json!({"queryType": "metric", "applications": ["orders"], "metric": name, "statistic": statistic});
    vec![
        application("orders", OF_APPLICATION, "series"),
        tasks(json!({"signals": OF_TASK})),
        tasks(json!({"signals": ["busy"], "statistic": "Average"})),
        tasks(json!({"signals": ["recordsInRate"], "top": {"count": 1, "by": "busy"}})),
        metric("cpuUtilization", "Average"),
        metric("cpuUtilization", "Minimum"),
        metric("cpuUtilization", "Sum"),
        metric("cpuUtilization", "p90"),
    ]
}

/// What is drawn of any minute, and what a rule gets of it, is what it will be when all has come; and it is there as
/// soon as all has.
#[tokio::test]
async fn no_number_is_made_of_a_part_of_the_subtasks() {
    for first in [0, 3] {
        let world = Arc::new(uneven(first));
        let later = Chain::start(world.clone(), NOON + HOUR).await;
        let mut chain = Chain::start(world.clone(), NOON).await;
        for query in polled() {
            let settled = later.ask(query.clone(), NOON - HOUR..NOON + 600).await.lines();
            assert!(!settled.is_empty(), "{query}");
            for at in (NOON..NOON + 180).step_by(usize::try_from(REFRESH).unwrap()) {
                chain.move_to(at);
                let panel = chain.ask(query.clone(), at - 900..at).await.lines();
                let alert = chain.alert(query.clone(), at - 900..at).await.lines();
                for (lines, delay) in [(panel, COMPLETE_AFTER + KEPT), (alert, COMPLETE_AFTER)] {
                    // A rule gets lines of nulls too.
                    assert!(lines.len() >= settled.len(), "{query} {at}");
                    for line in lines {
                        let truth = settled.iter().find(|truth| truth.labels == line.labels);
                        let Some(truth) = truth else {
                            assert!(line.points.iter().all(|(_, value)| value.is_nan()), "{line:?}");
                            continue;
                        };
                        check_whole(&line, truth, (at, delay));
                    }
                }
            }
        }
    }
}

fn check_whole(line: &Line, truth: &Line, (at, delay): (i64, i64)) {
    for minute in (at - 840..at).filter(|minute| minute % 60 == 0) {
        let found = line.points.iter().find(|(time, _)| *time == minute).map_or(f64::NAN, |(_, value)| *value);
        let expected = truth.at(minute);
        let is_same = (found - expected).abs() <= 1e-9 * expected.abs();
        assert!(found.is_nan() || is_same, "{:?} at {at}: {found} in {minute}, which became {expected}", line.labels);
        let must_be_known = minute + delay <= at && !expected.is_nan();
        assert!(!must_be_known || is_same, "{:?} at {at}: nothing of {minute}, which is {expected}", line.labels);
    }
}

/// The newest value of a cell, and what the verdict is made of.
#[tokio::test]
async fn no_cell_is_made_of_a_part_of_the_subtasks() {
    let signals = ["consumerLagTime", "cpu", "heap", "busy", "backPressure", "sourceRate"];
    for first in [0, 3] {
        let mut chain = Chain::start(Arc::new(uneven(first)), NOON).await;
        for at in (NOON..NOON + 180).step_by(usize::try_from(REFRESH).unwrap()) {
            chain.move_to(at);
            let table = chain.ask(application("orders", &signals, "table"), at - 600..at).await;
            let cells = ["Consumer lag", "CPU", "Heap", "Busy", "Back pressure", "Source rate"];
            let found = cells.map(|cell| table.cell("orders", cell));
            let expected = [90_000.0, 0.95, 0.85, 0.95, 0.4, 1100.0];
            let is_same = found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9);
            assert!(is_same, "{first} at {at}: {found:?}");
        }
    }
}

/// A rule that looks at one minute gets one that is complete, at whichever second it is evaluated.
#[tokio::test]
async fn a_rule_over_a_minute_always_has_a_value() {
    for minutes in [1, 2, 3] {
        for signal in ["consumerLagTime", "cpu", "sourceRate"] {
            let mut chain = Chain::start(Arc::new(uneven(3)), NOON).await;
            for at in (NOON..NOON + 120).step_by(5) {
                chain.move_to(at);
                let alert = chain.alert(application("orders", &[signal], "series"), at - 60 * minutes..at).await;
                let line = alert.signal(signal);
                let known: Vec<f64> = line.points.iter().map(|(_, value)| *value).collect();
                assert!(!known.is_empty() && known.iter().all(|value| !value.is_nan()), "{signal} {at}: {known:?}");
            }
        }
    }
}

/// A panel over the last minute may have nothing to show yet, and says why.
#[tokio::test]
async fn a_panel_in_which_all_is_still_arriving_says_so() {
    let chain = Chain::start(Arc::new(uneven(3)), NOON + 30).await;
    let panel = chain.ask(application("orders", &["consumerLagTime"], "series"), NOON - 30..NOON + 30).await;
    assert!(panel.notices().contains("still arriving"), "{}", panel.notices());
}

/// Within a bucket the clock moves on, and watermarks with it: by an hour in one of an hour.
#[tokio::test]
async fn a_skew_is_the_same_at_every_period() {
    let chain = Chain::start(Arc::new(uneven(0)), NOON + 30).await;
    for period in ["1m", "5m", "15m", "1h", "6h"] {
        let mut query = application("orders", &["watermarkSkew"], "series");
        query["period"] = json!(period);
        let line = chain.ask(query, NOON - 24 * HOUR..NOON).await.signal("watermarkSkew");
        let known: Vec<f64> = line.points.iter().map(|(_, value)| *value).filter(|value| !value.is_nan()).collect();
        assert!(known.len() >= 3, "{period}: {known:?}");
        assert!(known.iter().all(|skew| (skew - 500_000.0).abs() < 1.0), "{period}: {known:?}");
    }
}

/// A bucket is a whole one wherever the range begins or ends in it; only what is still to come is missing from the
/// newest.
#[tokio::test]
async fn buckets_that_a_range_cuts_are_whole_ones() {
    let later = Chain::start(Arc::new(uneven(0)), NOON + 30 * HOUR).await;
    for period in ["1m", "5m", "1h", "2h", "6h", "1d"] {
        let mut query = application("orders", &["busy", "sourceRate", "recordsInRate", "cpu"], "series");
        query["period"] = json!(period);
        let whole = later.ask(query.clone(), NOON - 72 * HOUR..NOON + 24 * HOUR).await.lines();
        for (from, to) in [(-49 * HOUR + 17, -1234), (-49 * HOUR - 1799, -HOUR - 1), (-48 * HOUR, -5 * HOUR - 59)] {
            for line in later.ask(query.clone(), NOON + from..NOON + to).await.lines() {
                let truth = whole.iter().find(|truth| truth.labels == line.labels).unwrap();
                assert!(line.points[0].0 <= NOON + from, "{period}: the first holds the beginning");
                assert!(line.points.last().unwrap().0 + line.period >= NOON + to, "{period}: the last holds the end");
                for (time, value) in &line.points {
                    assert_eq!(time % line.period, 0, "days and hours are UTC's");
                    assert!((value - truth.at(*time)).abs() < 1e-9, "{period}: {value} at {time}");
                }
            }
        }
    }
}

/// Of a long bucket that is still open a panel shows what has come, once it is the part of five minutes; sums and
/// counters it does not.
#[tokio::test]
async fn the_open_hour_is_shown_once_a_part_of_it_says_enough() {
    for (into, is_shown) in [(120, false), (420, true), (3000, true)] {
        let chain = Chain::start(Arc::new(uneven(3)), NOON + into).await;
        let at_hours = |mut query: Value| {
            query["period"] = json!("1h");
            query
        };
        let range = NOON - 24 * HOUR..NOON + into;
        for signal in ["busy", "cpu", "consumerLagTime", "sourceRate", "gcPressure"] {
            let query = at_hours(application("orders", &[signal], "series"));
            let line = chain.ask(query.clone(), range.clone()).await.signal(signal);
            assert_eq!(!line.at(NOON).is_nan(), is_shown, "{signal} {into}: {:?}", line.at(NOON));
            let near = (line.at(NOON) / line.at(NOON - HOUR) - 1.0).abs() < 0.05;
            assert!(line.at(NOON).is_nan() || near, "{signal} {into}");
            let alert = chain.alert(query, range.clone()).await.signal(signal);
            assert_eq!(alert.points.last().unwrap().0, NOON - HOUR, "{signal}");
        }
        let sum =
            json!({"queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization", "statistic": "Sum"});
        let line = chain.ask(at_hours(sum), range.clone()).await.lines().remove(0);
        assert!(line.at(NOON).is_nan() && !line.at(NOON - HOUR).is_nan(), "{into}");
    }
}
