//! How many events have arrived at a job since the epoch.
//!
//! The rate follows a week of minutes that repeats. The week is stored as running totals, so that a count at any
//! time is one look-up: a rate, a lag and a counter all come from the same count and agree exactly.

use std::sync::Arc;

use super::noise;

const MINUTES: usize = 7 * 24 * 60;
const WEEK: f64 = MINUTES as f64 * 60.0;
/// The epoch began on a Thursday; weeks here begin on a Monday.
const FIRST_MONDAY: f64 = 4.0 * 86_400.0;

/// The shape of a week, with a mean rate of one event per second.
#[derive(Debug)]
pub struct Week {
    /// Events until the start of each minute, and at the end the whole week's.
    until: Vec<f64>,
}

/// What distinguishes one week from another.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// How far the day swings around its mean: 0 is flat, 0.6 is a shop's day and night.
    pub swing: f64,
    /// The hour (UTC) of the daily peak.
    pub peak_hour: f64,
    /// Saturday and Sunday as a part of a weekday.
    pub weekend: f64,
}

impl Week {
    pub fn new(shape: Shape, seed: u64) -> Self {
        let rates: Vec<f64> = (0..MINUTES).map(|minute| shape.rate(minute, seed)).collect();
        let scale = WEEK / (60.0 * rates.iter().sum::<f64>());
        let mut total = 0.0;
        let mut until = vec![0.0];
        for rate in rates {
            total += rate * 60.0 * scale;
            until.push(total);
        }
        Self { until }
    }

    fn events_until(&self, time: f64) -> f64 {
        let since = time - FIRST_MONDAY;
        // After 1970, so that cutting is rounding down.
        let week = (since * (1.0 / WEEK)) as i64 as f64;
        let place = ((since - week * WEEK) * (1.0 / 60.0)).max(0.0);
        let minute = (place as usize).min(MINUTES - 1);
        let (from, to) = (self.until[minute], self.until[minute + 1]);
        week * WEEK + from + (to - from) * (place - minute as f64)
    }
}

impl Shape {
    fn rate(self, minute: usize, seed: u64) -> f64 {
        let time = minute as f64 * 60.0;
        let hour = time / 3600.0 % 24.0;
        let turn = (hour - self.peak_hour) / 24.0 * std::f64::consts::TAU;
        let day = 1.0 + self.swing * turn.cos();
        let week = if minute / 1440 >= 5 { self.weekend } else { 1.0 };
        // Small enough that half a minute changes a rate by well under one percent.
        let slow = 1.0 + 0.04 * noise::wander(seed, time, 1800.0) + 0.004 * noise::wander(!seed, time, 300.0);
        day * week * slow
    }
}

/// The events that arrive at one job.
#[derive(Debug, Clone)]
pub struct Load {
    pub week: Arc<Week>,
    pub mean_per_second: f64,
}

impl Load {
    /// Events since the epoch until `time` (epoch seconds).
    pub fn events_until(&self, time: f64) -> f64 {
        self.mean_per_second * self.week.events_until(time)
    }
}
