//! Descriptions of applications, each a call of its own to a service that admits a few calls a second.
//!
//! So a fleet is described in as many seconds as nobody should wait, and three things keep the calls few. A description
//! holds on while the list of applications, 50 of them a call, has the same version and status. Where a few
//! applications may not be described, the others of the place are taken for the same. And tables do not wait for all:
//! the cache itself describes one application after the other, for all who ask, and goes on when they have left.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{join_all, ready};
use futures::stream::{self, StreamExt};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

use super::cache::DESCRIPTION_LIFE;
use super::end_of_wait;
use super::share::{REFRESH_LIMIT, Shared, or_stale};
use super::silence::unless_silent;
use super::ttl_cache::{Entry, Lookup, OwnerCache};
use crate::aws::DESCRIBE_APPLICATION;
use crate::failure::{CallError, CallErrorKind};
use crate::fetch::{AT_A_TIME, Source, Upstream};
use crate::model::application::{ApplicationStatus, Description, ListSource};
use crate::place::{Account, ApplicationName, Place, Region};
use crate::plan::facts::{MaxWait, Needs};

type Key = (Place, ApplicationName);

/// An application that is to be described. While others are, its entry may expire, or be evicted: so it is held.
type Awaited = (Key, Arc<Entry<Arc<Description>>>);

/// How long is waited where no number rests on descriptions. Kinesis Analytics answers within a fraction of it.
const SHORT: Duration = Duration::from_secs(1);

/// So many denials of a place stand for all.
const TRIES: usize = 3;

/// How long a description holds that the list confirms: autoscaling changes the parallelism under the same version.
const CONFIRMED_LIFE: Duration = Duration::from_secs(300);

/// The description of an application as a query would have it at once. Nothing is called.
pub fn known_description(source: &Source, place: &Place, name: &ApplicationName) -> Option<Arc<Description>> {
    match look(&source.upstream(), &(place.clone(), name.clone())) {
        Lookup::Fresh(result) => result.ok(),
        Lookup::Aging(value, _) => Some(value),
        Lookup::Missing(_) => None,
    }
}

/// Everything that is wanted, or why it is not there.
pub(super) async fn fetch(source: &Source, needs: &Needs) -> Vec<(Key, Shared<Arc<Description>>)> {
    let upstream = source.upstream();
    let denials = Denials::seen(&upstream, &needs.descriptions);
    let (mut known, mut missing, mut aging) = (Vec::new(), Vec::new(), Vec::new());
    for key in &needs.descriptions {
        match look(&upstream, key) {
            Lookup::Fresh(result) => known.push((key.clone(), result)),
            Lookup::Aging(value, entry) => {
                aging.extend(entry.map(|entry| (key.clone(), entry)));
                known.push((key.clone(), Ok(value)));
            }
            Lookup::Missing(entry) => missing.push((key.clone(), entry)),
        }
    }
    if !aging.is_empty() {
        let (upstream, denials) = (upstream.clone(), denials.clone());
        source.cache.refresh(async move { describe_all(&upstream, aging, &denials).await });
    }
    known.extend(describe_missing(source, needs.max_wait, missing, denials).await);
    let or_stale = |(key, result)| {
        let shared = or_stale(cache(&upstream), &key, result);
        (key, shared)
    };
    known.into_iter().map(or_stale).collect()
}

/// The same for whoever wants them next.
pub(super) fn fetch_in_background(source: &Source, needs: &Needs) {
    let upstream = source.upstream();
    let denials = Denials::seen(&upstream, &needs.descriptions);
    let missing = |key: &Key| match look(&upstream, key) {
        Lookup::Missing(entry) => Some((key.clone(), entry)),
        Lookup::Fresh(_) | Lookup::Aging(..) => None,
    };
    let missing: Vec<Awaited> = needs.descriptions.iter().filter_map(missing).collect();
    if !missing.is_empty() {
        source.cache.refresh(async move { describe_all(&upstream, missing, &denials).await });
    }
}

type Described = Result<Arc<Description>, CallError>;

/// What became of each within the time that there is for it.
async fn describe_missing(
    source: &Source,
    max_wait: MaxWait,
    missing: Vec<Awaited>,
    denials: Denials,
) -> Vec<(Key, Described)> {
    let upstream = source.upstream();
    if let Some(end) = end_of_wait(source, max_wait, missing.len()) {
        describe_in_background(source, missing.clone(), denials, end).await;
        return results(missing, CallError::in_background);
    }
    if max_wait == MaxWait::Short {
        describe_in_background(source, missing.clone(), denials, source.deadline.min(Instant::now() + SHORT)).await;
        return results(missing, |operation, region| upstream.aws.late(operation, region));
    }
    let mut describing = pin!(describe_all(&upstream, missing.clone(), &denials));
    // What has no answer by then is told, and what it waits for is seen while it still waits.
    let _ = timeout_at(source.deadline, describing.as_mut()).await;
    results(missing, |operation, region| upstream.aws.late(operation, region))
}

