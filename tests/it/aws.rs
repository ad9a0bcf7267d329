//! The real client against a loopback server: who signs, where calls go, and what a failure becomes.

use std::collections::HashMap;
use std::process::Command;
use std::time::Duration;

use flinkwatch::answers::Completeness;
use flinkwatch::aws::clients::Clients;
use flinkwatch::aws::{Aws, LIST_APPLICATIONS, LIST_METRICS, ListMetricsAsk, Recency};
use flinkwatch::catalog::statistic::Statistic;
use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::model::application::ApplicationSummary;
use flinkwatch::model::series::Dimensions;
use flinkwatch::place::{Account, ApplicationName, Place, Region};
use flinkwatch::plan::call::{GetMetricDataCall, Period, SeriesKey};
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use flinkwatch::telemetry::Telemetry;
use serde_json::json;

use crate::support::loopback::{Loopback, Reply, Request};

const ROLE: &str = "arn:aws:iam::123456789012:role/grafana";

/// Settings with access keys, and `more` on top.
fn settings_with(endpoint: &str, secret_key: &str, more: serde_json::Value) -> Settings {
    let mut json = json!({ "authType": "keys", "defaultRegion": "eu-west-1", "endpoint": endpoint });
    for (field, value) in more.as_object().unwrap() {
        json[field] = value.clone();
    }
    let secure = [("accessKey", "AKIDEXAMPLE"), ("secretKey", secret_key), ("sessionToken", "session-token")];
    let secure: HashMap<String, String> =
        secure.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let json = json.to_string();
    let source = SettingsSource { json_data: json.as_bytes(), secure: &secure, database: "" };
    Settings::parse(&source, &AdminSettings::default()).unwrap()
}

fn settings(endpoint: &str) -> Settings {
    settings_with(endpoint, "secret", json!({}))
}

fn ireland() -> Region {
    Region::from("eu-west-1")
}

async fn list(settings: &Settings) -> Result<Vec<ApplicationSummary>, CallError> {
    Clients::new().client(settings).list_applications(&ireland()).await
}

fn page(name: &str, token: Option<&str>) -> Reply {
    let row = json!({
        "ApplicationName": name,
        "ApplicationARN": format!("arn:aws:kinesisanalytics:eu-west-1:123456789012:application/{name}"),
        "ApplicationStatus": "RUNNING",
        "ApplicationVersionId": 3,
        "RuntimeEnvironment": "FLINK-1_20"
    });
    let mut page = json!({ "ApplicationSummaries": [row] });
    if let Some(token) = token {
        page["NextToken"] = json!(token);
    }
    Reply::json(200, &page.to_string())
}

fn refusal(status: u16, code: &str) -> Reply {
    Reply::json(status, &json!({ "__type": code, "message": "no" }).to_string())
}

fn names(applications: &[ApplicationSummary]) -> Vec<&str> {
    applications.iter().map(|application| application.name.as_str()).collect()
}

#[tokio::test]
async fn all_pages_are_read_from_the_custom_endpoint_with_the_keys_of_the_settings() {
    let server = Loopback::start(|index, _| match index {
        0 => page("orders", Some("more")),
        _ => page("payments", None),
    })
    .await;
    let applications = list(&settings(&server.url)).await.unwrap();
    assert_eq!(names(&applications), ["orders", "payments"]);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].body.contains(r#""NextToken":"more""#), "{}", requests[1].body);
    for request in &requests {
        assert_eq!(request.header("x-amz-target"), "KinesisAnalytics_20180523.ListApplications");
        assert_eq!(request.header("x-amz-security-token"), "session-token");
        let authorization = request.header("authorization");
        assert!(authorization.contains("Credential=AKIDEXAMPLE/"), "{authorization}");
        assert!(authorization.contains("/eu-west-1/kinesisanalytics/aws4_request"), "{authorization}");
        assert!(request.header("user-agent").contains("app/grafana-flinkwatch"), "{}", request.header("user-agent"));
    }
}

#[tokio::test]
async fn equal_settings_share_a_client_and_different_identities_never_do() {
    let clients = Clients::new();
    let url = "http://127.0.0.1:9";
    let one = clients.client(&settings(url));
    assert!(one.shares_session(&clients.client(&settings(url))));
    let others = [
        settings_with(url, "other", json!({})),
        settings_with(url, "secret", json!({ "assumeRoleArn": ROLE })),
        settings_with(url, "secret", json!({ "authType": "default" })),
        settings_with(url, "secret", json!({ "requestTimeoutSeconds": 5 })),
        settings("http://127.0.0.1:10"),
    ];
    for other in &others {
        assert!(!one.shares_session(&clients.client(other)), "{other:?}");
    }
    assert!(!format!("{one:?}").contains("AKIDEXAMPLE"));
}

