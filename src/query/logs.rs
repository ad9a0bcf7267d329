//! The log of applications: what to look for, and in which form.

use super::error::QueryError;
use super::wire::Fields;
use super::{FactsQuery, Kind, KindRow};
use crate::limits;
use crate::logs::finds::{FINDS, Find, PATTERN_LETTERS, pattern_of};
use crate::logs::record::LogLevel;
use crate::model::log::LogOrder;

pub(super) const KIND: KindRow = KindRow {
    name: "logs",
    fields: &["find", "text", "level", "noise", "order", "limit", "by", "as", "period"],
    // A call each, of which CloudWatch takes few.
    is_prefetched: false,
    parse: |fields, _patterns| Ok(Kind::Facts(FactsQuery::Logs(parse_logs(fields)?))),
};

/// A query about logs.
#[derive(Debug, Clone, PartialEq)]
pub struct LogsQuery {
    pub find: &'static Find,
    pub text: Option<LogText>,
    /// Only lines of this level or a worse one.
    pub level: Option<LogLevel>,
    /// Whether lines that say nothing are shown as well.
    pub noise: bool,
    pub order: LogOrder,
    /// Rows at most.
    pub limit: usize,
    pub shape: LogsShape,
}

/// What a line has to hold beside what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogText {
    /// This very text, in the message or in the stack trace.
    Plain(String),
    /// A filter pattern of CloudWatch Logs, which alone decides.
    Pattern(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogsShape {
    /// Lines; failures as one each.
    Lines,
    /// One row per cause and task.
    Causes,
    /// How many in each period, of each application, and of each level where that is asked for.
    Counts { by_level: bool },
}

impl LogsQuery {
    /// The pattern that narrows what CloudWatch sends; None where all lines have to be read. What two things are looked
    /// for, the text is mostly the rarer one.
    pub fn pattern(&self) -> Option<String> {
        match &self.text {
            Some(LogText::Pattern(pattern)) => Some(pattern.clone()),
            Some(LogText::Plain(text)) => Some(pattern_of(&[text])).filter(|pattern| pattern.len() <= PATTERN_LETTERS),
            None => self.find.pattern(),
        }
    }
}

impl LogText {
    /// Filter patterns begin with a sign that a text to look for hardly ever has (CloudWatch Logs, "Filter pattern
    /// syntax").
    fn read(text: String) -> Self {
        let is_pattern = text.starts_with(['{', '%', '"', '?', '-']);
        if is_pattern { Self::Pattern(text) } else { Self::Plain(text) }
    }
}

fn parse_logs(fields: &Fields) -> Result<LogsQuery, QueryError> {
    let text = fields.shown_text("text", PATTERN_LETTERS)?.filter(|text| !text.is_empty()).map(LogText::read);
    let choices: Vec<(&'static str, &'static Find)> = FINDS.iter().map(|find| (find.name, find)).collect();
    let by_default = match &text {
        Some(_) => "text",
        None => FINDS[0].name,
    };
    let default = Find::of(by_default).unwrap_or(&FINDS[0]);
    let find = fields.choice("find", default, &choices)?;
    if find.name == "text" && text.is_none() {
        let hint = "words to look for, such as \"AccessDenied\", or a filter pattern of CloudWatch Logs";
        return Err(QueryError::Missing { field: "text", hint: hint.to_owned() });
    }
    if let Some(LogText::Pattern(pattern)) = &text
        && find.name != "text"
    {
        let allowed =
            format!("words without a sign of filter patterns before them, beside \"find\": \"{}\"", find.name);
        return Err(QueryError::wrong("text", pattern, allowed));
    }
    let levels = [
        ("all", None),
        ("debug", Some(LogLevel::Debug)),
        ("info", Some(LogLevel::Info)),
        ("warning", Some(LogLevel::Warn)),
        ("error", Some(LogLevel::Error)),
    ];
    let by_level = fields.choice("by", false, &[("application", false), ("level", true)])?;
    let shapes = [("logs", LogsShape::Lines), ("table", LogsShape::Causes), ("series", LogsShape::Counts { by_level })];
    let shape = fields.choice("as", LogsShape::Lines, &shapes)?;
    if shape == LogsShape::Causes && find.name != "failures" {
        let allowed = "\"logs\" or \"series\"; a table has the causes of failures, so it needs \"find\": \"failures\"";
        return Err(QueryError::wrong("as", "table", allowed));
    }
    Ok(LogsQuery {
        find,
        text,
        level: fields.choice("level", None, &levels)?,
        noise: parse_flag(fields, "noise")?,
        order: fields.choice(
            "order",
            LogOrder::Newest,
            &[("newest", LogOrder::Newest), ("oldest", LogOrder::Oldest)],
        )?,
        limit: parse_limit(fields)?,
        shape,
    })
}

fn parse_limit(fields: &Fields) -> Result<usize, QueryError> {
    let Some(found) = fields.integer("limit")? else { return Ok(limits::LOG_LINES_BY_DEFAULT) };
    let limit = usize::try_from(found).ok().filter(|limit| (1..=limits::LOG_LINES).contains(limit));
    limit.ok_or_else(|| QueryError::wrong_thing("limit", found, format!("1 to {}", limits::LOG_LINES)))
}

/// True or false, also as text: variables arrive so.
fn parse_flag(fields: &Fields, field: &'static str) -> Result<bool, QueryError> {
    match fields.value(field) {
        Some(serde_json::Value::Bool(flag)) => Ok(*flag),
        _ => fields.choice(field, false, &[("false", false), ("true", true)]),
    }
}
