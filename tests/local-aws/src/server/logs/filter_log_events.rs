//! FilterLogEvents: a group, or some of its streams, searched in pages.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;
use serde_json::{Value, json};

use super::pattern::Pattern;
use super::scan::{Direction, Found, Position, Scan};
use super::{GroupWire, LogAnswer, LogReader, PAGE_EVENTS, ingested, limited};
use crate::server::counters::Usage;
use crate::server::error::ServiceError;
use crate::server::input;
use crate::world::LogGroup;

const MAX_STREAMS: usize = 100;
/// 2024-01-01: the newest events cannot be asked first for an older start.
const NEWEST_FIRST_SINCE: i64 = 1_704_067_200_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(flatten)]
    group: GroupWire,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

pub fn filter_log_events(tree: Value, reader: &LogReader<'_>) -> Result<LogAnswer, ServiceError> {
    let wire: Wire = input::read(tree)?;
    let limit = limited("limit", wire.limit, 1, PAGE_EVENTS)?.unwrap_or(PAGE_EVENTS);
    let group = reader.group(&wire.group)?;
    let streams = chosen_streams(&wire, &group)?;
    let pattern = Pattern::parse(wire.filter_pattern.as_deref().unwrap_or_default())?;
    let asked = (wire.start_time.unwrap_or(0), wire.end_time.unwrap_or(reader.now * 1000));
    // The end is inclusive here, other than in GetLogEvents.
    let (start, end) = (asked.0.max(reader.oldest(&group)), asked.1.min(reader.now * 1000).saturating_add(1));
    let (direction, position) = match &wire.next_token {
        None => start_of_search(&wire, start, end)?,
        Some(token) => parse_token(token, fingerprint(&wire))?,
    };
    let scan = Scan { group: &group, streams: &streams, start, end, pattern: &pattern, limit: limit as usize };
    let range = (asked.0 / 1000, asked.1 / 1000);
    if reader.fault.empty_log_page {
        let body = json!({"events": [], "searchedLogStreams": [], "nextToken": token(direction, position, fingerprint(&wire))});
        return Ok(LogAnswer { body, range, usage: Usage::default() });
    }
    let page = scan.page(reader, position, direction);
    let events: Vec<Value> = page.found.iter().map(|found| event(found, &streams)).collect();
    let mut body = json!({"events": events, "searchedLogStreams": []});
    if !page.is_end {
        let position = if direction == Direction::Forward { page.last } else { page.first };
        body["nextToken"] = token(direction, position, fingerprint(&wire)).into();
    }
    let usage = Usage {
        log_events: page.found.len() as u64,
        log_bytes: page.bytes as u64,
        log_bytes_read: page.read_bytes as u64,
        ..Usage::default()
    };
    Ok(LogAnswer { body, range, usage })
}

fn chosen_streams(wire: &Wire, group: &LogGroup) -> Result<Vec<String>, ServiceError> {
    match (&wire.log_stream_names, &wire.log_stream_name_prefix) {
        (Some(_), Some(_)) => {
            Err(ServiceError::invalid_parameter("logStreamNames and logStreamNamePrefix exclude each other."))
        }
        (Some(names), None) if names.is_empty() || names.len() > MAX_STREAMS => Err(ServiceError::invalid_parameter(
            format!("logStreamNames must have 1 to {MAX_STREAMS} names, not {}.", names.len()),
        )),
        (Some(names), None) => match names.iter().find(|name| !group.streams.contains(name)) {
            Some(_) => Err(ServiceError::not_found("The specified log stream does not exist.")),
            None => Ok(names.clone()),
        },
        (None, Some(prefix)) => {
            Ok(group.streams.iter().filter(|stream| stream.starts_with(prefix.as_str())).cloned().collect())
        }
        (None, None) => Ok(group.streams.clone()),
    }
}

fn start_of_search(wire: &Wire, start: i64, end: i64) -> Result<(Direction, Position), ServiceError> {
    if wire.start_from_head.unwrap_or(true) {
        return Ok((Direction::Forward, Position { time: start, passed: 0 }));
    }
    if wire.start_time.unwrap_or(0) < NEWEST_FIRST_SINCE {
        return Err(ServiceError::invalid_parameter(
            "startFromHead can be false only if startTime is on or after Jan 1, 2024 00:00:00 UTC.",
        ));
    }
    Ok((Direction::Backward, Position { time: end, passed: 0 }))
}

/// A token is good for the question that it belongs to.
fn fingerprint(wire: &Wire) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&wire.group.log_group_name, &wire.group.log_group_identifier).hash(&mut hasher);
    (&wire.log_stream_names, &wire.log_stream_name_prefix, &wire.filter_pattern).hash(&mut hasher);
    (wire.start_time, wire.end_time).hash(&mut hasher);
    hasher.finish()
}

fn token(direction: Direction, position: Position, fingerprint: u64) -> String {
    let way = if direction == Direction::Forward { 'f' } else { 'b' };
    format!("{way}/{}/{}/{fingerprint:x}", position.time, position.passed)
}

fn parse_token(token: &str, fingerprint: u64) -> Result<(Direction, Position), ServiceError> {
    let parts: Vec<&str> = token.split('/').collect();
    let parsed = match parts[..] {
        [way, time, passed, print] if print == format!("{fingerprint:x}") => {
            let direction = if way == "f" { Direction::Forward } else { Direction::Backward };
            time.parse().ok().zip(passed.parse().ok()).map(|(time, passed)| (direction, Position { time, passed }))
        }
        _ => None,
    };
    parsed.ok_or_else(|| ServiceError::invalid_parameter("The specified nextToken is invalid."))
}

fn event(found: &Found, streams: &[String]) -> Value {
    let stream = &streams[found.stream];
    let mut hasher = DefaultHasher::new();
    stream.hash(&mut hasher);
    json!({
        "logStreamName": stream,
        "timestamp": found.event.timestamp,
        "message": found.event.message,
        "ingestionTime": ingested(&found.event),
        // 56 digits, as AWS's.
        "eventId": format!("{:020}{:020}{:016}", found.event.timestamp, hasher.finish(), found.number),
    })
}
