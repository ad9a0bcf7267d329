//! What several topics need.

pub mod coalescer;
pub mod data_source;
pub mod facts;
pub mod fleet;
pub mod loopback;
pub mod made;
pub mod panels;
pub mod process;
pub mod requests;
pub mod scripted;
pub mod served;
pub mod world;
pub mod worlds;
