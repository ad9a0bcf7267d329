//! The plan as text: what the query inspector shows, and what snapshots hold.

use std::fmt::{self, Write};

use chrono::{DateTime, Utc};

use super::Plan;
use super::call::{GetMetricDataCall, SeriesAsk};
use super::series::PlannedSeries;
use crate::limits;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(|_| true, usize::MAX))
    }
}

impl Plan {
    /// The calls as far as one query uses them, for people: a text that has no end is cut.
    pub fn text_of(&self, ref_id: &str) -> String {
        self.text(|series| series.users.contains(ref_id), limits::EXECUTED_BYTES)
    }

    fn text(&self, shows: impl Fn(&PlannedSeries) -> bool, limit: usize) -> String {
        let shown = self.series.iter().filter(|series| shows(series));
        let mut shown: Vec<_> = shown.filter_map(|series| Some((series.slot?, series))).collect();
        shown.sort_unstable_by_key(|(slot, _)| *slot);
        let mut text = String::new();
        let mut left = shown.len();
        for of_call in shown.chunk_by(|(one, _), (other, _)| one.0 == other.0) {
            left -= write_call(&mut text, &self.calls[of_call[0].0.0], of_call, limit);
        }
        if left > 0 {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "… and {left} more series");
        }
        text
    }
}

/// How many of the series there was room for.
fn write_call(
    text: &mut String,
    call: &GetMetricDataCall,
    shown: &[((usize, usize), &PlannedSeries)],
    limit: usize,
) -> usize {
    if text.len() >= limit {
        return 0;
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "GetMetricData {} {}..{}", call.region, time(call.start), time(call.end));
    for (written, ((_, position), series)) in shown.iter().enumerate() {
        if text.len() >= limit {
            return written;
        }
        let _ = writeln!(text, "  s{position} {} <- {}", describe_ask(&series.ask), describe_users(series));
    }
    shown.len()
}

fn describe_users(series: &PlannedSeries) -> String {
    let named = series.users.iter().take(limits::EXECUTED_USERS).map(String::as_str).collect::<Vec<_>>().join(", ");
    match series.users.len().saturating_sub(limits::EXECUTED_USERS) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn describe_ask(ask: &SeriesAsk) -> String {
    let mut text = format!("{}s {} {}", ask.period.seconds(), ask.metric, ask.statistic);
    for (name, value) in ask.dimensions.iter() {
        let _ = write!(text, " {name}={value}");
    }
    if let Some(account) = &ask.account {
        let _ = write!(text, " account={account}");
    }
    text
}

fn time(second: i64) -> String {
    DateTime::<Utc>::from_timestamp(second, 0)
        .map_or_else(|| second.to_string(), |time| time.format("%Y-%m-%dT%H:%MZ").to_string())
}
