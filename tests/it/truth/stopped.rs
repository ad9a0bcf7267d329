//! What "all applications" are: to a panel those that ran in its time range, to an alert those that should run now.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{DAY, HOUR, NOON, fleet};
use crate::support::made::{Made, samples};
use crate::support::world::{Chain, KPU_PRICE, Line};
use crate::support::worlds::{What, Without};

/// Stopped since the evening before.
const STOPPED: &str = "legacy-reports";

fn application(names: &[&str], signals: &[&str], shape: &str) -> Value {
    json!({ "queryType": "application", "applications": names, "signals": signals, "as": shape })
}

fn kinds(names: &[&str]) -> [Value; 4] {
    [
        application(names, &["uptime"], "series"),
        json!({ "queryType": "operator", "applications": names, "level": "task", "signals": ["busy"] }),
        json!({ "queryType": "checkpoint", "applications": names, "signals": ["checkpointDuration"] }),
        json!({ "queryType": "metric", "applications": names, "metric": "uptime" }),
    ]
}

fn is_stopped(line: &&Line) -> bool {
    line.label("application") == STOPPED
}

async fn shop() -> Chain {
    Chain::start(fleet(), NOON).await
}

#[tokio::test]
async fn the_cost_in_a_range_has_what_ran_then_and_is_stopped_now() {
    let chain = shop().await;
    let range = NOON - 3 * DAY..NOON;
    let cost =
        async |names: &[&str]| chain.ask(application(names, &["kpuCost"], "series"), range.clone()).await.lines();
    let (all, named) = (cost(&["*"]).await, cost(&[STOPPED]).await);
    let found = all.iter().find(is_stopped).expect("a line of the stopped one");
    // Its two subtasks share a KPU, and one more orchestrates.
    let values: Vec<f64> = found.known(0..NOON).into_iter().filter(|dollars| *dollars > 0.0).collect();
    assert!(values.len() > 24 && values.len() < 72, "{} hours", values.len());
    assert!(values.iter().all(|dollars| (dollars - 2.0 * KPU_PRICE).abs() < 1e-9), "{values:?}");
    let values = found.known(0..NOON);
    assert_eq!(values, named[0].known(0..NOON));
    let pattern = cost(&["/^legacy/"]).await;
    assert_eq!(pattern.len(), 1);
    assert_eq!(pattern[0].known(0..NOON), values);
}

/// Tiles add up the newest value of each application.
#[tokio::test]
async fn what_a_stopped_application_costs_and_reads_now_is_nothing() {
    let chain = shop().await;
    for (id, is_zero) in
        [("kpuCost", true), ("kpus", true), ("sourceRate", true), ("sinkRate", true), ("uptime", false), ("cpu", false)]
    {
        for name in ["*", STOPPED] {
            let query = application(&[name], &[id], "series");
            let lines = chain.ask(query.clone(), NOON - 2 * DAY..NOON).await.lines();
            let line = lines.iter().find(is_stopped).expect("a line of the stopped one");
            let newest = *line.known(0..NOON).last().unwrap();
            assert_eq!(newest == 0.0, is_zero, "{id} {name}: {newest}");
            // It has ended as a line of nulls otherwise, and nothing was made up while it ran.
            let ends_so = |value: f64| if is_zero { value == 0.0 } else { value.is_nan() };
            assert!(
                line.points.iter().rev().take(5).all(|(_, value)| ends_so(*value)),
                "{id} {name}: {:?}",
                line.points
            );
            let then = chain.ask(query, NOON - DAY..NOON - 22 * HOUR).await.lines();
            let line = then.iter().find(is_stopped).expect("a line of the stopped one");
            assert!(line.known(0..NOON).iter().all(|value| *value > 0.0), "{id} {name}");
        }
    }
    let now = chain.alert(application(&[STOPPED], &["sourceRate"], "series"), NOON - 2 * DAY..NOON).await.lines();
    assert!(now[0].points.last().unwrap().1.is_nan(), "an alert gets what is published");
}

#[tokio::test]
async fn every_kind_shows_what_ran_in_its_range_and_no_more() {
    let chain = shop().await;
    let yesterday = NOON - DAY..NOON - 23 * HOUR;
    for query in kinds(&["*"]) {
        let then = chain.ask(query.clone(), yesterday.clone()).await;
        assert!(then.lines().iter().any(|line| is_stopped(&line)), "{query}: {}", then.notices());
        for range in [NOON - HOUR..NOON, NOON - 6 * HOUR..NOON] {
            let now = chain.ask(query.clone(), range).await;
            assert!(!now.lines().is_empty() && !now.lines().iter().any(|line| is_stopped(&line)), "{query}");
            assert!(!now.notices().contains(STOPPED), "{query}: {}", now.notices());
        }
        let mut without = query.clone();
        without["exclude"] = json!({ "applications": [STOPPED] });
        let without = chain.ask(without, yesterday.clone()).await;
        assert!(!without.lines().iter().any(|line| is_stopped(&line)), "{query}");
    }
}

