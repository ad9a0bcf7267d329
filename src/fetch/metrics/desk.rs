//! Where requests order what they want of CloudWatch, and share it: what is kept is not asked, equal series are asked once, and
//! what is ordered within a few milliseconds of each other is asked together.
//!
//! Nothing runs by itself. A gathering and a call are futures that all who wait for them own together and drive; whoever is dropped
//! leaves the others alone, and with the last one the call is cancelled. The desk itself only knows them weakly.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::apart::{self, Asked, Rejected};
use super::batch::Batch;
use super::buckets::BucketCache;
use super::held::{Found, Reader, tail_life_ms};
use super::ticket::{Call, Given, Outcome, Seat, Ticket};
use crate::aws::Aws;
use crate::fetch::{AT_A_TIME, Owner, Source};
use crate::place::Region;
use crate::plan::call::{GetMetricDataCall, SeriesAsk};
use crate::plan::series::PlannedSeries;
use crate::query::Origin;

/// How long the first of a gathering waits for others: a browser sends the panels of a dashboard within a few milliseconds.
const ALONE: Duration = Duration::from_millis(3);

/// How long two or more wait for another one: Grafana hands on the panels of a dashboard one after the other.
const TOGETHER: Duration = Duration::from_millis(5);

/// Those who shared a call come back for more within so long: a browser asks for the next panel as soon as one is answered.
const RETURN: Duration = Duration::from_millis(10);

/// How long the first one waits at most, however many arrive.
const LONGEST: Duration = Duration::from_millis(15);

/// The order desk of the process.
#[derive(Default)]
pub struct Desk {
    state: Mutex<State>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("figures", &self.figures()).finish_non_exhaustive()
    }
}

/// What the desk has done since the process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Bytes that are kept now.
    pub bytes: usize,
    /// Points that were wanted and neither known nor on their way.
    pub asked_points: u64,
    /// All others that were wanted.
    pub saved_points: u64,
    /// Metrics on CloudWatch's bill.
    pub billed_metrics: u64,
    /// How often orders were gathered, and how long the first of each waited in all.
    pub gatherings: u64,
    pub gathering_ms: u64,
}

#[derive(Default)]
struct State {
    buckets: BucketCache,
    counters: HashMap<(Arc<Owner>, Region), Counter>,
    rejected: Rejected,
    figures: Figures,
    calls: u64,
}

/// What one owner does in one region.
struct Counter {
    gathering: Option<WeakShared<BoxFuture<'static, ()>>>,
    /// What the gathering has so far.
    batch: Batch<Seat>,
    /// When the last one joined those who were there.
    joined: Option<Instant>,
    /// When a call ended that several waited for.
    shared_end: Option<Instant>,
    flights: Vec<Flight>,
}

/// A call that runs.
struct Flight {
    id: u64,
    call: Option<WeakShared<BoxFuture<'static, Arc<Outcome>>>>,
    asked_ms: i64,
    range: Range<i64>,
    positions: HashMap<SeriesAsk, usize>,
}

impl Flight {
    fn of(id: u64, call: &GetMetricDataCall, asked_ms: i64) -> Self {
        let positions = call.asks.iter().cloned().enumerate().map(|(position, ask)| (ask, position)).collect();
        Self { id, call: None, asked_ms, range: call.start..call.end, positions }
    }

    /// The call, unless all who waited for it are gone.
    fn running(&self) -> Option<Call> {
        self.call.as_ref()?.upgrade()
    }
}

pub(super) type Gathering = Shared<BoxFuture<'static, ()>>;

/// One series as a request wants it.
pub(super) struct Wanted<'a> {
    pub series: &'a PlannedSeries,
    pub origin: Origin,
}

/// What a request gets for one series.
pub(super) struct Ordered {
    /// From the first wanted bucket.
    pub found: Found,
    pub way: Option<Way>,
}

/// Where the missing buckets come from.
pub(super) enum Way {
    /// A call that ran already.
    Flight(Given),
    /// What this request ordered, by the index in its ticket.
    Ticket(usize),
    /// The same, of what is asked for only where there is room.
    Spare(usize),
}

/// Everything that a request ordered in one region.
pub(super) struct Order {
    pub series: Vec<Ordered>,
    /// To be driven first: it fills the ticket.
    pub gathering: Option<Gathering>,
    pub ticket: Arc<Ticket>,
}

