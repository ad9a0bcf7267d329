//! The process: how it starts, and every way in which it ends.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use flinkwatch::plugin::proto::controller::Empty;
use flinkwatch::plugin::proto::controller::grpc_controller_client::GrpcControllerClient;
use flinkwatch::plugin::proto::pluginv2::data_client::DataClient;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::process::{PLUGIN, Process, command, signal};
use crate::support::requests::{queries, recent};

/// The host kills a plugin that takes two seconds to end.
const SOON: Duration = Duration::from_millis(1500);

async fn assert_serving(process: &Process) {
    let mut health = HealthClient::new(process.connect().await);
    let service = "plugin".to_owned();
    let reply = health.check(HealthCheckRequest { service }).await.unwrap();
    assert_eq!(reply.into_inner().status, 1, "1 is SERVING");
}

async fn shut_down(process: &Process) {
    let mut controller = GrpcControllerClient::new(process.connect().await);
    controller.shutdown(Empty {}).await.unwrap();
}

#[test]
fn without_the_cookie_it_says_what_it_is_and_ends() {
    for cookie in [None, Some("app")] {
        let mut command = command();
        command.env_remove("grafana_plugin_type");
        command.envs(cookie.map(|value| ("grafana_plugin_type", value)));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains("Grafana plugin"), "{said}");
    }
}

#[tokio::test]
async fn it_listens_where_only_its_user_can_and_shuts_down_when_asked() {
    let process = Process::start(&[("PLUGIN_PROTOCOL_VERSIONS", "2,1")]);
    assert!(process.handshake.starts_with("1|2|unix|/"), "{}", process.handshake);
    assert!(process.handshake.ends_with("|grpc\n"), "{}", process.handshake);
    let socket = PathBuf::from(process.address());
    let folder = socket.parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&socket), 0o600);
    assert_serving(&process).await;
    shut_down(&process).await;
    let remains = process.wait(SOON).await;
    assert_eq!(remains.status.code(), Some(0));
    assert_eq!(remains.stdout, "", "stdout is for the handshake only");
    assert_eq!(remains.stderr, "", "nothing to report at the usual level");
    assert!(!folder.exists(), "{} stays behind", folder.display());
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().mode() & 0o777
}

/// Every port on which any process of this machine listens, as the kernel writes them.
fn listening_ports(process: &Process) -> usize {
    let own: Vec<String> = std::fs::read_dir(format!("/proc/{}/fd", process.id()))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .filter_map(|target| Some(target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect();
    let tables = ["tcp", "tcp6"].map(|table| std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default());
    let is_own = |line: &&str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        // State 0A is LISTEN.
        columns.get(3) == Some(&"0A") && columns.get(9).is_some_and(|inode| own.iter().any(|own| own == inode))
    };
    tables.iter().flat_map(|table| table.lines().skip(1)).filter(is_own).count()
}

#[tokio::test]
async fn no_port_is_open() {
    let process = Process::start(&[("PLUGIN_MIN_PORT", "20000"), ("PLUGIN_MAX_PORT", "20999")]);
    assert_serving(&process).await;
    assert_eq!(listening_ports(&process), 0);
}

#[tokio::test]
async fn only_without_any_folder_it_opens_a_port_says_so_and_keeps_to_those_that_the_host_allows() {
    let range = [("PLUGIN_MIN_PORT", "20000"), ("PLUGIN_MAX_PORT", "20999")];
    let Some(process) = Process::start_without_folders(&range) else {
        eprintln!("not tried: this user may not mount anything");
        return;
    };
    let port = process.address().rsplit(':').next().unwrap();
    let port: u16 = port.parse().unwrap();
    assert!((20000..=20999).contains(&port), "{port}");
    assert_serving(&process).await;
    assert_eq!(listening_ports(&process), 1, "this is how the test above would see it");
    shut_down(&process).await;
    assert!(process.wait(SOON).await.stderr.contains("let TMPDIR of the Grafana server name one"));
}

#[tokio::test]
async fn it_listens_in_the_folder_that_the_host_names() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let process = Process::start(&[("PLUGIN_UNIX_SOCKET_DIR", path)]);
    assert!(process.handshake.starts_with(&format!("1|2|unix|{path}/")));
    assert_eq!(mode(Path::new(process.address())), 0o600);
    assert_serving(&process).await;
    shut_down(&process).await;
    assert_eq!(process.wait(SOON).await.status.code(), Some(0));
    assert_eq!(directory.path().read_dir().unwrap().count(), 0, "the socket stays behind");
}

#[tokio::test]
async fn the_group_that_the_host_names_may_open_the_socket() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let group = std::fs::metadata(directory.path()).unwrap().gid();
    let process = Process::start(&[("PLUGIN_UNIX_SOCKET_DIR", path), ("PLUGIN_UNIX_SOCKET_GROUP", &group.to_string())]);
    let socket = Path::new(process.address());
    assert_eq!((mode(socket), std::fs::metadata(socket).unwrap().gid()), (0o660, group));
    assert_serving(&process).await;
}

