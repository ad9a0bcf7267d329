//! The content of drop-downs and variables: `GET resources/<path>` answers with a list of choices, or with what is
//! known of one application.
//!
//! What an answer is made of is pure (`applications`, `choices`, `regions`, `signals`); only [`fetch_resource()`] asks
//! for facts. `q` filters here and not in the browser, because an application at PARALLELISM level has thousands of
//! series.

mod applications;
mod asked;
mod choices;
mod estimate;
mod nothing;
mod regions;
mod signals;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

pub use applications::{ApplicationReport, ApplicationTraits};
pub use estimate::{Estimate, estimate};
pub use signals::SignalTraits;

use applications::Found;
use asked::{Asked, Search};

use crate::failure::{CallError, CallErrorKind};
use crate::fetch::{self, Source};
use crate::limits;
use crate::model::application::{Accounts, ApplicationList, ApplicationSummary, Description, ListSource};
use crate::notice::describe_applications;
use crate::place::{Account, ApplicationName, Place, Region};
use crate::plan::facts::Needs;
use crate::plan::select_applications;
use crate::query::{NameFilter, QueryDefaults, QueryError};
use crate::topology::inventory::Inventory;

/// What a path answers with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Resource {
    Choices(Vec<Choice>),
    Application(ApplicationReport),
}

/// One entry of a drop-down.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
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
    /// Where it stands for an application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationTraits>,
    /// Where it stands for a signal, or for a metric in the place of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<SignalTraits>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ResourceError {
    #[error("there is no resource {path:?}; there are {}, and {ESTIMATE} with POST", PATHS.join(", "))]
    UnknownPath { path: String },
    #[error("the resource {path:?} takes {allowed}, and not {method}")]
    WrongMethod { path: String, method: String, allowed: &'static str },
    #[error("the argument {argument} is missing; expected: {wanted}")]
    MissingArgument { argument: &'static str, wanted: &'static str },
    #[error("the argument {argument} is {found:?}; allowed: {allowed}")]
    WrongArgument { argument: &'static str, found: String, allowed: String },
    #[error("the body is not a JSON object with query, from and to")]
    UnreadableBody,
    #[error("the field {field} of the body is {found}; allowed: {allowed}")]
    WrongBody { field: &'static str, found: &'static str, allowed: &'static str },
    #[error(
        "the argument {argument} holds a variable that was not replaced, {found:?}: the dashboard has no variable {variable:?}; add it, or write the value itself"
    )]
    Variable { argument: String, found: String, variable: String },
    #[error("{found} applications match, and at most {APPLICATIONS} are read at a time: name fewer")]
    TooManyApplications { found: usize },
    #[error("there is no {} in {}", describe_applications(.names), .place.describe())]
    UnknownApplications { names: Vec<ApplicationName>, place: Place },
    #[error(
        "{} in {} published no metrics in the last two weeks and cannot be described{why}: check the name, the region and the account",
        describe_applications(.names), .place.describe()
    )]
    NoMetrics {
        names: Vec<ApplicationName>,
        place: Place,
        /// In parentheses, where it was tried.
        why: String,
    },
    #[error(
        "{0}: no tasks or operators of a Flink job, only what a Studio notebook publishes; ask for it in a metric query"
    )]
    Notebooks(String),
    /// A sentence about the account.
    #[error("{0}")]
    Unlinked(String),
    #[error("no {what} in {} matches {found:?}: check the name", .place.describe())]
    NoMatch { what: String, found: String, place: Place },
    #[error("{0}")]
    Query(QueryError),
    #[error("{error}")]
    Call { error: CallError, applications: Vec<ApplicationName> },
}

/// Every path.
pub const PATHS: &[&str] = &[
    "regions",
    "applications",
    "application",
    "tasks",
    "operators",
    "signals",
    "metrics",
    "dimensions",
    "sources",
    "log-groups",
    "accounts",
];

/// What is asked with a body: the price of a query.
pub const ESTIMATE: &str = "estimate";

/// Refuses methods that read nothing. Nothing can be changed or deleted here.
pub fn check_method(path: &str, method: &str) -> Result<(), ResourceError> {
    let (is_allowed, allowed) = match path {
        ESTIMATE => (method == "POST", "POST"),
        _ => (matches!(method, "GET" | "HEAD" | ""), "GET"),
    };
    let refused = || ResourceError::WrongMethod {
        path: limits::cut(path, limits::NAME_SHOWN_BYTES).into_owned(),
        method: limits::cut(method, limits::NAME_SHOWN_BYTES).into_owned(),
        allowed,
    };
    if is_allowed { Ok(()) } else { Err(refused()) }
}

/// Applications that one drop-down reads. Each costs a call or two when nothing is known of it.
const APPLICATIONS: usize = 20;

