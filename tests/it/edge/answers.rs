//! What each remote procedure answers.

use std::collections::HashMap;

use flinkwatch::frames::frame::{Field, Frame, Values};
use flinkwatch::plugin::proto::pluginv2::data_client::DataClient;
use flinkwatch::plugin::proto::pluginv2::diagnostics_client::DiagnosticsClient;
use flinkwatch::plugin::proto::pluginv2::resource_client::ResourceClient;
use flinkwatch::plugin::proto::pluginv2::stream_client::StreamClient;
use flinkwatch::plugin::proto::pluginv2::{
    CheckHealthRequest, CollectMetricsRequest, DataResponse, PublishStreamRequest, QueryDataRequest, RunStreamRequest,
    SubscribeStreamRequest, User,
};
use flinkwatch::plugin::{Blame, HealthReply, HealthVerdict, QueryReply, ReplyError, ResourceReply};
use flinkwatch::query::Origin;
use futures::FutureExt;
use futures::future::ready;
use serde_json::Map;
use tonic::Code;

use crate::support::data_source::{Scripted, start};
use crate::support::requests::{context, queries, resource};

fn always(replies: Vec<QueryReply>) -> Scripted {
    Scripted { query: Box::new(move |_, _| ready(replies.clone()).boxed()), ..Scripted::default() }
}

async fn ask(source: Scripted, request: QueryDataRequest) -> HashMap<String, DataResponse> {
    let served = start(source).await;
    let mut client = DataClient::new(served.channel);
    client.query_data(request).await.unwrap().into_inner().responses
}

fn frame() -> Frame {
    Frame { fields: vec![Field::new("value", Values::Number(vec![1.0]))], ..Frame::default() }
}

fn error(status: u16, blame: Blame) -> ReplyError {
    ReplyError { status, blame, text: "No such application.".to_owned() }
}

#[tokio::test]
async fn every_query_is_answered_and_nothing_else() {
    let replies = vec![QueryReply::of_frames("A", vec![frame()]), QueryReply::of_frames("unasked", vec![frame()])];
    let responses = ask(always(replies), queries(&["A", "B"])).await;
    let mut ref_ids: Vec<&String> = responses.keys().collect();
    ref_ids.sort();
    assert_eq!(ref_ids, ["A", "B"]);

    let answered = &responses["A"];
    assert_eq!((answered.frames.len(), answered.status), (1, 200));
    assert_eq!((answered.error.as_str(), answered.error_source.as_str()), ("", ""));
    let missing = &responses["B"];
    assert_eq!((missing.status, missing.error_source.as_str()), (500, "plugin"));
    assert_eq!(missing.error, "Query B got no answer: this is a bug in this plugin.");
}

#[tokio::test]
async fn an_error_carries_status_and_blame_and_may_come_with_frames() {
    let mut partial = QueryReply::of_error("A", error(400, Blame::Downstream));
    partial.frames.push(frame());
    let silent = ReplyError { text: String::new(), ..error(500, Blame::Plugin) };
    let replies = vec![partial, QueryReply::of_error("B", silent)];
    let responses = ask(always(replies), queries(&["A", "B"])).await;

    let partial = &responses["A"];
    assert_eq!((partial.frames.len(), partial.status), (1, 400));
    assert_eq!(partial.error, "No such application.");
    assert_eq!(partial.error_source, "downstream");
    let silent = &responses["B"];
    assert_eq!(silent.error_source, "plugin");
    assert!(!silent.error.is_empty(), "an empty text reads as success");
}

#[tokio::test]
async fn a_request_without_queries_has_an_empty_answer() {
    assert!(ask(Scripted::default(), queries(&[])).await.is_empty());
}

