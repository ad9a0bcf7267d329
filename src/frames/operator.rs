//! Tasks, operators and subtasks: the best of a ranking, and the table of one row each.

use super::frame::{Field, Frame, Meta, Values, Visualisation};
use super::numbers::{cells, number_fields};
use crate::catalog::names::display;
use crate::compute::View;
use crate::compute::ranking::top_targets;
use crate::plan::Table;
use crate::plan::line::{Ranking, Row, Target};

/// One row per task, operator or subtask.
pub(super) fn frame_operators(view: &View<'_>, table: &Table, ranking: Option<&Ranking>) -> Frame {
    let rows: Vec<&Row> = match ranking {
        None => table.rows.iter().collect(),
        Some(ranking) => top_targets(view, ranking, table.rows.iter().map(|row| &row.target))
            .into_iter()
            .filter_map(|target| table.rows.iter().find(|row| row.target == *target))
            .collect(),
    };
    let text = |name: &str, of: &dyn Fn(&Target) -> Option<String>| {
        let column: Vec<_> = rows.iter().map(|row| of(&row.target)).collect();
        column.iter().any(Option::is_some).then(|| Field::new(name, Values::Text(column)))
    };
    let mut fields: Vec<Field> = Vec::new();
    fields.extend(text("application", &|target| Some(target.application.to_string())));
    fields.extend(text("account", &|target| target.account.as_ref().map(ToString::to_string)));
    fields.extend(text("task", &|target| target.task.as_deref().map(display)));
    fields.extend(text("operator", &|target| target.operator.as_deref().map(display)));
    fields.extend(text("subtask", &|target| target.subtask.as_deref().map(str::to_owned)));
    let cells = cells(view, &rows, table.measures.len());
    fields.extend(number_fields(&table.measures, cells));
    let meta = Meta { preferred: Some(Visualisation::Table), ..Meta::default() };
    Frame { name: "operators".to_owned(), meta, fields }
}
