//! A field that is set changes the answer, or the answer says that it does not: in every kind of query, at every level,
//! in every shape.
//!
//! An alert rule with a filter that nothing reads is about more than its author believes. So the table of samples has
//! each field of the wire, and a new field has to answer the question before these tests pass.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use flinkwatch::frames::frame::{Field, Values};
use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::world::{Answer, Chain};

/// Every kind, level and shape, over the two applications whose tasks and operators are published.
fn bases() -> Vec<Value> {
    let mut bases = Vec::new();
    for shape in ["series", "table"] {
        bases.push(json!({ "queryType": "application", "signals": ["cpu", "heap"], "as": shape }));
        for level in ["task", "operator", "subtask"] {
            bases.push(json!({ "queryType": "operator", "level": level, "as": shape }));
        }
    }
    bases.push(
        json!({ "queryType": "operator", "level": "subtask", "operators": [OPERATORS], "signals": ["recordsOutRate"] }),
    );
    bases.push(json!({ "queryType": "application", "signals": ["restarts", "consumerLagTime"] }));
    bases.push(json!({ "queryType": "checkpoint", "signals": ["checkpointDuration"] }));
    bases.push(json!({ "queryType": "checkpoint", "as": "summary" }));
    bases.push(json!({ "queryType": "metric", "metric": "cpuUtilization" }));
    bases.push(json!({ "queryType": "metric", "metric": "numRecordsInPerSecond", "dimensions": { "Task": "*" } }));
    let by_operator = json!({ "Task": "*", "Operator": "*" });
    bases.push(json!({ "queryType": "metric", "metric": "numRecordsInPerSecond", "dimensions": by_operator }));
    bases.push(json!({ "queryType": "logs", "find": "checkpoints" }));
    bases.push(json!({ "queryType": "logs", "find": "checkpoints", "as": "series" }));
    for base in &mut bases {
        let is_of_subtasks = base["level"] == "subtask";
        base["applications"] = json!([if is_of_subtasks { "recommendations" } else { "sessions" }, "orders"]);
    }
    bases
}

const TASK: &str = "/order.lines:.Writer|Co.occurrence/";
const OPERATOR: &str = "/Split.order.lines|Co.occurrence/";
/// One more operator than [`OPERATOR`] selects, so that both narrow it down.
const OPERATORS: &str = "/Split.order.lines|Co.occurrence|Parse.view/";

/// A value of each field that selects or changes something wherever the field is read.
fn samples() -> Vec<(&'static str, Value)> {
    let lists = [
        ("tasks", json!([TASK])),
        ("operators", json!([OPERATOR])),
        ("dimensions", json!({ "Task": [TASK] })),
        ("dimensions", json!({ "Operator": [OPERATOR] })),
        ("dimensions", json!({ "Color": ["red"] })),
    ];
    let mut samples = vec![
        ("queryType", json!("alarms")),
        ("schema", json!(2)),
        ("region", json!("eu-west-2")),
        ("accountId", json!("222222222222")),
        ("applications", json!(["orders"])),
        ("exclude", json!({ "application": ["orders"] })),
        ("exclude", json!({ "applications": ["ordres"] })),
        ("exclude", json!({ "applications": ["/^(sessions|recommendations)$/"] })),
        ("only", json!({ "applications": ["orders"] })),
        ("exclude", json!({ "applications": ["*"] })),
        ("exclude", json!({ "tasks": ["/["] })),
        ("only", json!({ "application": ["orders"] })),
        ("only", json!({ "applications": ["payments"] })),
        ("signals", json!(["busy"])),
        ("as", json!("series")),
        ("as", json!("table")),
        ("level", json!("task")),
        ("level", json!("operator")),
        ("tasks", json!([TASK])),
        ("operators", json!([OPERATOR])),
        ("top", json!({ "count": 1 })),
        ("top", json!({ "by": "busy" })),
        ("metric", json!("heapMemoryUtilization")),
        ("dimensions", json!({ "Task": TASK })),
        ("statistic", json!("SampleCount")),
        ("period", json!("10m")),
        ("legend", json!("my legend")),
        ("find", json!("restarts")),
        ("text", json!("Triggering")),
        ("level", json!("error")),
        ("noise", json!(true)),
        ("order", json!("oldest")),
        ("limit", json!(3)),
        ("by", json!("level")),
    ];
    for (list, value) in lists {
        for field in ["exclude", "only"] {
            samples.push((field, json!({ list: value })));
        }
    }
    samples.extend(slips());
    samples
}

