//! A call that CloudWatch rejects because of some series, asked again in parts until the others have their answer.
//!
//! A call carries series of several queries and viewers. CloudWatch validates it as a whole: one statistic that it does
//! not take (`TM(90%:10%)`) rejects all 500. One viewer's mistake must not empty another's panel, so a rejected call is
//! halved until what is rejected stands alone, and is asked for in calls of its own for some minutes. It is asked for,
//! and not refused from memory: its range may have been what was wrong.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use crate::answers::{Column, Completeness, GetMetricDataAnswer};
use crate::aws::Aws;
use crate::catalog::statistic::Statistic;
use crate::failure::{CallError, CallErrorKind};
use crate::fetch::Owner;
use crate::place::Region;
use crate::plan::call::{GetMetricDataCall, SeriesKey};

/// One bad series among 500 is found in 19 calls. Where many are bad, the rest stays rejected after this many.
const CALLS: usize = 40;

/// When so many parts of a call are all rejected, it is rejected for itself.
const PARTS: usize = 8;

/// How long what was rejected is asked for in calls of its own.
const REMEMBERED_FOR: Duration = Duration::from_secs(300);

/// Of one owner and region: a viewer may invent many.
const REMEMBERED: usize = 1000;

/// What was rejected of late.
#[derive(Default)]
pub(super) struct Rejected(HashMap<(Arc<Owner>, Region), HashMap<SeriesKey, Instant>>);

impl Rejected {
    /// The positions in a call of what is to be asked for in calls of its own.
    pub(super) fn among(&self, owner: &Arc<Owner>, call: &GetMetricDataCall) -> BTreeSet<usize> {
        let Some(known) = self.0.get(&(Arc::clone(owner), call.region.clone())) else { return BTreeSet::new() };
        let now = Instant::now();
        let is_known = |key: &SeriesKey| known.get(key).is_some_and(|until| *until > now);
        call.series.iter().enumerate().filter(|(_, key)| is_known(key)).map(|(position, _)| position).collect()
    }

    /// Remembers what was rejected while others were answered.
    pub(super) fn note(&mut self, owner: &Arc<Owner>, call: &GetMetricDataCall, asked: &BisectedCall) {
        let key = (Arc::clone(owner), call.region.clone());
        let is_new = !asked.refused.is_empty();
        if asked.result.is_err() || !is_new && !self.0.contains_key(&key) {
            return;
        }
        let now = Instant::now();
        let known = self.0.entry(key).or_default();
        for (position, key) in call.series.iter().enumerate() {
            match asked.refused.get(&position) {
                Some(error) if error.kind == CallErrorKind::Rejected && known.len() < REMEMBERED => {
                    known.insert(key.clone(), now + REMEMBERED_FOR);
                }
                Some(_) => {}
                None => drop(known.remove(key)),
            }
        }
        self.0.retain(|_, known| {
            known.retain(|_, until| *until > now);
            !known.is_empty()
        });
    }
}

/// What became of a call, and of its parts.
pub(super) struct BisectedCall {
    pub result: Result<GetMetricDataAnswer, CallError>,
    /// Metrics on the bill of all that was answered.
    pub billed: u64,
    /// Positions of the series that have no answer though the others do, each with its error.
    pub refused: BTreeMap<usize, CallError>,
}

/// Makes a call: in parts where it is rejected as a whole, and the suspects in calls of their own.
pub(super) async fn fetch(aws: &dyn Aws, call: &GetMetricDataCall, suspects: &BTreeSet<usize>) -> BisectedCall {
    // What is rejected is mostly a statistic: like ones fall into few parts.
    let mut positions: Vec<usize> = (0..call.series.len()).collect();
    positions.sort_by_key(|position| &call.series[*position].statistic);
    let mut bisection =
        Bisection { aws, call, calls: 1, billed: 0, columns: BTreeMap::new(), refused: BTreeMap::new() };
    let rejected = if suspects.is_empty() {
        let result = aws.get_metric_data(call).await;
        match result {
            Err(error) if error.kind == CallErrorKind::Rejected && call.series.len() > 1 => vec![(positions, error)],
            result => {
                let billed = result.as_ref().map_or(0, |_| call.billed_metrics());
                return BisectedCall { result, billed, refused: BTreeMap::new() };
            }
        }
    } else {
        bisection.calls = 0;
        bisection.ask_separately(positions, suspects).await
    };
    bisection.halve(rejected).await;
    bisection.end()
}

/// Positions of series that are asked for together.
type Part = Vec<usize>;

/// What is answered and what is refused so far.
struct Bisection<'a> {
    aws: &'a dyn Aws,
    call: &'a GetMetricDataCall,
    calls: u32,
    billed: u64,
    columns: BTreeMap<usize, Column>,
    refused: BTreeMap<usize, CallError>,
}

