//! Logs as Grafana's panels want them: lines, a table of causes, counts.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::few;
use super::frame::{Field, Frame, FrameKind, Meta, NO_TIME, Values, Visualisation};
use crate::compute::logs::{LogRow, causes, counts, describe_more, rows};
use crate::compute::{AnswerError, explain};
use crate::limits;
use crate::logs::failure::Failed;
use crate::logs::record::{LogLevel, Record};
use crate::notice::{Notice, Severity, count};
use crate::plan::{LogOf, LogView, QueryPlan};
use crate::query::{LogsShape, Origin};

/// The frames of a query about logs. An alert gets all that it asks for or an error.
pub(super) fn frame_logs(query: &QueryPlan, view: &LogView) -> Result<Vec<Frame>, AnswerError> {
    let failed = explain::failed_facts(query);
    let is_alert = query.origin == Origin::Alert;
    if (view.read.is_empty() || is_alert)
        && let Some((error, applications)) = failed.first().cloned()
    {
        return Err(AnswerError::Call { error, applications });
    }
    if is_alert && !query.missing.is_empty() {
        return Err(AnswerError::MissingForAlert { reasons: query.missing.clone() });
    }
    let mut notices = query.notices.clone();
    notices.extend(failed.iter().map(explain::describe_failure));
    notices.extend(query.missing.iter().map(Notice::warning));
    let mut frames = match view.asked.shape {
        LogsShape::Lines => {
            let (rows, has_more) = rows(view);
            notices.extend(has_more.then(|| describe_more(view, rows.len())));
            vec![frame_lines(&rows)]
        }
        LogsShape::Causes => vec![frame_causes(view)],
        LogsShape::Counts { by_level } => frame_counts(query, view, by_level),
    };
    let is_cut = !matches!(view.asked.shape, LogsShape::Lines) && view.read.iter().any(|read| !read.found.is_complete);
    if is_cut {
        notices.push(Notice::warning(
            "There are more lines in this time range than one query reads; the older ones are not counted. Choose a shorter time range.",
        ));
    }
    if is_alert && notices.iter().any(|notice| notice.severity >= Severity::Warning) {
        return Err(AnswerError::PartialForAlert { notices: few(notices) });
    }
    if let Some(first) = frames.first_mut() {
        first.meta.notices = few(notices);
        first.meta.executed_query = Some(describe_execution(view));
    }
    Ok(frames)
}

/// What was asked, for the query inspector.
fn describe_execution(view: &LogView) -> String {
    let describe = |LogOf { asked, found }: &LogOf| {
        let pattern = asked.pattern.as_deref().map_or(String::new(), |pattern| format!(" filterPattern={pattern}"));
        format!(
            "FilterLogEvents: {}, {}\n  {} {} {}..{}{pattern}",
            count(found.calls, "call"),
            count(found.lines.len() as u64, "line"),
            asked.stream.group,
            asked.stream.stream,
            asked.first_ms,
            asked.last_ms,
        )
    };
    let text = view.read.iter().map(describe).collect::<Vec<_>>().join("\n");
    limits::cut(&text, limits::EXECUTED_BYTES).into_owned()
}

fn frame_lines(rows: &[LogRow<'_>]) -> Frame {
    let text = |of: fn(&LogRow<'_>) -> String| Values::Text(rows.iter().map(|row| Some(of(row))).collect());
    let times: Arc<[i64]> = rows.iter().map(|row| row.record.time_ms).collect();
    let labels = rows.iter().map(|row| Some(Value::Object(labels(row)).to_string())).collect();
    let meta = Meta { kind: FrameKind::LogLines, preferred: Some(Visualisation::Logs), ..Meta::default() };
    Frame {
        name: "logs".to_owned(),
        meta,
        fields: vec![
            Field::new("timestamp", Values::TimeMs(times)),
            Field::new("body", text(|row| body(&row.record))),
            Field::new("severity", text(|row| row.record.severity().name().to_owned())),
            Field::new("id", text(|row| row.record.id.clone())),
            Field::new("labels", Values::Json(labels)),
        ],
    }
}

/// The message, and the stack trace below it.
fn body(record: &Record) -> String {
    match &record.throwable {
        Some(trace) if !trace.starts_with(&record.message) => format!("{}\n{trace}", record.message),
        Some(trace) => trace.clone(),
        None => record.message.clone(),
    }
}

fn labels(row: &LogRow<'_>) -> Map<String, Value> {
    let record = &row.record;
    let mut labels = Map::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            labels.insert(name.to_owned(), value.into());
        }
    };
    add("application", Some(row.application.to_string()));
    if let Some(failure) = &row.failure {
        if let Failed::Task { task, subtask, parallelism, attempt, task_manager } = &failure.what {
            add("task", Some(task.clone()));
            add("subtask", Some(format!("{subtask}/{parallelism}")));
            add("attempt", attempt.map(|attempt| attempt.to_string()));
            add("taskManager", task_manager.clone());
        }
        add("cause", failure.cause.as_ref().map(|cause| cause.class.clone()));
    }
    add("errorCode", record.error_code.clone());
    add("logger", record.logger.clone());
    add("thread", record.thread.clone());
    add("version", record.version.clone());
    add("stream", Some(record.stream.to_string()));
    labels
}

