//! Who is asked together: what arrives in one burst, and nobody waits long for it.

use std::cell::RefCell;
use std::time::Duration;

use futures::future::join_all;
use proptest::prelude::*;
use tokio::time::{Instant, sleep};

use super::{LATENCY, panel, requests, requests_after};
use crate::support::desk::Requests;

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
    let waits = join_all((0..6).map(|index| arrive(&requests, index, 2 * index as u64))).await;
    assert_eq!(requests.calls(), 1);
    assert!(waits[5] <= LATENCY + Duration::from_millis(4), "the last one waits as if it were alone: {:?}", waits[5]);
}

/// Six connections share thirty panels that nobody has asked before; each takes the next one when its last one is shown.
#[tokio::test(start_paused = true)]
async fn a_browser_fetches_thirty_panels_in_five_calls() {
    let requests = requests();
    let panels = RefCell::new(0..30);
    let connection = async |_| {
        while let Some(index) = { panels.borrow_mut().next() } {
            // Answers are shown one after the other.
            arrive(&requests, index, index as u64 % 6 * 2).await;
        }
    };
    join_all((0..6).map(connection)).await;
    assert_eq!(requests.calls(), 5);
}

/// How many gatherings there should be for arrivals at these milliseconds, in order.
fn gatherings(arrivals: &[u64]) -> usize {
    let mut count = 0;
    let mut rest = arrivals.iter().copied().peekable();
    while let Some(first) = rest.next() {
        count += 1;
        let mut until = first + 3;
        while let Some(next) = rest.next_if(|next| *next < until) {
            until = (next + 3).min(first + 15);
        }
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_gathering_lasts_as_long_as_orders_arrive_and_no_longer_than_its_limit(
        // Even, so that nothing arrives just when a gathering ends.
        pauses in prop::collection::vec(prop_oneof![4 => 0_u64..2, 1 => 2_u64..15].prop_map(|half| 2 * half), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            // So short that never all calls run.
            let latency = Duration::from_millis(20);
            let requests = requests_after(latency);
            let times: Vec<u64> = pauses.iter().scan(0, |time, pause| { *time += pause; Some(*time) }).collect();
            let waits = join_all(times.iter().enumerate().map(|(index, time)| arrive(&requests, index, *time))).await;
            let figures = requests.source.desk.figures();
            prop_assert_eq!(figures.gatherings as usize, gatherings(&times));
            for wait in waits {
                prop_assert!(wait <= latency + Duration::from_millis(15), "{:?}", wait);
            }
            Ok(())
        })?;
    }
}