impl Bisection<'_> {
    /// Asks for the suspects of each statistic and for the rest; gives what was rejected of the rest.
    async fn ask_separately(&mut self, positions: Part, suspects: &BTreeSet<usize>) -> Vec<(Part, CallError)> {
        let (suspected, rest): (Part, Part) = positions.into_iter().partition(|position| suspects.contains(position));
        let like = |one: &usize, other: &usize| self.call.series[*one].statistic == self.call.series[*other].statistic;
        let parts: Vec<Part> = std::iter::once(rest)
            .filter(|rest| !rest.is_empty())
            .chain(suspected.chunk_by(like).map(<[usize]>::to_vec))
            .collect();
        let rejections = self.ask_all(&parts).await;
        let mut rejected = parts.into_iter().zip(rejections).filter_map(|(part, error)| Some((part, error?)));
        let mut of_rest = Vec::new();
        for (part, error) in rejected.by_ref() {
            match suspects.contains(&part[0]) {
                true => self.refuse(&part, &error),
                false => of_rest.push((part, error)),
            }
        }
        of_rest
    }

    /// Halves what was rejected until each part is answered or one series.
    async fn halve(&mut self, mut rejected: Vec<(Part, CallError)>) {
        loop {
            let (large, single): (Vec<_>, Vec<_>) = rejected.into_iter().partition(|(part, _)| part.len() > 1);
            single.iter().for_each(|(part, error)| self.refuse(part, error));
            if large.is_empty() {
                return;
            }
            let halves: Vec<Part> = large.iter().flat_map(|(part, _)| halves(part)).collect();
            if self.calls as usize + halves.len() > CALLS {
                return large.iter().for_each(|(part, error)| self.refuse(part, error));
            }
            let rejections = self.ask_all(&halves).await;
            let is_all = halves.len() >= PARTS && rejections.iter().all(Option::is_some);
            rejected = Vec::new();
            for (pair, errors) in halves.chunks(2).zip(rejections.chunks(2)) {
                let is_final = is_all || errors.iter().all(Option::is_some) && self.have_one_own_statistic(pair);
                for (part, error) in pair.iter().zip(errors) {
                    match error {
                        Some(error) if is_final => self.refuse(part, error),
                        Some(error) => rejected.push((part.clone(), error.clone())),
                        None => {}
                    }
                }
            }
        }
    }

    /// Asks for all parts side by side and keeps what came; gives the error of each that was rejected.
    async fn ask_all(&mut self, parts: &[Part]) -> Vec<Option<CallError>> {
        let (aws, call) = (self.aws, self.call);
        let answers = parts.iter().map(|part| async move {
            let series = part.iter().map(|position| call.series[*position].clone()).collect();
            let call = GetMetricDataCall { series, ..call.clone() };
            (call.billed_metrics(), aws.get_metric_data(&call).await)
        });
        let mut rejections = Vec::with_capacity(parts.len());
        for (part, (billed, answer)) in parts.iter().zip(join_all(answers).await) {
            self.calls += answer.as_ref().map_or(1, |answer| answer.calls);
            rejections.push(match answer {
                Ok(answer) => {
                    self.billed += billed;
                    self.columns.extend(part.iter().copied().zip(answer.columns));
                    None
                }
                Err(error) if error.kind == CallErrorKind::Rejected => Some(error),
                Err(error) => {
                    self.refuse(part, &error);
                    None
                }
            });
        }
        rejections
    }

    fn refuse(&mut self, part: &[usize], error: &CallError) {
        self.refused.extend(part.iter().map(|position| (*position, error.clone())));
    }

    /// Whether all ask for one statistic that may be invented.
    fn have_one_own_statistic(&self, parts: &[Part]) -> bool {
        let mut statistics = parts.iter().flatten().map(|position| &self.call.series[*position].statistic);
        let first = statistics.next();
        matches!(first, Some(Statistic::Extended(_))) && statistics.all(|other| Some(other) == first)
    }

    /// The error alone where nothing was answered.
    fn end(mut self) -> BisectedCall {
        if self.columns.is_empty()
            && let Some((_, error)) = self.refused.pop_first()
        {
            return BisectedCall { result: Err(error), billed: self.billed, refused: BTreeMap::new() };
        }
        let failed = || Column { values: Arc::default(), completeness: Completeness::Failed, message: None };
        let columns = (0..self.call.series.len()).map(|position| self.columns.remove(&position).unwrap_or_else(failed));
        let answer = GetMetricDataAnswer { columns: columns.collect(), calls: self.calls };
        BisectedCall { result: Ok(answer), billed: self.billed, refused: self.refused }
    }
}

fn halves(part: &Part) -> [Part; 2] {
    let (left, right) = part.split_at(part.len() / 2);
    [left.to_vec(), right.to_vec()]
}
