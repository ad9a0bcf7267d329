//! Time: the open bucket, how far back there is data and at which period.

use serde_json::{Value, json};

use super::recording::{Recording, VERSIONS};
use super::{DAY, NOON, fleet};
use crate::support::world::Chain;

fn signals(names: &[&str]) -> Value {
    json!({ "queryType": "application", "applications": ["orders"], "signals": names })
}

/// Twenty seconds into a steady minute of the recording.
#[tokio::test]
async fn the_open_minute_is_marked_in_panels_and_kept_from_alerts() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let minute = recording.steady().start + 300;
        for into in [20, 40, 59] {
            let now = minute + into;
            let chain = Chain::start(recording.world.clone(), now).await;
            let query = signals(&["sourceRate", "restarts", "uptime"]);
            let panel = chain.ask(query.clone(), minute - 300..now).await;
            let alert = chain.alert(query, minute - 300..now).await;
            for signal in ["sourceRate", "restarts", "uptime"] {
                assert_eq!(panel.signal(signal).open, Some(minute), "{signal}");
                assert_eq!(panel.signal(signal).points.last().unwrap().0, minute, "{signal}");
                assert_eq!(alert.signal(signal).open, None, "{signal}");
                assert_eq!(alert.signal(signal).points.last().unwrap().0, minute - 60, "{signal}");
            }
            // A third of the samples is no part of which all could be told: which subtasks came first is chance.
            let rate = panel.signal("sourceRate");
            let is_near = (rate.at(minute) / rate.at(minute - 60) - 1.0).abs() < 0.02;
            assert!(rate.at(minute).is_nan() || into == 59 && is_near, "{version}: {:?}", rate.points);
        }
    }
}

#[tokio::test]
async fn at_the_full_minute_nothing_is_open() {
    let recording = Recording::of("flink-1.20");
    let minute = recording.steady().start + 300;
    let chain = Chain::start(recording.world.clone(), minute).await;
    let line = chain.ask(signals(&["sourceRate"]), minute - 300..minute).await.signal("sourceRate");
    assert_eq!((line.open, line.points.last().unwrap().0), (None, minute - 60));
}

/// CloudWatch keeps minutes for 15 days and five minutes for 63.
#[tokio::test]
async fn old_ranges_come_at_the_period_that_is_kept() {
    let chain = Chain::start(fleet(), NOON).await;
    // Days back, the period asked for, the period answered.
    let cases = [
        (1, json!("auto"), 60),
        (14, json!(60), 60),
        (20, json!("auto"), 300),
        (20, json!(60), 300),
        (70, json!("auto"), 3600),
        (70, json!("5m"), 3600),
        (400, json!("auto"), 3600),
    ];
    for (days, asked, period) in cases {
        let start = NOON - days * DAY;
        let mut query = signals(&["sourceRate", "availability", "checkpointsFailed", "uptime"]);
        query["period"] = asked.clone();
        let answer = chain.ask(query, start..start + 6 * 3600).await;
        let line = answer.signal("sourceRate");
        assert_eq!(line.period, period, "{days} days, {asked}");
        assert_eq!(line.known(start..start + 6 * 3600).len() as i64, 6 * 3600 / period, "{days} days, {asked}");
        assert_eq!(answer.lines().len(), 4, "{days} days, {asked}");
        let raised = asked != json!("auto") && asked != json!(period);
        assert_eq!(answer.notices().contains("Period raised"), raised, "{days} days, {asked}: {}", answer.notices());
    }
}

#[tokio::test]
async fn the_rate_of_an_hour_is_the_mean_of_its_minutes() {
    let chain = Chain::start(fleet(), NOON).await;
    let minutes = chain.ask(signals(&["sourceRate"]), NOON - 7200..NOON).await.signal("sourceRate");
    let mut query = signals(&["sourceRate"]);
    query["period"] = json!("1h");
    let hours = chain.ask(query, NOON - 7200..NOON).await.signal("sourceRate");
    for hour in [NOON - 7200, NOON - 3600] {
        let mean = minutes.mean(hour..hour + 3600);
        assert!((hours.at(hour) / mean - 1.0).abs() < 0.005, "{} for {mean}", hours.at(hour));
    }
}

#[tokio::test]
async fn a_percentile_lies_between_the_extremes() {
    let chain = Chain::start(fleet(), NOON).await;
    let ask = |statistic: &'static str| {
        let query = json!({ "queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization",
            "statistic": statistic, "period": 300 });
        chain.ask(query, NOON - 3600..NOON)
    };
    let mut lines = Vec::new();
    for statistic in ["Minimum", "p10", "p50", "p95", "Maximum"] {
        let line = ask(statistic).await.lines().remove(0);
        assert_eq!(line.label("statistic"), "", "a statistic that all series share is no label");
        lines.push(line);
    }
    for (time, _) in &lines[0].points {
        let values: Vec<f64> = lines.iter().map(|line| line.at(*time)).collect();
        assert!(values.is_sorted() && values[0] < values[4], "{values:?}");
    }
}
