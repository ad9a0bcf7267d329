//! Every setting, with what people type into it by mistake: the first sentence that they read names that setting, after
//! "Save & test" and in a panel. The process is the real one, and so is the way to the simulated AWS.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::net::TcpListener;

use flinkwatch::plugin::proto::pluginv2::check_health_response::HealthStatus;
use flinkwatch::plugin::proto::pluginv2::data_client::DataClient;
use flinkwatch::plugin::proto::pluginv2::diagnostics_client::DiagnosticsClient;
use flinkwatch::plugin::proto::pluginv2::{CheckHealthRequest, PluginContext};
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use local_aws::fleet::Fleet;
use local_aws::server::{Identity, LocalAws, Options};
use serde_json::{Value, json};
use tonic::transport::Channel;

use crate::support::process::Process;
use crate::support::requests::{context, queries, recent};

const ROLE: &str = "arn:aws:iam::123456789012:role/grafana";

/// A wrong value, and what must be read about it.
struct Case {
    settings: Vec<(&'static str, Value)>,
    /// In the first line after "Save & test".
    told: Vec<String>,
    /// In the error of a query without a name; empty where queries work all the same.
    query: Vec<String>,
}

fn case(field: &'static str, value: impl Into<Value>, told: &[&str]) -> Case {
    Case { settings: vec![(field, value.into())], told: texts(told), query: texts(told) }
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl Case {
    fn with(mut self, field: &'static str, value: impl Into<Value>) -> Self {
        self.settings.push((field, value.into()));
        self
    }

    fn query(self, query: &[&str]) -> Self {
        Self { query: texts(query), ..self }
    }
}

/// A port on which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn authentication() -> Vec<Case> {
    vec![
        case("authType", "kerberos", &["authType is \"kerberos\"", "default, keys, credentials, ec2_iam_role"]),
        case("profile", "nope", &["no profile \"nope\"", "/credentials", "\"dev\""]).with("authType", "credentials"),
        case("profile", 7, &["profile is a number without quotes"]).with("authType", "credentials"),
        case("assumeRoleArn", "grafana", &["assumeRoleArn is \"grafana\""]),
        case("assumeRoleArn", "arn:aws:iam::1234:role/grafana", &["assumeRoleArn is the ARN of a role whose account"]),
        case("assumeRoleArn", ROLE, &["assumeRoleArn", "AccessDenied", "externalId"]),
        case("externalId", "wrong", &["assumeRoleArn", "AccessDenied", "externalId"]).with("assumeRoleArn", ROLE),
        case("externalId", 123_456_789, &["externalId is a number without quotes"]).with("assumeRoleArn", ROLE),
        case("accessKey", "stranger", &["accessKey", "InvalidClientTokenId"])
            .query(&["InvalidClientTokenId", "authentication of this data source"]),
        case("accessKey", "", &["accessKey is missing"]),
        case("secretKey", " ", &["secretKey is missing"]),
        case("secretKey", " ", &["secretKey is missing, though there is \"secretkey\""]).with("secretkey", "secret"),
        case("sessionToken", "two words", &["sessionToken is a string with spaces"]),
    ]
}

fn places() -> Vec<Case> {
    vec![
        case("defaultRegion", "eu-north-7", &["defaultRegion is \"eu-north-7\"", "eu-north-1", "allowedRegions"]),
        case("defaultRegion", "EU-WEST-1", &["defaultRegion is \"EU-WEST-1\""]),
        case("defaultRegion", "Europe (Ireland)", &["defaultRegion is", "such as eu-west-1"]),
        case("allowedRegions", "EU", &["allowedRegions is \"EU\""]),
        case("defaultApplication", "ordrs", &["Check defaultApplication", "\"orders\""]).query(&["\"ordrs\""]),
        case("defaultApplication", "Orders", &["Check defaultApplication", "\"orders\""]).query(&["\"Orders\""]),
        case("defaultApplication", "*", &["defaultApplication is", "patterns are for queries"]),
        case("defaultApplication", "no/name", &["defaultApplication is", "the name of an application"]),
        case(
            "defaultApplication",
            "arn:aws:kinesisanalytics:eu-west-1:1:application/orders",
            &["defaultApplication is an ARN; allowed: the name alone; of this ARN it is \"orders\""],
        ),
    ]
}

fn endpoints() -> Vec<Case> {
    let mut cases = vec![
        case("endpoint", nobody(), &["Check endpoint: 127.0.0.1:", "cannot be reached"]).query(&["is set in endpoint"]),
        case("cloudwatchEndpoint", nobody(), &["Check cloudwatchEndpoint", "CloudWatch"])
            .query(&["is set in cloudwatchEndpoint"]),
        case(
            "kinesisAnalyticsEndpoint",
            nobody(),
            &["Check kinesisAnalyticsEndpoint", "Managed Service for Apache Flink"],
        )
        .query(&[]),
        case("stsEndpoint", nobody(), &["Check stsEndpoint", "AWS STS"]).query(&[]),
        case("stsEndpoint", nobody(), &["Check stsEndpoint", "AWS STS"])
            .with("assumeRoleArn", ROLE)
            .query(&["is set in stsEndpoint"]),
        case("endpoint", "http://no-such-host.invalid", &["Check endpoint: no-such-host.invalid", "cannot be reached"])
            .query(&["is set in endpoint"]),
    ];
    let typed = [
        ("ftp://gateway.example.com", "a URL with the scheme \"ftp\""),
        ("http://gateway:99999", "a URL with the port \"99999\""),
        ("http://gate way.example.com", "a URL with ' ' in its host"),
        ("http://gateway/?x=1", "a URL with '?' in its path"),
        ("http://", "a URL without a host"),
        ("http://me:secret@gateway", "a URL with a user name or password"),
        ("https://sts.eu-west-1.amazonaws.com", "AWS's address of sts"),
    ];
    for field in ["endpoint", "cloudwatchEndpoint", "kinesisAnalyticsEndpoint", "logsEndpoint"] {
        for (url, words) in typed {
            cases.push(case(field, url, &[&format!("{field} is {words}")]));
        }
    }
    cases
}

fn numbers() -> Vec<Case> {
    let fields = [
        "kpuPricePerHour",
        "requestTimeoutSeconds",
        "getMetricDataPerSecond",
        "listMetricsPerSecond",
        "kinesisAnalyticsPerSecond",
        "filterLogEventsPerSecond",
        "maxConcurrentCalls",
        "cacheMegabytes",
        "maxDollarsPerRequest",
        "maxDollarsPerHour",
        "maxAlertDollarsPerHour",
    ];
    let mut cases = Vec::new();
    for field in fields {
        for (value, found) in
            [(json!("ten"), "\"ten\""), (json!(-1), "-1"), (json!(100_000), "100000"), (json!(true), "a boolean")]
        {
            let kind = if field == "maxConcurrentCalls" { "a whole number" } else { "a number" };
            cases.push(case(field, value, &[&format!("{field} is {found}; allowed: {kind} from")]));
        }
    }
    for value in [json!(1.5), json!("1.5")] {
        cases.push(case(
            "maxConcurrentCalls",
            value,
            &["maxConcurrentCalls is 1.5; allowed: a whole number from 1 to 100"],
        ));
    }
    for (value, found) in [(json!(10), "10"), (json!(100_000.5), "100000.5"), (json!("many"), "\"many\"")] {
        let text = format!("maxPointsPerRequest is {found}; allowed: a whole number from 100000 to 100000000");
        cases.push(case("maxPointsPerRequest", value, &[&text]));
    }
    cases
}

/// What no query reads: misspelt settings, and settings that another one makes idle. Queries work all the same.
fn without_effect() -> Vec<Case> {
    let misspelt = [
        ("allowedRegion", "allowedRegions"),
        ("Endpoint", "endpoint"),
        ("kpuPriceHour", "kpuPricePerHour"),
        ("requestTimeout", "requestTimeoutSeconds"),
        ("concurrentCalls", "maxConcurrentCalls"),
        ("default_application", "defaultApplication"),
        ("externalID", "externalId"),
        ("roleArn", "assumeRoleArn"),
    ];
    let mut cases: Vec<Case> = misspelt
        .into_iter()
        .map(|(typed, meant)| case(typed, "us-east-1", &[&format!("\"{typed}\""), &format!("\"{meant}\"")]).query(&[]))
        .collect();
    cases.push(case("sesionToken", "token", &["\"sesionToken\"", "\"sessionToken\""]).query(&[]));
    // Also where the credentials that are used instead are wrong.
    let told = ["\"authtpye\"", "\"authType\"", "InvalidClientTokenId"];
    cases.push(case("accessKey", "stranger", &told).with("authtpye", "default").query(&["InvalidClientTokenId"]));
    cases.push(case("externalId", "ours", &["externalId: no effect without assumeRoleArn"]).query(&[]));
    cases
}

/// What is told beside a data source that works.
fn notes() -> Vec<Case> {
    vec![
        case("allowedRegions", "eu-north-7", &["allowedRegions has \"eu-north-7\""]).query(&[]),
        case("colour", "red", &["\"colour\"", "no setting of this data source"]).query(&[]),
        case("profile", "dev", &["profile: no effect, since authType is keys"]).query(&[]),
        case("region", "us-east-1", &["region: no effect beside defaultRegion"]).query(&[]),
    ]
}

fn cases() -> Vec<Case> {
    [authentication(), places(), endpoints(), numbers(), without_effect()].into_iter().flatten().collect()
}

const SECRETS: [&str; 5] = ["accessKey", "secretKey", "sessionToken", "sesionToken", "secretkey"];

fn context_of(case: &Case, aws: &str) -> PluginContext {
    let mut context = context();
    let source = context.data_source_instance_settings.as_mut().unwrap();
    let mut json = json!({
        "authType": "keys", "defaultRegion": "eu-west-1", "endpoint": aws, "stsEndpoint": aws, "defaultApplication": "orders",
    });
    let mut secure = BTreeMap::from([("accessKey", "reader"), ("secretKey", "secret")]);
    for (field, value) in &case.settings {
        match value.as_str().filter(|_| SECRETS.contains(field)) {
            Some(text) => drop(secure.insert(field, text)),
            None => json[field] = value.clone(),
        }
    }
    source.json_data = json.to_string().into_bytes();
    source.decrypted_secure_json_data =
        secure.into_iter().map(|(field, text)| (field.to_owned(), text.to_owned())).collect();
    context
}

/// The verdict and the first line of "Save & test".
async fn save_and_test(channel: &Channel, context: PluginContext) -> (bool, String) {
    let request = CheckHealthRequest { plugin_context: Some(context), ..CheckHealthRequest::default() };
    let answer = DiagnosticsClient::new(channel.clone()).check_health(request).await.unwrap().into_inner();
    let first = answer.message.lines().next().unwrap_or_default().to_owned();
    (answer.status == i32::from(HealthStatus::Ok), first)
}

/// What a panel without an application of its own says; empty where it draws.
async fn panel(channel: &Channel, context: PluginContext) -> String {
    let mut request = recent(queries(&["A"]));
    request.plugin_context = Some(context);
    request.queries[0].json = br#"{"queryType":"application","signals":["cpu"]}"#.to_vec();
    let answer = DataClient::new(channel.clone()).query_data(request).await.unwrap().into_inner();
    answer.responses["A"].error.clone()
}

async fn aws() -> LocalAws {
    let mut options =
        Options { only_known_keys: true, external_id: Some("the-secret".to_owned()), ..Options::default() };
    options.identities.insert("reader".to_owned(), Identity::default());
    options.identities.insert(ROLE.to_owned(), Identity::default());
    LocalAws::start(std::sync::Arc::new(Fleet::new()), options).await.unwrap()
}

#[tokio::test]
async fn the_first_sentence_names_the_setting_that_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    fs::write(&file, "[dev]\naws_access_key_id = reader\naws_secret_access_key = secret\n").unwrap();
    let (aws, process) = (
        aws().await,
        Process::start(&[
            ("AWS_SHARED_CREDENTIALS_FILE", file.to_str().unwrap()),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]),
    );
    let channel = process.connect().await;
    let right = Case { settings: Vec::new(), told: Vec::new(), query: Vec::new() };
    let (is_ok, told) = save_and_test(&channel, context_of(&right, &aws.endpoint())).await;
    assert!(is_ok && told.starts_with("Ready: "), "{told}");
    assert_eq!(panel(&channel, context_of(&right, &aws.endpoint())).await, "");
    let mut faults = Vec::new();
    let all = cases().into_iter().map(|case| (case, false)).chain(notes().into_iter().map(|case| (case, true)));
    for (case, is_note) in all {
        let (is_ok, told) = save_and_test(&channel, context_of(&case, &aws.endpoint())).await;
        let query = panel(&channel, context_of(&case, &aws.endpoint())).await;
        let lacks = |text: &str, words: &[String]| words.iter().any(|word| !text.contains(word));
        if is_ok != is_note
            || lacks(&told, &case.told)
            || lacks(&query, &case.query)
            || query.is_empty() != case.query.is_empty()
        {
            faults.push(format!("{:?}\n  ok {is_ok}: {told}\n  panel: {query}", case.settings));
        }
    }
    aws.stop().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The names in the tables of the page on settings.
fn documented(page: &str) -> BTreeSet<&str> {
    let tables = page.split("| `jsonData` |").nth(1).unwrap().split("\n## ").next().unwrap();
    let names = tables.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let documented: BTreeSet<&str> = names.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(documented.len() > 20, "{documented:?}");
    documented
}

const PAGE: &str = include_str!("../../docs/configuration.md");

/// A setting that is read and not in the list of names would be told as misspelt.
#[test]
fn every_setting_of_the_docs_is_known() {
    for name in documented(PAGE) {
        let is_secret = SECRETS.contains(&name);
        let json = if is_secret { json!({}) } else { json!({ name: {} }) };
        let (json, secure) = (with_region(json), HashMap::from([(name.to_owned(), "x".to_owned())]));
        let none = HashMap::new();
        let source = SettingsSource {
            json_data: json.as_bytes(),
            secure: if is_secret { &secure } else { &none },
            database: "",
        };
        if ["jsonData", "secureJsonData"].contains(&name) {
            continue;
        }
        match Settings::parse(&source, &AdminSettings::default()) {
            Err(error) => assert_eq!(error.field, name),
            Ok(settings) => assert!(settings.unused.iter().all(|unused| !unused.is_error), "{:?}", settings.unused),
        }
    }
}

fn with_region(mut json: Value) -> String {
    let fields = json.as_object_mut().unwrap();
    fields.entry("defaultRegion").or_insert(json!("eu-west-1"));
    json.to_string()
}

/// A setting that is new on its page needs its wrong values here.
#[test]
fn every_setting_of_the_docs_has_a_wrong_value() {
    let documented = documented(PAGE);
    let tried: BTreeSet<&str> = cases().iter().flat_map(|case| case.settings.iter().map(|(field, _)| *field)).collect();
    let missing: Vec<_> =
        documented.difference(&tried).filter(|field| !["jsonData", "secureJsonData"].contains(field)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What Grafana puts into `jsonData` and `secureJsonData` of any data source is neither refused nor told.
#[tokio::test]
async fn what_grafana_itself_sets_is_no_setting_of_ours_misspelt() {
    let added = json!({
        "enableSecureSocksProxy": false, "secureSocksProxyUsername": "x", "pdcInjected": true, "oauthPassThru": false, "tlsAuth": false, "tlsAuthWithCACert": false,
        "tlsSkipVerify": true, "serverName": "x", "httpHeaderName1": "X-Scope", "httpHeaderName12": "X-Other", "keepCookies": ["a"],
        "timeout": 30, "manageAlerts": false, "alertmanagerUid": "x", "allowAsRecordingRulesTarget": false, "teamHttpHeaders": {},
        "disableGrafanaCache": true, "cachingConfig": {}, "usePOST": true, "sigV4Auth": false, "sigV4Region": "x",
    });
    let (aws, process) = (aws().await, Process::start(&[]));
    let right = Case { settings: Vec::new(), told: Vec::new(), query: Vec::new() };
    let mut context = context_of(&right, &aws.endpoint());
    let source = context.data_source_instance_settings.as_mut().unwrap();
    let mut json: Value = serde_json::from_slice(&source.json_data).unwrap();
    json.as_object_mut().unwrap().extend(added.as_object().unwrap().clone());
    source.json_data = json.to_string().into_bytes();
    for secret in ["httpHeaderValue1", "basicAuthPassword", "tlsCACert", "tlsClientCert", "tlsClientKey", "password"] {
        source.decrypted_secure_json_data.insert(secret.to_owned(), "x".to_owned());
    }
    let (is_ok, told) = save_and_test(&process.connect().await, context).await;
    aws.stop().await;
    assert!(is_ok && told.starts_with("Ready: "), "{told}");
}
