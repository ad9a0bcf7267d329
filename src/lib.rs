//! Flinkwatch: a Grafana data source for Amazon Managed Service for Apache Flink.
#![doc = include_str!("../ARCHITECTURE.md")]

// In reading order, not in that of the alphabet; the blank lines keep it.

pub mod engine;

// What is asked, and what is known without asking.
pub mod query;

pub mod catalog;

pub mod model;

pub mod topology;

pub mod logs;

// What to ask AWS.
pub mod plan;

// Asking.
pub mod answers;

pub mod aws;

pub mod fetch;

// Showing.
pub mod compute;

pub mod frames;

pub mod resources;

pub mod save_and_test;

// The edge to Grafana, and what ties it to the rest.
pub mod data_source;

pub mod plugin;

pub mod settings;

pub mod dashboard_history;
pub mod telemetry;

// Small words that all use.
pub mod place;

pub mod period;

pub mod failure;

pub mod notice;

pub mod limits;

pub mod billing;

pub mod large_work;
