//! The panel that a rule links to, looked up in the shipped dashboard by the signal that it shows.

use std::fs;

use serde_json::Value;

use super::repository;
use super::rules::Rule;

/// The id of the first graph that shows the signal.
pub fn panel_of(rule: &Rule) -> u64 {
    let (dashboard, signal) = rule.panel;
    let text = fs::read_to_string(repository(&format!("frontend/dashboards/json/{dashboard}.json"))).unwrap();
    let page: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["uid"], format!("flinkwatch-{dashboard}"));
    find(&page["panels"], signal).unwrap_or_else(|| panic!("{}: {dashboard} shows no {signal}", rule.id()))
}

fn find(panels: &Value, signal: &str) -> Option<u64> {
    panels.as_array()?.iter().find_map(|panel| {
        let is_graph = panel["type"] == "timeseries" && shows(&panel["targets"], signal);
        if is_graph { panel["id"].as_u64() } else { find(&panel["panels"], signal) }
    })
}

fn shows(targets: &Value, signal: &str) -> bool {
    let asks = |target: &Value| target["signals"].as_array().is_some_and(|ids| ids.iter().any(|id| id == signal));
    targets.as_array().is_some_and(|targets| targets.iter().any(asks))
}
