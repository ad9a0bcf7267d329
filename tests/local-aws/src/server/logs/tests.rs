//! Searches over the fleet, each operation against what the world holds.

use serde_json::json;

use super::*;
use crate::fleet::{Fleet, HOME_ACCOUNT, HOME_REGION, LINKED_ACCOUNT};

/// Wednesday 2026-03-18 10:17:23 UTC.
const NOW: i64 = 1_773_829_043;
const HOUR: i64 = 3_600_000;
const CLICKS: &str = "/aws/kinesis-analytics/clickstream";
const STREAM: &str = "kinesis-analytics-log-stream";

fn with_reader<T>(check: impl FnOnce(&LogReader<'_>) -> T) -> T {
    let (fleet, fault) = (Fleet::new(), InjectedFault::default());
    check(&LogReader {
        world: &fleet,
        region: HOME_REGION,
        now: NOW,
        own: HOME_ACCOUNT,
        is_monitoring: true,
        fault: &fault,
    })
}

/// All events of all pages, and how many pages there were.
fn search(question: &Value, reader: &LogReader<'_>) -> (Vec<Value>, usize) {
    let (mut events, mut pages, mut question) = (Vec::new(), 0, question.clone());
    loop {
        let answer = filter_log_events(question.clone(), reader).unwrap();
        pages += 1;
        let page = answer.body["events"].as_array().unwrap().clone();
        let bytes: usize = page.iter().map(|event| event["message"].as_str().unwrap().len()).sum();
        assert!(bytes <= PAGE_BYTES && page.len() <= 10_000);
        assert_eq!(answer.usage.log_bytes, bytes as u64);
        events.extend(page);
        match answer.body.get("nextToken") {
            Some(token) => question["nextToken"] = token.clone(),
            None => return (events, pages),
        }
    }
}

fn texts(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["message"].as_str().unwrap()).collect()
}

#[test]
fn the_pages_of_a_search_make_the_whole_in_both_directions() {
    with_reader(|reader| {
        let (from, to) = (NOW * 1000 - 2 * HOUR, NOW * 1000 - HOUR);
        let group = reader.find_group(HOME_ACCOUNT, CLICKS).unwrap();
        let whole: Vec<String> =
            reader.events(&group, STREAM, from..to + 1).into_iter().map(|event| event.message).collect();
        let mut question = json!({"logGroupName": CLICKS, "startTime": from, "endTime": to});
        let (events, pages) = search(&question, reader);
        assert_eq!(texts(&events), whole);
        assert!(pages > 2, "the page limit of 1 MB");
        question["limit"] = 317.into();
        let (events, _) = search(&question, reader);
        assert_eq!(texts(&events), whole);
        let ids: std::collections::HashSet<String> = events.iter().map(|event| event["eventId"].to_string()).collect();
        assert_eq!(ids.len(), events.len());
        question["startFromHead"] = false.into();
        let (mut backwards, _) = search(&question, reader);
        backwards.reverse();
        assert_eq!(backwards, events);
    });
}

#[test]
fn sparse_patterns_give_empty_pages_and_then_all() {
    with_reader(|reader| {
        let pattern = r#"{ $.message = "*from a global failure*" && $.messageType = "INFO" }"#;
        let from = NOW * 1000 - 4 * HOUR;
        let question = json!({"logGroupName": CLICKS, "startTime": from, "filterPattern": pattern});
        let (found, pages) = search(&question, reader);
        // Every third restart of a loop of two minutes, told in two lines.
        assert!((75..=85).contains(&found.len()), "{}", found.len());
        assert!(pages > 1);
        let old = json!({"logGroupName": "/aws/kinesis-analytics/old-sql", "startTime": 0});
        let first = filter_log_events(old.clone(), reader).unwrap();
        assert_eq!(first.body["events"], json!([]));
        assert!(first.body["nextToken"].is_string(), "a long search of nothing has empty pages");
        assert!(search(&old, reader).0.is_empty());
    });
}

