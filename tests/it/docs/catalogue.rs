//! The catalogue as the dashboards read it: signals, conditions and lines as JSON.

use std::fs;

use flinkwatch::catalog::condition::{Condition, Side, Verdict};
use flinkwatch::catalog::conditions::CONDITIONS;
use flinkwatch::catalog::metric::Good;
use flinkwatch::catalog::signal::{Signal, Threshold};
use flinkwatch::catalog::signals::SIGNALS;
use serde_json::{Value, json};

use super::{page, state_name};

#[test]
fn the_dashboards_read_the_catalogue() {
    let signals: Vec<Value> = SIGNALS.iter().map(signal).collect();
    let conditions: Vec<Value> = CONDITIONS.iter().map(|row| condition(row)).collect();
    let catalogue = json!({ "signals": signals, "conditions": conditions });
    let expected = format!("{}\n", serde_json::to_string_pretty(&catalogue).unwrap());
    let path = page("frontend/dashboards/catalogue.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{} is not the catalogue: run this test with UPDATE_DOCS=1", path.display());
}

fn signal(row: &Signal) -> Value {
    let good = match row.good {
        Good::Up => "up",
        Good::Down => "down",
        Good::Neutral => "neutral",
    };
    json!({
        "id": row.id, "title": row.title, "unit": row.unit.grafana(), "meaning": row.description, "good": good,
        "lines": lines(row.thresholds),
    })
}

fn condition(row: &Condition) -> Value {
    let side = match row.side {
        Side::Above => "above",
        Side::Below => "below",
    };
    json!({
        "id": row.id, "signal": row.signal, "summary": row.summary.grafana(), "minutes": row.minutes, "side": side,
        "lines": lines(row.lines), "words": row.words, "inVerdict": row.verdict != Verdict::Never, "needs": row.needs,
    })
}

fn lines(rows: &[Threshold]) -> Vec<Value> {
    rows.iter().map(|line| json!({ "state": state_name(line.state), "value": line.value })).collect()
}
