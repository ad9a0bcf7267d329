//! Flinkwatch: a Grafana data source for Amazon Managed Service for Apache Flink.

pub mod aws;
pub mod catalog;
pub mod failure;
pub mod fetch;
pub mod notice;
pub mod place;
pub mod plan;
pub mod settings;
