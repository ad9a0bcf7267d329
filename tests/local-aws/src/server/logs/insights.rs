//! StartQuery, GetQueryResults and StopQuery: queries of Logs Insights that run for a while, then have their rows.
//!
//! The language is a part of AWS's: `fields`, `display`, `filter`, `sort`, `limit`, and `stats` with `count`, `sum`,
//! `avg`, `min` and `max`, by fields and `bin`. Anything else is refused as malformed, never left out.

mod language;
mod parse;
mod rows;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{GroupWire, LogAnswer, LogReader, limited};
use crate::server::counters::Usage;
use crate::server::error::ServiceError;
use crate::server::input;
use crate::server::options::Options;
use crate::world::LogGroup;
use language::Query;
use rows::Outcome;

const MAX_GROUPS: usize = 50;
const MAX_LENGTH: usize = 10_000;
const MAX_ROWS: i64 = 100_000;
const DEFAULT_ROWS: i64 = 10_000;
const PAGE_ROWS: i64 = 10_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartWire {
    query_language: Option<String>,
    log_group_name: Option<String>,
    log_group_names: Option<Vec<String>>,
    log_group_identifiers: Option<Vec<String>>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    query_string: Option<String>,
    limit: Option<i64>,
}

/// The queries of a server, by id.
#[derive(Debug, Default)]
pub struct Queries(Mutex<HashMap<String, Running>>);

/// A query that was started.
#[derive(Debug, Clone)]
struct Running {
    query: Arc<Query>,
    groups: Vec<LogGroup>,
    /// Epoch seconds, both inclusive.
    range: (i64, i64),
    limit: usize,
    started: Instant,
    is_stopped: bool,
    outcome: Option<Arc<Outcome>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Scheduled,
    Running,
    Complete,
    Cancelled,
}

impl Queries {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Running>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, tree: Value) -> Result<(String, ResultsWire, Running), ServiceError> {
        let wire: ResultsWire = input::read(tree)?;
        let id = wire.query_id.clone().unwrap_or_default();
        let running = self.lock().get(&id).cloned();
        let running = running.ok_or_else(|| ServiceError::not_found("The specified query does not exist."))?;
        Ok((id, wire, running))
    }
}

