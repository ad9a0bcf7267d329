//! The server over a real socket, with requests written by hand: what boto3 cannot be made to send.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::test_world::{NOW, REGION, TestWorld};
use super::*;

async fn start(options: Options) -> LocalAws {
    let options = Options { clock: Clock::Fixed(NOW), ..options };
    LocalAws::start(Arc::new(TestWorld::new()), options).await.unwrap()
}

fn signed(key: &str, service: &str) -> String {
    format!(
        "authorization: AWS4-HMAC-SHA256 Credential={key}/20251124/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=00"
    )
}

async fn connect(server: &LocalAws, path: &str, headers: &[&str], body: &[u8]) -> TcpStream {
    let address = server.endpoint().replace("http://", "");
    let mut connection = TcpStream::connect(address).await.unwrap();
    let headers = headers.join("\r\n");
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(body).await.unwrap();
    connection
}

/// Head and body of the response.
async fn post(server: &LocalAws, path: &str, headers: &[&str], body: &[u8]) -> (String, Vec<u8>) {
    let mut connection = connect(server, path, headers, body).await;
    let mut response = Vec::new();
    connection.read_to_end(&mut response).await.unwrap();
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&response[..end]).into_owned();
    (head, response[end + 4..].to_vec())
}

async fn json_call(server: &LocalAws, key: &str, operation: &str, body: &Value) -> (String, Value) {
    let target = format!("x-amz-target: GraniteServiceVersion20100801.{operation}");
    let headers = [target.as_str(), &signed(key, "monitoring")];
    let (head, body) = post(server, "/", &headers, body.to_string().as_bytes()).await;
    (head, serde_json::from_slice(&body).unwrap())
}

