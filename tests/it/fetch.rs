//! Fetching facts: how many calls are made, what is shared and kept, and that no call touches another.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flinkwatch::aws::Recency;
use flinkwatch::engine::{self, EngineSettings};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::{self, Coalescer, FactCache, Owner, Payer, Source};
use flinkwatch::model::application::{ApplicationSummary, ListSource};
use flinkwatch::model::series::Freshness;
use flinkwatch::place::{Account, AccountId, ApplicationName, Place, Region};
use flinkwatch::plan::facts::Needs;
use flinkwatch::plan::{Plan, PlanSettings};
use flinkwatch::query::QueryDefaults;
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use tokio::time::Instant;

use crate::support::fleet::NOW;
use crate::support::panels::panels;
use crate::support::scripted::{Scripted, failure, series};

const REQUEST: Duration = Duration::from_secs(30);

fn owner(secret_key: &str) -> Arc<Owner> {
    let secure = [("accessKey", "AKIDEXAMPLE"), ("secretKey", secret_key)];
    let secure: HashMap<String, String> =
        secure.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let json_data = br#"{"authType":"keys","defaultRegion":"eu-west-1"}"#;
    let source = SettingsSource { json_data, secure: &secure, database: "" };
    let settings = Settings::parse(&source, &AdminSettings::default()).unwrap();
    Arc::new(Owner::of(&settings))
}

fn source(aws: &Arc<Scripted>) -> Source {
    let aws = Arc::clone(aws);
    Source {
        aws,
        cache: Arc::new(FactCache::new()),
        coalescer: Arc::new(Coalescer::new()),
        owner: owner("one"),
        payer: Payer::default(),
        deadline: Instant::now() + REQUEST,
    }
}

fn place() -> Place {
    Place { region: Region::from("eu-west-1"), account: Account::Own }
}

fn orders() -> ApplicationName {
    ApplicationName::from("orders")
}

fn need_list(place: Place) -> Needs {
    Needs { lists: [place].into(), ..Needs::default() }
}

