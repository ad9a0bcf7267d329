//! Viewers: who looks at which dashboard, and what came of it.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::Stopwatch;
use crate::failure::{Failure, Outcome};
use crate::http;
use crate::stack::DATA_SOURCE_UID;

/// How often a viewer's dashboard refreshes.
pub const REFRESH: Duration = Duration::from_secs(30);
/// How often a waiting viewer looks whether it is over.
const GLANCE: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_secs(60);
/// Who leaves does so before local AWS has answered.
const IMPATIENCE: Duration = Duration::from_millis(20);

const SIGNALS: [&str; 6] = ["sourceRate", "busy", "backPressure", "checkpointDuration", "cpu", "restarts"];
const RANGES: [&str; 3] = ["now-15m", "now-1h", "now-6h"];

/// What came of all requests.
#[derive(Debug, Default)]
pub struct Tally {
    answered: AtomicU64,
    left: AtomicU64,
    failed: AtomicU64,
    first_failure: Mutex<Option<String>>,
}

impl Tally {
    pub fn requests(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    pub fn failures(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub fn first_failure(&self) -> String {
        self.first_failure.lock().ok().and_then(|first| first.clone()).unwrap_or_default()
    }

    fn note(&self, outcome: Outcome<()>) {
        match outcome {
            Ok(()) => self.answered.fetch_add(1, Ordering::Relaxed),
            Err(failure) => {
                if let Ok(mut first) = self.first_failure.lock() {
                    first.get_or_insert_with(|| failure.to_string());
                }
                self.failed.fetch_add(1, Ordering::Relaxed)
            }
        };
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = self.left.load(Ordering::Relaxed);
        write!(
            f,
            "{} requests were answered, {left} left unanswered by their viewers, {} failed.",
            self.requests(),
            self.failures()
        )
    }
}

/// Refreshes a dashboard until it is over. The viewers begin one after the other within one refresh.
pub fn look(address: SocketAddr, number: u32, is_over: &AtomicBool, tally: &Tally) {
    wait(REFRESH.mul_f64(f64::from(number % 50) / 50.0), is_over);
    let mut refresh = number;
    while !is_over.load(Ordering::Relaxed) {
        let watch = Stopwatch::start();
        for signal in SIGNALS {
            tally.note(panel(address, (number, signal), LIMIT));
        }
        match refresh % 10 {
            0 => tally.note(alert(address, number)),
            1 => tally.note(drop_down(address, number)),
            2 => {
                // Fails on purpose: nobody waits for the answer.
                let _ = panel(address, (refresh, "idle"), IMPATIENCE);
                tally.left.fetch_add(1, Ordering::Relaxed);
            }
            _ => {}
        }
        refresh += 1;
        wait(REFRESH.saturating_sub(watch.elapsed()), is_over);
    }
}

fn wait(span: Duration, is_over: &AtomicBool) {
    let watch = Stopwatch::start();
    while watch.elapsed() < span && !is_over.load(Ordering::Relaxed) {
        thread::sleep(GLANCE.min(span));
    }
}

fn application(number: u32) -> String {
    format!("bench-{:03}", number % 5)
}

fn panel(address: SocketAddr, (number, signal): (u32, &str), limit: Duration) -> Outcome<()> {
    let headers =
        [("X-Dashboard-Uid", format!("dashboard-{}", number % 5)), ("X-Panel-Id", format!("{}-{signal}", number % 5))];
    let query = json!({
        "refId": "A", "datasource": {"uid": DATA_SOURCE_UID}, "maxDataPoints": 800, "intervalMs": 30_000,
        "queryType": "application", "applications": [application(number)], "signals": [signal], "as": "series",
    });
    ask(address, RANGES[number as usize % RANGES.len()], (limit, &headers), &query)
}

fn alert(address: SocketAddr, number: u32) -> Outcome<()> {
    let headers = [("FromAlert", "true".to_owned()), ("X-Rule-Uid", format!("rule-{number}"))];
    let query = json!({
        "refId": "A", "datasource": {"uid": DATA_SOURCE_UID}, "maxDataPoints": 43_200, "intervalMs": 1000,
        "queryType": "application", "applications": [application(number)], "signals": ["cpu"], "as": "series",
    });
    ask(address, "now-10m", (LIMIT, &headers), &query)
}

fn drop_down(address: SocketAddr, number: u32) -> Outcome<()> {
    let path =
        format!("/api/datasources/uid/{DATA_SOURCE_UID}/resources/operators?application={}", application(number));
    let answer = http::get(address, &path, LIMIT)?;
    if answer.status == 200 {
        return Ok(());
    }
    Err(Failure::new(format!("a drop-down was answered with status {}", answer.status)))
}

fn ask(address: SocketAddr, from: &str, with: (Duration, &[(&str, String)]), query: &Value) -> Outcome<()> {
    let body = json!({"from": from, "to": "now", "queries": [query]});
    let answer = http::post_json(address, "/api/ds/query", with, &body.to_string())?;
    let has_frame = || {
        let read: Option<Value> = serde_json::from_slice(&answer.body).ok();
        read.is_some_and(|read| read["results"]["A"]["frames"][0]["data"]["values"][0][0].is_number())
    };
    if answer.status == 200 && has_frame() {
        return Ok(());
    }
    let words: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
    Err(Failure::new(format!("a query was answered with status {}: {words}", answer.status)))
}
