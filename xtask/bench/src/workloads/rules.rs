//! Alert rules, evaluated at the same time, each asking one query at a time.

use serde_json::{Value, json};

use super::measure::{APPLICATION, Bench, Request, Seen, World};
use super::rows::{Row, Set};
use xtask::failure::{Failure, Outcome};

const RULES: usize = 20;
const METRICS: [&str; 3] = ["busyTimeMsPerSecond", "backPressuredTimeMsPerSecond", "idleTimeMsPerSecond"];
/// Minutes that a rule looks back.
const SPAN: u64 = 10;

pub const SET: Set = Set {
    world: World { local_aws: &["--bench-tasks", "40", "--latency", "80"], settings: &[] },
    rows: &[Row {
        workload: "20 alert rules × 3 queries, each its own request, one evaluation",
        must: "≤ 3 calls, ≤ 60 billed, ≤ 15 ms CPU",
        run: |bench| {
            let tasks = bench.tasks()?;
            if tasks.len() < RULES {
                return Err(Failure::new(format!("{} tasks are too few for {RULES} rules", tasks.len())));
            }
            bench.rounds(|bench, _| bench.counted(|bench| evaluate(bench, &tasks)))
        },
    }],
};

fn evaluate(bench: &Bench, tasks: &[String]) -> Outcome<Seen> {
    let (_, until) = bench.hours();
    let request = |(metric, rule): (&str, usize)| Request {
        range: (until - SPAN, until),
        headers: json!({"FromAlert": "true", "X-Rule-Uid": format!("rule-{rule}")}),
        queries: vec![query(&tasks[rule], metric)],
    };
    let all = METRICS.into_iter().flat_map(|metric| (0..RULES).map(move |rule| (metric, rule)));
    let requests: Vec<Request> = all.map(request).collect();
    Ok(bench.load(RULES, &requests)?.seen(&["A"]))
}

fn query(task: &str, metric: &str) -> Value {
    json!({
        "refId": "A", "maxDataPoints": 43_200, "intervalMs": 1000, "queryType": "metric", "schema": 1,
        "applications": [APPLICATION], "metric": metric, "statistic": "Maximum", "dimensions": {"Task": task}, "period": 60,
    })
}
