//! Numbers as columns: their unit, limits and colours, and the cells of tables.

use std::sync::Arc;

use super::frame::{Config, Field, Thresholds, Values};
use crate::catalog::metric::{Better, Unit};
use crate::catalog::signal::{State, Threshold};
use crate::compute::View;
use crate::compute::evaluate::evaluate;
use crate::compute::reduce::reduce;
use crate::plan::line::{Line, Measure, Row};

/// Unit, limits and colours of a number whose good side is known.
pub(super) fn unit_config(unit: Unit, (thresholds, good): (&[Threshold], Better)) -> Config {
    Config {
        unit: Some(unit.grafana().to_owned()),
        min: (unit == Unit::Ratio).then_some(0.0),
        thresholds: frame_thresholds(thresholds, good),
        ..Config::default()
    }
}

/// Grafana's steps rise; a signal that is good when high has its bad side first.
fn frame_thresholds(thresholds: &[Threshold], good: Better) -> Option<Thresholds> {
    let last = thresholds.last()?;
    let color = |state: State| {
        match state {
            State::Ok => "green",
            State::Warning => "orange",
            State::Critical => "red",
        }
        .to_owned()
    };
    if good != Better::Higher {
        let steps = thresholds.iter().map(|threshold| (threshold.value, color(threshold.state))).collect();
        return Some(Thresholds { base: color(State::Ok), steps });
    }
    // Below the last value it is worst; each value upwards begins the state of the one above it.
    let base = color(last.state);
    let above = std::iter::once(State::Ok).chain(thresholds.iter().map(|threshold| threshold.state));
    let mut steps: Vec<_> =
        thresholds.iter().zip(above).map(|(threshold, state)| (threshold.value, color(state))).collect();
    steps.reverse();
    Some(Thresholds { base, steps })
}

/// The reduced values, column by column.
pub(super) fn cells(view: &View<'_>, rows: &[&Row], columns: usize) -> Vec<Vec<f64>> {
    let mut cells = vec![Vec::with_capacity(rows.len()); columns];
    for row in rows {
        for (column, cell) in cells.iter_mut().zip(row_cells(row, &row_values(view, row))) {
            column.push(cell);
        }
    }
    cells
}

/// The values of a row's lines; nothing where the target cannot have them.
pub(super) fn row_values(view: &View<'_>, row: &Row) -> Vec<Vec<f64>> {
    let values = |cell: &Option<Line>| cell.as_ref().map(|line| evaluate(line, view.plan, &view.columns));
    row.cells.iter().map(|cell| values(cell).unwrap_or_default()).collect()
}

/// The values of a row, each line's as one number.
pub(super) fn row_cells<'r>(row: &'r Row, values: &'r [Vec<f64>]) -> impl Iterator<Item = f64> + 'r {
    let cell = |(cell, values): (&Option<Line>, &Vec<f64>)| match cell {
        Some(line) => reduce(values, line.grid, line.measure.reduce),
        None => f64::NAN,
    };
    row.cells.iter().zip(values).map(cell)
}

/// A number column per measure, named by its title.
pub(super) fn number_fields(measures: &[Arc<Measure>], cells: Vec<Vec<f64>>) -> Vec<Field> {
    let field = |(measure, values): (&Arc<Measure>, Vec<f64>)| {
        let mut field = Field::new(measure.title.to_string(), Values::Number(values));
        field.config = unit_config(measure.unit, (measure.thresholds, measure.better));
        field.config.description = Some(measure.description.to_string());
        field
    };
    measures.iter().zip(cells).map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(good: Better, thresholds: &[(f64, State)]) -> (String, Vec<(f64, String)>) {
        let rows: Vec<Threshold> =
            thresholds.iter().map(|(value, state)| Threshold { value: *value, state: *state }).collect();
        let made = frame_thresholds(&rows, good).unwrap();
        (made.base, made.steps)
    }

    fn colored(base: &str, steps: &[(f64, &str)]) -> (String, Vec<(f64, String)>) {
        (base.to_owned(), steps.iter().map(|(value, color)| (*value, (*color).to_owned())).collect())
    }

    #[test]
    fn thresholds_rise_whichever_side_is_good() {
        let (up, down, warning, critical) = (Better::Higher, Better::Lower, State::Warning, State::Critical);
        let rising = colored("green", &[(0.1, "orange"), (0.5, "red")]);
        assert_eq!(steps(down, &[(0.1, warning), (0.5, critical)]), rising);
        let falling = colored("red", &[(0.5, "orange"), (0.9, "green")]);
        assert_eq!(steps(up, &[(0.9, warning), (0.5, critical)]), falling);
        assert_eq!(steps(down, &[(0.8, warning)]), colored("green", &[(0.8, "orange")]));
        assert_eq!(steps(up, &[(0.0, warning)]), colored("orange", &[(0.0, "green")]));
        assert!(frame_thresholds(&[], Better::Higher).is_none());
    }
}
