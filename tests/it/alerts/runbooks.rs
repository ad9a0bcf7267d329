//! The runbooks: a page per rule, of which the head is written from the table and the rest by hand.

use std::collections::BTreeSet;
use std::fs;

use super::page::fires;
use super::rules::{GROUPS, Rule, severity};
use super::{house, must_be};

const HEAD: &str = "<!-- Written from the rule; a test keeps it equal. -->\n";
const END: &str = "<!-- Written by hand from here on. -->\n";
const PARTS: [&str; 4] = ["## What it means", "## What to look at", "## What to do", "## Commands"];
/// The rules that watch whether the others can be evaluated share one.
const UNREADABLE: &str = "unreadable";

fn head(rule: &Rule) -> String {
    let lasting = if rule.condition.lasting == 0 { "at once".to_owned() } else { format!("for {}", rule.lasting()) };
    let paused = if rule.is_paused { " It ships paused." } else { "" };
    format!(
        "# {}\n\n{HEAD}\n`{}`, {}: fires when {}, {lasting}.{paused}\nNeeds {}.\n\n{END}",
        rule.title,
        rule.id(),
        severity(rule.state),
        fires(rule),
        rule.condition.needs,
    )
}

#[test]
fn each_rule_has_a_runbook_with_its_numbers() {
    let mut expected = BTreeSet::from([format!("{UNREADABLE}.md")]);
    for rule in GROUPS.iter().flat_map(|group| group.rules) {
        let path = house(&format!("docs/runbooks/{}.md", rule.id()));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (_, by_hand) = text.split_once(END).unwrap_or_else(|| panic!("{}", path.display()));
        must_be(&path, &format!("{}{by_hand}", head(rule)));
        assert_parts(rule.id(), by_hand);
        expected.insert(format!("{}.md", rule.id()));
    }
    assert_parts(UNREADABLE, &fs::read_to_string(house("docs/runbooks/unreadable.md")).unwrap());
    let found = fs::read_dir(house("docs/runbooks")).unwrap();
    let found: BTreeSet<String> = found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, expected);
}

fn assert_parts(id: &str, text: &str) {
    let places: Vec<_> = PARTS.iter().map(|part| text.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{id}: {places:?}");
}
