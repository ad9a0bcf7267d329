//! What planned series are answered with: from what is kept, from calls that run for others, and from calls of our own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{join, join_all};
use tokio::time::{Instant, timeout_at};

use super::cached_series::CachedBuckets;
use super::coalescer::{Pending, PendingFrom, PendingSeries, WantedSeries};
use super::subscription::{Call, CallResult, Delivery};
use crate::answers::{Column, Completeness, Fetched, QueryCost, SeriesAnswer, ValuesFrom};
use crate::aws::GET_METRIC_DATA;
use crate::failure::CallError;
use crate::fetch::Source;
use crate::place::Region;
use crate::plan::Plan;
use crate::plan::series::PlannedSeries;
use crate::query::Origin;

/// Answers all series that somebody uses. `now_ms` is the moment of asking.
pub async fn columns(source: &Source, plan: &Plan, now_ms: i64) -> Fetched {
    let alerts: HashSet<&str> =
        plan.queries.iter().filter(|query| query.origin == Origin::Alert).map(|query| query.ref_id.as_str()).collect();
    let origin = |series: &PlannedSeries| {
        if series.users.iter().any(|user| alerts.contains(user.as_str())) { Origin::Alert } else { Origin::Panel }
    };
    let mut by_region: BTreeMap<&Region, Vec<usize>> = BTreeMap::new();
    for (index, series) in plan.series.iter().enumerate().filter(|(_, series)| !series.users.is_empty()) {
        by_region.entry(&series.group.region).or_default().push(index);
    }
    let requested = by_region.into_iter().map(|(region, indexes)| {
        let wanted =
            |index: &usize| WantedSeries { series: &plan.series[*index], origin: origin(&plan.series[*index]) };
        let wanted: Vec<_> = indexes.iter().map(wanted).collect();
        let pending = source.coalescer.request(source, region, &wanted, now_ms);
        async move { (indexes, receive(source, pending, region).await) }
    });
    // All regions are requested before any is awaited.
    let requested: Vec<_> = requested.collect();
    let mut fetched = Fetched { answers: vec![unused(); plan.series.len()], ..Fetched::default() };
    let mut counted = HashSet::new();
    for (indexes, received) in join_all(requested).await {
        for (index, received) in indexes.into_iter().zip(received) {
            let series = &plan.series[index];
            add_to_costs(&mut fetched.costs, &mut counted, series, &received);
            fetched.answers[index] = answer(series, received);
        }
    }
    fetched.spent = source.payer.notice(now_ms);
    fetched
}

/// A series that no line needs after all.
fn unused() -> SeriesAnswer {
    SeriesAnswer {
        column: Column { values: Arc::default(), completeness: Completeness::Complete, message: None },
        error: None,
        from: ValuesFrom::Cache,
    }
}

/// One series: what was kept, and what became of the call for the rest.
struct Received {
    found: CachedBuckets,
    /// None where nothing was missing.
    came: Option<Result<(Delivery, Arc<CallResult>), CallError>>,
}

type CallResults = HashMap<u64, Result<Arc<CallResult>, CallError>>;

/// Drives what is pending to its end, or to the deadline.
async fn receive(source: &Source, pending: Pending, region: &Region) -> Vec<Received> {
    let Pending { series, window, subscription, reservation } = pending;
    let joined = drive(source, series.iter().filter_map(PendingSeries::in_flight), region);
    let own = async {
        if let Some(window) = window {
            // Facts may have taken all of the time: then nothing was delayed by limits of ours.
            if source.deadline <= Instant::now() {
                return Err(source.aws.late(GET_METRIC_DATA, region));
            }
            let closed = timeout_at(source.deadline, window).await;
            // Our limits, unless the calls that take all of them are not answered.
            closed.map_err(|_| {
                let late = source.aws.late(GET_METRIC_DATA, region);
                if late.context.server.host.is_some() {
                    late
                } else {
                    CallError::over_own_limits(GET_METRIC_DATA, region)
                }
            })?;
        }
        drop(reservation);
        let deliveries = subscription.take();
        let outcomes = drive(source, deliveries.iter().flatten(), region).await;
        Ok((deliveries, outcomes))
    };
    let (joined, own) = join(joined, own).await;
    let find = |delivery: &Delivery, outcomes: &CallResults| {
        let outcome =
            outcomes.get(&delivery.id).cloned().unwrap_or_else(|| Err(source.aws.late(GET_METRIC_DATA, region)));
        outcome.map(|outcome| (delivery.clone(), outcome))
    };
    let received = series.into_iter().map(|series| {
        let delivery = |index: usize| {
            let (deliveries, outcomes) = own.as_ref().map_err(CallError::clone)?;
            let delivery = deliveries.get(index).and_then(Option::as_ref);
            delivery.map(|delivery| find(delivery, outcomes)).transpose()
        };
        let came = match series.rest_from {
            None => None,
            Some(PendingFrom::InFlight(delivery)) => Some(find(&delivery, &joined)),
            Some(PendingFrom::Refused(error)) => Some(Err(error)),
            Some(PendingFrom::Spare(index)) => delivery(index).transpose(),
            Some(PendingFrom::Subscription(index)) => {
                Some(delivery(index).and_then(|came| came.ok_or_else(|| source.aws.late(GET_METRIC_DATA, region))))
            }
        };
        Received { found: series.found, came }
    });
    received.collect()
}

