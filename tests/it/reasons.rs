//! Why something is not known, or not there: the reason that is told is what happened, whatever rests on it.

use std::sync::Arc;

use flinkwatch::catalog::level::Scope;
use flinkwatch::catalog::signal::Described;
use flinkwatch::catalog::signals::SIGNALS;
use futures::future::join_all;
use local_aws::fleet::Fleet;
use local_aws::server::{Faults, Times};
use serde_json::{Value, json};

use crate::support::fleet::NOW;
use crate::support::world::{Answer, Chain};

const HOUR: i64 = 3600;

fn signal(application: &str, id: &str) -> Value {
    json!({ "queryType": "application", "applications": [application], "signals": [id] })
}

/// Signals of applications that are made in another way, or not at all, without a description.
fn described() -> Vec<&'static str> {
    let rests = |described| described != Described::Never;
    let of_applications = SIGNALS.iter().filter(|signal| signal.scopes.contains(&Scope::Application));
    let ids: Vec<_> =
        of_applications.filter(|signal| rests(signal.formula.traits().described)).map(|signal| signal.id).collect();
    assert!(ids.len() >= 5, "{ids:?}");
    ids
}

/// Questions of which a part cannot be answered without DescribeApplication.
fn questions() -> Vec<Value> {
    let mut questions = vec![
        json!({ "queryType": "operator", "applications": ["audit-log"], "signals": ["busy"] }),
        json!({ "queryType": "operator", "applications": ["audit-log"], "tasks": ["Sink: x"], "signals": ["busy"] }),
        json!({ "queryType": "application", "applications": ["orders"], "as": "table" }),
        json!({ "queryType": "checkpoint", "applications": ["orders"], "signals": ["checkpointPressure"] }),
        signal("no-such-app", "cpu"),
        signal("legacy-reports", "cpu"),
    ];
    questions.extend(described().into_iter().map(|id| signal("orders", id)));
    questions
}

fn describing(fault: Faults) -> Faults {
    Faults { operations: vec!["DescribeApplication".to_owned()], ..fault }
}

/// What a panel says, and an alert rule, which takes no table.
async fn said(chain: &Chain, query: &Value) -> Vec<String> {
    let range = NOW - HOUR..NOW;
    let all = |answer: Answer| format!("{}{}", answer.error(), answer.notices());
    let mut said = vec![all(chain.ask(query.clone(), range.clone()).await)];
    if query["as"] != "table" {
        said.push(all(chain.alert(query.clone(), range).await));
    }
    said
}

/// Each fault of DescribeApplication, and what must be read of it.
fn faults() -> Vec<(Faults, &'static str)> {
    let always = Times::Always;
    vec![
        (
            describing(Faults { latency_ms: 60_000, ..Faults::default() }),
            "DescribeApplication at HOST did not answer in time",
        ),
        (describing(Faults { throttle: always, ..Faults::default() }), "throttled DescribeApplication"),
        (describing(Faults { internal_error: always, ..Faults::default() }), "failed on DescribeApplication"),
        (
            describing(Faults { proxy_page: always, ..Faults::default() }),
            "the server that answered DescribeApplication is not",
        ),
        (
            describing(Faults { deny: vec!["kinesisanalytics:DescribeApplication".to_owned()], ..Faults::default() }),
            "Add kinesisanalytics:DescribeApplication",
        ),
    ]
}

#[tokio::test]
async fn what_rests_on_a_description_says_why_there_is_none() {
    for (fault, words) in faults() {
        let is_denied = !fault.deny.is_empty();
        let chain = Chain::start_broken(Arc::new(Fleet::new()), NOW, fault.clone()).await;
        // That there is no such application is an answer as well.
        let is_told_unknown = fault.proxy_page != Times::Never;
        let words = words.replace("HOST", &chain.host());
        for query in
            questions().into_iter().filter(|query| !is_told_unknown || query["applications"][0] != "no-such-app")
        {
            for said in said(&chain, &query).await {
                let rests_on_names =
                    is_denied && !said.contains("No \"") && query["signals"][0] != "checkpointPressure";
                let is_told = said.to_lowercase().contains(&words.to_lowercase());
                assert!(is_told || rests_on_names, "{query}: {words} in {said}");
                assert!(is_denied || !said.contains("policy"), "{query}: {said}");
                for wrong in ["AWS limits how many", "match the filter", "Raise the", "deadline"] {
                    assert!(!said.contains(wrong), "{query}: {wrong} in {said}");
                }
            }
        }
    }
}

