//! Applications in trouble: storms of restarts, silence, deletion.

use std::sync::Arc;

use local_aws::world::Minute;
use serde_json::{Value, json};

use super::{HOUR, NOON};
use crate::support::made::{Made, samples};
use crate::support::world::Chain;

const STORM: &str = include_str!("../../fixtures/field/restart_storm.csv");

/// The storm begins 50 minutes before noon.
const START: i64 = NOON - 50 * 60;

/// A column of the storm by minute.
fn column(name: &'static str) -> impl Fn(i64) -> Option<f64> + Send + Sync + 'static {
    let mut lines = STORM.lines().filter(|line| !line.starts_with('#'));
    let at = lines.next().unwrap().split(',').position(|head| head == name).unwrap();
    let values: Vec<Option<f64>> = lines.map(|line| line.split(',').nth(at).unwrap().parse().ok()).collect();
    move |minute| {
        let index = usize::try_from((minute - START) / 60).ok().filter(|_| minute >= START)?;
        values.get(index).copied().flatten()
    }
}

fn storm() -> Made {
    let of = |name: &'static str| {
        let values = column(name);
        move |minute| values(minute).map(|value| samples(&[value]))
    };
    let (sum, count) = (column("numRecordsOutPerSecond_sum"), column("numRecordsOutPerSecond_samples"));
    let rate = move |minute| {
        let sum = sum(minute)?;
        Some(Minute { sum, ..samples(&vec![0.0; count(minute)? as usize]) })
    };
    Made::new("orders")
        .with("fullRestarts", &[], of("fullRestarts_max"))
        .with("uptime", &[], of("uptime_min_ms"))
        .with("numberOfFailedCheckpoints", &[], of("numberOfFailedCheckpoints_max"))
        .with("numRecordsOutPerSecond", &[("Task", "Source:_a")], rate)
}

fn application(signals: &[&str], shape: &str) -> Value {
    json!({"queryType": "application", "applications": ["orders"], "signals": signals, "as": shape})
}

#[tokio::test]
async fn a_job_that_restarts_three_times_a_minute_is_hardly_available() {
    let chain = Chain::start(Arc::new(storm()), NOON).await;
    let line = chain.ask(application(&["availability"], "series"), START..NOON - 20 * 60).await.signal("availability");
    let shares = line.known(START..START + 30 * 60);
    assert!(shares.len() == 30 && shares.iter().all(|share| *share < 0.1), "{shares:?}");
    let line = chain.ask(application(&["availability"], "series"), START..NOON).await.signal("availability");
    assert!(line.known(START + 31 * 60..START + 44 * 60).iter().all(|share| *share == 1.0), "{:?}", line.points);
    // The same at a longer period.
    let mut longer = application(&["availability"], "series");
    longer["period"] = json!("5m");
    let line = chain.ask(longer, START..NOON).await.signal("availability");
    let shares = line.known(START..START + 30 * 60);
    assert!(!shares.is_empty() && shares.iter().all(|share| *share < 0.1), "{shares:?}");
}

#[tokio::test]
async fn every_restart_of_a_storm_is_counted() {
    let chain = Chain::start(Arc::new(storm()), START + 40 * 60).await;
    let line = chain.ask(application(&["restarts"], "series"), START..START + 40 * 60).await.signal("restarts");
    assert_eq!(line.sum(START..NOON), 92.0);
    let table = chain.ask(application(&["restarts"], "table"), START..START + 40 * 60).await;
    assert_eq!(table.text("orders", "health"), "failing");
}

/// A job that published all it does until some time.
fn until(end: i64) -> Made {
    let rate = move |minute: i64| (minute < end).then(|| samples(&[100.0; 4]));
    let gauge = move |value: f64| move |minute: i64| (minute < end).then(|| samples(&[value]));
    Made::new("orders")
        .with("numRecordsOutPerSecond", &[("Task", "Source:_a")], rate)
        .with("uptime", &[], move |minute: i64| {
            (minute < end).then(|| samples(&[5e8 + (minute - START) as f64 * 1000.0]))
        })
        .with("fullRestarts", &[], gauge(0.0))
        .with("numberOfFailedCheckpoints", &[], gauge(0.0))
        .with("cpuUtilization", &[], gauge(30.0))
        .with("records_lag_max", &[], gauge(12.0))
}

async fn verdict(made: Made, hours: f64) -> (String, String, f64) {
    let chain = Chain::start(Arc::new(made), NOON + 30).await;
    let from = NOON + 30 - (hours * HOUR as f64) as i64;
    let table = chain.ask(application(&["consumerLagRecords"], "table"), from..NOON + 30).await;
    let text = |column: &str| table.text("orders", column).to_owned();
    (text("health"), text("why"), table.cell("orders", "Consumer lag records"))
}

#[tokio::test]
async fn a_verdict_rests_on_the_newest_data() {
    let (health, why, lag) = verdict(until(i64::MAX), 3.0).await;
    assert_eq!((health.as_str(), why.as_str(), lag), ("healthy", "", 12.0));
    for (hours, range) in [(2, 3.0), (2, 12.0), (1, 24.0)] {
        let (health, why, lag) = verdict(until(NOON - hours * HOUR), range).await;
        assert_eq!(health, "failing", "{hours} {range}");
        assert!(why.starts_with("nothing published for"), "{why}");
        assert!(lag.is_nan(), "{lag}");
    }
}

#[tokio::test]
async fn a_deleted_application_is_gone_and_a_stopped_one_stopped() {
    for range in [0.25, 3.0] {
        let (health, why, lag) = verdict(until(NOON - HOUR).deleted(), range).await;
        assert_eq!(health, "unknown");
        assert!(why.starts_with("deleted"), "{why}");
        assert!(lag.is_nan());
        let (health, _, lag) = verdict(until(NOON - HOUR).status("READY"), range).await;
        assert_eq!(health, "stopped");
        assert!(lag.is_nan(), "a stopped application has no lag of an hour ago");
    }
}

/// A TaskManager was replaced once.
#[tokio::test]
async fn a_total_of_collections_that_falls_once_is_no_pressure() {
    let total = |minute: i64| Some(samples(&[if minute < NOON - 1800 { 90_000.0 } else { 300.0 }]));
    let chain = Chain::start(Arc::new(Made::new("orders").with("oldGenerationGCTime", &[], total)), NOON).await;
    for (minutes, period) in [(60, "1m"), (360, "5m"), (1440, "15m"), (35, "1m")] {
        let mut query = application(&["gcPressure"], "series");
        query["period"] = json!(period);
        let line = chain.ask(query, NOON - minutes * 60..NOON).await.signal("gcPressure");
        let known = line.known(0..NOON);
        assert!(known.len() > 2 && known.iter().all(|share| *share == 0.0), "{minutes}: {known:?}");
    }
}
