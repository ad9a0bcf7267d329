use std::collections::{HashMap, HashSet};

use super::*;

/// Wednesday 2026-03-18 10:17:23 UTC.
const NOW: i64 = 1_773_829_043;

fn series(metric: &str, dimensions: &[(&str, &str)]) -> Series {
    let mut dimensions: Vec<_> = dimensions.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value))).collect();
    dimensions.sort();
    Series { metric: metric.into(), dimensions }
}

fn of(application: &str, metric: &str) -> Series {
    series(metric, &[("Application", application)])
}

fn of_task(application: &str, task: &str, metric: &str) -> Series {
    series(metric, &[("Application", application), ("Task", &clean(task))])
}

fn minute_at(fleet: &Fleet, series: &Series, minute: i64) -> Minute {
    fleet.minute(HOME_REGION, series, minute, NOW).unwrap_or_else(|| panic!("no data: {series:?}"))
}

const WHOLE: i64 = NOW / 60 * 60 - 60;
const ORDERS_SOURCE: &str = "Source: orders-stream -> Parse -> Filter valid";

#[test]
fn names_are_cleaned_as_the_service_cleans_them() {
    assert_eq!(clean(ORDERS_SOURCE), "Source:_orders_stream____Parse____Filter_valid");
    assert_eq!(clean("Deduplicate[4] -> (Calc[5], Calc[10])"), "Deduplicate_4______Calc_5___Calc_10__");
}

#[test]
fn every_listed_series_has_data_in_its_newest_minute_and_none_after() {
    let fleet = Fleet::new();
    let day = NOW / 86_400 * 86_400;
    // Also just after midnight, in the gaps of a scaling and of a Tuesday's deployment, and as a minute begins.
    for now in [NOW, day + 5, day + 8 * 3600 + 40, day - 86_400 + 9 * 3600 + 30, WHOLE] {
        for region in [HOME_REGION, SECOND_REGION] {
            let entries = fleet.series(region, now);
            let unique: HashSet<&Series> = entries.iter().map(|entry| &entry.series).collect();
            assert_eq!(unique.len(), entries.len(), "a series is listed once");
            assert_eq!(entries.len(), fleet.regions[region].series.len(), "every series had data in two weeks");
            for entry in entries.iter() {
                let data = |minute| fleet.minute(region, &entry.series, minute, now);
                assert!(data(entry.last_minute).is_some(), "{entry:?}");
                assert!((1..=120).all(|later| data(entry.last_minute + later * 60).is_none()), "{entry:?}");
                assert!(entry.series.dimensions.is_sorted(), "{entry:?}");
            }
        }
    }
    assert!(fleet.series("ap-south-1", NOW).is_empty());
}

