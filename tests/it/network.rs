//! What stands between Grafana and AWS, told by name: hosts that do not answer, proxies that answer in their stead,
//! certificates that nobody trusts, endpoints of another service, region or protocol.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use flinkwatch::aws::Aws;
use flinkwatch::aws::clients::Clients;
use flinkwatch::failure::{CallError, CallErrorKind, Cause};
use flinkwatch::place::{ApplicationName, Region};
use flinkwatch::plugin::messages::describe_call;
use flinkwatch::plugin::proto::pluginv2::data_client::DataClient;
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::loopback::{Loopback, Reply};
use crate::support::process::Process;
use crate::support::requests::{queries, recent};

fn settings(mut json: Value) -> Settings {
    json["authType"] = "keys".into();
    json["defaultRegion"] = "eu-west-1".into();
    let keys = [("accessKey", "AKIDEXAMPLE"), ("secretKey", "secret")];
    let secure: HashMap<String, String> =
        keys.into_iter().map(|(name, key)| (name.to_owned(), key.to_owned())).collect();
    let json = json.to_string();
    let source = SettingsSource { json_data: json.as_bytes(), secure: &secure, database: "" };
    Settings::parse(&source, &AdminSettings::default()).unwrap()
}

fn home() -> Region {
    Region::from("eu-west-1")
}

async fn list_in(json: Value, region: &str) -> CallError {
    Clients::new().client(&settings(json)).list_applications(&Region::from(region)).await.unwrap_err()
}

async fn list(json: Value) -> CallError {
    list_in(json, "eu-west-1").await
}

/// A port on which nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn host(url: &str) -> &str {
    url.split("//").nth(1).unwrap()
}

#[tokio::test]
async fn a_host_that_refuses_is_named() {
    let nobody = nobody();
    let error = list(json!({ "endpoint": format!("http://{nobody}") })).await;
    assert_eq!(error.kind, CallErrorKind::Unreachable);
    assert!(error.words().starts_with(&format!("{nobody}: ")), "{error}");
    let unknown = list(json!({ "endpoint": "http://no-such-host.invalid" })).await;
    assert_eq!(unknown.kind, CallErrorKind::Unreachable);
    assert!(unknown.words().starts_with("no-such-host.invalid: "), "{unknown}");
}

#[tokio::test]
async fn a_host_that_is_silent_is_named() {
    let server = Loopback::start(|_, _| Reply { delay: Duration::from_secs(3600), ..Reply::json(200, "{}") }).await;
    let error = list(json!({ "endpoint": server.url, "requestTimeoutSeconds": 1 })).await;
    assert_eq!(
        (error.kind, error.words()),
        (CallErrorKind::Timeout, format!("{}: no answer in time; this address is set in endpoint", host(&server.url)))
    );
}

#[tokio::test]
async fn sts_that_cannot_be_reached_is_not_a_matter_of_credentials() {
    let (service, sts) = (Loopback::start(|_, _| Reply::json(200, "{}")).await, nobody());
    let role = "arn:aws:iam::123456789012:role/grafana";
    let with = |sts: &str| json!({ "endpoint": service.url, "stsEndpoint": sts, "assumeRoleArn": role });
    let error = list(with(&format!("http://{sts}"))).await;
    assert_eq!(error.kind, CallErrorKind::Unreachable, "{error}");
    assert!(error.words().starts_with(&format!("while getting its credentials from {sts}: ")), "{error}");
    let login = Loopback::start(|_, _| html(200)).await;
    let error = list(with(&login.url)).await;
    assert!(error.words().contains(host(&login.url)) || error.words().contains("sts:AssumeRole"), "{error}");
    assert!(service.requests().is_empty());
}

fn html(status: u16) -> Reply {
    Reply {
        status,
        content_type: "text/html",
        body: b"<!DOCTYPE html><html>Log in</html>".to_vec(),
        delay: Duration::ZERO,
    }
}

