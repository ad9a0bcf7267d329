//! Linked accounts of a monitoring account: one that CloudWatch does not show is told, and asking for it stays cheap.

use std::sync::Arc;

use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::model::series::MetricSeries;
use flinkwatch::place::{AccountId, Region};
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::QueryReply;
use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::{AskedQuery, QueryDefaults};
use local_aws::fleet::{Fleet, LINKED_ACCOUNT};
use serde_json::{Value, json};

use crate::support::facts::{description, settings, source};
use crate::support::fleet::NOW;
use crate::support::panels::{alerts, panels};
use crate::support::scripted::{Scripted, failure, series};
use crate::support::world::Chain;

const HOUR: i64 = 3600;

/// Well formed, and linked to nothing.
const UNLINKED: &str = "333333333333";

/// A query of each kind, for all applications and for a named one.
fn queries(account: &str) -> Vec<Value> {
    let bodies = [
        json!({ "queryType": "application", "signals": ["cpu"] }),
        json!({ "queryType": "application", "signals": ["sourceRate"], "top": { "count": 3 } }),
        json!({ "queryType": "operator", "signals": ["busy"] }),
        json!({ "queryType": "operator", "signals": ["busy"], "tasks": ["Sink: x"] }),
        json!({ "queryType": "checkpoint", "signals": ["checkpointDuration"] }),
        json!({ "queryType": "metric", "metric": "cpuUtilization" }),
        json!({ "queryType": "metric", "metric": "busyTimeMsPerSecond", "dimensions": { "Task": ["a"] } }),
    ];
    let names = [json!(["*"]), json!(["/o/"]), json!(["orders"]), json!(["orders", "/pay/"])];
    let with = |body: &Value, names: &Value| {
        let mut query = body.clone();
        query["applications"] = names.clone();
        query["accountId"] = json!(account);
        query
    };
    bodies.iter().flat_map(|body| names.iter().map(move |names| with(body, names))).collect()
}

#[tokio::test]
async fn an_account_that_is_not_linked_fails_every_alert_and_is_told_by_every_panel() {
    let chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
    for query in queries(UNLINKED) {
        let alert = chain.alert(query.clone(), NOW - HOUR..NOW).await;
        let words =
            "CloudWatch shows no metrics of Flink of account 333333333333 in eu-west-1: the account is not linked";
        assert_eq!(alert.status(), 404, "{query}: {} {}", alert.error(), alert.notices());
        assert!(alert.error().contains(words), "{query}: {}", alert.error());
        assert!(alert.error().contains("It shows those of \"111111111111\", \"222222222222\"."), "{}", alert.error());
        let panel = chain.ask(query.clone(), NOW - HOUR..NOW).await;
        assert!(panel.notices().contains(words), "{query}: {} {}", panel.error(), panel.notices());
        // Nothing else is wrong.
        assert_eq!(panel.notices().lines().count(), 1, "{query}: {}", panel.notices());
    }
    let table = json!({ "queryType": "application", "applications": ["*"], "as": "table", "accountId": UNLINKED });
    let said = chain.ask(table, NOW - HOUR..NOW).await.notices();
    assert!(said.contains("is not linked"), "{said}");
}

/// The last one that is linked is not called unlinked, whatever is not found in it.
#[tokio::test]
async fn what_a_linked_account_does_not_have_is_no_missing_link() {
    let chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
    for query in queries(LINKED_ACCOUNT) {
        for answer in
            [chain.alert(query.clone(), NOW - HOUR..NOW).await, chain.ask(query.clone(), NOW - HOUR..NOW).await]
        {
            let said = format!("{}{}", answer.error(), answer.notices());
            assert!(!said.contains("linked to"), "{query}: {said}");
        }
    }
}

/// The metrics of a region are linked in that region.
#[tokio::test]
async fn a_link_of_another_region_is_no_link() {
    let chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
    let query = json!({
        "queryType": "application", "applications": ["*"], "signals": ["cpu"], "region": "us-east-1",
        "accountId": LINKED_ACCOUNT,
    });
    let alert = chain.alert(query, NOW - HOUR..NOW).await;
    assert_eq!(alert.status(), 404);
    assert!(
        alert.error().contains("of account 222222222222 in us-east-1: the account is not linked"),
        "{}",
        alert.error()
    );
}

/// Whatever is invented, it is looked up in lists.
#[tokio::test]
async fn asking_for_accounts_that_are_not_linked_costs_one_call_for_all_of_them() {
    let chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
    for number in 0..20 {
        for applications in [json!(["*"]), json!(["orders"]), json!(invented(30))] {
            let query = json!({
                "queryType": "application", "applications": applications, "signals": ["cpu"],
                "accountId": format!("3333333333{number:02}"),
            });
            assert_eq!(chain.alert(query, NOW - HOUR..NOW).await.status(), 404);
        }
    }
    assert_eq!((chain.calls("ListMetrics"), chain.calls("GetMetricData")), (1, 0));
}

