//! The numbers are true: what comes out of the whole chain against what the job itself counted.
//!
//! Two recordings of real Flink jobs and the simulated fleet stand for CloudWatch. Every expectation is the job's own
//! counter, gauge or REST answer, or a number that follows from how the simulation is told. Where Flink's rates are known to
//! trail (starts, restarts, steps), only what holds there is asked.

mod empty;
mod fleet;
mod gauges;
mod job;
mod recording;
mod samples;
mod throughput;
mod time;
