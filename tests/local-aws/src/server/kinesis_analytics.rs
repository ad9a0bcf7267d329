//! Read operations of `kinesisanalyticsv2`: lists, details, tags.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::error::ServiceError;
use super::input;
use crate::world::Application;

const MAX_PAGE: i64 = 50;
/// AWS's documented maximum is also what it gives when nothing is asked.
const DEFAULT_PAGE: i64 = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListWire {
    #[serde(default, deserialize_with = "input::integer")]
    limit: Option<i64>,
    next_token: Option<String>,
}

pub fn list_applications(tree: Value, applications: &[Application]) -> Result<Value, ServiceError> {
    let wire: ListWire = input::read(tree)?;
    let limit = wire.limit.unwrap_or(DEFAULT_PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ServiceError::invalid_argument(format!(
            "Value {limit} at 'limit' must be between 1 and {MAX_PAGE}."
        )));
    }
    let start = match wire.next_token.as_deref() {
        None => 0,
        Some(token) => token
            .strip_prefix("applications-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| ServiceError::invalid_argument("The NextToken is not valid."))?,
    };
    let page_size = usize::try_from(limit).unwrap_or_default();
    let page = applications.iter().skip(start).take(page_size);
    let mut answer = Map::new();
    let summaries: Vec<Value> = page.map(summary).collect();
    let next = start.saturating_add(summaries.len());
    if next < applications.len() {
        answer.insert("NextToken".to_owned(), json!(format!("applications-{next}")));
    }
    answer.insert("ApplicationSummaries".to_owned(), Value::Array(summaries));
    Ok(Value::Object(answer))
}

fn summary(application: &Application) -> Value {
    json!({
        "ApplicationName": application.name,
        "ApplicationARN": application.detail["ApplicationARN"],
        "ApplicationStatus": application.status,
        "ApplicationVersionId": application.version,
        "RuntimeEnvironment": application.runtime,
        "ApplicationMode": application.mode,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeWire {
    application_name: Option<String>,
    #[serde(default, deserialize_with = "input::boolean")]
    include_additional_details: Option<bool>,
}

pub fn describe_application(
    tree: Value,
    find: impl FnOnce(&str) -> Option<Application>,
) -> Result<Value, ServiceError> {
    let wire: DescribeWire = input::read(tree)?;
    let name = wire.application_name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ServiceError::invalid_argument("ApplicationName must not be empty."))?;
    let application = find(&name).ok_or_else(|| not_found(&name))?;
    let mut detail = application.detail;
    let plan = application.job_plan.filter(|_| wire.include_additional_details.unwrap_or(false));
    if let Some(plan) = plan {
        let parents = ["ApplicationConfigurationDescription", "FlinkApplicationConfigurationDescription"];
        insert(&mut detail, &parents, "JobPlanDescription", json!(plan));
    }
    Ok(json!({"ApplicationDetail": detail}))
}

/// Makes the parents that are missing.
fn insert(root: &mut Value, parents: &[&str], name: &str, value: Value) {
    let mut place = root;
    for parent in parents {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[*parent];
    }
    if !place.is_object() {
        *place = json!({});
    }
    place[name] = value;
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagsWire {
    #[serde(rename = "ResourceARN")]
    resource_arn: Option<String>,
}

pub fn list_tags(tree: Value, applications: &[Application]) -> Result<Value, ServiceError> {
    let wire: TagsWire = input::read(tree)?;
    let arn = wire.resource_arn.unwrap_or_default();
    if !arn.starts_with("arn:") {
        return Err(ServiceError::invalid_argument(format!("'{arn}' is no ARN.")));
    }
    let has_arn = |application: &&Application| application.detail["ApplicationARN"] == json!(arn);
    let application = applications.iter().find(has_arn).ok_or_else(|| not_found(&arn))?;
    let tags = application.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    Ok(json!({"Tags": tags.collect::<Vec<_>>()}))
}

fn not_found(name: &str) -> ServiceError {
    ServiceError::not_found(format!("Application {name} was not found."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applications(count: usize) -> Vec<Application> {
        let application = |number: usize| Application {
            name: format!("app-{number}"),
            status: "RUNNING".to_owned(),
            runtime: "FLINK-1_20".to_owned(),
            mode: "STREAMING".to_owned(),
            version: 3,
            detail: json!({"ApplicationARN": format!("arn:aws:x:app-{number}")}),
            job_plan: Some("{}".to_owned()),
            tags: vec![("team".to_owned(), "a".to_owned())],
        };
        (0..count).map(application).collect()
    }

    #[test]
    fn lists_are_paged() {
        let all = applications(5);
        let first = list_applications(json!({"Limit": 3}), &all).unwrap();
        assert_eq!(first["ApplicationSummaries"].as_array().unwrap().len(), 3);
        let token = &first["NextToken"];
        let second = list_applications(json!({"Limit": 3, "NextToken": token}), &all).unwrap();
        assert_eq!(second["ApplicationSummaries"][1]["ApplicationName"], "app-4");
        assert!(second.get("NextToken").is_none());
        for limit in [0, 51] {
            let error = list_applications(json!({"Limit": limit}), &all).unwrap_err();
            assert_eq!(error.code, "InvalidArgumentException");
        }
    }

    #[test]
    fn the_job_plan_is_shown_only_when_asked() {
        let all = applications(1);
        let plan = |tree| {
            let answer = describe_application(tree, |_| all.first().cloned()).unwrap();
            let flink =
                "/ApplicationDetail/ApplicationConfigurationDescription/FlinkApplicationConfigurationDescription";
            answer.pointer(flink).map(|flink| flink["JobPlanDescription"].clone())
        };
        assert_eq!(plan(json!({"ApplicationName": "app-0"})), None);
        let asked = json!({"ApplicationName": "app-0", "IncludeAdditionalDetails": true});
        assert_eq!(plan(asked), Some(json!("{}")));
    }

    #[test]
    fn what_is_unknown_is_not_found() {
        let all = applications(1);
        let code = describe_application(json!({"ApplicationName": "x"}), |_| None).unwrap_err().code;
        assert_eq!(code, "ResourceNotFoundException");
        let tags = list_tags(json!({"ResourceARN": "arn:aws:x:app-0"}), &all).unwrap();
        assert_eq!(tags["Tags"][0]["Key"], "team");
        let code = list_tags(json!({"ResourceARN": "arn:aws:x:app-9"}), &all).unwrap_err().code;
        assert_eq!(code, "ResourceNotFoundException");
    }
}
