//! The verdict on an application: RUNNING does not mean healthy.
//!
//! A job in a restart loop keeps the status RUNNING, is fully busy, shows no back pressure and processes nothing. So
//! the verdict joins the status with the conditions of the catalogue, held against the last hour of the time range just
//! as the alert rules do, however long the range is: what fires is no healthy application, and the words are the same.
//! The one surprise: of nothing known the verdict is never "healthy".

use std::collections::HashSet;
use std::fmt;

use crate::catalog::condition::{self, Also, Condition, Side, Summary, Verdict as Part};
use crate::catalog::conditions::{CONDITIONS, SILENT};
use crate::catalog::signal::State;
use crate::model::application::ApplicationStatus;
use crate::model::series::Freshness;
use crate::plan::expr::Grid;
use crate::plan::{ApplicationState, SeriesState};

use super::reduce::reduce;

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

/// A verdict and its reasons, the most urgent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub health: Health,
    pub reasons: Vec<String>,
}

impl Verdict {
    fn new(health: Health, why: &str) -> Self {
        Self { health, reasons: vec![why.to_owned()] }
    }

    /// For a row among others: the most urgent reason, and how many there are beside it.
    pub fn in_short(&self) -> Option<String> {
        let (first, others) = self.reasons.split_first()?;
        Some(if others.is_empty() { first.clone() } else { format!("{first}, and {} more", others.len()) })
    }

    pub fn in_full(&self) -> Option<String> {
        (!self.reasons.is_empty()).then(|| self.reasons.join("; "))
    }
}

/// What the numbers of the last hour of the range say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Signs {
    /// The conditions that hold, the most urgent first.
    pub findings: Vec<Finding>,
    /// How long before the end of the range the newest value lies, of no value an hour; None where that cannot be told.
    pub silent_seconds: Option<i64>,
    /// Whether any number is known.
    pub answered: bool,
    /// Whether all that was asked for could be read.
    pub complete: bool,
    /// Whether the range ends now. Of an earlier time nobody knows the status.
    pub ends_now: bool,
}

impl Signs {
    /// Whether something was published at the end of the range.
    fn is_publishing(&self) -> bool {
        self.answered && self.silent_seconds.is_none_or(|silent| silent <= SILENT_SECONDS)
    }
}

/// A condition that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub condition: &'static Condition,
    pub state: State,
    pub value: f64,
}

/// A running application publishes every minute, which comes up to three minutes late.
const SILENT_SECONDS: i64 = super::reduce::STALE_SECONDS;

/// The alert rule on silence fires after so long.
const SILENT_RULE_SECONDS: i64 = 60 * (SILENT.minutes + SILENT.lasting);

/// The conditions that hold, given the values of a signal over the range.
pub fn findings<'v>(values_of: impl Fn(&str) -> Option<(&'v [f64], Grid)>) -> Vec<Finding> {
    let number = |signal: &str, summary, condition: &Condition| {
        values_of(signal).map_or(f64::NAN, |(values, grid)| summarise(values, grid, (summary, condition)))
    };
    let hold = |condition: &&'static Condition| {
        let value = number(condition.signal, condition.summary, condition);
        let state = condition.state_of(value)?;
        let is_confirmed = |also: Also| also.holds(number(also.signal, also.summary, condition));
        condition.also.is_none_or(is_confirmed).then_some(Finding { condition, state, value })
    };
    let mut found: Vec<Finding> =
        CONDITIONS.iter().filter(|condition| condition.verdict != Part::Never).filter_map(hold).collect();
    found.sort_by_key(|finding| finding.state != State::Critical);
    found
}

/// The number of a condition at the end of the range; NaN where it cannot be told.
fn summarise(values: &[f64], grid: Grid, (summary, condition): (Summary, &Condition)) -> f64 {
    let Some(how) = summary.reduce() else { return f64::NAN };
    let (period, window) = (grid.period.seconds(), condition.minutes * 60);
    let closed = usize::try_from((window + period - 1) / period).unwrap_or(1);
    let taken = closed + usize::from(grid.open.is_some());
    let recent = &values[values.len().saturating_sub(taken)..];
    if summary == Summary::Total && condition.side == Side::Above && period > window {
        let most = recent.iter().copied().fold(f64::NAN, f64::max);
        return most * window as f64 / period as f64;
    }
    reduce(recent, grid, how)
}

