//! What a viewer sends is measured before any work is done: the process stays small, and whoever asks beside him is
//! answered.
//!
//! Each test sends one hostile request to a process of its own, together with a cheap query of another data source.
//! Bounds are on memory (`VmHWM`, the most that a process ever held) and on counts, never on time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flinkwatch::limits;
use flinkwatch::plugin::proto::pluginv2::data_client::DataClient;
use flinkwatch::plugin::proto::pluginv2::resource_client::ResourceClient;
use flinkwatch::plugin::proto::pluginv2::{
    CallResourceRequest, DataQuery, DataResponse, PluginContext, QueryDataRequest, TimeRange,
};
use local_aws::fleet::Fleet;
use local_aws::server::{LocalAws, Options};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::process::Process;
use crate::support::requests::{context, resource};

/// A process that has answered the neighbour's query holds about 40 MiB here (built without optimisation).
const MOST_MIB: u64 = 200;

struct Attack {
    process: Process,
    server: LocalAws,
}

impl Attack {
    async fn start() -> Self {
        let server = LocalAws::start(Arc::new(Fleet::new()), Options::default()).await.unwrap();
        Self { process: Process::start(&[]), server }
    }

    fn context(&self, uid: &str, endpoint: &str) -> PluginContext {
        let mut context = context();
        let settings = context.data_source_instance_settings.as_mut().unwrap();
        uid.clone_into(&mut settings.uid);
        settings.json_data =
            json!({ "authType": "keys", "defaultRegion": "eu-west-1", "endpoint": endpoint }).to_string().into_bytes();
        let keys = [("accessKey", format!("AKID{uid}")), ("secretKey", "secret".to_owned())];
        settings.decrypted_secure_json_data = keys.into_iter().map(|(name, key)| (name.to_owned(), key)).collect();
        context
    }

    async fn ask_at(&self, uid: &str, endpoint: &str, queries: Vec<DataQuery>) -> HashMap<String, DataResponse> {
        let request = QueryDataRequest {
            plugin_context: Some(self.context(uid, endpoint)),
            queries,
            ..QueryDataRequest::default()
        };
        let mut client = DataClient::new(self.process.connect().await).max_decoding_message_size(usize::MAX);
        client.query_data(request).await.unwrap().into_inner().responses
    }

    /// The answer to `queries`, after the neighbour's query was answered with data and the process is still small.
    async fn send(&self, queries: Vec<DataQuery>) -> HashMap<String, DataResponse> {
        let endpoint = self.server.endpoint();
        let cheap = query("N", json!({ "queryType": "application", "applications": ["orders"], "signals": ["cpu"] }));
        let (answers, neighbour) =
            tokio::join!(self.ask_at("attacker", &endpoint, queries), self.ask_at("neighbour", &endpoint, vec![cheap]));
        let neighbour = &neighbour["N"];
        assert_eq!((neighbour.status, neighbour.error.as_str()), (200, ""));
        assert!(neighbour.frames.iter().any(|frame| frame.len() > 500));
        self.assert_small();
        answers
    }

    async fn call(&self, url: &str) -> (i32, String) {
        let request = CallResourceRequest {
            plugin_context: Some(self.context("attacker", &self.server.endpoint())),
            ..resource(url)
        };
        let mut client = ResourceClient::new(self.process.connect().await);
        let mut pieces = client.call_resource(request).await.unwrap().into_inner();
        let first = pieces.message().await.unwrap().unwrap();
        self.assert_small();
        (first.code, String::from_utf8_lossy(&first.body).into_owned())
    }

    fn assert_small(&self) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(kib < MOST_MIB * 1024, "the process held {} MiB", kib / 1024);
    }
}

#[expect(clippy::disallowed_methods, reason = "the plugin reads the clock at its edge, and ranges are asked around it")]
fn query(ref_id: &str, json: Value) -> DataQuery {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_millis()).unwrap();
    DataQuery {
        ref_id: ref_id.to_owned(),
        max_data_points: 1000,
        interval_ms: 60_000,
        time_range: Some(TimeRange { from_epoch_ms: now - 3_600_000, to_epoch_ms: now }),
        json: json.to_string().into_bytes(),
        query_type: "application".to_owned(),
    }
}

fn of_applications(ref_id: &str, applications: &[String]) -> DataQuery {
    query(ref_id, json!({ "applications": applications, "signals": ["cpu"] }))
}

