//! Flinkwatch: a Grafana data source for Amazon Managed Service for Apache Flink.

pub mod aws;
pub mod catalog;
pub mod data_source;
pub mod engine;
pub mod failure;
pub mod fetch;
pub mod frames;
pub mod health;
pub mod meter;
pub mod notice;
pub mod period;
pub mod place;
pub mod plan;
pub mod plugin;
pub mod query;
pub mod resources;
pub mod settings;
