//! Flinkwatch.

pub mod frames;
pub mod notice;
pub mod plugin;
