//! Coalesces what requests want of CloudWatch: what is cached is not asked for, equal series are asked for once, and
//! what is wanted within a few milliseconds of each other, in one *batch window*, is asked for together.
//!
//! Nothing runs by itself. A batch window and a call are futures that all who wait for them own together and drive;
//! whoever is dropped leaves the others alone, and with the last one the call is cancelled. The coalescer itself only
//! knows them weakly.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::batch::Batch;
use super::bisect::{self, BisectedCall, Rejected};
use super::buckets::BucketCache;
use super::cached_series::{CachedBuckets, Reader, tail_life_ms};
use super::figures::Figures;
use super::spending::{Charges, Reservation, most_billed};
use super::subscription::{Call, CallResult, Delivery, Slot, Subscription};
use crate::aws::Aws;
use crate::failure::CallError;
use crate::fetch::{AT_A_TIME, Owner, Source};
use crate::period::Period;
use crate::place::Region;
use crate::plan::call::{GetMetricDataCall, SeriesKey};
use crate::plan::series::PlannedSeries;
use crate::query::Origin;

/// How long the first request of a batch window waits for others: a browser sends the panels of a dashboard within a
/// few milliseconds.
const FIRST_WAIT: Duration = Duration::from_millis(3);

/// How long two or more wait for another one: Grafana hands on the panels of a dashboard one after the other.
const NEXT_WAIT: Duration = Duration::from_millis(5);

/// Those who shared a call come back for more within so long: a browser asks for the next panel as soon as one is
/// answered.
const RETURN_WAIT: Duration = Duration::from_millis(10);

/// How long the first one waits at most, however many arrive.
const LONGEST_WAIT: Duration = Duration::from_millis(15);

/// The coalescer of the process.
#[derive(Default)]
pub struct Coalescer {
    state: Mutex<State>,
}

impl fmt::Debug for Coalescer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coalescer").field("figures", &self.figures()).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    buckets: BucketCache,
    queues: HashMap<(Arc<Owner>, Region), RegionQueue>,
    rejected: Rejected,
    figures: Figures,
    calls: u64,
}

/// What one owner does in one region.
struct RegionQueue {
    window: Option<WeakShared<BoxFuture<'static, ()>>>,
    /// What the window has so far.
    batch: Batch<Slot>,
    /// When the last request joined an open window.
    last_joined: Option<Instant>,
    /// When a call ended that several waited for.
    shared_end: Option<Instant>,
    in_flight: Vec<InFlightCall>,
}

/// A call that runs.
struct InFlightCall {
    id: u64,
    call: Option<WeakShared<BoxFuture<'static, Arc<CallResult>>>>,
    asked_ms: i64,
    range: Range<i64>,
    positions: HashMap<SeriesKey, usize>,
}

impl InFlightCall {
    fn of(id: u64, call: &GetMetricDataCall, asked_ms: i64) -> Self {
        let positions = call.series.iter().cloned().enumerate().map(|(position, key)| (key, position)).collect();
        Self { id, call: None, asked_ms, range: call.start..call.end, positions }
    }

    /// The call, unless all who waited for it are gone.
    fn running(&self) -> Option<Call> {
        self.call.as_ref()?.upgrade()
    }
}

pub(super) type BatchWindow = Shared<BoxFuture<'static, ()>>;

/// One series as a request wants it.
pub(super) struct WantedSeries<'a> {
    pub series: &'a PlannedSeries,
    pub origin: Origin,
}

/// What is cached of one series, and where the rest comes from.
pub(super) struct PendingSeries {
    /// From the first wanted bucket.
    pub found: CachedBuckets,
    pub rest_from: Option<PendingFrom>,
}

/// Where the missing buckets come from.
pub(super) enum PendingFrom {
    /// A call that was in flight already.
    InFlight(Delivery),
    /// A call of this batch window, by the index in the subscription.
    Subscription(usize),
    /// The same, of what is asked for only where there is room.
    Spare(usize),
    /// They are not asked for.
    Refused(CallError),
}

/// Everything that a request waits for in one region.
pub(super) struct Pending {
    pub series: Vec<PendingSeries>,
    /// To be driven first: it fills the subscription.
    pub window: Option<BatchWindow>,
    pub subscription: Arc<Subscription>,
    /// Until the window is closed.
    pub reservation: Option<Reservation>,
}

impl PendingSeries {
    /// Whether buckets are missing that no call in flight will know.
    fn is_unknown(&self) -> bool {
        self.found.missing.is_some() && self.rest_from.is_none()
    }

    /// Points that nobody else asks for.
    fn asked_points(&self, period: Period) -> u64 {
        match self.rest_from {
            Some(PendingFrom::InFlight(_)) | None => 0,
            Some(PendingFrom::Subscription(_) | PendingFrom::Spare(_) | PendingFrom::Refused(_)) => {
                self.found.missing_points(period)
            }
        }
    }

    /// The call that was in flight already and that answers this.
    pub(super) fn in_flight(&self) -> Option<&Delivery> {
        match &self.rest_from {
            Some(PendingFrom::InFlight(delivery)) => Some(delivery),
            Some(PendingFrom::Subscription(_) | PendingFrom::Spare(_) | PendingFrom::Refused(_)) | None => None,
        }
    }
}

