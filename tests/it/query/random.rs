//! Anything may come over the wire: it is read or refused, and a refusal names the field.

use flinkwatch::query::{AskedQuery, QueryError, TimeRange, parse_query};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{asked, defaults, fixtures};

const FIELDS: &[&str] = &[
    "queryType",
    "schema",
    "region",
    "accountId",
    "applications",
    "exclude",
    "only",
    "signals",
    "as",
    "level",
    "tasks",
    "operators",
    "top",
    "metric",
    "dimensions",
    "statistic",
    "period",
    "legend",
];

/// Texts that mean something somewhere, and any other.
fn text() -> impl Strategy<Value = String> {
    let words = &[
        "",
        " ",
        "*",
        "$__all",
        "/a/",
        "/(/",
        "//",
        "/",
        "/a,b",
        "/a|b",
        "{a,b}",
        "(a|b)",
        "pay*",
        "/a/i",
        "$task",
        "[[task]]",
        "application",
        "operator",
        "checkpoint",
        "metric",
        "logs",
        "auto",
        "all",
        "default",
        "eu-west-1",
        "5m",
        "1h",
        "60",
        "-60",
        "9223372036854775807",
        "999999999999d",
        "é5m",
        "mé",
        "p95",
        "Sum",
        "TM(:)",
        "busy",
        "cpu",
        "numRecordsIn",
        "table",
        "series",
        "summary",
        "subtask",
        "123456789012",
        "orders",
    ];
    prop_oneof![3 => prop::sample::select(words).prop_map(str::to_owned), 1 => any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2_i64..4000).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A query that a fixture has, with some fields replaced.
fn mutated() -> impl Strategy<Value = Value> {
    let queries: Vec<Value> = fixtures("").into_iter().map(|(_, fixture)| fixture["query"].clone()).collect();
    let changes = prop::collection::vec((prop::sample::select(FIELDS), value()), 0..4);
    (prop::sample::select(queries), changes).prop_map(|(mut query, changes)| {
        for (field, value) in changes {
            query[field] = value;
        }
        query
    })
}

/// The field at fault, unless it is the whole text or its version.
fn check(json: &[u8]) -> Result<(), TestCaseError> {
    let Err(error) = parse_query(&asked(json, ""), &defaults()) else { return Ok(()) };
    let text = error.to_string();
    prop_assert!(text.ends_with('.'), "{text}");
    match error {
        QueryError::Wrong { field, found, allowed } => {
            let outer = field.split('.').next().unwrap_or_default();
            prop_assert!(FIELDS.contains(&outer), "{field}");
            let parts = [format!("\"{field}\""), found, allowed];
            prop_assert!(parts.iter().all(|part| text.contains(part.as_str()) && !part.is_empty()), "{text}");
            prop_assert!(text.chars().count() < 600, "{text}");
            let object: Map<String, Value> = serde_json::from_slice(json).unwrap();
            prop_assert!(object.contains_key(outer), "{text} is not about a field of {object:?}");
        }
        QueryError::Variable { field, .. } => {
            prop_assert!(FIELDS.contains(&field.split('.').next().unwrap_or_default()), "{field}");
            let holds_one = |sign: &str| String::from_utf8_lossy(json).contains(sign);
            prop_assert!(holds_one("$") || holds_one("[["), "{text}");
        }
        QueryError::Missing { field, .. } => prop_assert!(text.contains(field)),
        QueryError::NoEffect { field, .. } => prop_assert!(text.contains(&field), "{text}"),
        QueryError::UnknownField { field, .. } => {
            let outer = field.split('.').next().unwrap_or_default();
            prop_assert!(["exclude", "only", "top"].contains(&outer), "{text}");
        }
        QueryError::NothingLeft { .. } => prop_assert!(text.contains("\"only\"")),
        QueryError::TooLong { found, most } => prop_assert!(found > most),
        QueryError::NothingChosen => prop_assert!(text.contains("Nothing is chosen yet")),
        QueryError::NoApplication => prop_assert!(text.contains("Choose applications, or \"*\" for all that run")),
        QueryError::NewerSchema { found, known } => prop_assert!(found > known),
        QueryError::NotJson { .. } => prop_assert!(serde_json::from_slice::<Map<String, Value>>(json).is_err()),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes)?;
    }

    #[test]
    fn any_value_is_read_or_refused(value in value()) {
        check(value.to_string().as_bytes())?;
    }

    #[test]
    fn any_object_of_our_fields_is_read_or_refused(pairs in prop::collection::vec((prop::sample::select(FIELDS), value()), 0..8)) {
        let object: Map<String, Value> = pairs.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        check(Value::Object(object).to_string().as_bytes())?;
    }

    #[test]
    fn a_changed_query_is_read_or_refused(query in mutated()) {
        check(query.to_string().as_bytes())?;
    }

    #[test]
    fn any_range_is_read_or_refused(from_ms in any::<i64>(), to_ms in any::<i64>()) {
        let json = json!({"queryType": "application"}).to_string();
        let query = AskedQuery { range: TimeRange { from_ms, to_ms }, ..asked(json.as_bytes(), "") };
        let is_read = parse_query(&query, &defaults()).is_ok();
        prop_assert!(!is_read || from_ms < to_ms);
    }
}
