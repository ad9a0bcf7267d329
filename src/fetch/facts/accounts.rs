//! Accounts: the one of the data source's own identity, and those whose metrics it sees.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::publishers::fetch_one_of_each;
use crate::aws::{GET_CALLER_IDENTITY, LIST_METRICS};
use crate::failure::CallError;
use crate::fetch::Source;
use crate::place::{Account, AccountId, Place, Region};

/// The account of the data source's own identity.
pub async fn own_account(source: &Source, region: &Region) -> Result<AccountId, CallError> {
    let fetch = async { source.aws.caller_account(region).await.map(Arc::new) };
    let answer = source.cache.facts.own_accounts.of(&source.owner).get_or_fetch(region, fetch);
    let account = source.within(source.deadline, GET_CALLER_IDENTITY, region, answer).await?;
    Ok(AccountId::clone(&account))
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
    source.within(source.deadline, LIST_METRICS, region, answer).await
}
