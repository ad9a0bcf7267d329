//! The rules as a table for people.

use flinkwatch::catalog::condition::Spoken;

use super::rules::{GROUPS, Group, Rule, severity};

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
    let (severity, lasting) = (severity(rule.condition.severity()), rule.lasting());
    let severity = if rule.is_paused { format!("{severity}, paused") } else { severity.to_owned() };
    format!(
        "| [`{0}`](runbooks/{0}.md) | {severity} | {1} | {lasting} | {2} | {3} |\n",
        rule.id(),
        fires(rule),
        rule.why,
        rule.tune
    )
}

fn unreadable(group: &Group) -> String {
    let severity = severity(group.unreadable);
    format!(
        "| [`unreadable-{}`](runbooks/unreadable.md) | {severity} | AWS cannot be read for the rules of this group | 5m | They keep their states while that lasts, and somebody has to know. Its query is theirs, so that it costs no calls of its own. | None: keep it beside them. |\n",
        group.name
    )
}

/// `mean of cpu over 10 min > 80 %`
pub fn fires(rule: &Rule) -> String {
    let (evaluator, number) = rule.evaluator();
    let sign = if evaluator == "gt" { ">" } else { "<" };
    let condition = rule.condition;
    let number = match rule.spoken() {
        Spoken::Percent => format!("{} %", number * 100.0),
        Spoken::Time => format!("{} s", number / 1000.0),
        Spoken::Nothing | Spoken::Counted { .. } | Spoken::Many | Spoken::Decimal => number.to_string(),
    };
    let what = format!("{} of `{}` over {} min", condition.summary.grafana(), condition.signal, condition.minutes);
    format!("{what} {sign} {number}")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