/// The one error of all answers.
fn only_error(answers: &HashMap<String, DataResponse>) -> &str {
    let mut errors: Vec<&str> = answers.values().map(|answer| answer.error.as_str()).collect();
    errors.sort_unstable();
    errors.dedup();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(answers.values().all(|answer| answer.status == 400 && answer.error_source == "downstream"));
    errors[0]
}

#[tokio::test]
async fn thousands_of_patterns_are_refused_before_one_is_compiled() {
    let attack = Attack::start().await;
    let many = vec!["/.{200}/".to_owned(); 20_000];
    let answers = attack.send(vec![of_applications("A", &many)]).await;
    assert!(only_error(&answers).contains("at most 16"), "{}", only_error(&answers));

    // As many as are allowed.
    let few: Vec<String> = (0..limits::PATTERNS).map(|number| format!("/.{{50}}{number}/")).collect();
    let refs: Vec<String> = (0..10).map(|number| format!("Q{number}")).collect();
    let answers = attack.send(refs.iter().map(|ref_id| of_applications(ref_id, &few)).collect()).await;
    assert_eq!(answers.len(), 10);

    let one = vec![format!("/{}/", "(a|b)".repeat(3_000_000))];
    let answers = attack.send(vec![of_applications("A", &one)]).await;
    assert!(only_error(&answers).contains("at most 262144 are read"), "{}", only_error(&answers));

    // Small as a text and large as an automaton.
    let answers = attack.send(vec![of_applications("A", &["/((.{99}){99}){99}/".to_owned()])]).await;
    assert!(
        only_error(&answers).contains("compiles to at most 96 KiB; this one is larger"),
        "{}",
        only_error(&answers)
    );
}

/// What each query may hold, every query of a request together may not.
#[tokio::test]
async fn patterns_of_all_queries_of_a_request_have_a_limit() {
    let attack = Attack::start().await;
    let shapes: [fn(usize) -> String; 3] =
        [|n| format!("/.{{200}}{n}/"), |n| format!("{}{n}", "*a".repeat(40)), |n| format!("/(?i){n}\\w+-\\w+/")];
    for pattern in shapes {
        let mut queries: Vec<DataQuery> = (0..99)
            .map(|query| {
                let patterns: Vec<String> = (0..16).map(|number| pattern(query * 16 + number)).collect();
                of_applications(&format!("Q{query:02}"), &patterns)
            })
            .collect();
        queries.push(of_applications("plain", &["orders".to_owned()]));
        let answers = attack.send(queries).await;
        let refused = |answer: &&DataResponse| answer.error.contains("at most 64 different patterns");
        assert_eq!(answers.values().filter(refused).count(), 99 - limits::REQUEST_PATTERNS / 16, "{}", pattern(0));
        assert!(answers.values().filter(refused).all(|a| a.status == 400 && a.error_source == "downstream"));
        assert_eq!((answers["plain"].status, answers["plain"].error.as_str()), (200, ""));
    }
    // A pattern that all have is one pattern.
    let same: Vec<String> = (0..16).map(|number| format!("/^orders|{number}/")).collect();
    let answers = attack.send((0..100).map(|query| of_applications(&format!("Q{query}"), &same)).collect()).await;
    assert!(answers.values().all(|answer| !answer.error.contains("different patterns")));
}

#[tokio::test]
async fn a_drop_down_has_the_same_limits() {
    let attack = Attack::start().await;
    let (status, body) = attack.call(&format!("tasks?application={}", "x".repeat(761 * 1024))).await;
    assert_eq!(status, 413, "{body}");
    let patterns = "&application=/.{99}/".repeat(1000);
    let (status, body) = attack.call(&format!("tasks?region=default{patterns}")).await;
    assert!(status == 400 && body.contains("1000 names"), "{body}");
    let patterns = "&application=/.{99}/".repeat(17);
    let (status, body) = attack.call(&format!("tasks?region=default{patterns}")).await;
    assert!(status == 400 && body.contains("17 patterns"), "{body}");
    let of = |argument: &str| (0..9).map(|n| format!("&{argument}=/.{{99}}{n}{argument}/")).collect::<String>();
    let (status, body) = attack.call(&format!("operators?region=default{}{}", of("application"), of("task"))).await;
    assert!(status == 400 && body.contains("at most 16 different patterns"), "{body}");
    let (status, body) = attack.call(&format!("tasks?application={}", "x".repeat(4000))).await;
    assert!(status == 400 && body.len() < 1000, "{body}");
}

