//! The text of a notification, in Grafana's template language: Prometheus' functions, which cannot divide. So the steps
//! of a rule do: `$values.hours` is a step of its own.
//!
//! A value is absent when the rule could not be evaluated, and NaN when its series had none. NaN is not equal to
//! itself. An unguarded one made "[no value] restarted %!f(<nil>) times" and "{{ humanizePercentage $values.B.Value
//! }}".

use flinkwatch::catalog::condition::Spoken;

use super::rules::Rule;

/// A step that brings the value of step B into another unit: its name and its formula.
pub type Scale = (&'static str, &'static str);

const TIMES: &[Scale] =
    &[("seconds", "$B / 1000"), ("minutes", "$B / 60000"), ("hours", "$B / 3600000"), ("days", "$B / 86400000")];
const RECORDS: &[Scale] = &[("thousands", "$B / 1000"), ("millions", "$B / 1000000"), ("billions", "$B / 1000000000")];
const PERCENT: &[Scale] = &[("percent", "$B * 100")];

/// The steps that the text of a rule needs beside those of its condition.
pub fn scales(rule: &Rule) -> &'static [Scale] {
    match rule.spoken() {
        Spoken::Percent => PERCENT,
        Spoken::Time => TIMES,
        Spoken::Many => RECORDS,
        Spoken::Nothing | Spoken::Counted { .. } | Spoken::Decimal => &[],
    }
}

/// `orders: 4.2 hours behind its Kinesis stream`, as the verdict says it, or that it could not be evaluated.
pub fn summary(rule: &Rule) -> String {
    let what = rule.condition.words.replace("{value}", &value(rule.spoken()));
    format!(
        "{{{{ with $labels.application }}}}{{{{ . }}}}{{{{ else }}}}An application{{{{ end }}}}: \
         {{{{ with $values.B }}}}{{{{ if eq .Value .Value }}}}{what}{{{{ else }}}}{ABSENT}{{{{ end }}}}{{{{ else }}}}{ABSENT}{{{{ end }}}}"
    )
}

/// A panel with the application chosen.
pub fn panel_url(dashboard: &str, panel: u64) -> String {
    format!(
        "{{{{ externalURL }}}}d/flinkwatch-{dashboard}?viewPanel={panel}\
         {{{{ with $labels.application }}}}&var-application={{{{ . }}}}{{{{ with $labels.region }}}}&var-region={{{{ . }}}}{{{{ end }}}}{{{{ end }}}}"
    )
}

pub fn fleet_url() -> String {
    "{{ externalURL }}d/flinkwatch-fleet".to_owned()
}

/// Grafana serves the files of a plugin's folder, so that the page is of the same version and needs no internet.
pub fn runbook_url(page: &str) -> String {
    format!("{{{{ externalURL }}}}public/plugins/flinkwatch-msf-datasource/runbooks/{page}.txt")
}

const ABSENT: &str = "could not be evaluated";

/// As `Spoken::say` says it.
fn value(spoken: Spoken) -> String {
    match spoken {
        Spoken::Nothing => "",
        Spoken::Percent => r#"{{ printf "%.0f %%" $values.percent.Value }}"#,
        Spoken::Time => concat!(
            r#"{{ if lt $values.minutes.Value 2.0 }}{{ printf "%.0f seconds" $values.seconds.Value }}"#,
            r#"{{ else if lt $values.hours.Value 2.0 }}{{ printf "%.0f minutes" $values.minutes.Value }}"#,
            r#"{{ else if lt $values.days.Value 2.0 }}{{ printf "%.1f hours" $values.hours.Value }}"#,
            r#"{{ else }}{{ printf "%.1f days" $values.days.Value }}{{ end }}"#,
        ),
        Spoken::Many => concat!(
            r#"{{ if ge $values.billions.Value 1.0 }}{{ printf "%.1f billion" $values.billions.Value }}"#,
            r#"{{ else if ge $values.millions.Value 1.0 }}{{ printf "%.1f million" $values.millions.Value }}"#,
            r#"{{ else if ge $values.thousands.Value 10.0 }}{{ printf "%.0f thousand" $values.thousands.Value }}"#,
            r#"{{ else }}{{ printf "%.0f" .Value }}{{ end }}"#,
        ),
        Spoken::Counted { one, many } => {
            return format!(
                r#"{{{{ if and (ge .Value 0.5) (lt .Value 1.5) }}}}1 {one}{{{{ else }}}}{{{{ printf "%.0f {many}" .Value }}}}{{{{ end }}}}"#
            );
        }
        Spoken::Decimal => r#"{{ printf "%.1f" .Value }}"#,
    }
    .to_owned()
}
