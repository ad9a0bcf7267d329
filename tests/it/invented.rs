//! Invented names of applications, by the hundred: two lists tell that there are none, and nobody waits for a call
//! about each.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::model::application::{ApplicationStatus, Checkpointing, Description};
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;

use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::{AskedQuery, QueryDefaults};
use futures::future::{join, join_all};
use serde_json::json;

use crate::support::facts::{description, settings, source, summary};
use crate::support::fleet::NOW;
use crate::support::panels::{alerts, panels};
use crate::support::scripted::{Scripted, failure, series};

/// "orders" and "payments" run, and "gone" was deleted a week ago.
fn aws() -> Scripted {
    Scripted {
        list_applications: Box::new(|_| {
            Ok(["orders", "payments"].map(|name| summary(name, ApplicationStatus::Running, "FLINK-1_20")).to_vec())
        }),
        describe_application: Box::new(|name| match name.as_str() {
            "orders" | "payments" => Ok(description(name.as_str())),
            _ => Err(failure(CallErrorKind::NotFound)),
        }),
        list_metrics: Box::new(|ask| {
            let all = ["orders", "payments", "gone"].into_iter();
            let asked = all.filter(|name| ask.application.as_ref().is_none_or(|asked| asked.as_str() == *name));
            Ok(asked.map(|name| series("cpuUtilization", &[("Application", name)])).collect())
        }),
        ..Scripted::default()
    }
}

/// What is said, and what was asked of AWS but for values.
async fn ask(
    aws: Scripted,
    names: Vec<String>,
    of: fn(i64, &[serde_json::Value]) -> Vec<AskedQuery>,
) -> (String, Vec<String>) {
    let aws = Arc::new(aws);
    let source = source(&aws, &settings(json!({})));
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let query = json!({ "queryType": "application", "applications": names, "signals": ["cpu"] });
    let mut outcomes = engine::answer(&source, &settings, &of(1, &[query]), NOW * 1000).await;
    let reply = query_reply(outcomes.remove(0));
    let notices = reply.frames.iter().flat_map(|frame| &frame.meta.notices).map(|notice| notice.text.clone());
    let said = reply.error.map(|error| error.text).into_iter().chain(notices).collect::<Vec<_>>().join("\n");
    let asked = aws.asked().into_iter().filter(|line| !line.starts_with("GetMetricData")).collect();
    (said, asked)
}

fn invented(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("invented-{number:03}")).collect()
}

const LISTS: [&str; 2] = ["ListApplications eu-west-1", "ListMetrics eu-west-1 app=* metric=cpuUtilization TwoWeeks"];

#[tokio::test(start_paused = true)]
async fn hundreds_of_invented_names_cost_two_calls() {
    for of in [panels, alerts] {
        let (said, mut asked) = ask(aws(), invented(500), of).await;
        asked.sort();
        assert_eq!(asked, LISTS);
        assert!(said.contains("no application") && said.contains("\"invented-000\""), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn those_that_there_are_are_asked_about_beside_invented_ones() {
    let real = ["orders", "gone"].map(str::to_owned);
    let (said, asked) = ask(aws(), invented(30).into_iter().chain(real).collect(), panels).await;
    let of_names: Vec<_> = asked.iter().filter(|line| !LISTS.contains(&line.as_str())).collect();
    assert!(of_names.iter().all(|line| line.contains("orders") || line.contains("gone")), "{of_names:?}");
    assert!(of_names.iter().any(|line| line.starts_with("DescribeApplication eu-west-1 orders")), "{of_names:?}");
    assert!(said.contains("There is no application \"gone\" in eu-west-1 any more: it was deleted"), "{said}");
    let words =
        "There are no applications \"invented-000\", \"invented-001\", \"invented-002\" and 27 more in eu-west-1.";
    assert!(said.contains(words), "{said}");
}

/// One after the other is faster than with a list before.
#[tokio::test(start_paused = true)]
async fn a_few_names_need_no_list() {
    let (_, asked) = ask(aws(), invented(10), panels).await;
    assert!(asked.iter().all(|line| !LISTS.contains(&line.as_str())), "{asked:?}");
}

/// A list that is made from metrics lacks who has published nothing.
#[tokio::test(start_paused = true)]
async fn what_only_the_service_knows_is_asked_where_there_is_no_list() {
    let aws = Scripted { list_applications: Box::new(|_| Err(failure(CallErrorKind::AccessDenied))), ..aws() };
    let (_, asked) = ask(aws, invented(20), panels).await;
    assert_eq!(asked.iter().filter(|line| line.starts_with("DescribeApplication")).count(), 20);
}

/// Ten names a query need no list, and a dozen requests of fifty such queries have more names than the cache of facts
/// keeps.
#[tokio::test(start_paused = true)]
async fn an_alert_beside_thousands_of_invented_names_has_its_answer() {
    let checkpointing = Checkpointing { enabled: true, interval_ms: 60_000, min_pause_ms: 0 };
    let aws = Arc::new(Scripted {
        latency: Duration::from_millis(100),
        describe_application: Box::new(move |name| match name.as_str() {
            own if own.starts_with("own") => Ok(Description { checkpointing: Some(checkpointing), ..description(own) }),
            _ => Err(failure(CallErrorKind::NotFound)),
        }),
        list_metrics: Box::new(|ask| {
            let own = ask.application.iter().filter(|name| name.as_str().starts_with("own"));
            Ok(own.map(|name| series("lastCheckpointDuration", &[("Application", name.as_str())])).collect())
        }),
        ..Scripted::default()
    });
    let source = source(&aws, &settings(json!({})));
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let names = |request: usize, query: usize| -> Vec<String> {
        (0..10).map(|number| format!("invented-{request}-{query}-{number}")).collect()
    };
    let query = |names: Vec<String>, signal: &str| json!({ "queryType": "application", "applications": names, "signals": [signal] });
    let flood = (0..12).map(|request| {
        let queries: Vec<_> = (0..50).map(|number| query(names(request, number), "cpu")).collect();
        let (source, settings) = (&source, &settings);
        async move { engine::answer(source, settings, &panels(1, &queries), NOW * 1000).await.len() }
    });
    // Eight are described at a time.
    let own = (0..10).map(|number| format!("own-{number}")).collect();
    let asked = alerts(1, &[query(own, "checkpointPressure")]);
    let alert = async { query_reply(engine::answer(&source, &settings, &asked, NOW * 1000).await.remove(0)) };
    let (reply, answered) = join(alert, join_all(flood)).await;
    assert_eq!(reply.error.map(|error| error.text), None);
    assert_eq!(answered, [50; 12]);
    let described: Vec<_> = aws.asked().into_iter().filter(|line| line.starts_with("DescribeApplication")).collect();
    assert_eq!(described.len(), 12 * 500 + 10);
}
