//! Settled buckets of a series that have no value, and when they were asked for: at times AWS publishes hours late.
//!
//! A gap of the last day is asked for again now and then, together with what is asked for anyway; after a day nothing
//! comes any more.

use std::ops::Range;

use super::segment::Segment;

/// How long a gap is taken for one after it was asked for.
const ASKED_AGAIN_MS: i64 = 1_800_000;

/// So long after its end a bucket without a value may still get one, in seconds.
const FINAL: i64 = 86_400;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Gap {
    /// Epoch seconds.
    buckets: Range<i64>,
    asked_ms: i64,
}

/// Ascending and disjoint.
#[derive(Debug, Default)]
pub(super) struct Gaps(Vec<Gap>);

impl Gaps {
    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Gap>()
    }

    /// Those within a range that are to be asked for again.
    pub(super) fn due(&self, range: &Range<i64>, now_ms: i64) -> impl Iterator<Item = Range<i64>> {
        let is_due = move |gap: &&Gap| {
            // A clock that was set back makes nothing good for longer.
            let is_old = (now_ms - gap.asked_ms).abs() > ASKED_AGAIN_MS;
            is_old && gap.buckets.end > now_ms.div_euclid(1000) - FINAL
        };
        let within = |gap: &Gap| gap.buckets.start.max(range.start)..gap.buckets.end.min(range.end);
        self.0.iter().filter(is_due).map(within).filter(|gap| !gap.is_empty())
    }

    /// Takes in the settled buckets of a column that was asked for at `asked_ms`.
    pub(super) fn note(&mut self, column: &Segment, period: i64, asked_ms: i64) {
        let (start, end) = (column.start, column.end(period));
        let outside = |gap: Gap| {
            let (before, after) =
                (gap.buckets.start..gap.buckets.end.min(start), gap.buckets.start.max(end)..gap.buckets.end);
            [before, after].map(|buckets| Gap { buckets, ..gap })
        };
        let mut gaps: Vec<Gap> = std::mem::take(&mut self.0).into_iter().flat_map(outside).collect();
        for (bucket, value) in (start..end).step_by(usize::try_from(period).unwrap_or(1)).zip(column.values()) {
            if value.is_nan() {
                gaps.push(Gap { buckets: bucket..bucket + period, asked_ms });
            }
        }
        gaps.retain(|gap| !gap.buckets.is_empty() && gap.buckets.end > asked_ms.div_euclid(1000) - FINAL);
        gaps.sort_by_key(|gap| gap.buckets.start);
        for gap in gaps {
            match self.0.last_mut() {
                // A gap that grows is one, as long as it was asked for about at the same time.
                Some(last)
                    if last.buckets.end == gap.buckets.start
                        && (gap.asked_ms - last.asked_ms).abs() < ASKED_AGAIN_MS / 2 =>
                {
                    last.buckets.end = gap.buckets.end;
                    last.asked_ms = last.asked_ms.min(gap.asked_ms);
                }
                _ => self.0.push(gap),
            }
        }
        self.0.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_040;
    const HOUR: i64 = 3600;

    fn note(gaps: &mut Gaps, from: i64, values: &[f64], asked: i64) {
        let column = Segment::new(NOW + 60 * from, &values.to_vec().into(), values.len());
        gaps.note(&column, 60, (NOW + asked) * 1000);
    }

    /// The due gaps of the last day as minutes from now on.
    fn due(gaps: &Gaps, after: i64) -> Vec<(i64, i64)> {
        let range = NOW - 30 * HOUR..NOW + 30 * HOUR;
        gaps.due(&range, (NOW + after) * 1000).map(|gap| ((gap.start - NOW) / 60, (gap.end - NOW) / 60)).collect()
    }

    #[test]
    fn a_gap_is_asked_for_again_until_it_is_filled_or_a_day_old() {
        let (nan, mut gaps) = (f64::NAN, Gaps::default());
        note(&mut gaps, -100, &[1.0, nan, nan, 2.0, nan], 0);
        assert_eq!(due(&gaps, HOUR / 2), []);
        assert_eq!(due(&gaps, HOUR / 2 + 1), [(-99, -97), (-96, -95)]);
        assert_eq!(due(&gaps, 23 * HOUR), []);
        note(&mut gaps, -99, &[nan, 1.5], HOUR);
        assert_eq!(due(&gaps, HOUR), [(-96, -95)]);
        assert_eq!(due(&gaps, 2 * HOUR), [(-99, -98), (-96, -95)]);
        note(&mut gaps, -100, &[1.0; 10], 2 * HOUR);
        assert_eq!(due(&gaps, 5 * HOUR), []);
        assert_eq!(gaps.0, []);
    }

    #[test]
    fn a_gap_that_grows_with_every_minute_is_few() {
        let mut gaps = Gaps::default();
        for minute in 0..600 {
            note(&mut gaps, minute, &[f64::NAN], 60 * minute);
        }
        assert!(gaps.0.len() <= 41, "{}", gaps.0.len());
        assert_eq!(due(&gaps, 600 * 60 - 60).len(), gaps.0.len() - 2);
        note(&mut gaps, 0, &[f64::NAN; 600], 36_000);
        assert_eq!(gaps.0.len(), 1);
    }
}
