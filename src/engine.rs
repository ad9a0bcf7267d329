//! The way from queries to frames: parse → needs → facts → plan → fetch → frames.
//!
//! The queries of a request whose facts are there are planned together; one whose facts take long goes on alone, so
//! that it holds up nobody. What goes wrong stays with the query it belongs to: every query has its own result. The
//! clock comes in as a value.

mod highest;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, join, join_all};
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::time::{Instant, timeout_at};

use crate::answers::{Fetched, SeriesAnswer};
use crate::compute::AnswerError;
use crate::fetch::{self, Source};
use crate::frames;
use crate::frames::frame::Frame;
use crate::large_work;
use crate::notice::Notice;
use crate::plan::facts::Facts;
use crate::plan::series::PlannedSeries;
use crate::plan::size::Taken;
use crate::plan::{self, Plan, PlanSettings};
use crate::query::{self, AskedQuery, Origin, Patterns, Query, QueryDefaults, QueryError};

/// What the settings contribute.
#[derive(Debug, Clone, PartialEq)]
pub struct EngineSettings {
    pub defaults: QueryDefaults,
    pub plan: PlanSettings,
}

/// One query's result, by refId.
#[derive(Debug)]
pub struct QueryOutcome {
    pub ref_id: String,
    pub result: Result<Vec<Frame>, QueryFailure>,
}

/// Why a query has no frames.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryFailure {
    Query(QueryError),
    Answer(AnswerError),
    /// A bug of ours; its text is in the log.
    Panicked,
}

/// Facts are asked for until none is missing: a list of applications first, then what is known of each and which
/// of the stopped ones published something, then what is known of these. More rounds than this
/// would mean that planning never has enough.
const FACT_ROUNDS: usize = 4;

/// How long queries that know enough wait for the others of their request, so that they ask for their values in the
/// same calls. Facts are there within half a second where nothing is slow, and the answers leave together.
const TOGETHER: Duration = Duration::from_secs(1);

/// A query that names its series completely waits for facts for this part of its time: with the values of its
/// neighbours they cost no call of their own.
const NAMED_PATIENCE: u32 = 10;

/// Answers all queries of a request, in their order.
pub async fn answer(
    source: &Source,
    settings: &EngineSettings,
    asked: &[AskedQuery],
    now_ms: i64,
) -> Vec<QueryOutcome> {
    answer_and_prefetch(source, settings, asked, &[], now_ms).await
}

/// Answers all queries of a request, and fetches meanwhile what the queries in `predicted` will want: they are not
/// answered, only their data is there then. What goes wrong with them is nobody's concern: they have a plan of their
/// own, and no fact is fetched for them.
pub async fn answer_and_prefetch(
    source: &Source,
    settings: &EngineSettings,
    asked: &[AskedQuery],
    predicted: &[AskedQuery],
    now_ms: i64,
) -> Vec<QueryOutcome> {
    let mut patterns = Patterns::default();
    let parsed = parse_all(asked, settings, &mut patterns).await;
    let taken = Mutex::new(Taken::new(source.payer.limits));
    let request = Request { source, settings, now_ms, taken };
    let valid = parsed.iter().enumerate().filter_map(|(index, query)| Some((index, query.as_ref().ok()?.clone())));
    let (ready, late) = request.gather_all(valid).await;
    // Where most of what may be spent is spent, the rest is for who asks.
    let predicted = if source.payer.is_near_limit(now_ms) { &[] } else { predicted };
    let predicted = parse_all(predicted, settings, &mut patterns).await;
    let prefetch =
        plan_prefetch(source, settings.plan, predicted.into_iter().flatten().collect(), ready.facts.clone(), now_ms);
    let prefetch = fetch::columns(source, &prefetch, now_ms).map(drop);
    let late = join_all(late.into_iter().map(|gathering| async {
        match gathering.await {
            Some(known) => request.answer_all(known).await,
            None => Vec::new(),
        }
    }));
    let (answers, late) = fetch::await_with_prefetch(join(request.answer_all(ready), late), prefetch).await;
    let mut answers: BTreeMap<usize, Answer> = answers.into_iter().chain(late.into_iter().flatten()).collect();
    let results = asked.iter().zip(parsed).enumerate().map(|(index, (asked, parsed))| {
        let result = match parsed {
            Err(error) if error.is_unfinished() && asked.origin == Origin::Panel => {
                Ok(vec![frames::frame_notice(Notice::info(error.to_string()))])
            }
            Err(error) => Err(QueryFailure::Query(error.asked_by(asked.origin))),
            Ok(_) => answers.remove(&index).unwrap_or(Err(QueryFailure::Panicked)),
        };
        QueryOutcome { ref_id: asked.ref_id.clone(), result }
    });
    results.collect()
}

