//! The series of all applications of a place in one scan through ListMetrics.
//!
//! A page has 500 series, whosever they are; asked for one by one, every application costs a page at least. So a fleet
//! is scanned together, and a few applications of many are not. The surprise: a scan is one page after the other,
//! because each page brings the token of the next, and yet is hardly slower than many calls side by side: both go at
//! the rate that AWS admits.
//!
//! In which order the pages bring the series is not documented, so that nothing is known of any application before the
//! last one. A scan belongs to nobody: the cache itself makes it, and goes on when those who wait for it have left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::share::{self, REFRESH_LIMIT, Shared};
use crate::aws::{LIST_METRICS, ListMetricsAsk, Recency};
use crate::failure::CallError;
use crate::fetch::{Source, Upstream};
use crate::model::series::{Freshness, MetricSeries};
use crate::place::{ApplicationName, Place};
use crate::plan::facts::Needs;
use crate::topology::inventory::Inventory;

/// Fewer applications are asked for one by one.
const MANY: usize = 10;

/// More than 300,000 series at twelve pages a second. One that takes longer is given up: asked for one by one, the
/// applications come in as they are answered.
const SCAN_LIMIT: Duration = REFRESH_LIMIT.saturating_sub(Duration::from_secs(1));

/// So long, or two thirds of his time, who needs all applications waits for a scan, and then asks for them one by one:
/// several calls at a time are faster where each of them takes long. Those of 1,000 applications take 16 seconds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Of what a scan did not find so short a while ago there is still nothing.
const JUST_NOW: Duration = Duration::from_secs(10);

/// What a scan found.
#[derive(Debug)]
pub(super) enum NamespaceScan {
    /// All series with recent data, by application, as they were at that time.
    Done(BTreeMap<ApplicationName, Arc<Inventory>>, Instant),
    TooLong,
}

impl NamespaceScan {
    pub(super) fn inventory(&self, name: &ApplicationName) -> Option<Arc<Inventory>> {
        match self {
            Self::Done(inventories, _) => inventories.get(name).cloned(),
            Self::TooLong => None,
        }
    }

    pub(super) fn inventories(&self) -> impl Iterator<Item = &Arc<Inventory>> {
        let found = match self {
            Self::Done(inventories, _) => Some(inventories.values()),
            Self::TooLong => None,
        };
        found.into_iter().flatten()
    }

    /// How an application that the scan does not have is to be asked for. It may have begun to publish since.
    pub(super) fn left_to_ask(&self) -> &'static [Recency] {
        match self {
            Self::Done(_, at) if at.elapsed() < JUST_NOW => &[Recency::TwoWeeks],
            Self::Done(..) | Self::TooLong => &[Recency::ThreeHours, Recency::TwoWeeks],
        }
    }
}

/// The scans that a query wants.
pub(super) struct Scans {
    pub(super) places: BTreeSet<Place>,
    /// They are waited for until then.
    pub(super) until: Instant,
}

/// Of the places of which most applications are wanted, as far as their lists are known.
pub(super) fn worthwhile(source: &Source, needs: &Needs) -> Scans {
    let mut wanted: BTreeMap<&Place, usize> = BTreeMap::new();
    for (place, _) in &needs.inventories {
        *wanted.entry(place).or_default() += 1;
    }
    let is_most = |place: &Place, wanted: usize| {
        // An old list is good enough to count by.
        let list = source.cache.facts.lists.of(&source.owner).stale(place);
        list.is_some_and(|list| wanted * 2 >= list.value.applications.len())
    };
    let many = wanted.into_iter().filter(|(place, wanted)| *wanted >= MANY && is_most(place, *wanted));
    let patience = PATIENCE.min(source.owner.request_timeout * 2 / 3);
    Scans {
        places: many.map(|(place, _)| place.clone()).collect(),
        until: source.deadline.min(Instant::now() + patience),
    }
}

/// The application's part of a scan that was made a short while ago.
pub(super) fn known(upstream: &Upstream, place: &Place, name: &ApplicationName) -> Option<Arc<Inventory>> {
    upstream.facts.scans.of(&upstream.owner).known(place)?.inventory(name)
}

/// The scan of a place, or why there is none at `until`.
pub(super) async fn fetch(source: &Source, place: &Place, until: Instant) -> Shared<Arc<NamespaceScan>> {
    let scan = || {
        let (upstream, of) = (source.upstream(), place.clone());
        async move { scan(&upstream, &of).await }
    };
    let scans = source.cache.facts.scans.of(&source.owner);
    share::begin(source, scans, place, scan());
    let source = &Source { deadline: until, ..source.clone() };
    share::share(source, scans, place, LIST_METRICS, &place.region, scan()).await
}

/// Whether a scan of the place is on its way.
pub(super) fn is_running(source: &Source, place: &Place) -> bool {
    source.cache.facts.scans.of(&source.owner).fresh(place).is_none()
}

async fn scan(upstream: &Upstream, place: &Place) -> Result<Arc<NamespaceScan>, CallError> {
    let ask = ListMetricsAsk { place: place.clone(), application: None, metric: None, recency: Recency::ThreeHours };
    match timeout(SCAN_LIMIT, upstream.aws.list_metrics(&ask)).await {
        Ok(series) => Ok(Arc::new(NamespaceScan::Done(by_application(series?), Instant::now()))),
        Err(_) => Ok(Arc::new(NamespaceScan::TooLong)),
    }
}

fn by_application(series: Vec<MetricSeries>) -> BTreeMap<ApplicationName, Arc<Inventory>> {
    let mut of: BTreeMap<ApplicationName, Vec<MetricSeries>> = BTreeMap::new();
    for series in series {
        if let Some(name) = series.dimensions.get("Application") {
            of.entry(ApplicationName::new(Arc::clone(name))).or_default().push(series);
        }
    }
    let inventory = |mut series: Vec<MetricSeries>| {
        series.shrink_to_fit();
        Arc::new(Inventory::new(series, Freshness::RecentlyActive))
    };
    of.into_iter().map(|(name, series)| (name, inventory(series))).collect()
}
