//! What is over a limit is refused under the name that the author wrote, whichever field it is.

use flinkwatch::limits;
use flinkwatch::query::{QueryError, parse_query};
use serde_json::{Map, Value, json};

use super::{asked, defaults};

const KINDS: [&str; 4] = ["application", "operator", "checkpoint", "metric"];

/// The fields that hold texts, by kind; those of `exclude` and `only` with their path.
fn text_fields(kind: &str) -> Vec<&'static str> {
    let lists = [
        "applications",
        "exclude.applications",
        "exclude.tasks",
        "exclude.operators",
        "only.applications",
        "only.tasks",
    ];
    let own: &[&str] = match kind {
        "application" => &["signals", "as", "top.by"],
        "operator" => &["signals", "as", "top.by", "level", "tasks", "operators"],
        "checkpoint" => &["signals", "as"],
        _ => &["metric", "dimensions.Task", "exclude.dimensions.Task", "only.dimensions.Task"],
    };
    let all = ["region", "accountId", "statistic", "period", "legend"];
    lists.into_iter().chain(own.iter().copied()).chain(all).collect()
}

/// The fields that hold lists of texts.
fn list_fields(kind: &str) -> Vec<&'static str> {
    let is_list = |field: &&str| {
        let last = field.rsplit('.').next().unwrap_or_default();
        matches!(last, "applications" | "tasks" | "operators" | "signals" | "Task")
    };
    text_fields(kind).into_iter().filter(is_list).collect()
}

/// A query of a kind in which one field has this value.
fn with(kind: &str, path: &str, value: Value) -> Value {
    let mut query = json!({ "queryType": kind, "applications": ["orders"] });
    match kind {
        "metric" => query["metric"] = json!("cpuUtilization"),
        _ => query["top"] = Value::Null,
    }
    if path.starts_with("top.") {
        query["top"] = json!({ "count": 3 });
    }
    let mut place = &mut query;
    for part in path.split('.') {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part];
    }
    *place = value;
    query
}

fn error_of(query: &Value) -> Option<QueryError> {
    parse_query(&asked(query.to_string().as_bytes(), ""), &defaults()).err()
}

/// Whether the error names a field that is there, and no other.
fn check(query: &Value, what: &str, wrong: &mut Vec<String>) {
    let Some(error) = error_of(query) else { return wrong.push(format!("{what} is not refused")) };
    let text = error.to_string();
    let field = text.strip_prefix("Field \"").and_then(|rest| rest.split_once('"')).map(|(field, _)| field.to_owned());
    let is_there = field.is_some_and(|field| {
        let found = field.split('.').try_fold(query, |place, part| place.get(part));
        found.is_some_and(|value| !value.is_null())
    });
    if !is_there {
        wrong.push(format!("{what}: {text}"));
    }
}