/// Also where the call was made late in the request, or for another fact, and its own time is not over.
#[tokio::test]
async fn whoever_has_not_answered_in_time_is_named() {
    let questions = [
        signal("*", "uptime"),
        signal("orders", "cpu"),
        json!({ "queryType": "application", "applications": ["*"], "as": "table" }),
        json!({ "queryType": "metric", "applications": ["orders"], "metric": "cpuUtilization" }),
    ];
    let world = Arc::new(Fleet::new());
    let check = async |(operation, query): (&str, &Value)| {
        let operations = Some(operation.to_owned()).filter(|operation| !operation.is_empty()).into_iter().collect();
        let fault = Faults { latency_ms: 60_000, operations, ..Faults::default() };
        let chain = Chain::start_broken(Arc::<Fleet>::clone(&world), NOW, fault).await;
        // What is named completely is asked for although the list does not come.
        let is_named = query["queryType"] == "metric";
        let answer = chain.ask(query.clone(), NOW - HOUR..NOW).await;
        if is_named && operation == "ListMetrics" {
            return assert_eq!(answer.lines().len(), 1);
        }
        let called = match operation {
            "" if is_named => "GetMetricData",
            "" => "ListMetrics",
            one => one,
        };
        let words = format!("{called} at {} did not answer in time", chain.host());
        let said = answer.error().to_owned();
        assert!(said.contains(&words), "{operation:?} {query}: {said}");
    };
    let operations = ["GetMetricData", "ListMetrics", ""].into_iter();
    let cases = operations.flat_map(|operation| questions.iter().map(move |query| (operation, query)));
    // More calls than run at a time: those that wait are not made, since none of the others was answered.
    let names: Vec<String> = (0..30).map(|number| format!("app-{number}")).collect();
    let many = json!({ "queryType": "application", "applications": names, "signals": ["cpu"], "accountId": "all" });
    join_all(cases.chain([("ListMetrics", &many)]).map(check)).await;
}

/// It was reached, so nobody should look for a way to it.
#[tokio::test]
async fn an_answer_that_breaks_off_is_no_service_that_cannot_be_reached() {
    let fault = Faults { cut_body: Times::Always, ..Faults::default() };
    let chain = Chain::start_broken(Arc::new(Fleet::new()), NOW, fault).await;
    let said = chain.ask(signal("orders", "cpu"), NOW - HOUR..NOW).await.error().to_owned();
    let words =
        format!("failed on ListMetrics ({}: the connection was closed before the answer was complete", chain.host());
    assert!(said.contains(&words), "{said}");
}

/// A list that is made from metrics has notebooks, too; what they publish tells them from jobs of Flink.
#[tokio::test]
async fn all_are_jobs_of_flink_also_where_the_list_is_made_from_metrics() {
    for denied in [vec!["kinesisanalytics:ListApplications"], vec!["kinesisanalytics:*"]] {
        let chain = Chain::start_denied(Arc::new(Fleet::new()), NOW, &denied).await;
        for applications in ["*", "/o/"] {
            let query = json!({ "queryType": "application", "applications": [applications], "signals": ["cpu"] });
            let table = json!({ "queryType": "application", "applications": [applications], "as": "table" });
            let names: Vec<String> =
                chain.ask(table, NOW - HOUR..NOW).await.texts("application").into_iter().map(str::to_owned).collect();
            assert!(
                names.contains(&"orders".to_owned()) && !names.contains(&"notebook".to_owned()),
                "{denied:?} {names:?}"
            );
            for answer in [chain.ask(query.clone(), NOW - HOUR..NOW).await, chain.alert(query, NOW - HOUR..NOW).await] {
                let lines = answer.lines();
                assert!(
                    lines.len() > 3 && lines.iter().all(|line| line.label("application") != "notebook"),
                    "{denied:?}"
                );
            }
        }
        // Whoever names one gets what it has.
        let named = chain.ask(signal("notebook", "cpu"), NOW - HOUR..NOW).await;
        assert_eq!(named.line(&[]).label("application"), "notebook");
    }
}

#[tokio::test]
async fn what_rests_on_the_description_of_a_deleted_application_says_that_it_is_gone() {
    let gone = Faults { deleted_applications: vec!["orders".to_owned()], ..Faults::default() };
    let chain = Chain::start_broken(Arc::new(Fleet::new()), NOW, gone).await;
    for id in described() {
        for said in said(&chain, &signal("orders", id)).await {
            let first = said.trim_start_matches("An alert rule is not evaluated on incomplete data. ");
            let words = "There is no application \"orders\" in eu-west-1 any more: it was deleted";
            assert!(first.starts_with(words), "{id}: {said}");
            assert!(!said.contains("policy") && !said.contains("DescribeApplication"), "{id}: {said}");
        }
    }
}

/// What no number rests on is not waited for: the list knows who runs.
#[tokio::test]
async fn a_rule_over_all_applications_does_not_wait_for_descriptions_that_it_does_not_need() {
    let hangs = || describing(Faults { latency_ms: 60_000, ..Faults::default() });
    let metric = json!({ "queryType": "metric", "applications": ["*"], "metric": "cpuUtilization" });
    let top = json!({
        "queryType": "application", "applications": ["/o/"], "signals": ["cpu"], "top": { "count": 2, "by": "uptime" },
    });
    for query in [signal("*", "cpu"), signal("*", "restarts"), metric, top] {
        let chain = Chain::start_broken(Arc::new(Fleet::new()), NOW, hangs()).await;
        // A hanging call is given up after two seconds of such a request; a second is waited for it.
        let limit = std::time::Duration::from_millis(1900);
        let answer = tokio::time::timeout(limit, chain.alert(query.clone(), NOW - HOUR..NOW)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{query} waits for DescribeApplication"));
        assert_eq!(answer.error(), "", "{query}");
        assert!(answer.lines().len() > 1, "{query}");
    }
}