/// The answer of `path`.
pub async fn fetch_resource(
    source: &Source,
    defaults: &QueryDefaults,
    path: &str,
    arguments: &[(String, String)],
) -> Result<Resource, ResourceError> {
    asked::refuse_variables(arguments)?;
    let asked = Asked::read(arguments, defaults)?;
    asked::refuse_empty_lists(path, arguments)?;
    let search = &asked.search;
    let mut choices = match path {
        "application" => return fetch_report(source, &asked).await.map(Resource::Application),
        "regions" => regions::regions(&defaults.region),
        "applications" => list_applications(source, &asked, search).await?,
        "tasks" => {
            let read = fetch_applications(source, &asked, Reads::SeriesAndDescription).await?;
            nothing::refuse_notebooks(&read)?;
            by_application(read, |one| choices::tasks(&one.inventory, one.description.as_deref()))
        }
        "operators" => {
            let read = fetch_applications(source, &asked, Reads::Series).await?;
            nothing::refuse_notebooks(&read)?;
            nothing::refuse_unknown_tasks(&asked, &read)?;
            by_application(read, |one| choices::operators(&one.inventory, &asked.tasks))
        }
        "sources" => {
            let read = fetch_applications(source, &asked, Reads::Series).await?;
            by_application(read, |one| choices::sources(&one.inventory))
        }
        "signals" => signals::signals(asked.query_type()?),
        "metrics" => list_metrics(source, &asked).await?,
        "dimensions" => {
            let read = fetch_applications(source, &asked, Reads::Series).await?;
            choices::dimensions(read.iter().map(|one| &*one.inventory))
        }
        "log-groups" => choices::log_groups(&*fetch_description(source, &asked).await?),
        "accounts" => list_accounts(source, &asked.region()?).await?,
        other => return Err(ResourceError::UnknownPath { path: other.to_owned() }),
    };
    choices.retain(|choice| search.finds(&[&choice.value, &choice.label]));
    Ok(Resource::Choices(choices))
}

/// The metrics level is shown where a query fetched it a short while ago: a call per application would be too much for
/// a list.
async fn list_applications(source: &Source, asked: &Asked<'_>, search: &Search) -> Result<Vec<Choice>, ResourceError> {
    let (place, status, wanted) = (nothing::known_place(source, asked).await?, asked.status()?, asked.tags());
    let list = fetch_list(source, &place).await?;
    let is_asked = |application: &&ApplicationSummary| {
        applications::has_status(application, status) && search.finds(&[application.name.as_str()])
    };
    let mut rows: Vec<ApplicationSummary> = list.applications.values().filter(is_asked).cloned().collect();
    if !wanted.is_empty() {
        rows = with_tags(source, &place, rows, &list.source, &wanted).await?;
    }
    let level = |name: &ApplicationName| fetch::known_description(source, &place, name)?.metrics_level;
    Ok(applications::applications(rows, &list.source, level))
}

async fn fetch_list(source: &Source, place: &Place) -> Result<Arc<ApplicationList>, ResourceError> {
    let needs = Needs { lists: [place.clone()].into(), ..Needs::default() };
    fetched(fetch::facts(source, &needs).await.lists.remove(place)).map_err(failed(&[]))
}

/// Those that have all of the tags. Policies may name applications one by one, so those whose tags may not be read are
/// left out, unless it is all of them.
async fn with_tags(
    source: &Source,
    place: &Place,
    rows: Vec<ApplicationSummary>,
    from: &ListSource,
    wanted: &[&str],
) -> Result<Vec<ApplicationSummary>, ResourceError> {
    if let ListSource::Metrics { why } = from {
        return Err(failed(&[])(why.clone()));
    }
    let (rows, arns): (Vec<_>, Vec<_>) =
        rows.into_iter().filter_map(|row| row.arn.clone().map(|arn| (row, arn))).unzip();
    let mut tagged = Vec::new();
    let (mut readable, mut denied) = (false, None);
    let keys = arns.into_iter().map(|arn| (place.clone(), arn));
    let needs = Needs { tags: keys.clone().collect(), ..Needs::default() };
    let mut known = fetch::facts(source, &needs).await.tags;
    for (row, tags) in rows.into_iter().zip(keys.map(|key| known.remove(&key))) {
        match fetched(tags) {
            Ok(tags) => {
                readable = true;
                tagged.extend(applications::has_tags(&tags, wanted).then_some(row));
            }
            Err(error) if error.kind == CallErrorKind::AccessDenied => denied = denied.or(Some(error)),
            // Deleted since it was listed.
            Err(error) if error.kind == CallErrorKind::NotFound => {}
            Err(error) => return Err(failed(&[row.name])(error)),
        }
    }
    denied.filter(|_| !readable).map_or(Ok(tagged), |error| Err(failed(&[])(error)))
}

/// A linked account's applications cannot be described, so that is not asked.
async fn fetch_report(source: &Source, asked: &Asked<'_>) -> Result<ApplicationReport, ResourceError> {
    let (place, name) = (nothing::known_place(source, asked).await?, asked.application()?);
    let key = (place.clone(), name.clone());
    let mut needs = Needs { inventories: [key.clone()].into(), ..Needs::default() };
    match place.account {
        Account::Own | Account::All => needs.descriptions.extend([key.clone()]),
        Account::Linked(_) => {}
    }
    let mut facts = fetch::facts(source, &needs).await;
    let found =
        Found { description: facts.descriptions.remove(&key), inventory: fetched(facts.inventories.remove(&key)) };
    Ok(applications::report(&place, &name, &found))
}

