//! What an author named and that is not there: an alert fails by name, a panel says so, and a line per application
//! stays.

use std::sync::Arc;

use flinkwatch::catalog::level::Scope;
use flinkwatch::catalog::signals::SIGNALS;
use local_aws::fleet::Fleet;
use local_aws::world::World;
use serde_json::{Value, json};

use super::{HOUR, NOON, fleet};
use crate::support::made::Made;
use crate::support::world::Chain;
use crate::support::worlds::{What, Without};

fn application(names: Value, signals: Value) -> Value {
    json!({ "queryType": "application", "applications": names, "signals": signals })
}

fn metric(metric: &str, dimensions: Value) -> Value {
    json!({ "queryType": "metric", "applications": ["orders"], "metric": metric, "dimensions": dimensions })
}

fn operator(applications: Value, tasks: Value) -> Value {
    json!({ "queryType": "operator", "applications": applications, "tasks": tasks, "signals": ["busy"] })
}

const SINK: &str = "Sink: order lines: Writer";

/// What is asked, and what must be said: by an error of the alert, and by a notice or an error of the panel.
fn not_there() -> Vec<(Value, &'static [&'static str])> {
    vec![
        (application(json!(["orders"]), json!(["consumerLagRecords"])), &["consumerLagRecords", "\"orders\""]),
        (application(json!(["orders"]), json!(["cpu", "consumerLagRecords"])), &["consumerLagRecords"]),
        (application(json!(["orders", "no-such-app"]), json!(["cpu"])), &["There is no application \"no-such-app\""]),
        (application(json!(["no-such-app"]), json!(["cpu"])), &["There is no application \"no-such-app\""]),
        (application(json!(["/^nothing/"]), json!(["cpu"])), &["No application in eu-west-1 matches \"/^nothing/\""]),
        (application(json!(["orders", "/^nothing/"]), json!(["cpu"])), &["matches \"/^nothing/\""]),
        (application(json!(["pay*x"]), json!(["cpu"])), &["No application in eu-west-1 matches \"pay*x\""]),
        (application(json!(["/^PAY$/i"]), json!(["cpu"])), &["matches \"/^PAY$/i\""]),
        (operator(json!(["orders"]), json!(["Sink*x"])), &["No task matches \"Sink*x\""]),
        (metric("cpuutilisation", json!({})), &["publishes no metric \"cpuutilisation\"", "\"cpuUtilization\""]),
        (metric("busyTimeMsPerSecond", json!({ "Tasks": "*" })), &["has these dimensions", "{Application, Task}"]),
        (
            metric("busyTimeMsPerSecond", json!({ "Task": "Sink: order linez: Writer" })),
            &["No value of Task", "matches \"Sink: order linez: Writer\"", "Sink:_order_lines:_Writer"],
        ),
        (metric("busyTimeMsPerSecond", json!({ "Task": "/^nothing/" })), &["No value of Task", "There are"]),
        (operator(json!(["orders"]), json!(["Enrichh"])), &["No task matches \"Enrichh\""]),
        (
            operator(json!(["orders"]), json!([SINK, "Sink: order linez: Writer"])),
            &["No task matches \"Sink: order linez"],
        ),
        (operator(json!(["*"]), json!(["/^nothing/"])), &["No task matches \"/^nothing/\""]),
        (
            json!({ "queryType": "operator", "applications": ["orders"], "level": "operator", "operators": ["Nothing"] }),
            &["No operator matches \"Nothing\""],
        ),
        (operator(json!(["orders", "sessions"]), json!([SINK])), &["\"sessions\" has no tasks that match"]),
        (operator(json!(["audit-log"]), json!("*")), &["publishes metrics at level APPLICATION; tasks need TASK"]),
    ]
}

#[tokio::test]
async fn an_alert_about_something_that_is_not_there_fails_by_name() {
    let chain = Chain::start(fleet(), NOON).await;
    for (query, words) in not_there() {
        let answer = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        for word in words {
            assert!(answer.error().contains(word), "{query}: {}", answer.error());
        }
        assert_eq!(answer.status(), 404, "{query}: {}", answer.error());
    }
}

