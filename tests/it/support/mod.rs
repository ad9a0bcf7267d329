//! What several topics need.

pub mod process;
pub mod requests;
pub mod scripted;