impl Ordered {
    /// The call that ran already and that answers this.
    pub(super) fn joined(&self) -> Option<&Given> {
        match &self.way {
            Some(Way::Flight(given)) => Some(given),
            Some(Way::Ticket(_) | Way::Spare(_)) | None => None,
        }
    }
}

impl Desk {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn figures(&self) -> Figures {
        let state = self.lock();
        Figures { bytes: state.buckets.bytes(), ..state.figures }
    }

    /// Takes what is kept, joins what runs, and orders the rest. Nothing is asked before the order is driven.
    pub(super) fn order(
        self: &Arc<Self>,
        source: &Source,
        region: &Region,
        wanted: &[Wanted<'_>],
        now_ms: i64,
    ) -> Order {
        let (aws, owner) = (Arc::clone(&source.aws), Arc::clone(&source.owner));
        let door = Door { desk: Arc::clone(self), aws, owner, region: region.clone() };
        let mut state = self.lock();
        let State { buckets, counters, figures, .. } = &mut *state;
        let counter = counter(counters, &source.owner, region);
        let mut columns = buckets.columns(&source.owner, region, now_ms);
        let ticket = Arc::new(Ticket::default());
        let mut gathering = None;
        let mut series = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let planned = wanted.series;
            let reader = Reader { origin: wanted.origin, now_ms };
            let found = columns.read(&planned.ask, &(planned.first..planned.last), reader);
            let way = found.missing.clone().map(|missing| {
                if let Some(joined) = counter.join(&planned.ask, &missing, reader) {
                    return Way::Flight(joined);
                }
                let (first, last) = (missing.start, missing.end);
                let seat = ticket.add_seat();
                let index = seat.index;
                gathering.get_or_insert_with(|| counter.gathering(&door));
                counter.batch.add(PlannedSeries { first, last, ..planned.clone() }, seat, now_ms);
                if planned.is_spare { Way::Spare(index) } else { Way::Ticket(index) }
            });
            figures.count(&found, way.as_ref(), planned);
            series.push(Ordered { found, way });
        }
        Order { series, gathering, ticket }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door {
    /// How much longer a gathering is worth keeping open; None when it is over.
    fn wait_for_more(&self, started: Instant) -> Option<Duration> {
        let mut state = self.desk.lock();
        let Counter { joined, shared_end, .. } = self.counter(&mut state)?;
        let open_until = joined.map(|joined| joined + TOGETHER).max(shared_end.map(|end| end + RETURN))?;
        let wait = open_until.min(started + LONGEST).saturating_duration_since(Instant::now());
        (!wait.is_zero()).then_some(wait)
    }

    fn counter<'a>(&self, state: &'a mut State) -> Option<&'a mut Counter> {
        state.counters.get_mut(&(Arc::clone(&self.owner), self.region.clone()))
    }

    /// Ends the gathering: packs it and hands out the calls, which run as soon as somebody drives them.
    fn hand_out(&self, waited: Duration) {
        let mut state = self.desk.lock();
        let State { counters, figures, calls: ids, .. } = &mut *state;
        let Some(counter) = counters.get_mut(&(Arc::clone(&self.owner), self.region.clone())) else { return };
        counter.gathering = None;
        let mut batch = std::mem::take(&mut counter.batch);
        batch.retain(Seat::is_taken);
        let asked_ms = batch.now_ms();
        let (calls, slots) = batch.pack();
        let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(region = %self.region, calls = calls.len(), series = slots.len(), waited_ms, "orders gathered");
        figures.gatherings += 1;
        figures.gathering_ms += waited_ms;
        let mut running = Vec::with_capacity(calls.len());
        let waiters = if counter.joined.is_some() { Waiters::Several } else { Waiters::One };
        let line = Arc::new(Semaphore::new(AT_A_TIME));
        for call in calls {
            *ids += 1;
            let mut flight = Flight::of(*ids, &call, asked_ms);
            let future = run(self.clone(), Departure { call, asked_ms, waiters }, Arc::clone(&line)).boxed().shared();
            flight.call = future.downgrade();
            counter.flights.push(flight);
            running.push((*ids, future));
        }
        for (slot, seats) in slots {
            figures.billed_metrics += u64::from(slot.billed);
            let Some((id, call)) = running.get(slot.call) else { continue };
            for (index, seat) in seats.iter().enumerate() {
                let pays = index == 0;
                let billed = slot.billed && pays;
                seat.give(Given { id: *id, call: call.clone(), position: slot.position, pays, billed });
            }
        }
    }
}

