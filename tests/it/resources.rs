//! The content of drop-downs: each path, its arguments, and what it calls.

use std::sync::Arc;

use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::Source;
use flinkwatch::place::{AccountId, Region};
use flinkwatch::plan::facts::ApplicationStatus;
use flinkwatch::resources::{Choice, PATHS, ResourceError, fetch_choices};
use serde_json::json;

use crate::support::facts::{description, settings, source, summary};
use crate::support::scripted::{Scripted, failure, series};

/// An application with two tasks, a stream, a topic and a metric of its own.
fn aws() -> Arc<Scripted> {
    Arc::new(Scripted {
        list_applications: Box::new(|_| {
            Ok(vec![
                summary("zoo", ApplicationStatus::Running, "FLINK-2_2"),
                summary("archive", ApplicationStatus::Ready, "FLINK-1_18"),
                summary("orders", ApplicationStatus::Autoscaling, "FLINK-1_20"),
            ])
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        list_metrics: Box::new(|ask| {
            let app = ("Application", "orders");
            let (source, sink) = (("Task", "Source:_Orders____parse"), ("Task", "Sink:_Writer"));
            let mut all = vec![
                series("uptime", &[app]),
                series("myCounter", &[app, ("Shop", "berlin")]),
                series("numRecordsOut", &[app, source]),
                series("numRecordsOut", &[app, source, ("TaskOperator", "Source:_Orders")]),
                series("numRecordsOut", &[app, source, ("TaskOperator", "parse")]),
                series("numRecordsIn", &[app, sink, ("TaskOperator", "Sink:_Writer")]),
                series("numRecordsIn", &[app, sink, ("TaskOperator", "parse")]),
                series("millisBehindLatest", &[app, ("Flow", "Input"), ("Id", "orders_stream")]),
                series("records_lag_max", &[app, ("Flow", "Input"), ("Topic", "clicks")]),
            ];
            if ask.place.account == flinkwatch::place::Account::All {
                for (series, id) in all.iter_mut().zip(["111111111111", "222222222222"].into_iter().cycle()) {
                    series.account = Some(AccountId::from(id));
                }
            }
            Ok(all)
        }),
        ..Scripted::default()
    })
}

async fn ask_of(source: &Source, path: &str, arguments: &[(&str, &str)]) -> Result<Vec<Choice>, ResourceError> {
    let arguments: Vec<_> = arguments.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    fetch_choices(source, &Region::from("eu-west-1"), path, &arguments).await
}

async fn ask(path: &str, arguments: &[(&str, &str)]) -> Result<Vec<Choice>, ResourceError> {
    ask_of(&source(&aws(), &settings(json!({}))), path, arguments).await
}

/// One line per choice: group, value, label, description.
async fn text(path: &str, arguments: &[(&str, &str)]) -> Vec<String> {
    let choices = ask(path, arguments).await.unwrap();
    let line = |choice: Choice| {
        let part = |text: Option<String>| text.unwrap_or_default();
        format!("{}|{}|{}|{}", part(choice.group), choice.value, choice.label, part(choice.description))
    };
    choices.into_iter().map(line).collect()
}

const ORDERS: (&str, &str) = ("application", "orders");

#[tokio::test(start_paused = true)]
async fn applications_show_what_is_known_without_a_call_for_each() {
    let aws = aws();
    let source = source(&aws, &settings(json!({})));
    let labels = |choices: Vec<Choice>| {
        let line = |choice: Choice| format!("{}: {}", choice.value, choice.description.unwrap_or_default());
        choices.into_iter().map(line).collect::<Vec<_>>()
    };
    let choices = labels(ask_of(&source, "applications", &[]).await.unwrap());
    let expected = ["orders: autoscaling · Flink 1.20", "zoo: running · Flink 2.2", "archive: stopped · Flink 1.18"];
    assert_eq!(choices, expected);
    assert_eq!(aws.asked(), ["ListApplications eu-west-1"]);

    ask_of(&source, "tasks", &[ORDERS]).await.unwrap();
    let choices = labels(ask_of(&source, "applications", &[]).await.unwrap());
    assert_eq!(choices[0], "orders: autoscaling · Flink 1.20 · operator metrics");
}

#[tokio::test(start_paused = true)]
async fn applications_are_still_listed_without_permission() {
    let denied = Scripted {
        list_applications: Box::new(|_| Err(failure(CallErrorKind::AccessDenied))),
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        ..Scripted::default()
    };
    let source = source(&Arc::new(denied), &settings(json!({})));
    let choices = ask_of(&source, "applications", &[]).await.unwrap();
    assert_eq!((choices.len(), choices[0].value.as_str(), &choices[0].group), (1, "orders", &None));
}

#[tokio::test(start_paused = true)]
async fn tasks_and_operators_are_readable_and_keep_their_values() {
    assert_eq!(
        text("tasks", &[ORDERS]).await,
        ["|Sink:_Writer|Sink: Writer|sink", "|Source:_Orders____parse|Source: Orders -> parse|source",]
    );
    assert_eq!(
        text("operators", &[ORDERS]).await,
        [
            "Sink: Writer|Sink:_Writer|Sink: Writer|",
            "Sink: Writer|parse|parse|in 2 tasks",
            "Source: Orders -> parse|Source:_Orders|Source: Orders|",
        ]
    );
    let by_flink_name = [ORDERS, ("task", "Source: Orders -> parse")];
    assert_eq!(text("operators", &by_flink_name).await.len(), 2);
    assert_eq!(text("operators", &[ORDERS, ("task", "*")]).await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn metrics_of_an_application_include_its_own() {
    let metrics = text("metrics", &[ORDERS]).await;
    assert_eq!(metrics.len(), 6);
    assert_eq!(metrics[5], "Own metrics|myCounter|myCounter|the application's own metric");
    assert!(text("metrics", &[]).await.len() >= 68);
}

#[tokio::test(start_paused = true)]
async fn dimensions_sources_and_log_groups_come_from_the_application() {
    let dimensions = text("dimensions", &[ORDERS]).await;
    assert!(dimensions.contains(&"|Shop|Shop|berlin".to_owned()), "{dimensions:?}");
    assert_eq!(
        text("sources", &[ORDERS]).await,
        ["Kinesis streams|orders_stream|orders_stream|", "Kafka topics|clicks|clicks|"]
    );
    assert_eq!(text("log-groups", &[ORDERS]).await, ["|/flink/orders|/flink/orders|log stream main"]);
}

#[tokio::test(start_paused = true)]
async fn accounts_mark_the_own_one() {
    let accounts = text("accounts", &[]).await;
    let values: Vec<&str> = accounts.iter().map(|line| line.split('|').nth(1).unwrap()).collect();
    assert_eq!(values, ["all", "111111111111", "123456789012", "222222222222"]);
    assert!(accounts[2].ends_with("the data source's own account"));
}

#[tokio::test(start_paused = true)]
async fn signals_fit_the_kind_of_query() {
    let has = async |query_type: &str, id: &str| {
        let choices = ask("signals", &[("queryType", query_type)]).await.unwrap();
        choices.iter().any(|choice| choice.value == id)
    };
    assert!(has("application", "sourceRate").await && !has("operator", "sourceRate").await);
    assert!(has("operator", "busy").await && has("operator", "numRecordsIn").await);
    assert!(has("checkpoint", "checkpointDuration").await && !has("checkpoint", "busy").await);
    let all = ask("signals", &[]).await.unwrap();
    let mut values: Vec<_> = all.iter().map(|choice| &choice.value).collect();
    values.sort();
    values.dedup();
    assert_eq!(values.len(), all.len(), "each value once");
}

#[tokio::test(start_paused = true)]
async fn regions_start_with_the_default() {
    let regions = ask("regions", &[]).await.unwrap();
    assert_eq!(regions[0].value, "default");
    assert_eq!(regions[0].description.as_deref(), Some("the data source's region, eu-west-1"));
    assert!(regions.iter().any(|choice| choice.value == "us-east-1"));
}

#[tokio::test(start_paused = true)]
async fn q_filters_values_and_labels_whatever_the_case() {
    assert_eq!(text("tasks", &[ORDERS, ("q", "SOURCE: ord")]).await.len(), 1);
    assert_eq!(text("regions", &[("q", "EU-WEST")]).await.len(), 3);
    assert_eq!(text("tasks", &[ORDERS, ("q", "nothing like it")]).await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn wrong_requests_name_what_is_wrong_and_call_nothing() {
    let aws = aws();
    let source = source(&aws, &settings(json!({})));
    type Row = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let table: [Row; 6] = [
        ("task", &[], "regions, applications, tasks"),
        ("tasks", &[], "argument application is missing"),
        ("tasks", &[("application", "*")], r#"argument application is "*""#),
        ("tasks", &[ORDERS, ("region", "x/y")], r#"argument region is "x/y""#),
        ("applications", &[("accountId", "12")], r#"argument accountId is "12""#),
        ("signals", &[("queryType", "logs")], "application, operator, checkpoint, metric"),
    ];
    for (path, arguments, part) in table {
        let error = ask_of(&source, path, arguments).await.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(aws.asked().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn every_path_answers() {
    for path in PATHS {
        assert!(!ask(path, &[ORDERS]).await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_is_handed_on() {
    let broken = Scripted { list_metrics: Box::new(|_| Err(failure(CallErrorKind::Throttled))), ..Scripted::default() };
    let source = source(&Arc::new(broken), &settings(json!({})));
    let error = ask_of(&source, "operators", &[ORDERS]).await.unwrap_err();
    assert_eq!(error, ResourceError::Call(failure(CallErrorKind::Throttled)));
}

#[test]
fn choices_leave_out_what_they_have_not() {
    let choice = Choice { value: "a".to_owned(), label: "b".to_owned(), description: None, group: None };
    assert_eq!(serde_json::to_string(&choice).unwrap(), r#"{"value":"a","label":"b"}"#);
}
