//! A line that is named and has no value is told by its name and the reason: also beside others, where nobody would
//! miss it.

use std::collections::BTreeSet;
use std::sync::Arc;

use flinkwatch::catalog::level::Scope;
use flinkwatch::catalog::metric::Sentinel;
use flinkwatch::catalog::metrics;
use flinkwatch::catalog::signals::SIGNALS;
use serde_json::{Value, json};

use super::{DAY, HOUR, NOON, fleet};
use crate::support::made::{Made, samples};
use crate::support::world::Chain;

fn application(names: Value, signals: Value) -> Value {
    json!({ "queryType": "application", "applications": names, "signals": signals })
}

/// The shop's applications in trouble, each beside one that is well.
#[tokio::test]
async fn a_named_line_without_a_value_is_told_beside_others() {
    let chain = Chain::start(fleet(), NOON).await;
    let checkpoint = |signal: &str| format!("No \"{signal}\" for \"clickstream\": no checkpoint has completed yet.");
    let cases = [
        (
            application(json!(["orders", "clickstream"]), json!(["checkpointDuration"])),
            checkpoint("checkpointDuration"),
            1,
        ),
        (json!({ "queryType": "checkpoint", "applications": ["clickstream"] }), checkpoint("checkpointSize"), 1),
        (
            json!({ "queryType": "metric", "applications": ["orders", "clickstream"], "metric": "lastCheckpointSize" }),
            checkpoint("lastCheckpointSize"),
            1,
        ),
        (
            application(json!(["orders", "catalog-cdc"]), json!(["watermarkLag"])),
            "No \"watermarkLag\" for \"catalog-cdc\": there is no watermark yet, at least in one subtask.".to_owned(),
            1,
        ),
        (
            application(json!(["orders", "payments"]), json!(["timeToCatchUp"])),
            "No \"timeToCatchUp\" for \"payments\": the lag is not falling, so it will not catch up.".to_owned(),
            1,
        ),
    ];
    for (query, words, shown) in cases {
        let panel = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        assert!(panel.notices().contains(&words), "{query}: {}", panel.notices());
        assert!(panel.lines().len() >= shown, "{query}");
        // A rule keeps a line of nulls, which is "no data" under its own labels.
        let alert = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert!(alert.notices().contains(&words), "{query}: {}{}", alert.error(), alert.notices());
        assert!(alert.lines().iter().any(|line| line.known(0..NOON).is_empty()), "{query}");
    }
}

const TASKS: [&str; 3] = ["Source:_a", "Map", "Sink:_b:_Writer"];

/// Published always, so that no application and no task is silent.
const BESIDE: [&str; 2] = ["cpuUtilization", "idleTimeMsPerSecond"];

/// A job that publishes what all signals need, of the application and of three tasks.
fn job(value: Content) -> Made {
    let mut made = Made::new("orders").constant(BESIDE[0], &[], 20.0);
    for task in TASKS {
        made = made.constant(BESIDE[1], &[("Task", task)], 500.0);
    }
    let metrics: BTreeSet<&'static str> = SIGNALS.iter().flat_map(|signal| signal.formula.metrics()).copied().collect();
    for metric in metrics.into_iter().filter(|metric| !BESIDE.contains(metric)) {
        let minutes = move |minute: i64| value(metric, minute).map(|value| samples(&[value; 4]));
        made = made.with(metric, &[], minutes);
        for task in TASKS {
            made = made.with(metric, &[("Task", task)], minutes);
        }
    }
    made
}

/// What CloudWatch may have of a metric in a minute.
type Content = fn(&str, i64) -> Option<f64>;

const CONTENTS: [(&str, Content); 6] = [
    ("sentinels", |metric, _| match metrics::metric(metric)?.sentinels.first()? {
        Sentinel::MinusOne(_) => Some(-1.0),
        Sentinel::LongMinimum(_) | Sentinel::LongMaximum(_) => Some(i64::MIN as f64),
        Sentinel::NotANumber => None,
    }),
    ("ended watermarks", |metric, _| metric.ends_with("Watermark").then_some(i64::MAX as f64)),
    ("zeros", |_, _| Some(0.0)),
    ("what rises", |_, minute| Some((minute - NOON + DAY) as f64)),
    ("one minute", |_, minute| (minute == NOON - 1800).then_some(5.0)),
    ("nothing of late", |_, minute| (minute < NOON - 2 * HOUR).then_some(5.0)),
];

/// Each signal, whatever there is of its metrics: its line is drawn, or told by name and reason. None only vanishes.
#[tokio::test]
async fn every_signal_is_drawn_or_told() {
    for (content, value) in CONTENTS {
        let chain = Chain::start(Arc::new(job(value)), NOON).await;
        for (scope, of, beside) in [(Scope::Application, "orders", BESIDE[0]), (Scope::Task, "Map", BESIDE[1])] {
            for signal in SIGNALS.iter().filter(|signal| signal.scopes.contains(&scope)) {
                let signals = json!([signal.id, beside]);
                let query = match scope {
                    Scope::Application => application(json!(["orders"]), signals),
                    Scope::Task | Scope::Operator | Scope::Subtask => {
                        json!({ "queryType": "operator", "applications": ["*"], "tasks": [of], "signals": signals })
                    }
                };
                let panel = chain.ask(query, NOON - HOUR..NOON).await;
                let is_drawn = panel.lines().iter().any(|line| line.label("signal") == signal.id);
                let is_told = panel.notices().contains(&format!("No \"{}\" for \"{of}\": ", signal.id));
                let told = format!("{content}: {} of {of}: {}", signal.id, panel.notices());
                assert!(is_drawn != is_told, "{told}");
                assert!(!told.contains("not enough to compute"), "{told}");
            }
        }
    }
}
