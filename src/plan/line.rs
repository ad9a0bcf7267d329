//! What is shown for a query: lines, or cells of a table, each an expression with its names and units.

use std::borrow::Cow;
use std::sync::Arc;

use super::expr::{Expr, Grid};
use crate::catalog::metric::{Better, Unit};
use crate::catalog::signal::{Reduce, Threshold};
use crate::place::{AccountId, ApplicationName, Region};

/// What a line or row is about. Names are CloudWatch's; `frames` makes them readable.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    pub application: ApplicationName,
    pub account: Option<AccountId>,
    pub region: Region,
    pub task: Option<Arc<str>>,
    pub operator: Option<Arc<str>>,
    pub subtask: Option<Arc<str>>,
    /// Dimensions of a metric query beside those above, and those above where the dimension has a rarer spelling.
    pub dimensions: Vec<(Arc<str>, Arc<str>)>,
}

/// A number to show: what it is called, how it is written, how it is computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// The id of the signal, or the name of the metric.
    pub signal: Cow<'static, str>,
    pub title: Cow<'static, str>,
    pub description: Cow<'static, str>,
    /// Named where the author chose it, or where the metric is shown as it is.
    pub statistic: Option<Arc<str>>,
    pub unit: Unit,
    pub thresholds: &'static [Threshold],
    pub better: Better,
    pub reduce: Reduce,
}

#[cfg(test)]
impl Measure {
    /// One with nothing but a name.
    pub(crate) fn named(signal: &str) -> Self {
        Self {
            title: signal.to_uppercase().into(),
            signal: signal.to_owned().into(),
            description: "".into(),
            statistic: None,
            unit: Unit::None,
            thresholds: &[],
            better: Better::Neutral,
            reduce: Reduce::Last,
        }
    }
}

/// Which names of a measure are labels of its line: those in which the numbers that one query asks for differ. Where
/// all share a name it is no label, so that an expression may join the lines of two queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MeasureLabels {
    pub signal: bool,
    pub statistic: bool,
}

/// One line, or one cell before it is summed up.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub target: Target,
    pub measure: Arc<Measure>,
    pub grid: Grid,
    pub expr: Expr,
}

/// One row of a table: the target's names, known values, and lines to sum up, in the order of the table's measures.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub target: Target,
    /// None where the target cannot have this number.
    pub cells: Vec<Option<Line>>,
}

/// Keep the targets with the highest mean of these lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    pub count: usize,
    pub by: Vec<Line>,
}
