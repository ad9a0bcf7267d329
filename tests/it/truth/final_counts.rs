//! What an alert rule is told of a closed period is final: a count that was given once never changes, is there when its
//! samples are, and is what the job counted.

use std::collections::BTreeMap;
use std::ops::Range;

use local_aws::fleet::Direction;
use serde_json::{Value, json};

use super::incidents::incidents;
use super::{HOUR, NOON};
use crate::support::world::{Chain, Line};

const COUNTERS: [&str; 7] = [
    "restarts",
    "checkpointsFailed",
    "checkpointsCompleted",
    "recordsIn",
    "recordsOut",
    "lateRecords",
    "gcCollections",
];

/// At these hours a job is scaled up, another deployed, and the first scaled down.
const HOURS: [i64; 3] = [NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR];

/// A count is known after so many seconds, as far as it ever will be.
const LIMIT: i64 = 20 * 60;

/// What was counted of an application in a period that begins at a time.
type Key = (String, String, i64, i64);

/// The first value of each, and when it was given.
#[derive(Default)]
struct Given {
    values: BTreeMap<Key, (f64, i64)>,
    wrong: Vec<String>,
}

impl Given {
    fn note(&mut self, line: &Line, now: i64) {
        for (time, value) in line.points.iter().filter(|(_, value)| !value.is_nan()) {
            let key = (line.label("application").to_owned(), line.label("signal").to_owned(), line.period, *time);
            let (first, at) = *self.values.entry(key.clone()).or_insert((*value, now));
            if first != *value {
                self.wrong.push(format!(
                    "{key:?}: {first} after {} s, {value} after {} s",
                    at - time - line.period,
                    now - time - line.period
                ));
            }
        }
    }

    fn check(&self) {
        let wrong = &self.wrong;
        assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    }
}

fn query(applications: &[&str], signals: &[&str], period: i64) -> Value {
    json!({ "queryType": "application", "applications": applications, "signals": signals, "period": period })
}

/// Seconds between two evaluations of a rule; period and range of each rule.
async fn evaluate(applications: &[&str], (range, every): (Range<i64>, usize), rules: &[(i64, i64)], given: &mut Given) {
    let mut chain = Chain::start_late(incidents(), range.start).await;
    for now in range.step_by(every) {
        chain.move_to(now);
        for (period, length) in rules {
            let answer = chain.alert(query(applications, &COUNTERS, *period), now - length..now).await;
            answer.lines().iter().for_each(|line| given.note(line, now));
        }
    }
}

/// Every story, and those whose jobs begin anew at shorter intervals.
#[tokio::test]
async fn a_given_count_of_a_closed_period_never_changes() {
    const ANEW: [&str; 1] = ["/^(often-.*|restarts-hourly|crash-loop|at-its-quota)$/"];
    for hour in HOURS {
        let mut given = Given::default();
        evaluate(&["*"], (hour - 60..hour + 600, 47), &[(60, 300), (300, 900), (HOUR, HOUR)], &mut given).await;
        let rules = [(60, 60), (60, 300), (300, 300), (300, 900), (HOUR, HOUR)];
        evaluate(&ANEW, (hour - 60..hour + 900, 17), &rules, &mut given).await;
        // Long after, over another range.
        let chain = Chain::start(incidents(), hour + 3 * HOUR).await;
        for period in [60, 300, HOUR] {
            let answer = chain.alert(query(&["*"], &COUNTERS, period), hour - HOUR..hour + HOUR).await;
            answer.lines().iter().for_each(|line| given.note(line, hour + 3 * HOUR));
        }
        given.check();
    }
}

/// Restarts and failed checkpoints while the last samples of a period arrive. In some the one before it lost a sample,
/// so that one less than all seems to be usual.
#[tokio::test]
async fn a_given_count_of_a_restart_loop_never_changes() {
    let mut given = Given::default();
    let mut chain = Chain::start_late(incidents(), NOON).await;
    for end in (NOON..NOON + 20 * HOUR).step_by(300) {
        for now in (end + 12..end + 64).step_by(8) {
            chain.move_to(now);
            let query = query(&["crash-loop"], &["restarts", "checkpointsFailed"], 300);
            chain.alert(query, now - 300..now).await.lines().iter().for_each(|line| given.note(line, now));
        }
    }
    given.check();
}

/// Of 60 subtasks hardly every second minute is complete. What is older than the limit is known in each range.
#[tokio::test]
async fn no_count_is_missing_where_cloudwatch_has_its_samples() {
    let signals = ["recordsIn", "recordsOut"];
    let mut chain = Chain::start_late(incidents(), NOON).await;
    for now in (NOON..NOON + 3600).step_by(170) {
        chain.move_to(now);
        for (applications, length) in [(&["at-its-quota"], HOUR), (&["steady"], HOUR), (&["hot"], 1800)] {
            let answer = chain.alert(query(applications, &signals, 60), now - length..now).await;
            for line in answer.lines() {
                let mut old = line.points.iter().filter(|(time, _)| time + 60 + LIMIT <= now);
                assert!(old.all(|(_, value)| !value.is_nan()), "{:?} at {now}: {:?}", line.labels, line.points);
            }
        }
    }
    // A rule over five minutes long ago, of which none may be complete.
    chain.move_to(NOON + 9 * HOUR);
    for to in (NOON + 6 * HOUR..NOON + 8 * HOUR).step_by(60) {
        let past = chain.alert(query(&["at-its-quota"], &signals, 60), to - 300..to).await;
        for line in past.lines() {
            assert!(line.points.iter().all(|(_, value)| !value.is_nan()), "until {to}: {:?}", line.points);
        }
    }
}

/// What was really counted; None where nobody says.
fn truth(application: &str, signal: &str, range: Range<i64>) -> Option<f64> {
    let fleet = incidents();
    let records = |tasks: Vec<String>, direction: Direction| {
        tasks.iter().map(|task| fleet.true_records(application, task, direction, range.clone())).sum::<f64>()
    };
    Some(match signal {
        "restarts" => fleet.true_restarts(application, range) as f64,
        "checkpointsCompleted" => fleet.true_checkpoints(application, range).completed as f64,
        "checkpointsFailed" => fleet.true_checkpoints(application, range).failed as f64,
        "recordsIn" => records(fleet.source_tasks(application), Direction::Out),
        "recordsOut" => records(fleet.sink_tasks(application), Direction::In),
        _ => return None,
    })
}

/// Samples come four times a minute, so that what is counted lies within a minute at each end; at a restart some of it
/// is lost. An application without tasks counts each record at each.
#[tokio::test]
async fn what_was_counted_in_an_hour_is_true_in_every_story() {
    let chain = Chain::start(incidents(), NOON + 6 * HOUR).await;
    let range = NOON + HOUR - 1800..NOON + 4 * HOUR - 1800;
    let mut wrong = Vec::new();
    for period in [60, 300, HOUR] {
        let answer = chain.alert(query(&["*"], &COUNTERS, period), range.clone()).await;
        for line in answer.lines().iter().filter(|line| line.label("application") != "steady-coarse") {
            let (application, signal) = (line.label("application"), line.label("signal"));
            let counted = line.points[0].0..line.points.last().unwrap().0 + line.period;
            let found = line.sum(0..i64::MAX);
            let edge = 120;
            let most = truth(application, signal, counted.start - edge..counted.end + edge);
            let least = truth(application, signal, counted.start + edge..counted.end - edge);
            let Some((least, most)) = least.zip(most) else { continue };
            if !(least * 0.97..=most * 1.01).contains(&found) {
                wrong.push(format!("{application} {signal} at {period}: {found}, not {least} to {most}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
