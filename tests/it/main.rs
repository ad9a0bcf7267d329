//! Integration tests: one binary, a file per topic.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod edge;
mod support;
