//! Who is asked together: what arrives in one burst, and nobody waits long for it.

use std::cell::RefCell;
use std::time::Duration;

use flinkwatch::failure::Cause;
use futures::future::join_all;
use proptest::prelude::*;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::{LATENCY, panel, requests, requests_with};
use crate::support::coalescer::Requests;
use crate::support::scripted::Scripted;

/// Asks for a series of its own after so many milliseconds; how long the answer took.
async fn arrive(requests: &Requests, index: usize, after: u64) -> Duration {
    sleep(Duration::from_millis(after)).await;
    let started = Instant::now();
    requests.ask(&panel(&[&format!("m{index}")], (-60, 0))).await;
    started.elapsed()
}

#[tokio::test(start_paused = true)]
async fn panels_that_arrive_one_after_the_other_are_asked_together() {
    let requests = requests();
    let times = [0, 2, 6, 10];
    let waits = join_all(times.iter().enumerate().map(|(index, time)| arrive(&requests, index, *time))).await;
    assert_eq!(requests.calls(), 1);
    assert!(waits[3] <= LATENCY + Duration::from_millis(5), "{:?}", waits[3]);
}

/// Six connections share thirty panels that nobody has asked before; each takes the next one when its last one is
/// shown.
#[tokio::test(start_paused = true)]
async fn a_browser_fetches_thirty_panels_in_five_calls() {
    let requests = requests();
    let panels = RefCell::new(0..30);
    let connection = async |_| {
        while let Some(index) = { panels.borrow_mut().next() } {
            // Answers are shown one after the other, and the first of them at once.
            let shown = if index < 6 { 0 } else { [0, 6, 7, 8, 9, 9][index % 6] };
            arrive(&requests, index, shown).await;
        }
    };
    join_all((0..6).map(connection)).await;
    assert_eq!(requests.calls(), 5);
}

fn requests_with_slots(slots: usize) -> Requests {
    requests_with(Scripted { latency: LATENCY, slots: Semaphore::new(slots), ..Scripted::default() })
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_alone_waits_for_nobody() {
    let requests = requests();
    for index in 0..3 {
        let wait = arrive(&requests, index, 1).await;
        assert!(wait <= LATENCY + Duration::from_millis(4), "{wait:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_is_asked_together() {
    let requests = requests_with_slots(1);
    join_all((0..40).map(|index| arrive(&requests, index, 20 * index as u64))).await;
    assert_eq!(requests.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_gets_no_turn_before_the_deadline_hears_of_the_limits() {
    let requests = requests_with_slots(0);
    let fetched = requests.ask(&panel(&["a"], (-60, 0))).await;
    assert!(
        fetched.answers[0].error.as_ref().unwrap().context.cause == Cause::OwnLimits,
        "{:?}",
        fetched.answers[0].error
    );
    assert_eq!(requests.calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_large_request_leaves_turns_to_others() {
    let requests = requests_with_slots(16);
    let metrics: Vec<String> = (0..1000).map(|index| format!("m{index}")).collect();
    let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
    requests.ask(&panel(&metrics, (-1441, 0))).await;
    assert_eq!((requests.calls(), requests.aws.most_in_flight()), (15, 8));
}

/// How many batch windows there should be for arrivals at these milliseconds, in order.
fn request_batches(arrivals: &[u64]) -> usize {
    let mut count = 0;
    let mut rest = arrivals.iter().copied().peekable();
    while let Some(first) = rest.next() {
        count += 1;
        let mut until = first + 3;
        while let Some(next) = rest.next_if(|next| *next < until) {
            until = (next + 5).min(first + 15);
        }
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_batch_window_lasts_as_long_as_requests_arrive_and_no_longer_than_its_limit(
        // Even, so that nothing arrives just when a batch window ends.
        pauses in prop::collection::vec(prop_oneof![4 => 0_u64..2, 1 => 2_u64..15].prop_map(|half| 2 * half), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            // No call ends and none waits before the last one has arrived.
            let (latency, slots) = (Duration::from_secs(5), Semaphore::new(100));
            let requests = requests_with(Scripted { latency, slots, ..Scripted::default() });
            let times: Vec<u64> = pauses.iter().scan(0, |time, pause| { *time += pause; Some(*time) }).collect();
            let waits = join_all(times.iter().enumerate().map(|(index, time)| arrive(&requests, index, *time))).await;
            let figures = requests.source.coalescer.figures();
            prop_assert_eq!(figures.request_batches as usize, request_batches(&times));
            for wait in waits {
                prop_assert!(wait <= latency + Duration::from_millis(15), "{:?}", wait);
            }
            Ok(())
        })?;
    }
}
