//! Logs and metrics of a story tell the same.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::super::{Fleet, HOME_ACCOUNT, HOME_REGION};
use crate::world::{LogEvent, LogStream, World as _};

/// Wednesday 2026-03-18 10:17:23 UTC.
const NOW: i64 = 1_773_829_043;
const HOUR: i64 = 3600;

fn read(fleet: &Fleet, application: &str, from: i64, to: i64) -> Vec<LogEvent> {
    let place = super::destination(&fleet.job(application).unwrap().story).unwrap();
    let stream = LogStream { account: HOME_ACCOUNT, group: &place.group, name: &place.stream };
    fleet.log_events(HOME_REGION, stream, from * 1000..to * 1000, NOW)
}

fn records(events: &[LogEvent]) -> Vec<Value> {
    events.iter().map(|event| serde_json::from_str(&event.message).unwrap()).collect()
}

fn count(records: &[Value], part: &str) -> i64 {
    records.iter().filter(|record| record["message"].as_str().is_some_and(|text| text.contains(part))).count() as i64
}

#[test]
fn the_counts_of_checkpoints_are_those_of_the_metrics() {
    let fleet = Fleet::new();
    // No deployment lies within: its savepoint is no periodic checkpoint.
    for (application, hours) in [("orders", 8), ("fraud-scoring", 20), ("clickstream", 3), ("sessions", 12)] {
        let (from, to) = (NOW - hours * HOUR, NOW - HOUR);
        let truth = fleet.true_checkpoints(application, from..to);
        let records = records(&read(&fleet, application, from, to));
        assert_eq!(count(&records, "Completed checkpoint"), truth.completed, "{application}");
        assert_eq!(count(&records, "Failed to trigger or complete checkpoint"), truth.failed, "{application}");
        assert!(truth.completed + truth.failed > 10, "{application}");
    }
}

#[test]
fn a_failed_checkpoint_says_how_many_failed_before_it() {
    let fleet = Fleet::new();
    let records = records(&read(&fleet, "fraud-scoring", NOW - 12 * HOUR, NOW));
    let before = |number: i64| count(&records, &format!("({number} consecutive failed attempts so far)"));
    assert!(before(0) > 0 && before(1) > 0 && before(2) > 0);
    assert_eq!(before(3), 0, "the fourth in a row would fail the job");
    assert!(count(&records, "expired before completing") > 0 && count(&records, "Decline checkpoint") > 0);
}

#[test]
fn a_failure_is_one_execution_at_task_manager_and_job_manager() {
    let fleet = Fleet::new();
    let (from, to) = (NOW - 2 * HOUR, NOW);
    let records = records(&read(&fleet, "clickstream", from, to));
    let mut executions: HashMap<String, HashSet<String>> = HashMap::new();
    for record in &records {
        let text = record["message"].as_str().unwrap();
        if !text.contains("switched from RUNNING to FAILED") {
            continue;
        }
        assert!(record["throwableInformation"].as_str().unwrap().contains("Caused by: com.fasterxml"), "{record}");
        let execution = text.split(['(', ')']).find(|part| part.matches('_').count() == 3).unwrap();
        executions.entry(execution.to_owned()).or_default().insert(record["messageType"].as_str().unwrap().to_owned());
    }
    let both: HashSet<String> = ["INFO", "WARN"].map(str::to_owned).into();
    assert!(executions.values().all(|levels| *levels == both), "{executions:?}");
    let global = count(&records, "Trying to recover from a global failure.");
    let restarts = fleet.true_restarts("clickstream", from..to);
    assert_eq!(executions.len() as i64 + global, restarts);
    assert!(global > 5 && count(&records, "tasks will be restarted") == restarts);
    assert_eq!(records.iter().filter(|record| record["messageType"] == "ERROR").count(), 0);
}

#[test]
fn the_first_failure_of_a_deployment_is_of_attempt_zero() {
    let fleet = Fleet::new();
    let deployed = NOW / 86_400 * 86_400 + 6 * HOUR + 70;
    let records = records(&read(&fleet, "clickstream", deployed - 120, deployed + 600));
    let failed = |record: &&Value| {
        let text = record["message"].as_str().unwrap();
        text.contains("RUNNING to FAILED") && record["messageType"] == "WARN"
    };
    let first = records.iter().find(failed).unwrap()["message"].as_str().unwrap();
    assert!(first.contains("#0 ("), "{first}");
    assert_eq!(count(&records, "CREATED to RUNNING"), 1);
    assert!(count(&records, "property: parallelism.default, 4") == 1);
}

