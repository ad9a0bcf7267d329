use serde_json::json;

use super::*;
use crate::fleet::{Fleet, HOME_ACCOUNT, HOME_REGION};
use crate::server::faults::InjectedFault;
use crate::world::World as _;

/// Wednesday 2026-03-18 10:17:23 UTC.
const NOW: i64 = 1_773_829_043;
const GROUP: &str = "/aws/kinesis-analytics/clickstream";

#[expect(clippy::disallowed_methods, reason = "when a query began is of no matter to its rows")]
fn started(query: Query, groups: Vec<LogGroup>) -> Running {
    let range = (NOW - 1200, NOW - 1);
    Running {
        query: Arc::new(query),
        groups,
        range,
        limit: 10_000,
        started: Instant::now(),
        is_stopped: false,
        outcome: None,
    }
}

fn rows_of(text: &str) -> Vec<Vec<(String, String)>> {
    let (fleet, fault) = (Fleet::new(), InjectedFault::default());
    let reader = LogReader {
        world: &fleet,
        region: HOME_REGION,
        now: NOW,
        own: HOME_ACCOUNT,
        is_monitoring: true,
        fault: &fault,
    };
    let groups: Vec<LogGroup> =
        fleet.log_groups(HOME_REGION, NOW).into_iter().filter(|group| group.name == GROUP).collect();
    let query = parse::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let outcome = rows::run(&started(query, groups), &reader);
    assert!(outcome.bytes_scanned > 100_000 && outcome.records_matched <= outcome.records_scanned);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let row =
        |row: &Value| row.as_array().unwrap().iter().map(|cell| (text(&cell["field"]), text(&cell["value"]))).collect();
    outcome.rows.iter().map(row).collect()
}

#[test]
fn records_are_filtered_sorted_and_limited() {
    let rows = rows_of(
        "fields @timestamp, message | filter message like /switched from RUNNING to FAILED/ | sort @timestamp asc | limit 3",
    );
    assert_eq!(rows.len(), 3);
    for row in &rows {
        let names: Vec<&str> = row.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["@timestamp", "message", "@ptr"]);
        assert!(row[1].1.contains("to FAILED") && row[0].1.starts_with("2026-03-18 "));
    }
    assert!(rows.is_sorted_by_key(|row| row[0].1.clone()));
    let all = rows_of("filter messageType = 'WARN' and (logger not like \"Task\" or ispresent(throwableInformation))");
    assert!(all.iter().all(|row| row[0].0 == "@timestamp" && row[1].0 == "@message"));
    assert!(!all.is_empty() && all.is_sorted_by(|one, other| one[0].1 >= other[0].1), "newest first");
}

#[test]
fn counts_by_time_and_by_field_add_up() {
    let value = |row: &[(String, String)], name: &str| {
        row.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone()).unwrap()
    };
    let total: i64 = value(&rows_of("stats count(*)")[0], "count(*)").parse().unwrap();
    let by_level = rows_of("stats count(*) as lines by messageType | sort lines desc");
    assert_eq!(by_level.iter().map(|row| value(row, "lines").parse::<i64>().unwrap()).sum::<i64>(), total);
    assert_eq!(value(&by_level[0], "messageType"), "INFO");
    let by_time = rows_of("filter message like \"to FAILED\" | stats count(*) by bin(5m)");
    assert!((4..=5).contains(&by_time.len()), "{by_time:?}");
    assert!(value(&by_time[0], "bin(5m)").ends_with(":00.000"));
}

#[test]
fn what_is_no_query_is_malformed_and_says_where() {
    let error = |text: &str| parse::parse(text).unwrap_err();
    assert_eq!(
        error("fields @timestamp, custom_field | count()").message,
        "mismatched input 'count' expecting {K_PARSE, K_SEARCH, K_FIELDS, K_DISPLAY, K_FILTER, K_STATS, K_SORT, K_ORDER, K_HEAD, K_LIMIT, K_TAIL}"
    );
    assert_eq!(error("filter message like").message, "unexpected symbol found <EOF> at line 1 and position 19");
    for text in [
        "",
        "fields",
        "filter a = ",
        "stats count(* by x",
        "limit many",
        "stats p99(x)",
        "filter a like /[/",
        "parse @message 'x' as y",
        "fields a b",
        "filter \"open",
    ] {
        let error = error(text);
        assert_eq!(error.shape, "MalformedQueryException", "{text}");
        assert_eq!(error.detail.unwrap().0, "queryCompileError");
    }
}

#[test]
fn queries_wait_run_end_and_are_stopped() {
    let (fleet, fault) = (Fleet::new(), InjectedFault::default());
    let reader = LogReader {
        world: &fleet,
        region: HOME_REGION,
        now: NOW,
        own: HOME_ACCOUNT,
        is_monitoring: true,
        fault: &fault,
    };
    let queries = Queries::default();
    let slow = Options { insights_ms: 3_600_000, insights_queries: 2, ..Options::default() };
    let quick = Options { insights_ms: 0, ..slow.clone() };
    let question =
        json!({"logGroupNames": [GROUP], "startTime": NOW - 600, "endTime": NOW, "queryString": "fields message"});
    let start = |options: &Options| start_query(question.clone(), &reader, &queries, options);
    let id = start(&slow).unwrap();
    let results = |options: &Options| get_query_results(id.clone(), &reader, &queries, options).unwrap().body;
    assert_eq!((results(&slow)["status"].clone(), results(&slow)["results"].clone()), (json!("Scheduled"), json!([])));
    start(&slow).unwrap();
    assert_eq!(start(&slow).unwrap_err().message, "Account maximum query concurrency limit of [2] reached.");
    let done = results(&quick);
    assert_eq!(done["status"], "Complete");
    assert!(done["statistics"]["bytesScanned"].as_f64().unwrap() > 10_000.0);
    assert_eq!(done["statistics"]["resultCount"].as_f64().unwrap() as usize, done["results"].as_array().unwrap().len());
    assert_eq!(stop_query(id.clone(), &queries, &quick).unwrap_err().shape, "InvalidParameterException");
    assert_eq!(stop_query(id.clone(), &queries, &slow).unwrap(), json!({"success": true}));
    assert_eq!(results(&slow)["status"], "Cancelled");
    assert_eq!(stop_query(json!({"queryId": "no"}), &queries, &slow).unwrap_err().shape, "ResourceNotFoundException");
}