impl Running {
    /// A third of its time a query waits for its turn.
    fn status(&self, options: &Options) -> Status {
        let (takes, elapsed) = (Duration::from_millis(options.insights_ms), self.started.elapsed());
        match elapsed {
            _ if self.is_stopped => Status::Cancelled,
            elapsed if elapsed >= takes => Status::Complete,
            elapsed if elapsed * 3 < takes => Status::Scheduled,
            _ => Status::Running,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a query takes real time, whatever the simulated clock says")]
pub fn start_query(
    tree: Value,
    reader: &LogReader<'_>,
    queries: &Queries,
    options: &Options,
) -> Result<Value, ServiceError> {
    let wire: StartWire = input::read(tree)?;
    let limit = limited("limit", wire.limit, 1, MAX_ROWS)?;
    let text = wire.query_string.as_deref().unwrap_or_default();
    if text.len() > MAX_LENGTH {
        return Err(ServiceError::invalid_parameter(format!("A query string has at most {MAX_LENGTH} characters.")));
    }
    if wire.query_language.as_deref().is_some_and(|language| language != "CWLI") {
        return Err(ServiceError::invalid_parameter("Only queries in Logs Insights QL (CWLI) are simulated."));
    }
    let (Some(start), Some(end)) = (wire.start_time, wire.end_time) else {
        return Err(ServiceError::invalid_parameter("startTime and endTime are required."));
    };
    if start > end {
        return Err(ServiceError::invalid_parameter("The start of a query must not be after its end."));
    }
    let query = parse::parse(text)?;
    let groups = chosen_groups(&wire, reader)?;
    let limit = limit.or(query.limit).unwrap_or(DEFAULT_ROWS).min(MAX_ROWS) as usize;
    let running = Running {
        query: Arc::new(query),
        groups,
        range: (start, end),
        limit,
        started: Instant::now(),
        is_stopped: false,
        outcome: None,
    };
    let mut all = queries.lock();
    let is_open = |running: &&Running| matches!(running.status(options), Status::Scheduled | Status::Running);
    if all.values().filter(is_open).count() >= options.insights_queries {
        return Err(ServiceError::limit_exceeded(format!(
            "Account maximum query concurrency limit of [{}] reached.",
            options.insights_queries
        )));
    }
    let id = format!("20000000-0000-4000-8000-{:012x}", all.len() + 1);
    all.insert(id.clone(), running);
    Ok(json!({ "queryId": id }))
}

fn chosen_groups(wire: &StartWire, reader: &LogReader<'_>) -> Result<Vec<LogGroup>, ServiceError> {
    let by_name = |name: &String| GroupWire { log_group_name: Some(name.clone()), log_group_identifier: None };
    let groups: Vec<LogGroup> = match (&wire.log_group_name, &wire.log_group_names, &wire.log_group_identifiers) {
        (Some(name), None, None) => vec![reader.group(&by_name(name))?],
        (None, Some(names), None) => names.iter().map(|name| reader.group(&by_name(name))).collect::<Result<_, _>>()?,
        (None, None, Some(identifiers)) => {
            identifiers.iter().map(|identifier| reader.group_of_identifier(identifier)).collect::<Result<_, _>>()?
        }
        _ => {
            return Err(ServiceError::invalid_parameter(
                "Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be given.",
            ));
        }
    };
    if groups.is_empty() || groups.len() > MAX_GROUPS {
        return Err(ServiceError::invalid_parameter(format!("A query has 1 to {MAX_GROUPS} log groups.")));
    }
    Ok(groups)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultsWire {
    query_id: Option<String>,
    next_token: Option<String>,
    max_items: Option<i64>,
}

pub fn get_query_results(
    tree: Value,
    reader: &LogReader<'_>,
    queries: &Queries,
    options: &Options,
) -> Result<LogAnswer, ServiceError> {
    let (id, wire, running) = queries.get(tree)?;
    let page_rows = limited("maxItems", wire.max_items, 0, PAGE_ROWS)?.filter(|rows| *rows > 0).unwrap_or(PAGE_ROWS);
    let status = running.status(options);
    let answer = |body: Value, usage: Usage| Ok(LogAnswer { body, range: running.range, usage });
    if matches!(status, Status::Scheduled | Status::Cancelled) {
        let body = json!({"queryLanguage": "CWLI", "results": [], "statistics": statistics(&Outcome::default()), "status": format!("{status:?}")});
        return answer(body, Usage::default());
    }
    let (outcome, is_new) = match &running.outcome {
        Some(outcome) => (Arc::clone(outcome), false),
        None => (Arc::new(rows::run(&running, reader)), true),
    };
    if let Some(kept) = queries.lock().get_mut(&id) {
        kept.outcome = Some(Arc::clone(&outcome));
    }
    let skipped: usize = match wire.next_token.as_deref() {
        None => 0,
        Some(token) => token
            .strip_prefix("rows-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| ServiceError::invalid_parameter("The specified nextToken is invalid."))?,
    };
    // A query that still runs shows a part of its rows.
    let known = if status == Status::Complete { outcome.rows.len() } else { outcome.rows.len() / 2 };
    let page: Vec<&Value> = outcome.rows.iter().take(known).skip(skipped).take(page_rows as usize).collect();
    let next = skipped + page.len();
    let mut body = json!({
        "queryLanguage": "CWLI",
        "results": page,
        "statistics": statistics(&outcome),
        "status": format!("{status:?}"),
    });
    if next < known {
        body["nextToken"] = format!("rows-{next}").into();
    }
    let scanned = if is_new { outcome.bytes_scanned } else { 0 };
    answer(body, Usage { log_bytes_read: scanned, log_bytes_billed: scanned, ..Usage::default() })
}

fn statistics(outcome: &Outcome) -> Value {
    json!({
        "recordsMatched": outcome.records_matched as f64,
        "recordsScanned": outcome.records_scanned as f64,
        "estimatedRecordsSkipped": 0.0,
        "bytesScanned": outcome.bytes_scanned as f64,
        "estimatedBytesSkipped": 0.0,
        "logGroupsScanned": outcome.groups_scanned as f64,
        "resultCount": outcome.rows.len() as f64,
    })
}

pub fn stop_query(tree: Value, queries: &Queries, options: &Options) -> Result<Value, ServiceError> {
    let (id, _, running) = queries.get(tree)?;
    match running.status(options) {
        Status::Scheduled | Status::Running => {
            if let Some(running) = queries.lock().get_mut(&id) {
                running.is_stopped = true;
            }
            Ok(json!({"success": true}))
        }
        Status::Complete | Status::Cancelled => {
            Err(ServiceError::invalid_parameter("Specified query is not in a running state."))
        }
    }
}
