//! The period of a series: seconds between two points.

/// Seconds between two points of a series: a multiple of 60.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period(i64);

impl Period {
    pub const MINUTE: Self = Self(60);
    pub const HOUR: Self = Self(3600);
    pub const DAY: Self = Self(86_400);

    /// None unless `seconds` is a positive multiple of 60, at most a day.
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        (seconds > 0 && seconds % 60 == 0 && seconds <= 86_400).then_some(Self(seconds))
    }

    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The start of the bucket in which `second` lies.
    pub fn floor(self, second: i64) -> i64 {
        second.div_euclid(self.0) * self.0
    }

    /// The first bucket start at or after `second`.
    pub fn ceil(self, second: i64) -> i64 {
        self.floor(second + self.0 - 1)
    }
}
