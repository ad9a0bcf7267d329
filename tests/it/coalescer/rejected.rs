//! A call that CloudWatch rejects because of some of its series.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flinkwatch::catalog::statistic::Statistic;
use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::Source;
use flinkwatch::plan::Plan;
use flinkwatch::plan::call::{Period, SeriesKey};
use flinkwatch::query::Origin;
use tokio::time::{Instant, sleep};

use super::LATENCY;
use crate::support::coalescer::{Clock, Requests, START, answer, owner, plan, series_key};
use crate::support::scripted::{Scripted, failure};

/// A statistic that is written well, and that the simulated CloudWatch rejects.
const BAD: &str = "TM(1:999)";

/// An AWS that rejects calls with a bad statistic while it is told so, or every call.
fn requests(rejects: &Arc<AtomicBool>, all: bool) -> Requests {
    let rejects = Arc::clone(rejects);
    let aws = Scripted {
        get_metric_data: Box::new(move |call| {
            let is_bad = call.series.iter().any(|key| key.statistic.as_str() == BAD);
            match rejects.load(Ordering::SeqCst) && (is_bad || all) {
                true => Err(failure(CallErrorKind::Rejected)),
                false => Ok(answer(call, |_, _| 1.0)),
            }
        }),
        latency: LATENCY,
        ..Scripted::default()
    };
    Requests::new(aws, Clock::start())
}

/// Many series in an order in which bad ones stand between good ones.
fn series(good: usize, bad: usize) -> Vec<SeriesKey> {
    let good = (0..good).map(|index| series_key(&format!("m{index:03}"), Period::MINUTE));
    let statistic = Statistic::parse(BAD).unwrap();
    let bad = (0..bad).map(|index| SeriesKey {
        statistic: statistic.clone(),
        ..series_key(&format!("m{:03}", index * 7), Period::MINUTE)
    });
    good.chain(bad).collect()
}

fn last(minutes: i64, series: &[SeriesKey]) -> Plan {
    plan(Origin::Panel, series, START - 60 * minutes..START)
}

/// How many series have an answer and how many an error, the calls, and the round trips.
async fn look(requests: &Requests, plan: &Plan) -> (usize, usize, usize, u128) {
    let (calls, started) = (requests.calls(), Instant::now());
    let fetched = requests.ask(plan).await;
    let errors = fetched.answers.iter().filter(|answer| answer.error.is_some()).count();
    let is_answered = |values: &[f64]| !values.is_empty() && values.iter().all(|value| *value == 1.0);
    let good = fetched.answers.iter().filter(|answer| is_answered(&answer.column.values)).count();
    (good, errors, requests.calls() - calls, started.elapsed().as_millis() / LATENCY.as_millis())
}

#[tokio::test(start_paused = true)]
async fn one_bad_series_is_found_in_few_round_trips_and_asked_apart_from_then_on() {
    let rejects = Arc::new(AtomicBool::new(true));
    let requests = requests(&rejects, false);
    let series = series(499, 1);
    let (good, errors, calls, trips) = look(&requests, &last(60, &series)).await;
    assert_eq!((good, errors), (499, 1));
    assert!(calls <= 19 && trips <= 10, "{calls} calls in {trips}");
    // The next refreshes; one of another viewer among them, who wants more.
    for minutes in [60, 60, 90] {
        sleep(Duration::from_secs(60)).await;
        assert_eq!(look(&requests, &last(minutes, &series)).await, (499, 1, 2, 1));
    }
    // Another identity knows nothing of it.
    let other = Requests {
        source: Source { owner: owner("https://two.example.com"), ..requests.source.clone() },
        aws: Arc::clone(&requests.aws),
        clock: requests.clock,
    };
    assert!(look(&other, &last(60, &series)).await.2 > 2);
    // When CloudWatch takes it, it is asked with the others again.
    rejects.store(false, Ordering::SeqCst);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(look(&requests, &last(60, &series)).await, (500, 0, 2, 1));
    sleep(Duration::from_secs(60)).await;
    assert_eq!(look(&requests, &last(60, &series)).await, (500, 0, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_was_bad_is_tried_with_the_others_after_some_minutes() {
    let rejects = Arc::new(AtomicBool::new(true));
    let requests = requests(&rejects, false);
    let series = series(9, 1);
    look(&requests, &last(60, &series)).await;
    sleep(Duration::from_secs(301)).await;
    let (good, errors, calls, _) = look(&requests, &last(60, &series)).await;
    assert!((good, errors) == (9, 1) && calls > 2, "{calls}");
}

#[tokio::test(start_paused = true)]
async fn many_bad_series_take_nothing_from_their_neighbours() {
    for (good, bad) in [(440, 60), (400, 57), (3, 40), (1, 1)] {
        let requests = requests(&Arc::new(AtomicBool::new(true)), false);
        let series = series(good, bad);
        let (answered, errors, calls, trips) = look(&requests, &last(60, &series)).await;
        assert_eq!((answered, errors), (good, bad));
        assert!(calls <= 40 && trips <= 10, "{calls} calls in {trips}");
        sleep(Duration::from_secs(60)).await;
        assert_eq!(look(&requests, &last(60, &series)).await, (good, bad, 2, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_rejected_for_itself_is_not_asked_again_and_again() {
    let requests = requests(&Arc::new(AtomicBool::new(true)), true);
    let series = series(500, 0);
    let (good, errors, calls, trips) = look(&requests, &last(60, &series)).await;
    assert_eq!((good, errors), (0, 500));
    assert!(calls <= 15 && trips <= 4, "{calls} calls in {trips}");
}
