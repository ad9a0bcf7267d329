//! A query's rows: records that pass its commands, in its order.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Value, json};

use super::super::{LogReader, ingested};
use super::Running;
use super::language::{Aggregate, Command, Function, Key, KeyValue, Query, Record, order};
use crate::world::{LogEvent, LogGroup};

/// Milliseconds that are read at once.
const SLICE: i64 = 3_600_000;

#[derive(Debug, Default)]
pub struct Outcome {
    pub rows: Vec<Value>,
    pub records_matched: u64,
    pub records_scanned: u64,
    pub bytes_scanned: u64,
    pub groups_scanned: usize,
}

/// A row while commands work on it: names and values, and the time it stands for.
type Row = Vec<(String, String)>;

struct Scanned<'a> {
    event: LogEvent,
    group: &'a LogGroup,
    stream: &'a str,
    parsed: OnceCell<Value>,
}

impl Record for Scanned<'_> {
    fn field(&self, name: &str) -> Option<String> {
        match name {
            "@timestamp" => Some(calendar(self.event.timestamp)),
            "@ingestionTime" => Some(calendar(ingested(&self.event))),
            "@message" => Some(self.event.message.clone()),
            "@logStream" => Some(self.stream.to_owned()),
            "@log" => Some(format!("{}:{}", self.group.account, self.group.name)),
            _ => {
                let parsed =
                    self.parsed.get_or_init(|| serde_json::from_str(&self.event.message).unwrap_or(Value::Null));
                match parsed.pointer(&format!("/{}", name.replace('.', "/")))? {
                    Value::String(text) => Some(text.clone()),
                    Value::Null => None,
                    other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                        Some(other.to_string())
                    }
                }
            }
        }
    }
}

