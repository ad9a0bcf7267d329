//! Facts that planning asked for.

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::Hash;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, Stream, StreamExt};
use tokio::time::timeout;

use super::cache::SILENCE_LIFE;
use super::silence::unless_silent;
use super::ttl_cache::{Lookup, OwnerCache, Weigh};
use super::{AT_A_TIME, Source, Upstream};
use super::{descriptions, walk};
use crate::aws::{GET_CALLER_IDENTITY, LIST_APPLICATIONS, LIST_METRICS, ListMetricsAsk, Recency};
use crate::failure::{CallError, CallErrorKind};
use crate::model::application::{ApplicationList, ApplicationNames, ApplicationSummary, Description, ListSource};
use crate::model::series::{Freshness, MetricSeries};
use crate::place::{Account, AccountId, ApplicationName, Place, Region};
use crate::plan::facts::{Facts, Needs};
use crate::topology::inventory::Inventory;

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
    let described = stream::once(descriptions::descriptions(source, needs)).flat_map(stream::iter);
    // Each service has its own limits: what waits for the one must not hold up the other.
    let kinesis_analytics = stream::select(at_a_time(source, lists.collect()), described);
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
    let (cache, owner) = (&source.cache.facts, &source.owner);
    let list = |place: &Place| Some((place.clone(), Ok(cache.lists.of(owner).known(place)?)));
    let inventory = |of: &(Place, ApplicationName)| {
        let known = cache.inventories.of(owner).known(of).or_else(|| walk::known(&source.upstream(), &of.0, &of.1));
        Some((of.clone(), Ok(known?)))
    };
    let description =
        |of: &(Place, ApplicationName)| Some((of.clone(), Ok(descriptions::known_description(source, &of.0, &of.1)?)));
    let published = |of: &(Place, Recency)| Some((of.clone(), Ok(cache.published.of(owner).known(of)?)));
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
    let answer = source.cache.facts.own_accounts.of(&source.owner).get_or_fetch(region, fetch);
    source.within(source.deadline, (GET_CALLER_IDENTITY, region), answer).await
}

/// The accounts that have Flink metrics, as this monitoring account sees them; the own one is among them.
pub async fn linked_accounts(source: &Source, region: &Region) -> Result<Arc<BTreeSet<AccountId>>, CallError> {
    let place = Place { region: region.clone(), account: Account::All };
    let upstream = source.upstream();
    let fetch = async {
        let series = fetch_one_of_each(&upstream, &place).await?;
        Ok(Arc::new(series.into_iter().filter_map(|series| series.account).collect()))
    };
    let answer = source.cache.facts.linked_accounts.of(&source.owner).get_or_fetch(region, fetch);
    source.within(source.deadline, (LIST_METRICS, region), answer).await
}

enum Fetch {
    List(Place),
    Inventory(Place, ApplicationName),
    /// Out of a walk through all series of the place.
    WalkedInventory(Place, ApplicationName),
    /// Who published something of late.
    Published(Place, Recency),
}

/// A fact, and why those of its place are older than they should be.
pub(super) type Fetched = (Fact, Option<(Place, CallError)>);

pub(super) enum Fact {
    List(Place, Result<Arc<ApplicationList>, CallError>),
    Inventory((Place, ApplicationName), Result<Arc<Inventory>, CallError>),
    Description((Place, ApplicationName), Result<Arc<Description>, CallError>),
    Published((Place, Recency), Result<Arc<ApplicationNames>, CallError>),
}

