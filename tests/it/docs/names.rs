//! What the documentation names is there: settings, actions of IAM, scripts, tests; and what could not be run says so.
//!
//! The commands of `cargo xtask` are checked in `xtask`, which knows them.

use std::collections::HashMap;
use std::fs;

use flinkwatch::catalog::signals::SIGNALS;
use flinkwatch::query::KINDS;
use flinkwatch::settings::{AdminSettings, Settings, SettingsSource};
use serde_json::{Value, json};

use super::{files_below, page, pages, text_of};

/// What follows `start` on all pages, up to the end of its line or of its `code`.
fn rests_of(start: &str) -> Vec<(String, String)> {
    let mut rests = Vec::new();
    for path in pages() {
        for rest in text_of(&path).split(start).skip(1) {
            let rest = rest.split(['`', '\n']).next().unwrap_or_default();
            rests.push((path.display().to_string(), rest.trim().to_owned()));
        }
    }
    assert!(!rests.is_empty(), "no page has {start:?}");
    rests
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or_default()
}

/// The scripts of a folder's `package.json`.
fn scripts(folder: &str) -> Value {
    let package = fs::read(page(folder).join("package.json")).unwrap();
    serde_json::from_slice::<Value>(&package).unwrap()["scripts"].take()
}

#[test]
fn every_script_of_npm_exists() {
    let frontend = scripts("frontend");
    for (place, script) in rests_of("npm run ") {
        assert!(frontend[first_word(&script)].is_string(), "{place}: npm run {script}");
    }
    for (place, rest) in rests_of("npm --prefix ") {
        let words: Vec<&str> = rest.split(' ').collect();
        let is_known = match words.as_slice() {
            [folder, "ci"] => page(folder).join("package-lock.json").is_file(),
            [folder, "run", script] => scripts(folder)[script].is_string(),
            _ => false,
        };
        assert!(is_known, "{place}: npm --prefix {rest}");
    }
}

#[test]
fn every_test_and_benchmark_that_is_to_be_run_exists() {
    for (place, test) in rests_of("cargo test --test it ") {
        assert!(page("tests/it").join(format!("{}.rs", first_word(&test))).is_file(), "{place}: {test}");
    }
    for (place, bench) in rests_of("cargo bench --bench ") {
        assert!(page("benches").join(format!("{}.rs", first_word(&bench))).is_file(), "{place}: {bench}");
    }
}

/// The names in backticks in the first cells of the page's table whose head begins with `head`.
fn names_of_table(name: &str, head: &str) -> Vec<String> {
    let text = text_of(&page(name));
    let (_, rest) = text.split_once(&format!("\n| {head} |")).unwrap();
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2).map(str::to_owned));
    names.collect()
}

/// The front end's rows are held to the same table.
#[test]
fn the_table_of_kinds_has_those_that_are_answered() {
    let text = text_of(&page("docs/queries.md"));
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names_of_table("docs/queries.md", "kind"), names);
    for kind in KINDS {
        let row = text.lines().find(|line| line.starts_with(&format!("| [`{}`]", kind.name))).unwrap();
        let is_prefetched = if kind.is_prefetched { "| yes |" } else { "| no |" };
        assert!(row.ends_with(is_prefetched), "{row}");
    }
}

/// A list is wrong for each of them, so the error names the setting only if it is read.
#[test]
fn every_setting_of_the_documentation_is_read() {
    let names = names_of_table("docs/configuration.md", "`jsonData`");
    assert!(names.len() >= 14, "{names:?}");
    let limits = names_of_table("docs/limits-and-cost.md", "setting");
    assert!(limits.len() >= 4 && limits.iter().all(|limit| names.contains(limit)), "{limits:?}");
    for name in names {
        let mut data = json!({"authType": "credentials", "defaultRegion": "eu-west-1", "assumeRoleArn": "arn:aws:iam::111111111111:role/x"});
        data[&name] = json!(["wrong"]);
        let json_data = data.to_string();
        let source = SettingsSource { json_data: json_data.as_bytes(), secure: &HashMap::new(), database: "" };
        let error = Settings::parse(&source, &AdminSettings::default()).unwrap_err();
        assert_eq!(error.field, name);
    }
}

#[test]
fn every_secret_of_the_documentation_is_read() {
    let sources = ["src/settings.rs", "src/settings/identity.rs"].map(|path| text_of(&page(path))).concat();
    let names = names_of_table("docs/configuration.md", "`secureJsonData`");
    assert_eq!(names.len(), 3, "{names:?}");
    for name in names {
        assert!(sources.contains(&format!("\"{name}\"")), "{name}");
    }
}