async fn form_call(server: &LocalAws, key: &str, service: &str, form: &str) -> (String, String) {
    let (head, body) = post(server, "/", &[&signed(key, service)], form.as_bytes()).await;
    (head, String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn gzipped_cbor_is_understood_and_answered_in_cbor() {
    let server = start(Options::default()).await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // {"MetricName": "old"}
    gzip.write_all(b"\xa1\x6aMetricName\x63old").unwrap();
    let path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
    let headers = [&signed("k", "monitoring"), "smithy-protocol: rpc-v2-cbor", "content-encoding: gzip"];
    let (head, body) = post(&server, path, &headers, &gzip.finish().unwrap()).await;
    assert!(head.contains("200 OK") && head.contains("smithy-protocol: rpc-v2-cbor"), "{head}");
    let answer = input::parse_cbor(&body).unwrap();
    assert_eq!(answer["Metrics"][0]["MetricName"], "old");
    assert_eq!(server.counters().operation("ListMetrics").protocols["cbor"], 1);
    server.stop().await;
}

#[tokio::test]
async fn a_proxys_page_takes_the_place_of_an_answer() {
    let server = start(Options::default()).await;
    server.set_faults(Faults { proxy_page: Times::Next(1), ..Faults::default() });
    let headers = ["x-amz-target: GraniteServiceVersion20100801.ListMetrics", &signed("k", "monitoring")];
    let (head, body) = post(&server, "/", &headers, b"{}").await;
    assert!(head.contains("200 OK") && head.contains("text/html"), "{head}");
    assert!(body.starts_with(b"<!DOCTYPE html>"));
    let (head, _) = json_call(&server, "k", "ListMetrics", &json!({})).await;
    assert!(head.contains("amz-json"), "{head}");
    server.stop().await;
}

#[tokio::test]
async fn remembered_answers_are_those_that_were_given_before() {
    let server = start(Options { remembers_answers: true, ..Options::default() }).await;
    let question = |minutes: i64| {
        json!({"StartTime": NOW - minutes * 60, "EndTime": NOW, "MetricDataQueries": [{"Id": "a", "MetricStat": {
            "Metric": {"Namespace": "AWS/KinesisAnalytics", "MetricName": "uptime"}, "Period": 60, "Stat": "Average"}}]})
    };
    let first = json_call(&server, "k", "GetMetricData", &question(5)).await.1;
    assert_eq!(json_call(&server, "k", "GetMetricData", &question(5)).await.1, first);
    json_call(&server, "k", "GetMetricData", &question(6)).await;
    let counts = server.counters().operation("GetMetricData");
    assert_eq!((counts.calls, counts.usage.billed_metrics), (3, 3));
    server.stop().await;
}

#[tokio::test]
async fn errors_have_the_shape_of_their_protocol() {
    let server = start(Options::default()).await;
    let bad = json!({"RecentlyActive": "PT1H"});
    let (head, body) = json_call(&server, "k", "ListMetrics", &bad).await;
    assert!(head.contains("400 Bad Request"));
    assert!(head.contains("x-amzn-query-error: InvalidParameterValue;Sender"), "{head}");
    assert_eq!(body["__type"], "com.amazonaws.cloudwatch#InvalidParameterValueException");
    let (_, xml) = form_call(&server, "k", "monitoring", "Action=ListMetrics&RecentlyActive=PT1H").await;
    assert!(xml.contains("<Type>Sender</Type><Code>InvalidParameterValue</Code>"), "{xml}");
    let path = "/service/GraniteServiceVersion20100801/operation/Nonsense";
    let (_, cbor) = post(&server, path, &[&signed("k", "monitoring")], b"").await;
    assert_eq!(input::parse_cbor(&cbor).unwrap()["__type"], "com.amazonaws.cloudwatch#UnknownOperationException");
    server.stop().await;
}

#[tokio::test]
async fn lists_are_paged_by_500() {
    let server = start(Options::default()).await;
    let (_, first) = json_call(&server, "k", "ListMetrics", &json!({"MetricName": "many"})).await;
    assert_eq!(first["Metrics"].as_array().unwrap().len(), 500);
    let next = json!({"MetricName": "many", "NextToken": first["NextToken"]});
    let (_, second) = json_call(&server, "k", "ListMetrics", &next).await;
    assert_eq!(second["Metrics"].as_array().unwrap().len(), 100);
    assert!(second.get("NextToken").is_none());
    let recent = json!({"MetricName": "old", "RecentlyActive": "PT3H"});
    let (_, none) = json_call(&server, "k", "ListMetrics", &recent).await;
    assert_eq!(none["Metrics"], json!([]));
    server.stop().await;
}

#[tokio::test]
async fn identities_may_do_only_what_they_may() {
    let role = "arn:aws:iam::222222222222:role/reader";
    let mut options = Options { only_known_keys: true, external_id: Some("secret".to_owned()), ..Options::default() };
    options.identities.insert("lister".to_owned(), Identity::denying(["cloudwatch:GetMetricData"]));
    options.identities.insert(role.to_owned(), Identity::denying(["kinesisanalytics:*"]));
    let server = start(options).await;
    let (_, body) = json_call(&server, "stranger", "ListMetrics", &json!({})).await;
    assert_eq!(body["__type"], "com.amazonaws.cloudwatch#UnrecognizedClientException");
    let (head, _) = json_call(&server, "lister", "GetMetricData", &json!({})).await;
    assert!(head.contains("AccessDenied"));
    let assume = format!("Action=AssumeRole&RoleSessionName=s&RoleArn={role}");
    let (head, _) = form_call(&server, "lister", "sts", &assume).await;
    assert!(head.contains("403"));
    let (_, xml) = form_call(&server, "lister", "sts", &format!("{assume}&ExternalId=secret")).await;
    let key = "ASIALOCAL222222222222reader";
    assert!(xml.contains(&format!("<AccessKeyId>{key}</AccessKeyId>")), "{xml}");
    let notes: Vec<_> = server.counters().recent.into_iter().filter_map(|call| call.note).collect();
    assert_eq!(notes, [format!("role {role} external id none"), format!("role {role} external id secret")]);
    // The role is of the linked account, and sees that account's series as its own.
    let (_, body) = json_call(&server, key, "ListMetrics", &json!({"MetricName": "rate"})).await;
    assert_eq!(body["Metrics"].as_array().unwrap().len(), 1);
    let target = "x-amz-target: KinesisAnalytics_20180523.ListApplications";
    let (_, body) = post(&server, "/", &[target, &signed(key, "kinesisanalytics")], b"{}").await;
    assert!(String::from_utf8_lossy(&body).contains("AccessDeniedException"));
    assert_eq!(server.counters().access_keys[key]["ListMetrics"], 1);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_goes_away_is_counted() {
    let server = start(Options::default()).await;
    server.set_faults(Faults { latency_ms: 60_000, ..Faults::default() });
    let target = "x-amz-target: GraniteServiceVersion20100801.ListMetrics";
    let connection = connect(&server, "/", &[target, &signed("k", "monitoring")], b"{}").await;
    until(&server, |counts| counts.in_flight == 1).await;
    drop(connection);
    until(&server, |counts| counts.in_flight == 0).await;
    assert_eq!(server.counters().operation("ListMetrics").cancelled, 1);
    assert!(server.counters().recent[0].is_cancelled);
    server.stop().await;
}

/// Looks again until the counts are as expected; the test's own time limit is the runner's.
async fn until(server: &LocalAws, is_expected: impl Fn(&OperationCounts) -> bool) {
    while !is_expected(&server.counters().operation("ListMetrics")) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn a_slow_body_that_is_left_counts_as_cancelled() {
    let server = start(Options::default()).await;
    server.set_faults(Faults { slow_body_ms: 50, ..Faults::default() });
    let target = "x-amz-target: GraniteServiceVersion20100801.ListMetrics";
    let mut connection = connect(&server, "/", &[target, &signed("k", "monitoring")], b"{}").await;
    let mut first = [0; 400];
    assert!(connection.read(&mut first).await.unwrap() > 0);
    drop(connection);
    until(&server, |counts| counts.in_flight == 0).await;
    assert_eq!(server.counters().operation("ListMetrics").cancelled, 1);
    server.stop().await;
}

#[tokio::test]
async fn servers_in_one_process_do_not_share_faults_or_counts() {
    let (one, two) = (start(Options::default()).await, start(Options::default()).await);
    one.set_faults(Faults { throttle: Times::Always, ..Faults::default() });
    let (head, _) = json_call(&one, "k", "ListMetrics", &json!({})).await;
    assert!(head.contains("Throttling;Sender"));
    let (head, _) = json_call(&two, "k", "ListMetrics", &json!({})).await;
    assert!(head.contains("200 OK"));
    assert_eq!(one.counters().operation("ListMetrics").throttles, 1);
    assert_eq!(two.counters().operation("ListMetrics").throttles, 0);
    one.reset_counters();
    assert_eq!(one.counters().operation("ListMetrics").calls, 0);
    let endpoint = one.endpoint().replace("http://", "");
    one.stop().await;
    assert!(TcpStream::connect(endpoint).await.is_err());
    two.stop().await;
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let server = start(Options::default()).await;
    let port = server.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    let options = Options { port, ..Options::default() };
    assert!(LocalAws::start(Arc::new(TestWorld::new()), options).await.is_err());
    server.stop().await;
}
