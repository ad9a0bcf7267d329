//! The page on dashboards has each of their panels, as the dashboards themselves describe them.
//!
//! `UPDATE_DOCS=1 cargo test --test it docs` writes the tables anew.

use std::fs;

use serde_json::Value;

use super::{page, text_of};

const START: &str = "<!-- The panels start here; a test keeps them equal to the dashboards. -->\n";
const END: &str = "<!-- The panels end here. -->\n";

/// In the order in which plugin.json offers them.
fn dashboards() -> Vec<Value> {
    let plugin: Value = serde_json::from_str(&text_of(&page("plugin.json"))).unwrap();
    let included = plugin["includes"].as_array().unwrap().iter();
    let files = included.map(|include| page("frontend/dashboards/json").join(file_name(include)));
    files.map(|file| serde_json::from_str(&text_of(&file)).unwrap()).collect()
}

fn file_name(include: &Value) -> String {
    include["path"].as_str().unwrap().trim_start_matches("dashboards/").to_owned()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn tables() -> String {
    let mut text = String::new();
    for dashboard in dashboards() {
        let title = dashboard["title"].as_str().unwrap();
        text.push_str(&format!("\n## {}\n\n| panel | shows |\n|---|---|\n", title.trim_start_matches("Flinkwatch: ")));
        for panel in list(&dashboard, "panels") {
            text.push_str(&row(panel));
            list(panel, "panels").iter().for_each(|inner| text.push_str(&row(inner)));
        }
    }
    text.push('\n');
    text
}

/// A heading of the dashboard, or a panel that says what it shows.
fn row(panel: &Value) -> String {
    let title = panel["title"].as_str().unwrap_or_default().replace('|', "\\|");
    let description = first_sentence(panel["description"].as_str().unwrap_or_default()).replace('|', "\\|");
    match panel["type"].as_str() {
        Some("row") if panel["collapsed"] == true => format!("| **{title}** (closed) | |\n"),
        Some("row") => format!("| **{title}** | |\n"),
        _ if title.is_empty() || description.is_empty() => String::new(),
        _ => format!("| {title} | {description} |\n"),
    }
}

fn first_sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.split_once(". ").map_or_else(|| line.to_owned(), |(first, _)| format!("{first}."))
}

#[test]
fn the_panels_on_the_page_are_those_of_the_dashboards() {
    let path = page("docs/dashboards.md");
    let text = text_of(&path);
    let (before, rest) = text.split_once(START).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let expected = tables();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, format!("{before}{START}{expected}{END}{after}")).unwrap();
        return;
    }
    assert!(written == expected, "docs/dashboards.md is not what the dashboards say: run this test with UPDATE_DOCS=1");
}
