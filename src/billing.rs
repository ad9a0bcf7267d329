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

/// The price in words: in cents, and in thousandths of a cent below a dollar, so that what is near a limit is not shown
/// as the limit.
pub fn describe_dollars(billed_metrics: u64) -> String {
    let dollars = dollars(billed_metrics);
    if dollars >= 1.0 {
        return format!("${dollars:.2}");
    }
    let text = format!("{dollars:.5}");
    let end = text.trim_end_matches('0').len().max("0.00".len());
    format!("${}", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_metrics_cost_a_cent() {
        assert!((dollars(1000) - 0.01).abs() < 1e-12);
        assert_eq!((metrics_for(0.01), metrics_for(1.0), metrics_for(0.29)), (1000, 100_000, 29_000));
        let texts = [0, 5, 1080, 1930, 2000, 100_000, 192_000].map(describe_dollars);
        assert_eq!(texts, ["$0.00", "$0.00005", "$0.0108", "$0.0193", "$0.02", "$1.00", "$1.92"]);
    }

    #[test]
    fn five_statistics_are_billed_as_one() {
        assert_eq!([0, 1, 5, 6, 10, 11].map(billed_metrics), [0, 1, 1, 2, 2, 3]);
    }
}
