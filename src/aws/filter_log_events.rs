//! CloudWatch Logs FilterLogEvents: the lines of one stream that a pattern finds.
//!
//! A page may be partly full or empty; only a missing token ends the search. Searches from the newest line backwards
//! have to begin in 2024 or later (API reference, `startFromHead`).

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::operation::filter_log_events::{FilterLogEvents, FilterLogEventsError};
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

use super::call::{Gate, Pages, send};
use super::promised::Promised;
use crate::failure::CallError;
use crate::limits;
use crate::model::log::{LogLine, LogLines, LogOrder};
use crate::plan::log_read::LogRead;

pub const OPERATION: &str = "logs:FilterLogEvents";

/// The start of 2024, the first time from which lines can be had newest first.
const NEWEST_FIRST_FROM_MS: i64 = 1_704_067_200_000;

/// Reads pages until there are lines enough, or nothing is left, or the search has taken what one may take.
pub(super) async fn filter_log_events(client: &Client, gate: &Gate<'_>, read: &LogRead) -> Result<LogLines, CallError> {
    let is_newest_first = read.order == LogOrder::Newest;
    let first_ms = if is_newest_first { read.first_ms.max(NEWEST_FIRST_FROM_MS) } else { read.first_ms.max(0) };
    let stream: Arc<str> = read.stream.stream.as_str().into();
    let mut pages = Pages::new(gate);
    let (mut lines, mut bytes, mut is_complete) = (Vec::new(), 0, true);
    while let Some(token) = pages.next_token() {
        let wanted = read.lines.saturating_sub(lines.len());
        if wanted == 0 || bytes > limits::LOG_READ_BYTES || pages.count() == limits::LOG_READ_PAGES {
            is_complete = false;
            break;
        }
        let request = client
            .filter_log_events()
            .log_group_name(&read.stream.group)
            .log_stream_names(&read.stream.stream)
            .start_time(first_ms)
            .end_time(read.last_ms)
            .set_filter_pattern(read.pattern.as_deref().map(str::to_owned))
            .start_from_head(!is_newest_first)
            .limit(i32::try_from(wanted.min(limits::LOG_LINES)).unwrap_or(i32::MAX))
            .set_next_token(token);
        let request = request.customize().interceptor(gate.attempts::<FilterLogEventsError>());
        // The model requires nothing of the answer, so only an empty one is none.
        let request = request.interceptor(Promised::<FilterLogEvents>::new(|_| None));
        let page = send(gate, request.send()).await?;
        for event in page.events() {
            let line = line(event, &stream);
            bytes += line.text.len();
            lines.push(line);
        }
        pages.read(page.next_token())?;
    }
    if is_newest_first {
        lines.reverse();
    }
    lines.sort_by_key(|line| line.time_ms);
    Ok(LogLines { lines, is_complete, calls: pages.count() })
}

fn line(event: &FilteredLogEvent, stream: &Arc<str>) -> LogLine {
    LogLine {
        id: event.event_id().unwrap_or_default().to_owned(),
        time_ms: event.timestamp().unwrap_or_default(),
        stream: Arc::clone(stream),
        text: event.message().unwrap_or_default().to_owned(),
    }
}