#[test]
fn what_is_over_a_limit_is_named_as_it_is_written() {
    let mut wrong = Vec::new();
    let long = "x".repeat(limits::TEXT_BYTES + 1);
    let pattern = format!("/{}/", "x".repeat(limits::PATTERN_BYTES + 1));
    let patterns: Vec<String> = (0..=limits::PATTERNS).map(|index| format!("/{index}/")).collect();
    let entries: Vec<String> = (0..=limits::LIST_ENTRIES).map(|index| format!("a{index}")).collect();
    for kind in KINDS {
        for field in text_fields(kind) {
            check(&with(kind, field, json!(long)), &format!("a long text in {field} of {kind}"), &mut wrong);
        }
        for field in list_fields(kind) {
            if field != "signals" {
                check(&with(kind, field, json!(patterns)), &format!("patterns in {field} of {kind}"), &mut wrong);
                check(
                    &with(kind, field, json!([pattern])),
                    &format!("a long pattern in {field} of {kind}"),
                    &mut wrong,
                );
            }
            check(&with(kind, field, json!(entries)), &format!("a long list in {field} of {kind}"), &mut wrong);
        }
        let only: Vec<Value> = entries.iter().map(|name| json!({ "tasks": [name] })).collect();
        check(&with(kind, "only", json!(only)), "many objects", &mut wrong);
    }
    for (kind, field, value) in [
        ("application", "legend", json!("x".repeat(limits::LEGEND_BYTES + 1))),
        ("application", "top.count", json!(501)),
        ("metric", "metric", json!("x".repeat(256))),
        ("metric", "dimensions", entries.iter().map(|name| (name.clone(), json!("*"))).collect::<Map<_, _>>().into()),
        ("metric", "dimensions", (0..31).map(|index| (format!("d{index}"), json!("*"))).collect::<Map<_, _>>().into()),
    ] {
        check(&with(kind, field, value), &format!("{field} of {kind}"), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Patterns of several fields count together: the error names the field with most of them, and how many there are.
#[test]
fn patterns_of_several_fields_are_counted_together() {
    let many = |count: usize| (0..count).map(|index| json!(format!("/{index}/"))).collect::<Vec<_>>();
    let query = json!({ "queryType": "operator", "applications": many(5), "tasks": many(9), "operators": many(3) });
    let said = error_of(&query).unwrap().to_string();
    assert!(
        said.starts_with("Field \"tasks\": found 9 patterns, and 17 in the whole query; allowed: at most 16"),
        "{said}"
    );
}

/// A target of the CloudWatch data source has other names for the same.
#[test]
fn a_target_of_cloudwatch_is_refused_in_its_own_words() {
    let (long, longer) = ("x".repeat(300), "x".repeat(limits::TEXT_BYTES + 1));
    let target = |field: &str, value: Value| {
        let mut target = json!({ "namespace": "AWS/KinesisAnalytics", "metricName": "uptime", "region": "default",
            "dimensions": { "Application": "orders" }, "statistic": "Average" });
        target[field] = value;
        target
    };
    let mut wrong = Vec::new();
    let mut old = target("statistics", json!(["fastest"]));
    old.as_object_mut().unwrap().remove("statistic");
    let names = (0..=limits::LIST_ENTRIES).map(|index| format!("a{index}")).collect::<Vec<_>>();
    for query in [
        target("metricName", json!(long)),
        target("metricName", json!(longer)),
        target("dimensions", json!({ "Application": "or ders" })),
        target("dimensions", json!({ "Application": names })),
        target("dimensions", json!({ "Application": "orders", "Task": longer })),
        target("label", json!("x".repeat(limits::LEGEND_BYTES + 1))),
        target("alias", json!("x".repeat(limits::LEGEND_BYTES + 1))),
        target("statistic", json!("fastest")),
        target("namespace", json!("AWS/EC2")),
        target("period", json!("x")),
        old,
    ] {
        check(&query, &query.to_string()[..120], &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing = error_of(&json!({ "metricName": long })).unwrap().to_string();
    assert_eq!(missing, "Field \"namespace\" is missing. Allowed: AWS/KinesisAnalytics.");
}

#[test]
fn a_query_that_is_too_long_as_a_whole_blames_no_field() {
    let query = json!({ "queryType": "application", "title": "x".repeat(limits::QUERY_BYTES) });
    let said = error_of(&query).unwrap().to_string();
    assert!(said.starts_with("The query has 262") && said.ends_with("at most 262144 are read."), "{said}");
}

/// A legend changes no number, and what nobody replaced in it is seen.
#[test]
fn a_dollar_in_a_legend_is_a_dollar() {
    for legend in ["Cost in $", "Cost in ${{application}}", "US$now", "$team of [[env]]", "${team:csv}"] {
        let query = json!({ "queryType": "application", "applications": ["orders"], "legend": legend });
        let read = parse_query(&asked(query.to_string().as_bytes(), ""), &defaults()).unwrap();
        assert_eq!(read.legend.as_deref(), Some(legend));
    }
}

/// Only what Grafana would have replaced is a variable.
#[test]
fn only_the_syntax_of_variables_is_one() {
    for (name, variable) in [
        ("/orders$/", None),
        ("/^(a$|b)/", None),
        ("/a${{b}}/", None),
        ("/a${/", None),
        ("/a${1}/", None),
        ("/x$__all/", None),
        ("$team", Some("team")),
        ("/a${team}b/", Some("team")),
        ("${team:regex}", Some("team")),
        ("${team.text}", Some("team")),
        ("[[team:csv]]", Some("team")),
    ] {
        let query = json!({ "queryType": "operator", "applications": ["orders"], "tasks": [name] });
        let said = error_of(&query).map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(said.contains("not replaced"), variable.is_some(), "{name}: {said}");
        assert!(variable.is_none_or(|variable| said.contains(&format!("\"{variable}\""))), "{name}: {said}");
    }
}
