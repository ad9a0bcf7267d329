//! The plan as text: what the query inspector shows, and what snapshots hold.

use std::fmt::{self, Write};

use chrono::{DateTime, Utc};

use super::Plan;
use super::call::{GetMetricDataCall, SeriesAsk};
use super::series::PlannedSeries;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(|_| true))
    }
}

impl Plan {
    /// The calls as far as one query uses them.
    pub fn text_of(&self, ref_id: &str) -> String {
        self.text(|series| series.users.contains(ref_id))
    }

    fn text(&self, shows: impl Fn(&PlannedSeries) -> bool) -> String {
        let shown = self.series.iter().filter(|series| shows(series));
        let mut shown: Vec<_> = shown.filter_map(|series| Some((series.slot?, series))).collect();
        shown.sort_unstable_by_key(|(slot, _)| *slot);
        let mut text = String::new();
        for of_call in shown.chunk_by(|(one, _), (other, _)| one.0 == other.0) {
            write_call(&mut text, &self.calls[of_call[0].0.0], of_call);
        }
        text
    }
}

fn write_call(text: &mut String, call: &GetMetricDataCall, shown: &[((usize, usize), &PlannedSeries)]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "GetMetricData {} {}..{}", call.region, time(call.start), time(call.end));
    for ((_, position), series) in shown {
        let users = series.users.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "  s{position} {} <- {users}", describe_ask(&series.ask));
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
