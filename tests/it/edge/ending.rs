//! Requests that end early or badly, and a server that ends while it answers.

use std::process::Command;
use std::time::Duration;

use flinkwatch::plugin::proto::pluginv2::CollectMetricsRequest;
use flinkwatch::plugin::proto::pluginv2::data_client::DataClient;
use flinkwatch::plugin::proto::pluginv2::diagnostics_client::DiagnosticsClient;
use flinkwatch::plugin::serve::End;
use flinkwatch::plugin::{QueryReply, QueryRequest};
use futures::FutureExt;
use futures::future::{pending, ready};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::Code;

use crate::support::data_source::{Scripted, start};
use crate::support::requests::queries;

const LONG: Duration = Duration::from_secs(5);

fn empty(request: QueryRequest) -> Vec<QueryReply> {
    let queries = request.queries.into_iter();
    queries.map(|query| QueryReply::of_frames(query.ref_id, Vec::new())).collect()
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_next_request_is_answered() {
    let served = start(Scripted {
        query: Box::new(|_, request| {
            // Before the future exists, inside it, or not at all.
            assert_ne!(request.queries[0].ref_id, "early", "scripted");
            async move {
                assert_ne!(request.queries[0].ref_id, "late", "scripted");
                empty(request)
            }
            .boxed()
        }),
        metrics: Box::new(|| panic!("scripted")),
        ..Scripted::default()
    })
    .await;
    let mut client = DataClient::new(served.channel.clone());
    for ref_id in ["early", "late"] {
        let failed = client.query_data(queries(&[ref_id])).await.unwrap_err();
        assert_eq!(failed.code(), Code::Internal);
        assert!(!failed.message().contains("scripted"), "{}", failed.message());
    }
    let mut diagnostics = DiagnosticsClient::new(served.channel);
    let failed = diagnostics.collect_metrics(CollectMetricsRequest::default());
    assert_eq!(failed.await.unwrap_err().code(), Code::Internal);
    assert!(client.query_data(queries(&["fine"])).await.is_ok());
}

/// Says when it is dropped.
struct Dropped(mpsc::UnboundedSender<&'static str>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.send("dropped").unwrap_or_default();
    }
}

#[tokio::test]
async fn a_cancelled_request_drops_its_work() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let served = start(Scripted {
        query: Box::new(move |_, _| {
            let tell = tell.clone();
            async move {
                let _dropped = Dropped(tell.clone());
                tell.send("started").unwrap();
                pending().await
            }
            .boxed()
        }),
        ..Scripted::default()
    })
    .await;
    let mut client = DataClient::new(served.channel);
    tokio::select! {
        _ = client.query_data(queries(&["A"])) => panic!("nothing answers this query"),
        started = told.recv() => assert_eq!(started, Some("started")),
    }
    let dropped = timeout(LONG, told.recv()).await.unwrap();
    assert_eq!(dropped, Some("dropped"));
}

#[tokio::test]
async fn a_stopping_server_finishes_what_it_has_begun() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let (release, released) = tokio::sync::watch::channel(false);
    let served = start(Scripted {
        query: Box::new(move |_, request| {
            tell.send("started").unwrap();
            let mut released = released.clone();
            async move {
                released.wait_for(|&is| is).await.unwrap();
                empty(request)
            }
            .boxed()
        }),
        ..Scripted::default()
    })
    .await;
    let mut client = DataClient::new(served.channel);
    let in_flight = client.query_data(queries(&["A"]));
    let stop = async {
        told.recv().await.unwrap();
        served.stop.send(()).unwrap();
        // Let the server see it before the answer is released.
        tokio::task::yield_now().await;
        release.send(true).unwrap();
    };
    let (answer, ()) = timeout(LONG, async { tokio::join!(in_flight, stop) }).await.unwrap();
    assert_eq!(answer.unwrap().into_inner().responses.len(), 1);
    let ended = timeout(LONG, served.ended).await.unwrap().unwrap();
    assert_eq!(ended, End::Drained);
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let served =
        start(Scripted { query: Box::new(|_, request| ready(empty(request)).boxed()), ..Scripted::default() }).await;
    let mut client = DataClient::new(served.channel.clone());
    client.query_data(queries(&["A"])).await.unwrap();
    served.stop.send(()).unwrap();
    let ended = timeout(LONG, served.ended).await.unwrap().unwrap();
    assert_eq!(ended, End::Drained);
}

/// Set in the process that [`a_panic_is_one_error_line_in_the_log`] starts of itself.
const SELF: &str = "FLINKWATCH_TEST_PANIC";

/// The log belongs to the whole process, so this test runs itself again as a process.
#[tokio::test]
async fn a_panic_is_one_error_line_in_the_log() {
    if std::env::var_os(SELF).is_some() {
        flinkwatch::plugin::log::start(Some("info"));
        let source =
            Scripted { query: Box::new(|_, _| async { panic!("scripted: {}", 1 + 1) }.boxed()), ..Scripted::default() };
        // Held to the end: the server stops when it is dropped.
        let served = start(source).await;
        let mut client = DataClient::new(served.channel.clone());
        let failed = client.query_data(queries(&["A"])).await.unwrap_err();
        assert_eq!(failed.code(), Code::Internal);
        flinkwatch::plugin::log::flush(LONG);
        return;
    }
    let name = "edge::ending::a_panic_is_one_error_line_in_the_log";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(SELF, "1")
        .output()
        .unwrap();
    assert!(output.status.success());
    let log = String::from_utf8(output.stderr).unwrap();
    assert_eq!(log.lines().count(), 1, "{log}");
    let line: serde_json::Value = serde_json::from_str(&log).unwrap();
    assert_eq!(line["@level"], "error");
    assert_eq!(line["@message"], "panicked: scripted: 2");
    assert!(line["place"].as_str().unwrap().contains("ending.rs:"), "{log}");
}
