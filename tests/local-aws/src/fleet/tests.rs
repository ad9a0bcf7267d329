use std::collections::{HashMap, HashSet};

use super::*;

mod stories;

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
