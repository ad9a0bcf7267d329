//! A target of Grafana's own CloudWatch data source, as it stays in a panel or an annotation whose data source was
//! changed.
//!
//! What it asks for by name and dimensions is asked here as well. Anything else that CloudWatch can (expressions,
//! searches, Insights, logs) is refused in words: another number under the old title would be worse.

use serde_json::{Map, Value, json};

use super::error::QueryError;
use super::wire::Fields;
use crate::limits;
use crate::notice::Notice;

const NAMESPACE: &str = "AWS/KinesisAnalytics";

/// Fields that only such a target has.
pub(super) const MARKS: &[&str] =
    &["namespace", "metricName", "queryMode", "metricQueryType", "sqlExpression", "logGroups"];

/// The metric query that a target means, with what of it cannot be shown; None where this is no such target.
pub(super) fn translate(fields: &Fields) -> Result<Option<(Fields, Vec<Notice>)>, QueryError> {
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
    query.insert("statistic".to_owned(), statistic(fields)?.into());
    let (legend, notices) = legend(fields)?;
    query.insert("legend".to_owned(), legend.into());
    for same in ["region", "accountId", "period", "exclude", "only"] {
        query.insert(same.to_owned(), fields.value(same).cloned().unwrap_or(Value::Null));
    }
    Ok(Some((Fields::of(query), notices)))
}

/// The fields of such a target that say something, in a query that is read as ours.
pub(super) fn left_over(fields: &Fields) -> Vec<&'static str> {
    let is_default = |mark: &str| match fields.value(mark) {
        Some(Value::String(text)) => mark == "queryMode" && text == "Metrics",
        Some(value) => *value == json!(0),
        None => true,
    };
    MARKS.iter().copied().filter(|mark| fields.has_any(&[mark]) && !is_default(mark)).collect()
}

/// What a target calls a field of the metric query that it was translated to.
pub(super) fn written_as(target: &Fields, field: &str) -> Option<&'static str> {
    match field {
        "metric" => Some("metricName"),
        "applications" => Some("dimensions"),
        "statistic" if target.value("statistic").is_none() => Some("statistics"),
        "legend" => Some(if has_label(target) { "label" } else { "alias" }),
        _ => None,
    }
}

fn has_label(target: &Fields) -> bool {
    target.value("label").and_then(Value::as_str).is_some_and(|label| !label.trim().is_empty())
}

/// What CloudWatch shows where nothing is said.
const STATISTIC: &str = "Average";

/// Targets of Grafana before version 8 have a list.
fn statistic(fields: &Fields) -> Result<String, QueryError> {
    let one = fields.text("statistic")?.filter(|text| !text.is_empty());
    let several = fields.texts("statistics")?;
    match (one, several.as_slice()) {
        (Some(one), _) => Ok(one),
        (None, []) => Ok(STATISTIC.to_owned()),
        (None, [only]) => Ok(only.clone()),
        (None, several) => {
            Err(QueryError::wrong("statistics", several.join(", "), "one statistic; make a query of each"))
        }
    }
}

/// The legend of a dynamic label, or of what its predecessor `alias` says, whose words are ours.
fn legend(fields: &Fields) -> Result<(Option<String>, Vec<Notice>), QueryError> {
    match fields.value("label") {
        Some(Value::String(label)) if !label.trim().is_empty() => {
            let (legend, lost) = read_label(label);
            let text = |word: &String| {
                Notice::info(format!(
                    "The legend leaves out {word} of the target's label: no value of a line stands in it here. The panel's legend can show values."
                ))
            };
            Ok((Some(legend), lost.iter().map(text).collect()))
        }
        _ => Ok((fields.shown_text("alias", limits::LEGEND_BYTES)?, Vec::new())),
    }
}

/// CloudWatch's words of dynamic labels (CloudWatch User Guide, "Using dynamic labels") as ours, and those for which
/// there is none.
fn read_label(label: &str) -> (String, Vec<String>) {
    let (mut legend, mut lost, mut rest) = (String::new(), Vec::new(), label);
    while let Some((before, after)) = rest.split_once("${") {
        let Some((word, after)) = after.split_once('}') else { break };
        legend.push_str(before);
        let inside = word.trim().strip_prefix("PROP(").and_then(|word| word.strip_suffix(')'));
        match inside.map(|name| name.trim().trim_matches(['\'', '"'])) {
            Some(name) => legend.push_str(&format!("{{{{{}}}}}", name.strip_prefix("Dim.").unwrap_or(name))),
            None if word.trim() == "LABEL" => legend.push_str("{{label}}"),
            None => lost.push(format!("${{{word}}}")),
        }
        rest = after;
    }
    legend.push_str(rest);
    (legend, lost)
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
            "false, which takes in series with more dimensions than are named",
            "true; name each dimension of the series, with \"*\" for all of its values",
        ));
    }
    let Some(namespace) = fields.text("namespace")?.filter(|namespace| !namespace.is_empty()) else {
        return Err(QueryError::Missing { field: "namespace", hint: NAMESPACE.to_owned() });
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dynamic_label_is_a_legend() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("${PROP('Dim.Task')} of ${PROP(\"Dim.Application\")}", "{{Task}} of {{Application}}", &[]),
            ("${PROP('MetricName')} ${PROP('Stat')} ${PROP('Period')}", "{{MetricName}} {{Stat}} {{Period}}", &[]),
            ("${LABEL} in ${PROP('Region')}", "{{label}} in {{Region}}", &[]),
            ("lag ${MAX} at ${MAX_TIME}", "lag  at ", &["${MAX}", "${MAX_TIME}"]),
            ("{{Task}}", "{{Task}}", &[]),
            ("costs $5 ${", "costs $5 ${", &[]),
        ];
        for (label, legend, lost) in cases {
            let (found, left_out) = read_label(label);
            assert_eq!(
                (found.as_str(), left_out.iter().map(String::as_str).collect::<Vec<_>>().as_slice()),
                (*legend, *lost)
            );
        }
    }
}
