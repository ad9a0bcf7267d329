//! What users read is in the words of JSON, Grafana, Flink and AWS: pages of the documentation, and the texts of the
//! code.

use std::fs;
use std::sync::LazyLock;

use regex::Regex;

use super::messages::literals;
use super::{files_below, page};

/// Words that make a reader learn a second language, each with the usual one.
const UNUSUAL: &[(&str, &str)] = &[
    (r"\btruth values?\b", "boolean"),
    (r"\b(found|is|be|as) a text\b|\btext instead of\b|\ba text with\b", "string"),
    (r"\brings?\b", "fires"),
    (r"\bLines: (warning|critical)\b", "Thresholds"),
    (r"\bin vain\b", "without effect"),
    (r"\bmend(s|ed|ing)?\b", "correct, fix"),
    (r"\bgatherings?\b", "batch"),
    (r"\b(desk|shelf|ticket|departure)\b", "cache, queue, call"),
];

/// Compiling takes a while.
static PATTERNS: LazyLock<Vec<Regex>> =
    LazyLock::new(|| UNUSUAL.iter().map(|(pattern, _)| Regex::new(&format!("(?i){pattern}")).unwrap()).collect());

fn unusual_in(text: &str) -> Vec<String> {
    let found = |(pattern, (_, usual)): (&Regex, &(&str, &str))| {
        let word = pattern.find(text)?.as_str();
        Some(format!("{word:?} for {usual}: {text}"))
    };
    PATTERNS.iter().zip(UNUSUAL).filter_map(found).collect()
}

#[test]
fn what_users_read_is_in_usual_words() {
    let mut files: Vec<_> = ["docs", "provisioning"].iter().flat_map(|folder| files_below(&page(folder))).collect();
    files.extend(["README.md", "README.grafana.md"].map(page));
    // Decisions are for those who work on the code.
    files.retain(|file| !file.starts_with(page("docs/decisions")));
    assert!(files.len() > 40, "only {} files are found", files.len());
    let pages = files.iter().filter_map(|file| fs::read_to_string(file).ok());
    let lines: Vec<String> = pages.flat_map(|page| page.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    // A word alone is a name of the code.
    let sentences: Vec<String> = literals().into_iter().filter(|text| text.contains(' ')).collect();
    let unusual: Vec<String> = lines.iter().chain(&sentences).flat_map(|text| unusual_in(text)).collect();
    assert!(unusual.is_empty(), "{}", unusual.join("\n"));
}

#[test]
fn an_unusual_word_is_found() {
    for text in
        ["found a text instead of an object", "a truth value", "An alert rings when", "Lines: warning at 0", "Mend it."]
    {
        assert!(!unusual_in(text).is_empty(), "{text}");
    }
    assert!(unusual_in("restoring, amending, the engineering of strings").is_empty());
}
