//! A dashboard of 30 panels, as browsers, viewers and refreshes ask it.

use serde_json::{Value, json};

use super::measure::{APPLICATION, Bench, ROUNDS, Request, Seen, World};
use super::rows::{Row, Set};
use xtask::failure::{Failure, Outcome};

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
    world: World { local_aws: &["--bench-tasks", "40", "--latency", "80"], settings: &[] },
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
    world: World { local_aws: &["--bench-tasks", "40", "--latency", "80", "--data-calls", "5"], settings: &[] },
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

pub const NEW_PROCESS: Set = Set {
    world: World { local_aws: &["--bench-tasks", "40", "--latency", "80"], settings: &[] },
    rows: &[Row {
        workload: "6 in flight, first time ever, by a process that knows nothing",
        must: "≤ one round trip (80 ms) more than 6 in flight, first time ever",
        run: |bench| {
            let tasks = tasks(bench)?;
            bench.rounds(|bench, round| {
                bench.start_plugin_again()?;
                bench.counted(|bench| refresh(bench, &tasks, BROWSER, Some(&format!("new-{round}"))))
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

/// All panels, as many at a time as there are connections; more connections than panels are several viewers.
fn refresh(bench: &Bench, tasks: &[String], connections: usize, dashboard: Option<&str>) -> Outcome<Seen> {
    let viewers = (connections / PANELS).max(1);
    let request = |panel: usize| {
        let headers = dashboard.map(|uid| json!({"X-Dashboard-Uid": uid, "X-Panel-Id": panel.to_string()}));
        let query = |(ref_id, statistic): (&str, &&str)| query(ref_id, METRICS[0], &tasks[panel], statistic);
        Request {
            range: bench.hours(),
            headers: headers.unwrap_or_default(),
            queries: REF_IDS.into_iter().zip(&STATISTICS).map(query).collect(),
        }
    };
    let requests: Vec<Request> = (0..viewers).flat_map(|_| (0..PANELS).map(request)).collect();
    Ok(bench.load(connections, &requests)?.seen(&REF_IDS))
}

fn query(ref_id: &str, metric: &str, task: &str, statistic: &str) -> Value {
    json!({
        "refId": ref_id, "maxDataPoints": 400, "intervalMs": 60_000, "queryType": "metric", "schema": 1,
        "applications": [APPLICATION], "metric": metric, "statistic": statistic,
        "dimensions": {"Task": task}, "period": 60,
    })
}

fn thirty_days(bench: &Bench, tasks: &[String], metric: &str) -> Outcome<Seen> {
    const DAYS: u64 = 30 * 1440;
    let (_, until) = bench.hours();
    let rows = tasks.iter().take(PANELS).flat_map(|task| STATISTICS[..2].iter().map(move |of| (task, of)));
    let ref_ids: Vec<String> = (0..2 * PANELS).map(|number| format!("R{number}")).collect();
    let row = |(ref_id, (task, statistic)): (&String, (&String, &&str))| {
        let mut query = query(ref_id, metric, task, statistic);
        query["period"] = json!("auto");
        query
    };
    let queries = ref_ids.iter().zip(rows).map(row).collect();
    let request = Request { range: (until - DAYS, until), headers: Value::Null, queries };
    let ref_ids: Vec<&str> = ref_ids.iter().map(String::as_str).collect();
    Ok(bench.load(1, &[request])?.seen(&ref_ids))
}
