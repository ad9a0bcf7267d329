use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::*;
use crate::server::points::{Indices, View};
use crate::server::publication::Publication;
use crate::server::test_world::{NOW, REGION, SAMPLES_PER_MINUTE, TestWorld};

fn stat(id: &str, metric: &str, task: &str, statistic: &str) -> Value {
    json!({"Id": id, "MetricStat": {
        "Metric": {
            "Namespace": "AWS/KinesisAnalytics",
            "MetricName": metric,
            "Dimensions": [{"Name": "Task", "Value": task}, {"Name": "Application", "Value": "orders"}],
        },
        "Period": 60,
        "Stat": statistic,
    }})
}

fn ask(queries: &[Value], minutes: i64, more: &Value) -> Result<(GetMetricDataAnswer, Usage), ServiceError> {
    let mut tree = json!({
        "MetricDataQueries": queries,
        "StartTime": NOW - minutes * 60,
        "EndTime": NOW,
        "ScanBy": "TimestampAscending",
    });
    for (name, value) in more.as_object().unwrap() {
        tree[name] = value.clone();
    }
    let request = GetMetricDataRequest::parse(tree)?;
    let world = TestWorld::new();
    let index = Indices::default().of(&world, REGION, NOW);
    let view = View { own: "111111111111".to_owned(), is_monitoring: true };
    let is_cancelled = AtomicBool::new(false);
    let reader = Reader::new(&world, REGION, NOW, (index, view, Publication::default()), &is_cancelled);
    run(&request, &reader, &InjectedFault::default())
}

fn code(queries: &[Value], more: &Value) -> (&'static str, String) {
    let error = ask(queries, 10, more).unwrap_err();
    (error.code, error.message)
}

#[test]
fn statistics_come_from_the_same_samples() {
    let queries = ["SampleCount", "Sum", "Average", "Minimum", "Maximum", "p50"].map(|statistic| {
        let id = statistic.to_lowercase();
        stat(&id, "rate", "a", statistic)
    });
    let (answer, usage) = ask(&queries, 1, &json!({})).unwrap();
    let base = ((NOW - 60) / 60 % 10 * 10) as f64;
    let values: Vec<f64> = answer.results.iter().map(|result| result.points[0].1).collect();
    assert_eq!(values, [8.0, 8.0 * base + 28.0, base + 3.5, base, base + 7.0, base + 3.5]);
    // Six statistics of one metric are billed as two.
    assert_eq!((usage.queries, usage.billed_metrics, usage.data_points), (6, 2, 6));
}

#[test]
fn larger_periods_fold_minutes() {
    let mut query = stat("a", "rate", "a", "SampleCount");
    query["MetricStat"]["Period"] = json!(300);
    let (answer, _) = ask(&[query], 60, &json!({})).unwrap();
    let points = &answer.results[0].points;
    assert_eq!(points.len(), 12);
    assert!(points.iter().all(|(at, count)| at % 300 == 0 && *count == (5 * SAMPLES_PER_MINUTE) as f64));
}

#[test]
fn only_the_exact_set_of_dimensions_has_data() {
    let mut fewer = stat("fewer", "rate", "a", "Sum");
    fewer["MetricStat"]["Metric"]["Dimensions"] = json!([{"Name": "Application", "Value": "orders"}]);
    let mut other = stat("other", "rate", "a", "Sum");
    other["MetricStat"]["Metric"]["Namespace"] = json!("AWS/Other");
    let mut account = stat("account", "rate", "a", "Sum");
    account["AccountId"] = json!("222222222222");
    let queries = [stat("exact", "rate", "a", "Sum"), fewer, other, account];
    let (answer, _) = ask(&queries, 10, &json!({})).unwrap();
    let counts: Vec<usize> = answer.results.iter().map(|result| result.points.len()).collect();
    assert_eq!(counts, [10, 0, 0, 0]);
    assert!(answer.results.iter().all(|result| result.status == "Complete"));
}

