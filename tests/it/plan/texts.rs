//! Plans as a reviewer reads them: each series once, with its statistic and the queries that use it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{parse, plan_fleet};
use crate::support::panels::panels;

/// The plan's text, and what each query says about it.
fn text(hours: i64, queries: &[Value]) -> String {
    let (plan, _) = plan_fleet(&parse(&panels(hours, queries)));
    let mut text = plan.to_string();
    for query in &plan.queries {
        for missing in &query.missing {
            text.push_str(&format!("{}: Warning: {missing}\n", query.ref_id));
        }
        for notice in &query.notices {
            text.push_str(&format!("{}: {:?}: {}\n", query.ref_id, notice.severity, notice.text));
        }
    }
    text
}

fn orders(signals: &[&str]) -> Value {
    json!({"queryType": "application", "applications": ["orders"], "signals": signals})
}

#[test]
fn dashboard_of_one_application() {
    assert_snapshot!(text(
        6,
        &[
            orders(&["sourceRate", "sinkRate"]),
            orders(&["restarts", "availability", "uptime"]),
            orders(&["consumerLagTime", "timeToCatchUp", "watermarkLag"]),
            orders(&["busy", "backPressure", "idle", "skew"]),
            orders(&["cpu", "containerCpu", "heap", "containerMemory", "managedMemory", "gcPressure"]),
            orders(&["cpuHeadroom", "memoryHeadroom", "fileDescriptors"]),
        ]
    ));
}

#[test]
fn throughput_at_each_metrics_level() {
    let of = |name: &str| {
        let signals = ["sourceRate", "sinkRate", "recordsIn", "recordsOut", "lateRecords", "selectivity"];
        json!({"queryType": "application", "applications": [name], "signals": signals})
    };
    assert_snapshot!(text(1, &["audit-log", "catalog-cdc", "orders", "recommendations", "iot-telemetry"].map(of)));
}

#[test]
fn throughput_on_flink_2() {
    assert_snapshot!(text(
        1,
        &[json!({"queryType": "application", "applications": ["sessions"], "signals": ["sourceRate", "sinkRate",
                 "recordsOut", "consumerLagRecords", "timeToCatchUp", "restarts", "uptime", "availability"]})]
    ));
}

#[test]
fn fleet_table() {
    assert_snapshot!(text(3, &[json!({"queryType": "application", "applications": ["*"], "as": "table"})]));
}

/// The verdict of "audit-log" rests on its source and sink rate, of which a table that shows them has a notice.
#[test]
fn a_table_says_nothing_of_signals_that_it_does_not_show() {
    let table = |signals: &[&str]| {
        text(3, &[json!({"queryType": "application", "applications": ["*"], "signals": signals, "as": "table"})])
    };
    assert!(table(&["sourceRate"]).contains("Throughput of \"audit-log\""));
    for shown in [&["cpu"][..], &["restarts", "consumerLagTime"]] {
        assert!(!table(shown).contains("Info:"), "{}", table(shown));
    }
}

/// Only sources read from Kafka, and only windows drop late records: that other tasks have none is nothing to warn of,
/// and no reason to fail an alert rule about all tasks. Where no task has it, it is missed.
#[test]
fn of_all_tasks_one_needs_to_have_what_only_some_can_have() {
    let tasks =
        |name: &str, signal: &str| json!({"queryType": "operator", "applications": [name], "signals": [signal]});
    let lag = text(3, &[tasks("sessions", "consumerLagRecords")]);
    assert!(lag.contains("A: Info: No \"consumerLagRecords\" for \"Sessionize\"") && !lag.contains("Warning"), "{lag}");
    let none = text(3, &[tasks("orders", "consumerLagRecords")]);
    assert!(none.contains("A: Warning: No \"consumerLagRecords\" for \"Source: orders stream"), "{none}");
    let beside =
        json!({"queryType": "operator", "applications": ["sessions", "orders"], "signals": ["consumerLagRecords"]});
    let beside = text(3, &[beside]);
    assert!(beside.contains("Warning: No \"consumerLagRecords\" for \"Source: orders stream"), "{beside}");
    let named = json!({"queryType": "operator", "applications": ["sessions"], "tasks": ["Sessionize"], "signals": ["consumerLagRecords"]});
    let named = text(3, &[named]);
    assert!(named.contains("A: Warning: No \"consumerLagRecords\" for \"Sessionize\""), "{named}");
}

#[test]
fn top_5_tasks_by_busy() {
    assert_snapshot!(text(
        6,
        &[json!({"queryType": "operator", "applications": ["orders"], "signals": ["recordsInRate", "busy"],
                 "top": {"count": 5, "by": "busy"}})]
    ));
}

#[test]
fn table_of_tasks() {
    assert_snapshot!(text(6, &[json!({"queryType": "operator", "applications": ["orders"], "as": "table"})]));
}

#[test]
fn operators_of_one_task() {
    assert_snapshot!(text(
        1,
        &[json!({"queryType": "operator", "applications": ["orders"], "level": "operator",
                 "operators": ["/Sink/"], "as": "table"})]
    ));
}

#[test]
fn subtasks_of_one_task() {
    assert_snapshot!(text(
        1,
        &[json!({"queryType": "operator", "applications": ["recommendations"], "level": "subtask",
                 "tasks": ["/Co.occurrence/"], "signals": ["busy", "recordsInRate"]})]
    ));
}

#[test]
fn checkpoints_as_series_and_summary() {
    assert_snapshot!(text(
        6,
        &[
            json!({"queryType": "checkpoint", "applications": ["orders"]}),
            json!({"queryType": "checkpoint", "applications": ["orders"], "as": "summary"}),
        ]
    ));
}

#[test]
fn metrics_by_name_and_wildcard() {
    assert_snapshot!(text(
        6,
        &[
            json!({"queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization"}),
            json!({"queryType": "metric", "applications": ["orders"], "metric": "busyTimeMsPerSecond",
                   "dimensions": {"Task": "*"}, "statistic": "p95"}),
            json!({"queryType": "metric", "applications": ["iot-telemetry"], "metric": "readingsByDevice",
                   "dimensions": {"Task": "*", "Operator": "*", "DeviceType": "*"}}),
            json!({"queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization",
                   "dimensions": {"Task": "*"}}),
            json!({"queryType": "metric", "applications": ["orders"], "metric": "noSuchMetric"}),
        ]
    ));
}

#[test]
fn kpus_beside_minutes() {
    let short = json!({"queryType": "application", "applications": ["orders"], "signals": ["kpus"], "period": "5m"});
    let cost = orders(&["kpus", "kpuCost", "costPerMillionRecords"]);
    assert_snapshot!(text(6, &[cost, orders(&["sourceRate", "cpu"]), short]));
}

#[test]
fn accounts() {
    let of = |account: &str, name: &str| json!({"queryType": "application", "accountId": account, "applications": [name], "signals": ["cpu"]});
    assert_snapshot!(text(
        1,
        &[of("", "orders"), of("222222222222", "partner-feed"), of("all", "partner-feed"), of("all", "*")]
    ));
}

#[test]
fn old_ranges_ask_for_longer_periods() {
    let cpu = json!({"queryType": "application", "applications": ["orders"], "signals": ["cpu"], "period": "1m"});
    assert_snapshot!([14, 16, 62, 64].map(|days| text(days * 24, std::slice::from_ref(&cpu))).join("\n"));
}
