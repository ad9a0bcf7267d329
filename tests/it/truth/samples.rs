//! Minutes in which samples are missing: because the reporter was late, or because there was no job.

use std::sync::Arc;

use serde_json::{Value, json};

use super::recording::{Recording, VERSIONS};
use crate::support::world::{Chain, Line};
use crate::support::worlds::Thinned;

fn throughput() -> Value {
    json!({ "queryType": "application", "applications": ["orders"], "signals": ["sourceRate", "sinkRate"] })
}

fn of_tasks() -> Value {
    json!({ "queryType": "operator", "applications": ["orders"], "signals": ["recordsInRate", "recordsOutRate"] })
}

/// The recording with a part of one minute's samples.
async fn thinned(recording: &Recording, minute: i64, kept: f64) -> Chain {
    let world = Thinned { inner: recording.world.clone(), minute, kept };
    Chain::start(Arc::new(world), recording.now()).await
}

/// The largest change of any point between two answers, as a part of the value.
fn largest_change(before: &[Line], after: &[Line]) -> f64 {
    assert!(!before.is_empty() && before.len() == after.len());
    let points = |lines: &[Line]| lines.iter().flat_map(|line| line.points.clone()).collect::<Vec<_>>();
    let change = |((_, a), (_, b)): (&(i64, f64), &(i64, f64))| if a == b { 0.0 } else { (a - b).abs() / a.abs() };
    points(before).iter().zip(&points(after)).map(change).fold(0.0, f64::max)
}

#[tokio::test]
async fn a_minute_that_lost_a_sample_shows_the_same_total() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let steady = recording.steady();
        let whole = recording.chain().await;
        for minute in [steady.start, steady.start + 300, steady.end - 60] {
            let lossy = thinned(recording, minute, 0.75).await;
            for query in [throughput(), of_tasks()] {
                let before = whole.ask(query.clone(), steady.clone()).await;
                let after = lossy.ask(query, steady.clone()).await;
                let change = largest_change(&before.lines(), &after.lines());
                assert!(change < 0.01, "{version} {minute}: {change}");
            }
        }
    }
}

#[tokio::test]
async fn an_alert_that_reads_only_the_minute_that_lost_a_sample_sees_the_same_total() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let minute = recording.steady().start + 300;
        let (whole, lossy) = (recording.chain().await, thinned(recording, minute, 0.75).await);
        for length in [60, 120, 300] {
            let range = minute + 60 - length..minute + 60;
            let before = whole.alert(throughput(), range.clone()).await;
            let after = lossy.alert(throughput(), range).await;
            let change = largest_change(&before.lines(), &after.lines());
            assert!(change < 0.01, "{version} {length} s: {change}");
        }
    }
}

#[tokio::test]
async fn a_period_of_five_minutes_forgives_a_lost_sample_too() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let (whole, lossy) = (recording.chain().await, thinned(recording, recording.steady().start + 300, 0.75).await);
        let mut query = throughput();
        query["period"] = json!("5m");
        let before = whole.ask(query.clone(), recording.steady()).await;
        let after = lossy.ask(query, recording.steady()).await;
        let change = largest_change(&before.lines(), &after.lines());
        assert!(change < 0.01, "{version}: {change}");
    }
}

#[tokio::test]
async fn a_minute_in_which_the_job_was_stopped_is_not_counted_in_full() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let minute = recording.steady().start + 300;
        let full = recording.chain().await.ask(throughput(), recording.steady()).await.signal("sourceRate").at(minute);
        for kept in [0.25, 0.5] {
            let stopped = thinned(recording, minute, kept).await.ask(throughput(), recording.steady()).await;
            let found = stopped.signal("sourceRate").at(minute);
            assert!((found / full - kept).abs() < 0.01, "{version}: {found} of {full} for {kept}");
        }
    }
}

/// The job stopped 8 s (1.20) and 21 s (2.2) into its last minute; one and two samples of it were taken.
#[tokio::test]
async fn the_recorded_stop_is_counted_as_far_as_it_was_sampled() {
    for (version, part) in [("flink-1.20", 0.25), ("flink-2.2", 0.5)] {
        let recording = Recording::of(version);
        let answer = recording.chain().await.ask(throughput(), recording.whole()).await;
        let steady = answer.signal("sourceRate").mean(recording.steady());
        let found = answer.signal("sourceRate").at(recording.minute_of("stopped"));
        assert!((found / steady - part).abs() < 0.02, "{version}: {found} of {steady}");
    }
}

/// Flink's rates trail a start by a minute, counters start again at 0, and samples are missing around restarts: the sum
/// stays a little below the truth, and is never above it.
#[tokio::test]
async fn over_the_whole_recording_no_record_is_invented() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let query =
            json!({ "queryType": "operator", "applications": ["orders"], "signals": ["recordsInRate", "recordsIn"] });
        let answer = recording.chain().await.ask(query, recording.whole()).await;
        let truth = recording.total("numRecordsInPerSecond", |row| row.operator.is_empty());
        let records: f64 = truth.values().map(|rate| rate * 60.0).sum();
        for (signal, factor) in [("recordsInRate", 60.0), ("recordsIn", 1.0)] {
            let lines = answer.lines().into_iter().filter(|line| line.label("signal") == signal);
            let found: f64 = lines.map(|line| line.sum(recording.whole()) * factor).sum();
            assert!((0.85..1.0).contains(&(found / records)), "{version} {signal}: {found} of {records}");
        }
    }
}
