//! A target of Grafana's own CloudWatch data source, as it stays in a panel or an annotation whose data source was changed.
//!
//! What it asks for by name and dimensions is asked here as well. Anything else that CloudWatch can (expressions, searches, Insights, logs)
//! is refused in words: another number under the old title would be worse.

use serde_json::{Map, Value, json};

use super::error::QueryError;
use super::wire::Fields;

const NAMESPACE: &str = "AWS/KinesisAnalytics";

/// Fields that only such a target has.
const MARKS: &[&str] = &["namespace", "metricName", "queryMode", "metricQueryType", "sqlExpression", "logGroups"];

/// The metric query that a target means; None where this is no such target.
pub(super) fn translate(fields: &Fields) -> Result<Option<Fields>, QueryError> {
    if !MARKS.iter().any(|mark| fields.value(mark).is_some()) {
        return Ok(None);
    }
    refuse_others(fields)?;
    let mut query = Map::new();
    query.insert("queryType".to_owned(), "metric".into());
    query.insert("metric".to_owned(), fields.text("metricName")?.into());
    let mut dimensions = Map::new();
    for (name, values) in fields.pairs("dimensions")? {
        let values = if values.is_empty() { vec!["*".to_owned()] } else { values };
        dimensions.insert(name, values.into());
    }
    let Some(applications) = dimensions.remove("Application") else {
        return Err(QueryError::wrong_thing(
            "dimensions",
            "none called Application",
            "an application, or \"*\" for all that run",
        ));
    };
    query.insert("applications".to_owned(), applications);
    query.insert("dimensions".to_owned(), dimensions.into());
    let statistic = match fields.text("statistic")? {
        Some(statistic) => Some(statistic),
        None => fields.texts("statistics")?.into_iter().next(),
    };
    query.insert("statistic".to_owned(), statistic.into());
    query.insert("legend".to_owned(), fields.text("alias")?.into());
    for same in ["region", "accountId", "period", "exclude"] {
        query.insert(same.to_owned(), fields.value(same).cloned().unwrap_or(Value::Null));
    }
    Ok(Some(Fields::of(query)))
}

fn refuse_others(fields: &Fields) -> Result<(), QueryError> {
    const METRIC: &str = "a metric by its name and dimensions";
    if let Some(mode) =
        fields.text("queryMode")?.filter(|mode| !matches!(mode.as_str(), "" | "Metrics" | "Annotations"))
    {
        return Err(QueryError::wrong("queryMode", mode, METRIC));
    }
    for (field, what) in [("metricQueryType", "Metrics Insights"), ("metricEditorMode", "a query written as code")] {
        if fields.integer(field)?.is_some_and(|choice| choice != 0) {
            return Err(QueryError::wrong_thing(field, what, METRIC));
        }
    }
    for (field, what) in [("expression", "metric math, a search or a query of logs"), ("logGroups", "logs")] {
        let is_empty = |value: &Value| *value == json!("") || *value == json!([]);
        if fields.value(field).is_some_and(|value| !is_empty(value)) {
            return Err(QueryError::wrong_thing(field, what, METRIC));
        }
    }
    if fields.value("prefixMatching") == Some(&Value::Bool(true)) {
        return Err(QueryError::wrong_thing("prefixMatching", "alarms by prefix", METRIC));
    }
    if fields.value("matchExact") == Some(&Value::Bool(false)) {
        return Err(QueryError::wrong_thing(
            "matchExact",
            false,
            "true: a series has exactly the dimensions that are named",
        ));
    }
    let namespace = fields.text("namespace")?.unwrap_or_default();
    if namespace != NAMESPACE {
        return Err(QueryError::wrong(
            "namespace",
            namespace,
            format!("{NAMESPACE}; ask the CloudWatch data source for others"),
        ));
    }
    match fields.text("metricName")?.filter(|name| !name.is_empty()) {
        Some(_) => Ok(()),
        None => Err(QueryError::Missing { field: "metricName", hint: "the name of a metric".to_owned() }),
    }
}
