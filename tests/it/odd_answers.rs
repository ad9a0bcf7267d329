//! Answers that AWS should not give, of each operation: a failure that names the call and the server, and never "there
//! is nothing".

use flinkwatch::aws::clients::Clients;
use flinkwatch::aws::{Aws, ListMetricsAsk, Recency};
use flinkwatch::catalog::statistic::Statistic;
use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::model::series::Dimensions;
use flinkwatch::place::{Account, ApplicationArn, ApplicationName, Place, Region};
use flinkwatch::plan::call::{GetMetricDataCall, Period, SeriesKey};
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::support::facts::settings;
use crate::support::loopback::{Loopback, Reply};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    ListApplications,
    DescribeApplication,
    ListTagsForResource,
    ListMetrics,
    GetMetricData,
    GetCallerIdentity,
}

use Operation::{
    DescribeApplication, GetCallerIdentity, GetMetricData, ListApplications, ListMetrics, ListTagsForResource,
};

const ALL: [Operation; 6] =
    [ListApplications, DescribeApplication, ListTagsForResource, ListMetrics, GetMetricData, GetCallerIdentity];

impl Operation {
    fn content_type(self) -> &'static str {
        match self {
            ListApplications | DescribeApplication | ListTagsForResource => "application/x-amz-json-1.1",
            ListMetrics | GetMetricData => "application/cbor",
            GetCallerIdentity => "text/xml",
        }
    }

    /// Calls it at a server that always gives this answer, and says what the answer was taken for.
    async fn ask(self, status: u16, content_type: &'static str, body: &[u8]) -> (String, Result<String, CallError>) {
        let body = body.to_vec();
        let reply = move || Reply { content_type, body: body.clone(), ..Reply::json(status, "") };
        let server = Loopback::start(move |_, _| reply()).await;
        let fields = json!({ "authType": "keys", "endpoint": server.url, "stsEndpoint": server.url });
        let aws = Clients::new().client(&settings(fields));
        let region = Region::from("eu-west-1");
        let place = Place { region: region.clone(), account: Account::Own };
        let (name, arn) = (ApplicationName::from("orders"), ApplicationArn::from("arn"));
        let answer = match self {
            ListApplications => aws.list_applications(&region).await.map(|found| format!("{found:?}")),
            DescribeApplication => aws.describe_application(&region, &name).await.map(|found| format!("{found:?}")),
            ListTagsForResource => aws.list_tags_for_resource(&region, &arn).await.map(|found| format!("{found:?}")),
            ListMetrics => {
                let ask = ListMetricsAsk { place, application: None, metric: None, recency: Recency::TwoWeeks };
                aws.list_metrics(&ask).await.map(|found| format!("{found:?}"))
            }
            GetMetricData => aws.get_metric_data(&call(&region)).await.map(|found| format!("{found:?}")),
            GetCallerIdentity => aws.caller_identity(&region).await.map(|found| format!("{found:?}")),
        };
        (server.url.trim_start_matches("http://").to_owned(), answer)
    }
}

fn call(region: &Region) -> GetMetricDataCall {
    let dimensions = Dimensions::new(Vec::new());
    let statistic = Statistic::Average;
    let key = SeriesKey { metric: "uptime".into(), dimensions, account: None, period: Period::MINUTE, statistic };
    GetMetricDataCall { region: region.clone(), start: 3600, end: 3900, series: vec![key] }
}

/// Fails unless the answer was refused with the name of the operation and of the server.
async fn refuse(operation: Operation, status: u16, content_type: &'static str, body: &[u8]) -> CallError {
    let (host, answer) = operation.ask(status, content_type, body).await;
    let shown = format!("{operation:?} {status} {content_type} {}", String::from_utf8_lossy(body));
    let error = match answer {
        Ok(found) => panic!("{shown}: was taken for {found}"),
        Err(error) => error,
    };
    assert!(error.operation.ends_with(&format!(":{operation:?}")), "{shown}: {error}");
    assert!(error.sentences().contains(&host), "{shown}: {}", error.sentences());
    assert!(error.sentences().contains(&format!("{operation:?}")), "{shown}: {}", error.sentences());
    error
}

#[tokio::test]
async fn what_is_no_answer_of_the_service_is_told_with_the_call_and_the_server() {
    let page: &[u8] = b"<!DOCTYPE html><html><body>Sign in</body></html>";
    let mut all = Vec::new();
    for operation in ALL {
        let own = operation.content_type();
        let cases: Vec<Case> = vec![
            (200, "text/html", page, Some(CallErrorKind::WrongServer)),
            (200, own, page, Some(CallErrorKind::WrongServer)),
            (404, "text/html", page, Some(CallErrorKind::WrongServer)),
            (302, "text/html", b"", Some(CallErrorKind::WrongServer)),
            (200, own, b"", None),
            (200, "text/plain", b"OK", None),
            (200, own, b"\0\0\0\0", None),
            (200, own, b"{\"ApplicationSummaries\": [{\"ApplicationName\": \"ord", None),
            (200, own, b"\xa1\x67Metrics\x81\xa1\x6aMetric", None),
            (200, own, b"<GetCallerIdentityResponse><GetCallerIdentityResult><Acc", None),
        ];
        all.extend(cases.into_iter().map(|case| (operation, case)));
    }
    let check = |(operation, (status, content_type, body, kind)): (Operation, Case)| async move {
        let error = refuse(operation, status, content_type, body).await;
        assert!(kind.is_none_or(|kind| error.kind == kind), "{operation:?} {status}: {error}");
        assert!(!error.message.is_empty(), "{operation:?} {status} {content_type}");
    };
    few_at_a_time(all.into_iter().map(check)).await;
}

/// Status, type, body, and what it has to be taken for.
type Case = (u16, &'static str, &'static [u8], Option<CallErrorKind>);

