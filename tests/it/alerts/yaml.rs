//! A group of rules as a provisioning file of Grafana. (Keys: Grafana, "Use configuration files to provision
//! alerting".)

use std::fmt::Write as _;

use super::rules::{Ask, Group, Rule, severity};
use super::{panels, summary};

const SOURCE: &str = "{ type: flinkwatch-msf-datasource, uid: flinkwatch }";
const EXPRESSION: &str = "{ type: __expr__, uid: __expr__ }";

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
#   keepFiringFor            is read from files since Grafana 12.1.2; before, it is overlooked.
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

/// The one rule of a group that fires when the others cannot be evaluated. It asks for what they ask for, at the same
/// moment, so the calls are shared. A classic condition makes one alert of all series; it never holds: only an error
/// makes it fire.
fn render_unreadable(text: &mut String, group: &Group) {
    let (name, severity) = (group.name, severity(group.unreadable));
    let (link, runbook) = (quoted(&summary::fleet_url()), quoted(&summary::runbook_url("unreadable")));
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
          runbook_url: {runbook}
          tuning: 'Keep it beside the rules of its group.'
          dashboard_url: {link}
        data:
"
    );
    render_query(text, &group.unreadable_ask());
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
    let severity = severity(rule.condition.severity());
    let (uid, title, lasting) = (rule.uid(), rule.title, rule.lasting());
    let summary = quoted(&summary::summary(rule));
    let (why, tune) = (quoted(rule.why), quoted(rule.tune));
    let (dashboard, panel) = (rule.panel.0, panels::panel_of(rule));
    let (link, runbook) = (quoted(&summary::panel_url(dashboard, panel)), quoted(&summary::runbook_url(rule.id())));
    let keeps =
        if rule.keeps_firing > 0 { format!("        keepFiringFor: {}m\n", rule.keeps_firing) } else { String::new() };
    let paused = if rule.is_paused { "        isPaused: true\n" } else { "" };
    let _ = write!(
        text,
        "      - uid: {uid}
        title: {title}
        condition: C
        for: {lasting}
{keeps}{paused}        dashboardUid: flinkwatch-{dashboard}
        panelId: {panel}
        noDataState: KeepLast
        execErrState: KeepLast
        labels: {{ severity: {severity}, source: flinkwatch }}
        annotations:
          summary: {summary}
          description: {why}
          runbook_url: {runbook}
          tuning: {tune}
          dashboard_url: {link}
          __dashboardUid__: flinkwatch-{dashboard}
          __panelId__: '{panel}'
        data:
",
    );
    render_data(text, rule);
}

fn render_data(text: &mut String, rule: &Rule) {
    let (evaluator, number) = rule.evaluator();
    render_query(text, &rule.ask());
    render_reduce(text, rule, ("B", "A"));
    for (name, formula) in summary::scales(rule) {
        render_math(text, name, formula);
    }
    let threshold = format!(
        "type: threshold
              expression: B
              conditions:
                - evaluator: {{ type: {evaluator}, params: [{number}] }}"
    );
    render_expression(text, "C", &threshold);
}

fn render_query(text: &mut String, ask: &Ask) {
    let Ask { from, period, .. } = ask;
    let signals = ask.signals.join(", ");
    let _ = write!(
        text,
        "          - refId: A
            queryType: application
            datasourceUid: flinkwatch
            relativeTimeRange: {{ from: {from}, to: 0 }}
            model:
              refId: A
              datasource: {SOURCE}
              queryType: application
              schema: 1
              applications: [\"*\"]
              signals: [{signals}]
              as: series
              period: {period}
              intervalMs: {period}000
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
        rule.condition.summary.grafana()
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
