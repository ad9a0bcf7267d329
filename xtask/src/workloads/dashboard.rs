//! A dashboard of 30 panels, as browsers, viewers and refreshes ask it.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::measure::{APPLICATION, Bench, ROUNDS, has_data, side_by_side};
use super::{Row, Set};
use crate::failure::{Doing, Failure, Outcome};

const PANELS: usize = 30;
/// One per round, for ranges that would overlap.
const METRICS: [&str; ROUNDS] = [
    "busyTimeMsPerSecond",
    "backPressuredTimeMsPerSecond",
    "idleTimeMsPerSecond",
    "numRecordsInPerSecond",
    "numRecordsOutPerSecond",
];
const STATISTICS: [&str; 3] = ["Average", "Maximum", "Minimum"];
const REF_IDS: [&str; 3] = ["A", "B", "C"];
/// Connections of a browser to one host.
const BROWSER: usize = 6;

pub const USUAL: Set = Set {
    world: &["--bench-tasks", "40", "--latency", "80"],
    rows: &[
        Row {
            workload: "all panels at once",
            must: "≤ 2 calls, 30 billed, ≤ 110 ms, ≤ 15 ms CPU",
            run: |bench| {
                let tasks = tasks(bench)?;
                bench.rounds(|bench, _| bench.counted(|bench| refresh(bench, &tasks, PANELS, None)))
            },
        },
        Row {
            workload: "6 in flight, first time ever",
            must: "≤ 6 calls, ≤ 90 billed, ≤ 20 ms CPU",
            run: |bench| {
                let tasks = tasks(bench)?;
                bench.rounds(|bench, round| {
                    bench.counted(|bench| refresh(bench, &tasks, BROWSER, Some(&format!("first-{round}"))))
                })
            },
        },
        Row {
            workload: "6 in flight, another range of a known dashboard",
            must: "≤ 2 calls, 30 billed, ≤ 150 ms",
            run: |bench| {
                let tasks = tasks(bench)?;
                for _ in 0..2 {
                    bench.next_hours();
                    refresh(bench, &tasks, BROWSER, Some("known"))?;
                }
                bench.rounds(|bench, _| bench.counted(|bench| refresh(bench, &tasks, BROWSER, Some("known"))))
            },
        },
        Row {
            workload: "6 in flight, again within half a period",
            must: "0 calls, ≤ 15 ms",
            run: |bench| {
                let tasks = tasks(bench)?;
                bench.rounds(|bench, _| {
                    refresh(bench, &tasks, BROWSER, Some("again"))?;
                    bench.counted(|bench| refresh(bench, &tasks, BROWSER, Some("again")))
                })
            },
        },
        Row {
            workload: "10 viewers at once",
            must: "≤ 2 calls, 30 billed, ≤ 100 ms CPU, ≤ 40 MiB",
            run: |bench| {
                let tasks = tasks(bench)?;
                bench.rounds(|bench, _| bench.counted(|bench| refresh(bench, &tasks, 10 * PANELS, None)))
            },
        },
        Row {
            workload: "30 days × 60 rows in one request (30 metrics × 2 statistics)",
            must: "1 call, 30 billed, ≤ 6 ms CPU",
            run: |bench| {
                let tasks = tasks(bench)?;
                bench.rounds(|bench, round| bench.counted(|bench| thirty_days(bench, &tasks, METRICS[round])))
            },
        },
    ],
};

pub const THROTTLED: Set = Set {
    world: &["--bench-tasks", "40", "--latency", "80", "--data-calls", "5"],
    rows: &[Row {
        workload: "all panels at once, 5 calls/s admitted by AWS",
        must: "90 of 90 with data, ≤ 3 calls",
        run: |bench| {
            let tasks = tasks(bench)?;
            bench.rounds(|bench, _| {
                let throttles = bench.throttles()?;
                let mut cost = bench.counted(|bench| refresh(bench, &tasks, PANELS, None))?;
                cost.note += &format!(", {} calls throttled", bench.throttles()? - throttles);
                Ok(cost)
            })
        },
    }],
};

fn tasks(bench: &Bench) -> Outcome<Vec<String>> {
    let tasks = bench.tasks()?;
    if tasks.len() < PANELS {
        return Err(Failure::new(format!("{} tasks are too few for {PANELS} panels", tasks.len())));
    }
    Ok(tasks)
}

/// All panels, as many at a time as there are connections; more connections than panels are several viewers. The note says
/// how many queries got data.
fn refresh(bench: &Bench, tasks: &[String], connections: usize, dashboard: Option<&str>) -> Outcome<String> {
    let viewers = (connections / PANELS).max(1);
    let answered = AtomicUsize::new(0);
    side_by_side(connections, viewers * PANELS, |request| {
        let panel = request % PANELS;
        let headers: Vec<(&str, String)> = dashboard
            .map(|uid| vec![("X-Dashboard-Uid", uid.to_owned()), ("X-Panel-Id", panel.to_string())])
            .unwrap_or_default();
        let query = |(ref_id, statistic): (&str, &&str)| query(ref_id, METRICS[0], &tasks[panel], statistic);
        let queries: Vec<Value> = REF_IDS.into_iter().zip(&STATISTICS).map(query).collect();
        let answer = bench.post(bench.hours(), &headers, &queries)?;
        let read: Value = serde_json::from_slice(&answer.body).doing("read the answer to a panel")?;
        let with_data = REF_IDS.iter().filter(|id| has_data(&read["results"], id)).count();
        answered.fetch_add(with_data, Ordering::Relaxed);
        Ok(())
    })?;
    Ok(format!("{} of {} with data", answered.into_inner(), viewers * PANELS * STATISTICS.len()))
}

fn query(ref_id: &str, metric: &str, task: &str, statistic: &str) -> Value {
    json!({
        "refId": ref_id, "maxDataPoints": 400, "intervalMs": 60_000, "queryType": "metric", "schema": 1,
        "applications": [APPLICATION], "metric": metric, "statistic": statistic,
        "dimensions": {"Task": task}, "period": 60,
    })
}

fn thirty_days(bench: &Bench, tasks: &[String], metric: &str) -> Outcome<String> {
    const DAYS: u64 = 30 * 1440;
    let (_, until) = bench.hours();
    let rows = tasks.iter().take(PANELS).flat_map(|task| STATISTICS[..2].iter().map(move |of| (task, of)));
    let row = |(number, (task, statistic)): (usize, (&String, &&str))| {
        let mut query = query(&format!("R{number}"), metric, task, statistic);
        query["period"] = json!("auto");
        query
    };
    let queries: Vec<Value> = rows.enumerate().map(row).collect();
    let results = bench.ask((until - DAYS, until), &[], &queries)?;
    let with_data = (0..queries.len()).filter(|number| has_data(&results, &format!("R{number}"))).count();
    Ok(format!("{with_data} of {} with data", queries.len()))
}
