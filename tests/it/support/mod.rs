//! What several topics need.

pub mod scripted;
