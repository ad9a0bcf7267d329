//! Logs against what real jobs counted: failures, restarts and checkpoints, and what a question costs.

use serde_json::{Value, json};

use super::recording::{Recording, VERSIONS};
use super::{HOUR, NOON, fleet};
use crate::support::world::{Answer, Chain};

fn logs(find: &str, shape: &str) -> Value {
    json!({ "queryType": "logs", "applications": ["orders"], "find": find, "as": shape })
}

/// The labels of each row.
fn labels(answer: &Answer) -> Vec<Value> {
    answer.texts("labels").into_iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// The class of the exception at the bottom of a stack trace.
fn class_of(trace: &str) -> &str {
    trace.rsplit("Caused by: ").next().unwrap().split([':', '\n']).next().unwrap()
}

/// Flink's own list of what failed, the newest first: when, the class and the task.
fn exceptions(recording: &Recording) -> Vec<(i64, String, Option<String>)> {
    let json = recording.rest("after_expired", "job_exceptions.json");
    let entries = json["exceptionHistory"]["entries"].as_array().unwrap().clone();
    let read = |entry: Value| {
        let task = entry["taskName"].as_str().map(|name| name.split(" - execution").next().unwrap().to_owned());
        (entry["timestamp"].as_i64().unwrap(), class_of(entry["stacktrace"].as_str().unwrap()).to_owned(), task)
    };
    entries.into_iter().map(read).collect()
}

#[tokio::test]
async fn failures_are_those_that_flink_lists_each_once() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        let answer = chain.ask(logs("failures", "logs"), recording.whole()).await;
        let expected = exceptions(recording);
        assert_eq!(expected.len(), 4);
        let times = answer.times("timestamp");
        let found: Vec<(String, Option<String>)> = labels(&answer)
            .iter()
            .map(|labels| {
                let task = labels["task"].as_str();
                let subtask = labels["subtask"].as_str();
                let task = task.zip(subtask).map(|(task, subtask)| format!("{task} ({subtask})"));
                (labels["cause"].as_str().unwrap().to_owned(), task)
            })
            .collect();
        let wanted: Vec<_> = expected.iter().map(|(_, class, task)| (class.clone(), task.clone())).collect();
        assert_eq!(found, wanted, "{version}");
        for (time, (expected, ..)) in times.iter().zip(&expected) {
            assert!((time - expected).abs() < 100, "{version}: {time} {expected}");
        }
        assert!(answer.texts("severity").iter().all(|severity| *severity == "error"), "no line of theirs is at ERROR");
        let attempts: Vec<_> = labels(&answer).iter().map(|labels| labels["attempt"].clone()).collect();
        assert_eq!(attempts, [Value::Null, json!("2"), json!("1"), json!("0")]);
        let task_manager = labels(&answer)[1]["taskManager"].clone();
        assert!(task_manager.as_str().unwrap().starts_with("flink-taskmanager-1-"), "{task_manager}");
    }
}

#[tokio::test]
async fn failures_are_grouped_by_cause_and_task() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        let answer = chain.ask(logs("failures", "table"), recording.whole()).await;
        assert_eq!(
            answer.texts("cause"),
            ["org.apache.flink.util.FlinkRuntimeException", "java.lang.NumberFormatException"]
        );
        assert_eq!(answer.numbers("count"), [1.0, 3.0]);
        assert_eq!(answer.texts("message")[1], "For input string: \"12,50\"");
        let (first, last) = (answer.times("first"), answer.times("last"));
        assert_eq!((first[0] == last[0], last[1] - first[1] > 30_000), (true, true));
    }
}

#[tokio::test]
async fn restarts_and_checkpoints_are_as_many_as_the_job_counts() {
    for version in VERSIONS {
        let recording = Recording::of(version);
        let chain = recording.chain().await;
        let count = |find: &'static str, words: &'static str| {
            let chain = &chain;
            async move {
                let query = json!({ "queryType": "logs", "applications": ["orders"], "find": find, "limit": 10_000 });
                let answer = chain.ask(query, recording.whole()).await;
                answer.texts("body").iter().filter(|body| body.contains(words)).count()
            }
        };
        assert_eq!(count("restarts", "").await, 4, "{version}");
        // Two jobs ran one after the other.
        let counts = recording.rest("stopped", "checkpoints.json")["counts"].clone();
        let later = recording.rest("redeployed", "checkpoints.json")["counts"].clone();
        let completed = counts["completed"].as_u64().unwrap() + later["completed"].as_u64().unwrap();
        let found = count("checkpoints", "Completed checkpoint").await as u64;
        assert!(found >= completed && found <= completed + 2, "{version}: {found} {completed}");
    }
}