#[tokio::test]
async fn one_failure_of_the_service_is_tried_again() {
    let server = Loopback::start(|index, _| match index {
        0 => refusal(500, "InternalFailure"),
        _ => page("orders", None),
    })
    .await;
    assert_eq!(names(&list(&settings(&server.url)).await.unwrap()), ["orders"]);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn each_failure_has_its_kind_and_only_some_are_tried_again() {
    let table = [
        (400, "AccessDeniedException", CallErrorKind::AccessDenied, 1),
        (400, "ExpiredTokenException", CallErrorKind::Credentials, 1),
        (400, "UnrecognizedClientException", CallErrorKind::Credentials, 1),
        (400, "ResourceNotFoundException", CallErrorKind::NotFound, 1),
        (400, "InvalidArgumentException", CallErrorKind::Rejected, 1),
        (400, "ThrottlingException", CallErrorKind::Throttled, 4),
        (503, "ServiceUnavailable", CallErrorKind::ServiceFailure, 4),
    ];
    for (status, code, kind, tries) in table {
        let server = Loopback::start(move |_, _| refusal(status, code)).await;
        let error = list(&settings(&server.url)).await.unwrap_err();
        assert_eq!((error.kind, error.operation), (kind, "kinesisanalytics:ListApplications"), "{code}");
        assert_eq!(error.message, format!("{code}: no"));
        assert_eq!(server.requests().len(), tries, "{code}");
    }
}

#[tokio::test]
async fn an_unreadable_answer_is_the_services_failure() {
    let server = Loopback::start(|_, _| Reply::json(200, "{")).await;
    let error = list(&settings(&server.url)).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::ServiceFailure, "{error}");
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_unreachable() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let error = list(&settings(&format!("http://127.0.0.1:{port}"))).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::Unreachable, "{error}");
    assert!(error.message.contains("refused"), "{error}");
}

#[tokio::test]
async fn the_request_timeout_of_the_settings_ends_the_call() {
    let slow = || Reply { delay: Duration::from_secs(3600), ..page("orders", None) };
    let server = Loopback::start(move |_, _| slow()).await;
    let limited = settings_with(&server.url, "secret", json!({ "requestTimeoutSeconds": 1 }));
    // Nothing but the setting ends the call within the hour.
    let error = list(&limited).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::Timeout, "{error}");
}

