//! The simulated fleet: every story against what the simulation knows of itself.

use std::ops::Range;
use std::sync::Arc;

use local_aws::fleet::{Direction, Fleet};
use local_aws::world::Series;
use serde_json::json;

use super::recording::{Recording, VERSIONS};
use super::{DAY, HOUR, NOON, fleet};
use crate::support::world::{Chain, KPU_PRICE, Line};
use crate::support::worlds::{Masked, has_dimension};

struct Shop {
    fleet: Arc<Fleet>,
    chain: Chain,
}

impl Shop {
    async fn at(now: i64) -> Self {
        let fleet = fleet();
        Self { chain: Chain::start(fleet.clone(), now).await, fleet }
    }

    async fn application(&self, name: &str, signals: &[&str], range: Range<i64>) -> crate::support::world::Answer {
        let query = json!({ "queryType": "application", "applications": [name], "signals": signals });
        self.chain.ask(query, range).await
    }

    /// True records per second of some tasks around the half minute that Flink's mean of the last minute trails by.
    fn rate(&self, name: &str, (tasks, direction): (&[String], Direction), bucket: Range<i64>) -> f64 {
        let span = bucket.start - 30..bucket.end - 30;
        let records: f64 = tasks.iter().map(|task| self.fleet.true_records(name, task, direction, span.clone())).sum();
        records / (span.end - span.start) as f64
    }
}

/// Largest distance from the truth, as a part of it, over all minutes of a line.
fn worst(line: &Line, truth: impl Fn(Range<i64>) -> f64) -> f64 {
    let minutes = line.points.iter().filter(|(time, _)| Some(*time) != line.open);
    let errors = minutes.map(|(time, value)| {
        let truth = truth(*time..time + line.period);
        assert!(!value.is_nan(), "a gap at {time}");
        (value - truth).abs() / truth
    });
    errors.fold(0.0, f64::max)
}

/// Every application with tasks: one hour without restarts, in which each reporter was late about once.
#[tokio::test]
async fn every_application_reads_and_writes_what_it_truly_did() {
    let shop = Shop::at(NOON).await;
    let range = NOON - HOUR..NOON;
    for name in ["orders", "fraud-scoring", "inventory-sync", "sessions", "catalog-cdc", "recommendations"] {
        let answer = shop.application(name, &["sourceRate", "sinkRate"], range.clone()).await;
        assert_eq!(answer.notices(), "", "{name}");
        let sources = shop.fleet.source_tasks(name);
        let error = worst(&answer.signal("sourceRate"), |span| shop.rate(name, (&sources, Direction::Out), span));
        assert!(error < 0.01, "{name} sources: {error}");
        let sinks = shop.fleet.sink_tasks(name);
        let sink = answer.signal("sinkRate").mean(range.clone());
        let truth = shop.rate(name, (&sinks, Direction::Out), range.clone());
        assert!((sink / truth - 1.0).abs() < 0.01, "{name} sinks: {sink} for {truth}");
    }
}

/// Without restarts, and with a reporter that was late in about every tenth minute.
#[tokio::test]
async fn records_are_counted_in_each_minute_also_where_samples_are_lost() {
    let shop = Shop::at(NOON).await;
    let sources = shop.fleet.source_tasks("orders");
    let line = shop.application("orders", &["recordsIn"], NOON - HOUR..NOON - 600).await.signal("recordsIn");
    // The level of a counter is its mean over a minute: the increase is centred on the start of the bucket.
    let error = worst(&line, |span| shop.rate("orders", (&sources, Direction::Out), span) * 60.0);
    assert!(error < 0.01, "{error}");
}

/// What its task counts is 0 in and 0 out: only the operators know.
#[tokio::test]
async fn a_task_that_holds_the_whole_chain_is_read_at_its_operators() {
    let shop = Shop::at(NOON).await;
    let range = NOON - HOUR..NOON;
    let name = "iot-telemetry";
    let answer = shop.application(name, &["sourceRate", "sinkRate"], range.clone()).await;
    assert_eq!(answer.notices(), "");
    let task = shop.fleet.source_tasks(name);
    let read = worst(&answer.signal("sourceRate"), |span| shop.rate(name, (&task, Direction::In), span));
    assert!(read < 0.01, "{read}");
    let written = worst(&answer.signal("sinkRate"), |span| shop.rate(name, (&task, Direction::Out), span));
    assert!(written < 0.01, "{written}");
    let query =
        json!({ "queryType": "operator", "applications": [name], "signals": ["recordsInRate", "recordsOutRate"] });
    for line in shop.chain.ask(query, range.clone()).await.lines() {
        assert_eq!(line.mean(range.clone()), 0.0, "{:?}", line.labels);
    }
}

