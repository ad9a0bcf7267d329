//! Each story shows in the metrics what it tells.

use super::*;

#[test]
fn a_healthy_restart_shows_in_every_gauge() {
    let fleet = Fleet::new();
    let restarts = fleet.restarts("orders", NOW - 30 * 86_400..NOW);
    let (down, up) = *restarts.last().unwrap();
    assert_eq!(up - down, 32.0);
    let at = |metric: &str, minute: i64| minute_at(&fleet, &of("orders", metric), minute);
    let minute = down as i64 / 60 * 60;
    assert_eq!(at("fullRestarts", minute + 120).maximum, at("fullRestarts", minute - 60).maximum + 1.0);
    assert_eq!(at("uptime", minute).minimum.min(at("uptime", minute + 60).minimum), 0.0);
    assert!(at("uptime", minute + 180).maximum < 300_000.0);
    let rate = of_task("orders", ORDERS_SOURCE, "numRecordsOutPerSecond");
    let samples = |minute| fleet.minute(HOME_REGION, &rate, minute, NOW).map_or(0.0, |minute| minute.sample_count);
    assert!(samples(minute) + samples(minute + 60) < 44.0, "tasks are not measured while they are down");
    assert_eq!(at("numberOfFailedCheckpoints", minute + 120).maximum, 0.0);
}

#[test]
fn the_restart_loop_runs_and_reads_nothing() {
    let fleet = Fleet::new();
    let applications = fleet.applications(HOME_REGION, NOW);
    let clickstream = applications.iter().find(|application| application.name == "clickstream").unwrap();
    assert_eq!(clickstream.status, "RUNNING");
    let hour_ago = WHOLE - 3600;
    let at = |metric: &str, minute: i64| minute_at(&fleet, &of("clickstream", metric), minute);
    let restarts = at("fullRestarts", WHOLE).maximum - at("fullRestarts", hour_ago).maximum;
    assert_eq!(restarts, 30.0);
    assert_eq!(fleet.true_restarts("clickstream", hour_ago..WHOLE), 30);
    for minute in (hour_ago..WHOLE).step_by(60) {
        assert_eq!(at("numRecordsOutPerSecond", minute).maximum, 0.0);
        assert_eq!(at("busyTimeMsPerSecond", minute).minimum, 1000.0);
        assert!(at("uptime", minute).maximum < 105_000.0);
        assert!(at("cpuUtilization", minute).minimum > 90.0);
    }
    assert_eq!(at("lastCheckpointDuration", WHOLE).maximum, -1.0);
}

/// At it for 45 minutes the rule about the limit of autoscaling fires.
const BUSY_CPU: f64 = 75.0;

#[test]
fn what_is_healthy_has_cpu_to_spare_at_every_hour_of_the_week() {
    let fleet = Fleet::new();
    for name in ["orders", "sessions", "inventory-sync", "audit-log", "catalog-cdc", "recommendations", "iot-telemetry"]
    {
        let cpu = of(name, "containerCPUUtilization");
        let mean = |start: i64| {
            let minutes = (start..start + 2700).step_by(60);
            let data: Vec<Minute> = minutes.filter_map(|at| fleet.minute(HOME_REGION, &cpu, at, NOW)).collect();
            data.iter().map(|minute| minute.sum).sum::<f64>()
                / data.iter().map(|minute| minute.sample_count).sum::<f64>()
        };
        let busiest = (WHOLE - 7 * 86_400..WHOLE - 2700).step_by(900).map(mean).fold(0.0, f64::max);
        assert!((20.0..BUSY_CPU - 3.0).contains(&busiest), "{name}: {busiest}");
    }
}

