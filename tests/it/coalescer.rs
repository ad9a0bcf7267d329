//! What requests share of CloudWatch: calls, buckets, failures; and what they never share.

mod batching;
mod dashboard;
mod random;
mod rejected;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flinkwatch::answers::{Completeness, SeriesAnswer};
use flinkwatch::answers::{Fetched, ValuesFrom};
use flinkwatch::failure::CallErrorKind;
use flinkwatch::fetch::{self, Source};
use flinkwatch::plan::Plan;
use flinkwatch::plan::call::{Period, SeriesKey};
use flinkwatch::query::Origin;
use futures::future::{join, join_all};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::support::coalescer::{Clock, Requests, START, answer, owner, plan, series_key, with_room};
use crate::support::scripted::{Scripted, failure};

const LATENCY: Duration = Duration::from_secs(1);

fn requests() -> Requests {
    requests_with(Scripted { latency: LATENCY, ..Scripted::default() })
}

/// The minute since `START` is each bucket's value.
fn requests_with(scripted: Scripted) -> Requests {
    let minutes = |_: &SeriesKey, start: i64| ((start - START) / 60) as f64;
    let aws = Scripted { get_metric_data: Box::new(move |call| Ok(answer(call, minutes))), ..scripted };
    Requests::new(aws, Clock::start())
}

/// Series of one minute over minutes before `START`, as a panel series.
fn panel(metrics: &[&str], minutes: (i64, i64)) -> Plan {
    of(Origin::Panel, metrics, minutes)
}

fn of(origin: Origin, metrics: &[&str], (from, to): (i64, i64)) -> Plan {
    let series: Vec<SeriesKey> = metrics.iter().map(|metric| series_key(metric, Period::MINUTE)).collect();
    plan(origin, &series, START + from * 60..START + to * 60)
}

