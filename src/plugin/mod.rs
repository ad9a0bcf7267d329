//! The edge: everything that Grafana's plugin protocol asks for, and nothing else.
//!
//! A file per remote procedure converts a request field by field into plain values, asks
//! the [`DataSource`], and converts its reply. No other module knows a protocol type, so
//! the protocol library can be replaced here without a change elsewhere.
//!
//! Requests carry decrypted secrets and tokens of the viewer. Their protocol messages have
//! no `Debug` at all, and the plain values print only what may be read by anyone.

mod call_resource;
mod check_health;
pub mod codec;
mod collect_metrics;
mod controller;
pub mod handshake;
mod headers;
mod instances;
pub mod log;
mod log_writer;
pub mod messages;
pub mod proto;
mod query_data;
mod repeats;
mod reply;
mod request_log;
pub mod serve;
#[cfg(unix)]
mod socket;
mod stream;

use futures::future::BoxFuture;

pub use crate::settings::Secret;
pub use call_resource::{ResourceReply, ResourceRequest};
pub use check_health::{HealthReply, HealthVerdict};
pub use headers::Headers;
pub use instances::Instance;
pub use query_data::{Blame, Query, QueryReply, QueryRequest, ReplyError};

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
