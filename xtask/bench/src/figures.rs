//! Figures of the plugin alone: its pure stages, its start, and one large query from end to end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::report::{Figure, median};
use crate::usage::{self, Memory};
use xtask::binaries::{self, Binaries, PLUGIN};
use xtask::clock::{Stopwatch, minutes_since_epoch};
use xtask::failure::{Doing, Failure, Outcome};
use xtask::http::{self, Post};
use xtask::process::Running;
use xtask::stack::{DATA_SOURCE_UID, Plan, Stack};
use xtask::workspace::Workspace;
use xtask::{output, process};

/// Local AWS then simulates one application with that many tasks.
const BENCH_WORLD: &[&str] = &["--bench-tasks", "500"];
const BENCH_APPLICATION: &str = "bench-000";
const SERIES: usize = 500;
/// A day of minutes.
const POINTS: u64 = 1440;
const STARTS: usize = 21;
/// After the handshake the runtime settles for a moment.
const SETTLING: Duration = Duration::from_millis(300);
/// Each query asks for a day of its own, so that no answer is a remembered one. All of them lie within the
/// 15 days for which CloudWatch keeps minutes.
const ROUNDS: u64 = 3;
/// CPU time is counted in steps of 10 ms; over several queries a step weighs less.
const QUERIES_PER_ROUND: u64 = 4;
const ANSWER_LIMIT: Duration = Duration::from_secs(120);

/// The pure stages, measured in their own crate: `cargo bench --bench core` prints `name value unit` lines.
pub fn core(workspace: &Workspace) -> Outcome<Vec<Figure>> {
    let printed =
        process::read(binaries::shipped(workspace, "bench")?.args(["--package", "flinkwatch", "--bench", "core"]))?;
    let figures: Vec<Figure> = printed.lines().filter_map(parse_figure).collect();
    if figures.is_empty() {
        return Err(Failure::new(format!("the core benchmark printed no figures:\n{printed}")));
    }
    Ok(figures)
}

fn parse_figure(line: &str) -> Option<Figure> {
    match line.split_whitespace().collect::<Vec<_>>().as_slice() {
        [name, value, unit] => Some(Figure::new(name, value.parse().ok()?, unit)),
        _ => None,
    }
}

pub fn of_starts(binaries: &Binaries) -> Outcome<Vec<Figure>> {
    let mut milliseconds = Vec::new();
    let mut idle = Vec::new();
    for _ in 0..STARTS {
        let (time, memory) = start_once(binaries)?;
        milliseconds.push(time.as_secs_f64() * 1000.0);
        idle.push(memory);
    }
    let size = std::fs::metadata(&binaries.plugin).doing("look at the plugin's binary")?.len();
    Ok(vec![
        Figure::new("start_to_handshake", median(milliseconds), "ms"),
        Figure::new("idle_memory", median(idle), "MiB"),
        Figure::new("binary_size", size as f64 / 1_048_576.0, "MiB"),
    ])
}

/// Time from start to handshake, and the resident MiB a moment later.
fn start_once(binaries: &Binaries) -> Outcome<(Duration, f64)> {
    let mut start = Command::new(&binaries.plugin);
    start.env("grafana_plugin_type", "datasource").stdout(Stdio::piped()).stderr(Stdio::null());
    let watch = Stopwatch::start();
    let mut plugin = Running::start("the plugin", &mut start)?;
    let mut handshake = String::new();
    BufReader::new(plugin.take_stdout()?).read_line(&mut handshake).doing("read the plugin's handshake")?;
    let time = watch.elapsed();
    if !handshake.starts_with("1|2|") {
        return Err(Failure::new(format!("the plugin's first line is not a handshake: {handshake:?}")));
    }
    thread::sleep(SETTLING);
    Ok((time, usage::memory_mib(plugin.id(), Memory::Resident)?))
}

