//! Time range, resolution and the wish for a period.

use std::fmt;

use serde_json::Value;

use super::error::QueryError;
use super::wire::{self, Fields};
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

/// `"auto"`, seconds as number or text, or a duration such as `"5m"`.
pub(super) fn parse_period(fields: &Fields) -> Result<PeriodWish, QueryError> {
    const ALLOWED: &str = "\"auto\", a multiple of 60 seconds up to a day, or a duration such as \"5m\" or \"1h\"";
    let Some(found) = fields.checked("period")? else { return Ok(PeriodWish::Auto) };
    let seconds = match found {
        Value::String(text) if matches!(text.trim(), "" | "auto") => return Ok(PeriodWish::Auto),
        Value::String(text) => parse_duration(text.trim()),
        Value::Number(number) => number.as_i64(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let period = seconds.and_then(Period::from_seconds).map(PeriodWish::Fixed);
    period.ok_or_else(|| wire::wrong("period", found, ALLOWED))
}

/// Seconds of `"300"`, `"300s"`, `"5m"`, `"1h"`, `"1d"`. Anything with a unit that is shorter than a minute is one: `$__interval` of a
/// short range is `"15s"` or `"500ms"`, and there are no shorter points.
fn parse_duration(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: i64 = digits.parse().ok().filter(|number| *number > 0)?;
    let seconds = match &text[digits.len()..] {
        "" => return Some(number),
        "ms" => number / 1000,
        "s" => number,
        "m" | "min" => number.checked_mul(60)?,
        "h" => number.checked_mul(3600)?,
        "d" => number.checked_mul(86_400)?,
        _ => return None,
    };
    Some(seconds.max(60))
}