/// As Logs Insights writes times.
fn calendar(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis)
        .map(|time| time.format("%Y-%m-%d %H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}

/// All rows of a query.
pub(super) fn run(running: &Running, reader: &LogReader<'_>) -> Outcome {
    let (query, (start, end)) = (&*running.query, running.range);
    let mut outcome = Outcome { groups_scanned: running.groups.len(), ..Outcome::default() };
    let mut matched = Vec::new();
    for group in &running.groups {
        for stream in &group.streams {
            let from = (start * 1000).max(reader.oldest(group));
            // Both ends are inclusive.
            let to = ((end + 1) * 1000).min(reader.now * 1000);
            for at in (from..to).step_by(SLICE as usize) {
                for event in reader.events(group, stream, at..(at + SLICE).min(to)) {
                    outcome.records_scanned += 1;
                    outcome.bytes_scanned += event.message.len() as u64;
                    let record = Scanned { event, group, stream, parsed: OnceCell::new() };
                    if passes_filters(query, &record) {
                        matched.push(record);
                    }
                }
            }
        }
    }
    outcome.records_matched = matched.len() as u64;
    // Without an order of its own a query shows the newest first.
    matched.sort_by_key(|record| std::cmp::Reverse(record.event.timestamp));
    let mut rows = finish(query, &matched);
    rows.truncate(running.limit);
    outcome.rows = rows
        .into_iter()
        .map(|row| row.into_iter().map(|(field, value)| json!({"field": field, "value": value})).collect())
        .collect();
    outcome
}

fn passes_filters(query: &Query, record: &Scanned<'_>) -> bool {
    query.commands.iter().all(|command| match command {
        Command::Filter(condition) => condition.is_match(record),
        Command::Fields(_) | Command::Display(_) | Command::Sort(_) | Command::Limit(_) | Command::Stats { .. } => true,
    })
}

/// Everything but the filters, in the order of the commands.
fn finish(query: &Query, matched: &[Scanned<'_>]) -> Vec<Row> {
    let is_stats = query.commands.iter().any(|command| matches!(command, Command::Stats { .. }));
    let fields = shown_fields(query);
    let mut rows: Vec<Row> = Vec::new();
    let mut places: Vec<usize> = (0..matched.len()).collect();
    let mut is_folded = false;
    for command in &query.commands {
        match command {
            Command::Stats { aggregates, by } => {
                let kept: Vec<&Scanned<'_>> = places.iter().map(|place| &matched[*place]).collect();
                rows = fold(aggregates, by, &kept);
                is_folded = true;
            }
            Command::Sort(keys) if is_folded => {
                rows.sort_by(|left, right| compare(keys, |name| (value_of(left, name), value_of(right, name))))
            }
            Command::Sort(keys) => places
                .sort_by(|left, right| compare(keys, |name| (matched[*left].field(name), matched[*right].field(name)))),
            Command::Limit(count) if is_folded => rows.truncate(*count),
            Command::Limit(count) => places.truncate(*count),
            Command::Fields(_) | Command::Display(_) | Command::Filter(_) => {}
        }
    }
    if is_stats {
        return rows;
    }
    places.into_iter().map(|place| row(&matched[place], &fields)).collect()
}

fn value_of(row: &Row, name: &str) -> Option<String> {
    row.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
}

fn compare(keys: &[(String, bool)], values: impl Fn(&str) -> (Option<String>, Option<String>)) -> std::cmp::Ordering {
    keys.iter().fold(std::cmp::Ordering::Equal, |so_far, (name, is_descending)| {
        so_far.then_with(|| {
            let (left, right) = values(name);
            let ascending = order(&left.unwrap_or_default(), &right.unwrap_or_default());
            if *is_descending { ascending.reverse() } else { ascending }
        })
    })
}

/// `display` hides what `fields` named; without both a row is its time and its text.
fn shown_fields(query: &Query) -> Vec<String> {
    let mut fields = Vec::new();
    for command in &query.commands {
        match command {
            Command::Fields(names) => fields.extend(names.iter().cloned()),
            Command::Display(names) => fields.clone_from(names),
            Command::Filter(_) | Command::Sort(_) | Command::Limit(_) | Command::Stats { .. } => {}
        }
    }
    if fields.is_empty() { ["@timestamp", "@message"].map(str::to_owned).to_vec() } else { fields }
}

fn row(record: &Scanned<'_>, fields: &[String]) -> Row {
    let mut row: Row = fields.iter().filter_map(|name| Some((name.clone(), record.field(name)?))).collect();
    row.push(("@ptr".to_owned(), format!("{}/{}", record.stream, record.event.timestamp)));
    row
}

fn fold(aggregates: &[Aggregate], by: &[Key], records: &[&Scanned<'_>]) -> Vec<Row> {
    let mut groups: BTreeMap<Vec<String>, Vec<&Scanned<'_>>> = BTreeMap::new();
    for record in records {
        let key = by.iter().map(|key| match &key.value {
            KeyValue::Field(name) => record.field(name).unwrap_or_default(),
            KeyValue::Bin(span) => calendar(record.event.timestamp.div_euclid(*span) * span),
        });
        groups.entry(key.collect()).or_default().push(record);
    }
    if by.is_empty() {
        groups.entry(Vec::new()).or_default();
    }
    let rows = groups.into_iter().map(|(values, records)| {
        let keys = by.iter().map(|key| key.name.clone()).zip(values);
        let results = aggregates
            .iter()
            .filter_map(|aggregate| Some((aggregate.name.clone(), value(&aggregate.function, &records)?)));
        keys.chain(results).collect()
    });
    rows.collect()
}

fn value(function: &Function, records: &[&Scanned<'_>]) -> Option<String> {
    let numbers =
        |field: &str| -> Vec<f64> { records.iter().filter_map(|record| record.field(field)?.parse().ok()).collect() };
    let sum = |field: &str| numbers(field).iter().sum::<f64>();
    let number = match function {
        Function::Count(None) => records.len() as f64,
        Function::Count(Some(field)) => records.iter().filter(|record| record.field(field).is_some()).count() as f64,
        Function::Sum(field) => sum(field),
        Function::Average(field) if numbers(field).is_empty() => return None,
        Function::Average(field) => sum(field) / numbers(field).len() as f64,
        Function::Minimum(field) => numbers(field).into_iter().reduce(f64::min)?,
        Function::Maximum(field) => numbers(field).into_iter().reduce(f64::max)?,
    };
    Some(number.to_string())
}
