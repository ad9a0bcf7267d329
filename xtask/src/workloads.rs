//! What dashboards cost: a dashboard of 30 panels as browsers, viewers and refreshes ask it, before a local AWS that takes 80 ms a call.
//!
//! Calls and billed metrics are local AWS's own counts. Every round asks about hours of its own, so that nothing is known from the round
//! before; the facts of the application are known from the start.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::binaries::{Binaries, PLUGIN};
use crate::clock::{Stopwatch, minutes_since_epoch};
use crate::failure::{Doing, Failure, Outcome};
use crate::house::House;
use crate::stack::{DATA_SOURCE_UID, Plan, Stack};
use crate::{http, say, usage};

const WORLD: &[&str] = &["--bench-tasks", "40", "--latency", "80"];
const APPLICATION: &str = "bench-000";
const PANELS: usize = 30;
const STATISTICS: [&str; 3] = ["Average", "Maximum", "Minimum"];
const REF_IDS: [&str; 3] = ["A", "B", "C"];
/// Minutes of a panel's range.
const RANGE: u64 = 360;
/// CPU time is counted in steps of 10 ms, so each workload is run so often.
const ROUNDS: usize = 5;
/// Connections of a browser to one host.
const BROWSER: usize = 6;
const LIMIT: Duration = Duration::from_secs(60);

/// One line of the report, as means of the rounds.
struct Cost {
    calls: f64,
    billed: f64,
    milliseconds: f64,
    cpu_milliseconds: f64,
}

/// Runs all workloads; the section of the report.
pub fn measure(house: &House, binaries: &Binaries, host: PathBuf) -> Outcome<String> {
    let plan = Plan { local_aws_arguments: WORLD, ..Plan::new(binaries, host, http::free_port()?) };
    let stack = Stack::start(house, &plan)?;
    let mut bench =
        Bench { plugin: usage::child_named(stack.host_id(), PLUGIN)?, tasks: tasks(&stack)?, stack, block: 0 };
    let mut text = String::from(
        "\n## Dashboards\n\n30 panels × 3 queries (30 metrics × 3 statistics) over 6 h, 80 ms a call, facts known; means of 5 rounds. \
         CPU is that of the plugin process. Command: `cargo xtask bench`.\n\n\
         | workload | calls | billed metrics | wall | CPU | must be |\n|---|---|---|---|---|---|\n",
    );
    for (name, must, workload) in WORKLOADS {
        let cost = workload(&mut bench)?;
        let Cost { calls, billed, milliseconds, cpu_milliseconds } = cost;
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {calls:.1} | {billed:.0} | {milliseconds:.0} ms | {cpu_milliseconds:.0} ms | {must} |"
        );
        say::line(format_args!("  {name}: {calls:.1} calls, {billed:.0} billed, {milliseconds:.0} ms"));
    }
    Ok(text)
}

type Workload = fn(&mut Bench) -> Outcome<Cost>;

const WORKLOADS: &[(&str, &str, Workload)] = &[
    ("all panels at once", "≤ 2 calls, 30 billed, ≤ 110 ms, ≤ 15 ms CPU", |bench| {
        bench.rounds(|bench, _| bench.counted(|bench| bench.refresh(PANELS, None)))
    }),
    ("6 in flight, first time ever", "≤ 6 calls, ≤ 90 billed, ≤ 20 ms CPU", |bench| {
        bench.rounds(|bench, round| bench.counted(|bench| bench.refresh(BROWSER, Some(&format!("first-{round}")))))
    }),
    ("6 in flight, another range of a known dashboard", "≤ 2 calls, 30 billed, ≤ 150 ms", |bench| {
        for _ in 0..2 {
            bench.next_hours();
            bench.refresh(BROWSER, Some("known"))?;
        }
        bench.rounds(|bench, _| bench.counted(|bench| bench.refresh(BROWSER, Some("known"))))
    }),
    ("6 in flight, again within half a period", "0 calls, ≤ 15 ms", |bench| {
        bench.rounds(|bench, _| {
            bench.refresh(BROWSER, Some("again"))?;
            bench.counted(|bench| bench.refresh(BROWSER, Some("again")))
        })
    }),
    ("10 viewers at once", "≤ 2 calls, 30 billed, ≤ 100 ms CPU, ≤ 40 MiB", |bench| {
        bench.rounds(|bench, _| bench.counted(|bench| bench.refresh(10 * PANELS, None)))
    }),
];

struct Bench {
    stack: Stack,
    plugin: u32,
    tasks: Vec<String>,
    /// Which hours are asked about.
    block: u64,
}

impl Bench {
    fn next_hours(&mut self) {
        self.block += 1;
    }

    fn rounds(&mut self, mut round: impl FnMut(&mut Self, usize) -> Outcome<Cost>) -> Outcome<Cost> {
        let mut sum = Cost { calls: 0.0, billed: 0.0, milliseconds: 0.0, cpu_milliseconds: 0.0 };
        for number in 0..ROUNDS {
            self.next_hours();
            let cost = round(self, number)?;
            sum.calls += cost.calls / ROUNDS as f64;
            sum.billed += cost.billed / ROUNDS as f64;
            sum.milliseconds += cost.milliseconds / ROUNDS as f64;
            sum.cpu_milliseconds += cost.cpu_milliseconds / ROUNDS as f64;
        }
        Ok(sum)
    }

