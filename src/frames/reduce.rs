//! One number from the values of a range.

use crate::catalog::signal::Reduce;
use crate::plan::expr::Grid;

/// NaN where there is no value. The bucket that is still being filled counts for extremes and sums, not for means; as the newest
/// value it counts only when nothing else is known, for it is not complete.
pub fn reduce(values: &[f64], grid: Grid, how: Reduce) -> f64 {
    let closed = &values[..values.len() - usize::from(grid.open.is_some()).min(values.len())];
    let known = |values: &[f64]| values.iter().copied().filter(|value| !value.is_nan()).collect::<Vec<_>>();
    let last = |values: &[f64]| values.iter().rev().copied().find(|value| !value.is_nan());
    match how {
        Reduce::Last => last(closed).or_else(|| last(values)).unwrap_or(f64::NAN),
        Reduce::Maximum => known(values).into_iter().fold(f64::NAN, f64::max),
        Reduce::Minimum => known(values).into_iter().fold(f64::NAN, f64::min),
        Reduce::Mean => mean(&known(closed)),
        Reduce::Total => {
            let known = known(values);
            if known.is_empty() { f64::NAN } else { known.iter().sum() }
        }
    }
}

/// NaN of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
