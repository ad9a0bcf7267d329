//! Plans the table of tags: one row per application, stopped ones among them, and a column per key.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fact_table::{FactColumn, FactTable};
use super::facts::{Facts, Needs};
use super::{QueryPlan, Show, missing, selection};
use crate::failure::{CallError, CallErrorKind};
use crate::model::application::{ApplicationList, ListSource, Tags};
use crate::notice::{Notice, count};
use crate::place::{Account, ApplicationArn, ApplicationName, Place};
use crate::query::Query;

/// The call that is not made for other accounts.
const OPERATION: &str = "kinesisanalytics:ListTagsForResource";

/// Columns of one table. An application has fifty tags at most (Managed Service for Apache Flink, "Quotas").
const KEYS: usize = 100;

/// The list, because it has the ARNs; then the tags of each that is selected. Of linked accounts nothing can be had.
pub(super) fn needs_of_tags(query: &Query, facts: &Facts) -> Needs {
    if query.place.account != Account::Own {
        return Needs::default();
    }
    let mut needs = Needs { lists: [query.place.clone()].into(), ..Needs::default() };
    if let Some(list) = selection::list_of(&query.place, facts) {
        needs.tags.extend(selected(query, list).iter().filter_map(|name| key_of(&query.place, name, list)));
    }
    needs
}

pub(super) fn plan_tags(query: &Query, facts: &Facts) -> QueryPlan {
    let mut plan = QueryPlan::of(query, Show::Facts(FactTable::default()));
    if query.place.account != Account::Own {
        plan.failures.push((None, CallError::own_account_only(OPERATION, &query.place.region)));
        return plan;
    }
    let list = match facts.lists.get(&query.place) {
        Some(Ok(list)) => list,
        Some(Err(error)) => {
            plan.failures.push((None, error.clone()));
            return plan;
        }
        None => return plan,
    };
    if let ListSource::Metrics { why } = &list.source {
        // A name is no ARN.
        plan.failures.push((None, why.clone()));
        return plan;
    }
    plan.missing = missing::unmatched_applications(query, facts);
    plan.notices.extend(missing::not_excluded(query, facts));
    let mut rows: Vec<(ApplicationName, Arc<Tags>)> = Vec::new();
    for name in selected(query, list) {
        match key_of(&query.place, &name, list).and_then(|key| facts.tags.get(&key)) {
            Some(Ok(tags)) => rows.push((name, Arc::clone(tags))),
            Some(Err(error)) if error.kind != CallErrorKind::NotFound => {
                plan.failures.push((Some(name), error.clone()));
            }
            Some(Err(_)) | None => {
                plan.missing.push(format!("There is no application \"{name}\" in {}.", query.place.describe()));
            }
        }
    }
    if !rows.is_empty() && rows.iter().all(|(_, tags)| tags.is_empty()) {
        plan.notices.push(Notice::info("None of these applications has tags."));
    }
    let (table, left_out) = table_of(&rows);
    if left_out > 0 {
        plan.notices.push(Notice::warning(format!("{} not shown: a table has {KEYS}.", are(left_out))));
    }
    plan.show = Show::Facts(table);
    plan
}

fn are(left_out: usize) -> String {
    format!("{} {}", count(left_out, "further key"), if left_out == 1 { "is" } else { "are" })
}

fn selected(query: &Query, list: &ApplicationList) -> BTreeSet<ApplicationName> {
    let mut names = selection::select(&query.selected, Some(list), |_| true);
    names.retain(|name| query.lets_through(name.as_str()));
    names
}

fn key_of(place: &Place, name: &ApplicationName, list: &ApplicationList) -> Option<(Place, ApplicationArn)> {
    Some((place.clone(), list.applications.get(name)?.arn.clone()?))
}

/// The table, and how many keys it has no column for.
fn table_of(rows: &[(ApplicationName, Arc<Tags>)]) -> (FactTable, usize) {
    let keys: BTreeSet<&String> = rows.iter().flat_map(|(_, tags)| tags.keys()).collect();
    let names = rows.iter().map(|(name, _)| Some(name.to_string())).collect();
    let mut columns = vec![FactColumn { title: "application".to_owned(), values: names }];
    columns.extend(keys.iter().take(KEYS).map(|key| FactColumn {
        // Two columns of one name cannot be told apart.
        title: if *key == "application" { "tag application".to_owned() } else { (*key).clone() },
        values: rows.iter().map(|(_, tags)| tags.get(*key).cloned()).collect(),
    }));
    (FactTable { name: "tags", columns }, keys.len().saturating_sub(KEYS))
}
