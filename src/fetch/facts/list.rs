//! The applications of a place, as the service lists them.

use std::sync::Arc;

use super::publishers::{fetch_one_of_each, names_in};
use super::share::{Shared, share};
use super::silence::unless_silent;
use crate::aws::LIST_APPLICATIONS;
use crate::failure::{CallError, CallErrorKind};
use crate::fetch::{Source, Upstream};
use crate::model::application::{ApplicationList, ApplicationSummary, ListSource};
use crate::place::{Account, ApplicationName, Place, Region};

pub(super) async fn fetch(source: &Source, place: Place) -> Shared<Arc<ApplicationList>> {
    let (upstream, of) = (source.upstream(), place.clone());
    let lists = source.cache.facts.lists.of(&source.owner);
    let fetch = async move { fetch_list(&upstream, &of).await };
    share(source, lists, &place, LIST_APPLICATIONS, &place.region, fetch).await
}

/// The applications of a place: as the service lists them, else as their metrics name them.
async fn fetch_list(upstream: &Upstream, place: &Place) -> Result<Arc<ApplicationList>, CallError> {
    let why = match &place.account {
        Account::Own => match list_applications(upstream, &place.region).await {
            Ok(applications) => {
                return Ok(Arc::new(ApplicationList::new(applications, ListSource::ListApplications)));
            }
            // What was known before also knows who is stopped; metrics do not.
            Err(error) if error.kind.is_passing() && knows_a_list(upstream, place) => return Err(error),
            Err(error) if leaves_metrics(error.kind) => error,
            Err(error) => return Err(error),
        },
        Account::Linked(_) | Account::All => CallError::own_account_only(LIST_APPLICATIONS, &place.region),
    };
    let series = fetch_one_of_each(upstream, place).await?;
    Ok(Arc::new(ApplicationList::new(names_in(&series).into_iter().map(unknown), ListSource::Metrics { why })))
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

/// An application of which only the name is known.
fn unknown(name: ApplicationName) -> ApplicationSummary {
    ApplicationSummary { name, arn: None, status: None, runtime: None, version: None }
}
