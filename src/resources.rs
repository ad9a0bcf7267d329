//! The content of drop-downs and variables: `GET resources/<path>` answers with a list of choices.
//!
//! What a choice is made of is pure (`choices`, `regions`); only [`fetch_choices()`] asks for facts. `q` filters here and not in the
//! browser, because an application at PARALLELISM level has thousands of series.

mod choices;
mod regions;

use std::sync::Arc;

use serde::Serialize;

use crate::failure::CallError;
use crate::fetch::{self, Source};
use crate::place::{Account, AccountId, ApplicationName, Place, Region};
use crate::plan::facts::{Description, Inventory, Needs};
use crate::query::KINDS;
use crate::settings::is_region_name;

/// One entry of a drop-down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What a query holds.
    pub value: String,
    /// What people read.
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The heading under which it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResourceError {
    #[error("there is no resource {path:?}; there are {}", PATHS.join(", "))]
    UnknownPath { path: String },
    #[error("the argument {argument} is missing: {wanted}")]
    MissingArgument { argument: &'static str, wanted: &'static str },
    #[error("the argument {argument} is {found:?}; allowed: {allowed}")]
    WrongArgument { argument: &'static str, found: String, allowed: String },
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Every path.
pub const PATHS: &[&str] = &[
    "regions",
    "applications",
    "tasks",
    "operators",
    "signals",
    "metrics",
    "dimensions",
    "sources",
    "log-groups",
    "accounts",
];

/// The choices of `path`. Empty arguments count as absent, and "default" as the default region.
pub async fn fetch_choices(
    source: &Source,
    default_region: &Region,
    path: &str,
    arguments: &[(String, String)],
) -> Result<Vec<Choice>, ResourceError> {
    let asked = Asked { arguments, default_region };
    let mut choices = match path {
        "regions" => regions::regions(default_region),
        "applications" => list_applications(source, asked.place()?).await?,
        "tasks" => {
            let (inventory, description) = fetch_application(source, &asked).await?;
            choices::tasks(&inventory, description.as_deref())
        }
        "operators" => {
            let (inventory, _) = fetch_application(source, &asked).await?;
            choices::operators(&inventory, asked.argument("task"))
        }
        "signals" => choices::signals(asked.query_type()?),
        "metrics" => match asked.argument("application") {
            Some(_) => choices::metrics_of(&*fetch_inventory(source, &asked).await?),
            None => choices::metrics_of_all(),
        },
        "dimensions" => choices::dimensions(&*fetch_inventory(source, &asked).await?),
        "sources" => choices::sources(&*fetch_inventory(source, &asked).await?),
        "log-groups" => choices::log_groups(&*fetch_description(source, &asked).await?),
        "accounts" => list_accounts(source, &asked.region()?).await?,
        other => return Err(ResourceError::UnknownPath { path: other.to_owned() }),
    };
    if let Some(search) = asked.argument("q") {
        let search = search.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&search);
        choices.retain(|choice| has(&choice.value) || has(&choice.label));
    }
    Ok(choices)
}

/// The arguments of one request.
struct Asked<'a> {
    arguments: &'a [(String, String)],
    default_region: &'a Region,
}

impl Asked<'_> {
    fn argument(&self, name: &str) -> Option<&str> {
        let found = self.arguments.iter().find(|(of, text)| of == name && !text.trim().is_empty());
        found.map(|(_, text)| text.trim())
    }

    fn region(&self) -> Result<Region, ResourceError> {
        match self.argument("region") {
            None | Some("default") => Ok(self.default_region.clone()),
            Some(name) if is_region_name(name) => Ok(Region::from(name)),
            Some(other) => Err(wrong("region", other, "the name of an AWS region, or default")),
        }
    }

    fn place(&self) -> Result<Place, ResourceError> {
        let account = match self.argument("accountId") {
            None => Account::Own,
            Some("all") => Account::All,
            Some(id) if id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()) => {
                Account::Linked(AccountId::from(id))
            }
            Some(other) => return Err(wrong("accountId", other, "twelve digits, or all")),
        };
        Ok(Place { region: self.region()?, account })
    }

    fn application(&self) -> Result<ApplicationName, ResourceError> {
        match self.argument("application") {
            None => {
                Err(ResourceError::MissingArgument { argument: "application", wanted: "the name of an application" })
            }
            Some(name) if name == "*" || name.starts_with('/') => {
                Err(wrong("application", name, "the name of one application"))
            }
            Some(name) => Ok(ApplicationName::from(name)),
        }
    }

    fn query_type(&self) -> Result<Option<&str>, ResourceError> {
        match self.argument("queryType") {
            Some(other) if !KINDS.contains(&other) => Err(wrong("queryType", other, &KINDS.join(", "))),
            known => Ok(known),
        }
    }
}

fn wrong(argument: &'static str, found: &str, allowed: &str) -> ResourceError {
    ResourceError::WrongArgument { argument, found: found.to_owned(), allowed: allowed.to_owned() }
}

/// The metrics level is shown where a query fetched it a short while ago: a call per application would be too much for a list.
async fn list_applications(source: &Source, place: Place) -> Result<Vec<Choice>, ResourceError> {
    let needs = Needs { lists: [place.clone()].into(), ..Needs::default() };
    let list = fetched(fetch::facts(source, &needs).await.lists.remove(&place))?;
    let level = |name: &ApplicationName| fetch::known_description(source, &place, name)?.metrics_level;
    Ok(choices::applications(&list, level))
}

/// The series of an application, and its description where that is allowed.
async fn fetch_application(
    source: &Source,
    asked: &Asked<'_>,
) -> Result<(Arc<Inventory>, Option<Arc<Description>>), ResourceError> {
    let key = (asked.place()?, asked.application()?);
    let needs = Needs { inventories: [key.clone()].into(), descriptions: [key.clone()].into(), ..Needs::default() };
    let mut facts = fetch::facts(source, &needs).await;
    let description = facts.descriptions.remove(&key).and_then(Result::ok);
    Ok((fetched(facts.inventories.remove(&key))?, description))
}

async fn fetch_inventory(source: &Source, asked: &Asked<'_>) -> Result<Arc<Inventory>, ResourceError> {
    let key = (asked.place()?, asked.application()?);
    let needs = Needs { inventories: [key.clone()].into(), ..Needs::default() };
    fetched(fetch::facts(source, &needs).await.inventories.remove(&key))
}

async fn fetch_description(source: &Source, asked: &Asked<'_>) -> Result<Arc<Description>, ResourceError> {
    let key = (asked.place()?, asked.application()?);
    let needs = Needs { descriptions: [key.clone()].into(), ..Needs::default() };
    fetched(fetch::facts(source, &needs).await.descriptions.remove(&key))
}

/// Takes a fact that was asked for just now.
fn fetched<T>(fact: Option<Result<T, CallError>>) -> Result<T, ResourceError> {
    Ok(fact.expect("every fact that is asked for is there, with a value or an error")?)
}

/// STS may be out of reach where CloudWatch is not; then no account is marked as the own one.
async fn list_accounts(source: &Source, region: &Region) -> Result<Vec<Choice>, ResourceError> {
    let (own, linked) = futures::join!(fetch::own_account(source, region), fetch::linked_accounts(source, region));
    match (own, linked) {
        (own, Ok(linked)) => Ok(choices::accounts(own.ok().as_ref(), &linked)),
        (Ok(own), Err(_)) => Ok(choices::accounts(Some(&own), &std::collections::BTreeSet::new())),
        (Err(_), Err(error)) => Err(error.into()),
    }
}