#[test]
fn a_minute_is_what_its_samples_fold_to() {
    let fleet = Fleet::new();
    for entry in fleet.series(HOME_REGION, NOW).iter() {
        for minute in [entry.last_minute, entry.last_minute - 3600, entry.last_minute - 90_000] {
            let samples = fleet.samples(HOME_REGION, &entry.series, minute, NOW);
            let Some(folded) = fleet.minute(HOME_REGION, &entry.series, minute, NOW) else {
                assert!(samples.is_empty());
                continue;
            };
            assert_eq!(folded.sample_count, samples.len() as f64);
            assert_eq!(folded.sum, samples.iter().sum::<f64>());
            assert!(samples.iter().all(|value| (folded.minimum..=folded.maximum).contains(value)), "{entry:?}");
            assert!(samples.iter().all(|value| value.is_finite()), "{entry:?} {samples:?}");
        }
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let (one, other) = (Fleet::new(), Fleet::new());
    for entry in one.series(HOME_REGION, NOW).iter() {
        let minute = entry.last_minute - 600;
        let first = one.minute(HOME_REGION, &entry.series, minute, NOW);
        assert_eq!(first, one.minute(HOME_REGION, &entry.series, minute, NOW));
        assert_eq!(first, other.minute(HOME_REGION, &entry.series, minute, NOW));
        // A closed minute does not change as time goes on; only an application that was stopped yesterday
        // moves with the days.
        assert_eq!(first, other.minute(HOME_REGION, &entry.series, minute, NOW + 600));
    }
}

#[test]
fn the_sum_of_a_steady_minute_tells_the_true_rate() {
    let fleet = Fleet::new();
    let rate = of_task("orders", ORDERS_SOURCE, "numRecordsOutPerSecond");
    let (mut whole, mut short) = (0, 0);
    for back in 0..600 {
        let minute = WHOLE - back * 60;
        let truth = fleet.true_records("orders", ORDERS_SOURCE, Direction::Out, minute..minute + 60) / 60.0;
        let folded = minute_at(&fleet, &rate, minute);
        let robust = folded.sum / folded.sample_count * 6.0;
        assert!((robust / truth - 1.0).abs() < 0.01, "{minute}: {robust} {truth}");
        if folded.sample_count == 24.0 {
            whole += 1;
            let total = folded.sum / 4.0;
            assert!((total / truth - 1.0).abs() < 0.01, "{minute}: {total} {truth}");
        } else {
            short += 1;
            assert!((18.0..24.0).contains(&folded.sample_count));
        }
    }
    assert!(short > 10 && whole > 500, "a reporter is late now and then: {short} of {whole}");
}

#[test]
fn the_mix_of_all_tasks_is_far_from_the_source_rate() {
    let fleet = Fleet::new();
    let truth = fleet.true_records("orders", ORDERS_SOURCE, Direction::Out, WHOLE..WHOLE + 60) / 60.0;
    let mix = minute_at(&fleet, &of("orders", "numRecordsOutPerSecond"), WHOLE);
    assert!(mix.sum / mix.sample_count < 0.3 * truth);
    assert!(mix.sum / 4.0 > 2.0 * truth);
}

#[test]
fn counters_tell_the_true_number_of_records() {
    let fleet = Fleet::new();
    let counter = of_task("orders", ORDERS_SOURCE, "numRecordsOut");
    // Last samples of two minutes an hour apart; each subtask's newest is the largest of its minute.
    let subtask_total = |minute: i64| {
        let samples = fleet.samples(HOME_REGION, &counter, minute, NOW);
        samples.iter().sum::<f64>() / samples.len() as f64 * 6.0
    };
    let measured = subtask_total(WHOLE) - subtask_total(WHOLE - 3600);
    let truth = fleet.true_records("orders", ORDERS_SOURCE, Direction::Out, WHOLE - 3600..WHOLE);
    assert!((measured / truth - 1.0).abs() < 0.02, "{measured} {truth}");
}

#[test]
fn truth_adds_up_over_restarts() {
    let fleet = Fleet::new();
    let month = NOW - 30 * 86_400..NOW;
    for application in ["orders", "sessions", "inventory-sync", "payments"] {
        let task = fleet.job(application).unwrap().tasks[0].name.clone();
        let whole = fleet.true_records(application, &task, Direction::Out, month.clone());
        let days: f64 = (0..30)
            .map(|day| {
                let start = month.start + day * 86_400;
                fleet.true_records(application, &task, Direction::Out, start..start + 86_400)
            })
            .sum();
        assert_eq!(whole, days, "{application}");
        assert!(whole > 1e6);
    }
    let restarts = fleet.restarts("orders", month.clone());
    assert_eq!(restarts.len() as i64, fleet.true_restarts("orders", month));
    assert!((4..12).contains(&restarts.len()), "{restarts:?}");
}

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
fn metrics_levels_decide_the_dimension_sets() {
    let fleet = Fleet::new();
    let mut sets: HashMap<String, HashSet<String>> = HashMap::new();
    for entry in fleet.series(HOME_REGION, NOW).iter() {
        let names: Vec<&str> = entry.series.dimensions.iter().map(|(name, _)| name.as_ref()).collect();
        sets.entry(entry.series.dimensions[0].1.to_string()).or_default().insert(names.join(","));
    }
    let set = |application: &str| {
        let mut found: Vec<&str> = sets[application].iter().map(String::as_str).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(set("audit-log"), ["Application", "Application,Flow,Id"]);
    assert_eq!(set("catalog-cdc"), ["Application", "Application,Flow,Topic", "Application,Task"]);
    assert_eq!(
        set("orders"),
        ["Application", "Application,Flow,Id", "Application,Task", "Application,Task,TaskOperator"]
    );
    assert!(set("recommendations").contains(&"Application,Parallelism,Task,TaskOperator"));
    assert!(set("sessions").contains(&"Application,Flow,Host,tm_id"));
    assert!(sets.contains_key("old-sql") && sets.contains_key("notebook"));
}

#[test]
fn subtasks_add_up_to_their_task_and_tasks_to_the_application() {
    let fleet = Fleet::new();
    let sum_where = |metric: &str, names: &str| -> (f64, f64) {
        let entries = fleet.series(HOME_REGION, NOW);
        let minutes = entries.iter().filter_map(|entry| {
            let of: Vec<&str> = entry.series.dimensions.iter().map(|(name, _)| name.as_ref()).collect();
            let here = entry.series.dimensions[0].1.as_ref() == "recommendations" && of.join(",") == names;
            (here && entry.series.metric.as_ref() == metric).then(|| minute_at(&fleet, &entry.series, WHOLE))
        });
        minutes.fold((0.0, 0.0), |(count, sum), minute| (count + minute.sample_count, sum + minute.sum))
    };
    for metric in ["numRecordsIn", "numRecordsOut", "busyTimeMsPerSecond"] {
        let of_subtasks = sum_where(metric, "Application,Parallelism,Task");
        assert!(of_subtasks.1 > 0.0);
        assert_eq!(of_subtasks, sum_where(metric, "Application,Task"), "{metric}");
        assert_eq!(of_subtasks, sum_where(metric, "Application"), "{metric}");
    }
    let of_operators = sum_where("numRecordsOut", "Application,Task,TaskOperator");
    assert_eq!(of_operators, sum_where("numRecordsOut", "Application,Parallelism,Task,TaskOperator"));
    assert_eq!(sum_where("busyTimeMsPerSecond", "Application,Task,TaskOperator"), (0.0, 0.0));
}

#[test]
fn a_restart_on_flink_two_shows_in_its_own_metrics() {
    let fleet = Fleet::new();
    let (down, up) = *fleet.restarts("sessions", NOW - 12 * 86_400..NOW).last().unwrap();
    assert_eq!(up - down, 28.0);
    let minute = down as i64 / 60 * 60;
    let at = |metric: &str, minute: i64| minute_at(&fleet, &of("sessions", metric), minute).maximum;
    let longest = at("restartingTime", minute).max(at("restartingTime", minute + 60));
    assert!((13_000.0..28_000.0).contains(&longest), "{longest}");
    assert_eq!(at("restartingTime", minute + 180), 0.0);
    assert_eq!(at("numRestarts", minute + 120), at("numRestarts", minute - 60) + 1.0);
    assert_eq!(at("downtime", minute), 0.0);
    let completed = at("numberOfCompletedCheckpoints", minute + 3600) - at("numberOfCompletedCheckpoints", minute);
    assert_eq!(completed, 60.0);
    let entries = fleet.series(HOME_REGION, NOW);
    let of_sessions = entries.iter().filter(|entry| entry.series.dimensions[0].1.as_ref() == "sessions");
    assert_eq!(of_sessions.filter(|entry| entry.series.metric.as_ref() == "fullRestarts").count(), 0);
}

#[test]
fn flink_one_counts_nothing_at_the_ends_of_a_graph_and_flink_two_does() {
    let fleet = Fleet::new();
    let sum = |application: &str, task: usize, metric: &str| {
        let name = &fleet.job(application).unwrap().tasks[task].name;
        minute_at(&fleet, &of_task(application, name, metric), WHOLE).sum
    };
    assert_eq!(sum("orders", 0, "numRecordsInPerSecond"), 0.0);
    assert_eq!(sum("orders", 3, "numRecordsOutPerSecond"), 0.0);
    assert!(sum("orders", 3, "numRecordsInPerSecond") > 0.0);
    assert!(sum("sessions", 0, "numRecordsInPerSecond") > 0.0);
    assert!(sum("sessions", 2, "numRecordsOut") > 0.0);
    assert_eq!(sum("iot-telemetry", 0, "numRecordsInPerSecond"), 0.0);
    assert_eq!(sum("iot-telemetry", 0, "numRecordsOutPerSecond"), 0.0);
    let chain = &fleet.job("iot-telemetry").unwrap().tasks[0];
    let operator = series(
        "numRecordsInPerSecond",
        &[("Application", "iot-telemetry"), ("Task", &chain.dimension), ("TaskOperator", "Sink:_readings:_Writer")],
    );
    assert!(minute_at(&fleet, &operator, WHOLE).sum / 4.0 > 500.0);
}

#[test]
fn kpus_come_once_an_hour_and_count_the_orchestration() {
    let fleet = Fleet::new();
    let kpus = of("orders", "KPUs");
    let hour = NOW / 3600 * 3600;
    let minute = minute_at(&fleet, &kpus, hour);
    assert_eq!((minute.sample_count, minute.sum), (1.0, 4.0));
    assert!(fleet.minute(HOME_REGION, &kpus, hour + 60, NOW).is_none());
}

#[test]
fn the_open_minute_grows_and_the_future_is_empty() {
    let fleet = Fleet::new();
    let uptime = of("orders", "uptime");
    let count = |now| fleet.minute(HOME_REGION, &uptime, WHOLE, now).map_or(0.0, |minute| minute.sample_count);
    let counts: Vec<f64> = (0..=60).map(|second| count(WHOLE + second)).collect();
    assert_eq!((counts[0], counts[60]), (0.0, 4.0));
    assert!(counts.is_sorted());
    assert!(fleet.minute(HOME_REGION, &uptime, NOW + 600, NOW).is_none());
}

#[test]
fn applications_carry_what_the_service_tells() {
    let fleet = Fleet::new();
    let applications = fleet.applications(HOME_REGION, NOW);
    assert_eq!(applications.len(), 13);
    assert!(applications.iter().all(|application| application.name != "partner-feed"));
    assert!(fleet.series(HOME_REGION, NOW).iter().any(|entry| entry.account.as_ref() == LINKED_ACCOUNT));
    assert_eq!(fleet.applications(SECOND_REGION, NOW).len(), 2);
    let orders = &applications[0];
    assert_eq!(orders.detail["ApplicationARN"], "arn:aws:kinesisanalytics:eu-west-1:111111111111:application/orders");
    let plan: serde_json::Value = serde_json::from_str(orders.job_plan.as_ref().unwrap()).unwrap();
    let nodes = plan["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 5);
    let source = &nodes[4];
    assert!(source.get("inputs").is_none());
    assert_eq!(source["description"], "Source: orders-stream<br/>+- Parse<br/>   +- Filter valid<br/>");
    assert_eq!(nodes[3]["inputs"][0]["id"], source["id"]);
    assert_eq!(nodes[3]["inputs"][0]["ship_strategy"], "HASH");
}

#[test]
fn a_large_world_is_uniform() {
    let fleet = Fleet::bench(100, 3);
    assert_eq!(fleet.applications(HOME_REGION, NOW).len(), 100);
    let wide = Fleet::bench(1, 500);
    let tasks = wide
        .series(HOME_REGION, NOW)
        .iter()
        .filter(|entry| entry.series.metric.as_ref() == "busyTimeMsPerSecond")
        .count();
    assert_eq!(tasks, 501);
}

#[test]
fn a_world_of_one_metric_has_nothing_else_and_the_same_values() {
    let (all, one) = (Fleet::bench(2, 3), Fleet::bench_metric(2, 3, "busyTimeMsPerSecond"));
    let listed = one.series(HOME_REGION, NOW);
    assert_eq!(listed.len(), 2 * (3 + 1));
    for entry in listed.iter() {
        assert_eq!(entry.series.metric.as_ref(), "busyTimeMsPerSecond");
        let minute = |fleet: &Fleet| fleet.minute(HOME_REGION, &entry.series, NOW - 600 - NOW % 60, NOW);
        assert!(minute(&one).is_some() && minute(&one) == minute(&all));
    }
}

#[test]
fn one_application_is_described_as_in_the_list() {
    let fleet = Fleet::new();
    let listed = fleet.applications(HOME_REGION, NOW);
    let orders = listed.iter().find(|application| application.name == "orders").unwrap();
    assert_eq!(fleet.application(HOME_REGION, "orders", NOW).unwrap().detail, orders.detail);
    assert!(fleet.application(HOME_REGION, "nobody", NOW).is_none());
}