/// Most wait for the pause before they are asked again.
async fn few_at_a_time(checks: impl Iterator<Item = impl Future<Output = ()>>) {
    stream::iter(checks).buffer_unordered(16).collect::<()>().await;
}

fn row() -> Value {
    json!({
        "ApplicationName": "orders",
        "ApplicationARN": "arn:aws:kinesisanalytics:eu-west-1:123456789012:application/orders",
        "ApplicationStatus": "RUNNING",
        "ApplicationVersionId": 3,
        "RuntimeEnvironment": "FLINK-1_20",
    })
}

/// What the models of the services mark as required, and what stands in its place.
#[tokio::test]
async fn an_answer_that_lacks_what_the_model_requires_is_no_answer() {
    let mut cases = Vec::new();
    for (operation, member) in [(ListApplications, "ApplicationSummaries"), (DescribeApplication, "ApplicationDetail")]
    {
        for nothing in [json!({}), json!({ member: null }), json!({ "__type": "InternalFailure" })] {
            cases.push((operation, nothing, format!("it has no {member}")));
        }
        for (of_row, gap) in [("ApplicationName", json!("")), ("ApplicationVersionId", json!(null))] {
            let mut row = row();
            row[of_row] = gap;
            let body = if operation == ListApplications { json!({ member: [row] }) } else { json!({ member: row }) };
            cases.push((operation, body, format!("it has {member} without {of_row}")));
        }
        cases.push((operation, json!({ member: 1 }), String::new()));
    }
    let mut other = row();
    other["ApplicationName"] = json!("payments");
    let other = json!({ "ApplicationDetail": other });
    cases.push((DescribeApplication, other, "it describes another application, \"payments\"".to_owned()));
    let check = |(operation, body, words): (Operation, Value, String)| async move {
        let error = refuse(operation, 200, operation.content_type(), body.to_string().as_bytes()).await;
        assert_eq!(error.kind, CallErrorKind::ServiceFailure, "{body}: {error}");
        assert!(error.message.contains(&words), "{body}: {error}");
    };
    few_at_a_time(cases.into_iter().map(check)).await;
    // Nothing is left out here.
    let whole = json!({ "ApplicationSummaries": [row()] }).to_string();
    ListApplications.ask(200, ListApplications.content_type(), whole.as_bytes()).await.1.unwrap();
    let none = json!({ "ApplicationSummaries": [] }).to_string();
    let (_, none) = ListApplications.ask(200, ListApplications.content_type(), none.as_bytes()).await;
    assert_eq!(none.unwrap(), "[]");
    let whole = json!({ "ApplicationDetail": row() }).to_string();
    DescribeApplication.ask(200, DescribeApplication.content_type(), whole.as_bytes()).await.1.unwrap();
}

/// In CBOR.
#[tokio::test]
async fn metrics_without_a_part_of_their_name_are_no_answer() {
    // {"Metrics": [{"MetricName": "a", "Dimensions": [{"Name": "b", "Value": "c"}]}]}, and what is left out or added.
    let metric = |inner: &[u8]| [b"\xa1\x67Metrics\x81", inner].concat();
    let whole = metric(b"\xa2\x6aMetricName\x61a\x6aDimensions\x81\xa2\x64Name\x61b\x65Value\x61c");
    ListMetrics.ask(200, ListMetrics.content_type(), &whole).await.1.unwrap();
    let cases = [
        (metric(b"\xa0"), "it has a metric without MetricName"),
        (metric(b"\xa2\x6aMetricName\x61a\x6aDimensions\x81\xa1\x64Name\x61b"), "it has a dimension without Value"),
        (metric(b"\xa2\x6aMetricName\x61a\x6aDimensions\x81\xa1\x65Value\x61c"), "it has a dimension without Name"),
        (b"\xa1\x66__type\x6fInternalFailure".to_vec(), "it has no Metrics"),
        (
            [&b"\xa2\x6eOwningAccounts\x82\x61x\x61y"[..], &whole[1..]].concat(),
            "it has not as many OwningAccounts as Metrics",
        ),
    ];
    for (body, words) in cases {
        let error = refuse(ListMetrics, 200, ListMetrics.content_type(), &body).await;
        assert!(error.message.contains(words), "{words}: {error}");
    }
}

/// The list may move while its pages are read.
#[tokio::test]
async fn a_series_that_is_listed_twice_is_one() {
    let metric = b"\xa1\x6aMetricName\x61a";
    let body = [&b"\xa1\x67Metrics\x82"[..], metric, metric].concat();
    let (_, found) = ListMetrics.ask(200, ListMetrics.content_type(), &body).await;
    assert_eq!(found.unwrap().matches("MetricSeries").count(), 1);
}

#[tokio::test]
async fn numbers_and_texts_of_any_size_are_read_or_refused() {
    let mut huge = row();
    huge["ApplicationVersionId"] = json!(1e30);
    let mut long = row();
    long["ApplicationStatus"] = json!("X".repeat(1 << 20));
    let mut odd = row();
    odd["CreateTimestamp"] = json!(1e300);
    odd["ApplicationConfigurationDescription"] = json!({ "FlinkApplicationConfigurationDescription": {
        "JobPlanDescription": "{\"plan\": [", "ParallelismConfigurationDescription": { "Parallelism": -5 },
    }});
    for row in [huge, long, odd] {
        let body = json!({ "ApplicationDetail": row }).to_string();
        // Either is right; a panic is not.
        let (_, answer) = DescribeApplication.ask(200, DescribeApplication.content_type(), body.as_bytes()).await;
        if let Err(error) = answer {
            assert_eq!(error.kind, CallErrorKind::ServiceFailure, "{error}");
            assert!(error.message.len() < 400, "{}", error.message);
        }
    }
}
