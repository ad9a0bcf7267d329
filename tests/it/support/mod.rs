//! What several topics need.

pub mod loopback;
pub mod scripted;
