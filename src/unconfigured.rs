//! A data source that has nothing to answer with, and says so.

use flinkwatch::plugin::{
    Blame, DataSource, HealthReply, HealthVerdict, Instance, QueryReply, QueryRequest, ReplyError, ResourceReply,
    ResourceRequest,
};
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use serde_json::{Map, json};

const TEXT: &str = "This build of the plugin has no engine and answers no query.";

pub(crate) struct Unconfigured;

impl DataSource for Unconfigured {
    fn query_data(&self, _instance: Instance, request: QueryRequest) -> BoxFuture<'_, Vec<QueryReply>> {
        let error = ReplyError { status: 501, blame: Blame::Plugin, text: TEXT.to_owned() };
        let queries = request.queries.into_iter();
        let replies = queries.map(|query| QueryReply::of_error(query.ref_id, error.clone()));
        ready(replies.collect()).boxed()
    }

    fn call_resource(&self, _instance: Instance, _request: ResourceRequest) -> BoxFuture<'_, ResourceReply> {
        let body = json!({ "message": TEXT }).to_string().into_bytes();
        ready(ResourceReply { status: 501, body }).boxed()
    }

    fn check_health(&self, _instance: Instance) -> BoxFuture<'_, HealthReply> {
        ready(HealthReply { verdict: HealthVerdict::Error, message: TEXT.to_owned(), details: Map::new() }).boxed()
    }

    fn metrics_text(&self) -> String {
        String::new()
    }
}