/// What names nothing, and what is misspelt.
fn slips() -> Vec<(&'static str, Value)> {
    vec![
        ("applications", json!([""])),
        ("applications", json!("")),
        ("signals", json!([""])),
        ("tasks", json!([""])),
        ("operators", json!([""])),
        ("dimensions", json!({ "Task": "" })),
        ("only", json!({ "applications": [""] })),
        ("only", json!({ "tasks": [] })),
        ("only", json!({ "dimensions": { "Task": [] } })),
        ("signals", json!([])),
        ("tasks", json!([])),
        ("operators", json!([])),
        ("dimensions", json!({ "Task": [] })),
        ("top", json!({})),
        ("top", json!({ "count": "" })),
        ("only", json!([{ "tasks": [""] }])),
        ("exclude", json!({ "applications": [""] })),
        ("exclude", json!({ "operators": "" })),
        ("exclude", json!({ "dimensions": { "Task": [""] } })),
        ("dimensions", json!({ "Task": [""] })),
        ("task", json!([TASK])),
        ("Exclude", json!({ "applications": ["orders"] })),
        ("applcations", json!(["orders"])),
        ("exlcude", json!({ "applications": ["orders"] })),
        ("sginals", json!(["busy"])),
        ("perod", json!("10m")),
        ("account", json!("222222222222")),
        ("dimensions", json!({ "Task": null })),
        // What others call it.
        ("stat", json!("Maximum")),
        ("aggregation", json!("max")),
        ("applicationName", json!("payments")),
        ("job", json!("payments")),
        ("include", json!({ "applications": ["payments"] })),
    ]
}

fn shown(answer: &Answer) -> String {
    if answer.error().is_empty() { format!("{:?}", answer.frames()) } else { answer.error().to_owned() }
}

/// What is written is said already: the same value, or a default. A table shows the highest or the newest value,
/// whatever the period.
fn is_same(base: &Value, field: &str, value: &Value) -> bool {
    let default = match field {
        "as" => "series",
        "level" => "task",
        _ => "",
    };
    let is_default =
        base[field].is_null() && *value == default && (field != "level" || base["queryType"] == "operator");
    base[field] == *value || is_default && *value != "" || field == "period" && base["as"] == "table"
}

#[tokio::test]
async fn a_field_that_is_set_changes_the_answer_or_says_that_it_does_not() {
    let chain = Chain::start(fleet(), NOON).await;
    let range = NOON - HOUR..NOON - HOUR / 2;
    let mut silent = Vec::new();
    for base in bases() {
        let (panel, alert) =
            (chain.ask(base.clone(), range.clone()).await, chain.alert(base.clone(), range.clone()).await);
        assert_eq!(panel.error(), "", "{base}");
        for (field, value) in samples() {
            if is_same(&base, field, &value) {
                continue;
            }
            let mut query = base.clone();
            query[field] = value.clone();
            let changed = chain.ask(query.clone(), range.clone()).await;
            let words = ["has no effect", "nothing is left out", "of \"exclude\""];
            let says_it = words.iter().any(|word| changed.notices().contains(word));
            if shown(&changed) == shown(&panel) && !says_it {
                silent.push(format!("panel: {field} {value} in {base}"));
            }
            let changed = chain.alert(query, range.clone()).await;
            // What is excluded and not there may have gone, and a legend changes no number.
            let is_told = changed.notices().contains("nothing is left out") || changed.notices().contains("no lines");
            if shown(&changed) == shown(&alert) && changed.error().is_empty() && !is_told {
                silent.push(format!("alert: {field} {value} in {base}: {}", changed.notices()));
            }
        }
    }
    assert!(silent.is_empty(), "{}\n{}", silent.len(), silent.join("\n"));
}

