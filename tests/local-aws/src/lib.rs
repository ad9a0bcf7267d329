//! A simulated AWS with a fleet of Apache Flink applications, for development and tests.
//!
//! [`world`] says what exists and what it measured; [`fleet`] computes such a world and [`replay`]
//! reads one from a recording; [`server`] speaks AWS's protocols over it. The server knows nothing of
//! Flink, the worlds know nothing of HTTP.

pub mod fleet;
pub mod replay;
pub mod server;
pub mod world;