#[tokio::test]
async fn invented_names_of_a_linked_account_and_of_all_accounts_are_looked_up_in_lists() {
    for (account, most) in [(LINKED_ACCOUNT, 2), ("all", 1)] {
        let chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
        let query = json!({
            "queryType": "application", "applications": invented(300), "signals": ["cpu"], "accountId": account,
        });
        let alert = chain.alert(query.clone(), NOW - HOUR..NOW).await;
        assert_eq!(alert.status(), 404, "{account}: {}", alert.error());
        assert!(alert.error().contains("\"invented-0\""), "{account}: {}", alert.error());
        chain.ask(query, NOW - HOUR..NOW).await;
        assert_eq!(chain.calls("ListMetrics"), most, "{account}");
        assert_eq!((chain.calls("DescribeApplication"), chain.calls("GetMetricData")), (0, 0), "{account}");
    }
}

/// Only the service knows tags, and it knows its own account.
#[tokio::test]
async fn tags_of_other_accounts_are_refused_without_a_call() {
    let chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
    for account in [LINKED_ACCOUNT, UNLINKED, "all"] {
        let query = json!({ "queryType": "tags", "applications": ["*"], "accountId": account });
        let answer = chain.ask(query, NOW - HOUR..NOW).await;
        let words = "ListTagsForResource answers for the data source's own account only";
        assert!(answer.error().contains(words), "{account}: {} {}", answer.error(), answer.notices());
    }
    assert_eq!((chain.calls("ListMetrics"), chain.calls("ListApplications")), (0, 0));
}

fn invented(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("invented-{number}")).collect()
}

/// "orders" runs in the own account and in a linked one, "partner" in the linked one alone.
fn two_accounts() -> Scripted {
    Scripted {
        describe_application: Box::new(|name| match name.as_str() {
            "orders" => Ok(description("orders")),
            _ => Err(failure(CallErrorKind::NotFound)),
        }),
        list_metrics: Box::new(|ask| {
            let all = [("orders", "123456789012"), ("orders", LINKED_ACCOUNT), ("partner", LINKED_ACCOUNT)];
            let asked =
                all.into_iter().filter(|(name, _)| ask.application.as_ref().is_none_or(|of| of.as_str() == *name));
            let of = |(name, account): (&str, &str)| {
                let metrics = ["cpuUtilization", "lastCheckpointDuration"];
                let account = Some(AccountId::from(account));
                metrics.map(|id| MetricSeries { account: account.clone(), ..series(id, &[("Application", name)]) })
            };
            Ok(asked.flat_map(of).collect())
        }),
        ..Scripted::default()
    }
}

async fn reply(mut query: Value, of: fn(i64, &[Value]) -> Vec<AskedQuery>) -> QueryReply {
    query["accountId"] = json!("all");
    let source = source(&Arc::new(two_accounts()), &settings(json!({})));
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    query_reply(engine::answer(&source, &settings, &of(1, &[query]), NOW * 1000).await.remove(0))
}

fn said(reply: &QueryReply) -> String {
    let notices = reply.frames.iter().flat_map(|frame| &frame.meta.notices).map(|notice| notice.text.clone());
    reply.error.iter().map(|error| error.text.clone()).chain(notices).collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn an_application_of_a_linked_account_is_not_called_missing_where_all_accounts_are_asked() {
    for name in ["orders", "partner"] {
        let query = json!({ "queryType": "application", "applications": [name], "signals": ["checkpointPressure"] });
        let said = said(&reply(query, panels).await);
        assert!(!said.contains("no such application") && !said.contains("no longer"), "{name}: {said}");
        assert!(said.contains("DescribeApplication answers for the data source's own account only"), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_no_account_has_is_told_where_all_accounts_are_asked() {
    for kind in [
        json!({ "queryType": "application", "signals": ["cpu"] }),
        json!({ "queryType": "operator", "signals": ["busy"] }),
        json!({ "queryType": "metric", "metric": "cpuUtilization" }),
        json!({ "queryType": "checkpoint", "signals": ["checkpointDuration"] }),
    ] {
        for names in [json!(["nope"]), json!(["orders", "nope"])] {
            let mut query = kind.clone();
            query["applications"] = names;
            let alert = reply(query.clone(), alerts).await;
            assert_eq!(alert.error.as_ref().map(|error| error.status), Some(404), "{query}: {}", said(&alert));
            for said in [said(&alert), said(&reply(query.clone(), panels).await)] {
                assert!(said.contains("There is no application \"nope\""), "{query}: {said}");
            }
        }
    }
}

/// A console shows the account that somebody is signed in to.
#[tokio::test(start_paused = true)]
async fn only_rows_of_the_own_account_lead_to_its_console() {
    let table = reply(json!({ "queryType": "application", "applications": ["*"], "as": "table" }), panels).await;
    let fields = &table.frames[0].fields;
    let texts = |name: &str| {
        let field = fields.iter().find(|field| field.name == name).unwrap();
        let flinkwatch::frames::frame::Values::Text(texts) = &field.values else { panic!("{name} holds no texts") };
        texts.clone()
    };
    let mut rows: Vec<_> = texts("account").into_iter().zip(texts("console")).collect();
    rows.sort();
    let is_linked: Vec<bool> = rows.iter().map(|(_, console)| console.is_some()).collect();
    assert_eq!(is_linked, [true, false, false], "{rows:?}");
    assert!(fields.iter().all(|field| field.config.links.is_empty()));
}