impl Coalescer {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn figures(&self) -> Figures {
        let state = self.lock();
        Figures { bytes: state.buckets.bytes(), ..state.figures }
    }

    /// Takes what is cached, joins calls in flight, and puts the rest into the batch window. Nothing is called before
    /// that is driven.
    pub(super) fn request(
        self: &Arc<Self>,
        source: &Source,
        region: &Region,
        wanted: &[WantedSeries<'_>],
        now_ms: i64,
    ) -> Pending {
        let (aws, owner) = (Arc::clone(&source.aws), Arc::clone(&source.owner));
        let target = CallTarget { coalescer: Arc::clone(self), aws, owner, region: region.clone() };
        let mut state = self.lock();
        let State { buckets, queues, figures, .. } = &mut *state;
        let queue = queue(queues, &source.owner, region);
        let mut columns = buckets.columns(&source.owner, region, now_ms);
        let subscription = Arc::new(Subscription::default());
        let mut look_up = |wanted: &WantedSeries<'_>| {
            let WantedSeries { series, origin } = wanted;
            let reader = Reader { origin: *origin, now_ms };
            let found = columns.read(&series.key, &(series.first..series.last), reader);
            let delivery = found.missing.as_ref().and_then(|missing| queue.join(&series.key, missing, reader));
            PendingSeries { found, rest_from: delivery.map(PendingFrom::InFlight) }
        };
        let mut series: Vec<PendingSeries> = wanted.iter().map(&mut look_up).collect();
        let planned = wanted.iter().map(|wanted| wanted.series);
        let is_unknown = |(_, pending): &(_, &mut PendingSeries)| pending.is_unknown();
        let unknown: Vec<(&PlannedSeries, &mut PendingSeries)> = planned.zip(&mut series).filter(is_unknown).collect();
        let price = most_billed(unknown.iter().map(|(planned, _)| *planned));
        let reservation = (price > 0).then(|| source.payer.reserve(price, region, now_ms)).transpose();
        let mut window = None;
        for (planned, pending) in unknown {
            let Some(Range { start: first, end: last }) = pending.found.missing.clone() else { continue };
            if let Err(refusal) = &reservation {
                pending.rest_from = Some(PendingFrom::Refused(refusal.clone()));
                continue;
            }
            let slot = subscription.add_slot(&source.payer);
            let index = slot.index;
            window.get_or_insert_with(|| queue.join_window(&target));
            queue.batch.add(PlannedSeries { first, last, ..planned.clone() }, slot, now_ms);
            let rest_from = if planned.is_spare { PendingFrom::Spare } else { PendingFrom::Subscription };
            pending.rest_from = Some(rest_from(index));
        }
        for (wanted, pending) in wanted.iter().zip(&series) {
            figures.count(wanted.series.points(), pending.asked_points(wanted.series.key.period));
        }
        Pending { series, window, subscription, reservation: reservation.ok().flatten() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CallTarget {
    /// How much longer a batch window is worth keeping open; None when it is over.
    fn wait_for_more(&self, started: Instant) -> Option<Duration> {
        let mut state = self.coalescer.lock();
        let RegionQueue { last_joined, shared_end, .. } = self.queue(&mut state)?;
        let open_until = last_joined.map(|joined| joined + NEXT_WAIT).max(shared_end.map(|end| end + RETURN_WAIT))?;
        let wait = open_until.min(started + LONGEST_WAIT).saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    fn queue<'a>(&self, state: &'a mut State) -> Option<&'a mut RegionQueue> {
        state.queues.get_mut(&(Arc::clone(&self.owner), self.region.clone()))
    }

    /// Closes the batch window: packs what is in it and delivers the calls, which run as soon as somebody drives them.
    fn dispatch(&self, waited: Duration) {
        let mut state = self.coalescer.lock();
        let State { queues, figures, calls: ids, .. } = &mut *state;
        let Some(queue) = queues.get_mut(&(Arc::clone(&self.owner), self.region.clone())) else { return };
        queue.window = None;
        let mut batch = std::mem::take(&mut queue.batch);
        batch.retain(Slot::is_waited_for);
        let asked_ms = batch.now_ms();
        let (calls, placements) = batch.pack();
        let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(region = %self.region, calls = calls.len(), series = placements.len(), waited_ms, "requests coalesced");
        figures.request_batches += 1;
        figures.request_batch_ms += waited_ms;
        let mut charges: Vec<Charges> = calls.iter().map(|_| Charges::default()).collect();
        for (placement, slots) in placements.iter().filter(|(placement, _)| placement.billed) {
            charges[placement.call].add(slots.iter().map(|slot| &slot.payer));
        }
        let mut running = Vec::with_capacity(calls.len());
        let waiters = if queue.last_joined.is_some() { Waiters::Several } else { Waiters::One };
        let limit = Arc::new(Semaphore::new(AT_A_TIME));
        for (call, charges) in calls.into_iter().zip(charges) {
            *ids += 1;
            charges.charge(asked_ms);
            let mut in_flight = InFlightCall::of(*ids, &call, asked_ms);
            let future =
                run(self.clone(), NewCall { call, asked_ms, waiters, charges }, Arc::clone(&limit)).boxed().shared();
            in_flight.call = future.downgrade();
            queue.in_flight.push(in_flight);
            running.push((*ids, future));
        }
        for (placement, slots) in placements {
            figures.billed_metrics += u64::from(placement.billed);
            let Some((id, call)) = running.get(placement.call) else { continue };
            for (index, slot) in slots.iter().enumerate() {
                let pays = index == 0;
                let billed = placement.billed && pays;
                slot.deliver(Delivery { id: *id, call: call.clone(), position: placement.position, pays, billed });
            }
        }
    }
}

/// The queue of an owner and region; those at which nobody waits are closed when a new one opens.
fn queue<'a>(
    queues: &'a mut HashMap<(Arc<Owner>, Region), RegionQueue>,
    owner: &Arc<Owner>,
    region: &Region,
) -> &'a mut RegionQueue {
    let key = (Arc::clone(owner), region.clone());
    if !queues.contains_key(&key) {
        queues.retain(|_, queue| queue.is_busy());
    }
    let queue = queues.entry(key).or_insert_with(|| RegionQueue {
        window: None,
        batch: Batch::default(),
        last_joined: None,
        shared_end: None,
        in_flight: Vec::new(),
    });
    queue.in_flight.retain(|call| call.running().is_some());
    queue
}

