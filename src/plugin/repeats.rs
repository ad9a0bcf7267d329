//! Equal failures are logged once a minute and counted in between: an outage fails every panel at every refresh, with
//! the same words.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an equal failure is counted instead of logged.
const WINDOW: Duration = Duration::from_secs(60);

/// Failures that are remembered; the oldest makes room.
const REMEMBERED: usize = 64;

/// What was logged a short while ago.
#[derive(Debug, Default)]
pub(super) struct Repeats(Mutex<VecDeque<Logged>>);

#[derive(Debug)]
struct Logged {
    what: String,
    since: Instant,
    repeated: u64,
}

/// What to do with a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Log it; it was counted so often since it was last logged.
    Log { repeated: u64 },
    /// An equal one was logged within the last minute.
    Count,
}

impl Repeats {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    pub(super) fn turn(&self, what: &str, now: Instant) -> Turn {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = logged.iter().position(|known| known.what == what);
        if let Some(known) = known.and_then(|index| logged.get_mut(index))
            && now.duration_since(known.since) < WINDOW
        {
            known.repeated += 1;
            return Turn::Count;
        }
        let before = known.and_then(|index| logged.remove(index));
        if logged.len() >= REMEMBERED {
            logged.pop_front();
        }
        logged.push_back(Logged { what: what.to_owned(), since: now, repeated: 0 });
        Turn::Log { repeated: before.map_or(0, |before| before.repeated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a moment to count from")]
    fn an_equal_failure_is_logged_once_a_minute() {
        let repeats = Repeats::new();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(repeats.turn("down", start), Turn::Log { repeated: 0 });
        for second in 1..=59 {
            assert_eq!(repeats.turn("down", after(second)), Turn::Count);
        }
        assert_eq!(repeats.turn("other", after(59)), Turn::Log { repeated: 0 });
        assert_eq!(repeats.turn("down", after(60)), Turn::Log { repeated: 59 });
        assert_eq!(repeats.turn("down", after(61)), Turn::Count);
        assert_eq!(repeats.turn("down", after(500)), Turn::Log { repeated: 1 });
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a moment to count from")]
    fn many_different_failures_are_not_remembered_for_ever() {
        let repeats = Repeats::new();
        let now = Instant::now();
        for number in 0..10_000 {
            assert_eq!(repeats.turn(&number.to_string(), now), Turn::Log { repeated: 0 });
        }
        assert_eq!(repeats.0.lock().unwrap().len(), REMEMBERED);
    }
}