/// Half a target of the CloudWatch data source and half a query of ours: whichever way it is read, the other half is
/// told.
#[tokio::test]
async fn what_is_half_a_query_of_cloudwatch_is_told_by_name() {
    let chain = Chain::start(fleet(), NOON).await;
    let target = json!({ "namespace": "AWS/KinesisAnalytics", "metricName": "uptime", "statistic": "Maximum", "queryMode": "Metrics",
        "metricQueryType": 0, "dimensions": { "Application": "payments" } });
    let cases = [
        (json!({ "queryType": "application", "applications": ["orders"], "signals": ["cpu"] }), "metricName"),
        (json!({ "queryType": "application", "applications": ["orders"] }), "namespace"),
        (
            json!({ "queryType": "application", "signals": ["cpu"], "only": { "applications": ["orders"] } }),
            "metricName",
        ),
        (json!({ "queryType": "operator", "applications": ["orders"], "signals": ["busy"] }), "metricName"),
        (
            json!({ "queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization", "dimensions": {} }),
            "metricName",
        ),
        (json!({ "applications": ["orders"], "signals": ["cpu"] }), "signals"),
        (json!({ "applications": ["orders"] }), "applications"),
        (json!({ "legend": "{{application}}" }), "legend"),
        (json!({ "signals": ["cpu"] }), "signals"),
    ];
    for (ours, field) in cases {
        let mut query = target.clone();
        query.as_object_mut().unwrap().extend(ours.as_object().unwrap().clone());
        let words = format!("Field \"{field}\" has no effect");
        let panel = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        assert!(panel.notices().contains(&words), "{query}: {}{}", panel.error(), panel.notices());
        assert!(!panel.lines().is_empty(), "{query}");
        let alert = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert_eq!(alert.status(), 400, "{query}: {}", alert.notices());
        assert!(alert.error().contains("has no effect"), "{query}: {}", alert.error());
    }
    // What such a target says by itself, or leaves behind without a word.
    for rest in
        [json!({}), json!({ "applications": [], "signals": [], "legend": "", "schema": 1, "queryType": "application" })]
    {
        let mut query = target.clone();
        query.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let alert = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert_eq!((alert.error(), alert.lines().len()), ("", 1), "{query}");
    }
    let mut ours = json!({ "queryType": "application", "applications": ["orders"], "signals": ["cpu"] });
    let left = json!({ "namespace": "", "metricName": "", "queryMode": "Metrics", "metricQueryType": 0, "logGroups": [], "sqlExpression": "" });
    ours.as_object_mut().unwrap().extend(left.as_object().unwrap().clone());
    let alert = chain.alert(ours, NOON - HOUR..NOON).await;
    assert_eq!((alert.error(), alert.notices().as_str()), ("", ""));
}

/// Its columns say which statistic they are: a maximum of minimums would be none.
#[tokio::test]
async fn a_statistic_does_not_change_the_checkpoint_summary_and_is_told() {
    let chain = Chain::start(fleet(), NOON).await;
    let range = NOON - HOUR..NOON - HOUR / 2;
    let base = json!({ "queryType": "checkpoint", "as": "summary", "applications": ["orders"] });
    let usual = chain.ask(base.clone(), range.clone()).await;
    for statistic in ["Minimum", "SampleCount", "p90"] {
        let mut query = base.clone();
        query["statistic"] = json!(statistic);
        let asked = chain.ask(query.clone(), range.clone()).await;
        assert_eq!(shown(&asked), shown(&usual), "{statistic}");
        assert!(
            asked.notices().contains("the summary shows the latest, lowest, mean and highest"),
            "{}",
            asked.notices()
        );
    }
}

/// Grafana evaluates lines, or a table of one number whose texts become labels. Of any other it fails with "input data
/// must be a wide series".
#[tokio::test]
async fn an_alert_takes_lines_or_a_table_with_one_column_of_numbers() {
    let chain = Chain::start(fleet(), NOON).await;
    let operators = |signals: Value| json!({ "queryType": "operator", "applications": ["orders"], "signals": signals, "as": "table" });
    let refused = [
        json!({ "queryType": "application", "applications": ["*"], "as": "table" }),
        json!({ "queryType": "application", "applications": ["orders"], "signals": ["cpu"], "as": "table" }),
        json!({ "queryType": "checkpoint", "applications": ["orders"], "as": "summary" }),
        operators(json!(["busy", "backPressure"])),
        operators(json!(null)),
    ];
    for query in refused {
        let alert = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert!(
            alert.status() == 400 && alert.error().contains("\"series\" in an alert rule"),
            "{query}: {}",
            alert.error()
        );
        assert_eq!(chain.ask(query.clone(), NOON - HOUR..NOON).await.error(), "", "{query}: a panel shows it");
    }
    let answer = chain.alert(operators(json!(["busy"])), NOON - HOUR..NOON).await;
    let is_number = |field: &&Field| matches!(field.values, Values::Number(_));
    let tables: Vec<usize> =
        answer.frames().iter().map(|(_, fields)| fields.iter().filter(is_number).count()).collect();
    assert_eq!(tables, [1], "{}", answer.error());
}

/// The fields of the wire are those of the saved queries, which the types of both sides are held to.
#[test]
fn every_field_of_the_wire_has_a_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/queries");
    let samples = samples();
    let fields: BTreeSet<&str> = samples.iter().map(|(field, _)| *field).collect();
    let inner: BTreeSet<&String> = samples
        .iter()
        .filter(|(field, _)| matches!(*field, "exclude" | "only"))
        .flat_map(|(_, value)| value.as_object().into_iter().flat_map(serde_json::Map::keys))
        .collect();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let fixture: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        for (field, value) in fixture["reads"].as_object().unwrap() {
            assert!(fields.contains(field.as_str()), "{field} of {}: say what it changes in each kind", file.display());
            let lists = if field == "exclude" { std::slice::from_ref(value) } else { &[] };
            for list in lists.iter().flat_map(|lists| lists.as_object().unwrap().keys()) {
                assert!(inner.contains(list), "{list} of {}", file.display());
            }
        }
    }
}
