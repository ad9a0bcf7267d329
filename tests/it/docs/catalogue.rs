//! The catalogue as the dashboards read it: signals and their lines as JSON.

use std::fs;

use flinkwatch::catalog::metric::Better;
use flinkwatch::catalog::signal::{Signal, Threshold};
use flinkwatch::catalog::signals::SIGNALS;
use serde_json::{Value, json};

use super::{page, state_name};

#[test]
fn the_dashboards_read_the_catalogue() {
    let signals: Vec<Value> = SIGNALS.iter().map(signal).collect();
    let catalogue = json!({ "signals": signals });
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
    let good = match row.better {
        Better::Higher => "up",
        Better::Lower => "down",
        Better::Neutral => "neutral",
    };
    json!({
        "id": row.id, "title": row.title, "unit": row.unit.grafana(), "meaning": row.description, "good": good,
        "lines": lines(row.thresholds),
    })
}

fn lines(rows: &[Threshold]) -> Vec<Value> {
    rows.iter().map(|line| json!({ "state": state_name(line.state), "value": line.value })).collect()
}
