//! Ranks applications by one signal before others are asked: these only of the highest.

use std::collections::BTreeMap;

use super::Request;
use crate::answers::QueryCost;
use crate::compute;
use crate::fetch;
use crate::plan::facts::Facts;
use crate::query::Query;

/// Tells the queries that rank by another signal than they show which applications are highest. What that was asked
/// for, by refId. Where part of the ranking could not be read a query stays as it is: then all is asked, and what fails
/// is told.
pub(super) async fn find(request: &Request<'_>, queries: &mut [Query], facts: &Facts) -> BTreeMap<String, QueryCost> {
    let (ranked, rankings): (Vec<&mut Query>, Vec<Query>) =
        queries.iter_mut().filter_map(|query| query.ranking_alone().map(|ranking| (query, ranking))).unzip();
    if ranked.is_empty() {
        return BTreeMap::new();
    }
    let plan = request.plan(&rankings, facts);
    let fetched = fetch::columns(request.source, &plan, request.now_ms).await;
    for (query, planned) in ranked.into_iter().zip(&plan.queries) {
        if let Some(highest) = compute::highest_applications(planned, &plan, &fetched) {
            query.keep(highest);
        }
    }
    fetched.costs
}
