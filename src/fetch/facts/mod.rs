//! Facts that planning asked for: one file for each kind of fact, with how it is fetched; its row in `cache` says how
//! long it holds.

mod accounts;
mod cache;
mod descriptions;
mod inventory;
mod list;
mod logs;
mod namespace_scan;
mod publishers;
mod share;
mod silence;
mod tags;
mod ttl_cache;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::join;
use futures::stream::{self, StreamExt};
use tokio::time::Instant;

pub use accounts::{linked_accounts, own_account};
pub(super) use cache::CachedFacts;
pub use cache::FactCache;
pub use descriptions::known_description;
pub(crate) use publishers::METRIC_OF_ALL;
use share::Shared;

use super::{AT_A_TIME, Source};
use crate::failure::CallError;
use crate::plan::facts::{FactKey, Facts, MaxWait, Needs};

/// Of more applications a table shows what is known of them in time, and the rest is fetched in the background.
const MANY: usize = 25;

/// So long after its request began. The rest of five seconds is for the values of those that are known.
const OF_TABLES: Duration = Duration::from_secs(4);

/// The same where the list alone took longer.
const AFTER_LIST: Duration = Duration::from_secs(1);

/// Fetches all facts that `needs` names, from the cache where it has them. A fact that cannot be had is there with its
/// error. Kinds do not wait for each other: each service has limits of its own.
pub async fn facts(source: &Source, needs: &Needs) -> Facts {
    let (lists, published, inventories, descriptions, tags, accounts, logs) = join!(
        each(&needs.lists, |key| list::fetch(source, key)),
        each(&needs.published, |key| publishers::fetch(source, key)),
        inventory::fetch(source, needs),
        descriptions::fetch(source, needs),
        each(&needs.tags, |key| tags::fetch(source, key)),
        each(&needs.accounts, |key| accounts::fetch(source, key)),
        each(&needs.logs, |read| logs::fetch(source, read)),
    );
    let mut facts = Facts::default();
    facts.lists = keep(lists, &mut facts);
    facts.published = keep(published, &mut facts);
    facts.inventories = keep(inventories, &mut facts);
    facts.descriptions = keep(descriptions, &mut facts);
    facts.tags = keep(tags, &mut facts);
    facts.accounts = keep(accounts, &mut facts);
    facts.logs = keep(logs, &mut facts);
    facts
}

/// Until when a query waits that wants so many facts of applications, where that is not the end of its request.
fn end_of_wait(source: &Source, max_wait: MaxWait, wanted: usize) -> Option<Instant> {
    let is_of_many = max_wait == MaxWait::OfTables && wanted > MANY;
    is_of_many.then(|| {
        let (now, all) = (Instant::now(), source.owner.request_timeout);
        let began = source.deadline.checked_sub(all).unwrap_or(now);
        (began + OF_TABLES.min(all / 2)).max(now + AFTER_LIST).min(source.deadline)
    })
}

type Answered<K, V> = Vec<(K, Shared<Arc<V>>)>;

async fn each<K: FactKey, V, F>(keys: &BTreeSet<K>, fetch: impl Fn(K) -> F) -> Answered<K, V>
where
    F: Future<Output = Shared<Arc<V>>>,
{
    let fetch = |key: K| {
        let fetched = fetch(key.clone());
        async move { (key, fetched.await) }
    };
    stream::iter(keys.iter().cloned()).map(fetch).buffer_unordered(AT_A_TIME).collect().await
}

/// The answers by what was asked. Why some are older than they should be is noted for what they are about.
fn keep<K: FactKey, V>(answered: Answered<K, V>, facts: &mut Facts) -> BTreeMap<K, Result<Arc<V>, CallError>> {
    let mut kept = BTreeMap::new();
    for (key, (result, stale)) in answered {
        let about = (key.place().clone(), key.application().cloned());
        facts.stale.extend(stale.map(|error| (about, error)));
        let result = result.map_err(|error| error.of(&key.place().account));
        kept.insert(key, result);
    }
    kept
}

/// Has series and descriptions fetched although nobody waits for them: whoever wants them next finds them, or joins.
pub fn fetch_in_background(source: &Source, needs: &Needs) {
    inventory::fetch_in_background(source, &needs.inventories);
    descriptions::fetch_in_background(source, needs);
}

/// Those of the facts that were fetched a short while ago. Nothing is called.
pub fn known_facts(source: &Source, needs: &Needs) -> Facts {
    let (cache, owner) = (&source.cache.facts, &source.owner);
    Facts {
        lists: known(&needs.lists, |key| cache.lists.of(owner).known(key)),
        published: known(&needs.published, |key| cache.published.of(owner).known(key)),
        inventories: known(&needs.inventories, |key| inventory::known(source, key)),
        descriptions: known(&needs.descriptions, |(place, name)| known_description(source, place, name)),
        tags: known(&needs.tags, |key| cache.tags.of(owner).known(key)),
        accounts: known(&needs.accounts, |key| cache.accounts.of(owner).known(key)),
        logs: known(&needs.logs, |read| cache.logs.of(owner).known(read)),
        stale: BTreeMap::new(),
    }
}

fn known<K: FactKey, V>(
    keys: &BTreeSet<K>,
    look: impl Fn(&K) -> Option<Arc<V>>,
) -> BTreeMap<K, Result<Arc<V>, CallError>> {
    keys.iter().filter_map(|key| Some((key.clone(), Ok(look(key)?)))).collect()
}
