//! What exists, as plain values: applications and the series that they publish.
//!
//! AWS's answers are turned into these; all that plans, computes or shows reads them. Nothing here asks or decides.

pub mod application;
pub mod log;
pub mod series;
