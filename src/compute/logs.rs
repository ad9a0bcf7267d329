//! What is shown of the lines that were read: rows, causes and counts.

use std::collections::BTreeMap;

use crate::logs::causes::{CauseRow, by_cause};
use crate::logs::failure::{Failure, failures};
use crate::logs::finds::is_noise;
use crate::logs::record::{LogLevel, Record};
use crate::model::log::{LogLine, LogOrder};
use crate::notice::{Notice, count};
use crate::place::ApplicationName;
use crate::plan::{LogOf, LogView};
use crate::query::LogText;

/// One row: a line, or a failure with the first of its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRow<'a> {
    pub application: &'a ApplicationName,
    pub record: Record,
    pub failure: Option<Failure>,
}

/// The rows in the order that is asked for, as many as are wanted, and whether there are more.
pub fn rows(view: &LogView) -> (Vec<LogRow<'_>>, bool) {
    let mut rows: Vec<LogRow<'_>> = view.read.iter().flat_map(|read| rows_of(view, read)).collect();
    rows.sort_by_key(|row| row.record.time_ms);
    if view.asked.order == LogOrder::Newest {
        rows.reverse();
    }
    let has_more = rows.len() > view.asked.limit || view.read.iter().any(|read| !read.found.is_complete);
    rows.truncate(view.asked.limit);
    (rows, has_more)
}

/// The rows of one stream in the order of time.
fn rows_of<'a>(view: &'a LogView, read: &'a LogOf) -> Vec<LogRow<'a>> {
    let is_in_range = |line: &&LogLine| (view.first_ms..view.end_ms).contains(&line.time_ms);
    let lines = read.found.lines.iter().filter(is_in_range).cloned().map(Record::read);
    let records: Vec<Record> = lines.filter(|record| is_shown(view, &read.asked.application, record)).collect();
    let row = |record, failure| LogRow { application: &read.asked.application, record, failure };
    if view.asked.find.is_of_failures() {
        failures(&records).into_iter().map(|failure| row(failure.record.clone(), Some(failure))).collect()
    } else {
        records.into_iter().map(|record| row(record, None)).collect()
    }
}

fn is_shown(view: &LogView, application: &ApplicationName, record: &Record) -> bool {
    let asked = &view.asked;
    let has_text = match &asked.text {
        Some(LogText::Plain(text)) => record.contains(text),
        // CloudWatch alone knows what it means.
        Some(LogText::Pattern(_)) | None => true,
    };
    has_text
        && is_of(application, record)
        && asked.level.is_none_or(|least| record.severity() >= least)
        && (asked.noise || !is_noise(record))
        && asked.find.keeps(record)
}

/// A stream may be shared. Lines that are no records may be anybody's.
fn is_of(application: &ApplicationName, record: &Record) -> bool {
    let name = record.application.as_deref().and_then(|arn| arn.rsplit_once('/')).map(|(_, name)| name);
    name.is_none_or(|name| name == application.as_str())
}

/// Failures by cause and task, of each application.
pub fn causes(view: &LogView) -> Vec<(&ApplicationName, CauseRow)> {
    let mut of_all = Vec::new();
    for read in &view.read {
        let failures: Vec<Failure> = rows_of(view, read).into_iter().filter_map(|row| row.failure).collect();
        of_all.extend(by_cause(&failures).into_iter().map(|row| (&read.asked.application, row)));
    }
    of_all.sort_by_key(|(_, row)| std::cmp::Reverse(row.last_ms));
    of_all
}

/// How many rows each bucket has, by application and, where that is asked for, level. Nothing is known of buckets that
/// were not read to their end.
pub fn counts(view: &LogView, by_level: bool) -> BTreeMap<(&ApplicationName, Option<LogLevel>), Vec<f64>> {
    let period_ms = view.grid.period.seconds() * 1000;
    let buckets = usize::try_from((view.end_ms - view.first_ms) / period_ms).unwrap_or(0);
    let index = |time_ms: i64| usize::try_from((time_ms - view.first_ms) / period_ms).unwrap_or(0);
    let mut counts = BTreeMap::new();
    for read in &view.read {
        let rows = rows_of(view, read);
        let first_known = if read.found.is_complete {
            0
        } else {
            read.found.lines.first().map_or(buckets, |line| index(line.time_ms.max(view.first_ms)) + 1)
        };
        let empty =
            || (0..buckets).map(|bucket| if bucket < first_known { f64::NAN } else { 0.0 }).collect::<Vec<f64>>();
        if !by_level {
            counts.entry((&read.asked.application, None)).or_insert_with(empty);
        }
        for row in rows {
            let level = by_level.then(|| row.record.severity());
            let values = counts.entry((&read.asked.application, level)).or_insert_with(empty);
            if let Some(value) = values.get_mut(index(row.record.time_ms)) {
                *value += 1.0;
            }
        }
    }
    counts
}

/// What is said of rows that are not shown.
pub fn describe_more(view: &LogView, shown: usize) -> Notice {
    let first = if view.asked.order == LogOrder::Newest { "newest" } else { "oldest" };
    Notice::info(format!(
        "These are the {first} {}; there are more. Choose a shorter time range or a greater limit.",
        count(shown, "row")
    ))
}
