//! Counters of the process, as Prometheus text.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// What the process has done since it started.
#[derive(Debug, Default)]
pub struct Meter {
    answered: AtomicU64,
    failed: AtomicU64,
}

impl Meter {
    /// Counts a query that was answered with frames.
    pub fn count_answered(&self) {
        self.answered.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a query that was answered with an error.
    pub fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// The text that Grafana's `/api/plugins/<id>/metrics` shows.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |labels: &str, counter: &AtomicU64| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "flinkwatch_queries_total{{{labels}}} {}", counter.load(Ordering::Relaxed));
        };
        line("outcome=\"answered\"", &self.answered);
        line("outcome=\"failed\"", &self.failed);
        format!("# HELP flinkwatch_queries_total Queries by outcome.\n# TYPE flinkwatch_queries_total counter\n{text}")
    }
}
