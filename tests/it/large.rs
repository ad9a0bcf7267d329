//! Large answers beside small ones, on two threads as in the process.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flinkwatch::answers::{Column, Completeness, GetMetricDataAnswer};
use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::fetch::Source;
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::query::QueryDefaults;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::facts::{settings, source};
use crate::support::fleet::NOW;
use crate::support::panels::panels;
use crate::support::scripted::{Scripted, series};

/// Applications of a large query.
const LARGE: usize = 450;

/// A value for each bucket.
fn aws() -> Arc<Scripted> {
    Arc::new(Scripted {
        list_metrics: Box::new(|ask| {
            let of = |name: &str| series("cpuUtilization", &[("Application", name)]);
            let all = || (0..3).flat_map(|large| (0..LARGE).map(move |number| format!("large{large}-{number}")));
            Ok(match &ask.application {
                Some(name) => vec![of(name.as_str())],
                None => all().map(|name| of(&name)).collect(),
            })
        }),
        get_metric_data: Box::new(|call| {
            let column = |values: usize| Column {
                values: Arc::new((0..values).map(|value| (value % 97) as f64).collect()),
                completeness: Completeness::Complete,
                message: None,
            };
            let columns = call.series.iter().map(|key| column(call.points(key.period))).collect();
            Ok(GetMetricDataAnswer { columns, calls: 1 })
        }),
        ..Scripted::default()
    })
}

fn query(name: &str, applications: usize) -> Value {
    let names: Vec<String> = (0..applications).map(|number| format!("{name}-{number}")).collect();
    json!({ "queryType": "metric", "applications": names, "metric": "cpuUtilization", "period": 60 })
}

async fn answer(source: &Source, hours: i64, query: &Value) {
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let outcomes = engine::answer(source, &settings, &panels(hours, std::slice::from_ref(query)), NOW * 1000).await;
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()), "{outcomes:?}");
}

/// Each of the large ones computes for a second or so; without a place of their own two of them would hold both
/// threads.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_queries_are_answered_beside_three_large_ones() {
    let source = source(&aws(), &settings(json!({})));
    let (done, order) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let mut tasks = JoinSet::new();
    for number in 0..3 {
        let (source, done, order) = (source.clone(), Arc::clone(&done), Arc::clone(&order));
        tasks.spawn(async move {
            answer(&source, 14 * 24, &query(&format!("large{number}"), LARGE)).await;
            order.lock().unwrap().push("large");
            done.fetch_add(1, Ordering::SeqCst);
        });
    }
    tasks.spawn(async move {
        // They all compute by then.
        tokio::time::sleep(Duration::from_millis(200)).await;
        for number in 0.. {
            answer(&source, 1, &query(&format!("small{number}"), 1)).await;
            order.lock().unwrap().push("small");
            if done.load(Ordering::SeqCst) == 3 {
                break;
            }
        }
        let order = order.lock().unwrap().clone();
        let before_the_last = order.iter().rposition(|name| *name == "large").unwrap();
        let small = order[..before_the_last].iter().filter(|name| **name == "small").count();
        assert!(small >= 10, "{order:?}");
    });
    tasks.join_all().await;
}
