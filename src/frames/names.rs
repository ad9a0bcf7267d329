//! Labels and legends of lines.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::names::display;
use crate::plan::line::{Line, Target};

/// The labels of a line: only those that apply, so that alert rules and transformations can use them.
pub fn labels(line: &Line) -> BTreeMap<String, String> {
    let mut labels = target_labels(&line.target);
    labels.insert("signal".to_owned(), line.measure.signal.to_string());
    if let Some(statistic) = &line.measure.statistic {
        labels.insert("statistic".to_owned(), statistic.to_string());
    }
    labels
}

fn target_labels(target: &Target) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            labels.insert(name.to_owned(), value);
        }
    };
    put("application", Some(target.application.to_string()));
    put("region", Some(target.region.to_string()));
    put("account", target.account.as_ref().map(ToString::to_string));
    put("task", target.task.as_deref().map(str::to_owned));
    put("operator", target.operator.as_deref().map(str::to_owned));
    put("subtask", target.subtask.as_deref().map(str::to_owned));
    for (name, value) in &target.dimensions {
        put(name, Some(value.to_string()));
    }
    labels
}

/// What the lines of one answer differ in: only that needs to stand in a legend.
#[derive(Debug)]
pub struct Differences {
    applications: bool,
    accounts: bool,
    signals: bool,
    tasks: bool,
}

impl Differences {
    pub fn of(lines: &[&Line]) -> Self {
        let differ =
            |key: &dyn Fn(&Line) -> String| lines.iter().map(|line| key(line)).collect::<BTreeSet<_>>().len() > 1;
        Self {
            applications: differ(&|line| line.target.application.to_string()),
            accounts: differ(&|line| format!("{:?}", line.target.account)),
            signals: differ(&|line| line.measure.signal.to_string()),
            tasks: differ(&|line| format!("{:?}", line.target.task)),
        }
    }
}

/// The legend of a line: the author's own, or what tells it from its neighbours.
pub fn legend(line: &Line, author: Option<&str>, differences: &Differences) -> String {
    if let Some(template) = author {
        return fill(template, &labels(line));
    }
    let target = &line.target;
    let mut parts: Vec<String> = Vec::new();
    if differences.accounts {
        parts.extend(target.account.as_ref().map(ToString::to_string));
    }
    if differences.applications {
        parts.push(target.application.to_string());
    }
    let is_named_by_operator = target.operator.is_some() && !differences.tasks;
    if !is_named_by_operator {
        parts.extend(target.task.as_deref().map(display));
    }
    parts.extend(target.operator.as_deref().map(display));
    parts.extend(target.dimensions.iter().map(|(_, value)| value.to_string()));
    parts.extend(target.subtask.as_ref().map(|subtask| format!("subtask {subtask}")));
    if differences.signals || parts.is_empty() {
        parts.push(line.measure.title.to_string());
    }
    parts.join(" · ")
}

/// Fills `{{label}}`; a label that the line does not have becomes nothing.
fn fill(template: &str, labels: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else { break };
        filled.push_str(&rest[..start]);
        let name = rest[start + 2..start + length].trim();
        filled.push_str(labels.get(name).map_or("", String::as_str));
        rest = &rest[start + length + 2..];
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_legend_is_filled_with_labels_and_keeps_the_rest() {
        let labels = BTreeMap::from([("application".to_owned(), "orders".to_owned())]);
        assert_eq!(fill("{{application}} / {{ application }}: {{task}}!", &labels), "orders / orders: !");
        assert_eq!(fill("{{open", &labels), "{{open");
        assert_eq!(fill("", &labels), "");
    }
}
