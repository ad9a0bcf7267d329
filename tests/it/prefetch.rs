//! Prefetching: the data is asked for, and the panel that brought it up gets its own answer as if nothing else had
//! been.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flinkwatch::data_source::Flinkwatch;
use flinkwatch::engine::{self, EngineSettings, QueryOutcome};
use flinkwatch::fetch::{self, BilledTo, Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::place::Region;
use flinkwatch::plan::PlanSettings;
use flinkwatch::plugin::{self, DataSource, Headers, Instance, QueryRequest, Secret};
use flinkwatch::query::{AskedQuery, Origin, QueryDefaults};
use local_aws::fleet::Fleet;
use local_aws::server::{LocalAws, Options};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::facts::settings;
use crate::support::fleet::NOW;
use crate::support::panels::panels;
use crate::support::scripted::{Scripted, series};

fn query(application: &str, metric: &str) -> Value {
    json!({ "queryType": "metric", "applications": [application], "metric": metric })
}

/// An AWS where every application has two metrics.
fn aws() -> Arc<Scripted> {
    Arc::new(Scripted {
        list_metrics: Box::new(|ask| {
            let name = ask.application.as_ref().unwrap().as_str();
            Ok(["cpuUtilization", "heapMemoryUtilization"]
                .map(|metric| series(metric, &[("Application", name)]))
                .into())
        }),
        ..Scripted::default()
    })
}

async fn answer(aws: &Arc<Scripted>, own: &[Value], predicted: &[Value]) -> Vec<QueryOutcome> {
    let source = Source {
        aws: Arc::clone(aws) as _,
        cache: Arc::new(FactCache::new()),
        coalescer: Arc::new(Coalescer::new()),
        owner: Arc::new(Owner::of(&settings(json!({})))),
        payer: Payer::default(),
        deadline: Instant::now() + Duration::from_secs(30),
    };
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let (own, predicted): (Vec<AskedQuery>, Vec<AskedQuery>) = (panels(1, own), panels(1, predicted));
    engine::answer_and_prefetch(&source, &settings, &own, &predicted, NOW * 1000).await
}

/// Series that were asked of CloudWatch.
fn asks(aws: &Scripted) -> usize {
    let asked = aws.asked();
    let asks =
        asked.iter().filter_map(|line| line.split_once("series=")).map(|(_, asks)| asks.parse::<usize>().unwrap());
    asks.sum()
}

/// Reading many queries takes a while, in which other requests have their turn.
#[tokio::test(start_paused = true)]
async fn what_is_read_for_fetching_ahead_gives_others_their_turn() {
    let of = |number: usize| {
        let patterns: Vec<String> = (0..16).map(|n| format!("/.{{9}}{number}-{n}/")).collect();
        json!({ "queryType": "metric", "applications": patterns, "metric": "cpuUtilization" })
    };
    let predicted: Vec<Value> = (0..100).map(of).collect();
    let aws = aws();
    let turns = async {
        let mut turns = 0;
        loop {
            tokio::task::yield_now().await;
            turns += 1;
            if turns == 100 {
                return;
            }
        }
    };
    let own = [query("orders", "cpuUtilization")];
    let answered = answer(&aws, &own, &predicted);
    let first = futures::future::select(Box::pin(answered), Box::pin(turns)).await;
    assert!(matches!(first, futures::future::Either::Right(_)), "the request was answered before others had 100 turns");
}

#[tokio::test(start_paused = true)]
async fn what_is_fetched_ahead_is_not_answered_and_changes_no_answer() {
    let own = [query("orders", "cpuUtilization")];
    let (alone, with_prefetch) = (aws(), aws());
    let predicted = [
        query("orders", "cpuUtilization"),
        query("orders", "heapMemoryUtilization"),
        query("orders", "noSuchMetric"),
        json!({ "queryType": "nonsense" }),
    ];
    let answers = (answer(&alone, &own, &[]).await, answer(&with_prefetch, &own, &predicted).await);
    assert_eq!(format!("{:?}", answers.0), format!("{:?}", answers.1));
    assert!(answers.1.len() == 1 && answers.1[0].result.is_ok(), "{:?}", answers.1);
    assert!(asks(&with_prefetch) > asks(&alone));
}

#[tokio::test(start_paused = true)]
async fn no_fact_is_fetched_for_what_is_fetched_ahead() {
    let aws = aws();
    answer(
        &aws,
        &[query("orders", "cpuUtilization")],
        &[query("payments", "cpuUtilization"), query("*", "heapMemoryUtilization")],
    )
    .await;
    let about: Vec<_> = aws.asked().into_iter().filter(|line| !line.starts_with("GetMetricData")).collect();
    assert!(about.iter().all(|line| line.contains("orders")), "{about:?}");
    // The metric and how many samples it has.
    assert_eq!(asks(&aws), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_fetched_ahead_delays_an_answer_by_a_moment_at_most() {
    let slow = |seconds| async move { tokio::time::sleep(Duration::from_secs(seconds)).await };
    let started = Instant::now();
    assert_eq!(fetch::await_with_prefetch(async { 7 }, slow(60)).await, 7);
    assert_eq!(started.elapsed(), Duration::from_millis(300));
    // By the end of one that takes longer the other panels are there.
    let started = Instant::now();
    fetch::await_with_prefetch(slow(1), slow(60)).await;
    assert_eq!(started.elapsed(), Duration::from_secs(1));
    let started = Instant::now();
    fetch::await_with_prefetch(slow(2), slow(1)).await;
    assert_eq!(started.elapsed(), Duration::from_secs(2));
}

fn instance(endpoint: &str) -> Instance {
    let json_data = json!({ "authType": "keys", "defaultRegion": "eu-west-1", "endpoint": endpoint }).to_string();
    let keys = [("accessKey", "AKIDEXAMPLE"), ("secretKey", "secret")];
    Instance {
        uid: "msf".to_owned(),
        name: "Flinkwatch".to_owned(),
        updated_ms: 0,
        json_data: json_data.into_bytes(),
        secure: keys.into_iter().map(|(name, key)| (name.to_owned(), Secret::new(key))).collect(),
        database: String::new(),
        url: String::new(),
        org_id: 1,
        grafana_config: HashMap::new().into_iter().collect(),
        role: "Viewer".to_owned(),
    }
}

/// A panel's query for the six hours up to `to_ms`.
fn panel(dashboard: Option<&str>, panel: &str, signal: &str, to_ms: i64) -> QueryRequest {
    let query = plugin::Query {
        ref_id: "A".to_owned(),
        query_type: "application".to_owned(),
        json: json!({ "applications": ["orders"], "signals": [signal] }).to_string().into_bytes(),
        from_ms: to_ms - 6 * 3_600_000,
        to_ms,
        max_data_points: 800,
        interval_ms: 30_000,
    };
    QueryRequest {
        billed_to: BilledTo::Panels,
        queries: vec![query],
        headers: Headers::default(),
        origin: Origin::Panel,
        dashboard_uid: dashboard.map(str::to_owned),
        panel_id: Some(panel.to_owned()),
    }
}

#[expect(clippy::disallowed_methods, reason = "the plugin reads the clock at its edge, and ranges are asked around it")]
fn wall_clock_ms() -> i64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(elapsed.as_millis()).unwrap()
}

#[tokio::test]
async fn the_first_panel_of_a_refresh_fetches_for_the_others_and_the_metrics_say_so() {
    let server = LocalAws::start(Arc::new(Fleet::new()), Options::default()).await.unwrap();
    let (plugin, instance) = (Flinkwatch::default(), instance(&server.endpoint()));
    let yesterday_ms = wall_clock_ms() - 86_400_000;
    let ask = async |dashboard, id, signal, minute: i64| {
        let request = panel(dashboard, id, signal, yesterday_ms + minute * 60_000);
        let replies = plugin.query_data(instance.clone(), request).await;
        assert_eq!((replies.len(), replies[0].ref_id.as_str(), &replies[0].error), (1, "A", &None));
    };
    for (id, signal) in [("1", "cpu"), ("2", "heap"), ("3", "restarts")] {
        ask(Some("d"), id, signal, 0).await;
    }
    let calls = || server.counters().operation("GetMetricData").calls;
    assert_eq!(calls(), 3);
    ask(Some("d"), "1", "cpu", 1).await;
    ask(Some("d"), "2", "heap", 1).await;
    assert_eq!(calls(), 4);
    // Without a dashboard nothing is remembered.
    ask(None, "1", "cpu", 2).await;
    let text = plugin.metrics_text();
    let expected = [
        "flinkwatch_prefetched_queries_total{outcome=\"used\"} 1",
        "flinkwatch_queries_total{outcome=\"answered\"} 6",
        "flinkwatch_aws_calls_total{operation=\"kinesisanalytics:DescribeApplication\",outcome=\"ok\"} 1",
    ];
    for line in expected {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap().parse::<f64>().unwrap()
    };
    let (hit, asked) = (value("flinkwatch_cache_points_hit_total"), value("flinkwatch_cache_points_asked_total"));
    assert!(hit > 0.5 * asked && hit < asked && value("flinkwatch_cache_bytes") > 1000.0, "{text}");
    let (request_batches, waited) =
        (value("flinkwatch_request_batches_total"), value("flinkwatch_request_batch_wait_seconds_total"));
    assert!(request_batches >= 2.0 && waited >= 0.003 * request_batches, "{text}");
    assert_eq!(plugin.metrics_text(), text, "asking for the metrics counts nothing");
    server.stop().await;
}

/// What one viewer made us remember is fetched for the next one: it must be cheap, and nothing at all where little may
/// still be spent.
#[tokio::test(start_paused = true)]
async fn what_is_fetched_ahead_has_an_end() {
    let metric = |applications: Vec<String>, minutes: i64| json!({ "queryType": "metric", "applications": applications, "metric": "cpuUtilization", "period": minutes * 60 });
    let names: Vec<String> = (0..5).map(|number| format!("app-{number}")).collect();
    let of_each = |minutes: i64| names.iter().map(move |name| metric(vec![name.clone()], minutes));
    let planted: Vec<Value> = (2..602).flat_map(of_each).collect();
    let aws = aws();
    answer(&aws, &[metric(names.clone(), 1)], &planted).await;
    // Each may have its SampleCount beside it, which costs nothing.
    assert!((2_000..=2 * 2_005).contains(&asks(&aws)), "{}", asks(&aws));
}
