//! Values of series: kept where they are known, asked together where they are not.

mod batch;
mod bisect;
mod buckets;
mod cached_series;
mod coalescer;
mod columns;
mod gaps;
mod pack;
mod segment;
mod subscription;

pub use coalescer::{Coalescer, Figures};
pub use columns::columns;
pub use pack::{BILLED_TOGETHER, CALL_POINTS, CALL_SERIES, Packed, pack};
