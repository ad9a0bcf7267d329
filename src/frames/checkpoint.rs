//! The checkpoint summary: latest, minimum, average and maximum per application and quantity.

use super::frame::{Field, Frame, Meta, Values, Visualisation};
use crate::catalog::metric::Unit;
use crate::catalog::signal::Reduce;
use crate::compute::View;
use crate::compute::evaluate::evaluate;
use crate::compute::reduce;
use crate::plan::SummaryRow;
use crate::plan::line::Line;

/// One row per application. Durations are in milliseconds, sizes in bytes, each with its unit on the column.
pub(super) fn frame_summary(view: &View<'_>, rows: &[SummaryRow]) -> Frame {
    let mut applications: Vec<&SummaryRow> = Vec::new();
    for row in rows {
        if !applications.iter().any(|known| known.line.target == row.line.target) {
            applications.push(row);
        }
    }
    let names = applications.iter().map(|row| Some(row.line.target.application.to_string())).collect();
    let mut fields = vec![Field::new("application", Values::Text(names))];
    let mut signals: Vec<(&str, &str, Unit)> = Vec::new();
    for row in rows {
        let measure = &row.line.measure;
        let signal = (&*measure.signal, &*measure.title, measure.unit);
        if !signals.contains(&signal) {
            signals.push(signal);
        }
    }
    for (signal, title, unit) in signals {
        let summaries: Vec<Summary> = applications
            .iter()
            .map(|application| {
                let row = rows
                    .iter()
                    .find(|row| row.line.target == application.line.target && &*row.line.measure.signal == signal);
                row.map_or(Summary::EMPTY, |row| summarise(view, row))
            })
            .collect();
        let columns: [(&str, Pick); 4] = [
            ("latest", |summary| summary.latest),
            ("minimum", |summary| summary.minimum),
            ("average", |summary| summary.average),
            ("maximum", |summary| summary.maximum),
        ];
        for (name, value) in columns {
            let values = summaries.iter().map(value).collect();
            let mut field = Field::new(format!("{title} {name}"), Values::Number(values));
            field.config.unit = Some(unit.grafana().to_owned());
            fields.push(field);
        }
    }
    let meta = Meta { preferred: Some(Visualisation::Table), ..Meta::default() };
    Frame { name: "checkpoint summary".to_owned(), meta, fields }
}

struct Summary {
    latest: f64,
    minimum: f64,
    average: f64,
    maximum: f64,
}

/// One of the four numbers.
type Pick = fn(&Summary) -> f64;

impl Summary {
    const EMPTY: Self = Self { latest: f64::NAN, minimum: f64::NAN, average: f64::NAN, maximum: f64::NAN };
}

fn summarise(view: &View<'_>, row: &SummaryRow) -> Summary {
    let grid = row.line.grid;
    let evaluate = |line: &Line| evaluate(line, view.plan, &view.columns);
    let values = evaluate(&row.line);
    let weights = row.weight.as_ref().map(evaluate);
    Summary {
        latest: reduce::reduce(&values, grid, Reduce::Last),
        minimum: reduce::reduce(&evaluate(&row.lowest), grid, Reduce::Minimum),
        average: average(&evaluate(&row.mean), weights.as_deref()),
        maximum: reduce::reduce(&values, grid, Reduce::Maximum),
    }
}

/// The mean over completed checkpoints; over buckets where completions are not published.
fn average(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let known = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let weight = |index: usize| weights.and_then(|weights| weights.get(index)).copied().filter(|weight| *weight > 0.0);
    let (sum, count) = known.clone().fold((0.0, 0.0), |(sum, count), (index, value)| {
        let weight = weight(index).unwrap_or(0.0);
        (sum + weight * value, count + weight)
    });
    if count > 0.0 {
        return sum / count;
    }
    reduce::mean(&known.map(|(_, value)| *value).collect::<Vec<_>>())
}
