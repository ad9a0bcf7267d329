//! Values of series: kept where they are known, asked together where they are not.

mod batch;
mod bisect;
mod buckets;
mod cached_series;
mod coalescer;
mod columns;
mod figures;
mod gaps;
mod pack;
mod segment;
mod spending;
mod subscription;

pub use coalescer::Coalescer;
pub use columns::columns;
pub use figures::Figures;
pub use pack::{CALL_POINTS, CALL_SERIES, Packed, pack};
pub use spending::{BilledTo, Payer, Spending};
