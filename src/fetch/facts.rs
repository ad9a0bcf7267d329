//! Facts that planning asked for.

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::Hash;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, Stream, StreamExt};
use tokio::time::Instant;

use super::cache::{Look, SILENCE_LIFE, Shelf};
use super::queue;
use super::walk;
use super::{AT_A_TIME, Source, in_time};
use crate::aws::{DESCRIBE_APPLICATION, GET_CALLER_IDENTITY, LIST_APPLICATIONS, LIST_METRICS, ListMetricsAsk, Recency};
use crate::failure::{CallError, CallErrorKind};
use crate::place::{Account, AccountId, ApplicationName, Place, Region};
use crate::plan::facts::{
    ApplicationList, ApplicationSummary, Description, Facts, Freshness, Inventory, ListSource, MetricSeries, Names,
    Needs,
};

/// A metric that every running application has at the level of the application, whatever its runtime: listing this one finds them
/// all with one series each.
pub(crate) const METRIC_OF_ALL: &str = "cpuUtilization";

/// Fetches all facts that `needs` names, from the cache where it has them. A fact that cannot be had is there with its error.
pub async fn facts(source: &Source, needs: &Needs) -> Facts {
    let lists = needs.lists.iter().cloned().map(Fetch::List);
    let walked = walk::worthwhile(source, needs);
    let inventory = |(place, name)| match walked.contains(&place) {
        true => Fetch::WalkedInventory(place, name),
        false => Fetch::Inventory(place, name),
    };
    let inventories = needs.inventories.iter().cloned().map(inventory);
    let published = needs.published.iter().cloned().map(|(place, recency)| Fetch::Published(place, recency));
    let (queued, descriptions) = match queue::is_worthwhile(source, needs) {
        true => (needs.descriptions.clone(), BTreeSet::new()),
        false => (BTreeSet::new(), needs.descriptions.clone()),
    };
    let descriptions = descriptions.into_iter().map(|(place, name)| Fetch::Description(place, name));
    let queued = stream::once(queue::describe(source, queued)).flat_map(stream::iter);
    // Each service has its own limits: what waits for the one must not hold up the other.
    let kinesis_analytics = stream::select(at_a_time(source, lists.chain(descriptions).collect()), queued);
    let mut fetched =
        pin!(stream::select(kinesis_analytics, at_a_time(source, published.chain(inventories).collect())));
    let mut facts = Facts::default();
    while let Some((fact, stale)) = fetched.next().await {
        facts.stale.extend(stale);
        match fact {
            Fact::List(place, result) => {
                let result = result.map_err(|error| error.of(&place.account));
                facts.lists.insert(place, result);
            }
            Fact::Inventory(key, result) => {
                let result = result.map_err(|error| error.of(&key.0.account));
                facts.inventories.insert(key, result);
            }
            Fact::Published(key, result) => {
                let result = result.map_err(|error| error.of(&key.0.account));
                facts.published.insert(key, result);
            }
            Fact::Description(key, result) => {
                facts.descriptions.insert(key, result);
            }
        }
    }
    facts
}

fn at_a_time(source: &Source, fetches: Vec<Fetch>) -> impl Stream<Item = Fetched> {
    stream::iter(fetches).map(move |fetch| fetch_one(source, fetch)).buffer_unordered(AT_A_TIME)
}

/// Those of the facts that were fetched a short while ago. Nothing is called.
pub fn known_facts(source: &Source, needs: &Needs) -> Facts {
    let cache = &source.cache;
    let key = |(place, name): &(Place, ApplicationName)| (Arc::clone(&source.owner), place.clone(), name.clone());
    let list = |place: &Place| {
        let list = cache.lists.known(&(Arc::clone(&source.owner), place.clone()))?;
        Some((place.clone(), Ok(list)))
    };
    let inventory = |of: &(Place, ApplicationName)| {
        let known = cache.inventories.known(&key(of)).or_else(|| walk::known(source, &of.0, &of.1));
        Some((of.clone(), Ok(known?)))
    };
    let description = |of: &(Place, ApplicationName)| Some((of.clone(), Ok(cache.descriptions.known(&key(of))?)));
    let published = |of: &(Place, Recency)| {
        let known = cache.published.known(&(Arc::clone(&source.owner), of.0.clone(), of.1))?;
        Some((of.clone(), Ok(known)))
    };
    let mut facts = Facts::default();
    facts.published.extend(needs.published.iter().filter_map(published));
    facts.lists.extend(needs.lists.iter().filter_map(list));
    facts.inventories.extend(needs.inventories.iter().filter_map(inventory));
    facts.descriptions.extend(needs.descriptions.iter().filter_map(description));
    facts
}

