//! Answers → Grafana data frames. No async, no clock, no environment.

pub mod encode;
pub mod frame;
