//! The plan as text: what snapshots hold, and, with what was done, what the query inspector shows.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use chrono::{DateTime, Utc};

use super::Plan;
use super::call::SeriesKey;
use super::series::PlannedSeries;
use crate::limits;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(|_| true, |_| String::new(), usize::MAX))
    }
}

impl Plan {
    /// The series that one query uses, each followed by what `remark` says of it by its number in the plan. For people:
    /// a text that has no end is cut.
    pub fn text_of(&self, ref_id: &str, remark: impl Fn(usize) -> String) -> String {
        self.text(|series| series.users.contains(ref_id), remark, limits::EXECUTED_BYTES)
    }

    /// Series by region and time range, in the order of the plan. One that nobody uses is not wanted after all.
    fn text(&self, shows: impl Fn(&PlannedSeries) -> bool, remark: impl Fn(usize) -> String, limit: usize) -> String {
        let mut by_range: BTreeMap<_, Vec<(usize, &PlannedSeries)>> = BTreeMap::new();
        let shown = self.series.iter().enumerate().filter(|(_, series)| !series.users.is_empty() && shows(series));
        for (index, series) in shown {
            by_range.entry((&series.group.region, series.first, series.last)).or_default().push((index, series));
        }
        let mut left: usize = by_range.values().map(Vec::len).sum();
        let mut text = String::new();
        for ((region, first, last), of_range) in by_range {
            if text.len() < limit {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{region} {}..{}", time(first), time(last));
            }
            for (index, series) in of_range {
                if text.len() < limit {
                    let (key, users) = (describe_series(&series.key), describe_users(series));
                    let _ = writeln!(text, "  s{index} {key} <- {users}{}", remark(index));
                    left -= 1;
                }
            }
        }
        if left > 0 {
            let _ = writeln!(text, "… and {left} more series");
        }
        text
    }
}

fn describe_users(series: &PlannedSeries) -> String {
    let named = series.users.iter().take(limits::EXECUTED_USERS).map(String::as_str).collect::<Vec<_>>().join(", ");
    match series.users.len().saturating_sub(limits::EXECUTED_USERS) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn describe_series(key: &SeriesKey) -> String {
    let mut text = format!("{}s {} {}", key.period.seconds(), key.metric, key.statistic);
    for (name, value) in key.dimensions.iter() {
        let _ = write!(text, " {name}={value}");
    }
    if let Some(account) = &key.account {
        let _ = write!(text, " account={account}");
    }
    text
}

fn time(second: i64) -> String {
    DateTime::<Utc>::from_timestamp(second, 0)
        .map_or_else(|| second.to_string(), |time| time.format("%Y-%m-%dT%H:%MZ").to_string())
}
