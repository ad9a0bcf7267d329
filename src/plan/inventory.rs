//! One application as the planner sees it: its facts, and its series sorted by metric and dimension set.

use std::collections::HashMap;
use std::sync::Arc;

use super::facts::{Description, Facts, Freshness, Inventory, MetricSeries};
use super::topology::{TaskOperators, Topology, task_operators};
use crate::catalog::level::DimensionSet;
use crate::catalog::runtime::Runtime;
use crate::failure::CallError;
use crate::place::{Account, AccountId, ApplicationName, Place};

/// An application of one account.
#[derive(Debug)]
pub struct Application<'f> {
    pub name: ApplicationName,
    /// The owning account, where linked accounts were asked for.
    pub account: Option<AccountId>,
    pub description: Result<&'f Arc<Description>, &'f CallError>,
    pub inventory: Result<Freshness, &'f CallError>,
    pub topology: Topology,
    by_metric: HashMap<&'f str, Vec<Entry<'f>>>,
}

/// One series with its dimensions told apart.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'f> {
    pub series: &'f MetricSeries,
    pub set: DimensionSet,
    pub task: Option<&'f Arc<str>>,
    pub operator: Option<&'f Arc<str>>,
    pub subtask: Option<&'f Arc<str>>,
}

impl<'f> Application<'f> {
    /// The series of a metric; empty where the application does not publish it.
    pub fn entries(&self, metric: &str) -> &[Entry<'f>] {
        self.by_metric.get(metric).map_or(&[], Vec::as_slice)
    }

    /// The series of a metric under one dimension set.
    pub fn entries_at(&self, metric: &str, set: DimensionSet) -> impl Iterator<Item = &Entry<'f>> {
        self.entries(metric).iter().filter(move |entry| entry.set == set)
    }

    /// Every series.
    pub fn all(&self) -> impl Iterator<Item = &Entry<'f>> {
        self.by_metric.values().flatten()
    }

    pub fn has_series(&self) -> bool {
        !self.by_metric.is_empty()
    }

    /// Whether any series names a task.
    pub fn has_tasks(&self) -> bool {
        !self.topology.tasks.is_empty()
    }

    pub fn runtime(&self) -> Option<&'f Runtime> {
        self.description.ok().map(|description| &description.runtime)
    }
}

/// The application's facts, one value per owning account. Facts that are still missing count as empty.
pub fn applications<'f>(place: &Place, name: &ApplicationName, facts: &'f Facts) -> Vec<Application<'f>> {
    let key = (place.clone(), name.clone());
    let description = match facts.descriptions.get(&key) {
        Some(Ok(description)) => Ok(description),
        Some(Err(error)) => Err(error),
        None => return Vec::new(),
    };
    let inventory = match facts.inventories.get(&key) {
        Some(Ok(inventory)) => &**inventory,
        Some(Err(error)) => {
            let by_metric = HashMap::new();
            let topology = Topology::of(None, &TaskOperators::new());
            let account = None;
            return vec![Application {
                name: name.clone(),
                account,
                description,
                inventory: Err(error),
                topology,
                by_metric,
            }];
        }
        None => return Vec::new(),
    };
    let accounts = owning_accounts(place, inventory);
    accounts.into_iter().map(|account| index(name, account, description, inventory)).collect()
}

fn owning_accounts(place: &Place, inventory: &Inventory) -> Vec<Option<AccountId>> {
    match &place.account {
        Account::Own => vec![None],
        Account::Linked(id) => vec![Some(id.clone())],
        Account::All => {
            let mut accounts: Vec<_> = inventory.series.iter().map(|series| series.account.clone()).collect();
            accounts.sort();
            accounts.dedup();
            accounts
        }
    }
}

fn index<'f>(
    name: &ApplicationName,
    account: Option<AccountId>,
    description: Result<&'f Arc<Description>, &'f CallError>,
    inventory: &'f Inventory,
) -> Application<'f> {
    let mut by_metric: HashMap<&str, Vec<Entry<'f>>> = HashMap::new();
    for series in inventory.series.iter().filter(|series| account.is_none() || series.account == account) {
        by_metric.entry(&series.metric).or_default().push(classify(series));
    }
    let job_plan = description.ok().and_then(|description| description.job_plan.as_deref());
    let topology = Topology::of(job_plan, &task_operators(inventory));
    let inventory = Ok(inventory.freshness);
    Application { name: name.clone(), account, description, inventory, topology, by_metric }
}

fn classify(series: &MetricSeries) -> Entry<'_> {
    let dimensions = &series.dimensions;
    Entry {
        series,
        set: dimensions.set(),
        task: dimensions.task(),
        operator: dimensions.operator(),
        subtask: dimensions.subtask(),
    }
}
