//! The verdict on an application: RUNNING does not mean healthy.
//!
//! A job in a restart loop keeps the status RUNNING, is fully busy, shows no back pressure and processes nothing. So the verdict
//! joins status, throughput, restarts, checkpoints and resources, and says why.

use std::fmt;

use crate::plan::facts::{ApplicationStatus, Freshness};
use crate::plan::{ApplicationState, SeriesState};

/// One word for the row, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Healthy,
    /// Works, but something needs a look.
    Degraded,
    /// Does not do its work.
    Failing,
    /// In an operation: starting, updating, scaling.
    Changing,
    Stopped,
    /// Not enough is known.
    Unknown,
}

impl Health {
    /// Low numbers want a look before high ones.
    pub fn urgency(self) -> u8 {
        match self {
            Self::Failing => 0,
            Self::Degraded => 1,
            Self::Unknown => 2,
            Self::Changing => 3,
            Self::Healthy => 4,
            Self::Stopped => 5,
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
            Self::Changing => "changing",
            Self::Stopped => "stopped",
            Self::Unknown => "unknown",
        })
    }
}

/// A verdict and its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub health: Health,
    pub why: Option<String>,
}

/// What the numbers of the range say; None where a number is not known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Signs {
    pub source_rate: Option<f64>,
    /// In the whole range of this many hours.
    pub restarts: Option<f64>,
    pub hours: f64,
    pub busy: Option<f64>,
    pub back_pressure: Option<f64>,
    pub failed_checkpoints: Option<f64>,
    pub cpu: Option<f64>,
    pub heap: Option<f64>,
    /// How long before the end of the range the newest value lies.
    pub silent_seconds: Option<i64>,
    /// Whether any number is known.
    pub answered: bool,
}

/// More restarts than this per hour make a job unstable (AWS guidance: more than two resets of uptime an hour).
const RESTARTS_PER_HOUR: f64 = 2.0;
/// A running application publishes every minute, which comes up to three minutes late. Tables have buckets of up to some minutes.
const SILENT_SECONDS: i64 = super::reduce::STALE_SECONDS;
/// AWS's recommended alarm lines, as shares.
const CPU_LIMIT: f64 = 0.8;
const HEAP_LIMIT: f64 = 0.9;
/// Flink's own line between low and high back pressure.
const BACK_PRESSURE_LIMIT: f64 = 0.5;

pub fn judge(state: Option<&ApplicationState>, signs: &Signs) -> Verdict {
    let verdict = |health, why: &str| Verdict { health, why: Some(why.to_owned()) };
    let Some(state) = state else { return verdict(Health::Unknown, "nothing is known of this application") };
    if state.unknown && state.series == SeriesState::None {
        return verdict(Health::Unknown, "no such application");
    }
    // Of a linked account's application nobody can tell.
    if state.unknown && state.account.is_none() {
        return verdict(Health::Unknown, "deleted: there is no such application any more");
    }
    match state.description.as_ref().map(|description| &description.status) {
        Some(ApplicationStatus::Running) | None => {}
        Some(ApplicationStatus::Ready) => return Verdict { health: Health::Stopped, why: None },
        Some(other) => return verdict(Health::Changing, &other.in_words()),
    }
    match state.series {
        SeriesState::None => return verdict(Health::Unknown, "no metrics in the last two weeks"),
        SeriesState::Listed(Freshness::Stale) => return verdict(Health::Unknown, "no metrics in the last three hours"),
        SeriesState::Unreadable => return verdict(Health::Unknown, "metrics cannot be listed"),
        SeriesState::Listed(Freshness::RecentlyActive) => {}
    }
    if !signs.answered {
        return verdict(Health::Unknown, "no data in this time range");
    }
    if let Some(silent) = signs.silent_seconds.filter(|silent| *silent > SILENT_SECONDS) {
        return verdict(Health::Unknown, &format!("nothing published for {}", duration(silent)));
    }
    judge_signs(signs)
}

/// "25 minutes", "2 hours".
fn duration(seconds: i64) -> String {
    if seconds < 2 * 3600 { format!("{} minutes", seconds / 60) } else { format!("{} hours", seconds / 3600) }
}

