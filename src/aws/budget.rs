//! How much may be asked of one region at a time: calls in flight, and calls a second.
//!
//! AWS counts calls per account and region and throttles what is over; other dashboards, alarms and tools share those
//! quotas, so the budgets stay below them. Requests are served in turn, a call of each: one that needs hundreds does
//! not keep the others waiting. The clock is tokio's, so that tests can turn it.

use std::num::NonZeroU32;
use std::ops::Add;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::RateLimiter;
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use super::fair_queue::{FairQueue, RequestId};
use crate::catalog::operations::{QUOTAS, Quota, QuotaLimits};
use crate::settings::CallLimits;

/// What one data source may ask of one region.
#[derive(Debug)]
pub struct Budget {
    /// Of each row of [`QUOTAS`].
    queues: [CallQueue; QUOTAS.len()],
}

/// The right to make one call; given back when dropped.
#[derive(Debug)]
pub struct Permit<'a>(#[expect(dead_code, reason = "held for its drop")] Option<SemaphorePermit<'a>>);

impl Budget {
    pub fn new(limits: CallLimits) -> Self {
        let queue = |index: usize| {
            let QuotaLimits { burst_seconds, at_a_time, .. } = QUOTAS[index];
            let permits = at_a_time.map_or(limits.concurrent_calls, |most| most.min(limits.concurrent_calls));
            CallQueue::new(limits.per_second[index], burst_seconds, permits)
        };
        Self { queues: std::array::from_fn(queue) }
    }

    /// Waits until a call of a request may be made.
    pub async fn enter(&self, quota: Quota, request: RequestId) -> Permit<'_> {
        match self.queue(quota) {
            Some(queue) => queue.enter(request).await,
            None => Permit(None),
        }
    }

    /// Whether somebody waits until a call may be made.
    pub fn delays_calls(&self, quota: Quota) -> bool {
        self.queue(quota).is_some_and(|queue| queue.waiting.load(Ordering::Relaxed) > 0)
    }

    /// Waits for a free permit, and until nobody waits for the rate. Takes neither: who calls has to enter all the
    /// same.
    pub async fn wait_for_capacity(&self, quota: Quota, request: RequestId) {
        if let Some(queue) = self.queue(quota) {
            queue.wait_for_capacity(request).await;
        }
    }

    fn queue(&self, quota: Quota) -> Option<&CallQueue> {
        quota.index().map(|index| &self.queues[index])
    }
}

/// One quota, and those who want to call.
#[derive(Debug)]
struct CallQueue {
    rate: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Moment>>,
    permits: Semaphore,
    /// Whoever has it is the next to get a permit and to be let through by the rate.
    turns: Arc<FairQueue>,
    waiting: AtomicU32,
}

impl CallQueue {
    fn new(per_second: f64, burst_seconds: f64, permits: usize) -> Self {
        // The settings allow 0.1 to 500 a second.
        let burst = NonZeroU32::new((per_second * burst_seconds) as u32).unwrap_or(NonZeroU32::MIN);
        let interval = Duration::from_secs_f64(1.0 / per_second);
        let rate = governor::Quota::with_period(interval).expect("an interval is not zero").allow_burst(burst);
        Self {
            rate: RateLimiter::direct_with_clock(rate, TokioClock),
            permits: Semaphore::new(permits),
            turns: Arc::default(),
            waiting: AtomicU32::new(0),
        }
    }

    async fn enter(&self, request: RequestId) -> Permit<'_> {
        let _waiting = Waiting::start(&self.waiting);
        let turn = self.turns.next(request).await;
        let permit = self.permits.acquire().await.ok();
        while let Err(too_early) = self.rate.check() {
            sleep(too_early.wait_time_from(TokioClock.now())).await;
        }
        drop(turn);
        Permit(permit)
    }

    async fn wait_for_capacity(&self, request: RequestId) {
        let _turn = self.turns.next(request).await;
        drop(self.permits.acquire().await);
    }
}

