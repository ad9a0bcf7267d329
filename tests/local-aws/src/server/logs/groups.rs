//! DescribeLogGroups and DescribeLogStreams.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{GroupWire, LogReader, group_arn, limited};
use crate::server::error::ServiceError;
use crate::server::input;
use crate::world::LogGroup;

const PAGE: i64 = 50;
const MAX_ACCOUNTS: usize = 20;
/// How far back the newest event of a stream is looked for: an hour, then two days.
const NEWEST_WITHIN: [i64; 2] = [3_600_000, 172_800_000];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupsWire {
    #[serde(default)]
    account_identifiers: Vec<String>,
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    next_token: Option<String>,
    limit: Option<i64>,
    include_linked_accounts: Option<bool>,
    log_group_class: Option<String>,
}

pub fn describe_log_groups(tree: Value, reader: &LogReader<'_>) -> Result<Value, ServiceError> {
    let wire: GroupsWire = input::read(tree)?;
    let limit = limited("limit", wire.limit, 1, PAGE)?.unwrap_or(PAGE);
    if wire.log_group_name_prefix.is_some() && wire.log_group_name_pattern.is_some() {
        return Err(ServiceError::invalid_parameter("logGroupNamePrefix and logGroupNamePattern exclude each other."));
    }
    if wire.account_identifiers.len() > MAX_ACCOUNTS {
        return Err(ServiceError::invalid_parameter(format!(
            "accountIdentifiers must have at most {MAX_ACCOUNTS} accounts."
        )));
    }
    let groups: Vec<LogGroup> = match &wire.log_group_identifiers {
        Some(identifiers) => {
            // Groups that do not exist are left out.
            identifiers.iter().filter_map(|identifier| reader.group_of_identifier(identifier).ok()).collect()
        }
        None => reader.groups().into_iter().filter(|group| is_wanted(&wire, group, reader)).collect(),
    };
    let entries: Vec<Value> = groups.iter().map(|group| describe(group, reader.region)).collect();
    page("logGroups", entries, limit, wire.next_token.as_deref())
}

fn is_wanted(wire: &GroupsWire, group: &LogGroup, reader: &LogReader<'_>) -> bool {
    let accounts = &wire.account_identifiers;
    let is_seen = if wire.include_linked_accounts.unwrap_or(false) {
        accounts.is_empty() || accounts.iter().any(|account| **account == *group.account)
    } else {
        *group.account == *reader.own
    };
    let has_prefix = wire.log_group_name_prefix.as_deref().is_none_or(|prefix| group.name.starts_with(prefix));
    let has_part = wire.log_group_name_pattern.as_deref().is_none_or(|part| group.name.contains(part));
    let has_class = wire.log_group_class.as_deref().is_none_or(|class| class == "STANDARD");
    is_seen && has_prefix && has_part && has_class
}

fn describe(group: &LogGroup, region: &str) -> Value {
    let arn = group_arn(region, group);
    json!({
        "logGroupName": group.name,
        "creationTime": group.created * 1000,
        "retentionInDays": group.retention_days,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": 1_000_000_000,
        "logGroupClass": "STANDARD",
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StreamsWire {
    #[serde(flatten)]
    group: GroupWire,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<i64>,
}

pub fn describe_log_streams(tree: Value, reader: &LogReader<'_>) -> Result<Value, ServiceError> {
    let wire: StreamsWire = input::read(tree)?;
    let limit = limited("limit", wire.limit, 1, PAGE)?.unwrap_or(PAGE);
    let by_time = wire.order_by.as_deref() == Some("LastEventTime");
    if by_time && wire.log_stream_name_prefix.is_some() {
        return Err(ServiceError::invalid_parameter("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let group = reader.group(&wire.group)?;
    let prefix = wire.log_stream_name_prefix.unwrap_or_default();
    let mut streams: Vec<(i64, Value)> = group
        .streams
        .iter()
        .filter(|stream| stream.starts_with(&prefix))
        .map(|stream| describe_stream(&group, stream, reader))
        .collect();
    if by_time {
        streams.sort_by_key(|(newest, _)| *newest);
    }
    if wire.descending.unwrap_or(false) {
        streams.reverse();
    }
    let entries = streams.into_iter().map(|(_, entry)| entry).collect();
    page("logStreams", entries, limit, wire.next_token.as_deref())
}

/// With the time of the newest event, 0 where none was found.
fn describe_stream(group: &LogGroup, stream: &str, reader: &LogReader<'_>) -> (i64, Value) {
    let now = reader.now * 1000;
    let within = |span: &i64| reader.events(group, stream, now - span..now).last().map(|event| event.timestamp);
    let newest = NEWEST_WITHIN.iter().find_map(within);
    let mut entry = json!({
        "logStreamName": stream,
        "creationTime": group.created * 1000,
        "arn": format!("{}:log-stream:{stream}", group_arn(reader.region, group)),
        "storedBytes": 0,
    });
    if let Some(newest) = newest {
        entry["firstEventTimestamp"] = reader.oldest(group).into();
        entry["lastEventTimestamp"] = newest.into();
        entry["lastIngestionTime"] = (newest + 500).into();
    }
    (newest.unwrap_or(0), entry)
}

fn page(name: &str, entries: Vec<Value>, limit: i64, token: Option<&str>) -> Result<Value, ServiceError> {
    let skipped: usize = match token {
        None => 0,
        Some(token) => token
            .strip_prefix("page-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| ServiceError::invalid_parameter("The specified nextToken is invalid."))?,
    };
    let mut rest = entries.into_iter().skip(skipped);
    let shown: Vec<Value> = rest.by_ref().take(limit as usize).collect();
    let mut answer = Map::new();
    if rest.next().is_some() {
        answer.insert("nextToken".to_owned(), format!("page-{}", skipped + shown.len()).into());
    }
    answer.insert(name.to_owned(), Value::Array(shown));
    Ok(Value::Object(answer))
}