#[tokio::test]
async fn a_page_of_a_proxy_is_not_an_answer_of_aws() {
    for status in [200, 302, 403, 407] {
        let server = Loopback::start(move |_, _| html(status)).await;
        let error = list(json!({ "endpoint": server.url })).await;
        assert_eq!(error.kind, CallErrorKind::WrongServer, "{status}: {error}");
        assert!(error.words().starts_with(&format!("{}: ", host(&server.url))), "{error}");
        let text = describe_call("data", &error, &[]);
        assert!(
            text.contains("the server that answered ListApplications is not Managed Service for Apache Flink"),
            "{text}"
        );
        assert!(text.contains("proxies between Grafana and AWS"), "{text}");
    }
    // A balancer of AWS's own.
    let server = Loopback::start(|_, _| html(503)).await;
    assert_eq!(list(json!({ "endpoint": server.url })).await.kind, CallErrorKind::ServiceFailure);
}

#[tokio::test]
async fn an_endpoint_that_knows_another_service_only_is_not_taken_for_the_right_one() {
    let unknown = r#"{"__type":"UnknownOperationException"}"#;
    let server = Loopback::start(move |_, _| Reply::json(404, unknown)).await;
    let client = Clients::new().client(&settings(json!({ "endpoint": server.url })));
    let error = client.describe_application(&home(), &ApplicationName::from("orders")).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::WrongServer, "{error}");
    // Of an application that is not there the service says so itself.
    let gone = r#"{"__type":"ResourceNotFoundException"}"#;
    let server = Loopback::start(move |_, _| Reply::json(400, gone)).await;
    let client = Clients::new().client(&settings(json!({ "endpoint": server.url })));
    let error = client.describe_application(&home(), &ApplicationName::from("orders")).await.unwrap_err();
    assert_eq!(error.kind, CallErrorKind::NotFound, "{error}");
}

#[tokio::test]
async fn a_region_is_asked_only_where_it_can_answer() {
    let server = Loopback::start(|_, _| Reply::json(200, r#"{"ApplicationSummaries":[]}"#)).await;
    let refused = async |json: Value, region| {
        let error = list_in(json, region).await;
        assert!(error.context.cause == Cause::RefusedRegion, "{error}");
        error.message
    };
    let open = json!({ "endpoint": server.url });
    assert!(refused(open.clone(), "aa-aaa-1").await.contains("is not a region that this plugin knows"));
    assert!(refused(open.clone(), "evil.example.com#").await.contains("not a valid region name"));
    let narrow = json!({ "endpoint": server.url, "allowedRegions": "us-east-1, xx-new-1" });
    assert!(refused(narrow.clone(), "us-east-2").await.contains("not among allowedRegions"));
    let of_aws = json!({ "kinesisAnalyticsEndpoint": "kinesisanalytics.eu-west-1.amazonaws.com" });
    assert!(refused(of_aws, "us-east-1").await.contains("which is in eu-west-1"));
    assert!(server.requests().is_empty());
    for (json, region) in
        [(open, "eusc-de-east-1"), (narrow.clone(), "xx-new-1"), (narrow.clone(), "us-east-1"), (narrow, "eu-west-1")]
    {
        Clients::new().client(&settings(json)).list_applications(&Region::from(region)).await.unwrap();
    }
}

#[tokio::test]
async fn who_we_are_is_not_asked_of_aws_where_an_endpoint_stands_for_it() {
    let (service, sts) =
        (Loopback::start(|_, _| Reply::json(200, "{}")).await, Loopback::start(|_, _| identity()).await);
    let client = Clients::new().client(&settings(json!({ "endpoint": service.url })));
    let error = client.caller_identity(&home()).await.unwrap_err();
    assert!(error.words().contains("no stsEndpoint"), "{error}");
    let client = Clients::new().client(&settings(json!({ "endpoint": service.url, "stsEndpoint": sts.url })));
    let identity = client.caller_identity(&home()).await.unwrap();
    assert_eq!(identity.arn, "arn:aws:sts::123456789012:assumed-role/grafana/i-1");
    assert_eq!(identity.account.as_str(), "123456789012");
    assert!(service.requests().is_empty());
}

fn identity() -> Reply {
    Reply::xml(
        "<GetCallerIdentityResponse><GetCallerIdentityResult>\
         <Arn>arn:aws:sts::123456789012:assumed-role/grafana/i-1</Arn><UserId>A</UserId><Account>123456789012</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>",
    )
}

/// A server with a certificate for 127.0.0.1, and the PEM of who signed it.
#[expect(clippy::disallowed_methods, reason = "the server runs beside the test that calls it")]
async fn tls_server() -> (String, String) {
    let mut of_ca = CertificateParams::new(Vec::new()).unwrap();
    of_ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key_of_ca = KeyPair::generate().unwrap();
    let pem = of_ca.self_signed(&key_of_ca).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &Issuer::new(of_ca, key_of_ca)).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut request = [0; 8192];
                let _ = stream.read(&mut request).await;
                let body = r#"{"__type":"AccessDeniedException","message":"reached"}"#;
                let head = "HTTP/1.1 400 X\r\ncontent-type: application/x-amz-json-1.1\r\nconnection: close\r\n";
                let _ =
                    stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (host, pem)
}

#[tokio::test]
async fn an_untrusted_certificate_is_told_as_such() {
    let (host, _) = tls_server().await;
    let error = list(json!({ "endpoint": format!("https://{host}") })).await;
    assert_eq!(error.kind, CallErrorKind::Untrusted, "{error}");
    let text = describe_call("data", &error, &[]);
    assert!(
        text.contains(&format!("does not trust the certificate of Managed Service for Apache Flink ({host}: "))
            && text.contains("AWS_CA_BUNDLE"),
        "{text}"
    );
}

#[tokio::test]
async fn the_wrong_protocol_is_told_with_the_right_one() {
    let error = list(json!({ "endpoint": plain_server().await })).await;
    assert_eq!(error.kind, CallErrorKind::WrongServer, "{error}");
    assert!(error.words().contains("does not speak https: write http://"), "{error}");
    let (secure, _) = tls_server().await;
    let error = list(json!({ "endpoint": format!("http://{secure}") })).await;
    assert_eq!(error.kind, CallErrorKind::WrongServer, "{error}");
    assert!(error.words().contains("write https://"), "{error}");
}

/// A server that understands nothing but http.
#[expect(clippy::disallowed_methods, reason = "the server runs beside the test that calls it")]
async fn plain_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 8192];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await;
        }
    });
    host
}

