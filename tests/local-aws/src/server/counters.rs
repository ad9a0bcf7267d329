//! What was asked of the server: calls, errors, cancellations and what AWS would have billed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::operation::Operation;

const RECENT_CALLS: usize = 2000;

/// A snapshot of all counts since the start or the last reset.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counters {
    pub operations: BTreeMap<&'static str, OperationCounts>,
    /// Access key id to operation to calls.
    pub access_keys: BTreeMap<String, BTreeMap<&'static str, u64>>,
    /// Oldest first.
    pub recent: VecDeque<RecentCall>,
    #[serde(skip)]
    started: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct OperationCounts {
    pub calls: u64,
    /// `cbor`, `json`, `query`.
    pub protocols: BTreeMap<&'static str, u64>,
    /// By the query protocol's error code.
    pub errors: BTreeMap<String, u64>,
    pub throttles: u64,
    pub in_flight: u64,
    /// The client went away before it had the whole answer.
    pub cancelled: u64,
    pub usage: Usage,
}

/// What a call asked and got; zero where it does not apply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    pub queries: u64,
    /// A metric is name, dimensions and account within one call; up to five statistics of it count as one.
    pub billed_metrics: u64,
    pub data_points: u64,
    /// Events of a log in the answer, and the bytes of their messages.
    pub log_events: u64,
    pub log_bytes: u64,
    /// Bytes of a log that were read for the answer; those of Logs Insights are billed.
    pub log_bytes_read: u64,
    pub log_bytes_billed: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecentCall {
    #[serde(skip)]
    serial: u64,
    pub operation: &'static str,
    pub protocol: &'static str,
    pub region: String,
    pub access_key: String,
    /// Epoch milliseconds.
    pub started_ms: i64,
    /// `None` while the call is in flight, and for ever when it was cancelled.
    pub ended_ms: Option<i64>,
    pub is_cancelled: bool,
    pub error: Option<String>,
    /// The asked time range, epoch seconds, for operations that have one.
    pub range: Option<(i64, i64)>,
    /// What else is worth knowing: the role and external id of AssumeRole.
    pub note: Option<String>,
    pub usage: Usage,
}

impl Counters {
    /// Counts of one operation; all zero when it was never called.
    pub fn operation(&self, name: &str) -> OperationCounts {
        self.operations.get(name).cloned().unwrap_or_default()
    }
}

/// The door to the counts.
#[derive(Debug, Clone, Default)]
pub struct CallLog(Arc<Mutex<Counters>>);

/// The facts of a call at its start.
#[derive(Debug, Clone)]
pub struct CallStart {
    pub operation: Operation,
    pub protocol: &'static str,
    pub region: String,
    pub access_key: String,
}

impl CallLog {
    pub fn snapshot(&self) -> Counters {
        self.lock().clone()
    }

