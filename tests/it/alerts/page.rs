//! The rules as a table for people.

use flinkwatch::catalog::metric::Unit;

use super::rules::{Condition, GROUPS, Group, Rule};

pub fn table() -> String {
    GROUPS.iter().map(section).collect()
}

fn section(group: &Group) -> String {
    let mut text = format!("\n### {}, every {}\n\n", capital(group.name), group.interval);
    text.push_str("| rule | severity | fires when | for | why | tuning |\n|---|---|---|---|---|---|\n");
    for rule in group.rules {
        text.push_str(&row(rule));
    }
    text.push_str(&unreadable(group));
    if std::ptr::eq(group, &raw const GROUPS[GROUPS.len() - 1]) {
        text.push('\n');
    }
    text
}

fn row(rule: &Rule) -> String {
    let severity = rule.severity.as_str();
    format!("| `{}` | {severity} | {} | {} | {} | {} |\n", rule.id, fires(rule), rule.lasting, rule.why, rule.tune)
}

fn unreadable(group: &Group) -> String {
    let severity = group.unreadable.as_str();
    format!(
        "| `unreadable-{}` | {severity} | AWS cannot be read for the rules of this group | 5m | They keep their states while that lasts, and somebody has to know. Its query is theirs, so that it costs no calls of its own. | None: keep it beside them. |\n",
        group.name
    )
}

/// `mean of cpu over 10 min > 80 %`
fn fires(rule: &Rule) -> String {
    let (evaluator, number) = rule.evaluator();
    let sign = if evaluator == "gt" { ">" } else { "<" };
    let unit = rule.unit();
    let number = if unit == Unit::Ratio {
        format!("{} %", number * 100.0)
    } else if unit == Unit::Milliseconds {
        format!("{} s", number / 1000.0)
    } else {
        number.to_string()
    };
    let what = format!("{} of `{}` over {} min", rule.reducer, rule.signal, rule.minutes);
    match rule.condition {
        Condition::Grown(_) => format!("{what} {sign} {number} × that of a day before"),
        Condition::Above(_) | Condition::Below(_) | Condition::Line(_) => format!("{what} {sign} {number}"),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