/// The account of the data source's own identity.
pub async fn own_account(source: &Source, region: &Region) -> Result<AccountId, CallError> {
    let fetch = source.aws.caller_account(region);
    let key = (Arc::clone(&source.owner), region.clone());
    let answer = source.cache.own_accounts.get_or_fetch(&key, fetch);
    in_time(source.deadline, GET_CALLER_IDENTITY, region, answer).await
}

/// The accounts that have Flink metrics, as this monitoring account sees them; the own one is among them.
pub async fn linked_accounts(source: &Source, region: &Region) -> Result<Arc<BTreeSet<AccountId>>, CallError> {
    let place = Place { region: region.clone(), account: Account::All };
    let fetch = async {
        let series = fetch_one_of_each(source, &place).await?;
        Ok(Arc::new(series.into_iter().filter_map(|series| series.account).collect()))
    };
    let key = (Arc::clone(&source.owner), region.clone());
    let answer = source.cache.linked_accounts.get_or_fetch(&key, fetch);
    in_time(source.deadline, LIST_METRICS, region, answer).await
}

/// The description of an application if it was fetched a short while ago. Nothing is called.
pub fn known_description(source: &Source, place: &Place, name: &ApplicationName) -> Option<Arc<Description>> {
    source.cache.descriptions.known(&(Arc::clone(&source.owner), place.clone(), name.clone()))
}

enum Fetch {
    List(Place),
    Inventory(Place, ApplicationName),
    /// Out of a walk through all series of the place.
    WalkedInventory(Place, ApplicationName),
    Description(Place, ApplicationName),
    /// Who published something of late.
    Published(Place, Recency),
}

/// A fact, and why those of its place are older than they should be.
pub(super) type Fetched = (Fact, Option<(Place, CallError)>);

pub(super) enum Fact {
    List(Place, Result<Arc<ApplicationList>, CallError>),
    Inventory((Place, ApplicationName), Result<Arc<Inventory>, CallError>),
    Description((Place, ApplicationName), Result<Arc<Description>, CallError>),
    Published((Place, Recency), Result<Arc<Names>, CallError>),
}

async fn fetch_one(source: &Source, fetch: Fetch) -> Fetched {
    let (owner, own) = (Arc::clone(&source.owner), source.clone());
    match fetch {
        Fetch::List(place) => {
            let (shelf, key, of) = (&source.cache.lists, (owner, place.clone()), place.clone());
            let fetch = async move { fetch_list(&own, &of).await };
            let (result, stale) = share(source, (shelf, &key), (LIST_APPLICATIONS, &place.region), fetch).await;
            (Fact::List(place.clone(), result), stale.map(|error| (place, error)))
        }
        Fetch::Inventory(place, name) => {
            let (result, stale) = match walk::known(source, &place, &name) {
                Some(inventory) => (Ok(inventory), None),
                None => share_inventory(source, &place, &name, &[Recency::ThreeHours, Recency::TwoWeeks]).await,
            };
            (Fact::Inventory((place.clone(), name), result), stale.map(|error| (place, error)))
        }
        Fetch::WalkedInventory(place, name) => {
            let (result, stale) = walked_inventory(source, &place, &name).await;
            (Fact::Inventory((place.clone(), name), result), stale.map(|error| (place, error)))
        }
        Fetch::Published(place, recency) => {
            let (shelf, key) = (&source.cache.published, (owner, place.clone(), recency));
            let of = place.clone();
            let fetch = async move { Ok(Arc::new(names_in(&fetch_one_of_all(&own, &of, recency).await?))) };
            let (result, stale) = share(source, (shelf, &key), (LIST_METRICS, &place.region), fetch).await;
            (Fact::Published((place.clone(), recency), result), stale.map(|error| (place, error)))
        }
        Fetch::Description(place, name) => {
            let key = (owner, place.clone(), name.clone());
            let (shelf, of) = (&source.cache.descriptions, (place.clone(), name.clone()));
            let fetch = async move { fetch_description(&own, &of.0, &of.1).await };
            let (result, stale) = share(source, (shelf, &key), (DESCRIBE_APPLICATION, &place.region), fetch).await;
            (Fact::Description((place.clone(), name), result), stale.map(|error| (place, error)))
        }
    }
}