#[tokio::test]
async fn a_deep_folder_is_passed_over_for_a_shorter_one() {
    let directory = tempfile::tempdir().unwrap();
    let deep = directory.path().join("d".repeat(90));
    std::fs::create_dir(&deep).unwrap();
    let process = Process::start(&[("TMPDIR", deep.to_str().unwrap())]);
    assert!(process.address().len() < 104 && !process.address().contains("ddd"), "{}", process.handshake);
    assert_serving(&process).await;
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_by_the_next_and_a_living_one_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let variables = [("TMPDIR", directory.path().to_str().unwrap())];
    let folder_of = |process: &Process| Path::new(process.address()).parent().unwrap().to_owned();
    let long_ago = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let age = |folder: &Path| std::fs::File::open(folder).unwrap().set_modified(long_ago).unwrap();

    let (killed, living) = (Process::start(&variables), Process::start(&variables));
    let (of_killed, of_living) = (folder_of(&killed), folder_of(&living));
    killed.signal("KILL");
    killed.wait(SOON).await;
    let (foreign, young) = (directory.path().join("other"), directory.path().join("gpx_flinkwatch-young"));
    for folder in [&foreign, &young] {
        std::fs::create_dir(folder).unwrap();
    }
    for folder in [&of_killed, &of_living, &foreign] {
        age(folder);
    }
    let next = Process::start(&variables);
    assert!(!of_killed.exists(), "of the killed process");
    for kept in [&of_living, &foreign, &young, &folder_of(&next)] {
        assert!(kept.exists(), "{}", kept.display());
    }
    assert_serving(&living).await;
}

#[tokio::test]
async fn it_ends_well_on_sigterm() {
    let process = Process::start(&[]);
    process.signal("TERM");
    assert_eq!(process.wait(SOON).await.status.code(), Some(0));
}

#[tokio::test]
async fn it_ignores_sigint() {
    let mut process = Process::start(&[]);
    process.signal("INT");
    process.signal("INT");
    assert_serving(&process).await;
    assert!(process.is_running());
}

/// A shell stands for Grafana; the plugin is its child.
#[test]
fn it_ends_when_the_host_dies_without_a_word() {
    let mut host = Command::new("sh")
        .args(["-c", &format!("{PLUGIN} & wait")])
        .env("grafana_plugin_type", "datasource")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(host.stdout.take().unwrap());
    let mut handshake = String::new();
    stdout.read_line(&mut handshake).unwrap();
    assert!(handshake.starts_with("1|2|"), "{handshake}");
    signal(host.id(), "KILL");
    host.wait().unwrap();
    // The plugin holds the other end of both pipes until it ends.
    let mut log = String::new();
    let mut stderr = host.stderr.take().unwrap();
    stderr.read_to_string(&mut log).unwrap();
    stdout.read_to_string(&mut handshake).unwrap();
    assert!(log.contains("the host is gone"), "{log}");
}

#[tokio::test]
async fn each_request_is_one_log_line_that_the_host_can_read() {
    let process = Process::start(&[("GF_PLUGIN_LOG_LEVEL", "debug")]);
    let mut client = DataClient::new(process.connect().await);
    let mut request = tonic::Request::new(recent(queries(&["A", "B"])));
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    client.query_data(request).await.unwrap();
    shut_down(&process).await;
    let log = process.wait(SOON).await.stderr;
    let events = log.lines().map(|line| serde_json::from_str(line).unwrap());
    let events: Vec<serde_json::Value> = events.collect();
    let about = |event: &&serde_json::Value| event["method"] == "QueryData";
    let requests: Vec<_> = events.iter().filter(about).collect();
    assert_eq!(requests.len(), 1, "{log}");
    assert_eq!(requests[0]["method"], "QueryData");
    assert_eq!(requests[0]["queries"], 2);
    assert_eq!(requests[0]["data_source"], "flink-1");
    assert_eq!(requests[0]["trace_id"], "0af7651916cd43dd8448eb211c80319c");
    assert!(requests[0]["duration_ms"].is_f64());
    assert_eq!(requests[0]["outcome"], "error");
    assert!(requests[0]["@message"].as_str().unwrap().starts_with("query failed: A, B: "), "{log}");
    for event in &events {
        for key in ["@level", "@message", "@module", "@timestamp"] {
            assert!(event[key].is_string(), "{key} in {event}");
        }
    }
}

/// stderr stays unread until the process has ended: its pipe is full after some hundred lines.
#[tokio::test]
async fn a_log_that_nobody_reads_holds_nothing_up() {
    let process = Process::start(&[("GF_PLUGIN_LOG_LEVEL", "trace")]);
    let mut client = DataClient::new(process.connect().await);
    for _ in 0..2000 {
        client.query_data(queries(&["A"])).await.unwrap();
    }
    assert_serving(&process).await;
    process.signal("TERM");
    let remains = process.wait(SOON).await;
    assert_eq!(remains.status.code(), Some(0));
    assert!(remains.stderr.lines().count() > 100);
}

/// Every panel of every refresh fails with the same words in an outage.
#[tokio::test]
async fn equal_failures_are_one_line_and_say_what_failed() {
    let process = Process::start(&[]);
    let mut client = DataClient::new(process.connect().await);
    let mut wrong = queries(&["A"]);
    for number in 0..99 {
        wrong.queries[0].json = br#"{"queryType":"nonsense"}"#.to_vec();
        wrong.queries[0].interval_ms = 1000 + number;
        client.query_data(wrong.clone()).await.unwrap();
    }
    wrong.queries[0].json = br#"{"queryType":"other"}"#.to_vec();
    client.query_data(wrong).await.unwrap();
    shut_down(&process).await;
    let log = process.wait(SOON).await.stderr;
    assert_eq!(log.lines().count(), 2, "{log}");
    let events = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    for (event, word) in events.zip(["nonsense", "other"]) {
        let message = event["@message"].as_str().unwrap();
        assert!(message.starts_with("query failed: A: Field") && message.contains(word), "{message}");
        assert_eq!((&event["@level"], &event["outcome"]), (&"warn".into(), &"error".into()));
    }
}