#[test]
fn the_end_is_inclusive_in_a_search_and_exclusive_in_a_stream() {
    with_reader(|reader| {
        let question = json!({"logGroupName": CLICKS, "startTime": NOW * 1000 - HOUR, "limit": 1});
        let first = filter_log_events(question, reader).unwrap().body["events"][0]["timestamp"].as_i64().unwrap();
        let at = json!({"logGroupName": CLICKS, "startTime": first, "endTime": first});
        assert!(!search(&at, reader).0.is_empty());
        let mut at = json!({"logGroupName": CLICKS, "logStreamName": STREAM, "startTime": first, "endTime": first});
        assert_eq!(get_log_events(at.clone(), reader).unwrap().body["events"], json!([]));
        at["endTime"] = (first + 1).into();
        assert_ne!(get_log_events(at, reader).unwrap().body["events"], json!([]));
    });
}

#[test]
fn a_stream_is_read_to_both_ends_where_tokens_repeat() {
    with_reader(|reader| {
        let (from, to) = (NOW * 1000 - HOUR / 2, NOW * 1000);
        let mut question =
            json!({"logGroupName": CLICKS, "logStreamName": STREAM, "startTime": from, "endTime": to, "limit": 100});
        let newest = get_log_events(question.clone(), reader).unwrap().body;
        assert_eq!(newest["events"].as_array().unwrap().len(), 100, "the newest come first where nothing is said");
        let read = |mut question: Value, direction: &str, mut token: Value| {
            let mut pages: Vec<Vec<Value>> = Vec::new();
            loop {
                question["nextToken"] = token.clone();
                let page = get_log_events(question.clone(), reader).unwrap().body;
                if page[direction] == token {
                    assert_eq!(page["events"], json!([]));
                    return pages;
                }
                token = page[direction].clone();
                pages.push(page["events"].as_array().unwrap().clone());
            }
        };
        let older = read(question.clone(), "nextBackwardToken", newest["nextBackwardToken"].clone());
        assert!(read(question.clone(), "nextForwardToken", newest["nextForwardToken"].clone()).concat().is_empty());
        let mut all: Vec<Value> = older.into_iter().rev().flatten().collect();
        all.extend(newest["events"].as_array().unwrap().clone());
        question["startFromHead"] = true.into();
        let oldest = get_log_events(question.clone(), reader).unwrap().body;
        let mut forwards = oldest["events"].as_array().unwrap().clone();
        forwards.extend(read(question, "nextForwardToken", oldest["nextForwardToken"].clone()).concat());
        assert_eq!(forwards, all);
        assert!(all.is_sorted_by_key(|event| event["timestamp"].as_i64()));
    });
}

#[test]
fn streams_of_a_group_are_interleaved_or_chosen() {
    with_reader(|reader| {
        let question = json!({"logGroupName": "/shop/flink", "startTime": NOW * 1000 - HOUR});
        let names = |question: &Value| -> Vec<String> {
            let (events, _) = search(question, reader);
            assert!(events.is_sorted_by_key(|event| event["timestamp"].as_i64()));
            let mut names: Vec<String> = events.iter().map(|event| event["logStreamName"].to_string()).collect();
            names.sort();
            names.dedup();
            names
        };
        assert_eq!(names(&question), ["\"recommendations\"", "\"sessions\""]);
        let mut chosen = question.clone();
        chosen["logStreamNames"] = json!(["sessions"]);
        assert_eq!(names(&chosen), ["\"sessions\""]);
        let mut prefixed = question;
        prefixed["logStreamNamePrefix"] = json!("rec");
        assert_eq!(names(&prefixed), ["\"recommendations\""]);
        prefixed["logStreamNames"] = json!(["sessions"]);
        assert_eq!(filter_log_events(prefixed, reader).unwrap_err().shape, "InvalidParameterException");
    });
}

