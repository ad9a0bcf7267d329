//! Values of series: kept where they are known, asked together where they are not.

mod apart;
mod batch;
mod buckets;
mod columns;
mod desk;
mod held;
mod pack;
mod segment;
mod ticket;

pub use columns::columns;
pub use desk::{Desk, Figures};
pub use pack::{BILLED_TOGETHER, CALL_ASKS, CALL_POINTS, Packed, pack};