/// Case is no reason where only other letters would help, or none.
#[tokio::test]
async fn a_metric_that_is_not_published_is_not_told_as_misspelt() {
    let made = Made::new("orders").constant("MyCounter", &[], 1.0);
    let chain = Chain::start(Arc::new(made), NOON).await;
    let said = chain.alert(metric("mycounter", json!({})), NOON - HOUR..NOON).await.error().to_owned();
    assert!(said.contains("no metric \"mycounter\". Names are case sensitive: it publishes \"MyCounter\"."), "{said}");
    let chain = Chain::start(fleet(), NOON).await;
    for name in ["cpuutilisation", "threads", "numberOfCompletedCheckpoints"] {
        let said = chain.alert(metric(name, json!({})), NOON - HOUR..NOON).await.error().to_owned();
        assert!(said.contains(&format!("no metric \"{name}\".")) && !said.contains("case sensitive"), "{said}");
        // What CloudWatch calls so is spelt well.
        assert_eq!(said.contains("It publishes"), name != "numberOfCompletedCheckpoints", "{said}");
    }
}

#[tokio::test]
async fn a_panel_says_what_is_not_there() {
    let chain = Chain::start(fleet(), NOON).await;
    for (query, words) in not_there() {
        let answer = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        let said = format!("{}{}", answer.error(), answer.notices());
        for word in words {
            assert!(said.contains(word), "{query}: {said}");
        }
    }
}

/// A dashboard asks for both, because it does not know what the application reads from and which version of Flink it
/// has.
#[tokio::test]
async fn a_panel_says_nothing_of_a_signal_whose_alternative_is_there() {
    let lag = json!(["consumerLagTime", "consumerLagRecords"]);
    let outage = json!(["downtime", "restartingTime", "failingTime", "cancellingTime"]);
    let chain = Chain::start(fleet(), NOON).await;
    for name in ["orders", "sessions"] {
        for signals in [&lag, &outage] {
            let query = application(json!([name]), signals.clone());
            let answer = chain.ask(query.clone(), NOON - HOUR..NOON).await;
            assert!(!answer.lines().is_empty(), "{query}");
            assert_eq!(answer.notices(), "", "{query}");
        }
        // A rule's author knows it.
        assert_eq!(chain.alert(application(json!([name]), lag.clone()), NOON - HOUR..NOON).await.status(), 404);
    }
    let made = Made::new("orders").constant("cpuUtilization", &[], 50.0);
    let chain = Chain::start(Arc::new(made), NOON).await;
    let neither = application(json!(["orders"]), json!(["cpu", "consumerLagTime", "consumerLagRecords"]));
    let said = chain.ask(neither, NOON - HOUR..NOON).await.notices();
    assert!(said.contains("consumerLagTime") && said.contains("consumerLagRecords"), "{said}");
}

/// A panel that is not finished asks nothing, and a rule made of it must not ask all that run instead.
#[tokio::test]
async fn without_an_application_a_panel_says_what_to_choose_and_an_alert_fails() {
    let chain = Chain::start(fleet(), NOON).await;
    let signals = json!(["restarts"]);
    let unfinished = [
        json!({ "queryType": "application", "signals": signals }),
        json!({ "queryType": "application", "applications": [], "exclude": { "applications": ["orders"] } }),
        json!({ "queryType": "application", "as": "series", "applications": [""] }),
        json!({ "signals": signals }),
        json!({ "queryType": "operator", "signals": ["busy"] }),
        json!({ "queryType": "checkpoint" }),
        json!({ "queryType": "metric", "metric": "KPUs" }),
    ];
    for query in unfinished {
        let words = "No application is chosen, and the data source has no default application. Choose applications";
        let answer = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert!(answer.error().contains(words), "{query}: {}", answer.error());
        assert_eq!(answer.status(), 400, "{query}");
        let panel = chain.ask(query.clone(), NOON - HOUR..NOON).await;
        assert!(panel.notices().contains(words), "{query}: {}{}", panel.error(), panel.notices());
        assert!(panel.lines().is_empty(), "{query}");
    }
}