/// From four subtasks to eight at 08:00 and back at 20:00, with a gap of 75 s and a while of catching up.
#[tokio::test]
async fn totals_are_right_on_both_sides_of_scaling() {
    let name = "inventory-sync";
    for scaling in [NOON - 4 * HOUR, NOON + 8 * HOUR] {
        let shop = Shop::at(scaling + HOUR).await;
        let sources = shop.fleet.source_tasks(name);
        for range in [scaling - HOUR..scaling + HOUR, scaling - 300..scaling + HOUR, scaling - HOUR..scaling + 900] {
            let mut line = shop.application(name, &["sourceRate"], range).await.signal("sourceRate");
            line.points.retain(|(time, _)| !(scaling - 60..scaling + 600).contains(time));
            let error = worst(&line, |span| shop.rate(name, (&sources, Direction::Out), span));
            assert!(error < 0.01, "{error}");
        }
    }
}

/// The same query as another tool would ask it: the average halves when the subtasks double.
#[tokio::test]
async fn an_average_shown_as_total_would_fall_by_half_when_the_job_is_scaled_up() {
    let shop = Shop::at(NOON).await;
    let name = "inventory-sync";
    let scaling = NOON - 4 * HOUR;
    let range = scaling - HOUR..scaling + HOUR;
    let task = shop.fleet.source_tasks(name).remove(0);
    let query = json!({ "queryType": "metric", "applications": [name], "metric": "numRecordsOutPerSecond",
        "statistic": "Average", "dimensions": { "Task": task } });
    let naive = shop.chain.ask(query, range.clone()).await.lines().remove(0);
    let total = shop.application(name, &["sourceRate"], range).await.signal("sourceRate");
    let share = |time: i64| naive.at(time) / total.at(time);
    assert!((share(scaling - 1800) - 0.25).abs() < 0.01, "{}", share(scaling - 1800));
    assert!((share(scaling + 1800) - 0.125).abs() < 0.01, "{}", share(scaling + 1800));
}

#[tokio::test]
async fn an_application_without_tasks_shows_its_own_series_and_says_so() {
    let shop = Shop::at(NOON).await;
    let answer = shop.application("audit-log", &["sourceRate", "sinkRate"], NOON - HOUR..NOON).await;
    assert!(answer.notices().contains("counts each record once per task"), "{}", answer.notices());
    assert!(answer.notices().contains("TASK or higher"), "{}", answer.notices());
    assert_eq!(answer.lines().len(), 2);
}

/// The recordings as lower metrics levels would publish them.
#[tokio::test]
async fn a_lower_metrics_level_is_answered_from_what_there_is_with_a_notice() {
    let is_task = |series: &Series| !has_dimension(series, "TaskOperator") && !has_dimension(series, "Parallelism");
    let is_application = |series: &Series| series.dimensions.len() == 1;
    // What is published, what the signal is then as a factor of the true one, and what is said.
    type Case = (fn(&Series) -> bool, &'static str, f64, &'static str);
    let cases: [Case; 4] = [
        (is_task, "sourceRate", 1.0, ""),
        // All records that enter the sinks' tasks; in these jobs nothing stands between.
        (is_task, "sinkRate", 1.0, "taken at the sink's task"),
        (is_application, "sourceRate", 2.8, "counts each record once per task"),
        (is_application, "sinkRate", 4.1, "counts each record once per task"),
    ];
    for version in VERSIONS {
        let recording = Recording::of(version);
        let full = recording.chain().await;
        for (shows, signal, factor, notice) in cases {
            let world = Masked { inner: recording.world.clone(), shows };
            let chain = Chain::start(Arc::new(world), recording.now()).await;
            let query = json!({ "queryType": "application", "applications": ["orders"], "signals": [signal] });
            let truth = full.ask(query.clone(), recording.steady()).await.signal(signal).mean(recording.steady());
            let answer = chain.ask(query, recording.steady()).await;
            let found = answer.signal(signal).mean(recording.steady()) / truth;
            assert!((found / factor - 1.0).abs() < 0.03, "{version} {signal}: ×{found} for ×{factor}");
            assert!(
                answer.notices().contains(notice) && answer.notices().is_empty() == notice.is_empty(),
                "{version} {signal}: {}",
                answer.notices()
            );
        }
    }
}