/// One application's part of the walk; those that it does not have, or all where it was too long, are asked for alone.
async fn walked_inventory(source: &Source, place: &Place, name: &ApplicationName) -> Shared<Arc<Inventory>> {
    let key = (Arc::clone(&source.owner), place.clone());
    let (own, of) = (source.clone(), place.clone());
    let fetch = async move { walk::fetch(&own, &of).await };
    let (walk, stale) = share(source, (&source.cache.walks, &key), (LIST_METRICS, &place.region), fetch).await;
    let walk = match walk {
        Ok(walk) => walk,
        Err(error) => return (Err(error), stale),
    };
    match walk.inventory(name) {
        Some(inventory) => (Ok(inventory), stale),
        None => share_inventory(source, place, name, walk.left_to_ask()).await,
    }
}

async fn share_inventory(
    source: &Source,
    place: &Place,
    name: &ApplicationName,
    recencies: &'static [Recency],
) -> Shared<Arc<Inventory>> {
    let key = (Arc::clone(&source.owner), place.clone(), name.clone());
    let (own, of) = (source.clone(), (place.clone(), name.clone()));
    let fetch = async move { fetch_inventory(&own, &of.0, &of.1, recencies).await };
    let is_silent = |inventory: &Arc<Inventory>| inventory.freshness == Freshness::Stale && runs(source, place, name);
    source.cache.inventories.renew_after(&key, SILENCE_LIFE, is_silent);
    share(source, (&source.cache.inventories, &key), (LIST_METRICS, &place.region), fetch).await
}

/// Whether the last list has an application as one that should publish.
fn runs(source: &Source, place: &Place, name: &ApplicationName) -> bool {
    let list = source.cache.lists.stale(&(Arc::clone(&source.owner), place.clone()));
    let status = list.and_then(|list| list.value.applications.iter().find(|row| row.name == *name)?.status.clone());
    status.is_some_and(|status| status.is_active())
}

/// A result, and why it is older than it should be.
pub(super) type Shared<V> = (Result<V, CallError>, Option<CallError>);

/// The longest that the cache itself waits for a fact.
pub(super) const REFRESH_LIMIT: Duration = Duration::from_secs(60);

/// What is kept or fetched for a key. Where AWS fails for the moment, what was known before, with the error.
pub(super) async fn share<K: Eq + Hash + Clone, V: Clone + Send + Sync + 'static>(
    source: &Source,
    (shelf, key): (&Shelf<K, V>, &K),
    (operation, region): (&'static str, &Region),
    fetch: impl Future<Output = Result<V, CallError>> + Send + 'static,
) -> Shared<V> {
    let result = match shelf.look(key) {
        Look::Known(result) => result,
        Look::Aging(value, None) => Ok(value),
        Look::Aging(value, Some(slot)) => {
            let region = region.clone();
            source.cache.refresh(async move {
                let limit = Instant::now() + REFRESH_LIMIT;
                // Whoever looks next sees what came of it.
                let _ = slot.fill(in_time(limit, operation, &region, fetch)).await;
            });
            Ok(value)
        }
        Look::Nothing(slot) => in_time(source.deadline, operation, region, slot.fill(fetch)).await,
    };
    or_stale(shelf, key, result)
}

/// The result, or what was known before where AWS fails for the moment.
pub(super) fn or_stale<K: Eq + Hash + Clone, V: Clone>(
    shelf: &Shelf<K, V>,
    key: &K,
    result: Result<V, CallError>,
) -> Shared<V> {
    match result {
        Err(error) if error.kind.is_passing() => match shelf.stale(key) {
            Some(stale) => (Ok(stale.value), stale.is_old.then_some(error)),
            None => (Err(error), None),
        },
        result => (result, None),
    }
}

