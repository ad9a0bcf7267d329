//! What to ask AWS, as a value: the fewest calls that answer all queries.

pub mod call;
mod dimensions;
pub mod facts;
pub mod job_plan;
mod task_match;
pub mod topology;