#[tokio::test]
async fn tables_have_a_row_of_a_stopped_application_where_it_ran() {
    let chain = shop().await;
    let rows = async |query: Value, range: Range<i64>| {
        let answer = chain.ask(query, range).await;
        answer.texts("application").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let fleet = || application(&["*"], &["cpu"], "table");
    let tasks =
        json!({ "queryType": "operator", "applications": ["*"], "level": "task", "signals": ["busy"], "as": "table" });
    let summary =
        json!({ "queryType": "checkpoint", "applications": ["*"], "signals": ["checkpointDuration"], "as": "summary" });
    let count = |rows: &[String]| rows.iter().filter(|name| *name == STOPPED).count();
    for (query, expected) in [(fleet(), 1), (tasks, 2), (summary, 1)] {
        // Six hours ago it was stopped already, but ListMetrics is asked about two weeks.
        let now = rows(query.clone(), NOON - 6 * HOUR..NOON).await;
        let then = rows(query.clone(), NOON - 2 * DAY..NOON).await;
        assert_eq!((count(&now), count(&then)), (0, expected), "{query}");
        assert_eq!(now.len() + expected, then.len(), "{query}");
    }
    let answer = chain.ask(fleet(), NOON - 2 * DAY..NOON).await;
    assert_eq!((answer.text(STOPPED, "health"), answer.text(STOPPED, "status")), ("stopped", "READY"));
    assert_eq!(answer.cell(STOPPED, "cost per hour"), 0.0);
}

#[tokio::test]
async fn an_alert_over_all_does_not_ask_about_what_is_stopped() {
    let chain = shop().await;
    for range in [NOON - 900..NOON, NOON - 2 * DAY..NOON] {
        for query in kinds(&["*"]) {
            let answer = chain.alert(query.clone(), range.clone()).await;
            assert!(!answer.lines().is_empty() && !answer.lines().iter().any(|line| is_stopped(&line)), "{query}");
        }
    }
}

/// One that was running until `minutes` ago.
fn until(minutes: i64) -> Made {
    let of = move |value: f64| move |minute: i64| (minute < NOON - minutes * 60).then(|| samples(&[value]));
    Made::new("orders").with("uptime", &[], of(5e8)).with("cpuUtilization", &[], of(30.0)).status("READY")
}

#[tokio::test]
async fn where_nothing_else_runs_an_answer_says_so() {
    for (stopped, range, is_shown) in [(60, 180, true), (60, 30, false), (600, 180, false), (600, 720, true)] {
        let chain = Chain::start(Arc::new(until(stopped)), NOON).await;
        let answer = chain.ask(application(&["*"], &["uptime"], "series"), NOON - range * 60..NOON).await;
        assert_eq!(answer.lines().len(), usize::from(is_shown), "{stopped} {range}");
        let said = "All applications that match are stopped: \"orders\". They published nothing in the time range.";
        assert_eq!(answer.notices(), if is_shown { "" } else { said }, "{stopped} {range}");
        // By its name it is explained.
        let named = chain.ask(application(&["orders"], &["uptime"], "table"), NOON - range * 60..NOON).await;
        assert_eq!(named.text("orders", "health"), "stopped");
        let alert = chain.alert(application(&["*"], &["uptime"], "series"), NOON - range * 60..NOON).await;
        assert_eq!(alert.lines().len(), 0);
    }
}

/// By "*" it would be no concern of the panel; by its name it is.
#[tokio::test]
async fn a_named_application_that_is_stopped_is_said_beside_others() {
    let chain = shop().await;
    for query in kinds(&["orders", STOPPED]) {
        let panel = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        assert!(!panel.lines().is_empty() && !panel.lines().iter().any(|line| is_stopped(&line)), "{query}");
        let said =
            format!("Application \"{STOPPED}\" is stopped (status READY): a stopped application publishes nothing.");
        assert_eq!(panel.notices(), said, "{query}");
        let alert = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert!(alert.notices().contains(&said), "{query}: {}", alert.notices());
        assert!(alert.lines().iter().any(|line| is_stopped(&line)), "a line of nulls stays: {query}");
        let yesterday = chain.ask(query.clone(), NOON - DAY..NOON - 23 * HOUR).await;
        assert!(!yesterday.notices().contains("stopped"), "{query}: {}", yesterday.notices());
    }
}

/// It runs and has nothing to show, for whatever reason.
#[tokio::test]
async fn a_named_application_without_values_is_said_beside_others() {
    let quiet = Arc::new(Without { inner: fleet(), name: "payments", what: What::Series });
    let chain = Chain::start(quiet, NOON).await;
    for query in kinds(&["orders", "payments"]) {
        let panel = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        let said = "Application \"payments\" has published no metrics in the last two weeks";
        assert!(panel.notices().contains(said), "{query}: {}", panel.notices());
    }
}
