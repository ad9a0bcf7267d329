//! When a sample can be asked for: some seconds after it was taken, and not those of all series at once.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::world::Series;

/// How long samples are on their way, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Publication {
    /// Those of every series.
    pub delay: i64,
    /// Those of the slowest series are longer on their way by almost this; each series has its own part of it.
    pub spread: i64,
}

impl Publication {
    /// What is seen of the real service: a minute is complete when the next is over.
    pub const REALISTIC: Self = Self { delay: 10, spread: 50 };

    /// When a sample of a series can be asked for first.
    pub fn published_at(self, series: &Series, sample: i64) -> i64 {
        sample + self.delay + self.own_delay(series)
    }

    /// Samples taken before this moment can be asked for at `now`.
    pub fn known_until(self, series: &Series, now: i64) -> i64 {
        now - (self.published_at(series, now) - now)
    }

    fn own_delay(self, series: &Series) -> i64 {
        let mut hasher = DefaultHasher::new();
        series.hash(&mut hasher);
        i64::try_from(hasher.finish() >> 1).unwrap_or(0).checked_rem(self.spread).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_known_from_the_moment_of_its_publication() {
        let series = |metric: &str| Series { metric: metric.into(), dimensions: Vec::new() };
        let mut delays = Vec::new();
        for metric in ["uptime", "downtime", "fullRestarts", "cpuUtilization"] {
            let series = series(metric);
            let at = Publication::REALISTIC.published_at(&series, 1000);
            assert!((1010..1060).contains(&at), "{metric}: {at}");
            assert_eq!(Publication::REALISTIC.known_until(&series, at), 1000);
            assert_eq!(Publication::default().published_at(&series, 1000), 1000);
            delays.push(at);
        }
        delays.dedup();
        assert!(delays.len() > 1, "{delays:?}");
    }
}