#[tokio::test]
async fn dropping_a_call_hangs_up() {
    let slow = || Reply { delay: Duration::from_secs(3600), ..page("orders", None) };
    let server = Loopback::start(move |_, _| slow()).await;
    let settings = settings(&server.url);
    let until = async |is_seen: &dyn Fn() -> bool| {
        while !is_seen() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // Once the server has the request, however long that takes on a busy machine, the call is dropped.
    let is_asked = || !server.requests().is_empty();
    tokio::select! {
        answer = list(&settings) => panic!("an answer that is due in an hour came: {answer:?}"),
        () = until(&is_asked) => {}
    }
    tokio::time::timeout(Duration::from_secs(60), until(&|| server.hangups() > 0)).await.unwrap();
}

/// The samples of the counters, without the histograms.
fn counted(telemetry: &Telemetry) -> Vec<String> {
    let is_counter = |line: &&str| line.starts_with("flinkwatch_aws_") && line.contains("_total");
    telemetry
        .text()
        .lines()
        .filter(is_counter)
        .map(|line| line.trim_start_matches("flinkwatch_aws_").to_owned())
        .collect()
}

#[tokio::test]
async fn every_page_and_every_try_is_counted() {
    let server = Loopback::start(|index, _| match index {
        0 => refusal(400, "ThrottlingException"),
        1 => page("orders", Some("more")),
        _ => page("payments", None),
    })
    .await;
    let telemetry = Telemetry::new();
    let client = Clients::with_telemetry(telemetry.clone()).client(&settings(&server.url));
    assert_eq!(names(&client.list_applications(&ireland()).await.unwrap()), ["orders", "payments"]);
    let operation = "operation=\"kinesisanalytics:ListApplications\"";
    let expected = [
        format!("attempts_total{{{operation}}} 3"),
        "billed_metrics_total 0".to_owned(),
        format!("calls_total{{{operation},outcome=\"ok\"}} 2"),
        "estimated_cost_dollars_total 0".to_owned(),
        format!("throttled_total{{{operation}}} 1"),
    ];
    assert_eq!(counted(&telemetry), expected);
}

#[tokio::test]
async fn a_call_without_room_in_its_budget_is_never_made() {
    let server = Loopback::start(|_, _| page("orders", None)).await;
    let slow = json!({ "kinesisAnalyticsPerSecond": 0.1 });
    let settings = settings_with(&server.url, "secret", slow);
    let telemetry = Telemetry::new();
    let clients = Clients::with_telemetry(telemetry.clone());
    clients.client(&settings).list_applications(&ireland()).await.unwrap();
    let (client, region) = (clients.client(&settings), ireland());
    let mut call = client.list_applications(&region);
    assert!(tokio::time::timeout(Duration::from_millis(300), call.as_mut()).await.is_err());
    let error = client.late(LIST_APPLICATIONS, &region);
    assert_eq!(error.kind, CallErrorKind::Throttled);
    assert_eq!(client.late(LIST_METRICS, &region).kind, CallErrorKind::Timeout);
    assert!(error.message.contains("the rate limits of this data source"), "{error}");
    assert_eq!(server.requests().len(), 1);
    let refused = "refused_total{operation=\"kinesisanalytics:ListApplications\"} 1";
    assert!(counted(&telemetry).contains(&refused.to_owned()), "{:?}", counted(&telemetry));
    // The budget is that of a region.
    clients.client(&settings).list_applications(&Region::from("us-east-2")).await.unwrap();
}

#[tokio::test]
async fn a_dropped_call_is_counted_as_cancelled() {
    let slow = || Reply { delay: Duration::from_secs(3600), ..page("orders", None) };
    let server = Loopback::start(move |_, _| slow()).await;
    let telemetry = Telemetry::new();
    let client = Clients::with_telemetry(telemetry.clone()).client(&settings(&server.url));
    let region = ireland();
    let dropped = tokio::time::timeout(Duration::from_millis(300), client.list_applications(&region)).await;
    assert!(dropped.is_err());
    let cancelled = "calls_total{operation=\"kinesisanalytics:ListApplications\",outcome=\"cancelled\"} 1";
    assert!(counted(&telemetry).contains(&cancelled.to_owned()), "{:?}", counted(&telemetry));
}

#[tokio::test]
async fn connections_are_reused() {
    let server = Loopback::start(|_, _| page("orders", None)).await;
    let clients = Clients::new();
    let client = clients.client(&settings(&server.url));
    for _ in 0..3 {
        client.list_applications(&ireland()).await.unwrap();
    }
    assert_eq!((server.requests().len(), server.connections()), (3, 1));
}

#[tokio::test]
async fn cloudwatch_is_asked_in_cbor_and_its_refusals_are_read() {
    // {"__type": "AccessDenied", "message": "no"}
    let body = b"\xa2\x66__type\x6cAccessDenied\x67message\x62no";
    let server = Loopback::start(|_, _| Reply::cbor(403, body)).await;
    let place = Place { region: ireland(), account: Account::Own };
    let application = Some(ApplicationName::from("orders"));
    let key = ListMetricsAsk { place, application, metric: None, recency: Recency::ThreeHours };
    let error = Clients::new().client(&settings(&server.url)).list_metrics(&key).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (CallErrorKind::AccessDenied, "AccessDenied: no"));
    let request = &server.requests()[0];
    assert_eq!(request.line, "POST /service/GraniteServiceVersion20100801/operation/ListMetrics HTTP/1.1");
    for text in ["AWS/KinesisAnalytics", "PT3H", "Application", "orders"] {
        assert!(request.body.contains(text), "{text}: {}", request.body);
    }
}

#[tokio::test]
async fn an_answer_of_cloudwatch_that_cannot_be_read_is_asked_for_again() {
    // {"MetricDataResults": [{"Id": "m0", "Timestamps": [1(1700000040)], "Values": [2.0]}]}
    let whole = b"\xa1\x71MetricDataResults\x81\xa3\x62Id\x62m0\
        \x6aTimestamps\x81\xc1\x1a\x65\x53\xf1\x28\x66Values\x81\xf9\x40\x00";
    let key = SeriesKey {
        metric: "uptime".into(),
        dimensions: Dimensions::new(Vec::new()),
        account: None,
        period: Period::MINUTE,
        statistic: Statistic::Maximum,
    };
    let call = GetMetricDataCall { region: ireland(), start: 1_699_999_980, end: 1_700_000_100, series: vec![key] };

    let server = Loopback::start(|index, _| Reply::cbor(200, &whole[..whole.len() - usize::from(index == 0)])).await;
    let answer = Clients::new().client(&settings(&server.url)).get_metric_data(&call).await.unwrap();
    assert_eq!((answer.columns[0].values[1], answer.columns[0].completeness), (2.0, Completeness::Complete));
    assert_eq!(server.requests().len(), 2);

    let server = Loopback::start(|_, _| Reply::json(200, "{")).await;
    let error = Clients::new().client(&settings(&server.url)).get_metric_data(&call).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::ServiceFailure);
    assert!(error.message.starts_with("unreadable answer with status 200: it is application/x-amz-json"), "{error}");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_region_cannot_name_another_host() {
    let client = Clients::new().client(&settings("http://127.0.0.1:9"));
    let error = client.list_applications(&Region::from("evil.example.com/#")).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::Rejected);
}

