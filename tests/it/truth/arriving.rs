//! The newest minutes are still arriving: no number dips because of it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::made::Made;
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
async fn check_refreshes(chain: &mut Chain, query: Value, tolerance: f64) {
    let lines = |answer: &Answer| answer.lines();
    chain.move_to(NOON + HOUR);
    let settled = lines(&chain.ask(query.clone(), NOON - HOUR..NOON + 600).await);
    assert!(!settled.is_empty());
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
        let mut chain = Chain::start_late(fleet(), NOON).await;
        check_refreshes(&mut chain, application(name, &signals, "series"), 0.03).await;
    }
}

#[tokio::test]
async fn counted_records_do_not_dip_while_their_newest_minute_arrives() {
    let mut chain = Chain::start_late(fleet(), NOON).await;
    check_refreshes(&mut chain, application("orders", &["recordsIn", "recordsOut"], "series"), 0.03).await;
}

/// The highest and the lowest watermark of a minute are taken at different times: from its first sample alone they look closer.
#[tokio::test]
async fn a_skew_does_not_dip_while_its_newest_minute_arrives() {
    let mut chain = Chain::start_late(fleet(), NOON).await;
    check_refreshes(&mut chain, application("orders", &["watermarkSkew"], "series"), 0.01).await;
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
    let mut chain = Chain::start_late(Arc::new(two_sources()), NOON).await;
    check_refreshes(&mut chain, application("orders", &["sourceRate"], "series"), 0.0).await;
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
