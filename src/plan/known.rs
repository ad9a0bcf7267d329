//! What is known of one application, taken together from the facts.

use std::sync::{Arc, LazyLock};

use super::facts::{Facts, Outdated};
use super::{selection, silent_accounts};
use crate::catalog::level::DimensionSet;
use crate::catalog::runtime::Runtime;
use crate::failure::{CallError, CallErrorKind};
use crate::model::application::{ApplicationSummary, Description};
use crate::place::{Account, AccountId, ApplicationName, Place, Region};
use crate::topology::inventory::{Entry, Inventory};
use crate::topology::{TaskOperators, Topology};

/// An application of one account, as the planner sees it.
#[derive(Debug)]
pub struct Application<'f> {
    pub name: ApplicationName,
    /// The owning account, where linked accounts were asked for.
    pub account: Option<AccountId>,
    /// Whether it published in this account in the last two weeks, and in the last three hours only in others.
    pub is_silent: bool,
    pub description: Result<&'f Arc<Description>, &'f CallError>,
    /// As the list has it, where there is one.
    pub listed: Option<&'f ApplicationSummary>,
    /// Where the description, or the inventory, could not be renewed.
    pub outdated: Option<&'f Outdated>,
    pub inventory: Result<&'f Inventory, &'f CallError>,
    pub topology: Arc<Topology>,
}

impl<'f> Application<'f> {
    /// The series of a metric; none where the application does not publish it.
    pub fn entries(&self, metric: &str) -> impl Iterator<Item = &'f Entry> + Clone {
        let of_metric = self.inventory.map_or(&[][..], |inventory| inventory.of_metric(metric));
        of_metric.iter().filter(|entry| self.owns(entry))
    }

    /// The series of a metric under one dimension set.
    pub fn entries_at(&self, metric: &str, set: DimensionSet) -> impl Iterator<Item = &'f Entry> {
        self.entries(metric).filter(move |entry| entry.set == set)
    }

    /// Every series.
    pub fn all(&self) -> impl Iterator<Item = &'f Entry> {
        let inventory = self.inventory.ok();
        inventory.into_iter().flat_map(Inventory::entries).filter(|entry| self.owns(entry))
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
    let accounts = inventory.map_or_else(|_| vec![None], |inventory| owning_accounts(place, inventory));
    let listed = selection::list_of(place, facts).and_then(|list| list.applications.get(name));
    let outdated = facts.stale.get(&(place.clone(), Some(name.clone())));
    let silent = match (&place.account, inventory) {
        (Account::All, Ok(inventory)) if !inventory.is_empty() => silent_accounts::of(place, name, &accounts, facts),
        _ => Vec::new(),
    };
    let application = |account: Option<AccountId>| {
        let description = match account.as_ref().is_some_and(|account| is_of_another(description, account)) {
            true => Err(&*NOT_OF_THE_OWN_ACCOUNT),
            false => description,
        };
        let job_plan = description.ok().and_then(|description| description.job_plan.as_deref());
        let topology = match inventory {
            Ok(inventory) if account.is_some() => inventory.topology_of(&account, job_plan),
            Ok(inventory) => inventory.topology(job_plan),
            Err(_) => Arc::new(Topology::of(None, &TaskOperators::new())),
        };
        Application {
            name: name.clone(),
            account,
            is_silent: false,
            description,
            listed,
            outdated,
            inventory,
            topology,
        }
    };
    let silent = silent.into_iter().map(|account| Application { is_silent: true, ..application(Some(account)) });
    accounts.into_iter().map(application).chain(silent).collect()
}

/// What is told of an application of a linked account.
static NOT_OF_THE_OWN_ACCOUNT: LazyLock<CallError> =
    LazyLock::new(|| CallError::own_account_only("kinesisanalytics:DescribeApplication", &Region::from("")));

/// Whether an application that publishes in `account` is not the one of the own account that was asked for by its name.
fn is_of_another(description: Result<&Arc<Description>, &CallError>, account: &AccountId) -> bool {
    match description {
        Ok(description) => description.arn.split(':').nth(4).is_some_and(|described| described != account.as_str()),
        Err(error) => error.kind == CallErrorKind::NotFound,
    }
}

fn owning_accounts(place: &Place, inventory: &Inventory) -> Vec<Option<AccountId>> {
    match &place.account {
        Account::Own => vec![None],
        Account::Linked(id) => vec![Some(id.clone())],
        // One that publishes nowhere is still asked about.
        Account::All if inventory.is_empty() => vec![None],
        Account::All => inventory.accounts().cloned().collect(),
    }
}