/// Words on Grafana's own screens; the others are ours.
const GRAFANAS_WORDS: &[&str] = &[
    "Ad hoc filters",
    "Add new data source",
    "Add visualization",
    "Authentication Provider",
    "Dashboards",
    "Default Region",
    "Filters",
    "Import",
    "Include All option",
    "Multi-value",
    "New alert rule",
    "Reduce",
    "Save & test",
    "Sum",
    "Threshold",
    "Variables",
    "Annotations",
];

#[test]
fn every_label_that_the_first_dashboard_quotes_is_on_a_screen() {
    let screens = files_below(&page("frontend/src")).into_iter().chain([page("plugin.json")]);
    let front_end: String = screens.map(|file| text_of(&file)).collect();
    let text = text_of(&page("docs/first-dashboard.md"));
    let labels: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    assert!(labels.len() >= 40, "{labels:?}");
    for label in labels {
        let is_ours =
            [format!("'{label}'"), format!("\"{label}\""), format!(">{label}<"), format!("\n        {label}\n")]
                .iter()
                .any(|written| front_end.contains(written));
        let is_signal = SIGNALS.iter().any(|signal| signal.title == label);
        assert!(is_ours || is_signal || GRAFANAS_WORDS.contains(&label), "{label:?}");
    }
}

/// Named, and in no policy of ours: what a role's trust policy has, AWS's own identity call, and what Amazon Managed
/// Grafana notifies with.
const OTHER_ACTIONS: &[&str] = &["sts:AssumeRole", "sts:ExternalId", "sts:GetCallerIdentity", "sns:Publish"];

#[test]
fn every_action_of_iam_is_in_a_policy() {
    let policies: String = ["metrics", "applications", "tags", "logs"]
        .map(|feature| text_of(&page("provisioning/iam").join(feature).with_extension("json")))
        .concat();
    let mut count = 0;
    for path in pages() {
        let text = text_of(&path);
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ':');
        for action in words.map(|word| word.trim_end_matches(':')).filter(|word| is_action(word)) {
            count += 1;
            let is_known = policies.contains(&format!("\"{action}\"")) || OTHER_ACTIONS.contains(&action);
            assert!(is_known, "{}: {action}", path.display());
        }
    }
    assert!(count >= 20, "only {count} actions are found");
}

/// `service:Verb…`, and no rest.
fn is_action(word: &str) -> bool {
    let Some((service, verb)) = word.split_once(':') else { return false };
    let is_service = ["cloudwatch", "kinesisanalytics", "logs", "sts", "sns"].contains(&service);
    is_service && verb.starts_with(|letter: char| letter.is_ascii_uppercase())
}

/// There is no engine and no cluster where the tests run.
const NOT_RUN: &str = "on this page have not been run by these tests.";

#[test]
fn pages_with_commands_that_no_test_can_run_say_so() {
    let mut count = 0;
    for path in pages() {
        let text = text_of(&path);
        let blocks: String = text.split("```").skip(1).step_by(2).collect();
        for program in ["docker", "kubectl", "helm"] {
            let is_used = blocks.lines().any(|line| line.trim_start().starts_with(&format!("{program} ")));
            let sentence = text.replace('\n', " ");
            let is_owned_up = sentence.contains(&format!("`{program}`")) && sentence.contains(NOT_RUN);
            count += usize::from(is_used);
            assert!(!is_used || is_owned_up, "{}: {program}", path.display());
        }
    }
    assert!(count >= 3, "only {count} such commands are found");
}

/// The table of the worked example, from prices and counts: 30 metrics a refresh, eight hours on 22 days, at most one
/// refresh in half a period of a minute that costs something.
#[test]
fn the_worked_example_of_costs_is_computed() {
    let text = text_of(&page("docs/limits-and-cost.md"));
    let (_, rest) = text.split_once("| viewers | refresh |").unwrap();
    let rows: Vec<&str> = rest.lines().skip(2).take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() >= 5);
    for row in rows {
        let cells: Vec<f64> =
            row.split('|').filter_map(|cell| cell.trim().trim_end_matches(" s").parse().ok()).collect();
        let [viewers, refresh, without, with] = cells[..] else { panic!("{row}") };
        let dollars = |refreshes: f64| (30.0 * refreshes * 0.01 / 1000.0 * 100.0).round() / 100.0;
        let seconds = 22.0 * 8.0 * 3600.0;
        assert_eq!(dollars(viewers * seconds / refresh), without, "{row}");
        assert_eq!(dollars((viewers / refresh).min(1.0 / 30.0) * seconds), with, "{row}");
    }
}
