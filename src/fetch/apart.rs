//! A call that CloudWatch rejects because of one series, asked again in parts until the others have their answer.
//!
//! A call carries series of several queries and viewers. CloudWatch validates it as a whole: one statistic that it does not take
//! (`TM(90%:10%)`) rejects all 500. One viewer's mistake must not empty another's panel, so a rejected call is halved
//! until what is rejected stands alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::answers::{Column, Completeness, GetMetricDataAnswer};
use crate::aws::Aws;
use crate::failure::{CallError, CallErrorKind};
use crate::plan::call::GetMetricDataCall;

/// One bad series among 500 is found in 19 calls. Where many are bad, the rest stays rejected after this many.
const CALLS: u32 = 40;

/// What became of a call.
pub(super) struct Asked {
    pub result: Result<GetMetricDataAnswer, CallError>,
    /// Positions of the asks that have no answer though the others do, each with its error.
    pub refused: BTreeMap<usize, CallError>,
}

/// Makes a call, in parts where it is rejected as a whole.
pub(super) async fn ask(aws: &dyn Aws, call: &GetMetricDataCall) -> Asked {
    let first = aws.get_metric_data(call).await;
    let Err(error) = first else { return Asked { result: first, refused: BTreeMap::new() } };
    if error.kind != CallErrorKind::Rejected || call.asks.len() == 1 {
        return Asked { result: Err(error), refused: BTreeMap::new() };
    }
    let mut calls = 1;
    let mut columns = Vec::with_capacity(call.asks.len());
    let mut refused = BTreeMap::new();
    for (position, part) in halves(aws, call, error.clone(), &mut calls).await.into_iter().enumerate() {
        columns.push(part.unwrap_or_else(|error| {
            refused.insert(position, error);
            Column { values: Arc::default(), completeness: Completeness::Failed }
        }));
    }
    if refused.len() == columns.len() {
        return Asked { result: Err(error), refused: BTreeMap::new() };
    }
    Asked { result: Ok(GetMetricDataAnswer { columns, calls }), refused }
}

type Parts = Vec<Result<Column, CallError>>;

/// Both halves of a call that was rejected with `error`, one after the other: one result per ask.
fn halves<'a>(
    aws: &'a dyn Aws,
    call: &'a GetMetricDataCall,
    error: CallError,
    calls: &'a mut u32,
) -> BoxFuture<'a, Parts> {
    async move {
        let (left, right) = call.asks.split_at(call.asks.len() / 2);
        let mut parts = Vec::with_capacity(call.asks.len());
        for asks in [left, right] {
            if *calls >= CALLS {
                parts.extend(asks.iter().map(|_| Err(error.clone())));
                continue;
            }
            *calls += 1;
            let half = GetMetricDataCall { asks: asks.to_vec(), ..call.clone() };
            match aws.get_metric_data(&half).await {
                Ok(answer) => parts.extend(answer.columns.into_iter().map(Ok)),
                Err(error) if error.kind == CallErrorKind::Rejected && asks.len() > 1 => {
                    parts.extend(halves(aws, &half, error, calls).await);
                }
                Err(error) => parts.extend(asks.iter().map(|_| Err(error.clone()))),
            }
        }
        parts
    }
    .boxed()
}