async fn fetch_one(source: &Source, fetch: Fetch) -> Fetched {
    let (owner, upstream) = (&source.owner, source.upstream());
    match fetch {
        Fetch::List(place) => {
            let (lists, of) = (source.cache.facts.lists.of(owner), place.clone());
            let fetch = async move { fetch_list(&upstream, &of).await };
            let (result, stale) = share(source, (lists, &place), (LIST_APPLICATIONS, &place.region), fetch).await;
            (Fact::List(place.clone(), result), stale.map(|error| (place, error)))
        }
        Fetch::Inventory(place, name) => {
            let (result, stale) = match walk::known(&source.upstream(), &place, &name) {
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
            let (published, key) = (source.cache.facts.published.of(owner), (place.clone(), recency));
            let of = place.clone();
            let fetch = async move { Ok(Arc::new(names_in(&fetch_one_of_all(&upstream, &of, recency).await?))) };
            let (result, stale) = share(source, (published, &key), (LIST_METRICS, &place.region), fetch).await;
            (Fact::Published(key, result), stale.map(|error| (place, error)))
        }
    }
}

/// One application's part of the walk; those that it does not have, or all where it was too long, are asked for alone.
async fn walked_inventory(source: &Source, place: &Place, name: &ApplicationName) -> Shared<Arc<Inventory>> {
    let (upstream, of) = (source.upstream(), place.clone());
    let fetch = async move { walk::fetch(&upstream, &of).await };
    let walks = source.cache.facts.walks.of(&source.owner);
    let (walk, stale) = share(source, (walks, place), (LIST_METRICS, &place.region), fetch).await;
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
    let key = (place.clone(), name.clone());
    let (upstream, of) = (source.upstream(), key.clone());
    let fetch = async move { fetch_inventory(&upstream, &of.0, &of.1, recencies).await };
    let is_silent = |inventory: &Arc<Inventory>| inventory.freshness == Freshness::Stale && runs(source, place, name);
    let inventories = source.cache.facts.inventories.of(&source.owner);
    inventories.renew_after(&key, SILENCE_LIFE, is_silent);
    share(source, (inventories, &key), (LIST_METRICS, &place.region), fetch).await
}

/// Whether the last list has an application as one that should publish.
fn runs(source: &Source, place: &Place, name: &ApplicationName) -> bool {
    let list = source.cache.facts.lists.of(&source.owner).stale(place);
    let status = list.and_then(|list| list.value.applications.iter().find(|row| row.name == *name)?.status.clone());
    status.is_some_and(|status| status.is_active())
}

/// A result, and why it is older than it should be.
pub(super) type Shared<V> = (Result<V, CallError>, Option<CallError>);

/// The longest that the cache itself waits for a fact.
pub(super) const REFRESH_LIMIT: Duration = Duration::from_secs(60);

/// What is kept or fetched for a key. Where AWS fails for the moment, what was known before, with the error.
pub(super) async fn share<K: Eq + Hash + Clone, V: Clone + Weigh + Send + Sync + 'static>(
    source: &Source,
    (cache, key): (OwnerCache<'_, K, V>, &K),
    call: (&'static str, &Region),
    fetch: impl Future<Output = Result<V, CallError>> + Send + 'static,
) -> Shared<V> {
    let result = match cache.look(key) {
        Lookup::Fresh(result) => result,
        Lookup::Aging(value, None) => Ok(value),
        Lookup::Aging(value, Some(entry)) => {
            source.cache.refresh(async move {
                // Whoever looks next sees what came of it.
                let _ = timeout(REFRESH_LIMIT, entry.fill(fetch)).await;
            });
            Ok(value)
        }
        Lookup::Missing(entry) => source.within(source.deadline, call, entry.fill(fetch)).await,
    };
    or_stale(cache, key, result)
}

/// The result, or what was known before where AWS fails for the moment.
pub(super) fn or_stale<K: Eq + Hash + Clone, V: Clone + Weigh>(
    cache: OwnerCache<'_, K, V>,
    key: &K,
    result: Result<V, CallError>,
) -> Shared<V> {
    match result {
        Err(error) if error.kind.is_passing() => match cache.stale(key) {
            Some(stale) => (Ok(stale.value), stale.is_old.then_some(error)),
            None => (Err(error), None),
        },
        result => (result, None),
    }
}

/// The applications of a place: as the service lists them, else as their metrics name them.
async fn fetch_list(upstream: &Upstream, place: &Place) -> Result<Arc<ApplicationList>, CallError> {
    let why = match &place.account {
        Account::Own => match list_applications(upstream, &place.region).await {
            Ok(applications) => {
                return Ok(Arc::new(ApplicationList { applications, source: ListSource::ListApplications }));
            }
            // What was known before also knows who is stopped; metrics do not.
            Err(error) if error.kind.is_passing() && knows_a_list(upstream, place) => return Err(error),
            Err(error) if leaves_metrics(error.kind) => error,
            Err(error) => return Err(error),
        },
        Account::Linked(_) | Account::All => own_account_only(LIST_APPLICATIONS, &place.region),
    };
    let series = fetch_one_of_each(upstream, place).await?;
    Ok(Arc::new(ApplicationList {
        applications: names_in(&series).into_iter().map(unknown).collect(),
        source: ListSource::Metrics { why },
    }))
}

async fn list_applications(upstream: &Upstream, region: &Region) -> Result<Vec<ApplicationSummary>, CallError> {
    unless_silent(upstream, LIST_APPLICATIONS, region, upstream.aws.list_applications(region)).await
}

fn knows_a_list(upstream: &Upstream, place: &Place) -> bool {
    let known = upstream.facts.lists.of(&upstream.owner).stale(place);
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
        | CallErrorKind::Timeout
        | CallErrorKind::ServiceFailure => true,
        CallErrorKind::NoCredentials | CallErrorKind::Credentials | CallErrorKind::Throttled => false,
    }
}

/// Kinesis Analytics knows nothing of linked accounts; only CloudWatch does.
pub(super) fn own_account_only(operation: &'static str, region: &Region) -> CallError {
    CallError::new(CallErrorKind::Rejected, operation, region, "it answers for the data source's own account only")
}

fn names_in(series: &[MetricSeries]) -> ApplicationNames {
    let names = series.iter().filter_map(|series| series.dimensions.get("Application"));
    names.map(|name| ApplicationName::new(Arc::clone(name))).collect()
}

/// An application of which only the name is known.
fn unknown(name: ApplicationName) -> ApplicationSummary {
    ApplicationSummary { name, arn: None, status: None, runtime: None, version: None }
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

/// One series of each application with recent data; if there is none, of the last two weeks.
async fn fetch_one_of_each(upstream: &Upstream, place: &Place) -> Result<Vec<MetricSeries>, CallError> {
    let recent = fetch_one_of_all(upstream, place, Recency::ThreeHours).await?;
    if !recent.is_empty() {
        return Ok(recent);
    }
    fetch_one_of_all(upstream, place, Recency::TwoWeeks).await
}

async fn fetch_one_of_all(
    upstream: &Upstream,
    place: &Place,
    recency: Recency,
) -> Result<Vec<MetricSeries>, CallError> {
    let metric = Some(Arc::from(METRIC_OF_ALL));
    upstream.aws.list_metrics(&ListMetricsAsk { place: place.clone(), application: None, metric, recency }).await
}
