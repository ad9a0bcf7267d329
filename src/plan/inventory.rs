//! The series of an application as planning wants them: by metric, with their dimensions told apart.
//!
//! An inventory is fetched every few minutes and planned with many times, so all of this is made once, when it arrives.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::facts::{Description, Facts, Freshness, MetricSeries};
use super::topology::{TaskOperators, Topology};
use crate::catalog::level::{DimensionSet, Facet};
use crate::catalog::runtime::Runtime;
use crate::failure::CallError;
use crate::place::{Account, AccountId, ApplicationName, Place};

/// The metric series of one application, as ListMetrics has them.
#[derive(Debug, Default)]
pub struct Inventory {
    pub freshness: Freshness,
    by_metric: HashMap<Arc<str>, Vec<Entry>>,
    tasks: TaskOperators,
    accounts: BTreeSet<Option<AccountId>>,
    topology: Mutex<Option<PlannedTopology>>,
}

/// A topology and the job plan that it was read from.
#[derive(Debug)]
struct PlannedTopology {
    job_plan: Option<String>,
    topology: Arc<Topology>,
}

/// One series with its dimensions told apart.
#[derive(Debug)]
pub struct Entry {
    pub series: MetricSeries,
    pub set: DimensionSet,
    task: Option<u8>,
    operator: Option<u8>,
    subtask: Option<u8>,
}

impl Entry {
    pub(super) fn of(series: MetricSeries) -> Self {
        let dimensions = &series.dimensions;
        // CloudWatch knows thirty dimensions at most.
        let index = |facet| dimensions.index_of(facet).and_then(|index| u8::try_from(index).ok());
        Self {
            set: dimensions.set(),
            task: index(Facet::Task),
            operator: index(Facet::Operator),
            subtask: index(Facet::Subtask),
            series,
        }
    }

    pub fn task(&self) -> Option<&Arc<str>> {
        self.value(self.task)
    }

    pub fn operator(&self) -> Option<&Arc<str>> {
        self.value(self.operator)
    }

    /// The index of the subtask, as text.
    pub fn subtask(&self) -> Option<&Arc<str>> {
        self.value(self.subtask)
    }

    fn value(&self, index: Option<u8>) -> Option<&Arc<str>> {
        self.series.dimensions.value_at(usize::from(index?))
    }
}

impl Inventory {
    pub fn new(series: Vec<MetricSeries>, freshness: Freshness) -> Self {
        let mut inventory = Self { freshness, ..Self::default() };
        for entry in series.into_iter().map(Entry::of) {
            if let Some(task) = entry.task() {
                let operators = inventory.tasks.entry(Arc::clone(task)).or_default();
                operators.extend(entry.operator().map(Arc::clone));
            }
            if !inventory.accounts.contains(&entry.series.account) {
                inventory.accounts.insert(entry.series.account.clone());
            }
            inventory.by_metric.entry(Arc::clone(&entry.series.metric)).or_default().push(entry);
        }
        inventory.by_metric.values_mut().for_each(Vec::shrink_to_fit);
        inventory
    }

    /// Every series, those of one metric in the order of ListMetrics.
    pub fn series(&self) -> impl Iterator<Item = &MetricSeries> {
        self.by_metric.values().flatten().map(|entry| &entry.series)
    }

    /// How many series there are.
    pub fn count(&self) -> usize {
        self.by_metric.values().map(Vec::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.by_metric.is_empty()
    }

    /// The tasks and operators that there are series of.
    pub fn tasks(&self) -> &TaskOperators {
        &self.tasks
    }

    /// The graph of the job. The last one is kept: a job plan changes with a deployment only.
    pub fn topology(&self, job_plan: Option<&str>) -> Arc<Topology> {
        let mut kept = self.topology.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept.as_ref().filter(|known| known.job_plan.as_deref() == job_plan);
        if let Some(known) = known {
            return Arc::clone(&known.topology);
        }
        let topology = Arc::new(Topology::of(job_plan, &self.tasks));
        let job_plan = job_plan.map(str::to_owned);
        *kept = Some(PlannedTopology { job_plan, topology: Arc::clone(&topology) });
        topology
    }
}

/// An application of one account, as the planner sees it.
#[derive(Debug)]
pub struct Application<'f> {
    pub name: ApplicationName,
    /// The owning account, where linked accounts were asked for.
    pub account: Option<AccountId>,
    pub description: Result<&'f Arc<Description>, &'f CallError>,
    pub inventory: Result<&'f Inventory, &'f CallError>,
    pub topology: Arc<Topology>,
}