#[test]
fn pages_join_to_the_whole_in_both_orders() {
    let queries = [stat("a", "rate", "a", "Sum"), stat("b", "rate", "b", "Sum"), stat("c", "old", "a", "Sum")];
    for scan in ["TimestampAscending", "TimestampDescending"] {
        let (whole, _) = ask(&queries, 10, &json!({"ScanBy": scan})).unwrap();
        let mut joined = vec![Vec::new(); 2];
        let mut more = json!({"ScanBy": scan, "MaxDatapoints": 7});
        let mut pages = 0;
        loop {
            let (page, _) = ask(&queries, 10, &more).unwrap();
            pages += 1;
            for result in page.results.iter().filter(|result| result.id != "c") {
                joined[usize::from(result.id == "b")].extend(result.points.clone());
            }
            let Some(token) = page.next_token else { break };
            more["NextToken"] = json!(token);
        }
        assert_eq!(pages, 3);
        assert_eq!(joined, [whole.results[0].points.clone(), whole.results[1].points.clone()]);
    }
}

#[test]
fn a_cut_result_is_partial_and_a_full_page_needs_no_other() {
    let queries = [stat("a", "rate", "a", "Sum"), stat("b", "rate", "b", "Sum")];
    let (page, _) = ask(&queries, 10, &json!({"MaxDatapoints": 15})).unwrap();
    let statuses: Vec<&str> = page.results.iter().map(|result| result.status.as_str()).collect();
    assert_eq!(statuses, ["Complete", "PartialData"]);
    let (page, _) = ask(&queries, 10, &json!({"MaxDatapoints": 20})).unwrap();
    assert_eq!(page.next_token, None);
}

#[test]
fn tokens_of_other_requests_are_refused() {
    let query = |id: &str| [stat(id, "rate", "a", "Sum")];
    let (page, _) = ask(&query("a"), 10, &json!({"MaxDatapoints": 5})).unwrap();
    let more = json!({"MaxDatapoints": 5, "NextToken": page.next_token.unwrap()});
    assert!(ask(&query("a"), 10, &more).is_ok());
    assert_eq!(code(&query("b"), &more).0, "InvalidNextToken");
    assert_eq!(code(&query("a"), &json!({"NextToken": "1-2-3"})).0, "InvalidNextToken");
}

#[test]
fn every_rule_has_its_refusal() {
    let good = stat("a", "rate", "a", "Sum");
    let change = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        [changed]
    };
    let refused = |queries: &[Value], more: Value, part: &str| {
        let (code, message) = code(queries, &more);
        assert!(code == "ValidationError" && message.contains(part), "{code}: {message}");
    };
    let many: Vec<Value> = (0..501).map(|number| stat(&format!("a{number}"), "rate", "a", "Sum")).collect();
    refused(&many, json!({}), "500");
    refused(&[], json!({}), "MetricDataQueries");
    refused(&[good.clone(), good.clone()], json!({}), "unique");
    refused(&change("/Id", json!("A")), json!({}), "lowercase");
    refused(&change("/MetricStat/Period", json!(61)), json!({}), "period");
    refused(&change("/MetricStat/Stat", json!("sum")), json!({}), "statistic");
    refused(std::slice::from_ref(&good), json!({"EndTime": NOW - 600}), "StartTime");
    refused(std::slice::from_ref(&good), json!({"ScanBy": "x"}), "scanBy");
    refused(std::slice::from_ref(&good), json!({"MaxDatapoints": 0}), "MaxDatapoints");
    for timezone in ["Europe/Berlin", "+01:30", "0130", "+2500"] {
        refused(std::slice::from_ref(&good), json!({"LabelOptions": {"Timezone": timezone}}), "Timezone");
    }
    let expression = |text: &str| json!({"Id": "e", "Expression": text});
    refused(&[good.clone(), expression("b + 1")], json!({}), "the Id b");
    refused(&[good.clone(), expression("MAX(a)")], json!({}), "time series");
    refused(&[good.clone(), expression("e + a")], json!({}), "itself");
    refused(&[good.clone(), expression("RUNNING_SUM(a)")], json!({}), "RUNNING_SUM");
}

