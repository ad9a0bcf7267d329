//! QueryData: the queries of a panel or an alert rule, answered with frames.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use super::proto::pluginv2;
use super::request_log::RequestLog;
use super::{DataSource, Headers, Instance, Query, QueryReply, QueryRequest, messages, reply};
use crate::fetch::BilledTo;
use crate::large_work;
use crate::limits;
use crate::query::Origin;

pub(super) struct DataService {
    pub(super) source: Arc<dyn DataSource>,
}

#[tonic::async_trait]
impl pluginv2::data_server::Data for DataService {
    async fn query_data(
        &self,
        request: Request<pluginv2::QueryDataRequest>,
    ) -> Result<Response<pluginv2::QueryDataResponse>, Status> {
        let mut log = RequestLog::start("QueryData", request.metadata());
        let wire = request.into_inner();
        let instance = Instance::parse(wire.plugin_context).map_err(|no| log.refused(no))?;
        log.about(&instance.uid, wire.queries.len());

        let mut asked = parse_request(wire.headers, wire.queries);
        let ref_ids = asked.queries.iter().map(|query| query.ref_id.clone());
        let ref_ids: Vec<String> = ref_ids.collect();
        let refused = refuse_large(&mut asked.queries);
        // Encoding is our code too, so it is watched as well.
        let answer = async {
            let is_refused = asked.queries.is_empty() && !refused.is_empty();
            let mut replies = if is_refused { Vec::new() } else { self.source.query_data(instance, asked).await };
            replies.extend(refused);
            let replies = reply::complete(&ref_ids, replies);
            let values = replies.iter().map(QueryReply::values).sum();
            (reply::query_failure(&replies), large_work::run(values, || reply::responses(replies)).await)
        };
        let (_, responses) = log.watch(answer, |(failure, _)| failure.take()).await?;
        Ok(Response::new(pluginv2::QueryDataResponse { responses }))
    }
}

/// Takes out what is too large to be read, with the replies to it. Too many queries are refused together: which of them
/// matter is not ours to say.
fn refuse_large(queries: &mut Vec<Query>) -> Vec<QueryReply> {
    if queries.len() > limits::QUERIES {
        let error = messages::too_many_queries(queries.len());
        return queries.drain(..).map(|query| QueryReply::of_error(query.ref_id, error.clone())).collect();
    }
    let mut refused = Vec::new();
    queries.retain(|query| match messages::refuse_size(query) {
        Some(error) => {
            refused.push(QueryReply::of_error(&query.ref_id, error));
            false
        }
        None => true,
    });
    refused
}

fn parse_request(
    headers: impl IntoIterator<Item = (String, String)>,
    queries: Vec<pluginv2::DataQuery>,
) -> QueryRequest {
    let headers: Headers = headers.into_iter().collect();
    // Kept until the next refreshes, so a longer one than Grafana makes is not taken.
    let text = |name| headers.first(name).filter(|text| text.len() <= limits::REF_ID_BYTES).map(str::to_owned);
    // Grafana itself sets this one, beside the viewer's own headers.
    let is_rule = headers.says_of_grafana("fromalert");
    let from_alert = headers.says("fromalert") || headers.says("x-grafana-from-expr");
    QueryRequest {
        queries: queries.into_iter().map(parse_query).collect(),
        origin: if from_alert { Origin::Alert } else { Origin::Panel },
        billed_to: if is_rule { BilledTo::AlertRules } else { BilledTo::Panels },
        dashboard_uid: text("x-dashboard-uid"),
        panel_id: text("x-panel-id"),
        headers,
    }
}

fn parse_query(query: pluginv2::DataQuery) -> Query {
    let range = query.time_range.unwrap_or_default();
    Query {
        ref_id: query.ref_id,
        query_type: query.query_type,
        json: query.json,
        from_ms: range.from_epoch_ms,
        to_ms: range.to_epoch_ms,
        max_data_points: query.max_data_points,
        interval_ms: query.interval_ms,
    }
}