/// A panel's author can add the variable; an alert rule can have none.
#[tokio::test]
async fn a_variable_that_nobody_replaced_is_told_as_whoever_asks_can_mend_it() {
    let chain = Chain::start(fleet(), NOON).await;
    for (name, variable) in [("$team-orders", "team"), ("${app:regex}", "app"), ("/[[env]]/", "env")] {
        let query = application(json!([name]), json!(["cpu"]));
        let alert = chain.alert(query.clone(), NOON - HOUR..NOON).await;
        assert!(
            alert.error().ends_with("not replaced: alert rules have no variables. Write the value itself."),
            "{}",
            alert.error()
        );
        let panel = chain.ask(query, NOON - HOUR..NOON).await;
        assert!(panel.error().contains(&format!("the dashboard has no variable \"{variable}\"")), "{}", panel.error());
    }
}

/// A fleet is mixed by nature: what some applications cannot have is no fault of a rule over all of them.
#[tokio::test]
async fn an_alert_over_all_applications_is_decided_on_those_that_have_the_signal() {
    for world in [fleet(), Arc::new(Fleet::incidents())] {
        let chain = Chain::start(world, NOON).await;
        let of_applications = SIGNALS.iter().filter(|signal| signal.scopes.contains(&Scope::Application));
        for signal in of_applications.map(|signal| signal.id).chain(["threadsCount"]) {
            let answer = chain.alert(application(json!(["*"]), json!([signal])), NOON - HOUR..NOON).await;
            assert_eq!(answer.error(), "", "{signal}");
        }
    }
}

/// One that was stopped three weeks ago has no series any more, but it exists.
#[tokio::test]
async fn an_alert_keeps_a_line_of_nulls_for_an_application_that_has_published_nothing() {
    let three_weeks_later = NOON + 21 * 24 * HOUR;
    let chain = Chain::start(quiet("legacy-reports"), three_weeks_later).await;
    let range = three_weeks_later - HOUR..three_weeks_later;
    let queries = [
        application(json!(["legacy-reports"]), json!(["uptime"])),
        operator(json!(["legacy-reports"]), json!(["Some task"])),
        json!({ "queryType": "metric", "applications": ["legacy-reports"], "metric": "uptime" }),
    ];
    for query in queries {
        let answer = chain.alert(query.clone(), range.clone()).await;
        let lines = answer.lines();
        assert_eq!(lines.len(), 1, "{query}");
        assert_eq!(lines[0].label("application"), "legacy-reports");
        assert!(lines[0].known(range.clone()).is_empty() && !lines[0].points.is_empty(), "{query}");
        let panel = chain.ask(query.clone(), range.clone()).await;
        assert!(panel.lines().is_empty() && panel.notices().contains("is stopped"), "{query}: {}", panel.notices());
    }
}

/// Its series are listed for two weeks; a rule about it would be quiet for ever.
#[tokio::test]
async fn an_alert_about_a_deleted_application_fails() {
    let chain = Chain::start(deleted("legacy-reports"), NOON).await;
    let query = application(json!(["legacy-reports"]), json!(["uptime"]));
    let answer = chain.alert(query.clone(), NOON - HOUR..NOON).await;
    let words = "There is no application \"legacy-reports\" in eu-west-1 any more: it was deleted";
    assert!(answer.error().contains(words), "{}", answer.error());
    let yesterday = NOON - 24 * HOUR..NOON - 23 * HOUR;
    let panel = chain.ask(query, yesterday.clone()).await;
    assert!(panel.notices().contains(words), "{}", panel.notices());
    assert_eq!(panel.signal("uptime").known(yesterday).len(), 60, "a panel still shows its past");
}

fn quiet(name: &'static str) -> Arc<dyn World> {
    Arc::new(Without { inner: fleet(), name, what: What::Series })
}

fn deleted(name: &'static str) -> Arc<dyn World> {
    Arc::new(Without { inner: fleet(), name, what: What::Application })
}