/// `payments` reads 82 % of what arrives, all day.
#[tokio::test]
async fn a_lag_that_grows_has_no_time_to_catch_up() {
    let shop = Shop::at(NOON).await;
    let answer = shop.application("payments", &["consumerLagTime", "timeToCatchUp"], NOON - HOUR..NOON).await;
    let lag = answer.signal("consumerLagTime");
    for (time, value) in &lag.points {
        let truth = shop.fleet.true_lag("payments", time + 60) * 1000.0;
        assert!((value - truth).abs() < 15_000.0, "{value} for {truth}");
    }
    let grows = lag.points.windows(2).all(|pair| pair[1].1 > pair[0].1);
    assert!(grows, "{:?}", lag.points);
    assert!(answer.lines().iter().all(|line| line.label("signal") != "timeToCatchUp"));
    let alone = shop.application("payments", &["timeToCatchUp"], NOON - HOUR..NOON).await;
    assert_eq!(
        alone.notices(),
        "No \"timeToCatchUp\" for \"payments\": the lag is not falling, so it will not catch up."
    );
}

/// After a deployment `orders` reads what it missed; the time that is left falls with the time that passes.
#[tokio::test]
async fn a_lag_that_falls_says_when_it_will_be_gone() {
    // Tuesday 09:00 UTC, down for 95 s, caught up after three times as long.
    let deployed = NOON - 27 * HOUR;
    let shop = Shop::at(deployed + HOUR).await;
    let answer =
        shop.application("orders", &["consumerLagTime", "timeToCatchUp"], deployed - 600..deployed + 1800).await;
    let (lag, left) = (answer.signal("consumerLagTime"), answer.signal("timeToCatchUp"));
    // Caught up but for the noise of polling.
    for minute in [-300, 600, 1200] {
        assert!(lag.at(deployed + minute) < 1000.0);
        assert_eq!(left.at(deployed + minute), 0.0, "{minute}");
    }
    let caught_up = (deployed + 95 + 3 * 95) as f64;
    let falling: Vec<(i64, f64)> = left.points.iter().filter(|(_, left)| *left > 0.0).copied().collect();
    assert!(falling.len() >= 2, "{:?}", left.points);
    for (time, seconds) in falling {
        let truth = caught_up - time as f64;
        assert!((seconds - truth).abs() < 30.0, "{seconds} s for {truth} s");
    }
}

#[tokio::test]
async fn kpus_are_billed_by_the_hour() {
    let shop = Shop::at(NOON + 1800).await;
    // Parallelism 6 at two a KPU, and one for orchestration.
    let names = ["kpus", "kpuCost", "costPerMillionRecords", "sourceRate"];
    let answer = shop.application("orders", &names, NOON - 6 * HOUR..NOON + 1800).await;
    let kpus = answer.signal("kpus");
    assert_eq!(kpus.period, 3600);
    assert!(kpus.known(0..NOON).len() >= 6 && kpus.known(0..NOON).iter().all(|kpus| *kpus == 4.0), "{:?}", kpus.points);
    let cost = answer.signal("kpuCost");
    assert!((cost.at(NOON - HOUR) - 4.0 * KPU_PRICE).abs() < 1e-9);
    let sources = shop.fleet.source_tasks("orders");
    let millions = shop.rate("orders", (&sources, Direction::Out), NOON - HOUR..NOON) * 3600.0 / 1e6;
    let per_million = answer.signal("costPerMillionRecords").at(NOON - HOUR);
    assert!((per_million / (4.0 * KPU_PRICE / millions) - 1.0).abs() < 0.01, "{per_million}");
    let short = shop.application("orders", &["kpus"], NOON..NOON + 1800).await;
    assert!(!short.lines().is_empty(), "{}", short.notices());
    let query = json!({ "queryType": "application", "applications": ["orders"], "signals": ["kpus"] });
    let alert = shop.chain.alert(query, NOON + 1200..NOON + 1800).await.signal("kpus");
    assert_eq!(alert.known(0..i64::MAX).last(), Some(&4.0), "{:?}", alert.points);
}