#[test]
fn groups_of_linked_accounts_are_read_by_arn_from_the_monitoring_account_only() {
    let arn = format!("arn:aws:logs:{HOME_REGION}:{LINKED_ACCOUNT}:log-group:/aws/kinesis-analytics/partner-feed");
    with_reader(|reader| {
        let by_name = json!({"logGroupName": "/aws/kinesis-analytics/partner-feed"});
        assert_eq!(filter_log_events(by_name, reader).unwrap_err().shape, "ResourceNotFoundException");
        let by_arn = json!({"logGroupIdentifier": arn, "startTime": NOW * 1000 - HOUR});
        assert!(!search(&by_arn, reader).0.is_empty());
        let outside = LogReader { is_monitoring: false, ..*reader };
        assert_eq!(filter_log_events(by_arn, &outside).unwrap_err().shape, "ResourceNotFoundException");
        let star = json!({"logGroupIdentifier": format!("{arn}:*")});
        assert_eq!(filter_log_events(star, reader).unwrap_err().shape, "InvalidParameterException");
        let count =
            |question: Value| describe_log_groups(question, reader).unwrap()["logGroups"].as_array().unwrap().len();
        assert_eq!(count(json!({"includeLinkedAccounts": true})), count(json!({})) + 1);
        assert_eq!(count(json!({"includeLinkedAccounts": true, "accountIdentifiers": [LINKED_ACCOUNT]})), 1);
        assert_eq!(count(json!({"logGroupIdentifiers": [arn]})), 1);
    });
}

#[test]
fn questions_beyond_the_limits_are_refused() {
    with_reader(|reader| {
        let refused = |change: Value| {
            let mut question = json!({"logGroupName": CLICKS});
            question.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            filter_log_events(question, reader).unwrap_err().shape
        };
        for change in [
            json!({"limit": 0}),
            json!({"limit": 10_001}),
            json!({"startFromHead": false}),
            json!({"startFromHead": false, "startTime": 1_700_000_000_000_i64}),
            json!({"nextToken": "f/1/2/3"}),
            json!({"logGroupIdentifier": CLICKS}),
            json!({"filterPattern": "a-b"}),
            json!({"logStreamNames": []}),
        ] {
            assert_eq!(refused(change.clone()), "InvalidParameterException", "{change}");
        }
        assert_eq!(refused(json!({"logStreamNames": ["no"]})), "ResourceNotFoundException");
        assert_eq!(
            refused(json!({"logGroupName": "/aws/kinesis-analytics/iot-telemetry-logs"})),
            "ResourceNotFoundException"
        );
        let mut question = json!({"logGroupName": CLICKS, "startTime": NOW * 1000 - HOUR, "limit": 1});
        question["nextToken"] = filter_log_events(question.clone(), reader).unwrap().body["nextToken"].clone();
        assert!(filter_log_events(question.clone(), reader).is_ok());
        question["filterPattern"] = "other".into();
        assert!(filter_log_events(question, reader).is_err(), "a token is good for its own question");
    });
}

#[test]
fn an_empty_page_on_purpose_loses_nothing() {
    with_reader(|reader| {
        let fault = InjectedFault { empty_log_page: true, ..InjectedFault::default() };
        let faulty = LogReader { fault: &fault, ..*reader };
        let mut question = json!({"logGroupName": CLICKS, "startTime": NOW * 1000 - HOUR / 4});
        let (whole, _) = search(&question, reader);
        let empty = filter_log_events(question.clone(), &faulty).unwrap().body;
        assert_eq!(empty["events"], json!([]));
        question["nextToken"] = empty["nextToken"].clone();
        assert_eq!(search(&question, reader).0, whole);
    });
}

#[test]
fn streams_are_described_with_their_newest_event() {
    with_reader(|reader| {
        let question = json!({"logGroupName": "/shop/flink", "orderBy": "LastEventTime", "descending": true});
        let streams = describe_log_streams(question, reader).unwrap()["logStreams"].as_array().unwrap().clone();
        assert_eq!(streams.len(), 2);
        let newest = |stream: &Value| stream["lastEventTimestamp"].as_i64().unwrap();
        assert!(newest(&streams[0]) >= newest(&streams[1]) && newest(&streams[0]) > NOW * 1000 - HOUR);
        let silent = json!({"logGroupName": "/aws/kinesis-analytics/audit-log"});
        let silent = describe_log_streams(silent, reader).unwrap();
        assert!(silent["logStreams"][0].get("lastEventTimestamp").is_none());
    });
}
