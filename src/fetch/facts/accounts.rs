//! Accounts: the one of the data source's own identity, and those whose metrics it sees.

use std::sync::Arc;

use super::publishers::{fetch_one_of_all, names_in};
use super::share::{Shared, share};
use crate::aws::{GET_CALLER_IDENTITY, LIST_METRICS};
use crate::failure::CallError;
use crate::fetch::Source;
use crate::model::application::Accounts;
use crate::model::series::Recency;
use crate::place::{Account, AccountId, Place, Region};

/// The account of the data source's own identity.
pub async fn own_account(source: &Source, region: &Region) -> Result<AccountId, CallError> {
    let fetch = async { source.aws.caller_account(region).await.map(Arc::new) };
    let answer = source.cache.facts.own_accounts.of(&source.owner).get_or_fetch(region, fetch);
    let account = source.within(source.deadline, GET_CALLER_IDENTITY, region, answer).await?;
    Ok(AccountId::clone(&account))
}

/// The accounts that have Flink metrics, as this monitoring account sees them; the own one is among them.
pub async fn linked_accounts(source: &Source, region: &Region) -> Result<Arc<Accounts>, CallError> {
    fetch(source, Place { region: region.clone(), account: Account::All }).await.0
}

/// Of two weeks: one whose applications have published nothing for hours is linked all the same.
pub(super) async fn fetch(source: &Source, place: Place) -> Shared<Arc<Accounts>> {
    let (upstream, of) = (source.upstream(), place.clone());
    let accounts = source.cache.facts.accounts.of(&source.owner);
    let fetch = async move {
        let mut accounts = Accounts::new();
        for series in fetch_one_of_all(&upstream, &of, Recency::TwoWeeks).await? {
            let names = names_in(std::slice::from_ref(&series));
            if let Some(account) = series.account {
                accounts.entry(account).or_default().extend(names);
            }
        }
        Ok(Arc::new(accounts))
    };
    share(source, accounts, &place, LIST_METRICS, &place.region, fetch).await
}
