//! Drop-downs over several applications, and applications by status and tag: what is chosen, and what it costs.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::fetch::Source;
use flinkwatch::model::application::{ApplicationStatus, Tags};
use flinkwatch::model::series::MetricSeries;
use flinkwatch::place::Region;
use flinkwatch::query::QueryDefaults;
use flinkwatch::resources::{Choice, Resource, ResourceError, fetch_resource};
use serde_json::json;

use super::ask_of;
use crate::support::facts::{description, settings, source, summary};
use crate::support::scripted::{Scripted, failure, series};

/// Running applications with a source of their own name, all with the task `Sink:_Writer` and the topic `clicks`;
/// `archive` is stopped.
fn fleet(names: Vec<String>) -> Scripted {
    let all = names.clone();
    Scripted {
        list_applications: Box::new(move |_| {
            let running = names.iter().map(|name| summary(name, ApplicationStatus::Running, "FLINK-1_20"));
            Ok(running.chain([summary("archive", ApplicationStatus::Ready, "FLINK-1_18")]).collect())
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        list_metrics: Box::new(move |ask| {
            let asked = ask.application.as_ref().map(|name| vec![name.as_str().to_owned()]);
            Ok(asked.unwrap_or_else(|| all.clone()).iter().flat_map(|name| series_of(name)).collect())
        }),
        list_tags_for_resource: Box::new(|arn| {
            let team = if arn.as_str().ends_with("orders") { "shop:web" } else { "finance" };
            Ok(Tags::from([("team".to_owned(), team.to_owned()), ("aws:stack".to_owned(), String::new())]))
        }),
        ..Scripted::default()
    }
}

fn series_of(name: &str) -> [MetricSeries; 4] {
    let (app, task) = (("Application", name), format!("Source:_{name}"));
    [
        series("numRecordsOut", &[app, ("Task", &task), ("TaskOperator", &task)]),
        series("numRecordsIn", &[app, ("Task", "Sink:_Writer"), ("TaskOperator", "Sink:_Writer")]),
        series("records_lag_max", &[app, ("Topic", "clicks")]),
        series(&format!("{name}Counter"), &[app]),
    ]
}

fn two() -> Scripted {
    fleet(vec!["payments".to_owned(), "orders".to_owned()])
}

fn of(aws: Scripted) -> (Arc<Scripted>, Source) {
    let aws = Arc::new(aws);
    let source = source(&aws, &settings(json!({})));
    (aws, source)
}

/// `group|value|description` of each choice.
async fn lines(source: &Source, path: &str, arguments: &[(&str, &str)]) -> Vec<String> {
    let choices = ask_of(source, path, arguments).await.unwrap();
    let part = |text: Option<String>| text.unwrap_or_default();
    choices.into_iter().map(|one| format!("{}|{}|{}", part(one.group), one.value, part(one.description))).collect()
}

async fn values(source: &Source, path: &str, arguments: &[(&str, &str)]) -> Vec<String> {
    ask_of(source, path, arguments).await.unwrap().into_iter().map(|choice| choice.value).collect()
}

#[tokio::test(start_paused = true)]
async fn entries_stand_under_their_application_and_what_both_have_stands_once() {
    let (_, source) = of(two());
    let both = ("application", "payments,orders");
    assert_eq!(
        lines(&source, "tasks", &[both]).await,
        [
            r#"orders|Sink:_Writer|sink · also in "payments""#,
            "orders|Source:_orders|source",
            "payments|Source:_payments|source",
        ]
    );
    assert_eq!(
        lines(&source, "operators", &[both]).await,
        [
            r#"orders|Sink:_Writer|Sink: Writer · also in "payments""#,
            "orders|Source:_orders|Source: orders",
            "payments|Source:_payments|Source: payments",
        ]
    );
    assert_eq!(lines(&source, "sources", &[both]).await, [r#"orders|clicks|Kafka topics · also in "payments""#]);
    let own =
        ["ordersCounter", "paymentsCounter"].map(|name| format!("Own metrics|{name}|the application's own metric"));
    let metrics = lines(&source, "metrics", &[both]).await;
    assert_eq!(metrics[3..], own, "{metrics:?}");
    assert!(lines(&source, "dimensions", &[both]).await.contains(&"|Application|orders, payments".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn applications_are_named_in_every_way_that_a_query_knows_and_read_once() {
    let (aws, source) = of(two());
    let all = values(&source, "tasks", &[]).await;
    let mut asked = aws.asked();
    asked.sort();
    let expected = [
        "DescribeApplication eu-west-1 orders",
        "DescribeApplication eu-west-1 payments",
        "ListApplications eu-west-1",
        "ListMetrics eu-west-1 app=orders metric=* ThreeHours",
        "ListMetrics eu-west-1 app=payments metric=* ThreeHours",
    ];
    assert_eq!(asked, expected, "the stopped one is not read");
    let ways: [&[(&str, &str)]; 7] = [
        &[("application", "*")],
        &[("application", "$__all")],
        &[("application", "orders, payments")],
        &[("application", "orders"), ("application", "payments")],
        &[("application", "/^(orders|p{1,2}ayments)$/")],
        &[("application", "/^pay/,orders")],
        &[("application", "orders"), ("application", "/^pay/"), ("application", "")],
    ];
    for way in ways {
        assert_eq!(values(&source, "tasks", way).await, all, "{way:?}");
        for path in ["operators", "metrics", "dimensions", "sources"] {
            assert!(!values(&source, path, way).await.is_empty(), "{path} {way:?}");
        }
    }
    assert_eq!(aws.asked().len(), expected.len(), "all of that comes from what is kept");
}

#[tokio::test(start_paused = true)]
async fn the_default_application_is_meant_where_none_is_named() {
    let (aws, source) = of(two());
    let defaults = QueryDefaults { region: Region::from("eu-west-1"), application: Some("orders".to_owned()) };
    for path in ["tasks", "metrics", "log-groups"] {
        match fetch_resource(&source, &defaults, path, &[]).await.unwrap() {
            Resource::Choices(choices) => assert!(!choices.is_empty(), "{path}"),
            Resource::Application(report) => panic!("{path}: {report:?}"),
        }
    }
    assert!(matches!(
        fetch_resource(&source, &defaults, "application", &[]).await.unwrap(),
        Resource::Application(report) if report.name == "orders"
    ));
    assert_eq!(aws.asked().len(), 2, "{:?}", aws.asked());
}

#[tokio::test(start_paused = true)]
async fn more_than_twenty_applications_are_not_read() {
    let (aws, source) = of(fleet((0..21).map(|number| format!("app-{number}")).collect()));
    let error = ask_of(&source, "tasks", &[]).await.unwrap_err();
    assert_eq!(error.to_string(), "21 applications match, and at most 20 are read at a time: name fewer");
    assert!(values(&source, "metrics", &[]).await.len() >= 68, "the catalogue needs no application");
    assert_eq!(aws.asked(), ["ListApplications eu-west-1"]);
    assert_eq!(values(&source, "sources", &[("application", "/-1/")]).await, ["clicks"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_cannot_be_read_takes_no_other_with_it() {
    let partly = two();
    let list = partly.list_metrics;
    let (_, source) = of(Scripted {
        list_metrics: Box::new(move |ask| match ask.application.as_ref().unwrap().as_str() {
            "orders" => Err(failure(CallErrorKind::Throttled)),
            _ => list(ask),
        }),
        ..two()
    });
    assert_eq!(values(&source, "operators", &[]).await, ["Sink:_Writer", "Source:_payments"]);
    assert!(matches!(
        ask_of(&source, "operators", &[("application", "orders")]).await,
        Err(ResourceError::Call { error: CallError { kind: CallErrorKind::Throttled, .. }, .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn applications_are_chosen_by_status_and_name_without_reading_tags() {
    let (aws, source) = of(two());
    assert_eq!(values(&source, "applications", &[("status", "running")]).await, ["orders", "payments"]);
    assert_eq!(values(&source, "applications", &[("status", "stopped")]).await, ["archive"]);
    assert_eq!(values(&source, "applications", &[("status", "all")]).await, ["orders", "payments", "archive"]);
    assert_eq!(values(&source, "applications", &[("match", "/^(ord|arch)/")]).await, ["orders", "archive"]);
    assert_eq!(values(&source, "applications", &[("match", "PAY")]).await, ["payments"]);
    assert_eq!(values(&source, "applications", &[("match", "/s$/"), ("q", "ord")]).await, ["orders"]);
    assert_eq!(aws.asked(), ["ListApplications eu-west-1"]);
}

#[tokio::test(start_paused = true)]
async fn tags_are_read_when_they_are_asked_for_and_kept_for_five_minutes() {
    let (aws, source) = of(two());
    let tagged = |count: usize| {
        let lines = aws.asked();
        let found = lines.iter().filter(|line| line.starts_with("ListTagsForResource")).count();
        assert_eq!(found, count, "{lines:?}");
    };
    let running = ("status", "running");
    assert_eq!(values(&source, "applications", &[("tag", "team:finance"), running]).await, ["payments"]);
    tagged(2);
    assert_eq!(values(&source, "applications", &[("tag", "team:shop:web"), running]).await, ["orders"]);
    assert_eq!(values(&source, "applications", &[("tag", "aws:stack"), running]).await, ["orders", "payments"]);
    let both = [("tag", "aws:stack"), ("tag", "team:finance"), running];
    assert_eq!(values(&source, "applications", &both).await, ["payments"]);
    assert_eq!(values(&source, "applications", &[("tag", "team:shop"), running]).await, Vec::<String>::new());
    tagged(2);
    assert_eq!(values(&source, "applications", &[("tag", "team:finance")]).await, ["payments", "archive"]);
    tagged(3);
    tokio::time::advance(Duration::from_secs(299)).await;
    values(&source, "applications", &[("tag", "team")]).await;
    tagged(3);
}

#[tokio::test(start_paused = true)]
async fn tags_of_many_applications_are_read_a_few_at_a_time() {
    let slow = fleet((0..100).map(|number| format!("app-{number}")).collect());
    let (aws, source) = of(Scripted { latency: Duration::from_millis(100), ..slow });
    assert_eq!(values(&source, "applications", &[("tag", "team")]).await.len(), 101);
    assert_eq!((aws.asked().len(), aws.most_in_flight()), (102, 8));
}

#[tokio::test(start_paused = true)]
async fn tags_that_may_not_be_read_name_the_action() {
    let denied = || failure(CallErrorKind::AccessDenied);
    let call = |error| Err::<Vec<Choice>, _>(ResourceError::Call { error, applications: Vec::new() });
    let tag = [("tag", "team:finance")];
    let (_, source) = of(Scripted { list_tags_for_resource: Box::new(move |_| Err(denied())), ..two() });
    assert_eq!(ask_of(&source, "applications", &tag).await, call(denied()));
    let (_, source) = of(Scripted { list_applications: Box::new(move |_| Err(denied())), ..two_by_metrics() });
    assert_eq!(ask_of(&source, "applications", &tag).await, call(denied()), "without the list there are no ARNs");
    let readable = two().list_tags_for_resource;
    let partly =
        Scripted {
            list_tags_for_resource: Box::new(move |arn| {
                if arn.as_str().ends_with("archive") { Err(denied()) } else { readable(arn) }
            }),
            ..two()
        };
    assert_eq!(values(&of(partly).1, "applications", &tag).await, ["payments"]);
}

fn two_by_metrics() -> Scripted {
    Scripted {
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        ..Scripted::default()
    }
}
