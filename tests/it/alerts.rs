//! The alert rules that ship: written from one table, with the catalogue's lines as thresholds.
//!
//! `UPDATE_DOCS=1 cargo test --test it alerts` writes `provisioning/alerting/` and the table of `docs/alerts.md` anew.
//! Whether the rules fire when they should is tested with the built plugin, in `tests/host/suite/rules_test.go`.

mod cost;
mod page;
mod panels;
mod rules;
mod runbooks;
mod summary;
mod yaml;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use flinkwatch::catalog::condition::{Summary, Verdict};
use flinkwatch::catalog::conditions::CONDITIONS;
use flinkwatch::catalog::signal::State;
use flinkwatch::catalog::signals;

use rules::GROUPS;

const START: &str = "<!-- The table of rules starts here; a test keeps it equal to the rules. -->\n";
const END: &str = "<!-- The table of rules ends here. -->\n";

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a file with what it must be, or writes it.
fn must_be(path: &Path, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, expected).unwrap();
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == expected, "{} is not what the table of rules says: run with UPDATE_DOCS=1", path.display());
}

/// Compares what stands between two lines of a page, or writes it. Tests of one page take turns.
pub(crate) fn replace_part(page: &str, (start, end): (&str, &str), expected: &str) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock();
    let path = repository(page);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    must_be(&path, &format!("{before}{start}{expected}{end}{after}"));
}

#[test]
fn the_rule_files_are_written_from_the_table() {
    let folder = repository("provisioning/alerting");
    let mut expected = BTreeSet::new();
    for group in GROUPS {
        let name = format!("flinkwatch-{}.yaml", group.name);
        must_be(&folder.join(&name), &yaml::render(group));
        expected.insert(name);
    }
    // Grafana reads every file of this folder.
    let found = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(found.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_table_of_the_documentation_is_the_rules() {
    replace_part("docs/alerts.md", (START, END), &page::table());
}

#[test]
fn each_rule_asks_for_something_that_exists_and_has_a_name_of_its_own() {
    let mut uids = BTreeSet::new();
    for rule in GROUPS.iter().flat_map(|group| group.rules) {
        let (id, signal) = (rule.id(), rule.condition.signal);
        assert!(signals::signal(signal).is_some(), "{id}: {signal}");
        assert!(uids.insert(rule.uid()), "{id}");
        assert!(rule.uid().len() <= 40, "Grafana takes 40 characters: {}", rule.uid());
        assert!(!rule.why.is_empty() && !rule.tune.is_empty(), "{id}");
    }
}

/// What fires is part of the verdict, but for silence, which the verdict knows in another way.
#[test]
fn the_verdict_knows_every_condition_that_has_a_rule() {
    let rules: Vec<&str> = GROUPS.iter().flat_map(|group| group.rules).map(rules::Rule::id).collect();
    for condition in CONDITIONS.iter().filter(|row| row.verdict == Verdict::Never && rules.contains(&row.id)) {
        assert!(condition.id == "silent", "{}", condition.id);
    }
}

/// The verdict calls failing what fires as critical, degraded what fires as a warning, and what does not fire at most a
/// step better: it has the same line with the same severity, in every row.
#[test]
fn a_rule_is_as_severe_as_the_verdict_on_the_same_number() {
    for row in CONDITIONS {
        let steps: Vec<State> = row.lines.iter().map(|line| line.state).collect();
        assert!(
            [&[State::Warning][..], &[State::Critical], &[State::Warning, State::Critical]].contains(&&*steps),
            "{}",
            row.id
        );
    }
    for rule in GROUPS.iter().flat_map(|group| group.rules) {
        let (row, (evaluator, line)) = (rule.condition, rule.evaluator());
        // Totals are whole numbers.
        let step = if row.summary == Summary::Total { 1.0 } else { line.abs().max(1.0) / 1000.0 };
        let (fires, rests) = match evaluator {
            "gt" => (line + step, line),
            _ => (line - step, line),
        };
        assert_eq!(row.state_of(fires), Some(row.severity()), "{}", row.id);
        let softer = row.state_of(rests);
        let is_softer = softer.is_none() || softer == Some(State::Warning) && row.severity() == State::Critical;
        assert!(is_softer, "{}: {softer:?}", row.id);
    }
}
