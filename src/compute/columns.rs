//! The columns that came back, found by series.

use crate::answers::{Completeness, SeriesAnswer};
use crate::failure::CallError;
use crate::plan::Plan;
use crate::plan::expr::{Expr, Grid, SeriesId};

/// A plan's answers: one per series.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a> {
    plan: &'a Plan,
    answers: &'a [SeriesAnswer],
}

impl<'a> Columns<'a> {
    pub fn new(plan: &'a Plan, answers: &'a [SeriesAnswer]) -> Self {
        Self { plan, answers }
    }

    /// The values of a series on a grid; NaN where none is known.
    pub fn column(&self, id: SeriesId, grid: Grid) -> Vec<f64> {
        let planned = &self.plan.series[id.0 as usize];
        let wanted = grid.computed();
        // Of a few of the buckets it may be, the newest.
        let ahead = (grid.first() - planned.first) / grid.period.seconds();
        let (skipped, unknown) = (usize::try_from(ahead).unwrap_or(0), usize::try_from(-ahead).unwrap_or(0));
        let known = self.answer(id).map_or(&[][..], |answer| &answer.column.values[..]);
        let available = known.get(skipped..).unwrap_or_default();
        let mut values = Vec::with_capacity(wanted);
        values.resize(unknown.min(wanted), f64::NAN);
        values.extend_from_slice(&available[..(wanted - values.len()).min(available.len())]);
        values.resize(wanted, f64::NAN);
        values
    }

    /// The errors of the series of an expression, each once.
    pub fn errors(&self, expr: &Expr) -> Vec<&'a CallError> {
        let mut errors: Vec<&CallError> = Vec::new();
        expr.visit_series(&mut |id| {
            if let Some(error) = self.answer(id).and_then(|answer| answer.error.as_ref())
                && !errors.contains(&error)
            {
                errors.push(error);
            }
        });
        errors
    }

    /// Whether any value of an expression's series is known, also where asking for the rest failed.
    pub fn has_values(&self, expr: &Expr) -> bool {
        let mut has_values = false;
        expr.visit_series(&mut |id| {
            let values = self.answer(id).map_or(&[][..], |answer| &answer.column.values[..]);
            has_values |= values.iter().any(|value| !value.is_nan());
        });
        has_values
    }

    /// The known values of a series in the buckets that a line shows.
    pub fn shown(&self, id: SeriesId, grid: Grid) -> impl Iterator<Item = f64> {
        let planned = &self.plan.series[id.0 as usize];
        let values = self.answer(id).map_or(&[][..], |answer| &answer.column.values[..]);
        let starts = (0..).map(|bucket| planned.first + bucket * planned.key.period.seconds());
        let is_shown = move |start: i64| (grid.start..grid.end).contains(&start);
        let known = starts.zip(values).filter(move |(start, value)| is_shown(*start) && !value.is_nan());
        known.map(|(_, value)| *value)
    }

    /// The end of the newest bucket of which any series of an expression has a value, in epoch seconds.
    pub fn newest(&self, expr: &Expr) -> Option<i64> {
        let mut newest: Option<i64> = None;
        expr.visit_series(&mut |id| {
            let planned = &self.plan.series[id.0 as usize];
            let known =
                self.answer(id).and_then(|answer| answer.column.values.iter().rposition(|value| !value.is_nan()));
            let end = known.and_then(|index| i64::try_from(index + 1).ok());
            newest = newest.max(end.map(|buckets| planned.first + buckets * planned.key.period.seconds()));
        });
        newest
    }

    /// The worst completeness among the series of an expression.
    pub fn completeness(&self, expr: &Expr) -> Completeness {
        let mut worst = Completeness::Complete;
        expr.visit_series(&mut |id| {
            let found = self.answer(id).map_or(Completeness::Failed, |answer| answer.column.completeness);
            worst = worst.max(found);
        });
        worst
    }

    /// Whether CloudWatch answered for all of an expression. What is kept of a series that failed is complete, and ends
    /// when it was last read.
    pub fn are_read(&self, expr: &Expr) -> bool {
        self.errors(expr).is_empty() && self.completeness(expr) == Completeness::Complete
    }

    /// What CloudWatch says about the series of an expression.
    pub fn messages(&self, expr: &Expr) -> Vec<&'a str> {
        let mut messages = Vec::new();
        expr.visit_series(&mut |id| {
            messages.extend(self.answer(id).and_then(|answer| answer.column.message.as_deref()))
        });
        messages
    }

    fn answer(&self, id: SeriesId) -> Option<&'a SeriesAnswer> {
        self.answers.get(id.0 as usize)
    }
}
