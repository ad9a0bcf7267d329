//! One name in three accounts: the own one, a linked one that may not be read, and a linked one without values.

use std::sync::Arc;

use flinkwatch::answers::{Column, Completeness, GetMetricDataAnswer};
use flinkwatch::aws::{ListMetricsAsk, Recency};
use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::frames::frame::{Field, Frame, Values};
use flinkwatch::model::series::MetricSeries;
use flinkwatch::place::{AccountId, Region};
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::QueryReply;
use flinkwatch::plugin::messages::query_reply;
use flinkwatch::query::{AskedQuery, QueryDefaults};
use serde_json::{Value, json};

use crate::support::facts::{description, settings, source};
use crate::support::fleet::NOW;
use crate::support::panels::{alerts, panels};
use crate::support::scripted::{Scripted, failure, series};

const OWN: &str = "123456789012";
const DENIED: &str = "222222222222";
const EMPTY: &str = "333333333333";

/// Each reads from a source of its own.
fn series_of(account: &str) -> Vec<MetricSeries> {
    let app = ("Application", "orders");
    let task = format!("Source:_of_{account}");
    let all = [series("cpuUtilization", &[app]), series("numRecordsOutPerSecond", &[app, ("Task", &task)])];
    all.map(|series| MetricSeries { account: Some(AccountId::from(account)), ..series }).into()
}

fn column(account: Option<&AccountId>, values: usize) -> Column {
    let (value, completeness) = match account.map(AccountId::as_str) {
        Some(DENIED) => (f64::NAN, Completeness::Forbidden),
        Some(EMPTY) => (f64::NAN, Completeness::Complete),
        Some(_) | None => (8.0, Completeness::Complete),
    };
    Column { values: Arc::new(vec![value; values]), completeness, message: None }
}

fn aws() -> Arc<Scripted> {
    Arc::new(Scripted {
        list_metrics: Box::new(|_| Ok([OWN, DENIED, EMPTY].into_iter().flat_map(series_of).collect())),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        get_metric_data: Box::new(|call| {
            let columns = call.series.iter().map(|key| column(key.account.as_ref(), call.points(key.period)));
            Ok(GetMetricDataAnswer { columns: columns.collect(), calls: 1 })
        }),
        ..Scripted::default()
    })
}

fn query(more: &Value) -> Value {
    let mut query = json!({ "queryType": "application", "applications": ["orders"], "accountId": "all" });
    query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    query
}

async fn answer(aws: &Arc<Scripted>, asked: &[AskedQuery]) -> QueryReply {
    let settings_of = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let source = source(aws, &settings(json!({})));
    query_reply(engine::answer(&source, &settings_of, asked, NOW * 1000).await.remove(0))
}

fn has_value(field: &Field) -> bool {
    matches!(&field.values, Values::Number(numbers) if numbers.iter().any(|number| !number.is_nan()))
}

fn notices(reply: &QueryReply) -> String {
    reply.frames.iter().flat_map(|frame| &frame.meta.notices).map(|notice| notice.text.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_account_that_can_be_read_is_shown_beside_one_that_cannot_and_one_without_values() {
    for signal in ["cpu", "sourceRate"] {
        let aws = aws();
        let reply = answer(&aws, &panels(1, &[query(&json!({ "signals": [signal] }))])).await;
        assert_eq!(reply.error, None);
        let shown: Vec<&Frame> = reply.frames.iter().filter(|frame| frame.fields.iter().any(has_value)).collect();
        assert!(shown.len() == 1 && format!("{:?}", shown[0]).contains(OWN), "{signal}: {:?}", reply.frames);
        let told = notices(&reply);
        assert!(told.contains("may not read some of the series"), "{signal}: {told}");
        let calls = |of: &str| aws.asked().iter().filter(|line| line.starts_with(of)).count();
        assert_eq!((calls("ListMetrics"), calls("GetMetricData"), calls("DescribeApplication")), (1, 1, 1));
    }
}

/// Its status and configuration are the own account's only.
#[tokio::test(start_paused = true)]
async fn a_table_has_a_row_for_each_account_and_describes_the_own_one() {
    let aws = aws();
    let reply = answer(&aws, &panels(1, &[query(&json!({ "signals": ["cpu"], "as": "table" }))])).await;
    assert_eq!(reply.error, None);
    let text = format!("{:?}", reply.frames[0]);
    for account in [OWN, DENIED, EMPTY] {
        assert!(text.contains(account), "{account}: {text}");
    }
    assert_eq!(text.matches("RUNNING").count(), 1, "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_alert_over_all_accounts_fails_where_one_cannot_be_read() {
    let aws = aws();
    let reply = answer(&aws, &alerts(1, &[query(&json!({ "signals": ["cpu"] }))])).await;
    let error = reply.error.unwrap();
    assert!(error.status == 502 && error.text.contains("may not read some of the series"), "{error:?}");
}

/// ListMetrics of the last three hours has the one that publishes only: without a line the rule would count as resolved.
#[tokio::test(start_paused = true)]
async fn a_rule_about_a_named_application_has_the_account_in_which_it_is_silent() {
    let aws = || {
        let list_metrics = |ask: &ListMetricsAsk| {
            let silent = [EMPTY].into_iter().filter(|_| ask.recency == Recency::TwoWeeks);
            Ok([OWN].into_iter().chain(silent).flat_map(series_of).collect())
        };
        Arc::new(Scripted { list_metrics: Box::new(list_metrics), ..Arc::into_inner(aws()).unwrap() })
    };
    let lines = |reply: &QueryReply| {
        let of = |account: &str| reply.frames.iter().find(|frame| format!("{:?}", frame.fields).contains(account));
        [OWN, EMPTY].map(|account| of(account).map(|frame| has_value(&frame.fields[1])))
    };
    let asked = query(&json!({ "signals": ["cpu"] }));
    let metric = query(&json!({ "queryType": "metric", "metric": "cpuUtilization" }));
    let task = query(&json!({ "queryType": "operator", "signals": ["recordsOutRate"] }));
    for rule in [&asked, &metric, &task] {
        let reply = answer(&aws(), &alerts(1, std::slice::from_ref(rule))).await;
        assert_eq!(reply.error, None);
        assert_eq!(lines(&reply), [Some(true), Some(false)], "{rule}: {:?}", reply.frames);
    }

    // A panel, and a rule about all that run, are about who publishes.
    let of_all = query(&json!({ "signals": ["cpu"], "applications": ["*"] }));
    for asked in [panels(1, std::slice::from_ref(&asked)), alerts(1, &[of_all])] {
        assert_eq!(lines(&answer(&aws(), &asked).await), [Some(true), None]);
    }
    // Where it cannot be told, the rule is not decided.
    let denied = Scripted {
        list_metrics: Box::new(|ask| match ask.application {
            Some(_) => Ok(series_of(OWN)),
            None => Err(failure(CallErrorKind::Throttled)),
        }),
        ..Arc::into_inner(aws()).unwrap()
    };
    let reply = answer(&Arc::new(denied), &alerts(1, &[asked])).await;
    assert_eq!(reply.error.map(|error| error.status), Some(429));
}