/// The applications of a place: as the service lists them, else as their metrics name them.
async fn fetch_list(source: &Source, place: &Place) -> Result<Arc<ApplicationList>, CallError> {
    let why = match &place.account {
        Account::Own => match source.aws.list_applications(&place.region).await {
            Ok(applications) => {
                return Ok(Arc::new(ApplicationList { applications, source: ListSource::ListApplications }));
            }
            // What was known before also knows who is stopped; metrics do not.
            Err(error) if error.kind.is_passing() && knows_a_list(source, place) => return Err(error),
            Err(error) if leaves_metrics(error.kind) => error,
            Err(error) => return Err(error),
        },
        Account::Linked(_) | Account::All => own_account_only(LIST_APPLICATIONS, &place.region),
    };
    let series = fetch_one_of_each(source, place).await?;
    Ok(Arc::new(ApplicationList {
        applications: names_in(&series).into_iter().map(unknown).collect(),
        source: ListSource::Metrics { why },
    }))
}

fn knows_a_list(source: &Source, place: &Place) -> bool {
    let known = source.cache.lists.stale(&(Arc::clone(&source.owner), place.clone()));
    known.is_some_and(|known| known.value.source == ListSource::ListApplications)
}

/// Whether CloudWatch may still answer after Kinesis Analytics failed like this.
fn leaves_metrics(kind: CallErrorKind) -> bool {
    match kind {
        CallErrorKind::AccessDenied
        | CallErrorKind::NotFound
        | CallErrorKind::Rejected
        | CallErrorKind::Unreachable
        | CallErrorKind::Untrusted
        | CallErrorKind::CaBundle
        | CallErrorKind::WrongServer
        | CallErrorKind::ServiceFailure => true,
        CallErrorKind::NoCredentials
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::Timeout => false,
    }
}

/// Kinesis Analytics knows nothing of linked accounts; only CloudWatch does.
fn own_account_only(operation: &'static str, region: &Region) -> CallError {
    CallError::new(CallErrorKind::Rejected, operation, region, "it answers for the data source's own account only")
}

fn names_in(series: &[MetricSeries]) -> Names {
    let names = series.iter().filter_map(|series| series.dimensions.get("Application"));
    names.map(|name| ApplicationName::new(Arc::clone(name))).collect()
}

/// An application of which only the name is known.
fn unknown(name: ApplicationName) -> ApplicationSummary {
    ApplicationSummary { name, arn: None, status: None, runtime: None, version: None }
}

/// The series of an application in the first of the spans that has any.
async fn fetch_inventory(
    source: &Source,
    place: &Place,
    name: &ApplicationName,
    recencies: &[Recency],
) -> Result<Arc<Inventory>, CallError> {
    for recency in recencies {
        let ask =
            ListMetricsAsk { place: place.clone(), application: Some(name.clone()), metric: None, recency: *recency };
        let series = source.aws.list_metrics(&ask).await?;
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

/// One series of each application with recent data; if there is none, of the last two weeks.
async fn fetch_one_of_each(source: &Source, place: &Place) -> Result<Vec<MetricSeries>, CallError> {
    let recent = fetch_one_of_all(source, place, Recency::ThreeHours).await?;
    if !recent.is_empty() {
        return Ok(recent);
    }
    fetch_one_of_all(source, place, Recency::TwoWeeks).await
}

async fn fetch_one_of_all(source: &Source, place: &Place, recency: Recency) -> Result<Vec<MetricSeries>, CallError> {
    let metric = Some(Arc::from(METRIC_OF_ALL));
    source.aws.list_metrics(&ListMetricsAsk { place: place.clone(), application: None, metric, recency }).await
}

pub(super) async fn fetch_description(
    source: &Source,
    place: &Place,
    name: &ApplicationName,
) -> Result<Arc<Description>, CallError> {
    match &place.account {
        // Of all accounts, the own one can be described; a name that it does not know belongs to a linked one.
        Account::Own | Account::All => source.aws.describe_application(&place.region, name).await.map(Arc::new),
        Account::Linked(_) => Err(own_account_only(DESCRIBE_APPLICATION, &place.region)),
    }
}
