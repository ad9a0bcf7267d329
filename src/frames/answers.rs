//! The columns that came back, found by series.

use crate::failure::CallError;
use crate::plan::Plan;
use crate::plan::call::{Completeness, GetMetricDataAnswer};
use crate::plan::expr::{Expr, Grid, SeriesId};

/// A plan's answers: one result per call.
#[derive(Debug, Clone, Copy)]
pub struct Answers<'a> {
    plan: &'a Plan,
    results: &'a [Result<GetMetricDataAnswer, CallError>],
}

impl<'a> Answers<'a> {
    pub fn new(plan: &'a Plan, results: &'a [Result<GetMetricDataAnswer, CallError>]) -> Self {
        Self { plan, results }
    }

    /// The values of a series on a grid; NaN where the call failed or has no such bucket.
    pub fn column(&self, id: SeriesId, grid: Grid) -> Vec<f64> {
        let planned = &self.plan.series[id.0 as usize];
        let wanted = grid.computed();
        let Some((call, position)) = planned.slot else { return vec![f64::NAN; wanted] };
        let Some(Ok(answer)) = self.results.get(call) else { return vec![f64::NAN; wanted] };
        let Some(column) = answer.columns.get(position) else { return vec![f64::NAN; wanted] };
        let start = planned.ask.period.floor(self.plan.calls[call].start);
        let skipped = usize::try_from((grid.first() - start) / grid.period.seconds()).unwrap_or(0);
        let available = column.values.get(skipped..).unwrap_or_default();
        let mut values = Vec::with_capacity(wanted);
        values.extend_from_slice(&available[..wanted.min(available.len())]);
        values.resize(wanted, f64::NAN);
        values
    }

    /// The errors of the calls that an expression needs, each once.
    pub fn errors(&self, expr: &Expr) -> Vec<&'a CallError> {
        let mut errors: Vec<&CallError> = Vec::new();
        expr.visit_series(&mut |id| {
            if let Some((call, _)) = self.plan.series[id.0 as usize].slot
                && let Some(Err(error)) = self.results.get(call)
                && !errors.contains(&error)
            {
                errors.push(error);
            }
        });
        errors
    }

    /// The worst completeness among the series of an expression.
    pub fn completeness(&self, expr: &Expr) -> Completeness {
        let mut worst = Completeness::Complete;
        expr.visit_series(&mut |id| {
            let Some((call, position)) = self.plan.series[id.0 as usize].slot else { return };
            let Some(Ok(answer)) = self.results.get(call) else { return };
            let found = answer.columns.get(position).map_or(Completeness::Failed, |column| column.completeness);
            worst = worst.max(found);
        });
        worst
    }
}
