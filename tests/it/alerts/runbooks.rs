//! The runbooks: a page per rule, of which the head is written from the table and the rest by hand.

use std::collections::BTreeSet;
use std::fs;

use flinkwatch::catalog::condition::{Condition, Spoken};
use regex::Regex;

use super::page::fires;
use super::rules::{GROUPS, Rule, severity};
use super::{must_be, repository};

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
        severity(rule.condition.severity()),
        fires(rule),
        rule.condition.needs,
    )
}

#[test]
fn each_rule_has_a_runbook_with_its_numbers() {
    let mut expected = BTreeSet::from([format!("{UNREADABLE}.md")]);
    for rule in GROUPS.iter().flat_map(|group| group.rules) {
        let path = repository(&format!("docs/runbooks/{}.md", rule.id()));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (_, by_hand) = text.split_once(END).unwrap_or_else(|| panic!("{}", path.display()));
        must_be(&path, &format!("{}{by_hand}", head(rule)));
        assert_parts(rule.id(), by_hand);
        expected.insert(format!("{}.md", rule.id()));
    }
    assert_parts(UNREADABLE, &fs::read_to_string(repository("docs/runbooks/unreadable.md")).unwrap());
    let found = fs::read_dir(repository("docs/runbooks")).unwrap();
    let found: BTreeSet<String> = found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, expected);
}

fn assert_parts(id: &str, text: &str) {
    let places: Vec<_> = PARTS.iter().map(|part| text.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{id}: {places:?}");
}

/// Numbers that are no lines or ranges of the rule: page, number, and whose it is.
const FACTS: &[(&str, &str, &str)] = &[
    ("autoscaling-limit", "15 minutes", "AWS, \"Use automatic scaling\""),
    ("kpu-quota", "64 KPUs", "AWS's default quota"),
    ("kpu-quota", "90 %", "advice for another quota"),
    ("lag-near-retention", "24 hours", "Kinesis's default retention"),
    ("lag-near-retention", "80 %", "advice for another retention"),
    ("slow-checkpoints", "100 %", "the critical line: back to back"),
];

/// A line as a page says it; None where the words are enough ("no checkpoint").
fn say_line(condition: &Condition, line: f64) -> Option<String> {
    Some(match condition.value {
        Spoken::Nothing => return None,
        Spoken::Percent => format!("{} %", line * 100.0),
        Spoken::Time if line < 7_200_000.0 => format!("{} minutes", line / 60_000.0),
        Spoken::Time => format!("{} hours", line / 3_600_000.0),
        Spoken::Counted { one, .. } if line == 1.0 => format!("1 {one}"),
        Spoken::Counted { many, .. } => format!("{line} {many}"),
        Spoken::Many if line >= 1e6 => format!("{} million", line / 1e6),
        Spoken::Many => format!("{line} record"),
        Spoken::Decimal => format!("{line} times"),
    })
}

/// What stands by hand in a runbook, without its commands and the numbers of its lists.
fn prose(page: &str) -> String {
    let (_, by_hand) = page.split_once(END).unwrap();
    let (text, _) = by_hand.split_once(PARTS[3]).unwrap();
    Regex::new(r"(?m)^\d+\. ").unwrap().replace_all(text, "").into_owned()
}

/// A threshold that is moved makes the pages red that still tell the old one.
#[test]
fn each_number_that_a_runbook_tells_is_one_of_its_rule_or_a_known_fact() {
    let number = Regex::new(r"\d[\d.,]*( %| \w+)?").unwrap();
    let in_words = Regex::new(
        r"(?i)\b(half|quarter|twice|double|third|tenths?|fifths?|sixths?|(an|one|two|three|five|ten|fifteen|twenty|thirty) (hour|minute)s?)\b",
    )
    .unwrap();
    let mut told = BTreeSet::new();
    for rule in GROUPS.iter().flat_map(|group| group.rules) {
        let (id, condition) = (rule.id(), rule.condition);
        let text = prose(&fs::read_to_string(repository(&format!("docs/runbooks/{id}.md"))).unwrap());
        let line = condition.line(rule.condition.severity()).and_then(|line| say_line(condition, line));
        let window = format!("{} minutes", condition.minutes);
        for found in number.find_iter(&text).map(|found| found.as_str()) {
            let fact = FACTS.iter().position(|(page, number, _)| (*page, *number) == (id, found));
            let is_rules = line.as_deref() == Some(found) || found == window;
            assert!(is_rules || fact.is_some(), "{id} tells of {found}");
            told.extend(fact);
        }
        if let Some(found) = in_words.find(&text) {
            panic!("{id}: write \"{}\" in digits, so that it can be compared", found.as_str());
        }
        // One failure is a failure: what that page says needs no number.
        let needed = line.unwrap_or(window);
        assert!(id == "checkpoints-failed" || text.contains(&needed), "{id} does not say {needed}");
    }
    assert_eq!(told.len(), FACTS.len(), "{told:?}");
}
