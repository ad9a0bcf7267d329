//! A group of rules as a provisioning file of Grafana. (Keys: Grafana, "Use configuration files to provision alerting".)

use std::fmt::Write as _;

use super::rules::{Condition, Group, Rule};
use super::summary;

const SOURCE: &str = "{ type: flinkwatch-msf-datasource, uid: flinkwatch }";
const EXPRESSION: &str = "{ type: __expr__, uid: __expr__ }";
const DAY: u32 = 86_400;
/// The shortest range of the other rules.
const UNREADABLE_SECONDS: u32 = 600;

pub fn render(group: &Group) -> String {
    let mut text = format!(
        "# Written by `UPDATE_DOCS=1 cargo test --test it alerts` from tests/it/alerts/rules.rs: change it there, or change a copy.
#
# Every rule asks for all applications that are not stopped (\"*\") and fires once for each that is concerned, with the label
# application. What is the same in all of them:
#   execErrState: KeepLast   a throttle, an outage of AWS or a missing permission changes no state: what fires goes on, and nothing
#                            is called ill. The rule flinkwatch-unreadable-{0} fires then, with the reason.
#   noDataState: KeepLast    the same where no value has come for an application. One that runs and stays silent is the business
#                            of the rule flinkwatch-silent; one that is stopped is asked for no more, which resolves its alerts.
#   mode: dropNN             a minute without a value is not a 0.
# {1}
apiVersion: 1
groups:
  - orgId: 1
    name: flinkwatch-{0}
    folder: Flinkwatch
    interval: {2}
    rules:
",
        group.name, group.pace, group.interval
    );
    for rule in group.rules {
        render_rule(&mut text, rule);
    }
    render_unreadable(&mut text, group);
    text
}

/// The one rule of a group that fires when the others cannot be evaluated. It asks for what they ask for, at the same moment,
/// so the calls are shared. A classic condition makes one alert of all series; it never holds: only an error makes it fire.
fn render_unreadable(text: &mut String, group: &Group) {
    let (name, severity) = (group.name, group.unreadable.as_str());
    let link = quoted(&summary::dashboard_url("Fleet"));
    let _ = write!(
        text,
        "      - uid: flinkwatch-unreadable-{name}
        title: Flinkwatch cannot evaluate its {name} rules
        condition: C
        for: 5m
        noDataState: OK
        execErrState: Alerting
        labels: {{ severity: {severity}, source: flinkwatch }}
        annotations:
          summary: 'The alert rules of the group flinkwatch-{name} cannot be evaluated, and keep the states that they had'
          description: 'While AWS cannot be read nothing fires anew and nothing is resolved. Grafana adds the reason as the annotation Error.'
          runbook: 'Read the annotation Error: it names the call, the service and what to do. \"Save & test\" of the data source says the same.'
          tuning: 'Keep it beside the rules of its group.'
          dashboard: 'Flinkwatch: Fleet'
          dashboard_url: {link}
        data:
"
    );
    render_query(text, &group.signals().join(", "), ("A", UNREADABLE_SECONDS, 0));
    render_expression(
        text,
        "C",
        "type: classic_conditions
              conditions:
                - type: query
                  evaluator: { type: lt, params: [0] }
                  operator: { type: and }
                  query: { params: [A] }
                  reducer: { type: count, params: [] }",
    );
}

fn render_rule(text: &mut String, rule: &Rule) {
    let severity = rule.severity.as_str();
    let (uid, title, lasting) = (rule.uid(), rule.title, rule.lasting);
    let summary = quoted(&summary::summary(rule));
    let (why, runbook, tune) = (quoted(rule.why), quoted(rule.runbook), quoted(rule.tune));
    let _ = write!(
        text,
        "      - uid: {uid}
        title: {title}
        condition: C
        for: {lasting}
        noDataState: KeepLast
        execErrState: KeepLast
        labels: {{ severity: {severity}, source: flinkwatch }}
        annotations:
          summary: {summary}
          description: {why}
          runbook: {runbook}
          tuning: {tune}
          dashboard: {}
          dashboard_url: {}
        data:
",
        quoted(&format!("Flinkwatch: {}", rule.dashboard)),
        quoted(&summary::dashboard_url(rule.dashboard)),
    );
    render_data(text, rule);
}

fn render_data(text: &mut String, rule: &Rule) {
    let seconds = rule.minutes * 60;
    let (evaluator, number) = rule.evaluator();
    render_query(text, rule.signal, ("A", seconds, 0));
    render_reduce(text, rule, ("B", "A"));
    let judged = if matches!(rule.condition, Condition::Grown(_)) {
        render_query(text, rule.signal, ("D", seconds + DAY, DAY));
        render_reduce(text, rule, ("E", "D"));
        render_math(text, "F", "$B / $E");
        "F"
    } else {
        "B"
    };
    for (name, formula) in summary::scales(rule) {
        render_math(text, name, formula);
    }
    let threshold = format!(
        "type: threshold
              expression: {judged}
              conditions:
                - evaluator: {{ type: {evaluator}, params: [{number}] }}"
    );
    render_expression(text, "C", &threshold);
}

fn render_query(text: &mut String, signals: &str, (reference, from, to): (&str, u32, u32)) {
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
              signals: [{signals}]
              as: series
              period: 60
              intervalMs: 60000
              maxDataPoints: 1440
"
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

fn render_math(text: &mut String, reference: &str, formula: &str) {
    render_expression(text, reference, &format!("type: math\n              expression: {formula}"));
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

/// A text in single quotes, as YAML has it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