/// 500 series of a day, asked through the host as Grafana asks.
pub fn end_to_end(workspace: &Workspace, binaries: &Binaries, host: &Path) -> Outcome<Vec<Figure>> {
    let port = http::free_port()?;
    let plan = Plan { local_aws_arguments: BENCH_WORLD, ..Plan::new(binaries, host.to_path_buf(), port) };
    let stack = Stack::start(workspace, &plan)?;
    let plugin = usage::child_named(stack.host_id(), PLUGIN)?;
    // The newest minutes may still change.
    let newest = minutes_since_epoch() - 10;
    // The first query pays for connections and lists that later ones find.
    ask(&stack, newest)?;
    let one_answer = usage::memory_mib(plugin, Memory::Peak)?;

    let mut nanoseconds = Vec::new();
    let mut seconds = Vec::new();
    for round in 0..ROUNDS {
        let before = usage::cpu_time(plugin)?;
        let watch = Stopwatch::start();
        let mut points = 0;
        for query in 1..=QUERIES_PER_ROUND {
            let days_back = round * QUERIES_PER_ROUND + query;
            points += ask(&stack, newest - days_back * POINTS)?;
        }
        seconds.push(watch.elapsed().as_secs_f64() / QUERIES_PER_ROUND as f64);
        let spent = usage::cpu_time(plugin)?.saturating_sub(before);
        nanoseconds.push(spent.as_nanos() as f64 / points as f64);
        output::line(format_args!("  round {}: {points} points", round + 1));
    }
    Ok(vec![
        Figure::new("end_to_end_cpu", median(nanoseconds), "ns/point"),
        Figure::new("end_to_end_time", median(seconds), "s"),
        Figure::new("one_answer_peak", one_answer, "MiB"),
        Figure::new("end_to_end_peak", usage::memory_mib(plugin, Memory::Peak)?, "MiB"),
    ])
}

/// Asks for the day that ends at that minute; the number of points that came back.
fn ask(stack: &Stack, until_minute: u64) -> Outcome<usize> {
    let body = json!({
        "from": ((until_minute - POINTS) * 60_000).to_string(),
        "to": (until_minute * 60_000).to_string(),
        "queries": [{
            "refId": "A", "datasource": {"uid": DATA_SOURCE_UID}, "maxDataPoints": POINTS, "intervalMs": 60_000,
            "queryType": "operator", "schema": 1, "applications": [BENCH_APPLICATION], "level": "task",
            "tasks": ["*"], "signals": ["busy"], "period": 60, "as": "series",
        }],
    });
    let answer =
        http::post(stack.address, &Post { path: "/api/ds/query", headers: &[], body: &body, limit: ANSWER_LIMIT })?;
    if answer.status != 200 {
        let words = String::from_utf8_lossy(&answer.body).chars().take(500).collect::<String>();
        return Err(Failure::new(format!("the query was answered with status {}: {words}", answer.status)));
    }
    let answer: Value = serde_json::from_slice(&answer.body).doing("read the answer to the query")?;
    count_points(&answer)
}

/// The points of all frames; an error unless there are as many series as asked for.
fn count_points(answer: &Value) -> Outcome<usize> {
    let frames = answer["results"]["A"]["frames"].as_array().map_or(&[][..], Vec::as_slice);
    if frames.len() != SERIES {
        return Err(Failure::new(format!("{} series came back instead of {SERIES}", frames.len())));
    }
    let lengths = frames.iter().map(|frame| frame["data"]["values"][0].as_array().map_or(0, Vec::len));
    match lengths.sum() {
        0 => Err(Failure::new("the series that came back have no points")),
        points => Ok(points),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_among_other_lines() {
        let figure = parse_figure("frames 4.61 ns/point").unwrap();
        assert_eq!((figure.name.as_str(), figure.value, figure.unit.as_str()), ("frames", 4.61, "ns/point"));
        assert!(parse_figure("Running benches/core.rs").is_none());
        assert!(parse_figure("a b c").is_none());
    }

    #[test]
    fn points_are_counted_over_all_series() {
        let frame = json!({"data": {"values": [[1, 2, 3], [0.1, 0.2, 0.3]]}});
        let answer = json!({"results": {"A": {"frames": vec![frame; SERIES]}}});
        assert_eq!(count_points(&answer).unwrap(), 3 * SERIES);
        assert!(count_points(&json!({"results": {"A": {"frames": []}}})).is_err());
    }
}
