//! The series of an application as planning wants them: by metric, with their dimensions told apart.
//!
//! An inventory is fetched every few minutes and planned with many times, so all of this is made once, when it arrives.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::{TaskOperators, Topology};
use crate::catalog::level::{DimensionSet, Facet};
use crate::model::series::{Freshness, MetricSeries};
use crate::place::AccountId;

/// The metric series of one application, as ListMetrics has them.
#[derive(Debug, Default)]
pub struct Inventory {
    pub freshness: Freshness,
    by_metric: HashMap<Arc<str>, Vec<Entry>>,
    /// Of all accounts together.
    job: Job,
    /// The job of each account: several may have an application of this name.
    accounts: BTreeMap<Option<AccountId>, Job>,
}

/// What the series tell of a job.
#[derive(Debug, Default)]
struct Job {
    tasks: TaskOperators,
    /// The last one: a job plan changes with a deployment only.
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
    pub fn of(series: MetricSeries) -> Self {
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
            if !inventory.accounts.contains_key(&entry.series.account) {
                inventory.accounts.insert(entry.series.account.clone(), Job::default());
            }
            let of_account = inventory.accounts.get_mut(&entry.series.account);
            for job in of_account.into_iter().chain([&mut inventory.job]) {
                job.note(&entry);
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

    /// The series of a metric; none where there is no such metric.
    pub fn of_metric(&self, metric: &str) -> &[Entry] {
        self.by_metric.get(metric).map_or(&[], Vec::as_slice)
    }

    /// Every series with its dimensions told apart.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.by_metric.values().flatten()
    }

    /// The accounts that own series.
    pub fn accounts(&self) -> impl Iterator<Item = &Option<AccountId>> {
        self.accounts.keys()
    }

    /// Whether these are the metrics of a Studio notebook: only its server, Apache Zeppelin, publishes some.
    pub fn is_of_notebook(&self) -> bool {
        self.by_metric.keys().any(|metric| metric.starts_with("zeppelin"))
    }

    /// The tasks and operators that there are series of.
    pub fn tasks(&self) -> &TaskOperators {
        &self.job.tasks
    }

    /// The graph of the job.
    pub fn topology(&self, job_plan: Option<&str>) -> Arc<Topology> {
        self.job.topology(job_plan)
    }

    /// The graph of an account's job.
    pub fn topology_of(&self, account: &Option<AccountId>, job_plan: Option<&str>) -> Arc<Topology> {
        self.accounts.get(account).unwrap_or(&self.job).topology(job_plan)
    }
}

impl Job {
    fn note(&mut self, entry: &Entry) {
        if let Some(task) = entry.task() {
            let operators = self.tasks.entry(Arc::clone(task)).or_default();
            operators.extend(entry.operator().map(Arc::clone));
        }
    }

    fn topology(&self, job_plan: Option<&str>) -> Arc<Topology> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::series::Dimensions;

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