/// One of the applications that are asked for.
struct ReadApplication {
    name: ApplicationName,
    inventory: Arc<Inventory>,
    /// Where it was asked for and is allowed.
    description: Option<Arc<Description>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    Series,
    SeriesAndDescription,
}

fn by_application(read: Vec<ReadApplication>, choices: impl Fn(&ReadApplication) -> Vec<Choice>) -> Vec<Choice> {
    let parts = read.iter().map(|one| (one.name.clone(), choices(one)));
    choices::by_application(parts.collect())
}

/// The series of the applications that are asked for. One whose series cannot be read is left out, unless there is no
/// other; where none has any series, those that do not exist are told.
async fn fetch_applications(
    source: &Source,
    asked: &Asked<'_>,
    reads: Reads,
) -> Result<Vec<ReadApplication>, ResourceError> {
    let (place, names) = select(source, asked).await?;
    let keys: BTreeSet<_> = names.iter().map(|name| (place.clone(), name.clone())).collect();
    let descriptions = if reads == Reads::SeriesAndDescription { keys.clone() } else { BTreeSet::new() };
    let needs = Needs { inventories: keys.clone(), descriptions, ..Needs::default() };
    let mut facts = fetch::facts(source, &needs).await;
    let mut read = Vec::with_capacity(keys.len());
    let mut failure = None;
    for key in keys {
        let description = facts.descriptions.remove(&key).and_then(Result::ok);
        match fetched(facts.inventories.remove(&key)) {
            Ok(inventory) => read.push(ReadApplication { name: key.1, inventory, description }),
            Err(error) => failure = failure.or(Some(failed(&[key.1])(error))),
        }
    }
    if let Some(failure) = failure.filter(|_| read.is_empty()) {
        return Err(failure);
    }
    if read.iter().all(|one| one.inventory.is_empty()) {
        nothing::refuse_unknown(source, asked, &place, &read).await?;
    }
    Ok(read)
}

/// Without a name all that run are meant.
async fn select(source: &Source, asked: &Asked<'_>) -> Result<(Place, BTreeSet<ApplicationName>), ResourceError> {
    let place = nothing::known_place(source, asked).await?;
    let filters = asked.named_applications().unwrap_or_else(|| vec![NameFilter::Any]);
    let names = if filters.iter().all(|filter| filter.exact().is_some()) {
        select_applications(&filters, None)
    } else {
        select_applications(&filters, Some(&*fetch_list(source, &place).await?))
    };
    if names.len() > APPLICATIONS {
        return Err(ResourceError::TooManyApplications { found: names.len() });
    }
    Ok((place, names))
}

/// What no application narrows down is the catalogue.
async fn list_metrics(source: &Source, asked: &Asked<'_>) -> Result<Vec<Choice>, ResourceError> {
    let is_open = asked.named_applications().is_none();
    match fetch_applications(source, asked, Reads::Series).await {
        Ok(read) if !(is_open && read.is_empty()) => Ok(signals::metrics_of(read.iter().map(|one| &*one.inventory))),
        Ok(_) => Ok(signals::metrics_of_all()),
        Err(ResourceError::TooManyApplications { .. }) if is_open => Ok(signals::metrics_of_all()),
        Err(error) => Err(error),
    }
}

async fn fetch_description(source: &Source, asked: &Asked<'_>) -> Result<Arc<Description>, ResourceError> {
    let (place, name) = (nothing::known_place(source, asked).await?, asked.application()?);
    let key = (place, name.clone());
    let needs = Needs { descriptions: [key.clone()].into(), ..Needs::default() };
    fetched(fetch::facts(source, &needs).await.descriptions.remove(&key)).map_err(failed(&[name]))
}

/// Takes a fact that was asked for just now.
fn fetched<T>(fact: Option<Result<T, CallError>>) -> Result<T, CallError> {
    fact.expect("every fact that is asked for is there, with a value or an error")
}

fn failed(applications: &[ApplicationName]) -> impl Fn(CallError) -> ResourceError {
    move |error| ResourceError::Call { error, applications: applications.to_vec() }
}

/// STS may be out of reach where CloudWatch is not; then no account is marked as the own one.
async fn list_accounts(source: &Source, region: &Region) -> Result<Vec<Choice>, ResourceError> {
    let (own, linked) = futures::join!(fetch::own_account(source, region), fetch::linked_accounts(source, region));
    match (own, linked) {
        (own, Ok(linked)) => Ok(choices::accounts(own.ok().as_ref(), &linked)),
        (Ok(own), Err(_)) => Ok(choices::accounts(Some(&own), &Accounts::new())),
        (Err(_), Err(error)) => Err(failed(&[])(error)),
    }
}
