//! What AWS charges for reading metrics.

/// Dollars per metric that GetMetricData is asked for: $0.01 per 1,000 in most regions, whatever the period and the
/// range (CloudWatch's price list).
pub const METRIC_PRICE: f64 = 0.01 / 1000.0;

/// So many statistics of one metric in one call are billed as one metric.
pub const BILLED_TOGETHER: usize = 5;

/// Metrics on the bill for so many statistics of one metric.
pub fn billed_metrics(statistics: usize) -> u64 {
    statistics.div_ceil(BILLED_TOGETHER) as u64
}

/// The price of so many metrics, free tier aside.
pub fn dollars(billed_metrics: u64) -> f64 {
    // Counts beyond 2^53 do not occur.
    billed_metrics as f64 * METRIC_PRICE
}

/// How many metrics can be had for so many dollars.
pub fn metrics_for(dollars: f64) -> u64 {
    (dollars / METRIC_PRICE).round() as u64
}

/// The price in words: in cents, and in less than that where it is less.
pub fn describe_dollars(billed_metrics: u64) -> String {
    let dollars = dollars(billed_metrics);
    if dollars >= 0.01 || billed_metrics == 0 { format!("${dollars:.2}") } else { format!("${dollars:.5}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_metrics_cost_a_cent() {
        assert!((dollars(1000) - 0.01).abs() < 1e-12);
        assert_eq!((metrics_for(0.01), metrics_for(1.0), metrics_for(0.29)), (1000, 100_000, 29_000));
        assert_eq!([0, 5, 192_000].map(describe_dollars), ["$0.00", "$0.00005", "$1.92"]);
    }

    #[test]
    fn five_statistics_are_billed_as_one() {
        assert_eq!([0, 1, 5, 6, 10, 11].map(billed_metrics), [0, 1, 1, 2, 2, 3]);
    }
}
