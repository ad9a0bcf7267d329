//! What planned series are answered with: from what is kept, from calls that run for others, and from calls of our own.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{join, join_all};
use tokio::time::{Instant, timeout_at};

use super::desk::{Order, Ordered, Wanted, Way};
use super::held::Found;
use super::ticket::{Call, Given, Outcome};
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
    let orders = by_region.into_iter().map(|(region, indexes)| {
        let wanted = |index: &usize| Wanted { series: &plan.series[*index], origin: origin(&plan.series[*index]) };
        let wanted: Vec<_> = indexes.iter().map(wanted).collect();
        let order = source.desk.order(source, region, &wanted, now_ms);
        async move { (indexes, receive(source, order, region).await) }
    });
    // All regions are ordered before any is awaited.
    let orders: Vec<_> = orders.collect();
    let mut fetched = Fetched { answers: vec![unused(); plan.series.len()], costs: BTreeMap::new() };
    let mut counted = HashSet::new();
    for (indexes, received) in join_all(orders).await {
        for (index, received) in indexes.into_iter().zip(received) {
            let series = &plan.series[index];
            add_to_costs(&mut fetched.costs, &mut counted, (series, &received));
            fetched.answers[index] = answer(series, received);
        }
    }
    fetched
}

/// A series that no line needs after all.
fn unused() -> SeriesAnswer {
    SeriesAnswer {
        column: Column { values: Arc::default(), completeness: Completeness::Complete },
        error: None,
        from: ValuesFrom::Cache,
    }
}

/// One series: what was kept, and what became of the call for the rest.
struct Received {
    found: Found,
    /// None where nothing was missing.
    came: Option<Result<(Given, Arc<Outcome>), CallError>>,
}

type Outcomes = HashMap<u64, Result<Arc<Outcome>, CallError>>;

/// Drives what was ordered to its end, or to the deadline.
async fn receive(source: &Source, order: Order, region: &Region) -> Vec<Received> {
    let joined = drive(source, order.series.iter().filter_map(Ordered::joined), region);
    let own = async {
        if let Some(gathering) = order.gathering {
            // Facts may have taken all of the time: then nothing was held up by limits of ours.
            if source.deadline <= Instant::now() {
                return Err(source.aws.late(GET_METRIC_DATA, region));
            }
            let gathered = timeout_at(source.deadline, gathering).await;
            // Our limits, unless the calls that take all of them are not answered.
            gathered.map_err(|_| {
                let late = source.aws.late(GET_METRIC_DATA, region);
                if late.context.server.host.is_some() {
                    late
                } else {
                    CallError::over_own_limits(GET_METRIC_DATA, region)
                }
            })?;
        }
        let given = order.ticket.take();
        let outcomes = drive(source, given.iter().flatten(), region).await;
        Ok((given, outcomes))
    };
    let (joined, own) = join(joined, own).await;
    let find = |given: &Given, outcomes: &Outcomes| {
        let outcome = outcomes.get(&given.id).cloned().unwrap_or_else(|| Err(source.aws.late(GET_METRIC_DATA, region)));
        outcome.map(|outcome| (given.clone(), outcome))
    };
    let received = order.series.into_iter().map(|ordered| {
        let given = |index: usize| {
            let (given, outcomes) = own.as_ref().map_err(CallError::clone)?;
            let given = given.get(index).and_then(Option::as_ref);
            given.map(|given| find(given, outcomes)).transpose()
        };
        let came = match ordered.way {
            None => None,
            Some(Way::Flight(given)) => Some(find(&given, &joined)),
            Some(Way::Spare(index)) => given(index).transpose(),
            Some(Way::Ticket(index)) => {
                Some(given(index).and_then(|came| came.ok_or_else(|| source.aws.late(GET_METRIC_DATA, region))))
            }
        };
        Received { found: ordered.found, came }
    });
    received.collect()
}

/// Waits for all these calls, each once.
async fn drive<'a>(source: &Source, given: impl Iterator<Item = &'a Given>, region: &Region) -> Outcomes {
    let calls: HashMap<u64, Call> = given.map(|given| (given.id, given.call.clone())).collect();
    let ended = calls.into_iter().map(|(id, call)| async move {
        let outcome = source.within(source.deadline, (GET_METRIC_DATA, region), call.map(Ok)).await;
        (id, outcome)
    });
    join_all(ended).await.into_iter().collect()
}

/// The first query that uses a series pays for it, unless another request does.
fn add_to_costs(
    costs: &mut BTreeMap<String, QueryCost>,
    counted: &mut HashSet<(String, u64)>,
    (series, received): (&PlannedSeries, &Received),
) {
    let all = series.points();
    let own = received.came.as_ref().and_then(|came| came.as_ref().ok()).filter(|(given, _)| given.pays);
    for (index, user) in series.users.iter().enumerate() {
        let cost = costs.entry(user.clone()).or_default();
        let Some((given, outcome)) = own.filter(|_| index == 0) else {
            cost.saved_points += all;
            continue;
        };
        let asked = received.found.missing_points(series.ask.period);
        cost.asked_points += asked;
        cost.saved_points += all.saturating_sub(asked);
        if counted.insert((user.clone(), given.id)) {
            cost.calls += outcome.result.as_ref().map_or(1, |answer| u64::from(answer.calls));
        }
        cost.billed_metrics += u64::from(given.billed && outcome.result.is_ok());
    }
}

fn values_from(series: &PlannedSeries, received: &Received) -> ValuesFrom {
    let points = received.found.missing_points(series.ask.period);
    match &received.came {
        Some(Ok((given, _))) if given.pays => ValuesFrom::OwnCall { points },
        Some(Ok(_)) => ValuesFrom::SharedCall { points },
        Some(Err(_)) | None => ValuesFrom::Cache,
    }
}

/// What was kept, or what came, or both in one.
fn answer(series: &PlannedSeries, received: Received) -> SeriesAnswer {
    let from = values_from(series, &received);
    let Received { found, came } = received;
    let owner = series.ask.account.clone().map_or(crate::place::Account::Own, crate::place::Account::Linked);
    let kept = |found: Found, completeness, error: Option<CallError>| SeriesAnswer {
        column: Column { values: Arc::new(found.values), completeness },
        error: error.map(|error| error.of(&owner)),
        from,
    };
    let (given, outcome) = match came {
        None => return kept(found, Completeness::Complete, None),
        Some(Err(error)) => return kept(found, Completeness::Complete, Some(error)),
        Some(Ok(came)) => came,
    };
    let answer = match &outcome.result {
        Ok(answer) => answer,
        Err(error) => return kept(found, Completeness::Complete, Some(error.clone())),
    };
    if let Some(error) = outcome.refused.get(&given.position) {
        return kept(found, Completeness::Complete, Some(error.clone()));
    }
    let Some(fetched) = answer.columns.get(given.position) else { return kept(found, Completeness::Failed, None) };
    let start = series.ask.period.floor(outcome.call.start);
    let values = merged(series, found, (start, fetched));
    SeriesAnswer { column: Column { values, completeness: fetched.completeness }, error: None, from }
}

/// What came, over what was kept. `start` is the second of the first bucket that came.
fn merged(series: &PlannedSeries, found: Found, (start, fetched): (i64, &Column)) -> Arc<Vec<f64>> {
    let count = |from: i64, to: i64| usize::try_from((to - from) / series.ask.period.seconds()).unwrap_or(0);
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
