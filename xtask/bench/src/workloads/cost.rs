//! What a workload costs.

use std::fmt;

use crate::report::median;

#[derive(Clone, Debug, Default)]
pub struct Cost {
    pub data_calls: f64,
    pub other_calls: f64,
    pub billed: f64,
    pub milliseconds: f64,
    pub cpu_milliseconds: f64,
    pub peak_mib: f64,
    /// What else there is to see.
    pub note: String,
}

impl Cost {
    /// Of rounds one after the other: means, and the most memory that any of them took.
    pub fn mean(costs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| costs.iter().map(figure).sum::<f64>() / costs.len().max(1) as f64;
        Self {
            data_calls: of(|cost| cost.data_calls),
            other_calls: of(|cost| cost.other_calls),
            billed: of(|cost| cost.billed),
            milliseconds: of(|cost| cost.milliseconds),
            cpu_milliseconds: of(|cost| cost.cpu_milliseconds),
            peak_mib: costs.iter().map(|cost| cost.peak_mib).fold(0.0, f64::max),
            note: costs.last().map(|cost| cost.note.clone()).unwrap_or_default(),
        }
    }

    /// Of whole runs: the median of each figure.
    pub fn median(costs: &[Self]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(costs.iter().map(figure).collect());
        Self {
            data_calls: of(|cost| cost.data_calls),
            other_calls: of(|cost| cost.other_calls),
            billed: of(|cost| cost.billed),
            milliseconds: of(|cost| cost.milliseconds),
            cpu_milliseconds: of(|cost| cost.cpu_milliseconds),
            peak_mib: of(|cost| cost.peak_mib),
            note: costs.last().map(|cost| cost.note.clone()).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Cost {
    /// The cells of a table's row.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { data_calls, other_calls, billed, milliseconds, cpu_milliseconds, peak_mib, note } = self;
        write!(f, "{data_calls:.1} | {other_calls:.1} | {billed:.0} | {milliseconds:.0} ms | ")?;
        write!(f, "{cpu_milliseconds:.1} ms | {peak_mib:.1} MiB | {note}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_of_all_rounds_and_the_memory_is_the_most() {
        let of = |data_calls: f64, peak_mib: f64| Cost { data_calls, peak_mib, ..Cost::default() };
        let mean = Cost::mean(&[of(1.0, 20.0), of(2.0, 30.0)]);
        assert_eq!((mean.data_calls, mean.peak_mib), (1.5, 30.0));
    }

    #[test]
    fn a_slow_turn_does_not_count() {
        let of = |milliseconds: f64| Cost { milliseconds, ..Cost::default() };
        assert_eq!(Cost::median(&[of(100.0), of(900.0), of(102.0)]).milliseconds, 102.0);
    }
}
