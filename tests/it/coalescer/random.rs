//! Random requests: what they get is what the world said, at most the tail's life ago.
//!
//! The world changes its mind about a bucket every ten seconds until it has settled, and for a while it publishes some
//! of them up to an hour late. An alert must get what the world says now, a panel what it said at some moment since the
//! tail's life.

use std::ops::Range;
use std::time::Duration;

use flinkwatch::plan::call::{Period, SeriesKey};
use flinkwatch::query::Origin;
use futures::future::join_all;
use proptest::prelude::*;
use tokio::time::{sleep, timeout};

use crate::support::coalescer::{Clock, Requests, answer, plan, series_key, with_room};
use crate::support::scripted::Scripted;

/// After this many seconds a bucket that has a value does not change any more.
const LATE: i64 = 300;

/// After this many none does.
const HOUR: i64 = 3600;

/// Seconds for which the world stays as it is.
const STEADY: i64 = 10;

/// Longer than a batch window and an answer together.
const TAKES_MS: i64 = 2200;

#[derive(Debug, Clone)]
struct Request {
    origin: Origin,
    metrics: Vec<u8>,
    /// Index into `PERIODS`.
    period: usize,
    /// Seconds from the end of the range to now, and its length.
    ago: i64,
    length: i64,
    /// Whether it is dropped half way.
    is_dropped: bool,
}

const PERIODS: [i64; 3] = [60, 300, 3600];

/// What the world says of a bucket at a moment, in epoch seconds.
fn said(key: &SeriesKey, start: i64, now: i64) -> f64 {
    let period = key.period.seconds();
    let seed = key.metric.bytes().fold(period, |seed, byte| seed * 31 + i64::from(byte));
    // For a third of the time, each metric comes later by a delay of its own.
    let is_delayed = (start / 5000 + seed) % 3 == 0;
    let published = if is_delayed { start + period + seed.rem_euclid(HOUR) } else { start };
    if now < published {
        return f64::NAN;
    }
    let version = if now >= start + period + LATE { 0 } else { now / STEADY };
    let mixed =
        (seed ^ start).wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(version).wrapping_mul(0x1405_7B7E_F767_814F);
    let value = (mixed >> 40) & 0xFF;
    if value < 32 { f64::NAN } else { value as f64 }
}

/// Moments in the given span, in epoch milliseconds, at which the world may have said different things.
fn moments(span: Range<i64>) -> impl Iterator<Item = i64> {
    let (from, to) = (span.start.div_euclid(1000), span.end.div_euclid(1000));
    (from..=to).step_by(1)
}

fn is_same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

async fn play(requests: &Requests, request: &Request) -> Result<(), TestCaseError> {
    let now_ms = requests.clock.now_ms();
    let now = now_ms.div_euclid(1000);
    let period = Period::from_seconds(PERIODS[request.period]).unwrap();
    let to = now - request.ago;
    // As the planner does it: an alert gets closed buckets only.
    let end = if request.origin == Origin::Alert { period.floor(to) } else { period.ceil(to) };
    let range = period.floor(end - request.length)..end;
    let series: Vec<SeriesKey> =
        request.metrics.iter().map(|metric| series_key(&format!("m{metric}"), period)).collect();
    let plan = plan(request.origin, &series, range.clone());
    if request.is_dropped {
        let _ = timeout(Duration::from_millis(1000), requests.ask(&plan)).await;
        return Ok(());
    }
    let fetched = requests.ask(&plan).await;
    let stale_ms = if request.origin == Origin::Alert { 0 } else { (period.seconds() * 500).min(60_000) };
    for (key, answer) in series.iter().zip(&fetched.answers) {
        prop_assert_eq!(&answer.error, &None);
        let starts = range.clone().step_by(usize::try_from(period.seconds()).unwrap());
        prop_assert_eq!(answer.column.values.len(), starts.clone().count());
        for (start, value) in starts.zip(answer.column.values.iter()) {
            let span = now_ms - stale_ms..now_ms + TAKES_MS;
            let was_said = moments(span).any(|moment| is_same(said(key, start, moment), *value));
            prop_assert!(was_said, "{} at {} is {}; it is {}", key.metric, start, value, now);
        }
    }
    Ok(())
}

fn any_request() -> impl Strategy<Value = Request> {
    let origin = prop_oneof![Just(Origin::Panel), Just(Origin::Alert)];
    let metrics = prop::collection::btree_set(0_u8..6, 1..4).prop_map(|set| set.into_iter().collect());
    let ago = prop_oneof![3 => Just(0_i64), 1 => 0_i64..20_000];
    let drawn = (origin, metrics, 0..PERIODS.len(), ago, 60_i64..15_000, prop::bool::weighted(0.1));
    drawn.prop_map(|(origin, metrics, period, ago, length, is_dropped)| Request {
        origin,
        metrics,
        period,
        ago,
        length,
        is_dropped,
    })
}

/// Seconds to wait, and what is asked at once then.
fn any_history() -> impl Strategy<Value = Vec<(u64, Vec<Request>)>> {
    let pause = prop_oneof![0_u64..5, 0_u64..70, 200_u64..4000];
    prop::collection::vec((pause, prop::collection::vec(any_request(), 1..5)), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_kept_is_what_would_be_asked(
        history in any_history(),
        limit in prop_oneof![Just(0_usize), 1000_usize..20_000, Just(64 << 20)],
        latency in prop_oneof![Just(0_u64), Just(2000)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let clock = Clock::start();
            let aws = Scripted {
                get_metric_data: Box::new(move |call| {
                    Ok(answer(call, |key, start| said(key, start, clock.now_ms().div_euclid(1000))))
                }),
                latency: Duration::from_millis(latency),
                ..Scripted::default()
            };
            let mut requests = Requests::new(aws, clock);
            requests.source.owner = with_room(&requests.source.owner, limit);
            for (pause, together) in history {
                sleep(Duration::from_secs(pause)).await;
                let played = join_all(together.iter().map(|request| play(&requests, request))).await;
                played.into_iter().collect::<Result<Vec<()>, _>>()?;
                prop_assert!(requests.source.coalescer.figures().bytes <= limit);
            }
            Ok(())
        })?;
    }
}
