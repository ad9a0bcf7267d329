//! Labels and names tell series apart, and let expressions join them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::made::Made;
use crate::support::world::{Answer, Chain};

/// The newest value of each series by one label.
fn by_label(answer: &Answer, label: &str) -> Vec<(String, f64)> {
    let last = |line: &crate::support::world::Line| line.at(NOON - 600);
    let mut values: Vec<_> = answer.lines().iter().map(|line| (line.label(label).to_owned(), last(line))).collect();
    values.sort_by(|a, b| a.0.cmp(&b.0));
    values
}

fn pairs(expected: &[(&str, f64)]) -> Vec<(String, f64)> {
    expected.iter().map(|(label, value)| ((*label).to_owned(), *value)).collect()
}

async fn ask(made: Made, query: Value) -> Answer {
    Chain::start(Arc::new(made), NOON).await.ask(query, NOON - HOUR..NOON).await
}

fn metric(name: &str, dimensions: Value) -> Value {
    json!({"queryType": "metric", "applications": ["orders"], "metric": name, "dimensions": dimensions})
}

/// `$B / $A` joins the series whose labels are equal.
#[tokio::test]
async fn two_signals_of_several_applications_have_the_same_labels() {
    let chain = Chain::start(fleet(), NOON).await;
    let of = |signal: &str| json!({"queryType": "application", "applications": ["*"], "signals": [signal]});
    let labels = |answer: &Answer| answer.lines().into_iter().map(|line| line.labels).collect::<Vec<_>>();
    let sources = labels(&chain.ask(of("sourceRate"), NOON - HOUR..NOON).await);
    let sinks = labels(&chain.ask(of("sinkRate"), NOON - HOUR..NOON).await);
    let joined = sinks.iter().filter(|labels| sources.contains(labels)).count();
    assert!(joined > 5 && joined == sinks.len(), "{sinks:?} and {sources:?}");
}

#[tokio::test]
async fn an_own_metric_is_never_replaced_by_a_known_one() {
    let made = || {
        Made::new("orders")
            .constant("records-lag", &[], 7.0)
            .constant("records_lag_max", &[], 99.0)
            .constant("cpuutilization", &[], 77.0)
            .constant("cpuUtilization", &[], 30.0)
            .constant("Uptime", &[], 5.0)
            .constant("heapMemoryUtilization", &[], 40.0)
    };
    for (asked, value) in [("records-lag", 7.0), ("cpuutilization", 77.0), ("cpuUtilization", 30.0), ("Uptime", 5.0)] {
        let answer = ask(made(), metric(asked, json!({}))).await;
        assert_eq!(answer.lines()[0].at(NOON - 600), value, "{asked}");
        assert_eq!(answer.notices(), "", "{asked}");
    }
    let answer = ask(made(), metric("HeapMemoryUtilization", json!({}))).await;
    assert_eq!(answer.lines()[0].at(NOON - 600), 40.0);
    assert_eq!(answer.notices(), "\"HeapMemoryUtilization\" is read as the metric \"heapMemoryUtilization\".");
}

#[tokio::test]
async fn dimensions_called_like_our_labels_keep_series_apart() {
    for (dimension, label) in [
        ("region", "dimension_region"),
        ("application", "dimension_application"),
        ("signal", "dimension_signal"),
        ("task", "dimension_task"),
        ("value", "dimension_value"),
        ("tenant", "tenant"),
    ] {
        let made =
            Made::new("orders").constant("own", &[(dimension, "a")], 1.0).constant("own", &[(dimension, "b")], 2.0);
        let answer = ask(made, metric("own", json!({ dimension: "*" }))).await;
        assert_eq!(by_label(&answer, label), pairs(&[("a", 1.0), ("b", 2.0)]), "{dimension}");
        for line in answer.lines() {
            assert_eq!((line.label("application"), line.label("region")), ("orders", "eu-west-1"), "{dimension}");
        }
    }
}

#[tokio::test]
async fn a_legend_in_the_words_of_cloudwatch_names_each_line() {
    let chain = Chain::start(fleet(), NOON).await;
    let of = |legend: &str| json!({"queryType": "application", "applications": ["orders", "payments"], "signals": ["sourceRate"], "legend": legend});
    let range = NOON - HOUR..NOON;
    assert_eq!(chain.ask(of("{{Application}}"), range.clone()).await.legends(), ["orders", "payments"]);
    let answer = chain.ask(of("{{metric}} {{stat}}"), range.clone()).await;
    assert_eq!(answer.legends(), ["sourceRate · orders", "sourceRate · payments"]);
    assert_eq!(
        answer.notices(),
        "No line of this query has what the legend calls \"stat\". It has application, label, namespace, period, region, signal."
    );
    // One that is a metric's statistic has its name, and where the author chose it, that one.
    let mut cpu = of("{{statistic}} of {{application}}");
    cpu["signals"] = json!(["cpu"]);
    let answer = chain.ask(cpu.clone(), range.clone()).await;
    assert_eq!((answer.legends(), answer.notices().as_str()), (vec!["Maximum of orders", "Maximum of payments"], ""));
    cpu["statistic"] = json!("Minimum");
    assert_eq!(chain.ask(cpu, range.clone()).await.legends(), ["Minimum of orders", "Minimum of payments"]);
    let answer = chain.ask(of("{{application}} {{appplication}}"), range).await;
    assert_eq!(answer.legends(), ["orders", "payments"]);
    assert!(answer.notices().contains("\"appplication\""), "{}", answer.notices());
}