#[test]
fn parts_of_a_range_make_the_whole() {
    let fleet = Fleet::new();
    for application in ["clickstream", "orders", "fraud-scoring", "sessions", "legacy-reports"] {
        let from = NOW / 86_400 * 86_400 - 7 * HOUR;
        let whole = read(&fleet, application, from, from + 2 * HOUR);
        let parts = (0..240).flat_map(|part| read(&fleet, application, from + part * 30, from + part * 30 + 30));
        assert!(whole == parts.collect::<Vec<_>>(), "{application}");
        assert!(!whole.is_empty() && whole.is_sorted_by_key(|event| event.timestamp), "{application}");
    }
}

#[test]
fn a_failed_start_is_told_in_a_record_of_the_services_own() {
    let fleet = Fleet::new();
    let records = records(&read(&fleet, "legacy-reports", NOW - 24 * HOUR, NOW));
    let failed: Vec<&Value> = records.iter().filter(|record| record["messageType"] == "ERROR").collect();
    let [failed] = failed[..] else { panic!("{failed:?}") };
    assert!(failed["applicationVersionId"].is_i64() && failed.get("logger").is_none());
    assert!(failed["message"].as_str().unwrap().contains("\n\tat "));
    assert!(
        records.iter().filter(|record| record.get("logger").is_some()).all(|r| r["applicationVersionId"].is_string())
    );
}

#[test]
fn fields_come_in_the_order_of_the_service() {
    let fleet = Fleet::new();
    let events = read(&fleet, "orders", NOW - HOUR, NOW);
    let fields = ["locationInformation", "logger", "message", "threadName", "applicationARN", "applicationVersionId"];
    for event in events {
        let places = fields.map(|field| event.message.find(&format!("\"{field}\":")).unwrap());
        assert!(places.is_sorted(), "{}", event.message);
    }
}

#[test]
fn logging_is_as_the_application_is_configured() {
    let fleet = Fleet::new();
    let groups: Vec<String> = fleet.log_groups(HOME_REGION, NOW).into_iter().map(|group| group.name).collect();
    let streams =
        |name: &str| fleet.log_groups(HOME_REGION, NOW).into_iter().find(|group| group.name == name).unwrap().streams;
    assert!(!groups.iter().any(|name| name.contains("iot-telemetry") || name.contains("catalog-cdc")));
    assert_eq!(streams("/shop/flink"), ["recommendations", "sessions"]);
    assert!(read(&fleet, "audit-log", NOW - 48 * HOUR, NOW).is_empty(), "it logs errors only, and has none");
    let described = |name: &str| fleet.application(HOME_REGION, name, NOW).unwrap().detail;
    assert_eq!(described("catalog-cdc")["CloudWatchLoggingOptionDescriptions"], serde_json::json!([]));
    let missing = described("iot-telemetry")["CloudWatchLoggingOptionDescriptions"][0]["LogStreamARN"].to_string();
    assert!(missing.contains("/aws/kinesis-analytics/iot-telemetry-logs:"), "{missing}");
}

#[test]
fn a_group_may_lack_the_stream_that_an_application_writes_to() {
    let fleet = Fleet::edge_cases();
    let groups = fleet.log_groups(HOME_REGION, NOW);
    let group = groups.iter().find(|group| group.name.ends_with("/oddly-tagged")).unwrap();
    assert!(group.streams.is_empty());
    assert!(read(&fleet, "oddly-tagged", NOW - HOUR, NOW).is_empty());
}

#[test]
fn an_old_flink_words_checkpoints_differently_and_counts_them_alike() {
    let fleet = Fleet::edge_cases();
    let (from, to) = (NOW - 8 * HOUR, NOW - HOUR);
    let records = records(&read(&fleet, "returns", from, to));
    let completed = fleet.true_checkpoints("returns", from..to).completed;
    assert_eq!(count(&records, "Completed checkpoint"), completed);
    assert_eq!(count(&records, " bytes in "), completed);
    assert_eq!(count(&records, "(type=CHECKPOINT) @ "), count(&records, "Triggering checkpoint"));
}

#[test]
fn odd_lines_are_served_as_they_were_written() {
    let fleet = Fleet::edge_cases();
    let events = read(&fleet, "untagged", NOW - HOUR, NOW);
    let is_record =
        |event: &&LogEvent| serde_json::from_str::<Value>(&event.message).is_ok_and(|line| line["logger"].is_string());
    let odd: Vec<&LogEvent> = events.iter().filter(|event| !is_record(event)).collect();
    assert!((59..=61).contains(&odd.len()), "one a minute: {}", odd.len());
    for part in ["SLF4J", "\u{1b}[31m", "<script>", "cut in the mid", "\u{0}", "[\"a\"", "nested"] {
        assert!(odd.iter().any(|event| event.message.contains(part)), "{part:?}");
    }
    assert!(odd.iter().any(|event| event.message.len() == 900_000));
}
