//! What several topics need.

pub mod data_source;
pub mod desk;
pub mod facts;
pub mod loopback;
pub mod process;
pub mod requests;
pub mod scripted;