/// Waits for all these calls, each once.
async fn drive<'a>(source: &Source, deliveries: impl Iterator<Item = &'a Delivery>, region: &Region) -> CallResults {
    let calls: HashMap<u64, Call> = deliveries.map(|delivery| (delivery.id, delivery.call.clone())).collect();
    let ended = calls.into_iter().map(|(id, call)| async move {
        let outcome = source.within(source.deadline, GET_METRIC_DATA, region, call.map(Ok)).await;
        (id, outcome)
    });
    join_all(ended).await.into_iter().collect()
}

/// The first query that uses a series pays for it, unless another request does.
fn add_to_costs(
    costs: &mut BTreeMap<String, QueryCost>,
    counted: &mut HashSet<(String, u64)>,
    series: &PlannedSeries,
    received: &Received,
) {
    let all = series.points();
    let own = received.came.as_ref().and_then(|came| came.as_ref().ok()).filter(|(delivery, _)| delivery.pays);
    for (index, user) in series.users.iter().enumerate() {
        let cost = costs.entry(user.clone()).or_default();
        let Some((delivery, outcome)) = own.filter(|_| index == 0) else {
            cost.saved_points += all;
            continue;
        };
        let asked = received.found.missing_points(series.key.period);
        cost.asked_points += asked;
        cost.saved_points += all.saturating_sub(asked);
        if counted.insert((user.clone(), delivery.id)) {
            cost.calls += outcome.result.as_ref().map_or(1, |answer| u64::from(answer.calls));
        }
        cost.billed_metrics += u64::from(delivery.billed && outcome.result.is_ok());
    }
}

fn values_from(series: &PlannedSeries, received: &Received) -> ValuesFrom {
    let points = received.found.missing_points(series.key.period);
    match &received.came {
        Some(Ok((delivery, _))) if delivery.pays => ValuesFrom::OwnCall { points },
        Some(Ok(_)) => ValuesFrom::SharedCall { points },
        Some(Err(_)) | None => ValuesFrom::Cache,
    }
}

/// What was kept, or what came, or both in one.
fn answer(series: &PlannedSeries, received: Received) -> SeriesAnswer {
    let from = values_from(series, &received);
    let Received { found, came } = received;
    let owner = series.key.account.clone().map_or(crate::place::Account::Own, crate::place::Account::Linked);
    let kept = |found: CachedBuckets, completeness, error: Option<CallError>| SeriesAnswer {
        column: Column { values: Arc::new(found.values), completeness, message: None },
        error: error.map(|error| error.of(&owner)),
        from,
    };
    let (delivery, outcome) = match came {
        None => return kept(found, Completeness::Complete, None),
        Some(Err(error)) => return kept(found, Completeness::Complete, Some(error)),
        Some(Ok(came)) => came,
    };
    let answer = match &outcome.result {
        Ok(answer) => answer,
        Err(error) => return kept(found, Completeness::Complete, Some(error.clone())),
    };
    if let Some(error) = outcome.refused.get(&delivery.position) {
        return kept(found, Completeness::Complete, Some(error.clone()));
    }
    let Some(fetched) = answer.columns.get(delivery.position) else { return kept(found, Completeness::Failed, None) };
    let start = series.key.period.floor(outcome.call.start);
    let values = merged(series, found, start, fetched);
    let column = Column { values, completeness: fetched.completeness, message: fetched.message.clone() };
    SeriesAnswer { column, error: None, from }
}

/// What came, over what was kept. `start` is the second of the first bucket that came.
fn merged(series: &PlannedSeries, found: CachedBuckets, start: i64, fetched: &Column) -> Arc<Vec<f64>> {
    let count = |from: i64, to: i64| usize::try_from((to - from) / series.key.period.seconds()).unwrap_or(0);
    let wanted = count(series.first, series.last);
    if found.values.is_empty() && start == series.first && fetched.values.len() == wanted {
        return Arc::clone(&fetched.values);
    }
    let mut values = found.values;
    values.resize(wanted, f64::NAN);
    let missing = found.missing.unwrap_or(series.first..series.first);
    let to = values.iter_mut().skip(count(series.first, missing.start));
    let from = fetched.values.iter().skip(count(start, missing.start));
    for (known, new) in to.zip(from).take(count(missing.start, missing.end)) {
        // What is missing in an incomplete column says nothing.
        if fetched.completeness == Completeness::Complete || !new.is_nan() {
            *known = *new;
        }
    }
    Arc::new(values)
}