/// Set in the process that a test starts of itself: the endpoint to ask there.
const CHILD: &str = "TEST_ENDPOINT";

/// Runs a test again in a process of its own, because what it checks needs an environment of its own.
async fn run_child(test: &str, env: Vec<(&'static str, String)>) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "NO_PROXY", "no_proxy"] {
        command.env_remove(name);
    }
    command.args([test, "--exact"]).envs(env);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn assumed_role(_: usize, _: &Request) -> Reply {
    Reply::xml(
        "<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleResult>\
         <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId>\
         <Arn>arn:aws:sts::123456789012:assumed-role/grafana/x</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>",
    )
}

#[tokio::test]
async fn a_role_is_assumed_once_at_sts_and_signs_all_calls() {
    if let Ok(endpoint) = std::env::var(CHILD) {
        let settings = settings_with(&endpoint, "secret", json!({ "assumeRoleArn": ROLE, "externalId": "ours" }));
        let client = Clients::new().client(&settings);
        client.list_applications(&ireland()).await.unwrap();
        client.list_applications(&Region::from("us-east-2")).await.unwrap();
        return;
    }
    let sts = Loopback::start(assumed_role).await;
    let service = Loopback::start(|_, _| page("orders", None)).await;
    let dead_proxy = "http://127.0.0.1:9".to_owned();
    let env = vec![
        (CHILD, service.url.clone()),
        ("AWS_ENDPOINT_URL_STS", sts.url.clone()),
        ("HTTP_PROXY", dead_proxy.clone()),
        ("http_proxy", dead_proxy),
    ];
    run_child("aws::a_role_is_assumed_once_at_sts_and_signs_all_calls", env).await;

    let asked = sts.requests();
    assert_eq!(asked.len(), 1, "one AssumeRole for two regions");
    let form = ["Action=AssumeRole", "ExternalId=ours", "DurationSeconds=900", "RoleSessionName=grafana-flinkwatch"];
    for part in form {
        assert!(asked[0].body.contains(part), "{part}: {}", asked[0].body);
    }
    assert!(asked[0].header("authorization").contains("Credential=AKIDEXAMPLE/"));
    assert!(asked[0].header("authorization").contains("/eu-west-1/sts/aws4_request"));
    let calls = service.requests();
    assert_eq!(calls.len(), 2);
    for (call, region) in calls.iter().zip(["eu-west-1", "us-east-2"]) {
        assert!(call.header("authorization").contains("Credential=ROLEKEY/"));
        assert!(call.header("authorization").contains(&format!("/{region}/kinesisanalytics/")));
        assert_eq!(call.header("x-amz-security-token"), "role-token");
    }
}

#[tokio::test]
async fn sts_is_never_the_custom_endpoint_and_https_goes_through_the_proxy() {
    if let Ok(endpoint) = std::env::var(CHILD) {
        let settings = settings_with(&endpoint, "secret", json!({ "assumeRoleArn": ROLE }));
        let client = Clients::new().client(&settings);
        let error = client.list_applications(&ireland()).await.unwrap_err();
        // The proxy is to blame and not the credentials; it is named, and so is who could not be reached.
        assert_eq!(error.kind, CallErrorKind::Unreachable, "{error}");
        let way = "while getting its credentials from sts.eu-west-1.amazonaws.com, through the proxy 127.0.0.1:";
        assert!(error.words().starts_with(way), "{error}");
        return;
    }
    let proxy = Loopback::start(|_, _| Reply::json(403, "{}")).await;
    let service = Loopback::start(|_, _| page("orders", None)).await;
    let env = vec![(CHILD, service.url.clone()), ("HTTPS_PROXY", proxy.url.clone())];
    run_child("aws::sts_is_never_the_custom_endpoint_and_https_goes_through_the_proxy", env).await;
    assert_eq!(service.requests().len(), 0);
    let asked = proxy.requests();
    assert_eq!(asked[0].line, "CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1");
}
