// A query as a file for Grafana's provisioning of alerts: a group with one rule, of the query, a reduction and a threshold.
import { omit } from 'lodash';
import type { AlertTraits, FlinkQuery, SignalTraits } from '../types';
import { findMissing, hasApplications, numbersOf, withDefaults } from './defaults';
import type { SourceDefaults } from './defaults';
import { allOf, rowOf } from './kinds/registry';

/** Of the data source that is asked. */
export interface AlertSource extends SourceDefaults {
  uid: string;
  type: string;
}

/** How far back a rule looks of which no line is known, in seconds. */
const RANGE = 900;

/** Seconds between evaluations: each costs calls of AWS. */
const INTERVAL = '5m';

/** The condition of a rule about `signals`, the first of which is `first`. One line fits several signals by chance only. */
export function conditionOf(signals: string[], first: SignalTraits | undefined): AlertTraits {
  const line = signals.length === 1 ? first?.alert : undefined;
  return line ?? { reducer: 'mean', minutes: RANGE / 60, evaluator: first?.good === 'up' ? 'lt' : 'gt', threshold: 0 };
}

/** `query` without variables: a rule has none. */
export function alertRuleYaml(query: FlinkQuery, source: AlertSource, condition: AlertTraits): string {
  const { numbers, names } = wordsOf(asSeries(query), source);
  const { reducer, minutes, evaluator, threshold } = condition;
  const title = `${numbers} of ${names}`;
  const nodes = [
    node('A', source.uid, minutes * 60, modelOf(query, source), query.queryType),
    node('B', EXPRESSION.uid, 0, {
      ...{ refId: 'B', datasource: EXPRESSION, type: 'reduce', expression: 'A', reducer },
      settings: { mode: 'dropNN' },
    }),
    node('C', EXPRESSION.uid, 0, {
      ...{ refId: 'C', datasource: EXPRESSION, type: 'threshold', expression: 'B' },
      conditions: [{ evaluator: { type: evaluator, params: [threshold] } }],
    }),
  ];
  return `# A group of alert rules for Grafana's folder provisioning/alerting. Check the threshold of C, and how long it must hold ("for").
apiVersion: 1
groups:
  - orgId: 1
    name: flinkwatch
    folder: Flinkwatch
    interval: ${INTERVAL}
    rules:
      - uid: ${uidOf(title)}
        title: ${provisioned(title)}
        condition: C
        for: 5m
        noDataState: NoData
        execErrState: Error
        labels: { severity: warning }
        annotations:
          summary: ${JSON.stringify(summaryOf(numbers, title))}
        data:
${nodes.join('\n')}
`;
}

/** Why a query without variables can be no rule, if it cannot: as one it would be an error at each evaluation. */
export function describeUnfitRule(query: FlinkQuery, source: SourceDefaults): string | undefined {
  const { alerts, label } = rowOf(query);
  if (!alerts) {
    return `An alert rule needs numbers, and queries of the kind "${label}" have none: choose another kind.`;
  }
  if (!hasApplications(query, source)) {
    return `An alert rule needs applications: choose them, or "${allOf(query)}".`;
  }
  const missing = findMissing(query);
  if (missing !== undefined) {
    return `An alert rule needs ${missing}: choose one.`;
  }
  const [variable] = VARIABLE.exec(JSON.stringify(asSeries(query))) ?? [];
  return variable === undefined ? undefined : `An alert rule has no variables, and ${variable} has no value here.`;
}

/** What the backend refuses as a variable; the `$` at the end of a pattern is none. */
const VARIABLE = /\$(?!__all\b)(?:[a-z_]\w*|\{[^}"]*\}?)|\[\[[a-z_]\w*(?::\w*)?\]\]/i;

/** Where the rule fails, an alert without labels says so in its place. */
function summaryOf(numbers: string, title: string): string {
  const written = (text: string) => text.replaceAll('{{', '{{ "{{" }}');
  return `{{ with $labels.application }}{{ . }}: ${written(numbers)}{{ else }}${written(title)} could not be evaluated{{ end }}`;
}

const EXPRESSION = { type: '__expr__', uid: '__expr__' };

function node(refId: string, datasourceUid: string, from: number, model: object, queryType?: string): string {
  return `          - refId: ${refId}${queryType === undefined ? '' : `\n            queryType: ${queryType}`}
            datasourceUid: ${JSON.stringify(datasourceUid)}
            relativeTimeRange: { from: ${from}, to: 0 }
            model: ${provisioned(model)}`;
}

/** JSON is YAML. A `$` is doubled: provisioning reads it as a variable of the environment, but in annotations. */
function provisioned(value: unknown): string {
  return JSON.stringify(value).replaceAll('$', '$$$$');
}

/** Series, as reductions need them; no legend, which only names lines. */
export function asSeries(query: FlinkQuery): FlinkQuery {
  const lines = rowOf(query)
    .shapes.slice(1)
    .find(({ isTable }) => !isTable)?.value;
  const shape = rowOf(query).shapes[0]?.isTable && lines !== undefined ? { as: lines } : {};
  return { ...omit(query, ['key', 'hide', 'legend', 'as', 'order', 'limit']), ...shape } as FlinkQuery;
}

function modelOf(query: FlinkQuery, { uid, type }: AlertSource): object {
  return { ...asSeries(query), refId: 'A', datasource: { type, uid }, intervalMs: 60_000, maxDataPoints: 1440 };
}

function wordsOf(query: FlinkQuery, source: AlertSource) {
  const { applications } = withDefaults(query, source);
  const names = applications.includes('*') ? 'all running applications' : applications.join(', ');
  return { numbers: numbersOf(query).join(', '), names };
}

/** At most 40 signs, of which Grafana allows letters, digits, `-` and `_`. */
function uidOf(title: string): string {
  const slug = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `flinkwatch-${slug}`.slice(0, 40).replace(/-+$/, '');
}
