//! The text of a notification, in Grafana's template language: Prometheus' functions, which cannot divide. So the steps of a rule
//! do: `$values.hours` is a step of its own.
//!
//! A value is absent when the rule could not be evaluated, and NaN when its series had none. NaN is not equal to itself. An
//! unguarded one made "[no value] restarted %!f(<nil>) times" and "{{ humanizePercentage $values.B.Value }}".

use flinkwatch::catalog::metric::Unit;

use super::rules::{Condition, Rule};

/// A step that brings the value of step B into another unit: its name and its formula.
pub type Scale = (&'static str, &'static str);

const TIMES: &[Scale] =
    &[("seconds", "$B / 1000"), ("minutes", "$B / 60000"), ("hours", "$B / 3600000"), ("days", "$B / 86400000")];
const RECORDS: &[Scale] = &[("thousands", "$B / 1000"), ("millions", "$B / 1000000"), ("billions", "$B / 1000000000")];
const PERCENT: &[Scale] = &[("percent", "$B * 100")];

/// The steps that the text of a rule needs beside those of its condition.
pub fn scales(rule: &Rule) -> &'static [Scale] {
    match (rule.condition, rule.unit()) {
        (Condition::Grown(_), _) => &[],
        (_, Unit::Ratio) => PERCENT,
        (_, Unit::Milliseconds) => TIMES,
        _ if rule.has_large_numbers => RECORDS,
        _ => &[],
    }
}

/// `{{ the application }} is {{ 4.2 hours }} behind`, or that it could not be evaluated.
pub fn summary(rule: &Rule) -> String {
    let step = if matches!(rule.condition, Condition::Grown(_)) { "F" } else { "B" };
    let what = rule.summary.replace("{value}", value(rule));
    format!(
        "{{{{ with $labels.application }}}}{{{{ . }}}}{{{{ else }}}}An application{{{{ end }}}} \
         {{{{ with $values.{step} }}}}{{{{ if eq .Value .Value }}}}{what}{{{{ else }}}}{ABSENT}{{{{ end }}}}{{{{ else }}}}{ABSENT}{{{{ end }}}}"
    )
}

/// A link to the dashboard of a name such as "Application, lag", with the application chosen where it has a variable for one.
pub fn dashboard_url(dashboard: &str) -> String {
    let name = dashboard_name(dashboard);
    let chosen = if name == "fleet" {
        ""
    } else {
        "{{ with $labels.application }}?var-application={{ . }}{{ with $labels.region }}&var-region={{ . }}{{ end }}{{ end }}"
    };
    format!("{{{{ externalURL }}}}d/flinkwatch-{name}{chosen}")
}

/// The file of a shipped dashboard, without its ending.
pub fn dashboard_name(dashboard: &str) -> String {
    dashboard.split(',').next().unwrap_or_default().to_lowercase()
}

const ABSENT: &str = "could not be evaluated";

fn value(rule: &Rule) -> &'static str {
    match (rule.condition, rule.unit()) {
        (Condition::Grown(_), _) => r#"{{ printf "%.1f" .Value }}"#,
        (_, Unit::Ratio) => r#"{{ printf "%.0f %%" $values.percent.Value }}"#,
        (_, Unit::Milliseconds) => concat!(
            r#"{{ if lt $values.minutes.Value 2.0 }}{{ printf "%.0f seconds" $values.seconds.Value }}"#,
            r#"{{ else if lt $values.hours.Value 2.0 }}{{ printf "%.0f minutes" $values.minutes.Value }}"#,
            r#"{{ else if lt $values.days.Value 2.0 }}{{ printf "%.1f hours" $values.hours.Value }}"#,
            r#"{{ else }}{{ printf "%.1f days" $values.days.Value }}{{ end }}"#,
        ),
        _ if rule.has_large_numbers => concat!(
            r#"{{ if ge $values.billions.Value 1.0 }}{{ printf "%.1f billion" $values.billions.Value }}"#,
            r#"{{ else if ge $values.millions.Value 1.0 }}{{ printf "%.1f million" $values.millions.Value }}"#,
            r#"{{ else if ge $values.thousands.Value 10.0 }}{{ printf "%.0f thousand" $values.thousands.Value }}"#,
            r#"{{ else }}{{ printf "%.0f" .Value }}{{ end }}"#,
        ),
        _ => r#"{{ printf "%.0f" .Value }}"#,
    }
}
