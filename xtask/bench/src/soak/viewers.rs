//! Viewers: who looks at which dashboard.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::tally::Tally;
use xtask::clock::Stopwatch;
use xtask::failure::{Failure, Outcome};
use xtask::http::{self, Post};
use xtask::stack::DATA_SOURCE_UID;

/// How often a viewer's dashboard refreshes.
pub const REFRESH: Duration = Duration::from_secs(30);
/// How often a waiting viewer looks whether it is over.
const GLANCE: Duration = Duration::from_millis(200);
const LIMIT: Duration = Duration::from_secs(60);
/// Who leaves does so before local AWS has answered.
const IMPATIENCE: Duration = Duration::from_millis(20);

/// A region of the same data source, and how long it takes for an answer.
const NEIGHBOUR: &str = "us-east-1";
const NEVER: Duration = Duration::from_secs(600);

const SIGNALS: [&str; 6] = ["sourceRate", "busy", "backPressure", "checkpointDuration", "cpu", "restarts"];
const RANGES: [&str; 3] = ["now-15m", "now-1h", "now-6h"];

/// Refreshes a dashboard until it is over. The viewers begin one after the other within one refresh.
pub fn look(address: SocketAddr, number: u32, is_over: &AtomicBool, tally: &Tally) {
    wait(REFRESH.mul_f64(f64::from(number % 50) / 50.0), is_over);
    let mut refresh = number;
    while !is_over.load(Ordering::Relaxed) {
        let watch = Stopwatch::start();
        for signal in SIGNALS {
            let panel_watch = Stopwatch::start();
            let outcome = panel(address, number, signal, LIMIT);
            tally.note_wait(panel_watch.elapsed());
            tally.note(outcome);
        }
        match refresh % 10 {
            0 => tally.note(alert(address, number)),
            1 => tally.note(drop_down(address, number)),
            2 => {
                // Fails on purpose: nobody waits for the answer.
                let _ = panel(address, refresh, "idle", IMPATIENCE);
                tally.note_left();
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

/// Local AWS takes calls to that region and answers none.
pub fn hang(aws_address: SocketAddr) -> Outcome<()> {
    let faults = json!({"regions": [NEIGHBOUR], "latency_ms": NEVER.as_millis() as u64});
    let answer = http::post(aws_address, &Post { path: "/_local/faults", headers: &[], body: &faults, limit: LIMIT })?;
    if answer.status == 204 { Ok(()) } else { Err(Failure::new("local AWS does not know these faults")) }
}

/// Looks at the region that hangs. What comes of it does not matter, and how soon it comes neither.
pub fn look_at_what_hangs(address: SocketAddr, number: u32, is_over: &AtomicBool, tally: &Tally) {
    wait(REFRESH.mul_f64(f64::from(number % 10) / 10.0), is_over);
    while !is_over.load(Ordering::Relaxed) {
        let watch = Stopwatch::start();
        let mut query = query(number, "busy");
        query["region"] = json!(NEIGHBOUR);
        let _ = ask(address, &Look { from: RANGES[0], limit: LIMIT, headers: &[], query });
        tally.note_hung();
        wait(REFRESH.saturating_sub(watch.elapsed()), is_over);
    }
}

/// What a viewer asks at once, and how long it waits.
struct Look<'a> {
    from: &'static str,
    limit: Duration,
    headers: &'a [(&'a str, String)],
    query: Value,
}

fn panel(address: SocketAddr, number: u32, signal: &str, limit: Duration) -> Outcome<()> {
    let headers =
        [("X-Dashboard-Uid", format!("dashboard-{}", number % 5)), ("X-Panel-Id", format!("{}-{signal}", number % 5))];
    let from = RANGES[number as usize % RANGES.len()];
    ask(address, &Look { from, limit, headers: &headers, query: query(number, signal) })
}

fn query(number: u32, signal: &str) -> Value {
    json!({
        "refId": "A", "datasource": {"uid": DATA_SOURCE_UID}, "maxDataPoints": 800, "intervalMs": 30_000,
        "queryType": "application", "applications": [application(number)], "signals": [signal], "as": "series",
    })
}

fn alert(address: SocketAddr, number: u32) -> Outcome<()> {
    let headers = [("FromAlert", "true".to_owned()), ("X-Rule-Uid", format!("rule-{number}"))];
    let mut query = query(number, "cpu");
    (query["maxDataPoints"], query["intervalMs"]) = (json!(43_200), json!(1000));
    ask(address, &Look { from: "now-10m", limit: LIMIT, headers: &headers, query })
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

fn ask(address: SocketAddr, look: &Look) -> Outcome<()> {
    let body = json!({"from": look.from, "to": "now", "queries": [look.query]});
    let post = Post { path: "/api/ds/query", headers: look.headers, body: &body, limit: look.limit };
    let answer = http::post(address, &post)?;
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
