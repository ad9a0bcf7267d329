//! What is counted over a range is what was counted in it: at every period, in series, tables and alert rules.

use std::ops::Range;

use local_aws::fleet::Direction;
use serde_json::{Value, json};

use super::{DAY, HOUR, NOON, fleet};
use crate::support::world::{Answer, Chain};

/// Seven minutes into an hour, so that no range of whole hours begins with one.
const NOW: i64 = NOON + 420;

/// Ranges with periods that ask in other ways than each other; 0 is "auto".
const RANGES: [(i64, &[i64]); 5] = [
    (1800, &[60, 300, HOUR, DAY]),
    (6 * HOUR, &[0, 300, HOUR, DAY]),
    (3 * DAY, &[0, 300, HOUR, DAY]),
    (30 * DAY, &[0, HOUR, DAY]),
    (90 * DAY, &[0, DAY]),
];

/// What is counted, of which application, and its title as a column.
const COUNTED: [(&str, &str, &str); 6] = [
    // Restarts every two minutes; its job starts anew each day at 06:00, and the count with it.
    ("clickstream", "restarts", "Restarts"),
    ("clickstream", "checkpointsFailed", "Checkpoints failed"),
    // A new job each day at 04:00.
    ("payments", "recordsIn", "Records in"),
    // Restarts every three days, a new job every week.
    ("sessions", "checkpointsCompleted", "Checkpoints completed"),
    ("sessions", "restarts", "Restarts"),
    // Another parallelism every twelve hours.
    ("inventory-sync", "recordsIn", "Records in"),
];

fn query(application: &str, signal: &str, shape: &str, period: Value) -> Value {
    json!({ "queryType": "application", "applications": [application], "signals": [signal], "as": shape, "period": period })
}

fn truth(application: &str, signal: &str, range: Range<i64>) -> f64 {
    let fleet = fleet();
    match signal {
        "restarts" => fleet.true_restarts(application, range) as f64,
        "checkpointsCompleted" => fleet.true_checkpoints(application, range).completed as f64,
        "checkpointsFailed" => fleet.true_checkpoints(application, range).failed as f64,
        _ => {
            let sources = fleet.source_tasks(application);
            sources.iter().map(|task| fleet.true_records(application, task, Direction::Out, range.clone())).sum()
        }
    }
}

/// Samples come four times a minute, so that what is counted lies within a minute at each end; at a restart some of it is lost.
fn check(found: f64, case: (&str, &str), range: Range<i64>, edge: i64, context: &str, wrong: &mut Vec<String>) {
    let (application, signal) = case;
    let at_most = truth(application, signal, range.start - edge..range.end + edge) * 1.01;
    let at_least = truth(application, signal, range.start + edge..range.end - edge) * 0.97;
    if !(at_least..=at_most).contains(&found) {
        wrong.push(format!("{application} {signal} {context}: {found} and not {at_least} to {at_most}"));
    }
}

/// The shortest period that CloudWatch keeps for a range.
fn kept(range: i64) -> i64 {
    match range {
        range if range < 15 * DAY - HOUR => 60,
        range if range < 63 * DAY - HOUR => 300,
        _ => HOUR,
    }
}

#[tokio::test]
async fn a_count_that_starts_anew_is_right_at_every_period() {
    let chain = Chain::start(fleet(), NOW).await;
    let mut wrong = Vec::new();
    for (application, signal, title) in COUNTED {
        for (range, periods) in RANGES {
            for period in periods.iter().map(|period| if *period == 0 { json!("auto") } else { json!(period) }) {
                let case = (application, signal);
                let context = format!("over {range} s at {period}");
                let edge = 3 * kept(range).max(range / 1440);
                let whole = NOW - range..NOW;
                let table = chain.ask(query(application, signal, "table", period.clone()), whole.clone()).await;
                check(
                    table.cell(application, title),
                    case,
                    whole.clone(),
                    edge,
                    &format!("table {context}"),
                    &mut wrong,
                );
                let series = chain.ask(query(application, signal, "series", period.clone()), whole.clone()).await;
                check(sum(&series), case, whole.clone(), edge, &format!("series {context}"), &mut wrong);
                let alert = chain.alert(query(application, signal, "series", period.clone()), whole).await;
                let line = alert.lines().remove(0);
                let counted = line.points[0].0..line.points.last().unwrap().0 + line.period;
                check(sum(&alert), case, counted, edge, &format!("alert {context}"), &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn sum(answer: &Answer) -> f64 {
    answer.lines().remove(0).sum(0..i64::MAX)
}