/// One who waits, until let through or gone.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn start(count: &'a AtomicU32) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tokio's clock for governor.
#[derive(Debug, Clone, Copy)]
struct TokioClock;

impl Clock for TokioClock {
    type Instant = Moment;

    fn now(&self) -> Moment {
        Moment(Instant::now())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(Instant);

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, nanos: Nanos) -> Self {
        Self(self.0 + Duration::from(nanos))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, nanos: Nanos) -> Self {
        Self(self.0.checked_sub(nanos.into()).unwrap_or(self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use futures::future::join_all;
    use tokio::time::timeout;

    use super::*;

    fn budget(list_metrics_per_second: f64, concurrent_calls: usize) -> Budget {
        let limits = CallLimits { concurrent_calls, ..CallLimits::default() };
        Budget::new(limits.with_rate(Quota::ListMetrics, list_metrics_per_second))
    }

    /// Makes the call of a request of its own, which takes `took`; gives the second at which it began.
    async fn call(budget: &Budget, took: Duration) -> f64 {
        call_of(RequestId::next(), budget, took).await
    }

    async fn call_of(request: RequestId, budget: &Budget, took: Duration) -> f64 {
        let start = Instant::now();
        let _slot = budget.enter(Quota::ListMetrics, request).await;
        let waited = start.elapsed();
        sleep(took).await;
        (waited.as_secs_f64() * 10.0).round() / 10.0
    }

    /// The same for somebody who leaves after so many seconds.
    async fn call_within(budget: &Budget, seconds: u64) -> Option<f64> {
        timeout(Duration::from_secs(seconds), call(budget, Duration::ZERO)).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_budget_lets_a_second_of_calls_through_and_then_keeps_its_rate() {
        let budget = budget(4.0, 100);
        let calls = (0..8).map(|_| call(&budget, Duration::ZERO));
        let began: Vec<_> = join_all(calls).await;
        assert_eq!(began, [0.0, 0.0, 0.0, 0.0, 0.3, 0.5, 0.8, 1.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_twice_the_rate() {
        let budget = budget(12.0, 100);
        let calls = (0..100).map(|_| call(&budget, Duration::ZERO));
        let began: Vec<_> = join_all(calls).await;
        let most = began.iter().map(|from| began.iter().filter(|at| (*from..from + 1.0).contains(*at)).count()).max();
        assert!(began.len() == 100 && most.unwrap() <= 24, "{most:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_calls_run_at_a_time() {
        let budget = budget(25.0, 2);
        let calls = (0..6).map(|_| call(&budget, Duration::from_secs(1)));
        let began: Vec<_> = join_all(calls).await;
        assert_eq!(began, [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_the_line_takes_nothing_with_him() {
        let budget = budget(1.0, 100);
        let calls = (0..6).map(|_| call_within(&budget, 3));
        assert_eq!(join_all(calls).await, [Some(0.0), Some(1.0), Some(2.0), Some(3.0), None, None]);
        assert_eq!(call_within(&budget, 3).await, Some(1.0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_budget_holds_calls_up_while_somebody_waits() {
        let budget = budget(1.0, 100);
        let waiting = async {
            let before = budget.delays_calls(Quota::ListMetrics);
            sleep(Duration::from_millis(500)).await;
            (before, budget.delays_calls(Quota::ListMetrics), budget.delays_calls(Quota::GetMetricData))
        };
        let (_, seen) = tokio::join!(join_all((0..2).map(|_| call(&budget, Duration::from_secs(9)))), waiting);
        assert_eq!(seen, (true, true, false));
        assert!(!budget.delays_calls(Quota::ListMetrics));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_of_many_calls_does_not_hold_up_another_one() {
        let budget = Arc::new(budget(5.0, 5));
        let order = Arc::new(Mutex::new(Vec::new()));
        let request = |name: &'static str, calls: usize| {
            let (budget, order) = (Arc::clone(&budget), Arc::clone(&order));
            async move {
                let id = RequestId::next();
                let call = async |_| {
                    call_of(id, &budget, Duration::from_millis(100)).await;
                    order.lock().unwrap().push(name);
                };
                join_all((0..calls).map(call)).await;
            }
        };
        tokio::join!(request("large", 60), request("small", 4));
        let last_small = order.lock().unwrap().iter().rposition(|name| *name == "small").unwrap();
        assert!(last_small < 16, "{last_small}");
    }

    /// Each of its calls waits for one of each other request, however many calls they have in line, and whoever of them
    /// leaves.
    #[tokio::test(start_paused = true)]
    async fn a_neighbour_of_twelve_requests_with_hundreds_of_calls_waits_for_one_of_each() {
        let budget = budget(5.0, 5);
        let large = async |number: u64| {
            let request = RequestId::next();
            let calls = join_all((0..500).map(|_| call_of(request, &budget, Duration::from_millis(100))));
            timeout(Duration::from_secs(20 + number), calls).await.is_ok()
        };
        let small = async {
            sleep(Duration::from_secs(1)).await;
            let request = RequestId::next();
            let mut waited = Vec::new();
            for _ in 0..10 {
                waited.push(call_of(request, &budget, Duration::from_millis(100)).await);
            }
            waited
        };
        let (ended, waited) = tokio::join!(join_all((0..12).map(large)), small);
        assert!(ended.iter().all(|has_ended| !has_ended), "they have more than is let through in that time");
        // One of each of the twelve, the one that is through already, and its own.
        assert!(waited.iter().all(|seconds| *seconds <= 14.0 / 5.0), "{waited:?}");
        assert!(!budget.delays_calls(Quota::ListMetrics));
        assert!(call(&budget, Duration::ZERO).await <= 0.2);
    }

    #[tokio::test(start_paused = true)]
    async fn there_is_room_when_nobody_waits_for_a_slot_or_for_the_rate() {
        let budget = budget(1.0, 2);
        let start = Instant::now();
        let wait_for_capacity = async || {
            budget.wait_for_capacity(Quota::ListMetrics, RequestId::next()).await;
            start.elapsed().as_secs()
        };
        assert_eq!(wait_for_capacity().await, 0);
        // The second one waits a second for the rate; then both permits are taken until the first one's five seconds
        // are over.
        let calls = join_all((0..2).map(|_| call(&budget, Duration::from_secs(5))));
        let later = async {
            sleep(Duration::from_millis(10)).await;
            wait_for_capacity().await
        };
        assert_eq!(tokio::join!(calls, later).1, 5);
        let calls = join_all((0..2).map(|_| call(&budget, Duration::ZERO)));
        let waited = async {
            sleep(Duration::from_millis(10)).await;
            wait_for_capacity().await
        };
        assert_eq!(tokio::join!(calls, waited).1, 7);
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_the_line_leaves_nothing_behind() {
        let budget = budget(1.0, 1);
        let held = budget.enter(Quota::ListMetrics, RequestId::next()).await;
        assert_eq!(call_within(&budget, 5).await, None);
        drop(held);
        assert_eq!(call(&budget, Duration::ZERO).await, 0.0);
        assert!(!budget.delays_calls(Quota::ListMetrics));
    }

    #[tokio::test(start_paused = true)]
    async fn quotas_do_not_touch_each_other() {
        let budget = budget(0.1, 1);
        let enters =
            async |quota| timeout(Duration::from_secs(1), budget.enter(quota, RequestId::next())).await.is_ok();
        assert!(enters(Quota::ListMetrics).await);
        assert!(!enters(Quota::ListMetrics).await);
        for quota in [Quota::GetMetricData, Quota::KinesisAnalytics, Quota::Unlimited] {
            assert!(enters(quota).await, "{quota:?}");
        }
    }
}
