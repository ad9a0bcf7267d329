//! The only place of these commands that reads the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A stopwatch that runs from its creation.
#[derive(Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "commands measure real time; this is their edge")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Whole minutes since 1970.
#[expect(clippy::disallowed_methods, reason = "the queries of a measurement end at the present")]
pub fn minutes_since_epoch() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_secs() / 60
}

/// A time span as people read it: `0.4 s`, `2 min 05 s`.
pub fn describe(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    if seconds < 99.95 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds.round() as u64;
    format!("{} min {:02} s", whole / 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short_to_read() {
        assert_eq!(describe(Duration::from_millis(420)), "0.4 s");
        assert_eq!(describe(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(describe(Duration::from_millis(119_960)), "2 min 00 s");
    }
}
