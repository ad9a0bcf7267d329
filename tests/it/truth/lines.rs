//! Each line that verdict or rules decide by is needed where it stands: laxer by a factor of two, or gone, a story of
//! the incident fleet comes out in another way. A tenth stricter no healthy application crosses it.

use std::collections::BTreeMap;

use flinkwatch::catalog::condition::{Condition, Side, Spoken, Summary, Verdict};
use flinkwatch::catalog::conditions::CONDITIONS;
use flinkwatch::catalog::signal::{State, Threshold};
use flinkwatch::catalog::signals;
use serde_json::json;

use super::incidents::{MOMENT, incidents};
use crate::support::world::{Chain, Line};

/// Applications of which nothing may be said.
const HEALTHY: &[&str] = &["steady", "steady-kafka", "steady-coarse", "often-deployed", "often-scaled"];

/// A number of each application that has it.
type Numbers = BTreeMap<String, f64>;

/// As a rule has it: the values of the last minutes as one number.
async fn numbers(chain: &Chain, signal: &str, (summary, minutes): (Summary, i64)) -> Numbers {
    let period = signals::signal(signal).unwrap().minimum_period;
    let query = json!({
        "queryType": "application", "applications": ["*"], "signals": [signal], "as": "series", "period": period,
    });
    let range = MOMENT - minutes * 60..MOMENT;
    let lines = chain.alert(query, range.clone()).await.lines();
    lines.iter().map(|line| (line.label("application").to_owned(), number(line, summary))).collect()
}

fn number(line: &Line, summary: Summary) -> f64 {
    let known = line.known(0..i64::MAX);
    match summary {
        Summary::Count => known.len() as f64,
        _ if known.is_empty() => f64::NAN,
        Summary::Last => known[known.len() - 1],
        Summary::Lowest => known.iter().copied().fold(f64::INFINITY, f64::min),
        Summary::Highest => known.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Summary::Mean => known.iter().sum::<f64>() / known.len() as f64,
        Summary::Total => known.iter().sum(),
    }
}

/// What a row says of each application.
fn outcomes(row: &Condition, numbers: &Numbers, also: &Numbers) -> BTreeMap<String, Option<State>> {
    let is_confirmed =
        |name: &String| row.also.is_none_or(|second| second.holds(also.get(name).copied().unwrap_or(f64::NAN)));
    let of = |(name, value): (&String, &f64)| (name.clone(), row.state_of(*value).filter(|_| is_confirmed(name)));
    numbers.iter().map(of).collect()
}

/// The row with other lines.
fn with_lines(row: &Condition, lines: Vec<Threshold>) -> Condition {
    Condition { lines: lines.leak(), ..row.clone() }
}

/// A line twice as far away. What is said without a number means that there is nothing at all, of which there is no
/// half.
fn laxer(row: &Condition, value: f64) -> f64 {
    match (row.side, row.value) {
        (Side::Above, _) => value * 2.0,
        (Side::Below, Spoken::Nothing) => 0.0,
        (Side::Below, _) => value / 2.0,
    }
}

fn stricter(row: &Condition, value: f64) -> f64 {
    match row.side {
        Side::Above => value * 0.9,
        Side::Below => value / 0.9,
    }
}

/// Whether verdict or rules are made from the row. Others only draw lines in panels.
fn decides(row: &Condition) -> bool {
    row.verdict != Verdict::Never || row.id == "silent"
}

#[tokio::test]
async fn each_line_is_crossed_by_a_story_that_is_near_it_and_by_no_healthy_one() {
    let chain = Chain::start(incidents(), MOMENT).await;
    let mut wrong = Vec::new();
    for row in CONDITIONS.iter().copied().filter(|row| decides(row)) {
        let found = numbers(&chain, row.signal, (row.summary, row.minutes)).await;
        let also = match row.also {
            Some(also) => numbers(&chain, also.signal, (also.summary, row.minutes)).await,
            None => Numbers::new(),
        };
        let outcome = |row: &Condition| outcomes(row, &found, &also);
        for (index, line) in row.lines.iter().enumerate() {
            let mut others = row.lines.to_vec();
            others.remove(index);
            let mut moved = row.lines.to_vec();
            moved[index].value = laxer(row, line.value);
            for (what, lines) in [("gone", others), ("laxer", moved)] {
                if outcome(&with_lines(row, lines)) == outcome(row) {
                    wrong.push(format!("{}, {} {what}: {found:?}", row.id, line.value));
                }
            }
            let near = with_lines(row, vec![Threshold { value: stricter(row, line.value), ..*line }]);
            for (name, _) in
                outcome(&near).iter().filter(|(name, state)| HEALTHY.contains(&name.as_str()) && state.is_some())
            {
                wrong.push(format!("{}, {}: {name} is too near, {}", row.id, line.value, found[name]));
            }
        }
        if row.also.is_some() && outcome(&Condition { also: None, ..row.clone() }) == outcome(row) {
            wrong.push(format!("{}: its second number decides nothing", row.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
