//! Integration tests: one binary, a file per topic.
#![expect(clippy::unwrap_used, reason = "a failed unwrap in a test is a failed test")]

mod accounts;
mod alerts;
mod aws;
mod aws_local;
mod catalog;
mod coalescer;
mod dashboard_history;
mod denied;
mod docs;
mod edge;
mod estimate;
mod fetch;
mod fleet;
mod highest;
mod iam;
mod invented;
mod isolation;
mod layering;
mod lost_facts;
mod network;
mod odd_answers;
mod page_costs;
mod periods;
mod plan;
mod prefetch;
mod query;
mod reasons;
mod resources;
mod save_and_test;
mod settings;
mod shared;
mod spending;
mod support;
mod truth;
mod wrong_settings;
