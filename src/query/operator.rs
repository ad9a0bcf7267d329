//! Signals per task, operator or subtask.

use super::error::QueryError;
use super::filter::{self, NameFilter, Names};
use super::patterns::Patterns;
use super::signals::{self, AskedSignal, ChosenBy};
use super::top::{self, Top};
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

fn parse_operator(fields: &Fields, patterns: &mut Patterns) -> Result<OperatorQuery, QueryError> {
    let levels = [("task", Level::Task), ("operator", Level::Operator), ("subtask", Level::Subtask)];
    let level = fields.choice("level", Level::Task, &levels)?;
    let shapes = [("series", OperatorShape::Series), ("table", OperatorShape::Table)];
    let shape = fields.choice("as", OperatorShape::Series, &shapes)?;
    let (signals, chosen_by) = signals::parse_signals(fields, default_signals(level, shape))?;
    Ok(OperatorQuery {
        level,
        tasks: any_if_empty(filter::parse_filters(fields, "tasks", Names::Any, patterns)?),
        operators: any_if_empty(filter::parse_filters(fields, "operators", Names::Any, patterns)?),
        top: top::parse_top(fields, &signals)?,
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