impl RegionQueue {
    fn is_busy(&self) -> bool {
        self.window.as_ref().is_some_and(|window| window.upgrade().is_some())
            || self.in_flight.iter().any(|call| call.running().is_some())
    }

    /// A call that runs and will know all these buckets, as fresh as the reader may have them.
    fn join(&self, key: &SeriesKey, missing: &Range<i64>, reader: Reader) -> Option<Delivery> {
        let is_fresh = |call: &&InFlightCall| match reader.origin {
            Origin::Panel => (reader.now_ms - call.asked_ms).abs() <= tail_life_ms(key.period),
            // An alert wants buckets that were closed when they were asked for.
            Origin::Alert => call.asked_ms >= missing.end * 1000,
        };
        let covers = |call: &&InFlightCall| call.range.start <= missing.start && missing.end <= call.range.end;
        self.in_flight.iter().filter(covers).filter(is_fresh).find_map(|in_flight| {
            let position = *in_flight.positions.get(key)?;
            let call = in_flight.running()?;
            Some(Delivery { id: in_flight.id, call, position, pays: false, billed: false })
        })
    }

    /// Joins the window that is open, or begins a new one.
    fn join_window(&mut self, target: &CallTarget) -> BatchWindow {
        let open = self.window.as_ref().and_then(WeakShared::upgrade);
        self.last_joined = open.as_ref().map(|_| Instant::now());
        open.unwrap_or_else(|| {
            let window = open_window(target.clone());
            self.window = window.downgrade();
            self.batch = Batch::default();
            window
        })
    }
}

/// Where a call is made.
#[derive(Clone)]
struct CallTarget {
    coalescer: Arc<Coalescer>,
    aws: Arc<dyn Aws>,
    owner: Arc<Owner>,
    region: Region,
}

/// Waits for other requests, and on while no call may be made; then the window is closed.
fn open_window(target: CallTarget) -> BatchWindow {
    let window = async move {
        let started = Instant::now();
        sleep(FIRST_WAIT).await;
        while let Some(wait) = target.wait_for_more(started) {
            sleep(wait).await;
        }
        target.aws.wait_for_capacity(&target.region).await;
        target.dispatch(started.elapsed());
    };
    window.boxed().shared()
}

/// A call that is to be made, as soon as it is driven.
struct NewCall {
    call: GetMetricDataCall,
    asked_ms: i64,
    waiters: Waiters,
    charges: Charges,
}

/// How many requests wait for a call.
#[derive(Clone, Copy, PartialEq)]
enum Waiters {
    One,
    Several,
}

async fn run(target: CallTarget, new: NewCall, limit: Arc<Semaphore>) -> Arc<CallResult> {
    // Nobody closes the semaphore.
    let _permit = limit.acquire().await;
    let NewCall { call, asked_ms, waiters, charges } = new;
    let suspects = target.coalescer.lock().rejected.among(&target.owner, &call);
    let asked = bisect::fetch(&*target.aws, &call, &suspects).await;
    charges.settle(asked.billed, asked_ms);
    let mut state = target.coalescer.lock();
    state.rejected.note(&target.owner, &call, &asked);
    let BisectedCall { result, refused, .. } = asked;
    if let Ok(answer) = &result {
        state.buckets.store(&target.owner, &call, answer, asked_ms);
    }
    if waiters == Waiters::Several
        && let Some(queue) = target.queue(&mut state)
    {
        queue.shared_end = Some(Instant::now());
    }
    drop(state);
    Arc::new(CallResult { call, result, refused })
}