#[test]
fn a_search_finds_series_and_bills_each() {
    let search = json!({"Id": "e", "Expression":
        "SUM(SEARCH('{AWS/KinesisAnalytics,Application,Task} MetricName=\"rate\"', 'SampleCount', 60))"});
    let (answer, usage) = ask(&[search], 5, &json!({})).unwrap();
    assert_eq!(answer.results[0].points.len(), 5);
    // Two tasks of the own account; the linked account's is not seen.
    assert_eq!(answer.results[0].points[0].1, (2 * SAMPLES_PER_MINUTE) as f64);
    assert_eq!(usage.billed_metrics, 2);
}

#[test]
fn labels_are_of_each_series_of_a_search_and_of_whole_results() {
    let search = json!({"Id": "e", "Label": "${PROP('Dim.Task')} of ${PROP('Dim.Application')}, ${DATAPOINT_COUNT}", "Expression":
        "SEARCH('{AWS/KinesisAnalytics,Application,Task} MetricName=\"rate\"', 'Sum', 60) / 4"});
    let folded = json!({"Id": "f", "Label": "${LABEL} to ${LAST_TIME}", "Expression":
        "MAX(SEARCH('{AWS/KinesisAnalytics,Application,Task} MetricName=\"rate\"', 'SampleCount', 60))"});
    let mut metric = stat("m", "rate", "a", "Sum");
    metric["Label"] = json!("${PROP('MetricName')} ${PROP('Stat')}");
    let more = json!({"LabelOptions": {"Timezone": "-0200"}, "MaxDatapoints": 7});
    let (first, _) = ask(&[search, folded, metric], 5, &more).unwrap();
    let labels: Vec<&str> = first.results.iter().map(|result| result.label.as_str()).collect();
    // The page ends in the second result; its label counts all of its points.
    assert_eq!(labels, ["a of orders, 5", "b of orders, 5"]);
    let (whole, _) = ask(
        &[
            stat("m", "rate", "a", "Sum"),
            json!({"Id": "f", "Label": "${LABEL} to ${LAST_TIME}", "Expression": "m * 2"}),
        ],
        5,
        &json!({"LabelOptions": {"Timezone": "-0200"}}),
    )
    .unwrap();
    assert_eq!(whole.results[1].label, "f to 2025-11-24T13:59:00-0200");
}

#[test]
fn faults_reach_the_results() {
    let tree = json!({
        "MetricDataQueries": [stat("a", "rate", "a", "Sum"), stat("b", "watermark", "a", "Minimum")],
        "StartTime": NOW - 600, "EndTime": NOW,
    });
    let request = GetMetricDataRequest::parse(tree).unwrap();
    let mut answer = GetMetricDataAnswer {
        results: ["a", "b"]
            .map(|id| MetricDataResult {
                id: id.to_owned(),
                label: id.to_owned(),
                points: vec![(0, 1.0), (60, 2.0)],
                status: "Complete".to_owned(),
                messages: Vec::new(),
            })
            .into(),
        next_token: None,
    };
    let fault = InjectedFault {
        partial_data: true,
        metric_status: [("watermark".to_owned(), "Forbidden".to_owned())].into(),
        ..InjectedFault::default()
    };
    answer.apply_faults(&request, &fault);
    assert_eq!((answer.results[0].status.as_str(), answer.results[0].points.len()), ("PartialData", 1));
    assert_eq!((answer.results[1].status.as_str(), answer.results[1].points.len()), ("Forbidden", 0));
}

/// ListMetrics lists nothing of it, without a word.
#[test]
fn an_account_that_is_not_linked_is_forbidden_and_a_linked_one_is_not() {
    let status = |account: &str| {
        let mut query = stat("m", "rate", "a", "Sum");
        query["AccountId"] = json!(account);
        let (answer, _) = ask(&[query], 10, &json!({})).unwrap();
        (answer.results[0].status.clone(), answer.results[0].points.len())
    };
    assert_eq!(status("333333333333"), ("Forbidden".to_owned(), 0));
    assert_eq!(status("222222222222"), ("Complete".to_owned(), 0));
    assert_eq!(status("111111111111"), ("Complete".to_owned(), 10));
}
