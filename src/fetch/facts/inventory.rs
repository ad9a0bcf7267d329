//! The series of an application: out of a scan of all of its place, or asked for alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::time::timeout;

use super::cache::SILENCE_LIFE;
use super::namespace_scan;
use super::share::{REFRESH_LIMIT, Shared, share};
use super::ttl_cache::Lookup;
use crate::aws::{LIST_METRICS, ListMetricsAsk};
use crate::failure::CallError;
use crate::fetch::{Source, Upstream};
use crate::model::series::{Freshness, Recency};
use crate::place::{ApplicationName, Place};
use crate::topology::inventory::Inventory;

/// What is active is found with fewer pages.
const ALL: &[Recency] = &[Recency::ThreeHours, Recency::TwoWeeks];

/// `scanned` are the places of which all series are read together.
pub(super) async fn fetch(
    source: &Source,
    (place, name): (Place, ApplicationName),
    scanned: &BTreeSet<Place>,
) -> Shared<Arc<Inventory>> {
    if scanned.contains(&place) {
        return scanned_inventory(source, &place, &name).await;
    }
    match namespace_scan::known(&source.upstream(), &place, &name) {
        Some(inventory) => (Ok(inventory), None),
        None => share_inventory(source, &place, &name, ALL).await,
    }
}

/// As [`fetch`] of one application, for whoever wants it next.
pub(super) fn fetch_in_background(source: &Source, key: &(Place, ApplicationName)) {
    if known(source, key).is_some() {
        return;
    }
    if let Lookup::Missing(entry) = source.cache.facts.inventories.of(&source.owner).look(key) {
        let (upstream, (place, name)) = (source.upstream(), key.clone());
        source.cache.refresh(async move {
            let fetch = fetch_inventory(&upstream, &place, &name, ALL);
            // Whoever looks next sees what came of it.
            let _ = timeout(REFRESH_LIMIT, entry.fill(fetch)).await;
        });
    }
}

/// The series if they were fetched a short while ago. Nothing is called.
pub(super) fn known(source: &Source, key: &(Place, ApplicationName)) -> Option<Arc<Inventory>> {
    let known = source.cache.facts.inventories.of(&source.owner).known(key);
    known.or_else(|| namespace_scan::known(&source.upstream(), &key.0, &key.1))
}

/// One application's part of the scan; those that it does not have, or all where it was too long, are asked for alone.
async fn scanned_inventory(source: &Source, place: &Place, name: &ApplicationName) -> Shared<Arc<Inventory>> {
    let (upstream, of) = (source.upstream(), place.clone());
    let fetch = async move { namespace_scan::fetch(&upstream, &of).await };
    let scans = source.cache.facts.scans.of(&source.owner);
    let (scan, stale) = share(source, scans, place, LIST_METRICS, &place.region, fetch).await;
    let scan = match scan {
        Ok(scan) => scan,
        Err(error) => return (Err(error), stale),
    };
    match scan.inventory(name) {
        Some(inventory) => (Ok(inventory), stale),
        None => share_inventory(source, place, name, scan.left_to_ask()).await,
    }
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
