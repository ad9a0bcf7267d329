//! What the edge asks of the data source, as plain values.

use std::fmt;

use futures::future::BoxFuture;
use serde_json::{Map, Value};

use super::{Headers, Instance};
use crate::fetch::BilledTo;
use crate::frames::frame::Frame;
use crate::query::Origin;

/// What the edge asks of the data source.
///
/// Every future is dropped when Grafana cancels the request, so work that must stop with
/// the request belongs inside it. A panic in a future is answered as an internal error
/// and logged; the process lives on.
pub trait DataSource: Send + Sync + 'static {
    /// One reply for each query; the edge answers a query without one with an error.
    fn query_data(&self, instance: Instance, request: QueryRequest) -> BoxFuture<'_, Vec<QueryReply>>;

    /// Choices for drop-downs and the like, as JSON.
    fn call_resource(&self, instance: Instance, request: ResourceRequest) -> BoxFuture<'_, ResourceReply>;

    /// "Save & test".
    fn check_health(&self, instance: Instance) -> BoxFuture<'_, HealthReply>;

    /// The process's own metrics in Prometheus' text format.
    fn metrics_text(&self) -> String;
}

/// The queries that Grafana sends together.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryRequest {
    pub queries: Vec<Query>,
    pub headers: Headers,
    pub origin: Origin,
    pub billed_to: BilledTo,
    /// Where the answer will be shown, if Grafana says so.
    pub dashboard_uid: Option<String>,
    pub panel_id: Option<String>,
}

/// One query as Grafana sends it; `json` is what the query editor saved.
#[derive(Clone, PartialEq)]
pub struct Query {
    pub ref_id: String,
    pub query_type: String,
    pub json: Vec<u8>,
    pub from_ms: i64,
    pub to_ms: i64,
    pub max_data_points: i64,
    pub interval_ms: i64,
}

// What a user wrote into a query is theirs; the log needs only what identifies it.
impl fmt::Debug for Query {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Query")
            .field("ref_id", &self.ref_id)
            .field("query_type", &self.query_type)
            .field("from_ms", &self.from_ms)
            .field("to_ms", &self.to_ms)
            .field("max_data_points", &self.max_data_points)
            .field("interval_ms", &self.interval_ms)
            .finish_non_exhaustive()
    }
}

/// The answer to one query. An error may come with the frames that could be made.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryReply {
    pub ref_id: String,
    pub frames: Vec<Frame>,
    pub error: Option<ReplyError>,
}

impl QueryReply {
    pub fn of_frames(ref_id: impl Into<String>, frames: Vec<Frame>) -> Self {
        Self { ref_id: ref_id.into(), frames, error: None }
    }

    /// How many values its frames hold.
    pub(super) fn values(&self) -> u64 {
        let fields = self.frames.iter().flat_map(|frame| &frame.fields);
        fields.map(|field| field.values.len() as u64).sum()
    }

    pub fn of_error(ref_id: impl Into<String>, error: ReplyError) -> Self {
        Self { ref_id: ref_id.into(), frames: Vec::new(), error: Some(error) }
    }
}

/// Why a query has no (complete) answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyError {
    /// As in HTTP.
    pub status: u16,
    pub blame: Blame,
    /// A sentence for people.
    pub text: String,
}

/// Whose mistake an error is, which decides whose error budget Grafana charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The user's query or settings, or AWS.
    Downstream,
    /// A bug in this plugin.
    Plugin,
}

/// A call of `/api/datasources/uid/<uid>/resources/<path>`.
#[derive(Clone, PartialEq, Eq)]
pub struct ResourceRequest {
    /// Without a slash at either end and without arguments.
    pub path: String,
    pub method: String,
    /// Arguments of the URL in their order, decoded.
    pub arguments: Vec<(String, String)>,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl ResourceRequest {
    /// The first value of an argument; an empty one counts as absent.
    pub fn argument(&self, name: &str) -> Option<&str> {
        let mut named = self.arguments.iter().filter(|(key, _)| key == name);
        let (_, value) = named.next()?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for ResourceRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ResourceRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The answer: an HTTP status and a JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceReply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// The verdict of "Save & test".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReply {
    pub verdict: HealthVerdict,
    /// The line that the config editor shows.
    pub message: String,
    /// More for the config editor: Grafana wants an object.
    pub details: Map<String, Value>,
}

/// Whether the data source can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthVerdict {
    Ok,
    Error,
}
