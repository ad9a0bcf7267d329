//! Generated from `proto/`: Grafana's plugin protocol and the host's stop service.
//!
//! Messages that carry secrets are generated without `Debug`, see `build.rs`. The clients
//! are what the tests call the plugin with.
#![expect(missing_debug_implementations, reason = "messages with secrets must not be printable")]
#![expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    reason = "generated code has its own style"
)]

/// Grafana's plugin protocol.
pub mod pluginv2 {
    tonic::include_proto!("pluginv2");
}

/// The host's way to stop the process.
pub mod controller {
    tonic::include_proto!("plugin");
}