pub fn judge(state: Option<&ApplicationState>, signs: &Signs) -> Verdict {
    let Some(state) = state else { return Verdict::new(Health::Unknown, "nothing is known of this application") };
    if state.unknown && state.series == SeriesState::None {
        return Verdict::new(Health::Unknown, "no such application");
    }
    // Of a linked account's application nobody can tell.
    if state.unknown && state.account.is_none() {
        return Verdict::new(Health::Unknown, "deleted: there is no such application any more");
    }
    let running = Silence { after: SILENT_SECONDS, health: Health::Failing };
    match state.status() {
        None => judge_signs(state.series, signs, Silence { health: Health::Unknown, ..running }),
        Some(ApplicationStatus::Ready) if signs.ends_now || !signs.is_publishing() => {
            Verdict { health: Health::Stopped, reasons: Vec::new() }
        }
        Some(status) if signs.ends_now && *status != ApplicationStatus::Running => judge_changing(status, state, signs),
        // Of an earlier time the status is not known.
        Some(_) => judge_signs(state.series, signs, running),
    }
}

/// An operation of the service takes some minutes, in which little is published. What alert rules fire for is told all
/// the same.
fn judge_changing(status: &ApplicationStatus, state: &ApplicationState, signs: &Signs) -> Verdict {
    let words = status.in_words();
    let silence = if *status == ApplicationStatus::Starting {
        // Before it starts it has been silent for long.
        Silence { after: i64::MAX, health: Health::Unknown }
    } else {
        Silence { after: SILENT_RULE_SECONDS, health: Health::Failing }
    };
    let mut judged = judge_signs(state.series, signs, silence);
    match judged.reasons.first_mut() {
        Some(first) if status.is_active() && judged.health != Health::Unknown => first.push_str(&format!(" ({words})")),
        _ => judged = Verdict::new(Health::Changing, &words),
    }
    judged
}

/// When silence is trouble, and how much.
#[derive(Clone, Copy)]
struct Silence {
    /// In seconds.
    after: i64,
    health: Health,
}

/// The verdict on the numbers.
fn judge_signs(series: SeriesState, signs: &Signs, silence: Silence) -> Verdict {
    match series {
        SeriesState::None => return Verdict::new(Health::Unknown, "no metrics in the last two weeks"),
        // Of a range in the past there may be more.
        SeriesState::Listed(Freshness::Stale) if !signs.answered => {
            return Verdict::new(silence.health, "nothing published for 3 hours or more");
        }
        SeriesState::Unreadable => return Verdict::new(Health::Unknown, "metrics cannot be listed"),
        SeriesState::Awaited => return Verdict::new(Health::Unknown, "metrics are not known yet"),
        SeriesState::Listed(_) => {}
    }
    if signs.findings.is_empty() && !signs.complete {
        return Verdict::new(Health::Unknown, "not all metrics could be read");
    }
    if let Some(silent) = signs.silent_seconds.filter(|silent| *silent > silence.after && signs.complete) {
        return Verdict::new(silence.health, &describe_silence(silent));
    }
    if !signs.answered {
        return Verdict::new(Health::Unknown, "no data in the last hour of this time range");
    }
    judge_findings(&signs.findings)
}

/// No more than the last hour is known.
fn describe_silence(seconds: i64) -> String {
    let length = match seconds {
        ..3600 => condition::say_time(seconds as f64),
        3600.. => "an hour or more".to_owned(),
    };
    format!("nothing published for {length}")
}

