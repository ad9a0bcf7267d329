//! Time range, resolution and the wish for a period.

use std::fmt;

use serde_json::Value;

use super::error::QueryError;
use super::wire::{self, Fields};
use crate::notice::Notice;
use crate::period::Period;

/// Milliseconds since the Unix epoch; `from_ms` is before `to_ms` in a valid query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeRange {
    pub from_ms: i64,
    pub to_ms: i64,
}

impl fmt::Display for TimeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{} ms", self.from_ms, self.to_ms)
    }
}

/// How fine the panel can draw. Zero or less means unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    pub max_data_points: i64,
    pub interval_ms: i64,
}

/// Who asks. An alert never gets the open bucket, and gets an error instead of partial data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Panel,
    Alert,
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

/// What is shorter than a minute is one, because there are no shorter points, and what is longer than a day is one. `$__interval` of a short
/// range is `"15s"`, of a year `"7d"`, and `$__interval_ms` has no unit at all: it is the panel's own interval.
fn read_period(asked: Asked, resolution: Resolution) -> Option<(Period, Option<Notice>)> {
    const MINUTE: i64 = 60;
    let (seconds, notice) = match asked {
        Asked::Plain(number) if number >= 1000 && number == resolution.interval_ms => {
            let seconds = ((number / 1000).max(MINUTE) + MINUTE - 1) / MINUTE * MINUTE;
            let text = format!(
                "The period {number} is the panel's interval in milliseconds and is read as {seconds} s. Write $__interval, which has a unit."
            );
            (seconds, Some(text))
        }
        Asked::Plain(seconds) if seconds < MINUTE => {
            (MINUTE, Some(format!("Period raised from {seconds} s to {MINUTE} s: there are no shorter points.")))
        }
        Asked::Plain(seconds) => (seconds, None),
        Asked::Seconds(seconds) => (seconds.max(MINUTE), None),
    };
    let day = Period::DAY.seconds();
    if seconds > day {
        return Some((
            Period::DAY,
            Some(Notice::info(format!(
                "Period lowered from {seconds} s to {day} s, a day: the longest that there is."
            ))),
        ));
    }
    Some((Period::from_seconds(seconds)?, notice.map(Notice::info)))
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