#[test]
fn the_slow_operator_of_payments_holds_up_its_upstream() {
    let fleet = Fleet::new();
    let job = fleet.job("payments").unwrap();
    let average = |task: usize, metric: &str| {
        let minute = minute_at(&fleet, &of_task("payments", &job.tasks[task].name, metric), WHOLE);
        minute.sum / minute.sample_count
    };
    assert!(average(2, "busyTimeMsPerSecond") > 990.0);
    assert_eq!(average(2, "backPressuredTimeMsPerSecond"), 0.0);
    assert!(average(0, "backPressuredTimeMsPerSecond") > 700.0);
    assert!(average(1, "backPressuredTimeMsPerSecond") > 600.0);
    assert!(average(3, "backPressuredTimeMsPerSecond") < 10.0);
    let lag =
        series("millisBehindLatest", &[("Application", "payments"), ("Flow", "Input"), ("Id", "payments_stream")]);
    let (now, before) = (minute_at(&fleet, &lag, WHOLE).maximum, minute_at(&fleet, &lag, WHOLE - 3600).maximum);
    // 18 % of what arrives is not read.
    assert!((now - before - 0.18 * 3_600_000.0).abs() < 5000.0, "{now} {before}");
    let watermark = of_task("payments", &job.tasks[3].name, "currentOutputWatermark");
    let behind = (WHOLE * 1000) as f64 - minute_at(&fleet, &watermark, WHOLE).minimum;
    assert!((behind - now).abs() < 60_000.0, "{behind} {now}");
    assert!((fleet.true_lag("payments", WHOLE + 60) * 1000.0 - now).abs() < 5000.0);
    assert_eq!(fleet.true_lag("orders", WHOLE), 0.0);
    assert_eq!(fleet.source_tasks("payments"), ["Source:_payments_stream____Decode"]);
    assert_eq!(fleet.sink_tasks("payments"), ["Sink:_payments_enriched:_Writer"]);
}

#[test]
fn time_of_a_subtask_adds_up() {
    let fleet = Fleet::new();
    for application in ["orders", "payments", "sessions", "recommendations", "clickstream"] {
        for task in &fleet.job(application).unwrap().tasks {
            let metrics = ["busyTimeMsPerSecond", "idleTimeMsPerSecond", "backPressuredTimeMsPerSecond"];
            let minutes = metrics.map(|metric| minute_at(&fleet, &of_task(application, &task.name, metric), WHOLE));
            let sum: f64 = minutes.iter().map(|minute| minute.sum).sum();
            assert_eq!(sum, 1000.0 * minutes[0].sample_count);
            assert!(minutes.iter().all(|minute| minute.minimum >= 0.0 && minute.maximum <= 1000.0));
        }
    }
}

#[test]
fn checkpoints_of_fraud_scoring_fail_in_episodes() {
    let fleet = Fleet::new();
    // A day without a deployment, which would start the counters anew.
    let end = WHOLE - 2 * 86_400;
    let day = end - 86_400..end;
    let counts = fleet.true_checkpoints("fraud-scoring", day.clone());
    assert_eq!(counts.failed, 24, "{counts:?}");
    let attempts = fleet.checkpoints("fraud-scoring", day.clone());
    let of = |outcome| attempts.iter().filter(|attempt| attempt.outcome == outcome).count() as i64;
    assert!((of(Outcome::Completed) - counts.completed).abs() <= 1);
    assert_eq!(of(Outcome::Expired) + of(Outcome::Declined), counts.failed);
    let at = |metric: &str, minute| minute_at(&fleet, &super::tests::of("fraud-scoring", metric), minute).maximum;
    let measured = at("numberOfFailedCheckpoints", end - 60) - at("numberOfFailedCheckpoints", day.start - 60);
    assert_eq!(measured as i64, counts.failed);
    let longest = (0..1440).map(|back| at("lastCheckpointDuration", end - back * 60) as i64).max().unwrap();
    assert_eq!(longest, 583_000);
    assert_eq!(fleet.true_checkpoints("orders", day).failed, 0);
}

