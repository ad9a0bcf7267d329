//! Lines: one frame per series, a time column and a value column with labels.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::frame::{Config, Field, Frame, FrameKind, Meta, Values, Visualisation};
use super::names;
use super::numbers::unit_config;
use crate::compute::View;
use crate::compute::evaluate::{evaluate, evaluate_all};
use crate::compute::no_value::Lines;
use crate::compute::ranking::keep_top;
use crate::compute::stopped;
use crate::plan::expr::Grid;
use crate::plan::late_periods;
use crate::plan::line::{Line, Ranking};
use crate::query::Origin;

/// One frame per line that has any value, and which lines have one; a single empty frame when none has. An alert gets
/// the lines without values too, as nulls: a line that is not there would count as resolved, one of nulls as "no data"
/// under its own labels.
pub(super) fn frame_lines<'l>(
    view: &View<'_>,
    lines: &'l [Line],
    ranking: Option<&'l Ranking>,
) -> (Vec<Frame>, Lines<'l>) {
    let kept = keep_top(view, lines, ranking);
    let legends = names::legends(&kept, view.query.legend.as_deref());
    let mut times = Times::default();
    let mut frames = Vec::with_capacity(kept.len());
    let mut framed = Lines::default();
    for (line, legend) in kept.into_iter().zip(legends) {
        let mut grid = line.grid;
        let mut values = evaluate(line, view.plan, &view.columns);
        framed.add(line, &values);
        match view.query.origin {
            Origin::Panel if values.iter().all(|value| value.is_nan()) => continue,
            Origin::Panel => stopped::end_at_zero(view, line, &mut values),
            Origin::Alert => {
                (grid, values) = reach_back(view, line, values);
                drop_late(&mut values, grid);
            }
        }
        frames.push(frame_line(view, line, grid, values, &mut times, legend));
    }
    if frames.is_empty() {
        frames.push(empty_frame());
    }
    (frames, framed)
}

fn frame_line(view: &View<'_>, line: &Line, grid: Grid, values: Vec<f64>, times: &mut Times, legend: String) -> Frame {
    let mut time = Field::new("time", Values::TimeMs(times.of(grid, values.len())));
    time.config.interval_ms = Some(grid.period.seconds() as f64 * 1000.0);
    let mut value = Field::new("value", Values::Number(values));
    value.labels = names::labels(line, view.query.measure_labels);
    value.config = config(line, legend.clone());
    let meta = Meta {
        kind: FrameKind::TimeSeriesMulti,
        preferred: Some(Visualisation::Graph),
        custom: Some(custom(line)),
        ..Meta::default()
    };
    Frame { name: legend, meta, fields: vec![time, value] }
}

fn config(line: &Line, legend: String) -> Config {
    let measure = &line.measure;
    Config {
        description: Some(measure.description.to_string()),
        display_name_from_ds: Some(legend),
        ..unit_config(measure.unit, (measure.thresholds, measure.better))
    }
}

fn custom(line: &Line) -> Map<String, Value> {
    let grid = line.grid;
    let mut custom = Map::new();
    // Where it is no label, annotations still say what they mark.
    custom.insert("signal".to_owned(), line.measure.signal.as_ref().into());
    custom.insert("periodSeconds".to_owned(), grid.period.seconds().into());
    if let Some(open) = grid.open {
        custom.insert("openBucketMs".to_owned(), (open * 1000).into());
    }
    custom
}

/// A frame of this kind without a column is Grafana's "no data". One with columns and no rows would be a series without
/// labels: of that an alert that counts values gets 0, and fires for nobody.
pub(super) fn empty_frame() -> Frame {
    let meta = Meta { kind: FrameKind::TimeSeriesMulti, ..Meta::default() };
    Frame { meta, ..Frame::default() }
}

/// Of a rule over a minute or two every bucket may still be arriving, at each of its evaluations. It gets those before
/// them too, back to the first that is complete.
fn reach_back(view: &View<'_>, line: &Line, values: Vec<f64>) -> (Grid, Vec<f64>) {
    let grid = line.grid;
    let is_settled = grid.arriving.is_none_or(|arriving| arriving.from > grid.start);
    if is_settled || values.iter().any(|value| !value.is_nan()) {
        return (grid, values);
    }
    let late = late_periods(grid.period);
    let all = evaluate_all(line, view.plan, &view.columns);
    for buckets in 1..=grid.lookback.min(late) {
        let wider = &all[all.len() - values.len() - usize::try_from(buckets).unwrap_or(0)..];
        if wider.iter().any(|value| !value.is_nan()) {
            let (start, lookback) = (grid.start - buckets * grid.period.seconds(), grid.lookback - buckets);
            return (Grid { start, lookback, ..grid }, wider.to_vec());
        }
    }
    (grid, values)
}

/// An alert that reads the last value must not stumble over the nulls of what is late; older ones are real gaps. Where
/// there is nothing but nulls they stay: a line without rows would be a 0 of a rule that counts or sums.
fn drop_late(values: &mut Vec<f64>, grid: Grid) {
    if values.iter().all(|value| value.is_nan()) {
        return;
    }
    let mut left = late_periods(grid.period);
    while left > 0 && values.last().is_some_and(|value| value.is_nan()) {
        values.pop();
        left -= 1;
    }
}

/// Time columns, one for all lines of a grid.
#[derive(Default)]
struct Times(HashMap<(Grid, usize), Arc<[i64]>>);

impl Times {
    fn of(&mut self, grid: Grid, length: usize) -> Arc<[i64]> {
        let step = grid.period.seconds() * 1000;
        let times = self.0.entry((grid, length)).or_insert_with(|| {
            (0..length).scan(grid.start * 1000, |time, _| Some(std::mem::replace(time, *time + step))).collect()
        });
        times.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Period;

    #[test]
    fn an_alert_does_not_stumble_over_what_is_late() {
        let check = |period: Period, nulls: usize, left: usize| {
            let mut values = vec![1.0; 10 - nulls];
            values.resize(10, f64::NAN);
            drop_late(
                &mut values,
                Grid { start: 0, end: 10 * period.seconds(), period, lookback: 0, open: None, arriving: None },
            );
            assert_eq!(values.len(), left, "{nulls} nulls at {period:?}");
        };
        check(Period::MINUTE, 0, 10);
        check(Period::MINUTE, 2, 8);
        check(Period::MINUTE, 3, 7);
        // The fourth is a real gap.
        check(Period::MINUTE, 4, 7);
        check(Period::HOUR, 1, 9);
        check(Period::HOUR, 2, 9);
    }

    #[test]
    fn an_alert_gets_nulls_instead_of_no_rows() {
        for (period, buckets) in [(Period::MINUTE, 1), (Period::MINUTE, 3), (Period::MINUTE, 10), (Period::HOUR, 1)] {
            let mut values = vec![f64::NAN; buckets];
            let end = buckets as i64 * period.seconds();
            drop_late(&mut values, Grid { start: 0, end, period, lookback: 0, open: None, arriving: None });
            assert_eq!(values.len(), buckets, "{period:?}");
        }
    }

    #[test]
    fn lines_of_one_grid_share_their_times() {
        let grid = Grid { start: 600, end: 720, period: Period::MINUTE, lookback: 0, open: None, arriving: None };
        let mut times = Times::default();
        let first = times.of(grid, 2);
        assert_eq!(&*first, [600_000, 660_000]);
        assert!(Arc::ptr_eq(&first, &times.of(grid, 2)));
        assert_eq!(times.of(grid, 1).len(), 1);
    }
}
