//! Flinkwatch.
