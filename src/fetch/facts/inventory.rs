//! The series of an application: out of a scan of all of its place, or asked for alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use tokio::time::{Instant, timeout};

use super::cache::SILENCE_LIFE;
use super::namespace_scan::{self, Scans};
use super::share::{REFRESH_LIMIT, Shared, share};
use super::ttl_cache::{Entry, Lookup};
use super::{Answered, each, end_of_wait};
use crate::aws::{LIST_METRICS, ListMetricsAsk};
use crate::failure::{CallError, CallErrorKind, Cause};
use crate::fetch::{AT_A_TIME, Source, Upstream};
use crate::model::series::{Freshness, Recency};
use crate::place::{ApplicationName, Place};
use crate::plan::facts::Needs;
use crate::topology::inventory::Inventory;

/// What is active is found with fewer pages.
const ALL: &[Recency] = &[Recency::ThreeHours, Recency::TwoWeeks];

type Key = (Place, ApplicationName);

/// Everything that is wanted, or why it is not there.
pub(super) async fn fetch(source: &Source, needs: &Needs) -> Answered<Key, Inventory> {
    let end = end_of_wait(source, needs.max_wait, needs.inventories.len());
    let source = &Source { deadline: end.unwrap_or(source.deadline), ..source.clone() };
    let scans = namespace_scan::worthwhile(source, needs);
    let mut answered = each(&needs.inventories, |key| fetch_one(source, key, &scans)).await;
    if end.is_none() {
        return answered;
    }
    let mut late = BTreeSet::new();
    for (key, (result, outdated)) in &mut answered {
        let why = result.as_mut().err().or(outdated.as_mut().map(|outdated| &mut outdated.why));
        if let Some(error) = why.filter(|error| Instant::now() >= source.deadline && is_late(error)) {
            let server = std::mem::take(&mut error.context.server);
            *error = CallError::in_background(LIST_METRICS, &key.0.region);
            // One that has been silent for a while is told.
            error.context.server = server;
            late.insert(key.clone());
        }
    }
    // A scan goes on by itself, and is all that there is to ask of most.
    late.retain(|(place, _)| !scans.places.contains(place) || !namespace_scan::is_running(source, place));
    fetch_in_background(source, &late);
    answered
}

fn is_late(error: &CallError) -> bool {
    error.kind == CallErrorKind::Timeout || error.context.cause == Cause::OwnLimits
}

async fn fetch_one(source: &Source, (place, name): Key, scans: &Scans) -> Shared<Arc<Inventory>> {
    if scans.places.contains(&place) {
        return scanned_inventory(source, (&place, &name), scans.until).await;
    }
    match namespace_scan::known(&source.upstream(), &place, &name) {
        Some(inventory) => (Ok(inventory), None),
        None => share_inventory(source, &place, &name, ALL).await,
    }
}

/// The same for whoever wants them next.
pub(super) fn fetch_in_background(source: &Source, keys: &BTreeSet<Key>) {
    let inventories = source.cache.facts.inventories.of(&source.owner);
    let unclaimed = |key: &Key| match inventories.look(key) {
        Lookup::Missing(entry) if entry.claim() => Some((key.clone(), entry)),
        Lookup::Missing(_) | Lookup::Fresh(_) | Lookup::Aging(..) => None,
    };
    let unknown = keys.iter().filter(|key| known(source, key).is_none());
    let all: Vec<_> = unknown.filter_map(unclaimed).collect();
    if all.is_empty() {
        return;
    }
    let upstream = source.upstream();
    source.cache.refresh(async move {
        let fetch = async |((place, name), entry): (Key, Arc<Entry<_>>)| {
            // Whoever looks next sees what came of it.
            let _ = timeout(REFRESH_LIMIT, entry.fill(fetch_inventory(&upstream, &place, &name, ALL))).await;
        };
        stream::iter(all).for_each_concurrent(AT_A_TIME, fetch).await;
    });
}

/// The series if they were fetched a short while ago. Nothing is called.
pub(super) fn known(source: &Source, key: &(Place, ApplicationName)) -> Option<Arc<Inventory>> {
    let known = source.cache.facts.inventories.of(&source.owner).known(key);
    known.or_else(|| namespace_scan::known(&source.upstream(), &key.0, &key.1))
}

/// One application's part of the scan; those that it does not have, or all where it takes too long, are asked for alone.
async fn scanned_inventory(
    source: &Source,
    (place, name): (&Place, &ApplicationName),
    until: Instant,
) -> Shared<Arc<Inventory>> {
    let (scan, stale) = namespace_scan::fetch(source, place, until).await;
    let left_to_ask = match scan {
        Ok(scan) => match scan.inventory(name) {
            Some(inventory) => return (Ok(inventory), stale),
            None => scan.left_to_ask(),
        },
        Err(error) if until == source.deadline || Instant::now() < until => return (Err(error), stale),
        Err(_) => ALL,
    };
    share_inventory(source, place, name, left_to_ask).await
}

async fn share_inventory(
    source: &Source,
    place: &Place,
    name: &ApplicationName,
    recencies: &'static [Recency],
) -> Shared<Arc<Inventory>> {
    let key = (place.clone(), name.clone());
    let (upstream, of) = (source.upstream(), key.clone());
    let fetch = async move { fetch_inventory(&upstream, &of.0, &of.1, recencies).await };
    let is_silent = |inventory: &Arc<Inventory>| inventory.freshness == Freshness::Stale && runs(source, place, name);
    let inventories = source.cache.facts.inventories.of(&source.owner);
    inventories.renew_after(&key, SILENCE_LIFE, is_silent);
    share(source, inventories, &key, LIST_METRICS, &place.region, fetch).await
}

/// Whether the last list has an application as one that should publish.
fn runs(source: &Source, place: &Place, name: &ApplicationName) -> bool {
    let list = source.cache.facts.lists.of(&source.owner).stale(place);
    let status = list.and_then(|list| list.value.applications.get(name)?.status.clone());
    status.is_some_and(|status| status.is_active())
}

/// The series of an application in the first of the spans that has any.
async fn fetch_inventory(
    upstream: &Upstream,
    place: &Place,
    name: &ApplicationName,
    recencies: &[Recency],
) -> Result<Arc<Inventory>, CallError> {
    for recency in recencies {
        let ask =
            ListMetricsAsk { place: place.clone(), application: Some(name.clone()), metric: None, recency: *recency };
        let series = upstream.aws.list_metrics(&ask).await?;
        if !series.is_empty() {
            let freshness = match recency {
                Recency::ThreeHours => Freshness::RecentlyActive,
                Recency::TwoWeeks => Freshness::Stale,
            };
            return Ok(Arc::new(Inventory::new(series, freshness)));
        }
    }
    Ok(Arc::new(Inventory::new(Vec::new(), Freshness::Stale)))
}
