//! Work that several requests or data sources wait for: it belongs to none of them.

use std::sync::Arc;
use std::time::Duration;

use flinkwatch::aws::clients::Clients;
use flinkwatch::failure::Cause;
use flinkwatch::fetch::{self, Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::model::application::ApplicationStatus;
use flinkwatch::place::{Account, ApplicationName, Place, Region};
use flinkwatch::plan::call::Period;
use flinkwatch::plan::facts::Needs;
use flinkwatch::query::Origin;
use flinkwatch::settings::Settings;
use futures::future::join;
use local_aws::fleet::Fleet;
use local_aws::server::{Clock, LocalAws, Options};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::coalescer::{START, plan, series_key};
use crate::support::facts::{description, settings, source, summary};
use crate::support::fleet::NOW;
use crate::support::scripted::{Scripted, series};

fn place() -> Place {
    Place { region: Region::from("eu-west-1"), account: Account::Own }
}

fn key(name: &str) -> (Place, ApplicationName) {
    (place(), ApplicationName::from(name))
}

fn in_time(millis: u64, source: &Source) -> Source {
    Source { deadline: Instant::now() + Duration::from_millis(millis), ..source.clone() }
}

#[test]
fn data_sources_share_what_they_ask_in_the_same_way() {
    let owner = |more: Value| {
        let mut json = json!({ "authType": "keys" });
        json.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        Owner::of(&settings(json))
    };
    let usual = owner(json!({}));
    for same in [
        json!({ "kpuPricePerHour": 0.2 }),
        json!({ "defaultApplication": "orders" }),
        json!({ "maxConcurrentCalls": 16 }),
    ] {
        assert_eq!(owner(same.clone()), usual, "{same}");
    }
    for other in [
        json!({ "requestTimeoutSeconds": 60 }),
        json!({ "getMetricDataPerSecond": 0.1 }),
        json!({ "listMetricsPerSecond": 1 }),
        json!({ "kinesisAnalyticsPerSecond": 1 }),
        json!({ "maxConcurrentCalls": 1 }),
        json!({ "cacheMegabytes": 0 }),
        json!({ "allowedRegions": ["eu-west-1"] }),
        json!({ "endpoint": "https://aws.example.com" }),
    ] {
        assert_ne!(owner(other.clone()), usual, "{other}");
    }
}

/// One process, and the settings of a data source that asks the simulated AWS with the same keys as the others.
struct Process {
    server: LocalAws,
    clients: Clients,
    cache: Arc<FactCache>,
    coalescer: Arc<Coalescer>,
}

impl Process {
    async fn start() -> Self {
        let options = Options { clock: Clock::Fixed(NOW), ..Options::default() };
        let server = LocalAws::start(Arc::new(Fleet::new()), options).await.unwrap();
        Self { server, clients: Clients::new(), cache: Arc::default(), coalescer: Arc::default() }
    }

    fn settings(&self, mut more: Value) -> Settings {
        more["authType"] = Value::from("keys");
        more["endpoint"] = Value::from(self.server.endpoint());
        settings(more)
    }

    fn source(&self, more: Value) -> Source {
        let settings = self.settings(more);
        Source {
            aws: self.clients.client(&settings),
            cache: Arc::clone(&self.cache),
            coalescer: Arc::clone(&self.coalescer),
            owner: Arc::new(Owner::of(&settings)),
            payer: Payer::default(),
            deadline: Instant::now() + Duration::from_secs(60),
        }
    }
}

#[tokio::test]
async fn a_region_that_one_data_source_may_not_ask_is_neither_shown_to_it_nor_kept_from_another() {
    let process = Process::start().await;
    let (all, ireland) = (json!({}), json!({ "allowedRegions": ["eu-west-1"] }));
    let place = Place { region: Region::from("us-east-1"), account: Account::Own };
    let needs = Needs { lists: [place.clone()].into(), ..Needs::default() };
    for order in [[&all, &ireland], [&ireland, &all]] {
        for settings in order {
            let source = process.source(settings.clone());
            let list = fetch::facts(&source, &needs).await.lists.remove(&place).unwrap();
            assert_eq!(list.is_ok(), settings == &all, "{settings}: {list:?}");
        }
    }
    process.server.stop().await;
}

/// Someone leaves while his call waits for its turn; another one, who has joined it, has the time.
#[tokio::test]
async fn a_request_that_leaves_takes_no_call_away_from_those_who_stay() {
    let process = Process::start().await;
    let limits = json!({
        "getMetricDataPerSecond": 0.8, "listMetricsPerSecond": 0.8, "kinesisAnalyticsPerSecond": 0.5,
        "requestTimeoutSeconds": 1,
    });
    let source = process.source(limits);
    let values = |metric: &str| plan(Origin::Panel, &[series_key(metric, Period::MINUTE)], START - 3600..START);
    let inventory = |name: &str| Needs { inventories: [key(name)].into(), ..Needs::default() };
    let description = |name: &str| Needs { descriptions: [key(name)].into(), ..Needs::default() };
    // Of each operation, what may be asked at once is asked first.
    fetch::columns(&source, &values("uptime"), START * 1000).await;
    let (hurried, metric) = (in_time(300, &source), values("cpuUtilization"));
    let (left, stayed) =
        join(fetch::columns(&hurried, &metric, START * 1000), fetch::columns(&source, &metric, START * 1000)).await;
    let error = left.answers[0].error.as_ref().unwrap();
    assert!(error.context.cause == Cause::OwnLimits, "{error:?}");
    assert_eq!(stayed.answers[0].error, None);

    fetch::facts(&source, &inventory("orders")).await;
    let (hurried, needs) = (in_time(300, &source), inventory("payments"));
    let (left, stayed) = join(fetch::facts(&hurried, &needs), fetch::facts(&source, &needs)).await;
    let error = left.inventories.values().next().unwrap().as_ref().unwrap_err();
    assert!(error.context.cause == Cause::OwnLimits, "{error:?}");
    assert!(stayed.inventories.values().all(Result::is_ok), "{stayed:?}");

    fetch::facts(&source, &description("orders")).await;
    let (hurried, needs) = (in_time(300, &source), description("payments"));
    let (left, stayed) = join(fetch::facts(&hurried, &needs), fetch::facts(&source, &needs)).await;
    let error = left.descriptions.values().next().unwrap().as_ref().unwrap_err();
    assert!(error.context.cause == Cause::OwnLimits, "{error:?}");
    assert!(stayed.descriptions.values().all(Result::is_ok), "{stayed:?}");
    process.server.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_refreshes_facts_ends_with_their_cache() {
    let aws = Arc::new(Scripted {
        list_applications: Box::new(|_| Ok(vec![summary("orders", ApplicationStatus::Running, "FLINK-1_20")])),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        latency: Duration::from_secs(1),
        ..Scripted::default()
    });
    let source = source(&aws, &settings(json!({})));
    let source = Source { deadline: source.deadline + Duration::from_secs(3600), ..source };
    let needs = Needs {
        lists: [place()].into(),
        inventories: [key("orders")].into(),
        descriptions: [key("orders")].into(),
        ..Needs::default()
    };
    fetch::facts(&source, &needs).await;
    // The list is a little old by then.
    tokio::time::sleep(Duration::from_secs(90)).await;
    fetch::facts(&source, &needs).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(aws.in_flight() > 0, "{}", aws.in_flight());
    drop(source);
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(aws.in_flight(), 0);
}

/// The facts' own clock stands still while the machine is suspended.
#[tokio::test(start_paused = true)]
async fn after_a_suspension_nothing_is_taken_for_new() {
    let aws = Arc::new(Scripted::default());
    let source = source(&aws, &settings(json!({})));
    let needs = Needs { lists: [place()].into(), ..Needs::default() };
    let mut calls = Vec::new();
    // Seconds that each clock goes on: an hour of suspension, a clock that is set right, one that is set back, and time
    // that passes.
    for (monotonic, wall) in [(0, 0), (1, 1), (1, 3600), (1, 30), (1, -3600), (40, 40)] {
        tokio::time::sleep(Duration::from_secs(monotonic)).await;
        let now = calls.last().map_or(NOW, |(_, now)| now + wall);
        source.cache.notice_suspension(now * 1000);
        fetch::facts(&source, &needs).await;
        calls.push((aws.asked().iter().filter(|line| line.starts_with("ListApplications")).count(), now));
    }
    assert_eq!(calls.iter().map(|(count, _)| *count).collect::<Vec<_>>(), [1, 1, 2, 2, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_large_fleet_is_listed_in_the_end_however_short_the_requests_are() {
    let name = |number: usize| format!("app{number:02}");
    let aws = Arc::new(Scripted {
        list_metrics: Box::new(move |ask| match &ask.application {
            Some(name) => Ok(vec![series("cpuUtilization", &[("Application", name.as_str())])]),
            None => panic!("takes too long"),
        }),
        list_applications: Box::new(move |_| {
            Ok((0..40).map(|number| summary(&name(number), ApplicationStatus::Running, "FLINK-1_20")).collect())
        }),
        slow_walk: Some(Duration::from_secs(8)),
        latency: Duration::from_millis(300),
        ..Scripted::default()
    });
    let source = source(&aws, &settings(json!({ "requestTimeoutSeconds": 5 })));
    let needs = Needs {
        inventories: (0..40).map(|number| key(&name(number))).collect(),
        lists: [place()].into(),
        ..Needs::default()
    };
    let lists = Needs { lists: [place()].into(), ..Needs::default() };
    fetch::facts(&source, &lists).await;
    let facts = fetch::facts(&in_time(5000, &source), &needs).await;
    assert_eq!(facts.inventories.values().filter(|inventory| inventory.is_ok()).count(), 40);
}
