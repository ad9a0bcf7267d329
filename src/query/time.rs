//! Time range, resolution and the wish for a period.

use serde_json::Value;

use super::error::QueryError;
use super::wire::{self, Fields};
use crate::notice::{Notice, count};
use crate::period::Period;

/// Milliseconds since the Unix epoch; `from_ms` is before `to_ms` in a valid query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeRange {
    pub from_ms: i64,
    pub to_ms: i64,
}

/// The end of the year 9999, the last that RFC 3339 can write.
const LATEST_MS: i64 = 253_402_300_799_999;

/// Refuses a range that begins at its end or later, and times that nobody can write.
pub(super) fn check_range(range: TimeRange) -> Result<(), QueryError> {
    const ALLOWED: &str = "a start before its end, both before the year 10000";
    let TimeRange { from_ms, to_ms } = range;
    let is_time = |ms: &i64| (-LATEST_MS..=LATEST_MS).contains(ms);
    let found = match (from_ms, to_ms) {
        _ if ![from_ms, to_ms].iter().all(is_time) => "a time beyond the year 9999".to_owned(),
        _ if from_ms < to_ms => return Ok(()),
        _ if from_ms == to_ms => "a range that ends when it starts".to_owned(),
        _ => format!("an end that is {} before the start", describe_duration(from_ms - to_ms)),
    };
    Err(QueryError::wrong_thing("timeRange", found, ALLOWED))
}

/// "6 hours and 5 minutes", "2 days", "30 seconds".
fn describe_duration(ms: i64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        1..MINUTE => count(seconds, "second"),
        _ if seconds % Period::DAY.seconds() == 0 => count(seconds / Period::DAY.seconds(), "day"),
        _ => describe_hours(seconds),
    }
}

/// How fine the panel can draw. Zero or less means unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    pub max_data_points: i64,
    pub interval_ms: i64,
}

/// The period an author wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodWish {
    Auto,
    Fixed(Period),
}

/// `"auto"`, seconds as number or text, or a duration such as `"5m"`; with what has to be said of how it was read.
pub(super) fn parse_period(
    fields: &Fields,
    resolution: Resolution,
) -> Result<(PeriodWish, Option<Notice>), QueryError> {
    const ALLOWED: &str = "\"auto\", a multiple of 60 seconds up to a day, or a duration such as \"5m\" or \"1h\"";
    let Some(found) = fields.checked("period")? else { return Ok((PeriodWish::Auto, None)) };
    let asked = match found {
        Value::String(text) if matches!(text.trim(), "" | "auto") => return Ok((PeriodWish::Auto, None)),
        Value::String(text) => parse_duration(text.trim()),
        Value::Number(number) => number.as_i64().filter(|number| *number > 0).map(Asked::Plain),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let read = asked.and_then(|asked| read_period(asked, resolution));
    read.map(|(period, notice)| (PeriodWish::Fixed(period), notice))
        .ok_or_else(|| wire::wrong("period", found, ALLOWED))
}

/// What an author wrote.
#[derive(Debug, Clone, Copy)]
enum Asked {
    /// Without a unit.
    Plain(i64),
    /// With a unit, in seconds.
    Seconds(i64),
}

/// What is shorter than a minute is one, because there are no shorter points, and what is longer than a day is one.
/// `$__interval` of a short range is `"15s"`, of a year `"7d"`, and `$__interval_ms` has no unit at all.
fn read_period(asked: Asked, resolution: Resolution) -> Option<(Period, Option<Notice>)> {
    let (seconds, read) = match asked {
        Asked::Plain(number) if is_milliseconds(number) => {
            let seconds = whole_minutes(number / 1000);
            let text = format!(
                "The period {number} has no unit and is read as milliseconds, {seconds} s: as seconds it would be {}. Write \"{seconds}s\"; where it came from $__interval_ms, write $__interval, which has a unit.",
                describe_hours(number)
            );
            (seconds, Some(text))
        }
        Asked::Plain(seconds) | Asked::Seconds(seconds) if seconds >= MINUTE => (seconds, None),
        // Grafana put it there, as `$__interval`.
        Asked::Seconds(seconds) if seconds == resolution.interval_ms / 1000 => (MINUTE, None),
        Asked::Plain(seconds) | Asked::Seconds(seconds) => {
            let from = if seconds > 0 { format!(" from {seconds} s") } else { String::new() };
            (MINUTE, Some(format!("Period raised{from} to {MINUTE} s: there are no shorter points.")))
        }
    };
    let day = Period::DAY.seconds();
    if seconds > day {
        let lowered = format!("Period lowered from {seconds} s to {day} s, a day: the longest that there is.");
        let text = [read, Some(lowered)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        return Some((Period::DAY, Some(Notice::info(text))));
    }
    Some((Period::from_seconds(seconds)?, read.map(Notice::info)))
}

const MINUTE: i64 = 60;

/// Whether a number without a unit is an interval in milliseconds, whoever asks: Grafana's intervals are whole seconds,
/// a multiple of 1000, and nobody wants a point for each 1000 seconds. Whole hours up to a day are seconds.
fn is_milliseconds(number: i64) -> bool {
    let is_whole_hours = number % Period::HOUR.seconds() == 0 && number <= Period::DAY.seconds();
    number % 1000 == 0 && !is_whole_hours
}

fn whole_minutes(seconds: i64) -> i64 {
    (seconds.max(MINUTE) + MINUTE - 1) / MINUTE * MINUTE
}

/// "16 hours and 40 minutes".
fn describe_hours(seconds: i64) -> String {
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / MINUTE);
    match (hours, minutes) {
        (0, minutes) => count(minutes, "minute"),
        (hours, 0) => count(hours, "hour"),
        (hours, minutes) => format!("{} and {}", count(hours, "hour"), count(minutes, "minute")),
    }
}

/// `"300"`, `"300s"`, `"5m"`, `"1h"`, `"1d"`, `"1w"`.
fn parse_duration(text: &str) -> Option<Asked> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: i64 = digits.parse().ok().filter(|number| *number > 0)?;
    let seconds = match &text[digits.len()..] {
        "" => return Some(Asked::Plain(number)),
        "ms" => number / 1000,
        "s" => number,
        "m" | "min" => number.checked_mul(60)?,
        "h" => number.checked_mul(3600)?,
        "d" => number.checked_mul(86_400)?,
        "w" => number.checked_mul(7 * 86_400)?,
        "y" => number.checked_mul(365 * 86_400)?,
        _ => return None,
    };
    Some(Asked::Seconds(seconds))
}