fn frame_causes(view: &LogView) -> Frame {
    let rows = causes(view);
    let text = |of: &dyn Fn(usize) -> Option<String>| Values::Text((0..rows.len()).map(of).collect());
    let times = |of: &dyn Fn(usize) -> i64| Values::TimeMs((0..rows.len()).map(of).collect());
    let cause = |row: usize| rows[row].1.cause.as_ref();
    let class = |row: usize| cause(row).map(|cause| cause.class.clone());
    let message = |row: usize| cause(row).map(|cause| cause.message.clone());
    let counts = rows.iter().map(|(_, row)| row.count as f64).collect();
    let subtasks = rows.iter().map(|(_, row)| row.subtasks.len() as f64).collect();
    let meta = Meta { preferred: Some(Visualisation::Table), ..Meta::default() };
    Frame {
        name: "causes".to_owned(),
        meta,
        fields: vec![
            Field::new("application", text(&|row| Some(rows[row].0.to_string()))),
            Field::new("cause", text(&class)),
            Field::new("message", text(&message)),
            Field::new("task", text(&|row| rows[row].1.task.clone())),
            Field::new("first", times(&|row| rows.get(row).map_or(NO_TIME, |(_, row)| row.first_ms))),
            Field::new("last", times(&|row| rows.get(row).map_or(NO_TIME, |(_, row)| row.last_ms))),
            Field::new("count", Values::Number(counts)),
            Field::new("subtasks", Values::Number(subtasks)),
        ],
    }
}

/// A line for each application, or for each level of it.
fn frame_counts(query: &QueryPlan, view: &LogView, by_level: bool) -> Vec<Frame> {
    let step_ms = view.grid.period.seconds() * 1000;
    let mut times: Option<Arc<[i64]>> = None;
    let counts = counts(view, by_level);
    let frames = counts.into_iter().map(|((application, level), values)| {
        let times = times
            .get_or_insert_with(|| (0..values.len() as i64).map(|bucket| view.first_ms + bucket * step_ms).collect());
        let mut time = Field::new("time", Values::TimeMs(Arc::clone(times)));
        time.config.interval_ms = Some(step_ms as f64);
        let mut value = Field::new("value", Values::Number(values));
        value.labels.insert("application".to_owned(), application.to_string());
        value.labels.insert("region".to_owned(), query.place.region.to_string());
        value.labels.extend(level.map(|level| ("level".to_owned(), level.name().to_owned())));
        let legend = legend(application.as_str(), level, view);
        value.config.display_name_from_ds = Some(legend.clone());
        value.config.description = Some(view.asked.find.sentence.to_owned());
        value.config.unit = Some("short".to_owned());
        value.config.decimals = Some(0);
        let custom = Map::from_iter([("periodSeconds".to_owned(), view.grid.period.seconds().into())]);
        let meta = Meta {
            kind: FrameKind::TimeSeriesMulti,
            preferred: Some(Visualisation::Graph),
            custom: Some(custom),
            ..Meta::default()
        };
        Frame { name: legend, meta, fields: vec![time, value] }
    });
    let frames: Vec<Frame> = frames.collect();
    if frames.is_empty() { vec![super::series::empty_frame()] } else { frames }
}

fn legend(application: &str, level: Option<LogLevel>, view: &LogView) -> String {
    match level {
        Some(level) => format!("{application} {}", level.name()),
        None => format!("{application} {}", view.asked.find.title.to_lowercase()),
    }
}