/// The counter of an owner and region; those at which nobody waits are closed when a new one opens.
fn counter<'a>(
    counters: &'a mut HashMap<(Arc<Owner>, Region), Counter>,
    owner: &Arc<Owner>,
    region: &Region,
) -> &'a mut Counter {
    let key = (Arc::clone(owner), region.clone());
    if !counters.contains_key(&key) {
        counters.retain(|_, counter| counter.is_busy());
    }
    let counter = counters.entry(key).or_insert_with(|| Counter {
        gathering: None,
        batch: Batch::default(),
        joined: None,
        shared_end: None,
        flights: Vec::new(),
    });
    counter.flights.retain(|flight| flight.running().is_some());
    counter
}

impl Counter {
    fn is_busy(&self) -> bool {
        self.gathering.as_ref().is_some_and(|gathering| gathering.upgrade().is_some())
            || self.flights.iter().any(|flight| flight.running().is_some())
    }

    /// A call that runs and will know all these buckets, as fresh as the reader may have them.
    fn join(&self, ask: &SeriesAsk, missing: &Range<i64>, reader: Reader) -> Option<Given> {
        let is_fresh = |flight: &&Flight| match reader.origin {
            Origin::Panel => (reader.now_ms - flight.asked_ms).abs() <= tail_life_ms(ask.period),
            // An alert wants buckets that were closed when they were asked for.
            Origin::Alert => flight.asked_ms >= missing.end * 1000,
        };
        let covers = |flight: &&Flight| flight.range.start <= missing.start && missing.end <= flight.range.end;
        self.flights.iter().filter(covers).filter(is_fresh).find_map(|flight| {
            let position = *flight.positions.get(ask)?;
            let call = flight.running()?;
            Some(Given { id: flight.id, call, position, pays: false, billed: false })
        })
    }

    /// Joins the gathering that is open, or begins a new one.
    fn gathering(&mut self, door: &Door) -> Gathering {
        let open = self.gathering.as_ref().and_then(WeakShared::upgrade);
        self.joined = open.as_ref().map(|_| Instant::now());
        open.unwrap_or_else(|| {
            let gathering = gather(door.clone());
            self.gathering = gathering.downgrade();
            self.batch = Batch::default();
            gathering
        })
    }
}

impl Figures {
    fn count(&mut self, found: &Found, way: Option<&Way>, planned: &PlannedSeries) {
        let is_ordered = matches!(way, Some(Way::Ticket(_) | Way::Spare(_)));
        let asked = if is_ordered { found.missing_points(planned.ask.period) } else { 0 };
        self.asked_points += asked;
        self.saved_points += planned.points().saturating_sub(asked);
    }
}

/// Where a call is made.
#[derive(Clone)]
struct Door {
    desk: Arc<Desk>,
    aws: Arc<dyn Aws>,
    owner: Arc<Owner>,
    region: Region,
}

/// Waits for others, and on while no call may be made, then has the calls handed out.
fn gather(door: Door) -> Gathering {
    let gathering = async move {
        let started = Instant::now();
        sleep(ALONE).await;
        while let Some(wait) = door.wait_for_more(started) {
            sleep(wait).await;
        }
        door.aws.room(&door.region).await;
        door.hand_out(started.elapsed());
    };
    gathering.boxed().shared()
}

/// A call that is to be made.
struct Departure {
    call: GetMetricDataCall,
    asked_ms: i64,
    waiters: Waiters,
}

/// How many requests a call was gathered from.
#[derive(Clone, Copy, PartialEq)]
enum Waiters {
    One,
    Several,
}

async fn run(door: Door, departure: Departure, line: Arc<Semaphore>) -> Arc<Outcome> {
    // Nobody closes the semaphore.
    let _place = line.acquire().await;
    let Departure { call, asked_ms, waiters } = departure;
    let suspects = door.desk.lock().rejected.among(&door.owner, &call);
    let asked = apart::ask(&*door.aws, &call, &suspects).await;
    let mut state = door.desk.lock();
    state.rejected.note(&door.owner, &call, &asked);
    let Asked { result, refused } = asked;
    if let Ok(answer) = &result {
        state.buckets.store(&door.owner, &call, answer, asked_ms);
    }
    if waiters == Waiters::Several
        && let Some(counter) = door.counter(&mut state)
    {
        counter.shared_end = Some(Instant::now());
    }
    drop(state);
    Arc::new(Outcome { call, result, refused })
}
