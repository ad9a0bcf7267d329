//! Lines: one frame per series, a time column and a value column with labels.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::View;
use super::evaluate::evaluate;
use super::frame::{Config, Field, Frame, FrameKind, Meta, Thresholds, Values, Visualisation};
use super::names::{self, Differences};
use super::operator;
use super::reduce::mean;
use crate::catalog::metric::{Good, Unit};
use crate::catalog::signal::{State, Threshold};
use crate::plan::expr::Grid;
use crate::plan::line::{Line, Ranking};
use crate::query::Origin;

/// One frame per line that has any value; a single empty frame when none has.
pub(super) fn frame_lines(view: &View<'_>, lines: &[Line], ranking: Option<&Ranking>) -> Vec<Frame> {
    let kept = operator::keep_top(view, lines, ranking);
    let differences = Differences::of(&kept);
    let mut times = Times::default();
    let mut frames = Vec::with_capacity(kept.len());
    for line in kept {
        let mut values = evaluate(line, view.plan, &view.answers);
        if values.iter().all(|value| value.is_nan()) {
            continue;
        }
        if view.query.origin == Origin::Alert {
            drop_late(&mut values, line.grid);
        }
        frames.push(frame_line(view, line, values, (&mut times, &differences)));
    }
    if frames.is_empty() {
        frames.push(empty_frame());
    }
    frames
}

fn frame_line(
    view: &View<'_>,
    line: &Line,
    values: Vec<f64>,
    (times, differences): (&mut Times, &Differences),
) -> Frame {
    let legend = names::legend(line, view.query.legend.as_deref(), differences);
    let mut time = Field::new("time", Values::TimeMs(times.of(line.grid, values.len())));
    time.config.interval_ms = Some(line.grid.period.seconds() as f64 * 1000.0);
    let mut value = Field::new("value", Values::Number(values));
    value.labels = names::labels(line);
    value.config = config(line, legend.clone());
    let meta = Meta {
        kind: FrameKind::TimeSeriesMulti,
        preferred: Some(Visualisation::Graph),
        custom: Some(custom(line.grid)),
        ..Meta::default()
    };
    Frame { name: legend, meta, fields: vec![time, value] }
}

fn config(line: &Line, legend: String) -> Config {
    let measure = &line.measure;
    Config {
        description: Some(measure.description.to_string()),
        display_name_from_ds: Some(legend),
        ..unit_config(measure.unit, (measure.thresholds, measure.good))
    }
}

/// Unit, limits and colours of a number whose good side is known.
pub(super) fn unit_config(unit: Unit, (thresholds, good): (&[Threshold], Good)) -> Config {
    Config {
        unit: Some(unit.grafana().to_owned()),
        min: (unit == Unit::Ratio).then_some(0.0),
        thresholds: frame_thresholds(thresholds, good),
        ..Config::default()
    }
}

/// Grafana's steps rise; a signal that is good when high has its bad side first.
fn frame_thresholds(thresholds: &[Threshold], good: Good) -> Option<Thresholds> {
    let last = thresholds.last()?;
    let color = |state: State| {
        match state {
            State::Ok => "green",
            State::Warning => "orange",
            State::Critical => "red",
        }
        .to_owned()
    };
    if good != Good::Up {
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

fn custom(grid: Grid) -> Map<String, Value> {
    let mut custom = Map::new();
    custom.insert("periodSeconds".to_owned(), grid.period.seconds().into());
    if let Some(open) = grid.open {
        custom.insert("openBucketMs".to_owned(), (open * 1000).into());
    }
    custom
}

/// A frame with columns and no rows: alerts read it as "no data", not as an error.
fn empty_frame() -> Frame {
    let time = Field::new("time", Values::TimeMs(Arc::from([])));
    let value = Field::new("value", Values::Number(Vec::new()));
    let meta = Meta { kind: FrameKind::TimeSeriesMulti, ..Meta::default() };
    Frame { name: String::new(), meta, fields: vec![time, value] }
}

/// CloudWatch publishes a minute up to three minutes late. An alert that reads the last value must not stumble over these
/// nulls; older ones are real gaps.
const LATE_SECONDS: i64 = 180;

fn drop_late(values: &mut Vec<f64>, grid: Grid) {
    let mut left = (LATE_SECONDS / grid.period.seconds()).max(1);
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

/// The targets with the highest mean.
pub(super) fn ranked_targets(view: &View<'_>, ranking: &Ranking) -> Vec<usize> {
    let mut ranked: Vec<(usize, f64)> = ranking
        .by
        .iter()
        .map(|line| {
            let known: Vec<f64> =
                evaluate(line, view.plan, &view.answers).into_iter().filter(|value| !value.is_nan()).collect();
            mean(&known)
        })
        .enumerate()
        .filter(|(_, mean)| !mean.is_nan())
        .collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    ranked.into_iter().take(ranking.count).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Period;

    fn steps(good: Good, thresholds: &[(f64, State)]) -> (String, Vec<(f64, String)>) {
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
        let (up, down, warning, critical) = (Good::Up, Good::Down, State::Warning, State::Critical);
        let rising = colored("green", &[(0.1, "orange"), (0.5, "red")]);
        assert_eq!(steps(down, &[(0.1, warning), (0.5, critical)]), rising);
        let falling = colored("red", &[(0.5, "orange"), (0.9, "green")]);
        assert_eq!(steps(up, &[(0.9, warning), (0.5, critical)]), falling);
        assert_eq!(steps(down, &[(0.8, warning)]), colored("green", &[(0.8, "orange")]));
        assert_eq!(steps(up, &[(0.0, warning)]), colored("orange", &[(0.0, "green")]));
        assert!(frame_thresholds(&[], Good::Up).is_none());
    }

    #[test]
    fn an_alert_does_not_stumble_over_what_is_late() {
        let check = |period: Period, nulls: usize, left: usize| {
            let mut values = vec![1.0; 10 - nulls];
            values.resize(10, f64::NAN);
            drop_late(&mut values, Grid { start: 0, end: 10 * period.seconds(), period, lookback: 0, open: None });
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
    fn lines_of_one_grid_share_their_times() {
        let grid = Grid { start: 600, end: 720, period: Period::MINUTE, lookback: 0, open: None };
        let mut times = Times::default();
        let first = times.of(grid, 2);
        assert_eq!(&*first, [600_000, 660_000]);
        assert!(Arc::ptr_eq(&first, &times.of(grid, 2)));
        assert_eq!(times.of(grid, 1).len(), 1);
    }
}