impl<'f> Application<'f> {
    /// The series of a metric; none where the application does not publish it.
    pub fn entries(&self, metric: &str) -> impl Iterator<Item = &'f Entry> + Clone {
        let of_metric = self.inventory.ok().and_then(|inventory| inventory.by_metric.get(metric));
        of_metric.into_iter().flatten().filter(|entry| self.owns(entry))
    }

    /// The series of a metric under one dimension set.
    pub fn entries_at(&self, metric: &str, set: DimensionSet) -> impl Iterator<Item = &'f Entry> {
        self.entries(metric).filter(move |entry| entry.set == set)
    }

    /// Every series.
    pub fn all(&self) -> impl Iterator<Item = &'f Entry> {
        let all = self.inventory.iter().flat_map(|inventory| inventory.by_metric.values());
        all.flatten().filter(|entry| self.owns(entry))
    }

    pub fn has_series(&self) -> bool {
        self.all().next().is_some()
    }

    /// Whether any series names a task.
    pub fn has_tasks(&self) -> bool {
        !self.topology.tasks.is_empty()
    }

    pub fn runtime(&self) -> Option<&'f Runtime> {
        self.description.ok().map(|description| &description.runtime)
    }

    fn owns(&self, entry: &Entry) -> bool {
        self.account.is_none() || entry.series.account == self.account
    }
}

/// The application's facts, one value per owning account. Facts that are still missing count as empty.
pub fn applications<'f>(place: &Place, name: &ApplicationName, facts: &'f Facts) -> Vec<Application<'f>> {
    let key = (place.clone(), name.clone());
    let (Some(description), Some(inventory)) = (facts.descriptions.get(&key), facts.inventories.get(&key)) else {
        return Vec::new();
    };
    let (description, inventory) = (description.as_ref(), inventory.as_ref().map(|inventory| &**inventory));
    let job_plan = description.ok().and_then(|description| description.job_plan.as_deref());
    let (accounts, topology) = match inventory {
        Ok(inventory) => (owning_accounts(place, inventory), inventory.topology(job_plan)),
        Err(_) => (vec![None], Arc::new(Topology::of(None, &TaskOperators::new()))),
    };
    let application =
        |account| Application { name: name.clone(), account, description, inventory, topology: Arc::clone(&topology) };
    accounts.into_iter().map(application).collect()
}

fn owning_accounts(place: &Place, inventory: &Inventory) -> Vec<Option<AccountId>> {
    match &place.account {
        Account::Own => vec![None],
        Account::Linked(id) => vec![Some(id.clone())],
        Account::All => inventory.accounts.iter().cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::Dimensions;
    use super::*;

    fn series(metric: &str, pairs: &[(&str, &str)]) -> MetricSeries {
        let pairs = pairs.iter().map(|(name, value)| (Arc::from(*name), Arc::from(*value)));
        MetricSeries { metric: Arc::from(metric), dimensions: Dimensions::new(pairs.collect()), account: None }
    }

    fn inventory() -> Inventory {
        let of_task = |task: &str| series("busy", &[("Task", task), ("Application", "a")]);
        let subtask = series("busy", &[("Parallelism", "3"), ("Operator", "o"), ("Task", "t"), ("Application", "a")]);
        let series = vec![of_task("t"), of_task("s"), subtask, series("own", &[("Tenant", "x"), ("Task", "t")])];
        Inventory::new(series, Freshness::RecentlyActive)
    }

    #[test]
    fn dimensions_are_told_apart_and_series_keep_their_order() {
        let inventory = inventory();
        let text = |value: Option<&Arc<str>>| value.map_or("-".to_owned(), ToString::to_string);
        let describe = |entry: &Entry| {
            let parts = [entry.task(), entry.operator(), entry.subtask()].map(text);
            format!("{:?} {}", entry.set, parts.join(" "))
        };
        let described: Vec<String> = inventory.by_metric["busy"].iter().map(describe).collect();
        assert_eq!(described, ["Task t - -", "Task s - -", "OperatorSubtask t o 3"]);
        assert_eq!(inventory.by_metric["own"].iter().map(describe).collect::<Vec<_>>(), ["Custom t - -"]);
    }

    #[test]
    fn the_graph_is_read_again_only_for_another_job_plan() {
        let inventory = inventory();
        let (first, second) = (r#"{"nodes":[{"id":"1","description":"t"}]}"#, r#"{"nodes":[]}"#);
        for plan in [None, Some(first), Some(second), Some(first)] {
            let topology = inventory.topology(plan);
            assert_eq!(*topology, Topology::of(plan, inventory.tasks()));
            assert!(Arc::ptr_eq(&topology, &inventory.topology(plan)), "{plan:?}");
        }
    }
}
