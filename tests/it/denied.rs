//! What an identity may not ask, and a service that does not answer, cost no refresh its time: they are asked once a
//! minute.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flinkwatch::failure::{CallError, CallErrorKind};
use flinkwatch::fetch::{self, Source};
use flinkwatch::model::application::{ApplicationStatus, ListSource};
use flinkwatch::place::{Account, ApplicationName, Place, Region};
use flinkwatch::plan::facts::{MaxWait, Needs};
use serde_json::json;
use tokio::time::Instant;

use crate::support::facts::{description, settings, source, summary};
use crate::support::scripted::{Scripted, failure, series};

const FLEET: usize = 50;

fn place() -> Place {
    Place { region: Region::from("eu-west-1"), account: Account::Own }
}

fn name(number: usize) -> ApplicationName {
    ApplicationName::from(format!("app{number:02}").as_str())
}

/// An AWS of which each application is described if `may` says so.
fn describing(may: impl Fn(&str) -> Result<(), CallErrorKind> + Send + Sync + 'static) -> Arc<Scripted> {
    Arc::new(Scripted {
        describe_application: Box::new(move |name| match may(name.as_str()) {
            Ok(()) => Ok(description(name.as_str())),
            Err(kind) => Err(failure(kind)),
        }),
        latency: Duration::from_millis(100),
        ..Scripted::default()
    })
}

fn needs(count: usize) -> Needs {
    Needs { descriptions: (0..count).map(|number| (place(), name(number))).collect(), ..Needs::default() }
}

/// What one refresh knows of the applications, how many calls it made, and how long it took.
async fn refresh(source: &Source, aws: &Scripted, count: usize) -> (BTreeSet<String>, usize, Duration) {
    let (before, started) = (aws.asked().len(), Instant::now());
    let source = Source { deadline: started + Duration::from_secs(30), ..source.clone() };
    let facts = fetch::facts(&source, &needs(count)).await;
    assert_eq!(facts.descriptions.len(), count);
    let known = facts.descriptions.into_values().filter_map(Result::ok);
    (known.map(|known| known.name.to_string()).collect(), aws.asked().len() - before, started.elapsed())
}

