//! The way from queries to frames: parse → needs → facts → plan → fetch → frames.
//!
//! All queries of a request are planned together. What goes wrong stays with the query it belongs to: every
//! query has its own result. The clock comes in as a value.

mod highest;

use futures::FutureExt;

use crate::fetch::{self, Fetched, Source};
use crate::frames::frame::Frame;
use crate::frames::{self, AnswerError};
use crate::notice::Notice;
use crate::plan::facts::Facts;
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
pub struct Outcome {
    pub ref_id: String,
    pub result: Result<Vec<Frame>, Failure>,
}

/// Why a query has no frames.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    Query(QueryError),
    Answer(AnswerError),
}

/// Facts are asked for until none is missing: a list of applications first, then what is known of each and which
/// of the stopped ones published something, then what is known of these. More rounds than this
/// would mean that planning never has enough.
const FACT_ROUNDS: usize = 4;

/// Answers all queries of a request, in their order.
pub async fn answer(source: &Source, settings: &EngineSettings, asked: &[AskedQuery], now_ms: i64) -> Vec<Outcome> {
    answer_and_fetch_ahead(source, settings, asked, &[], now_ms).await
}

/// Answers all queries of a request, and fetches meanwhile what the queries in `ahead` will want: they are not answered, only their data is
/// there then. What goes wrong with them is nobody's concern: they have a plan of their own, and no fact is fetched for them.
pub async fn answer_and_fetch_ahead(
    source: &Source,
    settings: &EngineSettings,
    asked: &[AskedQuery],
    ahead: &[AskedQuery],
    now_ms: i64,
) -> Vec<Outcome> {
    let mut patterns = Patterns::default();
    let parsed = parse_all(asked, settings, &mut patterns).await;
    let mut valid: Vec<Query> = parsed.iter().filter_map(|query| query.as_ref().ok().cloned()).collect();
    let facts = gather(source, &valid, now_ms).await;
    let earlier = highest::find(source, settings, &mut valid, &facts, now_ms).await;
    let plan = plan::plan(&valid, &facts, settings.plan, now_ms);
    let ahead = parse_all(ahead, settings, &mut patterns).await;
    let ahead = plan_ahead(source, settings.plan, ahead.into_iter().flatten().collect(), facts, now_ms);
    let fetch_ahead = fetch::columns(source, &ahead, now_ms).map(drop);
    let mut fetched = fetch::with_more(fetch::columns(source, &plan, now_ms), fetch_ahead).await;
    for (ref_id, account) in earlier {
        fetched.accounts.entry(ref_id).or_default().add(account);
    }
    let mut planned = frame_all(&plan, &fetched).into_iter();
    let results = asked.iter().zip(parsed).map(|(asked, parsed)| {
        let result = match parsed {
            Err(error) if error.is_unfinished() && asked.origin == Origin::Panel => {
                Ok(vec![frames::frame_notice(Notice::info(error.to_string()))])
            }
            Err(error) => Err(Failure::Query(error.asked_by(asked.origin))),
            Ok(_) => planned.next().unwrap_or_else(|| Ok(Vec::new())),
        };
        Outcome { ref_id: asked.ref_id.clone(), result }
    });
    results.collect()
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
    Ok(plan::plan(&queries, &facts, settings.plan, now_ms))
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
    let queries: Vec<&Query> =
        queries.iter().filter(|query| plan::out_of_reach(query.range, now_ms).is_none()).collect();
    for _ in 0..FACT_ROUNDS {
        let needs = plan::needs(queries.iter().copied(), &facts, now_ms);
        if needs.is_empty() {
            break;
        }
        facts.extend(fetch::facts(source, &needs).await);
    }
    facts
}

/// A plan for the queries whose facts are known. Those of a dashboard are mostly about the same applications, so the panel that
/// brings them up knows enough.
fn plan_ahead(source: &Source, settings: PlanSettings, mut queries: Vec<Query>, mut facts: Facts, now_ms: i64) -> Plan {
    for _ in 0..FACT_ROUNDS {
        let needs = plan::needs(&queries, &facts, now_ms);
        if needs.is_empty() {
            break;
        }
        facts.extend(fetch::known_facts(source, &needs));
    }
    // Which applications are highest is known once that is asked.
    queries.retain(|query| query.ranking_alone().is_none() && plan::needs([query], &facts, now_ms).is_empty());
    plan::plan(&queries, &facts, settings, now_ms)
}

fn frame_all(plan: &Plan, fetched: &Fetched) -> Vec<Result<Vec<Frame>, Failure>> {
    plan.queries.iter().map(|query| frames::frame_query(query, plan, fetched).map_err(Failure::Answer)).collect()
}
