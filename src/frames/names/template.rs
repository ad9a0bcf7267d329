//! An author's legend: `{{label}}` stands for a label of the line, by our name or by CloudWatch's.
//!
//! The one surprise: a word also means what is no label because all lines of the query share it, such as the signal.

use crate::catalog::names::display;
use crate::catalog::signal::Formula;
use crate::catalog::signals;
use crate::catalog::statistic::Statistic;
use crate::plan::line::{Line, MeasureLabels};

/// Our word for each that CloudWatch's legends, its dimensions or its API have.
const OTHER_WORDS: &[(&str, &str)] = &[
    ("applicationname", "application"),
    ("metric", "signal"),
    ("metricname", "signal"),
    ("stat", "statistic"),
    ("taskname", "task"),
    ("taskoperator", "operator"),
    ("operatorname", "operator"),
    ("parallelism", "subtask"),
    ("accountid", "account"),
    ("accountlabel", "account"),
];

/// The text with each word in double braces replaced; one that the line does not have becomes nothing. `plain` is the
/// legend that the line has without an author's.
pub(super) fn fill(template: &str, line: &Line, plain: &str) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, word, after)) = next_word(rest) {
        filled.push_str(before);
        let value = if is_label(word) { Some(plain.to_owned()) } else { value(line, word) };
        filled.push_str(value.as_deref().unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled.trim().to_owned()
}

/// The words of a template that no line has, each once.
pub(super) fn unknown<'t>(template: &'t str, lines: &[&Line]) -> Vec<&'t str> {
    let mut unknown = Vec::new();
    let mut rest = template;
    while let Some((_, word, after)) = next_word(rest) {
        let is_known = is_label(word) || lines.iter().any(|line| value(line, word).is_some());
        if !is_known && !unknown.contains(&word) {
            unknown.push(word);
        }
        rest = after;
    }
    unknown
}

/// The words that a line has.
pub(super) fn known(line: &Line) -> impl Iterator<Item = String> {
    let labels = super::labels(line, MeasureLabels { signal: true, statistic: true });
    let statistic = usual_statistic(line).map(|_| "statistic");
    labels.into_keys().chain(["label", "namespace", "period"].into_iter().chain(statistic).map(str::to_owned))
}

/// What stands before the next word, the word, and what follows it.
fn next_word(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (word, after) = rest.split_once("}}")?;
    Some((before, word.trim(), after))
}

fn is_label(word: &str) -> bool {
    word.eq_ignore_ascii_case("label")
}

/// The statistic of a signal that shows one of a metric; others are computed from several.
fn usual_statistic(line: &Line) -> Option<String> {
    let signal = signals::signal(&line.measure.signal)?;
    let Formula::Gauge { statistic, .. } = signal.formula else { return None };
    Some(Statistic::from(statistic).as_str().to_owned())
}

/// What a word means for a line. A label of exactly this name comes first, so that an application's own dimension is
/// found.
fn value(line: &Line, word: &str) -> Option<String> {
    let labels = super::labels(line, MeasureLabels { signal: true, statistic: true });
    let folded = word.to_ascii_lowercase();
    let ours = OTHER_WORDS.iter().find(|(other, _)| *other == folded).map_or(folded.as_str(), |(_, ours)| *ours);
    let is_same = |name: &str| name.eq_ignore_ascii_case(ours);
    let exact = labels.get_key_value(word);
    let (name, value) = match exact.or_else(|| labels.iter().find(|(name, _)| is_same(name))) {
        Some(label) => label,
        None if ours == "period" => return Some(line.grid.period.seconds().to_string()),
        None if ours == "statistic" => return usual_statistic(line),
        None if ours == "namespace" => return Some(crate::catalog::NAMESPACE.to_owned()),
        None => return None,
    };
    Some(if matches!(name.as_str(), "task" | "operator") { display(value) } else { value.clone() })
}