    /// What one run costs.
    fn counted(&mut self, run: impl FnOnce(&Self) -> Outcome<()>) -> Outcome<Cost> {
        let (calls, billed) = asked_of_aws(self.stack.aws_address)?;
        let cpu = usage::cpu_time(self.plugin)?;
        let watch = Stopwatch::start();
        run(self)?;
        let milliseconds = watch.elapsed().as_secs_f64() * 1000.0;
        let cpu = usage::cpu_time(self.plugin)?.saturating_sub(cpu);
        let (calls_after, billed_after) = asked_of_aws(self.stack.aws_address)?;
        Ok(Cost {
            calls: calls_after - calls,
            billed: billed_after - billed,
            milliseconds,
            cpu_milliseconds: cpu.as_secs_f64() * 1000.0,
        })
    }

    /// All panels, as many at a time as there are connections; more connections than panels are several viewers.
    fn refresh(&self, connections: usize, dashboard: Option<&str>) -> Outcome<()> {
        let viewers = (connections / PANELS).max(1);
        let next = AtomicUsize::new(0);
        let failure = Mutex::new(None);
        thread::scope(|scope| {
            for _ in 0..connections {
                scope.spawn(|| {
                    loop {
                        let request = next.fetch_add(1, Ordering::Relaxed);
                        if request >= viewers * PANELS {
                            return;
                        }
                        if let Err(error) = self.panel(request % PANELS, dashboard)
                            && let Ok(mut first) = failure.lock()
                        {
                            first.get_or_insert(error);
                        }
                    }
                });
            }
        });
        failure.into_inner().ok().flatten().map_or(Ok(()), Err)
    }

    fn panel(&self, panel: usize, dashboard: Option<&str>) -> Outcome<()> {
        // The newest minutes may still change.
        let until = (minutes_since_epoch() / RANGE * RANGE) - self.block * RANGE;
        let task = &self.tasks[panel];
        let query = |(ref_id, statistic): (&str, &&str)| {
            json!({
                "refId": ref_id, "datasource": {"uid": DATA_SOURCE_UID}, "maxDataPoints": 400, "intervalMs": 60_000,
                "queryType": "metric", "schema": 1, "applications": [APPLICATION], "metric": "busyTimeMsPerSecond",
                "statistic": statistic, "dimensions": {"Task": task}, "period": 60,
            })
        };
        let body = json!({
            "from": ((until - RANGE) * 60_000).to_string(),
            "to": (until * 60_000).to_string(),
            "queries": REF_IDS.into_iter().zip(&STATISTICS).map(query).collect::<Vec<Value>>(),
        });
        let headers: Vec<(&str, String)> = dashboard
            .map(|uid| vec![("X-Dashboard-Uid", uid.to_owned()), ("X-Panel-Id", panel.to_string())])
            .unwrap_or_default();
        let answer = http::post_json(self.stack.address, "/api/ds/query", (LIMIT, &headers), &body.to_string())?;
        if answer.status != 200 {
            return Err(Failure::new(format!("a panel was answered with status {}", answer.status)));
        }
        let answer: Value = serde_json::from_slice(&answer.body).doing("read the answer to a panel")?;
        let answered = ["A", "B", "C"]
            .iter()
            .filter(|id| answer["results"][**id]["frames"][0]["data"]["values"][1][0].is_number());
        if answered.count() != STATISTICS.len() {
            return Err(Failure::new(format!("panel {panel} got no data: {answer}")));
        }
        Ok(())
    }
}

/// Calls of GetMetricData and metrics on the bill so far.
fn asked_of_aws(address: SocketAddr) -> Outcome<(f64, f64)> {
    let answer = http::get(address, "/_local/counters", LIMIT)?;
    let counters: Value = serde_json::from_slice(&answer.body).doing("read local AWS's counters")?;
    let counts = &counters["operations"]["GetMetricData"];
    Ok((counts["calls"].as_f64().unwrap_or(0.0), counts["usage"]["billed_metrics"].as_f64().unwrap_or(0.0)))
}

/// The values of the dimension `Task`. Asking for them brings the application's facts in as well.
fn tasks(stack: &Stack) -> Outcome<Vec<String>> {
    let path = format!("/api/datasources/uid/{DATA_SOURCE_UID}/resources/tasks?application={APPLICATION}");
    let answer = http::get(stack.address, &path, LIMIT)?;
    let choices: Value = serde_json::from_slice(&answer.body).doing("read the tasks")?;
    let names = choices.as_array().into_iter().flatten().filter_map(|choice| choice["value"].as_str());
    let names: Vec<String> = names.map(str::to_owned).collect();
    if names.len() < PANELS {
        return Err(Failure::new(format!("{} tasks are too few for {PANELS} panels: {choices}", names.len())));
    }
    Ok(names)
}
