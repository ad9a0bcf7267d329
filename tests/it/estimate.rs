//! What a query would cost, told before it runs: the same plan, and no call that is on the bill.

use std::sync::Arc;

use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::Source;
use flinkwatch::model::application::ApplicationStatus;
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::messages::estimate_reply;
use flinkwatch::query::QueryDefaults;
use flinkwatch::resources::estimate;
use serde_json::{Value, json};

use crate::support::facts::{description, settings, source, summary};
use crate::support::fleet::NOW;
use crate::support::panels::panels;
use crate::support::scripted::{Scripted, failure, series};

fn aws() -> Scripted {
    Scripted {
        list_applications: Box::new(|_| {
            let row = |name| summary(name, ApplicationStatus::Running, "FLINK-1_20");
            Ok(vec![row("orders"), row("payments"), summary("archive", ApplicationStatus::Ready, "FLINK-1_20")])
        }),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        list_metrics: Box::new(|ask| {
            let name = ask.application.as_ref().map_or("orders", |name| name.as_str());
            let all = ["uptime", "cpuUtilization", "numRestarts"];
            Ok(all.iter().map(|metric| series(metric, &[("Application", name)])).collect())
        }),
        ..Scripted::default()
    }
}

fn engine_settings() -> EngineSettings {
    EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    }
}

/// The status and the JSON that Grafana gets.
async fn told(source: &Source, body: &Value) -> (u16, Value) {
    let answer = estimate(source, &engine_settings(), body.to_string().as_bytes(), NOW * 1000).await;
    let reply = estimate_reply(answer);
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn body(query: Value, refresh: Option<f64>) -> Value {
    let to = NOW * 1000;
    json!({ "query": query, "from": to - 3_600_000, "to": to, "intervalMs": 60_000, "maxDataPoints": 1000, "refreshSeconds": refresh })
}

fn signals(names: &[&str], signals: &[&str]) -> Value {
    json!({ "queryType": "application", "applications": names, "signals": signals })
}

#[tokio::test(start_paused = true)]
async fn an_estimate_is_what_the_query_then_costs_and_costs_nothing() {
    for query in
        [signals(&["*"], &["uptime", "restarts"]), signals(&["orders"], &["cpu"]), signals(&["*"], &["availability"])]
    {
        let aws = Arc::new(aws());
        let source = source(&aws, &settings(json!({})));
        let (status, told) = told(&source, &body(query.clone(), None)).await;
        assert_eq!(status, 200, "{told}");
        assert!(!aws.asked().iter().any(|call| call.starts_with("GetMetricData")), "{:?}", aws.asked());
        let outcomes =
            engine::answer(&source, &engine_settings(), &panels(1, std::slice::from_ref(&query)), NOW * 1000).await;
        let frames = outcomes.into_iter().next().unwrap().result.unwrap();
        let custom = frames[0].meta.custom.clone().unwrap();
        assert_eq!(told["billedMetrics"], custom["billedMetrics"], "{query}");
        assert_eq!(told["calls"], custom["awsCalls"], "{query}");
        assert_eq!(told["dollarsPerRefresh"], custom["estimatedCostUsd"], "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_costs_a_refresh_each_time_but_not_more_often_than_there_is_anything_new() {
    let source = source(&Arc::new(aws()), &settings(json!({})));
    let per_day = async |refresh: Option<f64>| {
        told(&source, &body(signals(&["orders"], &["cpu"]), refresh)).await.1["dollarsPerDay"].clone()
    };
    assert_eq!(per_day(None).await, Value::Null);
    let close = |found: Value, expected: f64| assert!((found.as_f64().unwrap() - expected).abs() < 1e-9, "{found}");
    close(per_day(Some(60.0)).await, 1440.0 * 1e-5);
    close(per_day(Some(30.0)).await, 2880.0 * 1e-5);
    close(per_day(Some(5.0)).await, 2880.0 * 1e-5);
    let mut past = body(signals(&["orders"], &["cpu"]), Some(60.0));
    past["to"] = json!(NOW * 1000 - 600_000);
    close(told(&source, &past).await.1["dollarsPerDay"].clone(), 1e-5);
}

#[tokio::test(start_paused = true)]
async fn an_estimate_says_what_it_could_not_find_out() {
    let denied = Scripted { list_metrics: Box::new(|_| Err(failure(CallErrorKind::AccessDenied))), ..aws() };
    let source_of = |aws: Scripted| source(&Arc::new(aws), &settings(json!({})));
    let (status, answer) = told(&source_of(denied), &body(signals(&["orders"], &["cpu"]), None)).await;
    assert_eq!((status, &answer["isComplete"], &answer["billedMetrics"]), (200, &json!(false), &json!(0)));
    assert!(answer["reason"].as_str().unwrap().contains("\"orders\""), "{answer}");
    let (_, answer) = told(&source_of(aws()), &body(signals(&["orders"], &["consumerLagRecords"]), None)).await;
    assert!(
        answer["isComplete"] == true && answer["reason"].as_str().unwrap().contains("consumerLagRecords"),
        "{answer}"
    );
    let gone = Scripted {
        describe_application: Box::new(|_| Err(failure(CallErrorKind::NotFound))),
        list_metrics: Box::new(|_| Ok(Vec::new())),
        ..aws()
    };
    let (_, answer) = told(&source_of(gone), &body(signals(&["ordrs"], &["cpu"]), None)).await;
    assert_eq!((&answer["series"], &answer["isComplete"]), (&json!(0), &json!(true)), "{answer}");
    assert_eq!(answer["reason"], "There is no application \"ordrs\".");
    for wrong in
        [json!({}), json!([]), body(json!({ "queryType": "nothing" }), None), body(signals(&["$name"], &[]), None)]
    {
        let (status, answer) = told(&source_of(aws()), &wrong).await;
        assert!(status == 400 && answer["message"].as_str().unwrap().ends_with('.'), "{wrong}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_read_is_told_by_its_field() {
    let source = source(&Arc::new(aws()), &settings(json!({})));
    let with = |field: &str, value: Value| {
        let mut body = body(signals(&["orders"], &["cpu"]), None);
        body[field] = value;
        body
    };
    let cases = [
        (json!([]), "The body is not a JSON object with query, from and to."),
        (json!({}), "The field query of the body is missing; allowed: a query as an object."),
        (with("query", json!("cpu")), "The field query of the body is a string; allowed: a query as an object."),
        (with("from", json!("now-1h")), "The field from of the body is a string; allowed: a number."),
        (with("to", Value::Null), "The field to of the body is missing; allowed: milliseconds since 1970."),
        (with("intervalMs", json!({})), "The field intervalMs of the body is an object; allowed: a number."),
        (with("maxDataPoints", json!([1])), "The field maxDataPoints of the body is an array; allowed: a number."),
        (with("refreshSeconds", json!(true)), "The field refreshSeconds of the body is a boolean; allowed: a number."),
    ];
    for (body, expected) in cases {
        let (status, answer) = told(&source, &body).await;
        assert_eq!((status, answer["message"].as_str().unwrap()), (400, expected));
    }
}

#[tokio::test(start_paused = true)]
async fn what_asks_nothing_costs_nothing_and_not_minus_nothing() {
    let none = Scripted { list_metrics: Box::new(|_| Ok(Vec::new())), ..aws() };
    let source = source(&Arc::new(none), &settings(json!({})));
    let (_, told) = told(&source, &body(signals(&["orders"], &["cpu"]), Some(60.0))).await;
    assert_eq!(
        (told["billedMetrics"].as_u64(), told["dollarsPerDay"].to_string()),
        (Some(0), "0.0".to_owned()),
        "{told}"
    );
}
