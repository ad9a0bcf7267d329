//! On which resources a call acts, as a policy names them.

use serde_json::Value;

use super::operation::{Operation, Service};
use super::request::Call;

/// ARNs; none for calls that act on no resource in particular.
pub fn resources_of(call: &Call, account: &str) -> Vec<String> {
    let (region, input) = (&call.caller.region, &call.input);
    let arn_of = |place: String, name: &str| if name.starts_with("arn:") { name.to_owned() } else { place + name };
    let group = |name: &str| arn_of(format!("arn:aws:logs:{region}:{account}:log-group:"), name);
    let application = |name: &str| arn_of(format!("arn:aws:kinesisanalytics:{region}:{account}:application/"), name);
    match call.operation.service() {
        Service::KinesisAnalytics => texts(input, &["ApplicationName", "ResourceARN"]).map(application).collect(),
        Service::Logs if call.operation == Operation::DescribeLogGroups => Vec::new(),
        Service::Logs => {
            let fields = ["logGroupName", "logGroupIdentifier", "logGroupNames", "logGroupIdentifiers"];
            texts(input, &fields).map(group).collect()
        }
        Service::CloudWatch | Service::Sts => Vec::new(),
    }
}

/// The texts of some fields, single or in lists.
fn texts<'a>(input: &'a Value, fields: &[&str]) -> impl Iterator<Item = &'a str> {
    let mut found = Vec::new();
    for field in fields {
        match input.get(field) {
            Some(Value::String(text)) => found.push(text.as_str()),
            Some(Value::Array(texts)) => found.extend(texts.iter().filter_map(Value::as_str)),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {}
        }
    }
    found.into_iter()
}
