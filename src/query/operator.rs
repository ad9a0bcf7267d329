//! Signals per task, operator or subtask.

use super::application::{self, AskedSignal, ChosenBy};
use super::error::QueryError;
use super::filter::{self, NameFilter, Names};
use super::patterns::Patterns;
use super::wire::Fields;
use super::{Kind, KindRow};

pub(super) const KIND: KindRow = KindRow {
    name: "operator",
    fields: &["signals", "as", "level", "tasks", "operators", "top", "statistic", "period", "legend"],
    is_prefetched: true,
    parse: |fields, patterns| Ok(Kind::Operator(parse_operator(fields, patterns)?)),
};

/// An operator query.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorQuery {
    pub level: Level,
    /// At least one.
    pub tasks: Vec<NameFilter>,
    /// At least one; restricts nothing at level `Task`.
    pub operators: Vec<NameFilter>,
    /// At least one.
    pub signals: Vec<AskedSignal>,
    pub chosen_by: ChosenBy,
    pub top: Option<Top>,
    pub shape: OperatorShape,
}

/// What one line or row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Task,
    Operator,
    Subtask,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorShape {
    Series,
    Table,
}

/// Keep the `count` applications, tasks, operators or subtasks with the highest mean of `by`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Top {
    pub count: usize,
    pub by: AskedSignal,
}

/// More lines than this cannot be read, and cost without use.
const TOP_LIMIT: i64 = 500;

fn parse_operator(fields: &Fields, patterns: &mut Patterns) -> Result<OperatorQuery, QueryError> {
    let levels = [("task", Level::Task), ("operator", Level::Operator), ("subtask", Level::Subtask)];
    let level = fields.choice("level", Level::Task, &levels)?;
    let shapes = [("series", OperatorShape::Series), ("table", OperatorShape::Table)];
    let shape = fields.choice("as", OperatorShape::Series, &shapes)?;
    let (signals, chosen_by) = application::parse_signals(fields, default_signals(level, shape))?;
    Ok(OperatorQuery {
        level,
        tasks: any_if_empty(filter::parse_filters(fields, "tasks", Names::Any, patterns)?),
        operators: any_if_empty(filter::parse_filters(fields, "operators", Names::Any, patterns)?),
        top: parse_top(fields, &signals)?,
        signals,
        chosen_by,
        shape,
    })
}

/// Busy and back-pressured time exist per task and subtask; per operator Flink counts records only.
fn default_signals(level: Level, shape: OperatorShape) -> &'static [&'static str] {
    match (level, shape) {
        (Level::Operator, OperatorShape::Series) => &["recordsInRate", "recordsOutRate"],
        (Level::Operator, OperatorShape::Table) => &["recordsInRate", "recordsOutRate", "selectivity", "watermarkLag"],
        (Level::Task | Level::Subtask, OperatorShape::Series) => &["busy", "backPressure"],
        (Level::Task, OperatorShape::Table) => {
            &["busy", "backPressure", "idle", "recordsInRate", "recordsOutRate", "selectivity", "skew", "watermarkLag"]
        }
        (Level::Subtask, OperatorShape::Table) => {
            &["busy", "backPressure", "idle", "recordsInRate", "recordsOutRate", "selectivity", "watermarkLag"]
        }
    }
}

fn any_if_empty(filters: Vec<NameFilter>) -> Vec<NameFilter> {
    if filters.is_empty() { vec![NameFilter::Any] } else { filters }
}

pub(super) fn parse_top(fields: &Fields, signals: &[AskedSignal]) -> Result<Option<Top>, QueryError> {
    let Some(top) = fields.object("top")? else { return Ok(None) };
    top.allow(&["top.count", "top.by"])?;
    let Some(count) = top.integer("top.count")? else {
        let is_empty = !top.has_any(&["top.count", "top.by"]);
        let hint = format!("how many are kept, 1 to {TOP_LIMIT}");
        return if is_empty { Ok(None) } else { Err(QueryError::Missing { field: "top.count", hint }) };
    };
    if !(1..=TOP_LIMIT).contains(&count) {
        return Err(QueryError::wrong_thing("top.count", count, format!("1 to {TOP_LIMIT}")));
    }
    let by = match top.text("top.by")?.filter(|by| !by.is_empty()) {
        Some(name) => application::parse_signal("top.by", &name)?,
        None => *signals.first().ok_or_else(|| QueryError::wrong("top.by", "", "the id of a signal"))?,
    };
    Ok(usize::try_from(count).ok().map(|count| Top { count, by }))
}
