//! What the coalescer has done, in numbers.

/// What the coalescer has done since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Bytes that are kept now.
    pub bytes: usize,
    /// Points that were wanted and neither known nor in flight.
    pub asked_points: u64,
    /// All others that were wanted.
    pub saved_points: u64,
    /// Metrics on CloudWatch's bill.
    pub billed_metrics: u64,
    /// How many batch windows there were, and how long the first request of each waited in all.
    pub request_batches: u64,
    pub request_batch_ms: u64,
}

impl Figures {
    /// Counts the points of one series: all that were wanted, and those that have to be asked for.
    pub(super) fn count(&mut self, wanted: u64, asked: u64) {
        self.asked_points += asked;
        self.saved_points += wanted.saturating_sub(asked);
    }
}
