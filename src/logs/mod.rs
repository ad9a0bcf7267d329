//! What the lines of a job's log say. Nothing here asks AWS, or knows queries.
//!
//! The service writes each line as a JSON object ([`record`]). Some lines of Flink have a meaning ([`flink`]): a task
//! failed, the job restarts, a checkpoint is complete. [`finds`] has the searches that know them, [`failure`] makes one
//! failure of the lines that tell of it, and [`causes`] groups failures by what they have in common.

pub mod cause;
pub mod causes;
pub mod failure;
pub mod finds;
pub mod flink;
pub mod record;

mod text;
