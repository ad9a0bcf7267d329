//! Metric queries that name application, metric and all dimensions: nothing is looked up before their values are asked
//! for.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::answers::{Column, Completeness, GetMetricDataAnswer};
use flinkwatch::engine::{self, EngineSettings, QueryOutcome};
use flinkwatch::fetch::Source;
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::{AskedQuery, QueryDefaults};
use local_aws::fleet::Fleet;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::facts::{description, settings, source};
use crate::support::fleet::NOW;
use crate::support::panels::{alerts, panels};
use crate::support::scripted::{Scripted, series};
use crate::support::world::Chain;

const PAGES: Duration = Duration::from_secs(9);

/// An AWS where ListMetrics has many pages, and `orders` has its CPU.
fn aws() -> Arc<Scripted> {
    Arc::new(Scripted {
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        get_metric_data: Box::new(|call| {
            let column = |metric: &str, values| Column {
                values: Arc::new(vec![if metric == "cpuUtilization" { 7.0 } else { f64::NAN }; values]),
                completeness: Completeness::Complete,
                message: None,
            };
            let columns = call.series.iter().map(|key| column(&key.metric, call.points(key.period))).collect();
            Ok(GetMetricDataAnswer { columns, calls: 1 })
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        latency: Duration::from_millis(50),
        slow: Some((Region::from("eu-west-1"), PAGES)),
        ..Scripted::default()
    })
}

fn query(metric: &str) -> Value {
    json!({ "queryType": "metric", "applications": ["orders"], "metric": metric, "period": 60 })
}

async fn answer(source: &Source, asked: &[AskedQuery]) -> (QueryOutcome, Duration) {
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let started = Instant::now();
    let mut outcomes = engine::answer(source, &settings, asked, NOW * 1000).await;
    (outcomes.remove(0), started.elapsed())
}

fn asked(aws: &Scripted, operation: &str) -> usize {
    aws.asked().iter().filter(|line| line.starts_with(operation)).count()
}

#[tokio::test(start_paused = true)]
async fn values_do_not_wait_for_a_long_list_which_is_read_beside() {
    let aws = aws();
    let source = source(&aws, &settings(json!({})));
    let (outcome, took) = answer(&source, &panels(1, &[query("cpuUtilization")])).await;
    assert!(outcome.result.is_ok(), "{outcome:?}");
    assert!(took < Duration::from_millis(3200), "{took:?}");
    assert_eq!((asked(&aws, "GetMetricData"), aws.answered()), (1, 2), "the description, and the values");
    // Later it is known, and nothing is asked again.
    tokio::time::sleep(PAGES).await;
    let source = Source { deadline: Instant::now() + Duration::from_secs(30), ..source };
    let (outcome, _) = answer(&source, &panels(1, &[query("cpuUtilization")])).await;
    assert!(outcome.result.is_ok(), "{outcome:?}");
    assert_eq!((asked(&aws, "GetMetricData"), asked(&aws, "ListMetrics"), asked(&aws, "Describe")), (1, 1, 1));
}

/// It is not decided before it is known that the application is still there.
#[tokio::test(start_paused = true)]
async fn an_alert_waits_for_the_list() {
    let aws = aws();
    let (outcome, took) = answer(&source(&aws, &settings(json!({}))), &alerts(1, &[query("cpuUtilization")])).await;
    assert!(outcome.result.is_ok() && took >= PAGES, "{took:?} {outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn what_has_no_values_is_explained_by_the_list() {
    for (asking, is_alert) in [(panels as fn(i64, &[Value]) -> Vec<AskedQuery>, false), (alerts, true)] {
        let aws = aws();
        let source = source(&aws, &settings(json!({})));
        let (outcome, _) = answer(&source, &asking(1, &[query("cpuUtilisatio")])).await;
        let reply = query_reply(outcome);
        let notices = reply.frames.iter().flat_map(|frame| &frame.meta.notices).map(|notice| notice.text.clone());
        let told = reply.error.iter().map(|error| error.text.clone()).chain(notices).collect::<String>();
        assert!(told.contains("cpuUtilization"), "what is near is named: {told}");
        assert_eq!(reply.error.is_some(), is_alert);
        assert_eq!((asked(&aws, "GetMetricData"), asked(&aws, "ListMetrics")), (usize::from(!is_alert), 1));
    }
}

/// A name that may be another spelling, a pattern or all accounts: the list comes first.
#[tokio::test(start_paused = true)]
async fn what_is_left_open_is_looked_up_first() {
    let open = [
        json!({ "metric": "cpu_utilization" }),
        json!({ "applications": ["/^ord/"] }),
        json!({ "accountId": "all" }),
        json!({ "dimensions": { "Task": "*" } }),
        json!({ "dimensions": { "task": "Source: a" } }),
        json!({ "exclude": { "applications": ["payments"] } }),
    ];
    for more in open {
        let aws = aws();
        let source = source(&aws, &settings(json!({})));
        let mut query = query("cpuUtilization");
        query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        answer(&source, &panels(1, &[query])).await;
        let first = aws.asked().into_iter().find(|line| !line.starts_with("Describe") && !line.starts_with("ListApp"));
        assert!(first.is_none_or(|line| line.starts_with("ListMetrics")), "{more}: {:?}", aws.asked());
    }
}

#[tokio::test]
async fn over_the_wire_a_named_series_costs_the_calls_that_it_did() {
    let chain = Chain::start(Arc::new(Fleet::new()), NOW).await;
    for metric in ["cpuUtilization", "heapMemoryUtilization"] {
        let answer = chain.ask(query(metric), NOW - 3600..NOW).await;
        assert_eq!((answer.lines().len(), answer.notices().as_str()), (1, ""));
    }
    assert_eq!((chain.calls("GetMetricData"), chain.billed()), (2, 2));
    assert!(chain.calls("ListMetrics") <= 1 && chain.calls("DescribeApplication") <= 1);
}
