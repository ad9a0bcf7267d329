//! How Grafana's suggested interval changes with the range.
//!
//! Grafana divides the range by the points that fit, rounds to a step that people like, and never goes below the
//! panel's minimum (`rangeUtil.calculateInterval`). Intervals below a minute are all the same here, because no period
//! is shorter.

use crate::query::{Resolution, TimeRange};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Steps from a minute up, each with the interval from which on it is too short, in milliseconds.
const STEPS: &[(i64, i64)] = &[
    (90_000, MINUTE),
    (210_000, 2 * MINUTE),
    (450_000, 5 * MINUTE),
    (750_000, 10 * MINUTE),
    (1_050_000, 15 * MINUTE),
    (1_500_000, 20 * MINUTE),
    (2_700_000, 30 * MINUTE),
    (5_400_000, HOUR),
    (9_000_000, 2 * HOUR),
    (16_200_000, 3 * HOUR),
    (32_400_000, 6 * HOUR),
    (DAY, 12 * HOUR),
    (7 * DAY, DAY),
    (21 * DAY, 7 * DAY),
];

/// Ranges of "now-6h" to "now" that were taken at different moments differ by no more.
const SAME_SPAN_MS: i64 = 1000;

/// The interval of a panel in milliseconds, when its range changes.
pub(super) fn moved(resolution: Resolution, from: TimeRange, to: TimeRange) -> i64 {
    let Resolution { max_data_points, interval_ms } = resolution;
    let (old_span, new_span) = (span(from), span(to));
    if (old_span - new_span).abs() <= SAME_SPAN_MS || max_data_points <= 0 {
        return interval_ms;
    }
    let suggested = step(new_span / max_data_points);
    let has_minimum = counted(interval_ms) > step(old_span / max_data_points);
    if has_minimum { suggested.max(interval_ms) } else { suggested }
}

/// The interval as far as it matters.
pub(super) fn counted(interval_ms: i64) -> i64 {
    interval_ms.max(MINUTE)
}

fn span(range: TimeRange) -> i64 {
    range.to_ms.saturating_sub(range.from_ms)
}

fn step(interval_ms: i64) -> i64 {
    STEPS.iter().find(|(limit, _)| interval_ms < *limit).map_or(30 * DAY, |(_, step)| *step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: i64) -> TimeRange {
        TimeRange { from_ms: 0, to_ms: hours * HOUR }
    }

    #[test]
    fn the_interval_follows_the_range_but_not_below_the_panels_minimum() {
        let of = |points, interval_ms| Resolution { max_data_points: points, interval_ms };
        let table = [
            // The same span: nothing changes.
            (of(800, 30_000), hours(6), TimeRange { from_ms: 3, to_ms: 6 * HOUR + 5 }, 30_000),
            (of(800, 30_000), hours(6), hours(24), 2 * MINUTE),
            (of(800, 2 * MINUTE), hours(24), hours(6), MINUTE),
            (of(800, 30_000), hours(6), hours(24 * 30), HOUR),
            // A minimum of 15 minutes.
            (of(800, 15 * MINUTE), hours(6), hours(24), 15 * MINUTE),
            (of(800, 15 * MINUTE), hours(6), hours(24 * 30), HOUR),
            (of(0, 30_000), hours(6), hours(24), 30_000),
        ];
        for (resolution, from, to, expected) in table {
            assert_eq!(moved(resolution, from, to), expected, "{resolution:?} {from:?} {to:?}");
        }
    }
}
