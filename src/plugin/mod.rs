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
mod data_source;
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

pub use crate::settings::Secret;
pub use data_source::{
    Blame, DataSource, HealthReply, HealthVerdict, Query, QueryReply, QueryRequest, ReplyError, ResourceReply,
    ResourceRequest,
};
pub use headers::Headers;
pub use instances::Instance;

/// A variable of the environment by name.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;