#[tokio::test]
async fn a_request_without_a_data_source_is_refused() {
    let served = start(Scripted::default()).await;
    let mut client = DataClient::new(served.channel);
    let mut request = queries(&["A"]);
    request.plugin_context = None;
    let refused = client.query_data(request.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let mut app = context();
    app.data_source_instance_settings = None;
    request.plugin_context = Some(app);
    let refused = client.query_data(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

/// Replies with one error per query whose text is what the source was given.
fn echo(tell: fn(&flinkwatch::plugin::Instance, &flinkwatch::plugin::QueryRequest) -> String) -> Scripted {
    Scripted {
        query: Box::new(move |instance, request| {
            let text = tell(&instance, &request);
            let error = ReplyError { text, ..error(400, Blame::Downstream) };
            ready(vec![QueryReply::of_error("A", error)]).boxed()
        }),
        ..Scripted::default()
    }
}

#[tokio::test]
async fn settings_and_query_arrive_field_by_field() {
    let tell = echo(|instance, request| {
        let query = &request.queries[0];
        format!(
            "{} {} {} {} {} {} {} | {} {} {} {} {} {} {}",
            instance.uid,
            instance.name,
            instance.updated_ms,
            instance.database,
            instance.org_id,
            instance.secure["secretKey"].expose(),
            instance.grafana_config["AWS_AUTH_AssumeRoleEnabled"],
            query.ref_id,
            query.query_type,
            query.from_ms,
            query.to_ms,
            query.max_data_points,
            query.interval_ms,
            query.json.len(),
        )
    });
    let mut request = queries(&["A"]);
    let context = request.plugin_context.as_mut().unwrap();
    let toggle = ("AWS_AUTH_AssumeRoleEnabled".to_owned(), "true".to_owned());
    context.grafana_config.extend([toggle]);
    let settings = context.data_source_instance_settings.as_mut().unwrap();
    settings.database = "profile-x".to_owned();
    let secret = ("secretKey".to_owned(), "s3cret".to_owned());
    settings.decrypted_secure_json_data.extend([secret]);
    assert_eq!(
        ask(tell, request).await["A"].error,
        "flink-1 Flink 1700000000000 profile-x 1 s3cret true \
         | A application 1700000000000 1700003600000 1000 60000 53"
    );
}

#[tokio::test]
async fn every_role_is_served() {
    for role in ["Admin", "Editor", "Viewer", "None", "", "Grafana Admin"] {
        let mut request = queries(&["A"]);
        let user = User { role: role.to_owned(), ..User::default() };
        request.plugin_context.as_mut().unwrap().user = Some(user);
        let responses = ask(echo(|instance, _| format!("<{}>", instance.role)), request).await;
        assert_eq!(responses["A"].error, format!("<{role}>"));
    }
    // Grafana itself asks.
    let mut request = queries(&["A"]);
    request.plugin_context.as_mut().unwrap().user = None;
    let responses = ask(echo(|instance, _| format!("<{}>", instance.role)), request).await;
    assert_eq!(responses["A"].error, "<>");
}

#[tokio::test]
async fn alerts_are_told_from_panels() {
    for (header, value, expected) in [
        ("FromAlert", "true", Origin::Alert),
        ("fromalert", "true", Origin::Alert),
        ("FromAlert", "false", Origin::Panel),
        ("http_X-Grafana-From-Expr", "true", Origin::Alert),
        ("X-Grafana-From-Expr", "true", Origin::Alert),
        ("http_X-Panel-Id", "3", Origin::Panel),
    ] {
        let mut request = queries(&["A"]);
        request
            .headers
            .extend([(header.to_owned(), value.to_owned()), ("http_X-Dashboard-Uid".to_owned(), "dash".to_owned())]);
        let tell = echo(|_, request| format!("{:?} {:?}", request.origin, request.dashboard_uid));
        let told = &ask(tell, request).await["A"].error;
        assert_eq!(*told, format!("{expected:?} Some(\"dash\")"), "{header}: {value}");
    }
}

#[tokio::test]
async fn twelve_mebibytes_are_accepted_and_seventeen_are_not() {
    let served =
        start(echo(|_, request| request.queries.iter().map(|query| query.json.len()).sum::<usize>().to_string())).await;
    let mut client = DataClient::new(served.channel);
    let others: Vec<String> = (1..48).map(|number| format!("Q{number}")).collect();
    let ref_ids: Vec<&str> = std::iter::once("A").chain(others.iter().map(String::as_str)).collect();
    let mut large = queries(&ref_ids);
    for query in &mut large.queries {
        query.json = vec![b' '; 256 << 10];
    }
    let reply = client.query_data(large).await.unwrap().into_inner();
    assert_eq!(reply.responses["A"].error, (12 << 20).to_string());
    let mut too_large = queries(&["A"]);
    too_large.queries[0].json = vec![b' '; 17 << 20];
    let refused = client.query_data(too_large).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange);
}

#[tokio::test]
async fn large_answers_are_not_limited() {
    let value = Field::new("value", Values::Number(vec![1.0; 4 << 20]));
    let large = Frame { fields: vec![value], ..Frame::default() };
    let served = start(always(vec![QueryReply::of_frames("A", vec![large])])).await;
    let mut client = DataClient::new(served.channel).max_decoding_message_size(usize::MAX);
    let reply = client.query_data(queries(&["A"])).await.unwrap().into_inner();
    assert!(reply.responses["A"].frames[0].len() > 32 << 20);
}

#[tokio::test]
async fn a_resource_is_streamed_with_code_and_headers_first() {
    let served = start(Scripted {
        resource: Box::new(|_, request| {
            let said = format!("{} {} {:?}", request.method, request.path, request.arguments);
            let mut body = said.into_bytes();
            body.resize(2_500_000, b'.');
            ready(ResourceReply { status: 404, body }).boxed()
        }),
        ..Scripted::default()
    })
    .await;
    let mut client = ResourceClient::new(served.channel);
    let request = resource("applications?region=eu-west-1&q=a%20b");
    let mut stream = client.call_resource(request).await.unwrap().into_inner();
    let mut pieces = Vec::new();
    while let Some(piece) = stream.message().await.unwrap() {
        pieces.push(piece);
    }
    assert_eq!(pieces.len(), 3);
    assert_eq!(pieces[0].code, 404);
    assert_eq!(pieces[0].headers["content-type"].values, ["application/json"]);
    assert!(pieces[1].headers.is_empty() && pieces[2].headers.is_empty());
    let body: Vec<u8> = pieces.into_iter().flat_map(|piece| piece.body).collect();
    assert_eq!(body.len(), 2_500_000);
    let said = r#"GET applications [("region", "eu-west-1"), ("q", "a b")]..."#;
    assert!(body.starts_with(said.as_bytes()));
}

#[tokio::test]
async fn health_and_metrics_are_passed_on() {
    let served = start(Scripted {
        health: Box::new(|instance| HealthReply {
            verdict: HealthVerdict::Error,
            message: format!("{} may not list", instance.name),
            details: Map::new(),
        }),
        ..Scripted::default()
    })
    .await;
    let mut client = DiagnosticsClient::new(served.channel);
    let request = CheckHealthRequest { plugin_context: Some(context()), headers: HashMap::new() };
    let health = client.check_health(request).await.unwrap().into_inner();
    assert_eq!((health.status, health.message.as_str()), (2, "Flink may not list"));
    assert_eq!(health.json_details, b"{}");

    // Grafana asks for metrics without a data source.
    let request = CollectMetricsRequest::default();
    let metrics = client.collect_metrics(request).await.unwrap().into_inner();
    assert_eq!(metrics.metrics.unwrap().prometheus, b"up 1\n");
}

#[tokio::test]
async fn there_are_no_live_channels() {
    let served = start(Scripted::default()).await;
    let mut client = StreamClient::new(served.channel);
    let subscribed = client.subscribe_stream(SubscribeStreamRequest::default());
    assert_eq!(subscribed.await.unwrap().into_inner().status, 1);
    let published = client.publish_stream(PublishStreamRequest::default());
    assert_eq!(published.await.unwrap().into_inner().status, 1);
    let run = client.run_stream(RunStreamRequest::default());
    assert_eq!(run.await.map(|_| ()).unwrap_err().code(), Code::Unimplemented);
}

#[tokio::test]
async fn two_queries_of_one_ref_id_are_told_and_neither_is_lost_without_a_word() {
    let served = start(Scripted::default()).await;
    let mut client = DataClient::new(served.channel);
    let answer = client.query_data(queries(&["A", "B", "A"])).await.unwrap().into_inner();
    let responses = answer.responses;
    assert_eq!(responses.len(), 2);
    assert!(responses["B"].error.is_empty());
    assert!(
        responses["A"].error.contains("the refId \"A\"") && responses["A"].frames.is_empty(),
        "{:?}",
        responses["A"]
    );
    assert_eq!((responses["A"].status, responses["A"].error_source.as_str()), (400, "downstream"));
}
