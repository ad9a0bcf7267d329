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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Period;

    const NO: f64 = f64::NAN;

    /// The last bucket is still being filled.
    const OPEN: Grid = Grid { start: 0, end: 240, period: Period::MINUTE, lookback: 0, open: Some(180) };
    const CLOSED: Grid = Grid { open: None, ..OPEN };

    fn check(how: Reduce, values: &[f64], grid: Grid, expected: f64) {
        let reduced = reduce(values, grid, how);
        assert!(reduced == expected || (reduced.is_nan() && expected.is_nan()), "{how:?} {values:?}: {reduced}");
    }

    #[test]
    fn the_open_bucket_counts_for_extremes_and_sums_only() {
        let values = [4.0, NO, 2.0, 1.0];
        for (how, open, closed) in [
            (Reduce::Last, 2.0, 1.0),
            (Reduce::Maximum, 4.0, 4.0),
            (Reduce::Minimum, 1.0, 1.0),
            (Reduce::Mean, 3.0, 7.0 / 3.0),
            (Reduce::Total, 7.0, 7.0),
        ] {
            check(how, &values, OPEN, open);
            check(how, &values, CLOSED, closed);
        }
    }

    #[test]
    fn the_open_bucket_is_the_newest_value_when_nothing_else_is_known() {
        check(Reduce::Last, &[NO, NO, NO, 5.0], OPEN, 5.0);
        check(Reduce::Mean, &[NO, NO, NO, 5.0], OPEN, NO);
    }

    #[test]
    fn nothing_known_is_no_value_and_not_zero() {
        for how in [Reduce::Last, Reduce::Maximum, Reduce::Minimum, Reduce::Mean, Reduce::Total] {
            check(how, &[NO, NO], CLOSED, NO);
            check(how, &[], OPEN, NO);
        }
    }
}