fn values(fetched: &Fetched, series: usize) -> &[f64] {
    assert_eq!(fetched.answers[series].error, None);
    assert_eq!(fetched.answers[series].column.completeness, Completeness::Complete);
    &fetched.answers[series].column.values
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_within_a_few_milliseconds_is_asked_together() {
    let requests = requests();
    let (one, two) = (panel(&["a", "b"], (-3, 0)), panel(&["b", "c"], (-2, 0)));
    let second = async {
        sleep(Duration::from_millis(1)).await;
        requests.ask(&two).await
    };
    let (first, second) = join(requests.ask(&one), second).await;
    assert_eq!(requests.calls(), 1);
    assert_eq!(values(&first, 1), [-3.0, -2.0, -1.0]);
    assert_eq!((values(&second, 0), values(&second, 1)), (&[-2.0, -1.0][..], &[-2.0, -1.0][..]));
    let billed = |fetched: &Fetched| fetched.costs["A"].billed_metrics;
    assert_eq!((billed(&first), billed(&second)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_lone_request_waits_three_milliseconds_and_what_is_kept_not_at_all() {
    let requests = requests();
    let plan = panel(&["a"], (-60, 0));
    let started = Instant::now();
    let fetched = requests.ask(&plan).await;
    assert!(started.elapsed() <= LATENCY + Duration::from_millis(4), "{:?}", started.elapsed());
    assert_eq!(fetched.costs["A"].calls, 1);
    let started = Instant::now();
    let again = requests.ask(&plan).await;
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!((values(&again, 0), requests.calls()), (values(&fetched, 0), 1));
    let account = again.costs["A"];
    assert_eq!((account.calls, account.billed_metrics, account.saved_share()), (0, 0, Some(1.0)));
    assert_eq!(
        (fetched.answers[0].from, again.answers[0].from),
        (ValuesFrom::OwnCall { points: 60 }, ValuesFrom::Cache)
    );
}

#[tokio::test(start_paused = true)]
async fn only_what_is_missing_is_asked() {
    let requests = requests();
    requests.ask(&panel(&["a"], (-60, 0))).await;
    sleep(Duration::from_secs(600)).await;
    let fetched = requests.ask(&panel(&["a"], (-60, 10))).await;
    assert_eq!(values(&fetched, 0).to_vec(), (-60..10).map(f64::from).collect::<Vec<_>>());
    let line = format!("GetMetricData eu-west-1 {}..{} series=1", START - 5 * 60, START + 10 * 60);
    assert_eq!(requests.aws.asked()[1], line);
    assert_eq!((fetched.costs["A"].asked_points, fetched.costs["A"].saved_points), (15, 55));
    assert_eq!(fetched.answers[0].from, ValuesFrom::OwnCall { points: 15 });
}

#[tokio::test(start_paused = true)]
async fn series_that_are_on_their_way_are_awaited_and_not_asked_again() {
    let requests = requests();
    let plan = panel(&["a"], (-60, 0));
    let late = async {
        sleep(LATENCY / 2).await;
        requests.ask(&panel(&["a"], (-30, 0))).await
    };
    let started = Instant::now();
    let (_, second) = join(requests.ask(&plan), late).await;
    assert_eq!(requests.calls(), 1);
    assert!(started.elapsed() < LATENCY + Duration::from_millis(5));
    assert_eq!(values(&second, 0).len(), 30);
    assert_eq!((second.costs["A"].calls, second.costs["A"].billed_metrics), (0, 0));
    assert_eq!(second.answers[0].from, ValuesFrom::SharedCall { points: 30 });
}

#[tokio::test(start_paused = true)]
async fn ten_viewers_cost_what_one_costs() {
    let requests = requests();
    let panels: Vec<Plan> = (0..30).map(|panel_| panel(&[&format!("m{panel_}")], (-360, 0))).collect();
    let all = (0..10).flat_map(|_| &panels).map(|plan| requests.ask(plan));
    let fetched = join_all(all).await;
    assert_eq!(requests.calls(), 1);
    let billed: u64 = fetched.iter().map(|fetched| fetched.costs["A"].billed_metrics).sum();
    assert_eq!((billed, requests.source.coalescer.figures().billed_metrics), (30, 30));
}

#[tokio::test(start_paused = true)]
async fn an_alert_does_not_read_the_tail_but_shares_what_is_asked() {
    let requests = requests();
    requests.ask(&panel(&["a"], (-60, 1))).await;
    let alert = of(Origin::Alert, &["a"], (-10, 0));
    let (one, two) = join(requests.ask(&alert), requests.ask(&alert)).await;
    assert_eq!(requests.calls(), 2);
    assert_eq!(values(&one, 0), values(&two, 0));
    assert_eq!(requests.aws.asked()[1], format!("GetMetricData eu-west-1 {}..{START} series=1", START - 5 * 60));
    requests.ask(&of(Origin::Alert, &["a"], (-20, -10))).await;
    assert_eq!(requests.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_alert_does_not_join_a_call_that_asked_for_a_bucket_before_its_end() {
    let requests = requests();
    sleep(Duration::from_millis(59_000)).await;
    let open = panel(&["a"], (-10, 1));
    let alert = async {
        sleep(Duration::from_millis(700)).await;
        requests.ask(&of(Origin::Alert, &["a"], (-10, 1))).await
    };
    join(requests.ask(&open), alert).await;
    assert_eq!(requests.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_leaves_the_others_calls_alone() {
    let requests = requests();
    for end_of_wait in [Duration::from_millis(1), LATENCY / 2] {
        let metric = format!("{end_of_wait:?}");
        let plan = panel(&[&metric], (-60, 0));
        // Each of them is the one that drives the call when the other is dropped.
        let impatient = || timeout(end_of_wait, requests.ask(&plan));
        let (first, fetched, last) = futures::join!(impatient(), requests.ask(&plan), impatient());
        assert!(first.is_err() && last.is_err());
        assert_eq!(values(&fetched, 0).len(), 60);
    }
    assert_eq!((requests.calls(), requests.aws.answered()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn the_last_to_leave_cancels_the_call_and_the_next_asks_anew() {
    let requests = requests();
    let plan = panel(&["a"], (-60, 0));
    assert!(timeout(Duration::from_millis(2), requests.ask(&plan)).await.is_err());
    sleep(LATENCY * 2).await;
    assert_eq!(requests.calls(), 0);
    assert!(timeout(LATENCY / 2, requests.ask(&plan)).await.is_err());
    sleep(LATENCY * 2).await;
    assert_eq!((requests.calls(), requests.aws.answered()), (1, 0));
    assert_eq!(values(&requests.ask(&plan).await, 0).len(), 60);
    assert_eq!((requests.calls(), requests.aws.answered()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn what_only_a_dropped_request_wanted_is_not_asked() {
    let requests = requests();
    let (dropped, kept) = (panel(&["dropped"], (-60, 0)), panel(&["kept"], (-60, 0)));
    let dropped = timeout(Duration::from_millis(1), requests.ask(&dropped));
    let (dropped, _) = join(dropped, requests.ask(&kept)).await;
    assert!(dropped.is_err());
    assert_eq!(requests.aws.asked(), [format!("GetMetricData eu-west-1 {}..{START} series=1", START - 3600)]);
}

#[tokio::test(start_paused = true)]
async fn each_request_has_its_own_deadline() {
    let requests = requests();
    let plan = panel(&["a"], (-60, 0));
    let hurried = Source { deadline: Instant::now() + LATENCY / 2, ..requests.source.clone() };
    let started = Instant::now();
    let hurried = async {
        let fetched = fetch::columns(&hurried, &plan, requests.clock.now_ms()).await;
        (fetched, started.elapsed())
    };
    let ((late, elapsed), fetched) = join(hurried, requests.ask(&plan)).await;
    assert_eq!(elapsed, LATENCY / 2);
    let error = late.answers[0].error.as_ref().unwrap();
    assert_eq!((error.kind, error.operation), (CallErrorKind::Timeout, "cloudwatch:GetMetricData"));
    assert_eq!((values(&fetched, 0).len(), requests.calls()), (60, 1));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_given_to_all_who_wait_and_not_kept() {
    let fails = AtomicBool::new(true);
    let aws = Scripted {
        get_metric_data: Box::new(move |call| match fails.swap(false, Ordering::SeqCst) {
            true => Err(failure(CallErrorKind::Throttled)),
            false => Ok(answer(call, |_, _| 1.0)),
        }),
        latency: LATENCY,
        ..Scripted::default()
    };
    let requests = Requests::new(aws, Clock::start());
    let plan = panel(&["a"], (-60, 0));
    let (one, two) = join(requests.ask(&plan), requests.ask(&plan)).await;
    for fetched in [one, two] {
        assert_eq!(fetched.answers[0].error.as_ref().unwrap().kind, CallErrorKind::Throttled);
        assert_eq!(fetched.costs["A"].billed_metrics, 0);
    }
    assert_eq!(values(&requests.ask(&plan).await, 0), [1.0; 60]);
    assert_eq!(requests.calls(), 2);
}

/// A panel of an hour that is refreshed every minute, while AWS is gone from minute 5 to 10.
#[tokio::test(start_paused = true)]
async fn five_minutes_without_aws_leave_nothing_wrong_behind() {
    let is_down = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&is_down);
    let aws = Scripted {
        get_metric_data: Box::new(move |call| match switch.load(Ordering::SeqCst) {
            true => Err(failure(CallErrorKind::Unreachable)),
            false => Ok(answer(call, |_, start| ((start - START) / 60) as f64)),
        }),
        latency: LATENCY,
        ..Scripted::default()
    };
    let (requests, begin) = (Requests::new(aws, Clock::start()), Instant::now());
    for minute in 0..15_i64 {
        is_down.store((5..10).contains(&minute), Ordering::SeqCst);
        let expected: Vec<f64> = (minute - 60..minute).map(|start| start as f64).collect();
        let fetched = requests.ask(&panel(&["a"], (minute - 60, minute))).await;
        let rule = requests.ask(&of(Origin::Alert, &["a"], (minute - 10, minute))).await;
        if is_down.load(Ordering::SeqCst) {
            // What was settled at the last answer, of minute 4, is known; the five minutes before that may have
            // changed.
            let settled = usize::try_from(59 - minute).unwrap();
            let SeriesAnswer { column, error, .. } = &fetched.answers[0];
            assert_eq!(error.as_ref().unwrap().kind, CallErrorKind::Unreachable);
            assert_eq!(column.values[..settled], expected[..settled]);
            assert!(column.values[settled..].iter().all(|value| value.is_nan()), "{column:?}");
            assert!(rule.answers[0].error.is_some());
        } else {
            assert_eq!(values(&fetched, 0), expected);
            assert_eq!(values(&rule, 0), &expected[50..]);
        }
        sleep_until(begin + Duration::from_secs(60 * (minute.unsigned_abs() + 1))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_call_leaves_what_is_kept_and_its_neighbours() {
    let aws = Scripted {
        get_metric_data: Box::new(move |call| match call.end > START {
            true => Err(failure(CallErrorKind::Unreachable)),
            false => Ok(answer(call, |_, _| 1.0)),
        }),
        ..Scripted::default()
    };
    let requests = Requests::new(aws, Clock::start());
    requests.ask(&panel(&["a"], (-60, 0))).await;
    sleep(Duration::from_secs(60)).await;
    let (failed, far) = (panel(&["a"], (-60, 1)), panel(&["b"], (-90_000, -89_000)));
    let (failed, far) = join(requests.ask(&failed), requests.ask(&far)).await;
    let series = &failed.answers[0];
    assert_eq!(series.error.as_ref().unwrap().kind, CallErrorKind::Unreachable);
    assert_eq!(series.column.values[..55], [1.0; 55]);
    assert!(series.column.values[55..].iter().all(|value| value.is_nan()));
    assert_eq!(values(&far, 0).len(), 1000);
}

#[tokio::test(start_paused = true)]
async fn incomplete_columns_are_asked_again() {
    let aws = Scripted {
        get_metric_data: Box::new(|call| {
            let mut answer = answer(call, |_, _| 1.0);
            answer.columns[0].completeness = Completeness::Partial;
            Ok(answer)
        }),
        ..Scripted::default()
    };
    let requests = Requests::new(aws, Clock::start());
    let plan = panel(&["a"], (-60, -30));
    for calls in 1..3 {
        let fetched = requests.ask(&plan).await;
        assert_eq!(fetched.answers[0].column.completeness, Completeness::Partial);
        assert_eq!(requests.calls(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_shared_between_identities() {
    let requests = requests();
    let plan = panel(&["a"], (-60, 0));
    let other = Source { owner: owner("https://other.example.com"), ..requests.source.clone() };
    let same = Source { owner: owner("https://one.example.com"), ..requests.source.clone() };
    let now_ms = requests.clock.now_ms();
    join(requests.ask(&plan), fetch::columns(&other, &plan, now_ms)).await;
    assert_eq!(requests.calls(), 2);
    fetch::columns(&same, &plan, now_ms).await;
    fetch::columns(&other, &plan, now_ms).await;
    assert_eq!(requests.calls(), 2);
    let third = Source { owner: owner("https://third.example.com"), ..requests.source.clone() };
    fetch::columns(&third, &plan, now_ms).await;
    assert_eq!(requests.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn while_all_calls_run_the_next_ones_are_coalesced() {
    let requests = requests();
    let one_more = async |index: usize| {
        sleep(Duration::from_millis(10 * index as u64)).await;
        requests.ask(&panel(&[&format!("m{index}")], (-60, 0))).await
    };
    let fetched = join_all((0..50).map(one_more)).await;
    assert!(fetched.iter().all(|fetched| values(fetched, 0).len() == 60));
    assert_eq!((requests.calls(), requests.aws.most_in_flight()), (9, 8));
}

/// CloudWatch is ten minutes late for a while; later the console shows all of it.
#[tokio::test(start_paused = true)]
async fn what_was_published_late_is_seen_by_panels_and_alerts_alike() {
    let (clock, late) = (Clock::start(), Arc::new(AtomicBool::new(true)));
    let is_late = Arc::clone(&late);
    let aws = Scripted {
        get_metric_data: Box::new(move |call| {
            let now = clock.now_ms().div_euclid(1000);
            let known_until = if is_late.load(Ordering::SeqCst) { now - 600 } else { now };
            // Four samples a minute; the newest minute has only a part of them.
            Ok(answer(call, |_, start| match (known_until - start).clamp(0, 60) / 15 {
                0 => f64::NAN,
                samples => samples as f64,
            }))
        }),
        ..Scripted::default()
    };
    let requests = Requests::new(aws, clock);
    for minute in 0..20 {
        requests.ask(&panel(&["a"], (minute - 60, minute + 1))).await;
        requests.ask(&of(Origin::Alert, &["a"], (minute - 15, minute))).await;
        sleep(Duration::from_secs(60)).await;
    }
    late.store(false, Ordering::SeqCst);
    let alert = requests.ask(&of(Origin::Alert, &["a"], (-20, 20))).await;
    assert_eq!(values(&alert, 0), [4.0; 40]);
    let panel = requests.ask(&panel(&["a"], (-60, 20))).await;
    assert_eq!(values(&panel, 0), [4.0; 80]);
}

#[tokio::test(start_paused = true)]
async fn many_points_are_asked_in_parallel_calls() {
    let requests = requests();
    let metrics: Vec<String> = (0..500).map(|index| format!("m{index}")).collect();
    let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
    let started = Instant::now();
    let fetched = requests.ask(&panel(&metrics, (-1441, 0))).await;
    assert!(started.elapsed() < LATENCY + Duration::from_millis(5));
    assert_eq!((requests.calls(), fetched.costs["A"].calls, fetched.costs["A"].billed_metrics), (8, 8, 500));
    assert!((0..500).all(|series| values(&fetched, series).len() == 1441));
}

#[tokio::test(start_paused = true)]
async fn without_room_nothing_is_kept_and_everything_is_answered() {
    let mut requests = requests();
    requests.source.owner = with_room(&requests.source.owner, 0);
    let plan = panel(&["a"], (-60, 0));
    for calls in 1..3 {
        assert_eq!(values(&requests.ask(&plan).await, 0).len(), 60);
        assert_eq!((requests.calls(), requests.source.coalescer.figures().bytes), (calls, 0));
    }
}

/// Waiters on several threads drive the same calls and leave at any moment; nobody waits for ever, and nothing is left
/// over.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn waiters_on_several_threads_come_and_go() {
    let aws = Scripted {
        get_metric_data: Box::new(|call| Ok(answer(call, |_, start| start as f64))),
        latency: Duration::from_millis(3),
        ..Scripted::default()
    };
    let mut requests = Requests::new(aws, Clock::start());
    requests.source.owner = with_room(&requests.source.owner, 10_000);
    let requests = Arc::new(requests);
    let mut viewers = JoinSet::new();
    for viewer in 0..1000_u64 {
        let requests = Arc::clone(&requests);
        viewers.spawn(async move {
            sleep(Duration::from_millis(viewer % 97)).await;
            let (metric, ago) = (format!("m{}", viewer % 7), i64::try_from(viewer % 50).unwrap());
            let plan = panel(&[&metric, "shared"], (-60 - ago, 1));
            let end_of_wait =
                if viewer % 3 == 0 { Duration::from_millis(viewer % 11) } else { Duration::from_secs(20) };
            let Ok(fetched) = timeout(end_of_wait, requests.ask(&plan)).await else { return viewer % 3 == 0 };
            (0..2).all(|series| values(&fetched, series)[0] == (START - (60 + ago) * 60) as f64)
        });
    }
    assert!(viewers.join_all().await.into_iter().all(|is_right| is_right));
    let figures = requests.source.coalescer.figures();
    assert!(figures.bytes <= 10_000 && requests.aws.in_flight() == 0, "{figures:?}");
}
