//! Records are counted on where a job begins anew with other subtasks, or with the same: in every minute of which
//! CloudWatch has all samples.

use local_aws::fleet::HOME_REGION;
use local_aws::world::{Series, World};
use serde_json::{Value, json};

use super::incidents::incidents;
use super::{HOUR, NOON};
use crate::support::world::{Answer, Chain};

/// Applications of which a new job begins at an hour, the subtasks before and after it, and that hour.
const BEGUN: [(&str, [u32; 2], i64); 3] = [
    ("often-scaled", [4, 8], NOON + HOUR),
    ("often-scaled", [8, 4], NOON + 3 * HOUR),
    ("often-deployed", [4, 4], NOON + 2 * HOUR),
];

/// What is asked, of which metric of which task it is made, and its line.
const COUNTED: [(&str, &str, &str, &str); 4] = [
    ("application", "recordsIn", "numRecordsOut", "Source:_events____Parse"),
    ("application", "recordsOut", "numRecordsIn", "Sink:_results:_Writer"),
    ("operator", "recordsIn", "numRecordsIn", "Enrich"),
    ("operator", "recordsOut", "numRecordsOut", "Enrich"),
];

fn query((kind, signal, _, task): (&str, &str, &str, &str), application: &str, period: i64) -> Value {
    let mut query = json!({ "queryType": kind, "applications": [application], "signals": [signal], "period": period });
    if kind == "operator" {
        query["tasks"] = json!([task]);
    }
    query
}

/// What was added in a minute, where all samples of it and of the minute before came, and no job began.
fn whole(application: &str, (metric, task): (&str, &str), minute: i64, subtasks: [u32; 2]) -> Option<f64> {
    let dimensions = vec![("Application".into(), application.into()), ("Task".into(), task.into())];
    let series = Series { metric: metric.into(), dimensions };
    let of = |minute| incidents().minute(HOME_REGION, &series, minute, minute + HOUR);
    let (before, after) = (of(minute - 60)?, of(minute)?);
    let is_whole = subtasks.iter().any(|subtasks| after.sample_count == f64::from(4 * subtasks));
    let is_steady = before.sample_count == after.sample_count && before.sum <= after.sum;
    (is_whole && is_steady).then_some((after.sum - before.sum) / 4.0)
}

/// Counts are whole, those of several tasks together.
fn is_off(value: f64, expected: f64) -> bool {
    value.is_nan() || (value - expected).abs() > 2.0
}

/// Minutes that are wrong.
fn check(
    answer: &Answer,
    (kind, signal, metric, task): (&str, &str, &str, &str),
    case: (&str, [u32; 2]),
) -> Vec<String> {
    let (application, subtasks) = case;
    if answer.lines().is_empty() {
        return vec![answer.notices()];
    }
    let line = if kind == "operator" { answer.line(&[]) } else { answer.signal(signal) };
    let mut wrong = Vec::new();
    for (minute, value) in &line.points {
        if let Some(expected) = whole(application, (metric, task), *minute, subtasks)
            && is_off(*value, expected)
        {
            wrong.push(format!("{value} for {expected} at {minute}"));
        }
    }
    wrong
}

#[tokio::test]
async fn each_whole_minute_around_a_new_job_has_its_count() {
    let chain = Chain::start(incidents(), NOON + 5 * HOUR).await;
    let mut wrong = Vec::new();
    for (application, subtasks, hour) in BEGUN {
        for counted in COUNTED {
            for (length, minutes) in [(5, 1..30), (15, 1..30), (60, 5..30)] {
                for after in minutes {
                    let to = hour + 60 * after;
                    let range = to - 60 * length..to;
                    let rule = chain.alert(query(counted, application, 60), range.clone()).await;
                    let panel = chain.ask(query(counted, application, 60), range).await;
                    for (what, answer) in [("rule", rule), ("panel", panel)] {
                        let found = check(&answer, counted, (application, subtasks));
                        wrong.extend(found.into_iter().map(|text| {
                            format!("{application} {subtasks:?} {counted:?} {what} of {length} min, {after} min after: {text}")
                        }));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

/// Rules run while the minutes still arrive. What is older than CloudWatch's delay is there.
#[tokio::test]
async fn a_rule_just_after_a_new_job_has_each_minute_that_has_arrived() {
    const LATE: i64 = 240;
    let mut wrong = Vec::new();
    for (application, subtasks, hour) in BEGUN {
        for after in 4..14 {
            let now = hour + 60 * after + 20;
            let chain = Chain::start_late(incidents(), now).await;
            let mut line = chain.alert(query(COUNTED[0], application, 60), now - 600..now).await.signal("recordsIn");
            line.points.retain(|(minute, _)| *minute + 60 + LATE <= now);
            for (minute, value) in line.points {
                let expected = whole(application, ("numRecordsOut", "Source:_events____Parse"), minute, subtasks);
                if expected.is_some_and(|expected| is_off(value, expected)) {
                    wrong.push(format!("{application} {after} min after: {value} for {expected:?} at {minute}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