type Answer = Result<Vec<Frame>, QueryFailure>;

/// What the queries of a request have in common.
struct Request<'a> {
    source: &'a Source,
    settings: &'a EngineSettings,
    now_ms: i64,
    /// Their answers are in memory at the same time.
    taken: Mutex<Taken>,
}

/// Queries whose facts are there, by their position in the request.
#[derive(Default)]
struct Known {
    queries: Vec<(usize, Query)>,
    facts: Facts,
    /// What is answered already.
    answers: Vec<(usize, Answer)>,
}

impl Known {
    fn extend(&mut self, other: Self) {
        self.queries.extend(other.queries);
        self.facts.extend(other.facts);
        self.answers.extend(other.answers);
    }
}

/// None after a panic.
type Gathering<'r> = FuturesUnordered<BoxFuture<'r, Option<Known>>>;

impl Request<'_> {
    /// The queries that soon know enough, in their order, and those that are still waited for.
    async fn gather_all(&self, queries: impl Iterator<Item = (usize, Query)>) -> (Known, Gathering<'_>) {
        let gather = |(index, query): (usize, Query)| async move {
            AssertUnwindSafe(self.gather_one(index, query)).catch_unwind().await.ok()
        };
        let mut gathering: Gathering<'_> = queries.map(|query| gather(query).boxed()).collect();
        let mut ready = gathering.next().await.flatten().unwrap_or_default();
        let end = Instant::now() + TOGETHER;
        while let Ok(Some(known)) = timeout_at(end, gathering.next()).await {
            ready.extend(known.unwrap_or_default());
        }
        ready.queries.sort_by_key(|(index, _)| *index);
        (ready, gathering)
    }

    async fn gather_one(&self, index: usize, query: Query) -> Known {
        if let Some(answer) = self.answer_named(&query).await {
            return Known { answers: vec![(index, answer)], ..Known::default() };
        }
        let facts = gather(self.source, std::slice::from_ref(&query), self.now_ms).await;
        Known { queries: vec![(index, query)], facts, ..Known::default() }
    }

    /// The answer of a query that names its series completely and whose facts take long: the series are asked for
    /// without them, since nothing has to be found. None where values do not come, since then facts say why, and for
    /// all other queries.
    async fn answer_named(&self, query: &Query) -> Option<Answer> {
        let Self { source, settings, now_ms, .. } = *self;
        let facts = plan::named(query).filter(|_| plan::out_of_reach(query, now_ms).is_none())?;
        let queries = std::slice::from_ref(query);
        let needs = plan::needs(queries, &Facts::default(), now_ms);
        if fetch::known_facts(source, &needs).inventories.len() == needs.inventories.len() {
            return None;
        }
        // It goes on when the values are there.
        fetch::fetch_in_background(source, &needs);
        let now = Instant::now();
        let patience = (source.deadline.saturating_duration_since(now) / NAMED_PATIENCE).max(TOGETHER);
        if timeout_at(now + patience, gather(source, queries, now_ms)).await.is_ok() {
            return None;
        }
        let taken = &mut Taken::new(source.payer.limits);
        let plan = plan::plan_beside(taken, queries, &facts, settings.plan, now_ms);
        let fetched = fetch::columns(source, &plan, now_ms).await;
        has_come(&plan, &fetched).then(|| frame_all(&plan, &fetched).pop())?
    }

    /// The answer of each query by its position. After a panic each is tried alone, so that the others have theirs.
    fn answer_all(&self, known: Known) -> BoxFuture<'_, Vec<(usize, Answer)>> {
        let answer = async move {
            let answers = AssertUnwindSafe(self.answer_together(&known)).catch_unwind().await;
            let Known { queries, facts, answers: earlier } = known;
            let answers: Vec<(usize, Answer)> = match answers {
                Ok(answers) => queries.into_iter().map(|(index, _)| index).zip(answers).collect(),
                Err(_) if queries.len() > 1 => {
                    let alone = |query| {
                        let facts = facts.clone();
                        self.answer_all(Known { queries: vec![query], facts, ..Known::default() })
                    };
                    join_all(queries.into_iter().map(alone)).await.into_iter().flatten().collect()
                }
                Err(_) => queries.into_iter().map(|(index, _)| (index, Err(QueryFailure::Panicked))).collect(),
            };
            answers.into_iter().chain(earlier).collect()
        };
        answer.boxed()
    }

    fn plan(&self, queries: &[Query], facts: &Facts) -> Plan {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        plan::plan_beside(&mut taken, queries, facts, self.settings.plan, self.now_ms)
    }

    async fn answer_together(&self, known: &Known) -> Vec<Answer> {
        let Self { source, now_ms, .. } = *self;
        let facts = &known.facts;
        let mut queries: Vec<Query> = known.queries.iter().map(|(_, query)| query.clone()).collect();
        let earlier = highest::find(self, &mut queries, facts).await;
        let plan = self.plan(&queries, facts);
        let mut fetched = fetch::columns(source, &plan, now_ms).await;
        for (ref_id, cost) in earlier {
            fetched.costs.entry(ref_id).or_default().add(cost);
        }
        let values = plan.series.iter().map(PlannedSeries::points).sum();
        large_work::run(values, || frame_all(&plan, &fetched)).await
    }
}