#[tokio::test]
async fn a_question_moves_a_small_part_of_the_log_and_equal_ones_share_a_call() {
    let recording = Recording::of(VERSIONS[0]);
    let chain = recording.chain().await;
    let ask = || chain.ask(logs("failures", "logs"), recording.whole());
    let (first, second) = futures::join!(ask(), ask());
    assert_eq!(first.texts("id"), second.texts("id"));
    let calls = chain.calls("FilterLogEvents");
    ask().await;
    assert_eq!(chain.calls("FilterLogEvents"), calls, "what was read is kept for a while");
    let all = json!({ "queryType": "logs", "applications": ["orders"], "find": "all", "noise": true, "limit": 10_000 });
    let before = chain.log_bytes();
    chain.ask(all, recording.whole()).await;
    let whole = chain.log_bytes() - before;
    assert!(before * 33 < whole, "{before} of {whole} bytes");
}

#[tokio::test]
async fn why_there_are_no_logs_is_said() {
    let chain = Chain::start(fleet(), NOON).await;
    let ask = |application: &'static str| {
        let chain = &chain;
        async move {
            let query = json!({ "queryType": "logs", "applications": [application], "find": "failures" });
            chain.ask(query, NOON - HOUR..NOON).await
        }
    };
    let none = ask("catalog-cdc").await;
    assert!(none.notices().contains("no CloudWatch logging option"), "{}", none.notices());
    let gone = ask("iot-telemetry").await;
    assert!(gone.notices().contains("there is no such group or stream"), "{} {}", gone.notices(), gone.error());
    let level = ask("audit-log").await;
    assert!(level.notices().contains("logs from level ERROR on"), "{}", level.notices());
    let unknown = ask("no-such-app").await;
    assert!(unknown.notices().contains("There is no application \"no-such-app\""), "{}", unknown.notices());
    let looping = ask("clickstream").await;
    assert!(looping.texts("body").len() > 20, "{}", looping.notices());
    assert_eq!(looping.notices(), "");
}

#[tokio::test]
async fn an_alert_counts_failures_or_fails_by_name() {
    let chain = Chain::start(fleet(), NOON).await;
    let rule = |applications: Value| json!({ "queryType": "logs", "applications": applications, "find": "failures", "as": "series", "period": 300 });
    let range = || NOON - HOUR..NOON;
    let answer = chain.alert(rule(json!(["clickstream", "payments"])), range()).await;
    assert_eq!(answer.error(), "");
    let lines = answer.lines();
    let names: Vec<&str> = lines.iter().map(|line| line.label("application")).collect();
    assert_eq!(names, ["clickstream", "payments"]);
    assert!(lines[0].known(range()).iter().sum::<f64>() >= 20.0);
    assert!(lines[1].known(range()).len() >= 10 && lines[1].known(range()).iter().all(|count| *count == 0.0));
    for (application, words) in [
        ("no-such-app", "There is no application"),
        ("catalog-cdc", "no CloudWatch logging option"),
        ("iot-telemetry", "no such group or stream"),
        ("audit-log", "logs from level ERROR"),
    ] {
        let answer = chain.alert(rule(json!(["payments", application])), range()).await;
        assert!(answer.error().contains(words), "{application}: {}", answer.error());
    }
    let denied = Chain::start_denied(fleet(), NOON, &["logs:FilterLogEvents"]).await;
    let answer = denied.alert(rule(json!(["payments"])), range()).await;
    assert!(answer.error().contains("logs:FilterLogEvents"), "{}", answer.error());
    let lines = chain.alert(logs("failures", "logs"), range()).await;
    assert!(lines.error().contains("\"as\""), "{}", lines.error());
}

#[tokio::test]
async fn text_is_looked_for_as_it_is_written_and_patterns_as_cloudwatch_reads_them() {
    let recording = Recording::of(VERSIONS[0]);
    let chain = recording.chain().await;
    let found = |text: &'static str| {
        let chain = &chain;
        async move {
            let query = json!({ "queryType": "logs", "applications": ["orders"], "text": text, "limit": 10_000 });
            let answer = chain.ask(query, recording.whole()).await;
            if answer.error().is_empty() { Ok(answer.texts("body").len()) } else { Err(answer.error().to_owned()) }
        }
    };
    let plain = found("Cannot parse order record at sequence 4961").await.unwrap();
    assert!((6..=9).contains(&plain), "{plain}");
    // Quotation marks and colons are no part of CloudWatch's expressions, and are matched all the same.
    let with_signs = found("(type=CheckpointType{name='Checkpoint', sharing").await.unwrap();
    assert!(with_signs > 80, "{with_signs}");
    assert_eq!(found("(type=CheckpointType{name=\"Checkpoint\"").await, Ok(0));
    assert_eq!(found("{ $.message = \"*Cannot parse*\" }").await, Ok(0), "it stands in the stack trace");
    assert_eq!(found("{ $.throwableInformation = \"*Cannot parse*\" }").await, Ok(plain));
    let error = found("{ $.message = ").await.unwrap_err();
    assert!(error.contains("FilterLogEvents") && error.contains("Invalid filter pattern"), "{error}");
}