/// Restarts, checkpoints and availability of a job that fails every two minutes, and of those that do not.
#[tokio::test]
async fn restarts_and_checkpoints_are_those_of_the_simulation() {
    let shop = Shop::at(NOON).await;
    let range = NOON - 2 * HOUR..NOON;
    for name in ["orders", "clickstream", "fraud-scoring", "payments", "sessions"] {
        let answer = shop.application(name, &["restarts", "checkpointsFailed", "availability"], range.clone()).await;
        // The samples of a minute begin up to 15 s after it, so that one event may fall to the neighbour of the range.
        let near = |found: f64, truth: i64| (found - truth as f64).abs() <= 1.0;
        let sum = |signal: &str| answer.signal(signal).sum(range.clone());
        assert!(near(sum("restarts"), shop.fleet.true_restarts(name, range.clone())), "{name} {}", sum("restarts"));
        let truth = shop.fleet.true_checkpoints(name, range.clone());
        assert!(near(sum("checkpointsFailed"), truth.failed), "{name} {} {truth:?}", sum("checkpointsFailed"));
        let up = if name == "clickstream" { 105.0 / 120.0 } else { 1.0 };
        check_availability(&shop, name, up).await;
    }
    // Completed ones are published from Flink 2.2 on.
    let answer = shop.application("sessions", &["checkpointsCompleted"], range.clone()).await;
    let found = answer.signal("checkpointsCompleted").sum(range.clone());
    let truth = shop.fleet.true_checkpoints("sessions", range).completed as f64;
    assert!((found - truth).abs() <= 1.0 && truth > 100.0, "{found} for {truth}");
}

async fn check_availability(shop: &Shop, name: &str, up: f64) {
    let tolerance = 0.015;
    for period in ["1m", "5m", "15m", "1h"] {
        let query = json!({ "queryType": "application", "applications": [name], "period": period,
            "signals": ["availability"] });
        let line = shop.chain.ask(query, NOON - 4 * HOUR..NOON).await.signal("availability");
        let found = line.mean(NOON - 4 * HOUR..NOON);
        assert!((found - up).abs() < tolerance, "{name} {period}: {found} for {up}");
    }
}

#[tokio::test]
async fn resources_stay_within_their_bounds() {
    let shop = Shop::at(NOON).await;
    let names = ["cpu", "containerCpu", "heap", "containerMemory", "managedMemory", "gcPressure", "memoryHeadroom"];
    let answer = shop.application("orders", &names, NOON - HOUR..NOON).await;
    for name in names {
        let line = answer.signal(name);
        let known = line.known(0..NOON);
        assert_eq!(known.len(), 60, "{name}");
        assert!(known.iter().all(|share| (0.0..=1.0).contains(share)), "{name}: {known:?}");
    }
    let pressure = answer.signal("gcPressure").mean(0..NOON);
    assert!((0.0..0.2).contains(&pressure), "{pressure}");
}

/// A value of every application, without a query per application.
#[tokio::test]
async fn the_fleet_table_shows_what_the_lines_show() {
    let shop = Shop::at(NOON).await;
    let query = json!({ "queryType": "application", "applications": ["*"], "as": "table" });
    let table = shop.chain.ask(query, NOON - HOUR..NOON).await;
    for name in ["orders", "sessions", "inventory-sync"] {
        let sources = shop.fleet.source_tasks(name);
        let truth = shop.rate(name, (&sources, Direction::Out), NOON - 60..NOON);
        let found = table.cell(name, "Source rate");
        assert!((found / truth - 1.0).abs() < 0.01, "{name}: {found} for {truth}");
    }
    assert_eq!(table.text("clickstream", "health"), "failing");
    assert_eq!(table.text("orders", "health"), "healthy");
    assert_eq!(table.text("payments", "status"), "RUNNING");
    assert!(table.cell("clickstream", "Restarts") > 20.0);
}

/// Cells of a long range are made of long buckets, in one of which a new job took the place of an old one.
#[tokio::test]
async fn a_day_in_the_table_counts_what_a_day_in_minutes_does() {
    let shop = Shop::at(NOON).await;
    let query = json!({ "queryType": "application", "applications": ["*"], "as": "table" });
    let table = shop.chain.ask(query, NOON - DAY..NOON).await;
    for name in ["clickstream", "fraud-scoring", "payments"] {
        let restarts = shop.fleet.true_restarts(name, NOON - DAY..NOON) as f64;
        let failed = shop.fleet.true_checkpoints(name, NOON - DAY..NOON).failed as f64;
        for (column, truth) in [("Restarts", restarts), ("Checkpoints failed", failed)] {
            let found = table.cell(name, column);
            // What happened between the last sample of a job and its end was never published.
            assert!((found - truth).abs() <= 2.0, "{name} {column}: {found} for {truth}");
        }
    }
}