async fn wait(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn fifty_applications_that_may_not_be_described_cost_one_call_a_minute() {
    let aws = describing(|_| Err(CallErrorKind::AccessDenied));
    let source = source(&aws, &settings(json!({})));
    let (known, calls, took) = refresh(&source, &aws, FLEET).await;
    // Those that were on their way when three were denied.
    assert!(known.is_empty() && calls <= 8, "{calls}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    for _ in 0..2 {
        wait(25).await;
        assert_eq!(refresh(&source, &aws, FLEET).await.1, 0);
    }
    for _ in 0..3 {
        wait(61).await;
        assert_eq!(refresh(&source, &aws, FLEET).await.1, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_names_some_applications_has_these_described() {
    let aws = describing(|name| if name < "app10" { Ok(()) } else { Err(CallErrorKind::AccessDenied) });
    let source = source(&aws, &settings(json!({})));
    let mut known = BTreeSet::new();
    // Which are asked first differs from minute to minute.
    for _ in 0..FLEET {
        known = refresh(&source, &aws, FLEET).await.0;
        wait(61).await;
        if !known.is_empty() {
            break;
        }
    }
    assert_eq!(known.len(), 10, "{known:?}");
    // The others are asked once a minute, all of them: one more may be added to the policy.
    assert!(refresh(&source, &aws, FLEET).await.1 >= 40);
    assert_eq!(refresh(&source, &aws, FLEET).await.1, 0);
}

#[tokio::test(start_paused = true)]
async fn a_mended_policy_shows_within_a_minute_and_at_once_after_save_and_test() {
    for is_tested in [false, true] {
        let may = Arc::new(AtomicBool::new(false));
        let policy = Arc::clone(&may);
        let aws = describing(move |_| match policy.load(Ordering::SeqCst) {
            true => Ok(()),
            false => Err(CallErrorKind::AccessDenied),
        });
        let settings = settings(json!({}));
        let source = source(&aws, &settings);
        refresh(&source, &aws, FLEET).await;
        may.store(true, Ordering::SeqCst);
        assert!(refresh(&source, &aws, FLEET).await.0.is_empty());
        if is_tested {
            flinkwatch::save_and_test::check(&source, &settings, 0).await;
        } else {
            wait(60).await;
        }
        assert_eq!(refresh(&source, &aws, FLEET).await.0.len(), FLEET, "{is_tested}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_asked_once_a_minute() {
    let aws = describing(|_| Err(CallErrorKind::NotFound));
    let source = source(&aws, &settings(json!({})));
    let mut calls = Vec::new();
    for pause in [0, 30, 31] {
        wait(pause).await;
        calls.push(refresh(&source, &aws, 2).await.1);
    }
    assert_eq!(calls, [2, 0, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_is_waited_for_once_a_minute() {
    for kind in [CallErrorKind::Timeout, CallErrorKind::Unreachable] {
        let aws = describing(move |_| Err(kind));
        let source = source(&aws, &settings(json!({})));
        // Those that were on their way when the first one failed.
        assert!(refresh(&source, &aws, FLEET).await.1 <= 8, "{kind:?}");
        for _ in 0..2 {
            wait(25).await;
            let (_, calls, took) = refresh(&source, &aws, FLEET).await;
            assert_eq!((calls, took), (0, Duration::ZERO), "{kind:?}");
        }
        wait(11).await;
        assert!((1..=8).contains(&refresh(&source, &aws, FLEET).await.1), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_service_does_not_answer_the_metrics_name_the_applications() {
    let aws = Arc::new(Scripted {
        list_applications: Box::new(|region| {
            Err(CallError::new(
                CallErrorKind::Timeout,
                "kinesisanalytics:ListApplications",
                region,
                "no answer in time",
            ))
        }),
        list_metrics: Box::new(|_| Ok(vec![series("cpuUtilization", &[("Application", "orders")])])),
        ..Scripted::default()
    });
    let source = source(&aws, &settings(json!({})));
    let needs = Needs { lists: [place()].into(), ..Needs::default() };
    let facts = fetch::facts(&source, &needs).await;
    let list = facts.lists[&place()].as_ref().unwrap();
    let ListSource::Metrics { why } = &list.source else { panic!("{list:?}") };
    assert_eq!(why.message, "no answer in time");
    assert_eq!(list.applications.keys().next().unwrap().as_str(), "orders");
}

#[tokio::test(start_paused = true)]
async fn three_hundred_applications_are_all_known_in_the_end() {
    let list = || (0..300).map(|number| summary(name(number).as_str(), ApplicationStatus::Running, "FLINK-1_20"));
    let aws = Arc::new(Scripted {
        list_applications: Box::new(move |_| Ok(list().collect())),
        describe_application: Box::new(|name| Ok(description(name.as_str()))),
        latency: Duration::from_secs(1),
        ..Scripted::default()
    });
    let source = source(&aws, &settings(json!({})));
    let needs = Needs { lists: [place()].into(), max_wait: MaxWait::OfTables, ..needs(300) };
    let mut known = Vec::new();
    for _ in 0..12 {
        let source = Source { deadline: Instant::now() + Duration::from_secs(30), ..source.clone() };
        let facts = fetch::facts(&source, &needs).await;
        known.push(facts.descriptions.values().filter(|known| known.is_ok()).count());
        wait(15).await;
    }
    assert_eq!(known[3..], [300; 9], "{known:?}");
    let described = aws.asked().iter().filter(|line| line.starts_with("DescribeApplication")).count();
    assert_eq!(described, 300, "the list confirms what is known");
}

/// The cache keeps some thousands, and a passing failure for two seconds.
#[tokio::test(start_paused = true)]
async fn what_was_said_of_each_of_many_is_told_however_soon_the_cache_forgets_it() {
    for (count, may) in [(5000, Ok(())), (250, Err(CallErrorKind::ServiceFailure))] {
        let aws = Arc::new(Scripted {
            latency: Duration::from_millis(if may.is_ok() { 1 } else { 100 }),
            describe_application: Box::new(move |name| match may {
                Ok(()) => Ok(description(name.as_str())),
                Err(kind) => Err(failure(kind)),
            }),
            ..Scripted::default()
        });
        let source = source(&aws, &settings(json!({})));
        let needs = Needs { inventories: needs(count).descriptions, ..needs(count) };
        let facts = fetch::facts(&source, &needs).await;
        assert_eq!(aws.asked().iter().filter(|line| line.starts_with("DescribeApplication")).count(), count);
        assert!(facts.inventories.values().all(Result::is_ok), "{count}");
        let said = |described: &Result<_, CallError>| described.as_ref().map(drop).map_err(|error| error.kind);
        let others: Vec<_> = facts.descriptions.values().filter(|described| said(described) != may).collect();
        assert!(others.is_empty(), "{} of {count}, as {:?}", others.len(), others[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_a_moment_ago_is_told_also_by_those_who_wait_for_others() {
    let aws = describing(|name| if name == "app00" { Err(CallErrorKind::ServiceFailure) } else { Ok(()) });
    let source = source(&aws, &settings(json!({})));
    // Two hundred more take longer than the failure is kept.
    for count in [1, 201] {
        let mut facts = fetch::facts(&source, &needs(count)).await;
        let failed = facts.descriptions.remove(&(place(), name(0))).unwrap().unwrap_err();
        assert_eq!((failed.kind, aws.asked().len()), (CallErrorKind::ServiceFailure, count), "{failed:?}");
        assert!(facts.descriptions.values().all(Result::is_ok));
    }
}
