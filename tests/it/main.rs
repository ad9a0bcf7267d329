//! Integration tests: one binary, a file per topic.
#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

mod ahead;
mod alerts;
mod aws;
mod aws_local;
mod catalog;
mod coalescer;
mod denied;
mod docs;
mod edge;
mod estimate;
mod fetch;
mod fleet;
mod health;
mod highest;
mod house;
mod iam;
mod invented;
mod isolation;
mod lost_facts;
mod memory;
mod network;
mod page_costs;
mod periods;
mod plan;
mod query;
mod reasons;
mod resources;
mod settings;
mod shared;
mod support;
mod truth;
mod wrong_settings;