fn need_inventory() -> Needs {
    Needs { inventories: [(place(), orders())].into(), ..Needs::default() }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_every_wait() {
    let aws = Arc::new(Scripted { latency: Duration::from_secs(3600), ..Scripted::default() });
    let source = source(&aws);
    let started = Instant::now();
    let facts = fetch::facts(&source, &need_inventory()).await;
    let error = facts.inventories[&(place(), orders())].as_ref().unwrap_err();
    assert_eq!((error.kind, error.operation), (CallErrorKind::Timeout, "cloudwatch:ListMetrics"));
    assert_eq!(started.elapsed(), REQUEST);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_request_drops_its_calls() {
    let aws = Arc::new(Scripted { latency: Duration::from_secs(10), ..Scripted::default() });
    let source = source(&aws);
    let needs = need_inventory();
    let request = fetch::facts(&source, &needs);
    let dropped = tokio::time::timeout(Duration::from_secs(1), request).await;
    assert!(dropped.is_err());
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((aws.asked().len(), aws.answered()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn equal_facts_are_fetched_once_for_all_who_wait() {
    let aws = Arc::new(Scripted {
        list_metrics: Box::new(|_| Ok(vec![series("uptime", &[("Application", "orders")])])),
        latency: Duration::from_secs(1),
        ..Scripted::default()
    });
    let source = source(&aws);
    let needs = need_inventory();
    let requests = (0..50).map(|_| fetch::facts(&source, &needs));
    let all = futures::future::join_all(requests).await;
    assert!(all.iter().all(|facts| facts.inventories[&(place(), orders())].is_ok()));
    assert_eq!(aws.asked(), ["ListMetrics eu-west-1 app=orders metric=* ThreeHours"]);
}

#[tokio::test(start_paused = true)]
async fn when_the_request_that_fetches_is_dropped_the_next_one_fetches() {
    let aws = Arc::new(Scripted {
        list_metrics: Box::new(|_| Ok(vec![series("uptime", &[("Application", "orders")])])),
        latency: Duration::from_secs(10),
        ..Scripted::default()
    });
    let source = source(&aws);
    let needs = need_inventory();
    let dropped = tokio::time::timeout(Duration::from_secs(5), fetch::facts(&source, &needs));
    let (dropped, facts) = futures::join!(dropped, fetch::facts(&source, &needs));
    assert!(dropped.is_err());
    assert!(facts.inventories[&(place(), orders())].is_ok());
    assert_eq!((aws.asked().len(), aws.answered()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn facts_are_kept_for_their_time_and_not_longer() {
    let aws = Arc::new(Scripted {
        list_metrics: Box::new(|_| Ok(vec![series("uptime", &[("Application", "orders")])])),
        ..Scripted::default()
    });
    let mut source = source(&aws);
    source.deadline += Duration::from_secs(3600);
    let needs = Needs { lists: [place()].into(), ..need_inventory() };
    let count = |aws: &Scripted| {
        let mut counts = BTreeMap::new();
        for line in aws.asked() {
            *counts.entry(line.split(' ').next().unwrap().to_owned()).or_insert(0) += 1;
        }
        (counts["ListApplications"], counts["ListMetrics"])
    };
    let mut seen = Vec::new();
    for pause in [0, 59, 2, 240] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        fetch::facts(&source, &needs).await;
        // What is only a little old is refreshed in the background.
        tokio::task::yield_now().await;
        seen.push(count(&aws));
    }
    assert_eq!(seen, [(1, 1), (1, 1), (2, 1), (3, 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_for_two_seconds_and_then_tried_again() {
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let aws = Arc::new(Scripted {
        list_applications: Box::new(move |_| match count.fetch_add(1, Ordering::SeqCst) {
            0 => Err(failure(CallErrorKind::Throttled)),
            _ => Ok(Vec::new()),
        }),
        ..Scripted::default()
    });
    let source = source(&aws);
    let needs = need_list(place());
    for pause in [0, 1] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        assert!(fetch::facts(&source, &needs).await.lists[&place()].is_err());
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(fetch::facts(&source, &needs).await.lists[&place()].is_ok());
    assert_eq!(tries.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shared_between_identities() {
    let aws = Arc::new(Scripted::default());
    let one = source(&aws);
    let same = Source { owner: owner("one"), ..one.clone() };
    let other = Source { owner: owner("two"), ..one.clone() };
    for source in [&one, &same, &other] {
        fetch::facts(source, &need_list(place())).await;
    }
    assert_eq!(aws.asked(), ["ListApplications eu-west-1", "ListApplications eu-west-1"]);
}

#[tokio::test(start_paused = true)]
async fn an_application_without_recent_data_is_stale() {
    let aws = Arc::new(Scripted {
        list_metrics: Box::new(|ask| match ask.recency {
            Recency::ThreeHours => Ok(Vec::new()),
            Recency::TwoWeeks => Ok(vec![series("uptime", &[("Application", "orders")])]),
        }),
        ..Scripted::default()
    });
    let facts = fetch::facts(&source(&aws), &need_inventory()).await;
    let inventory = facts.inventories[&(place(), orders())].as_ref().unwrap();
    assert_eq!((inventory.freshness, inventory.series().count()), (Freshness::Stale, 1));
    assert_eq!(aws.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn without_permission_to_list_the_metrics_name_the_applications() {
    let aws = Arc::new(Scripted {
        list_applications: Box::new(|_| Err(failure(CallErrorKind::AccessDenied))),
        list_metrics: Box::new(|_| {
            let of = |name| series("cpuUtilization", &[("Application", name)]);
            Ok(vec![of("payments"), of("orders"), of("payments")])
        }),
        ..Scripted::default()
    });
    let facts = fetch::facts(&source(&aws), &need_list(place())).await;
    let list = facts.lists[&place()].as_ref().unwrap();
    let unknown = |name| ApplicationSummary {
        name: ApplicationName::from(name),
        arn: None,
        status: None,
        runtime: None,
        version: None,
    };
    assert!(list.applications.values().eq(&[unknown("orders"), unknown("payments")]));
    assert_eq!(list.source, ListSource::Metrics { why: failure(CallErrorKind::AccessDenied) });
    assert_eq!(aws.asked()[1], "ListMetrics eu-west-1 app=* metric=cpuUtilization ThreeHours");
}

#[tokio::test(start_paused = true)]
async fn wrong_credentials_are_an_error_and_not_a_shorter_list() {
    let aws = Arc::new(Scripted {
        list_applications: Box::new(|_| Err(failure(CallErrorKind::Credentials))),
        ..Scripted::default()
    });
    let facts = fetch::facts(&source(&aws), &need_list(place())).await;
    assert_eq!(facts.lists[&place()].as_ref().unwrap_err().kind, CallErrorKind::Credentials);
    assert_eq!(aws.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn linked_accounts_are_asked_of_cloudwatch_only() {
    let aws = Arc::new(Scripted::default());
    let linked = Place { account: Account::Linked(AccountId::from("210987654321")), ..place() };
    let needs =
        Needs { lists: [linked.clone()].into(), descriptions: [(linked.clone(), orders())].into(), ..Needs::default() };
    let facts = fetch::facts(&source(&aws), &needs).await;
    assert!(facts.lists[&linked].is_ok());
    assert_eq!(facts.descriptions[&(linked, orders())].as_ref().unwrap_err().kind, CallErrorKind::Rejected);
    assert!(aws.asked().iter().all(|line| line.starts_with("ListMetrics eu-west-1 account 210987654321")));
}

/// An AWS in which the inventory of "orders" has one series more each time it is listed; `fails` says when it fails.
fn growing(fails: fn(usize) -> Option<CallErrorKind>) -> Arc<Scripted> {
    let listed = AtomicUsize::new(0);
    Arc::new(Scripted {
        list_metrics: Box::new(move |_| {
            let count = listed.fetch_add(1, Ordering::SeqCst) + 1;
            match fails(count) {
                Some(kind) => Err(failure(kind)),
                None => Ok(vec![series("uptime", &[("Application", "orders")]); count]),
            }
        }),
        latency: Duration::from_secs(1),
        ..Scripted::default()
    })
}

/// How many series are known, how long that took, and whether it is said to be old.
async fn look(source: &Source) -> (Result<usize, CallErrorKind>, u64, bool) {
    let started = Instant::now();
    let source = Source { deadline: started + REQUEST, ..source.clone() };
    let facts = fetch::facts(&source, &need_inventory()).await;
    let inventory = facts.inventories[&(place(), orders())].as_ref();
    let count = inventory.map(|inventory| inventory.series().count()).map_err(|error| error.kind);
    (count, started.elapsed().as_secs(), facts.stale.contains_key(&(place(), Some(orders()))))
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_is_a_little_old_is_served_at_once_and_refreshed_meanwhile() {
    let source = source(&growing(|_| None));
    assert_eq!(look(&source).await, (Ok(1), 1, false));
    wait(301).await;
    let (one, two) = futures::join!(look(&source), look(&source));
    assert_eq!((one, two), ((Ok(1), 0, false), (Ok(1), 0, false)));
    wait(2).await;
    assert_eq!(look(&source).await, (Ok(2), 0, false));
    // One that is old is waited for.
    wait(601).await;
    assert_eq!(look(&source).await, (Ok(3), 1, false));
}

#[tokio::test(start_paused = true)]
async fn while_aws_fails_what_was_known_is_served_and_said_to_be_old() {
    let source = source(&growing(|count| (count > 1).then_some(CallErrorKind::ServiceFailure)));
    assert_eq!(look(&source).await.0, Ok(1));
    wait(310).await;
    assert_eq!(look(&source).await, (Ok(1), 0, false));
    wait(300).await;
    assert_eq!(look(&source).await, (Ok(1), 1, true));
    assert_eq!(look(&source).await, (Ok(1), 0, true));
    wait(3600).await;
    assert_eq!(look(&source).await, (Err(CallErrorKind::ServiceFailure), 1, false));
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_was_taken_away_is_not_hidden_by_what_was_known() {
    let source = source(&growing(|count| (count > 1).then_some(CallErrorKind::AccessDenied)));
    assert_eq!(look(&source).await.0, Ok(1));
    wait(700).await;
    assert_eq!(look(&source).await, (Err(CallErrorKind::AccessDenied), 1, false));
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_old_facts_says_so() {
    let source = source(&growing(|count| (count > 1).then_some(CallErrorKind::ServiceFailure)));
    assert_eq!(look(&source).await.0, Ok(1));
    wait(700).await;
    let source = Source { deadline: Instant::now() + REQUEST, ..source };
    let json = serde_json::json!({"queryType": "metric", "applications": ["orders"], "metric": "uptime"});
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let outcomes = engine::answer(&source, &settings, &panels(1, &[json]), NOW * 1000).await;
    let notices = &outcomes[0].result.as_ref().unwrap()[0].meta.notices;
    let text = "Names and states of applications in eu-west-1 may be out of date. AWS failed on Scripted (scripted). Try again.";
    assert!(notices.iter().any(|notice| notice.text == text), "{notices:?}");
}

/// Two queries of one panel: only the one whose facts are old says so.
#[tokio::test(start_paused = true)]
async fn an_answer_from_new_facts_does_not_say_that_they_are_old() {
    let asked = AtomicUsize::new(0);
    let aws = Arc::new(Scripted {
        list_metrics: Box::new(move |ask| {
            let name = ask.application.as_ref().unwrap().as_str();
            match name == "orders" && asked.fetch_add(1, Ordering::SeqCst) > 0 {
                true => Err(failure(CallErrorKind::ServiceFailure)),
                false => Ok(vec![series("uptime", &[("Application", name)])]),
            }
        }),
        ..Scripted::default()
    });
    let source = source(&aws);
    let query = |name: &str| serde_json::json!({"queryType": "metric", "applications": [name], "metric": "uptime"});
    let asked = panels(1, &[query("orders"), query("payments")]);
    let settings = EngineSettings {
        defaults: QueryDefaults { region: Region::from("eu-west-1"), application: None },
        plan: PlanSettings { kpu_price: 0.11 },
    };
    let mut told = Vec::new();
    for _ in 0..2 {
        let source = Source { deadline: Instant::now() + REQUEST, ..source.clone() };
        let outcomes = engine::answer(&source, &settings, &asked, NOW * 1000).await;
        let says = |outcome: &engine::QueryOutcome| {
            let notices = &outcome.result.as_ref().unwrap()[0].meta.notices;
            notices.iter().any(|notice| notice.text.contains("out of date"))
        };
        told.push(outcomes.iter().map(says).collect::<Vec<_>>());
        wait(700).await;
    }
    assert_eq!(told, [[false, false], [true, false]]);
}

/// The edge moves requests between threads.
#[test]
fn fetching_can_move_between_threads() {
    fn is_send<T: Send>(_: T) {}
    let aws = Arc::new(Scripted::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _entered = runtime.enter();
    let source = source(&aws);
    is_send(fetch::facts(&source, &Needs::default()));
    is_send(fetch::columns(&source, &Plan::default(), 0));
    is_send(fetch::linked_accounts(&source, &Region::from("eu-west-1")));
    is_send(fetch::own_account(&source, &Region::from("eu-west-1")));
}

#[tokio::test(start_paused = true)]
async fn descriptions_and_inventories_do_not_wait_for_each_other() {
    let aws = Arc::new(Scripted {
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        latency: Duration::from_secs(1),
        ..Scripted::default()
    });
    let all: Vec<_> = (0..20).map(|index| (place(), ApplicationName::from(format!("app{index}").as_str()))).collect();
    let needs = Needs {
        inventories: all.iter().cloned().collect(),
        descriptions: all.iter().cloned().collect(),
        ..Needs::default()
    };
    let started = Instant::now();
    fetch::facts(&source(&aws), &needs).await;
    assert_eq!((started.elapsed().as_secs(), aws.most_in_flight()), (3, 16));
}