/// What one query would ask of CloudWatch. Facts are fetched and no values.
pub async fn plan_only(
    source: &Source,
    settings: &EngineSettings,
    asked: &AskedQuery,
    now_ms: i64,
) -> Result<Plan, QueryError> {
    let queries = [query::parse_query(asked, &settings.defaults)?];
    let facts = gather(source, &queries, now_ms).await;
    Ok(plan::plan_beside(&mut Taken::new(source.payer.limits), &queries, &facts, settings.plan, now_ms))
}

/// Compiling the patterns of many queries takes a while, in which other requests have their turn.
async fn parse_all(
    asked: &[AskedQuery],
    settings: &EngineSettings,
    patterns: &mut Patterns,
) -> Vec<Result<Query, QueryError>> {
    let mut parsed = Vec::with_capacity(asked.len());
    for asked in asked {
        parsed.push(query::parse_one(asked, &settings.defaults, patterns));
        tokio::task::yield_now().await;
    }
    parsed
}

/// All facts that the queries need. Of time ranges without anything none is needed.
async fn gather(source: &Source, queries: &[Query], now_ms: i64) -> Facts {
    let mut facts = Facts::default();
    let queries: Vec<&Query> = queries.iter().filter(|query| plan::out_of_reach(query, now_ms).is_none()).collect();
    for _ in 0..FACT_ROUNDS {
        let needs = plan::needs(queries.iter().copied(), &facts, now_ms);
        if needs.is_empty() {
            break;
        }
        facts.extend(fetch::facts(source, &needs).await);
        facts.extend(plan::invented(queries.iter().copied(), &facts));
    }
    facts
}

/// A plan for the queries whose facts are known. Those of a dashboard are mostly about the same applications, so the
/// panel that brings them up knows enough.
fn plan_prefetch(
    source: &Source,
    settings: PlanSettings,
    mut queries: Vec<Query>,
    mut facts: Facts,
    now_ms: i64,
) -> Plan {
    for _ in 0..FACT_ROUNDS {
        let needs = plan::needs(&queries, &facts, now_ms);
        if needs.is_empty() {
            break;
        }
        facts.extend(fetch::known_facts(source, &needs));
        facts.extend(plan::invented(&queries, &facts));
    }
    // Which applications are highest is known once that is asked.
    queries.retain(|query| {
        query.kind.row().is_prefetched
            && query.ranking_alone().is_none()
            && plan::needs([query], &facts, now_ms).is_empty()
    });
    plan::plan_beside(&mut Taken::of_prefetch(source.payer.limits), &queries, &facts, settings, now_ms)
}

/// Whether each series has a value, or what it failed with.
fn has_come(plan: &Plan, fetched: &Fetched) -> bool {
    let wanted = plan.series.iter().zip(&fetched.answers).filter(|(series, _)| !series.is_spare);
    let mut answers = wanted.map(|(_, answer)| answer).peekable();
    let has_value = |answer: &SeriesAnswer| answer.column.values.iter().any(|value| !value.is_nan());
    answers.peek().is_some() && answers.all(|answer| answer.error.is_some() || has_value(answer))
}

fn frame_all(plan: &Plan, fetched: &Fetched) -> Vec<Answer> {
    plan.queries.iter().map(|query| frames::frame_query(query, plan, fetched).map_err(QueryFailure::Answer)).collect()
}
