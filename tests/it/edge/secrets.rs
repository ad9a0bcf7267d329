//! No secret is printed, at any level, whatever field it stands in.

use std::collections::HashMap;
use std::time::Duration;

use flinkwatch::plugin::proto::controller::Empty;
use flinkwatch::plugin::proto::controller::grpc_controller_client::GrpcControllerClient;
use flinkwatch::plugin::proto::pluginv2::data_client::DataClient;
use flinkwatch::plugin::proto::pluginv2::diagnostics_client::DiagnosticsClient;
use flinkwatch::plugin::proto::pluginv2::resource_client::ResourceClient;
use flinkwatch::plugin::proto::pluginv2::{CheckHealthRequest, PluginContext, StringList};
use flinkwatch::plugin::{Headers, Secret};
use tonic::transport::Channel;

use crate::support::process::Process;
use crate::support::requests::{context, queries, recent, resource};

/// Every secret contains it.
const CANARY: &str = "CANARY";

fn canary(of: &str) -> String {
    format!("{CANARY}-{of}")
}

/// Settings as a careless person could have saved them: a secret in every field that can
/// hold one, and JSON of any shape.
fn full_of_secrets(json_data: &str) -> PluginContext {
    let mut context = context();
    let user = context.user.as_mut().unwrap();
    user.email = canary("email");
    let settings = context.data_source_instance_settings.as_mut().unwrap();
    settings.url = format!("https://user:{}@example.org", canary("url"));
    settings.basic_auth_user = canary("basic");
    settings.user = canary("user");
    settings.database = canary("database");
    settings.json_data = json_data.replace("SECRET", &canary("json")).into_bytes();
    settings.decrypted_secure_json_data =
        ["accessKey", "secretKey", "sessionToken", "other"].map(|name| (name.to_owned(), canary(name))).into();
    let key = "GF_SECURE_SOCKS_DATASOURCE_PROXY_CLIENT_KEY".to_owned();
    context.grafana_config = HashMap::from([(key, canary("config"))]);
    context
}

fn headers() -> Vec<(String, String)> {
    ["http_X-Grafana-Id", "Authorization", "Cookie", "X-ID-Token"].map(|name| (name.to_owned(), canary(name))).into()
}

/// Makes every kind of call, and gives back what the plugin said over gRPC.
async fn call_everything(channel: Channel, context: PluginContext) -> String {
    let mut said = String::new();
    let mut request = recent(queries(&["A", "B"]));
    request.plugin_context = Some(context.clone());
    request.headers.extend(headers());
    request.queries[0].json = canary("query is no JSON").into_bytes();
    let mut data = DataClient::new(channel.clone());
    let mut request = tonic::Request::new(request);
    let token = canary("metadata").parse().unwrap();
    request.metadata_mut().insert("authorization", token);
    said += &format!("{:?}", data.query_data(request).await);

    let mut request = resource(&format!("applications?q={CANARY}"));
    request.plugin_context = Some(context.clone());
    request.body = canary("body").into_bytes();
    let list = |(name, value)| (name, StringList { values: vec![value] });
    request.headers = headers().into_iter().map(list).collect();
    let mut resources = ResourceClient::new(channel.clone());
    match resources.call_resource(request).await {
        Err(status) => said += &format!("{status:?}"),
        Ok(reply) => {
            let mut stream = reply.into_inner();
            while let Some(piece) = stream.message().await.unwrap() {
                said += &String::from_utf8_lossy(&piece.body);
            }
        }
    }

    let mut diagnostics = DiagnosticsClient::new(channel);
    let request = CheckHealthRequest { plugin_context: Some(context), headers: headers().into_iter().collect() };
    said += &format!("{:?}", diagnostics.check_health(request).await);
    said
}

#[tokio::test]
async fn the_log_at_trace_and_every_answer_are_free_of_secrets() {
    let process = Process::start(&[("GF_PLUGIN_LOG_LEVEL", "trace")]);
    let channel = process.connect().await;
    for json_data in [
        r#"{"authType":"keys","defaultRegion":"eu-west-1","endpoint":"http://127.0.0.1:9"}"#,
        r#"{"authType":"SECRET","assumeRoleArn":"SECRET","externalId":"SECRET"}"#,
        r#"{"authType":{"secretKey":"SECRET"},"defaultRegion":["SECRET"]}"#,
        r#"["SECRET"]"#,
        r#""SECRET""#,
        "SECRET is no JSON",
        "",
    ] {
        let said = call_everything(channel.clone(), full_of_secrets(json_data)).await;
        assert!(!said.contains(CANARY), "{said}");
    }
    let mut controller = GrpcControllerClient::new(channel);
    controller.shutdown(Empty {}).await.unwrap();
    let remains = process.wait(Duration::from_secs(5)).await;
    assert!(remains.stderr.contains(r#""method":"QueryData""#), "nothing was logged");
    assert!(!remains.stderr.contains(CANARY), "{}", remains.stderr);
    assert_eq!(remains.stdout, "");
}

#[test]
fn secrets_and_headers_have_a_debug_that_tells_nothing() {
    let secret = Secret::new(canary("value"));
    assert_eq!(format!("{secret:?}"), "[redacted]");
    let headers: Headers = headers().into_iter().collect();
    let printed = format!("{headers:?}");
    assert!(printed.contains("authorization") && !printed.contains(CANARY), "{printed}");
}