#[test]
fn inventory_scales_with_a_restart() {
    let fleet = Fleet::new();
    let midnight = NOW / 86_400 * 86_400;
    let rate = of_task("inventory-sync", "Stock per article", "numRecordsInPerSecond");
    let count = |hour: i64| minute_at(&fleet, &rate, midnight - 86_400 + hour * 3600 + 600).sample_count;
    assert_eq!((count(6) / 4.0).ceil() as i64, 4);
    assert_eq!((count(12) / 4.0).ceil() as i64, 8);
    assert_eq!((count(21) / 4.0).ceil() as i64, 4);
    let at_scaling = midnight + 8 * 3600 + 60;
    assert!(fleet.minute(HOME_REGION, &rate, at_scaling - 60, at_scaling).is_none(), "no job while it scales");
    let status = |now| {
        let applications = fleet.applications(HOME_REGION, now);
        let found = applications.into_iter().find(|application| application.name == "inventory-sync").unwrap();
        let flink = &found.detail["ApplicationConfigurationDescription"]["FlinkApplicationConfigurationDescription"];
        (found.status, flink["ParallelismConfigurationDescription"]["CurrentParallelism"].as_i64().unwrap())
    };
    assert_eq!(status(at_scaling - 120), ("RUNNING".to_owned(), 4));
    assert_eq!(status(at_scaling - 30), ("AUTOSCALING".to_owned(), 8));
    assert_eq!(status(at_scaling + 60), ("RUNNING".to_owned(), 8));
}

#[test]
fn the_stopped_application_is_listed_and_silent() {
    let fleet = Fleet::new();
    let entries = fleet.series(HOME_REGION, NOW);
    let of_legacy = entries.iter().filter(|entry| entry.series.dimensions[0].1.as_ref() == "legacy-reports");
    let newest = of_legacy.map(|entry| entry.last_minute).max().unwrap();
    assert!((3 * 3600..36 * 3600).contains(&(NOW - newest)));
    let applications = fleet.applications(HOME_REGION, NOW);
    let legacy = applications.iter().find(|application| application.name == "legacy-reports").unwrap();
    assert_eq!((legacy.status.as_str(), legacy.job_plan.is_some()), ("READY", false));
    let task = fleet.job("legacy-reports").unwrap().tasks[0].name.clone();
    let records = |time| fleet.true_records("legacy-reports", &task, Direction::Out, time);
    assert_eq!(records(newest + 60..NOW), 0.0);
    assert!(records(newest - 3600..NOW) > 10_000.0);
}

#[test]
fn one_name_in_several_accounts_is_several_applications() {
    let fleet = Fleet::edge_cases();
    let restarts = of("orders", "fullRestarts");
    let accounts: Vec<String> = fleet
        .series(HOME_REGION, NOW)
        .iter()
        .filter(|entry| entry.series == restarts)
        .map(|entry| entry.account.to_string())
        .collect();
    assert_eq!(accounts, [HOME_ACCOUNT, LINKED_ACCOUNT, OTHER_LINKED_ACCOUNT]);
    let newest = |account: &str| fleet.minute_of(HOME_REGION, account, &restarts, WHOLE, NOW).unwrap().maximum;
    assert_eq!((newest(HOME_ACCOUNT), newest(OTHER_LINKED_ACCOUNT)), (0.0, 0.0));
    assert!(newest(LINKED_ACCOUNT) > 10.0);
    assert_eq!(fleet.minute(HOME_REGION, &restarts, WHOLE, NOW).unwrap().maximum, 0.0, "the home account's first");
    let rate = of_task("orders", "Source: orders-stream -> Parse", "numRecordsOutPerSecond");
    let sum = |account: &str| fleet.minute_of(HOME_REGION, account, &rate, WHOLE, NOW).unwrap().sum;
    assert!((1.9..2.1).contains(&(sum(HOME_ACCOUNT) / sum(OTHER_LINKED_ACCOUNT))));
    let names: Vec<String> = fleet.applications(HOME_REGION, NOW).into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["orders", "returns", "untagged", "oddly-tagged"], "those of linked accounts are not shared");
}
