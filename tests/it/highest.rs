//! The applications that a query keeps: those that are highest in a signal.

use flinkwatch::engine::QueryOutcome;
use flinkwatch::frames::frame::{Frame, Values};
use local_aws::fleet::Fleet;
use serde_json::{Value, json};

use crate::support::panels::{alerts, panels};
use crate::support::served::Served;

/// Names and means of the lines, in their order.
fn lines(outcome: &QueryOutcome) -> Vec<(String, f64)> {
    let line = |frame: &Frame| {
        let Values::Number(values) = &frame.fields[1].values else { panic!("a line has numbers") };
        let known: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        (frame.fields[1].labels["application"].clone(), known.iter().sum::<f64>() / known.len() as f64)
    };
    let frames = outcome.result.as_ref().unwrap();
    frames.iter().filter(|frame| !frame.fields.is_empty()).map(line).collect()
}

fn names(outcome: &QueryOutcome) -> Vec<String> {
    lines(outcome).into_iter().map(|(name, _)| name).collect()
}

fn asked(signal: &str, top: &Value) -> Value {
    json!({"queryType": "application", "applications": ["*"], "signals": [signal], "top": top})
}

fn billed(served: &Served) -> u64 {
    served.server.counters().operation("GetMetricData").usage.billed_metrics
}

#[tokio::test]
async fn the_applications_with_the_highest_mean_are_kept_the_highest_first() {
    let served = Served::start(Fleet::new()).await;
    let of = async |query: Value| served.answer(&panels(3, &[query])).await.remove(0);
    let mut all = lines(&of(asked("sourceRate", &Value::Null)).await);
    all.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    assert!(all.len() > 5);
    let wanted: Vec<&str> = all.iter().take(3).map(|(name, _)| name.as_str()).collect();
    let top = of(asked("sourceRate", &json!({"count": 3}))).await;
    assert_eq!(names(&top), wanted);
    // Not those of another signal.
    assert_ne!(names(&of(asked("sourceRate", &json!({"count": 3, "by": "backPressure"}))).await), wanted);
    served.server.stop().await;
}

#[tokio::test]
async fn of_the_highest_only_other_signals_are_asked() {
    let served = Served::start(Fleet::bench(40, 2)).await;
    let cost = async |queries: &[Value]| {
        served.server.reset_counters();
        let outcomes = served.answer(&panels(3, queries)).await;
        (billed(&served), outcomes.iter().map(names).collect::<Vec<_>>())
    };
    let (ranking, highest) = cost(&[asked("cpu", &json!({"count": 5}))]).await;
    assert_eq!((ranking, highest[0].len()), (40, 5));
    // What ranks is kept, so there are the five to pay for.
    let (other, shown) = cost(&[asked("containerMemory", &json!({"count": 5, "by": "cpu"}))]).await;
    assert_eq!((other, &shown[0]), (5, &highest[0]));
    // Beside a query that ranks nothing, and at once.
    let beside = [asked("heap", &json!({"count": 5, "by": "cpu"})), asked("busy", &Value::Null)];
    let (other, shown) = cost(&beside).await;
    assert_eq!((other, &shown[0], shown[1].len()), (5 + 40, &highest[0], 40));
    served.server.stop().await;
}

#[tokio::test]
async fn nothing_is_said_of_applications_that_cannot_be_ranked_unless_they_are_named() {
    let served = Served::start(Fleet::new()).await;
    let notices = async |applications: &[&str]| {
        let mut query = asked("consumerLagTime", &json!({"count": 3}));
        query["applications"] = json!(applications);
        let outcome = served.answer(&panels(3, &[query])).await.remove(0);
        let frames = outcome.result.unwrap();
        frames[0].meta.notices.iter().map(|notice| notice.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(notices(&["*"]).await, Vec::<String>::new());
    let named = notices(&["orders", "catalog-cdc"]).await;
    assert!(named.len() == 1 && named[0].contains("catalog-cdc"), "{named:?}");
    served.server.stop().await;
}

#[tokio::test]
async fn an_alert_asks_all_it_may_depend_on() {
    let served = Served::start(Fleet::bench(10, 2)).await;
    let query = asked("containerMemory", &json!({"count": 5, "by": "cpu"}));
    let outcome = served.answer(&alerts(1, &[query])).await.remove(0);
    assert_eq!(names(&outcome).len(), 5);
    assert_eq!(billed(&served), 20);
    served.server.stop().await;
}
