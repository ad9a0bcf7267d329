//! Two accounts with an application of one name.

use std::sync::Arc;

use flinkwatch::model::series::{Freshness, MetricSeries};
use flinkwatch::place::{Account, AccountId, ApplicationName, Place, Region};
use flinkwatch::plan::facts::Facts;
use flinkwatch::plan::plan;
use flinkwatch::topology::inventory::Inventory;
use serde_json::json;

use super::{NOW_MS, SETTINGS, parse};
use crate::support::facts::description;
use crate::support::panels::panels;
use crate::support::scripted::series;

/// That of the description.
const OWN: &str = "123456789012";
const LINKED: &str = "222222222222";

/// "orders" reads in another task in each account, and only that of the own one is described.
fn facts() -> Facts {
    let of = |account: &str, task: &str| {
        let app = ("Application", "orders");
        let all = [series("cpuUtilization", &[app]), series("numRecordsOutPerSecond", &[app, ("Task", task)])];
        all.map(|series| MetricSeries { account: Some(AccountId::from(account)), ..series })
    };
    let inventory = [of(OWN, "Source:_a"), of(LINKED, "Source:_b")].concat();
    let place = Place { region: Region::from("eu-west-1"), account: Account::All };
    let key = (place, ApplicationName::from("orders"));
    Facts {
        inventories: [(key.clone(), Ok(Arc::new(Inventory::new(inventory, Freshness::RecentlyActive))))].into(),
        descriptions: [(key, Ok(Arc::new(description("orders"))))].into(),
        ..Facts::default()
    }
}

#[test]
fn applications_of_one_name_in_two_accounts_are_not_mixed() {
    let query = json!({
        "queryType": "application", "applications": ["orders"], "signals": ["sourceRate"], "accountId": "all",
    });
    let plan = plan(&parse(&panels(1, &[query])), &facts(), SETTINGS, NOW_MS);
    let text = |account: &Option<AccountId>| account.as_ref().map_or("-", AccountId::as_str).to_owned();
    let lines = plan.queries[0].show.lines().into_iter().map(|line| text(&line.target.account));
    assert_eq!(lines.collect::<Vec<_>>(), [OWN, LINKED], "{:?}", plan.queries[0].missing);
    let mut asked: Vec<_> = plan
        .series
        .iter()
        .map(|series| (text(&series.key.account), series.key.dimensions.get("Task").cloned()))
        .collect();
    asked.dedup();
    assert_eq!(asked, [(OWN.to_owned(), Some("Source:_a".into())), (LINKED.to_owned(), Some("Source:_b".into()))]);
    let described =
        plan.queries[0].applications.iter().map(|state| (text(&state.account), state.description.is_some()));
    assert_eq!(described.collect::<Vec<_>>(), [(OWN.to_owned(), true), (LINKED.to_owned(), false)]);
}