/// `absent` is why there is no answer yet.
fn results(awaited: Vec<Awaited>, absent: impl Fn(&'static str, &Region) -> CallError) -> Vec<(Key, Described)> {
    let result = |(key, entry): Awaited| {
        let result = entry.result().unwrap_or_else(|| Err(absent(DESCRIBE_APPLICATION, &key.0.region)));
        (key, result)
    };
    awaited.into_iter().map(result).collect()
}

/// Describes all, and waits until then only: where nothing older is known, until many are there.
async fn describe_in_background(source: &Source, missing: Vec<Awaited>, denials: Denials, end_of_wait: Instant) {
    let upstream = source.upstream();
    let must_wait = missing.iter().any(|(key, _)| cache(&upstream).stale(key).is_none_or(|stale| stale.is_old));
    let (ended, end) = oneshot::channel();
    let describing = async move {
        describe_all(&upstream, missing, &denials).await;
        // The table may have left.
        let _ = ended.send(());
    };
    if source.cache.refresh(describing) && must_wait {
        // Either way, what is known by then is shown.
        let _ = timeout_at(end_of_wait, end).await;
    }
}

/// Describes one application after the other, a few at a time. Where the first of a place are all denied the others are
/// taken for the same, until they are tried again; others are tried first then.
async fn describe_all(upstream: &Upstream, all: Vec<Awaited>, denials: &Denials) {
    let mut of_places: BTreeMap<Place, Vec<Awaited>> = BTreeMap::new();
    for (key, entry) in all {
        of_places.entry(key.0.clone()).or_default().push((key, entry));
    }
    join_all(of_places.into_iter().map(|(place, all)| describe_place(upstream, all, denials.of(&place)))).await;
}

async fn describe_place(upstream: &Upstream, mut all: Vec<Awaited>, denial: Denial) {
    let (tries, at_a_time) = match denial {
        Denial::OfNobody => (usize::MAX, AT_A_TIME),
        Denial::Unknown => (TRIES, AT_A_TIME),
        Denial::OfAll => (1, 1),
    };
    let first = upstream.facts.next_probe(tries.min(TRIES)) % all.len().max(1);
    all.rotate_left(first);
    let describe = |awaited: Awaited| async move { describe(upstream, &awaited).await };
    let mut describing = stream::iter(all.clone()).map(describe).buffer_unordered(at_a_time);
    let mut refusals = 0;
    while let Some(described) = describing.next().await {
        let Some(error) = denied(&described) else {
            // The rest is tried, each for itself.
            describing.for_each(|_| ready(())).await;
            break;
        };
        refusals += 1;
        if refusals == tries {
            drop(describing);
            all.iter().for_each(|(_, entry)| entry.set(Err(error.clone())));
            break;
        }
    }
}

fn denied<T>(result: &Result<T, CallError>) -> Option<CallError> {
    result.as_ref().err().filter(|error| error.kind == CallErrorKind::AccessDenied).cloned()
}

/// Where the last answers about applications were all refusals.
#[derive(Clone, Default)]
struct Denials(BTreeMap<Place, Denial>);

#[derive(Clone, Copy)]
enum Denial {
    OfNobody,
    OfAll,
    Unknown,
}

impl Denials {
    fn seen(upstream: &Upstream, keys: &BTreeSet<Key>) -> Self {
        let mut denials = Self::default();
        for key in keys {
            let denial = match cache(upstream).last(key) {
                Some(Ok(_)) => Denial::OfNobody,
                Some(Err(error)) if error.kind == CallErrorKind::AccessDenied => Denial::OfAll,
                Some(Err(_)) | None => Denial::Unknown,
            };
            let of_place = denials.0.entry(key.0.clone()).or_insert(denial);
            *of_place = match (*of_place, denial) {
                (Denial::OfNobody, _) | (_, Denial::OfNobody) => Denial::OfNobody,
                (Denial::OfAll, _) | (_, Denial::OfAll) => Denial::OfAll,
                (Denial::Unknown, Denial::Unknown) => Denial::Unknown,
            };
        }
        denials
    }

    fn of(&self, place: &Place) -> Denial {
        self.0.get(place).copied().unwrap_or(Denial::Unknown)
    }
}

/// Describes an application, unless another request does or has done.
async fn describe(upstream: &Upstream, (key, entry): &Awaited) -> Described {
    let described = timeout(REFRESH_LIMIT, entry.fill(fetch_description(upstream, key))).await;
    described.unwrap_or_else(|_| Err(upstream.aws.late(DESCRIBE_APPLICATION, &key.0.region)))
}

async fn fetch_description(upstream: &Upstream, (place, name): &Key) -> Result<Arc<Description>, CallError> {
    match &place.account {
        // Of all accounts, the own one can be described; a name that it does not know belongs to a linked one.
        Account::Own | Account::All => {
            let call = upstream.aws.describe_application(&place.region, name);
            unless_silent(upstream, DESCRIBE_APPLICATION, &place.region, call).await.map(Arc::new)
        }
        Account::Linked(_) => Err(CallError::own_account_only(DESCRIBE_APPLICATION, &place.region)),
    }
}

fn look(upstream: &Upstream, key: &Key) -> Lookup<Arc<Description>> {
    cache(upstream).look_if_confirmed(key, |description| confirmed_life(upstream, &key.0, description))
}

/// How much longer a description holds because the list has the application as it was.
fn confirmed_life(upstream: &Upstream, place: &Place, description: &Description) -> Duration {
    let is_confirmed = || {
        let list = upstream.facts.lists.of(&upstream.owner).stale(place).filter(|list| !list.is_old)?.value;
        let listed = list.applications.get(&description.name)?;
        let is_settled = matches!(description.status, ApplicationStatus::Running | ApplicationStatus::Ready);
        let is_same =
            listed.status.as_ref() == Some(&description.status) && listed.version == Some(description.version);
        (list.source == ListSource::ListApplications && is_settled && is_same).then_some(())
    };
    is_confirmed().map_or(Duration::ZERO, |()| CONFIRMED_LIFE - DESCRIPTION_LIFE)
}

fn cache(upstream: &Upstream) -> OwnerCache<'_, Key, Arc<Description>> {
    upstream.facts.descriptions.of(&upstream.owner)
}
