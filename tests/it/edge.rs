//! The edge, seen from Grafana's side: as a gRPC client, and as the host of the process.

mod answers;
mod ending;
mod frames;
mod process;
mod secrets;
mod sizes;