/// What a process with this bundle says of a server whose certificate only the bundle explains.
async fn said_with_bundle(bundle: &str, endpoint: &str) -> String {
    let process = Process::start(&[("AWS_CA_BUNDLE", bundle)]);
    let mut request = recent(queries(&["A"]));
    let context = request.plugin_context.as_mut().unwrap();
    let source = context.data_source_instance_settings.as_mut().unwrap();
    let json = json!({ "authType": "keys", "defaultRegion": "eu-west-1", "endpoint": endpoint });
    source.json_data = json.to_string().into_bytes();
    let keys = [("accessKey", "AKIDEXAMPLE"), ("secretKey", "secret")];
    source.decrypted_secure_json_data = keys.into_iter().map(|(name, key)| (name.to_owned(), key.to_owned())).collect();
    let mut client = DataClient::new(process.connect().await);
    client.query_data(request).await.unwrap().into_inner().responses["A"].error.clone()
}

#[tokio::test]
async fn certificates_are_added_by_aws_ca_bundle() {
    let (host, pem) = tls_server().await;
    let secure = format!("https://{host}");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let trusted = said_with_bundle(&file("ca.pem", &pem), &secure).await;
    assert!(trusted.contains("CloudWatch rejected ListMetrics (HTTP status 400)"), "{trusted}");
    let missing = folder.path().join("missing.pem");
    let said = said_with_bundle(missing.to_str().unwrap(), &secure).await;
    assert!(said.contains(&format!("AWS_CA_BUNDLE names {}, which cannot be read", missing.display())), "{said}");
    let advice = "Correct or remove AWS_CA_BUNDLE in the environment of the Grafana server.";
    assert!(said.ends_with(advice) && said.matches("AWS_CA_BUNDLE").count() == 2, "{said}");
    let empty = said_with_bundle(&file("empty.pem", "no certificate"), &secure).await;
    assert!(empty.contains("in which there is no certificate"), "{empty}");
    // Nobody shows a certificate over http.
    let plain = Loopback::start(|_, _| html(403)).await;
    let said = said_with_bundle(missing.to_str().unwrap(), &plain.url).await;
    assert!(said.contains("a web page with HTTP status 403") && !plain.requests().is_empty(), "{said}");
}
