//! GetLogEvents: one stream, forwards and backwards from any place in it.

use serde::Deserialize;
use serde_json::{Value, json};

use super::pattern::Pattern;
use super::scan::{Direction, Position, Scan};
use super::{GroupWire, LogAnswer, LogReader, PAGE_EVENTS, ingested, limited};
use crate::server::counters::Usage;
use crate::server::error::ServiceError;
use crate::server::input;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(flatten)]
    group: GroupWire,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

pub fn get_log_events(tree: Value, reader: &LogReader<'_>) -> Result<LogAnswer, ServiceError> {
    let wire: Wire = input::read(tree)?;
    let limit = limited("limit", wire.limit, 1, PAGE_EVENTS)?.unwrap_or(PAGE_EVENTS);
    let group = reader.group(&wire.group)?;
    let stream = wire.log_stream_name.filter(|name| group.streams.contains(name));
    let stream = stream.ok_or_else(|| ServiceError::not_found("The specified log stream does not exist."))?;
    let asked = (wire.start_time.unwrap_or(0), wire.end_time.unwrap_or(reader.now * 1000));
    let start = asked.0.max(reader.oldest(&group));
    let end = asked.1.min(reader.now * 1000).max(start);
    let (direction, from) = match wire.next_token.as_deref() {
        Some(token) => parse_token(token)?,
        None if wire.start_from_head == Some(true) => (Direction::Forward, Position { time: start, passed: 0 }),
        None => (Direction::Backward, Position { time: end, passed: 0 }),
    };
    let scan = Scan { group: &group, streams: &[stream], start, end, pattern: &Pattern::All, limit: limit as usize };
    let mut page = scan.page(reader, from, direction);
    if direction == Direction::Backward {
        page.found.reverse();
    }
    let (mut first, mut last) = (page.first, page.last);
    if page.found.is_empty() && page.is_end {
        // The end of the stream: the token that was sent comes back.
        (first, last) = (from, from);
    }
    let events = page.found.iter().map(|found| {
        json!({
            "timestamp": found.event.timestamp,
            "message": found.event.message,
            "ingestionTime": ingested(&found.event),
        })
    });
    let body = json!({
        "events": events.collect::<Vec<_>>(),
        "nextForwardToken": token('f', last),
        "nextBackwardToken": token('b', first),
    });
    let usage = Usage {
        log_events: page.found.len() as u64,
        log_bytes: page.bytes as u64,
        log_bytes_read: page.read_bytes as u64,
        ..Usage::default()
    };
    Ok(LogAnswer { body, range: (asked.0 / 1000, asked.1 / 1000), usage })
}

fn token(way: char, position: Position) -> String {
    format!("{way}/{:013}/{}", position.time, position.passed)
}

fn parse_token(token: &str) -> Result<(Direction, Position), ServiceError> {
    let parts: Vec<&str> = token.split('/').collect();
    let position = |time: &str, passed: &str| Some(Position { time: time.parse().ok()?, passed: passed.parse().ok()? });
    let parsed = match parts[..] {
        ["f", time, passed] => position(time, passed).map(|position| (Direction::Forward, position)),
        ["b", time, passed] => position(time, passed).map(|position| (Direction::Backward, position)),
        _ => None,
    };
    parsed.ok_or_else(|| ServiceError::invalid_parameter("The specified nextToken is invalid."))
}