#[tokio::test]
async fn names_of_queries_and_legends_do_not_multiply() {
    let attack = Attack::start().await;
    let long: Vec<DataQuery> =
        (0..100).map(|number| of_applications(&format!("{number:02500}"), &["*".to_owned()])).collect();
    let answers = attack.send(long).await;
    assert!(only_error(&answers).contains("has 2500 bytes; at most 128"), "{}", only_error(&answers));

    let many = (0..3000).map(|number| of_applications(&format!("Q{number}"), &["orders".to_owned()])).collect();
    let answers = attack.send(many).await;
    assert_eq!(answers.len(), 3000);
    assert_eq!(only_error(&answers), "This request has 3000 queries; at most 100 are answered. Split the panel.");

    let legend = json!({ "applications": ["*"], "signals": ["cpu"], "legend": "x".repeat(100_000) });
    let answers = attack.send(vec![query("A", legend)]).await;
    assert!(only_error(&answers).contains("\"legend\""), "{}", only_error(&answers));

    // As many equal queries as are allowed: what each says of its calls is the same, and short.
    let refs: Vec<String> = (0..limits::QUERIES).map(|number| format!("{number:0128}")).collect();
    let answers = attack.send(refs.iter().map(|ref_id| of_applications(ref_id, &["*".to_owned()])).collect()).await;
    let bytes: usize = answers.values().flat_map(|answer| &answer.frames).map(Vec::len).sum();
    assert!(answers.values().all(|answer| answer.status == 200));
    assert!(bytes < 64 << 20, "{bytes}");
}

#[tokio::test]
async fn a_name_that_no_application_can_have_is_not_looked_for() {
    let attack = Attack::start().await;
    let answers = attack.send(vec![of_applications("A", &["x".repeat(200_000)])]).await;
    assert!(only_error(&answers).contains("at most 4096 bytes"), "{}", only_error(&answers));
    for wrong in ["x".repeat(129), "orders/payments".to_owned(), "öl".to_owned()] {
        let answers = attack.send(vec![of_applications("A", &[wrong])]).await;
        assert!(only_error(&answers).contains("1 to 128 letters"), "{}", only_error(&answers));
    }
    attack.process.signal("TERM");
    let log = attack.process.wait(Duration::from_secs(5)).await.stderr;
    assert!(log.lines().all(|line| line.len() < 8 * 1024), "the log repeats what a viewer sent");
}

#[tokio::test]
async fn lists_and_unknown_fields_have_an_end() {
    let attack = Attack::start().await;
    let names: Vec<String> = (0..20_000).map(|number| format!("n{number}")).collect();
    let answers = attack.send(vec![of_applications("A", &names)]).await;
    assert!(only_error(&answers).contains("at most 500"), "{}", only_error(&answers));

    let unknown = json!({ "applications": ["orders"], "unknown": vec![0; 6_000_000] });
    let answers = attack.send(vec![query("A", unknown)]).await;
    assert!(only_error(&answers).contains("at most 262144 are read"), "{}", only_error(&answers));

    let nested =
        format!(r#"{{"applications":["orders"],"signals":["cpu"],"unknown":[{}]}}"#, "0,".repeat(100_000) + "0");
    let nested: Vec<DataQuery> = (0..60)
        .map(|number| DataQuery { json: nested.clone().into_bytes(), ..query(&format!("Q{number}"), json!({})) })
        .collect();
    let answers = attack.send(nested).await;
    assert!(answers.values().all(|answer| answer.status == 200), "an unknown field is ignored");
}

/// Answers every request with a body that never ends.
#[expect(clippy::disallowed_methods, reason = "the server runs beside the test that calls it")]
async fn endless() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/cbor\r\ntransfer-encoding: chunked\r\n\r\n";
                let _ = stream.write_all(head.as_bytes()).await;
                let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
                while stream.write_all(&chunk).await.is_ok() {}
            });
        }
    });
    url
}

#[tokio::test]
async fn an_answer_of_aws_without_end_is_cut_off() {
    let attack = Attack::start().await;
    let answers = attack.ask_at("attacker", &endless().await, vec![of_applications("A", &["orders".to_owned()])]).await;
    let error = &answers["A"].error;
    assert!(error.contains("its answer is longer than 64 MiB"), "{error}");
    // Two or three calls at a time, each with its 64 MiB.
    let status = std::fs::read_to_string(format!("/proc/{}/status", attack.process.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kib < 600 * 1024, "{line}");
}
