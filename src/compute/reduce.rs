//! One number from the values of a range.

use crate::catalog::signal::Reduce;
use crate::plan::expr::Grid;

/// A value that is older than this at the end of the range is not the latest one any more: what published it is silent.
pub const STALE_SECONDS: i64 = 600;

/// NaN where there is no value. The bucket that is still being filled counts for extremes and sums, not for means; as
/// the newest value it counts only when nothing else is known, for it is not complete.
pub fn reduce(values: &[f64], grid: Grid, how: Reduce) -> f64 {
    let closed = &values[..values.len() - usize::from(grid.open.is_some()).min(values.len())];
    let known = |values: &[f64]| values.iter().copied().filter(|value| !value.is_nan()).collect::<Vec<_>>();
    let last = |values: &[f64]| values.iter().rev().copied().find(|value| !value.is_nan());
    match how {
        Reduce::Last => {
            let recent = &values[values.len() - recent_buckets(grid).min(values.len())..];
            let closed = &recent[..recent.len() - usize::from(grid.open.is_some()).min(recent.len())];
            last(closed).or_else(|| last(recent)).unwrap_or(f64::NAN)
        }
        Reduce::Maximum => known(values).into_iter().fold(f64::NAN, f64::max),
        Reduce::Minimum => known(values).into_iter().fold(f64::NAN, f64::min),
        Reduce::Mean => mean(&known(closed)),
        Reduce::Total => {
            let known = known(values);
            if known.is_empty() { f64::NAN } else { known.iter().sum() }
        }
    }
}

/// So many of the last buckets may hold the latest value: at a long period the open bucket and two before it.
fn recent_buckets(grid: Grid) -> usize {
    usize::try_from(STALE_SECONDS / grid.period.seconds()).unwrap_or(0).max(2) + 1
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
    const OPEN: Grid =
        Grid { start: 0, end: 240, period: Period::MINUTE, lookback: 0, open: Some(180), arriving: None };
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
    fn a_value_of_long_ago_is_not_the_latest() {
        let since = |buckets: usize| [&[7.0][..], &vec![NO; buckets][..]].concat();
        check(Reduce::Last, &since(10), CLOSED, 7.0);
        check(Reduce::Last, &since(11), CLOSED, NO);
        check(Reduce::Maximum, &since(11), CLOSED, 7.0);
        let hourly = Grid { period: Period::HOUR, ..CLOSED };
        check(Reduce::Last, &since(2), hourly, 7.0);
        check(Reduce::Last, &since(3), hourly, NO);
    }

    #[test]
    fn nothing_known_is_no_value_and_not_zero() {
        for how in [Reduce::Last, Reduce::Maximum, Reduce::Minimum, Reduce::Mean, Reduce::Total] {
            check(how, &[NO, NO], CLOSED, NO);
            check(how, &[], OPEN, NO);
        }
    }
}