    /// Calls in flight stay counted as in flight.
    pub fn reset(&self) {
        let mut counters = self.lock();
        let in_flight: Vec<(&'static str, u64)> = counters
            .operations
            .iter()
            .map(|(name, counts)| (*name, counts.in_flight))
            .filter(|(_, in_flight)| *in_flight > 0)
            .collect();
        let started = counters.started;
        *counters = Counters { started, ..Counters::default() };
        for (name, count) in in_flight {
            counters.operations.entry(name).or_default().in_flight = count;
        }
    }

    pub fn open(&self, start: CallStart) -> InFlight {
        let mut counters = self.lock();
        counters.started += 1;
        let serial = counters.started;
        let name = start.operation.name();
        let counts = counters.operations.entry(name).or_default();
        counts.calls += 1;
        counts.in_flight += 1;
        *counts.protocols.entry(start.protocol).or_default() += 1;
        let by_key = counters.access_keys.entry(start.access_key.clone()).or_default();
        *by_key.entry(name).or_default() += 1;
        if counters.recent.len() >= RECENT_CALLS {
            counters.recent.pop_front();
        }
        counters.recent.push_back(RecentCall {
            serial,
            operation: name,
            protocol: start.protocol,
            region: start.region,
            access_key: start.access_key,
            started_ms: now_ms(),
            ended_ms: None,
            is_cancelled: false,
            error: None,
            range: None,
            note: None,
            usage: Usage::default(),
        });
        InFlight { call_log: self.clone(), serial, name, is_open: true }
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        // Counts stay usable after a panic elsewhere: every change is a plain addition.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that was not answered yet. Dropped without [`InFlight::close`], it counts as cancelled: the server drops
/// the future of a request when its client goes away.
#[derive(Debug)]
pub struct InFlight {
    call_log: CallLog,
    serial: u64,
    name: &'static str,
    is_open: bool,
}

impl InFlight {
    pub fn note_range(&self, range: (i64, i64)) {
        self.change(|call| call.range = Some(range));
    }

    pub fn note_text(&self, text: String) {
        self.change(|call| call.note = Some(text));
    }

    pub fn note_usage(&self, usage: Usage) {
        self.add_usage(usage);
        self.change(|call| call.usage = usage);
    }

    /// The answer is complete, or refused with a code.
    pub fn close(mut self, error: Option<&str>) {
        self.is_open = false;
        let ended = now_ms();
        let name = self.name;
        self.change(|call| {
            call.ended_ms = Some(ended);
            call.error = error.map(str::to_owned);
        });
        let mut counters = self.call_log.lock();
        let counts = counters.operations.entry(name).or_default();
        counts.in_flight = counts.in_flight.saturating_sub(1);
        if let Some(code) = error {
            *counts.errors.entry(code.to_owned()).or_default() += 1;
            counts.throttles += u64::from(code == "Throttling");
        }
    }

    pub fn add_usage(&self, usage: Usage) {
        let mut counters = self.call_log.lock();
        let total = &mut counters.operations.entry(self.name).or_default().usage;
        total.queries += usage.queries;
        total.billed_metrics += usage.billed_metrics;
        total.data_points += usage.data_points;
        total.log_events += usage.log_events;
        total.log_bytes += usage.log_bytes;
        total.log_bytes_read += usage.log_bytes_read;
        total.log_bytes_billed += usage.log_bytes_billed;
    }

    fn change(&self, change: impl FnOnce(&mut RecentCall)) {
        let mut counters = self.call_log.lock();
        let serial = self.serial;
        if let Some(call) = counters.recent.iter_mut().rev().find(|c| c.serial == serial) {
            change(call);
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if !self.is_open {
            return;
        }
        self.change(|call| call.is_cancelled = true);
        let mut counters = self.call_log.lock();
        let counts = counters.operations.entry(self.name).or_default();
        counts.in_flight = counts.in_flight.saturating_sub(1);
        counts.cancelled += 1;
    }
}

#[expect(clippy::disallowed_methods, reason = "when a call really happened, whatever the simulated clock says")]
fn now_ms() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call_start() -> CallStart {
        CallStart {
            operation: Operation::GetMetricData,
            protocol: "cbor",
            region: "eu-west-1".to_owned(),
            access_key: "AKID".to_owned(),
        }
    }

    #[test]
    fn a_dropped_call_is_cancelled_and_a_closed_one_is_not() {
        let call_log = CallLog::default();
        let dropped = call_log.open(call_start());
        let closed = call_log.open(call_start());
        assert_eq!(call_log.snapshot().operation("GetMetricData").in_flight, 2);
        drop(dropped);
        closed.close(Some("Throttling"));
        let counts = call_log.snapshot().operation("GetMetricData");
        assert_eq!((counts.calls, counts.in_flight, counts.cancelled), (2, 0, 1));
        assert_eq!(counts.throttles, 1);
        assert_eq!(call_log.snapshot().access_keys["AKID"]["GetMetricData"], 2);
    }

    #[test]
    fn a_reset_forgets_all_but_the_calls_in_flight() {
        let call_log = CallLog::default();
        let call = call_log.open(call_start());
        call_log.reset();
        assert_eq!(call_log.snapshot().operation("GetMetricData").in_flight, 1);
        call.close(None);
        let counts = call_log.snapshot().operation("GetMetricData");
        assert_eq!((counts.calls, counts.in_flight), (0, 0));
    }
}