fn judge_signs(signs: &Signs) -> Verdict {
    let above = |value: Option<f64>, limit: f64| value.is_some_and(|value| value > limit);
    let failing = |why: String| Verdict { health: Health::Failing, why: Some(why) };
    let degraded = |why: String| Verdict { health: Health::Degraded, why: Some(why) };
    let restarts = signs.restarts.unwrap_or(0.0);
    let is_unstable = restarts > (RESTARTS_PER_HOUR * signs.hours).max(RESTARTS_PER_HOUR);
    let is_silent = signs.source_rate.is_some_and(|rate| rate == 0.0);
    if is_silent && is_unstable {
        return failing(format!("restart loop: {}, nothing read", count(restarts, "restart")));
    }
    if is_silent && above(signs.busy, 0.99) {
        return failing("stalled: fully busy, nothing read".to_owned());
    }
    if is_unstable {
        return failing(count(restarts, "restart"));
    }
    if above(signs.failed_checkpoints, 0.0) {
        return degraded(count(signs.failed_checkpoints.unwrap_or(0.0), "failed checkpoint"));
    }
    if above(signs.back_pressure, BACK_PRESSURE_LIMIT) {
        return degraded("back pressure".to_owned());
    }
    if above(signs.heap, HEAP_LIMIT) {
        return degraded("heap almost full".to_owned());
    }
    if above(signs.cpu, CPU_LIMIT) {
        return degraded("CPU almost used up".to_owned());
    }
    if restarts > 0.0 {
        return degraded(count(restarts, "restart"));
    }
    Verdict { health: Health::Healthy, why: None }
}

/// "1 restart", "2 restarts".
fn count(number: f64, thing: &str) -> String {
    let plural = if number == 1.0 { "" } else { "s" };
    format!("{number:.0} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::ApplicationName;

    /// What an hour of a healthy job says.
    const FINE: Signs = Signs {
        source_rate: Some(100.0),
        restarts: Some(0.0),
        hours: 1.0,
        busy: Some(0.4),
        back_pressure: Some(0.0),
        failed_checkpoints: Some(0.0),
        cpu: Some(0.3),
        heap: Some(0.5),
        silent_seconds: Some(60),
        answered: true,
    };

    fn state(series: SeriesState) -> ApplicationState {
        let name = ApplicationName::from("orders");
        ApplicationState { name, account: None, description: None, unknown: false, series }
    }

    fn check(signs: Signs, expected: &str) {
        let verdict = judge(Some(&state(SeriesState::Listed(Freshness::RecentlyActive))), &signs);
        let text = format!("{}: {}", verdict.health, verdict.why.unwrap_or_default());
        assert_eq!(text, expected, "{signs:?}");
    }

    #[test]
    fn running_is_not_healthy() {
        check(FINE, "healthy: ");
        check(Signs { restarts: Some(1.0), ..FINE }, "degraded: 1 restart");
        check(Signs { restarts: Some(2.0), ..FINE }, "degraded: 2 restarts");
        check(Signs { restarts: Some(3.0), ..FINE }, "failing: 3 restarts");
        check(Signs { restarts: Some(3.0), hours: 24.0, ..FINE }, "degraded: 3 restarts");
        let looping = Signs { restarts: Some(30.0), source_rate: Some(0.0), busy: Some(1.0), ..FINE };
        check(looping, "failing: restart loop: 30 restarts, nothing read");
        check(Signs { source_rate: Some(0.0), busy: Some(1.0), ..FINE }, "failing: stalled: fully busy, nothing read");
        check(Signs { source_rate: Some(0.0), busy: Some(0.0), ..FINE }, "healthy: ");
        check(Signs { failed_checkpoints: Some(2.0), ..FINE }, "degraded: 2 failed checkpoints");
        check(Signs { back_pressure: Some(0.6), ..FINE }, "degraded: back pressure");
        check(Signs { heap: Some(0.95), ..FINE }, "degraded: heap almost full");
        check(Signs { cpu: Some(0.85), ..FINE }, "degraded: CPU almost used up");
    }

    #[test]
    fn what_is_not_known_is_no_sign_of_trouble() {
        check(Signs { answered: true, hours: 1.0, ..Signs::default() }, "healthy: ");
        check(Signs { answered: false, ..FINE }, "unknown: no data in this time range");
    }

    #[test]
    fn without_metrics_there_is_no_verdict() {
        let judged = |state: &ApplicationState| judge(Some(state), &FINE);
        for series in [SeriesState::None, SeriesState::Listed(Freshness::Stale), SeriesState::Unreadable] {
            assert_eq!(judged(&state(series)).health, Health::Unknown, "{series:?}");
        }
        let listed = state(SeriesState::Listed(Freshness::RecentlyActive));
        let deleted = ApplicationState { unknown: true, ..listed.clone() };
        assert_eq!(judged(&deleted).why.as_deref(), Some("deleted: there is no such application any more"));
        let linked = ApplicationState { account: Some("222222222222".into()), ..deleted };
        assert_eq!(judged(&linked).health, Health::Healthy);
        for (silent, why) in [(25 * 60, "nothing published for 25 minutes"), (7300, "nothing published for 2 hours")] {
            let verdict = judge(Some(&listed), &Signs { silent_seconds: Some(silent), ..FINE });
            assert_eq!((verdict.health, verdict.why.as_deref()), (Health::Unknown, Some(why)));
        }
        let unknown = ApplicationState { unknown: true, ..state(SeriesState::None) };
        assert_eq!(judged(&unknown).why.as_deref(), Some("no such application"));
        assert_eq!(judge(None, &FINE).health, Health::Unknown);
    }
}