/// As bad as the worst, with a reason for each signal that is in trouble.
fn judge_findings(findings: &[Finding]) -> Verdict {
    let health = match findings.first().map(|worst| worst.state) {
        Some(State::Critical) => Health::Failing,
        Some(State::Warning) => Health::Degraded,
        Some(State::Ok) | None => Health::Healthy,
    };
    let mut told = HashSet::new();
    let news = findings.iter().filter(|finding| told.insert(finding.condition.signal));
    Verdict { health, reasons: news.map(|finding| finding.condition.describe(finding.value)).collect() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::catalog::runtime::Runtime;
    use crate::model::application::Description;
    use crate::period::Period;
    use crate::place::ApplicationName;

    const MINUTES: usize = 180;

    fn state(series: SeriesState) -> ApplicationState {
        let name = ApplicationName::from("orders");
        ApplicationState {
            name,
            account: None,
            description: None,
            listed: None,
            unknown: false,
            undescribed: None,
            series,
            is_named: false,
        }
    }

    fn description(status: ApplicationStatus) -> Arc<Description> {
        Arc::new(Description {
            name: ApplicationName::from("orders"),
            arn: String::new(),
            status,
            runtime: Runtime::parse("FLINK-1_20"),
            version: 1,
            created_ms: None,
            updated_ms: None,
            parallelism: None,
            checkpointing: None,
            metrics_level: None,
            log_streams: Vec::new(),
            log_level: None,
            job_plan: None,
        })
    }

    fn findings_of(values: &[(&str, f64)]) -> Vec<Finding> {
        let columns = lasting(values);
        findings(|id| columns.iter().find(|(signal, _)| *signal == id).map(|(_, values)| (values.as_slice(), grid(60))))
    }

    /// Three hours in minutes, of which the last is still being filled.
    fn grid(seconds: i64) -> Grid {
        let end = i64::try_from(MINUTES).unwrap() * seconds;
        let period = Period::from_seconds(seconds).unwrap();
        Grid { start: 0, end, period, lookback: 0, open: Some(end - seconds), arriving: None }
    }

    /// The verdict on an application of which these signals have these values all the time.
    fn verdict(values: &[(&str, f64)]) -> String {
        in_short(&judge_all(&lasting(values), grid(60)))
    }

    fn lasting<'v>(values: &[(&'v str, f64)]) -> Vec<(&'v str, Vec<f64>)> {
        values.iter().map(|(id, value)| (*id, vec![*value; MINUTES])).collect()
    }

    fn in_short(verdict: &Verdict) -> String {
        format!("{}: {}", verdict.health, verdict.in_short().unwrap_or_default())
    }

    fn judge_all(columns: &[(&str, Vec<f64>)], grid: Grid) -> Verdict {
        let values_of =
            |id: &str| columns.iter().find(|(signal, _)| *signal == id).map(|(_, values)| (values.as_slice(), grid));
        let signs = Signs {
            findings: findings(values_of),
            silent_seconds: Some(60),
            answered: true,
            complete: true,
            ends_now: true,
        };
        judge(Some(&state(SeriesState::Listed(Freshness::RecentlyActive))), &signs)
    }

    #[test]
    fn running_is_not_healthy() {
        let hour = 3_600_000.0;
        for (values, expected) in [
            (&[("sourceRate", 100.0), ("busy", 0.4), ("cpu", 0.3), ("consumerLagTime", 200.0)][..], "healthy: "),
            (&[("sourceRate", 0.0), ("busy", 1.0)], "failing: stalled: fully busy, nothing read"),
            (&[("sourceRate", 0.0), ("busy", 0.0)], "healthy: "),
            (&[("sourceRate", 9.0), ("busy", 1.0)], "healthy: "),
            (&[("backPressure", 0.6)], "degraded: back pressured for 60 % of the time"),
            (&[("heap", 0.95), ("cpu", 0.85)], "degraded: 95 % of its Java heap used, and 1 more"),
            (&[("consumerLagTime", 300_000.0)], "degraded: 5 minutes behind its Kinesis stream"),
            (&[("consumerLagTime", 4.2 * hour)], "failing: 4.2 hours behind its Kinesis stream"),
            (&[("consumerLagRecords", 4.36e9)], "degraded: 4.4 billion records behind in its worst partition"),
            (
                &[("sinkRate", 0.0), ("consumerLagTime", 4.2 * hour)],
                "failing: 4.2 hours behind its Kinesis stream, and 1 more",
            ),
            (&[("checkpointsCompleted", 0.0)], "failing: no checkpoint completed for an hour"),
            (&[("availability", 0.4)], "failing: ran for 40 % of the last 10 minutes"),
            (&[("availability", 0.84)], "healthy: "),
        ] {
            assert_eq!(verdict(values), expected, "{values:?}");
        }
    }

    /// A signal may have several conditions that hold.
    #[test]
    fn in_full_each_signal_in_trouble_has_one_reason() {
        let in_full = |values| judge_all(&lasting(values), grid(60)).in_full();
        assert_eq!(in_full(&[("heap", 0.5)]), None);
        let told = in_full(&[("heap", 0.95), ("cpu", 0.85), ("consumerLagTime", 172_800_000.0)]);
        let expected = "2.0 days behind its Kinesis stream, which keeps 24 hours by default; \
                        95 % of its Java heap used; 85 % of its hottest TaskManager's CPU used";
        assert_eq!(told.as_deref(), Some(expected));
    }

    #[test]
    fn what_fires_during_an_operation_is_told_beside_it() {
        let judged = |status, signs: &Signs| {
            let state = state(SeriesState::Listed(Freshness::RecentlyActive));
            in_short(&judge(Some(&ApplicationState { description: Some(description(status)), ..state }), signs))
        };
        let healthy =
            Signs { findings: Vec::new(), silent_seconds: Some(60), answered: true, complete: true, ends_now: true };
        let lagging = Signs { findings: findings_of(&[("consumerLagTime", 1_200_000.0)]), ..healthy.clone() };
        let silent = |seconds| Signs { silent_seconds: Some(seconds), ..healthy.clone() };
        let past = |signs: &Signs| Signs { ends_now: false, ..signs.clone() };
        let behind = "failing: 20 minutes behind its Kinesis stream";
        use ApplicationStatus::{Autoscaling, Ready, Running, Starting, Stopping, Updating};
        for (status, signs, expected) in [
            (Updating, &healthy, "changing: updating".to_owned()),
            (Updating, &lagging, format!("{behind} (updating)")),
            (Autoscaling, &lagging, format!("{behind} (autoscaling)")),
            (ApplicationStatus::Other("ROLLING_BACK".to_owned()), &lagging, format!("{behind} (rolling back)")),
            (Updating, &silent(15 * 60), "changing: updating".to_owned()),
            (Updating, &silent(25 * 60), "failing: nothing published for 25 minutes (updating)".to_owned()),
            (Starting, &silent(25 * 60), "changing: starting".to_owned()),
            (Stopping, &lagging, "changing: stopping".to_owned()),
            (Ready, &lagging, "stopped: ".to_owned()),
            // Of an earlier time the status is not known, but that what is stopped may have been.
            (Updating, &past(&healthy), "healthy: ".to_owned()),
            (Ready, &past(&lagging), behind.to_owned()),
            (Ready, &past(&healthy), "healthy: ".to_owned()),
            (Ready, &past(&silent(25 * 60)), "stopped: ".to_owned()),
            (Running, &past(&silent(25 * 60)), "failing: nothing published for 25 minutes".to_owned()),
        ] {
            assert_eq!(judged(status.clone(), signs), expected, "{status:?} {signs:?}");
        }
    }

    /// Restarts count within the hour, however long the range is.
    #[test]
    fn restarts_are_those_of_the_last_hour() {
        let restarts = |at: &[usize], seconds: i64| {
            let mut values = vec![0.0; MINUTES];
            at.iter().for_each(|minute| values[*minute] += 1.0);
            in_short(&judge_all(&[("restarts", values)], grid(seconds)))
        };
        assert_eq!(restarts(&[10, 20, 30, 40], 60), "healthy: ");
        assert_eq!(restarts(&[10, 20, 150], 60), "degraded: 1 restart within an hour");
        assert_eq!(restarts(&[150, 160, 170], 60), "failing: 3 restarts within an hour");
        assert_eq!(restarts(&[148, 160, 179], 120), "degraded: 2 restarts within an hour");
        assert_eq!(restarts(&[178, 178, 178, 178, 178, 178], 7200), "failing: 3 restarts within an hour");
        assert_eq!(restarts(&[178, 178], 7200), "degraded: 1 restart within an hour");
    }

    #[test]
    fn what_is_not_known_is_no_sign_of_trouble_and_none_of_health() {
        let judged = |signs: Signs| judge(Some(&state(SeriesState::Listed(Freshness::RecentlyActive))), &signs);
        let known =
            Signs { findings: Vec::new(), silent_seconds: Some(60), answered: true, complete: true, ends_now: true };
        assert_eq!(judged(known.clone()).health, Health::Healthy);
        for signs in
            [Signs { answered: false, ..known.clone() }, Signs { complete: false, ..known.clone() }, Signs::default()]
        {
            assert_eq!(judged(signs.clone()).health, Health::Unknown, "{signs:?}");
        }
        assert_eq!(verdict(&[("restarts", f64::NAN), ("sinkRate", f64::NAN)]), "healthy: ");
    }

    #[test]
    fn without_metrics_there_is_no_verdict() {
        let signs =
            Signs { findings: Vec::new(), silent_seconds: Some(60), answered: true, complete: true, ends_now: true };
        let judged = |state: &ApplicationState| judge(Some(state), &signs);
        for series in [SeriesState::None, SeriesState::Unreadable] {
            assert_eq!(judged(&state(series)).health, Health::Unknown, "{series:?}");
        }
        // An application that is silent now, over a range in which it was not.
        let stale = state(SeriesState::Listed(Freshness::Stale));
        assert_eq!(judged(&stale).health, Health::Healthy);
        let silent = judge(Some(&stale), &Signs { answered: false, ..signs.clone() });
        assert_eq!(silent.in_full().as_deref(), Some("nothing published for 3 hours or more"));
        let listed = state(SeriesState::Listed(Freshness::RecentlyActive));
        let deleted = ApplicationState { unknown: true, ..listed.clone() };
        assert_eq!(judged(&deleted).in_full().as_deref(), Some("deleted: there is no such application any more"));
        let linked = ApplicationState { account: Some("222222222222".into()), ..deleted };
        assert_eq!(judged(&linked).health, Health::Healthy);
        for (silent, why) in
            [(25 * 60, "nothing published for 25 minutes"), (3600, "nothing published for an hour or more")]
        {
            let verdict = judge(Some(&listed), &Signs { silent_seconds: Some(silent), ..signs.clone() });
            assert_eq!((verdict.health, verdict.in_full().as_deref()), (Health::Unknown, Some(why)));
        }
        let unknown = ApplicationState { unknown: true, ..state(SeriesState::None) };
        assert_eq!(judged(&unknown).in_full().as_deref(), Some("no such application"));
        assert_eq!(judge(None, &signs).health, Health::Unknown);
    }
}
