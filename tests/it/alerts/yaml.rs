//! A group of rules as a provisioning file of Grafana. (Keys: Grafana, "Use configuration files to provision alerting".)

use std::fmt::Write as _;

use flinkwatch::catalog::metric::Unit;

use super::rules::{Condition, Group, Rule};

const SOURCE: &str = "{ type: flinkwatch-msf-datasource, uid: flinkwatch }";
const EXPRESSION: &str = "{ type: __expr__, uid: __expr__ }";
const DAY: u32 = 86_400;

pub fn render(group: &Group) -> String {
    let mut text = format!(
        "# Written by `UPDATE_DOCS=1 cargo test --test it alerts` from tests/it/alerts/rules.rs: change it there, or change a copy.
#
# Every rule asks for all applications that are not stopped (\"*\") and rings once for each that is concerned, with the label
# application. What is the same in all of them:
#   noDataState: OK        no application has this number: nothing runs, or nothing publishes it. One that runs and stays silent is
#                          the business of the rule flinkwatch-silent.
#   execErrState: Error    a throttle, an outage of AWS or a missing permission is an error of the rule: neither \"all is well\" nor
#                          \"the application is ill\".
#   mode: dropNN           a minute without a value is not a 0.
# {}
apiVersion: 1
groups:
  - orgId: 1
    name: flinkwatch-{}
    folder: Flinkwatch
    interval: {}
    rules:
",
        group.pace, group.name, group.interval
    );
    for rule in group.rules {
        render_rule(&mut text, rule);
    }
    text
}

fn render_rule(text: &mut String, rule: &Rule) {
    let severity = rule.severity.as_str();
    let (uid, title, lasting) = (rule.uid(), rule.title, rule.lasting);
    let summary = quoted(&format!("{{{{ $labels.application }}}} {}", rule.summary.replace("{value}", value_of(rule))));
    let (why, runbook, tune) = (quoted(rule.why), quoted(rule.runbook), quoted(rule.tune));
    let _ = write!(
        text,
        "      - uid: {uid}
        title: {title}
        condition: C
        for: {lasting}
        noDataState: OK
        execErrState: Error
        labels: {{ severity: {severity}, source: flinkwatch }}
        annotations:
          summary: {summary}
          description: {why}
          runbook: {runbook}
          tuning: {tune}
          dashboard: {}
        data:
",
        quoted(&format!("Flinkwatch: {}", rule.dashboard)),
    );
    render_data(text, rule);
}

fn render_data(text: &mut String, rule: &Rule) {
    let seconds = rule.minutes * 60;
    let (evaluator, number) = rule.evaluator();
    render_query(text, rule, ("A", seconds, 0));
    render_reduce(text, rule, ("B", "A"));
    let judged = if matches!(rule.condition, Condition::Grown(_)) {
        render_query(text, rule, ("D", seconds + DAY, DAY));
        render_reduce(text, rule, ("E", "D"));
        render_expression(text, "F", "type: math\n              expression: $B / $E");
        "F"
    } else {
        "B"
    };
    let threshold = format!(
        "type: threshold
              expression: {judged}
              conditions:
                - evaluator: {{ type: {evaluator}, params: [{number}] }}"
    );
    render_expression(text, "C", &threshold);
}

fn render_query(text: &mut String, rule: &Rule, (reference, from, to): (&str, u32, u32)) {
    let _ = write!(
        text,
        "          - refId: {reference}
            queryType: application
            datasourceUid: flinkwatch
            relativeTimeRange: {{ from: {from}, to: {to} }}
            model:
              refId: {reference}
              datasource: {SOURCE}
              queryType: application
              schema: 1
              applications: [\"*\"]
              signals: [{}]
              as: series
              period: 60
              intervalMs: 60000
              maxDataPoints: 1440
",
        rule.signal
    );
}

fn render_reduce(text: &mut String, rule: &Rule, (reference, of): (&str, &str)) {
    let reduce = format!(
        "type: reduce
              expression: {of}
              reducer: {}
              settings: {{ mode: dropNN }}",
        rule.reducer
    );
    render_expression(text, reference, &reduce);
}

fn render_expression(text: &mut String, reference: &str, body: &str) {
    let _ = write!(
        text,
        "          - refId: {reference}
            datasourceUid: __expr__
            relativeTimeRange: {{ from: 0, to: 0 }}
            model:
              refId: {reference}
              datasource: {EXPRESSION}
              {body}
"
    );
}

/// The number in a notification, in Grafana's template language.
fn value_of(rule: &Rule) -> &'static str {
    if matches!(rule.condition, Condition::Grown(_)) {
        return "{{ printf \"%.1f\" $values.F.Value }}";
    }
    let unit = rule.unit();
    if unit == Unit::Ratio {
        "{{ humanizePercentage $values.B.Value }}"
    } else if unit == Unit::Milliseconds {
        "{{ printf \"%.0f\" $values.B.Value }} ms"
    } else {
        "{{ printf \"%.0f\" $values.B.Value }}"
    }
}

/// A text in single quotes, as YAML has it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
