import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FlinkQuery } from '../types';
import { alertRuleYaml, conditionOf, describeUnfitRule } from './alert_rule';
import { CHECKPOINT } from './kinds/checkpoint';

const SOURCE = { uid: 'flinkwatch', type: 'flinkwatch-msf-datasource' };

/** What the host suite reads with the keys that Grafana's provisioning knows. */
const FIXTURE = path.join(__dirname, '../../../tests/fixtures/alerting/copied-rule.yaml');

const QUERY: FlinkQuery = {
  ...{ refId: 'D', queryType: 'operator', schema: 1, applications: ['/^pay$/', 'orders'], tasks: ['Source: "a": b'] },
  ...{ signals: ['busy'], as: 'table', legend: '{{task}}', hide: false },
};

/** Of a signal without a line. */
const UNKNOWN = conditionOf(['busy'], undefined);

/** What the host suite checks as YAML, read here by its lines: a model is JSON in one line. */
function rule(query: FlinkQuery, condition = UNKNOWN) {
  const text = alertRuleYaml(query, SOURCE, condition);
  const models = [...text.matchAll(/^ {12}model: (.*)$/gm)].map(([, model = '']) => JSON.parse(model) as object);
  return { uid: /uid: (flinkwatch-.*)$/m.exec(text)?.[1], models };
}

test('a query, a reduction and a threshold', () => {
  const { uid, models } = rule(QUERY);
  expect(uid).toMatch(/^[a-z0-9-]{1,40}$/);
  expect(models).toMatchObject([
    { refId: 'A', queryType: 'operator', datasource: SOURCE, tasks: ['Source: "a": b'], signals: ['busy'] },
    { refId: 'B', type: 'reduce', expression: 'A' },
    { refId: 'C', type: 'threshold', expression: 'B', conditions: [{ evaluator: { type: 'gt' } }] },
  ]);
  for (const dropped of ['as', 'legend', 'hide']) {
    expect(models[0]).not.toHaveProperty(dropped);
  }
});

test('provisioning reads variables of the environment, so a $ is doubled', () => {
  expect(rule(QUERY).models[0]).toMatchObject({ applications: ['/^pay$$/', 'orders'] });
});

test('lines of logs become a count of them', () => {
  const logs: FlinkQuery = { refId: 'A', queryType: 'logs', applications: ['orders'], order: 'oldest', limit: 9 };
  const [model] = rule(logs).models;
  expect(model).toMatchObject({ queryType: 'logs', applications: ['orders'], as: 'series' });
  expect(model).not.toHaveProperty('order');
  expect(model).not.toHaveProperty('limit');
});

test('where more is better, less is the bad news', () => {
  const condition = conditionOf(['sinkRate'], { levels: [], good: 'up' });
  expect(rule({ refId: 'A', queryType: 'application', signals: ['sinkRate'] }, condition).models[2]).toMatchObject({
    conditions: [{ evaluator: { type: 'lt', params: [0] } }],
  });
});

test('where a shipped rule watches the signal, the condition is that one', () => {
  const alert = { reducer: 'sum', minutes: 15, evaluator: 'gt', threshold: 2 } as const;
  const traits = { levels: [], good: 'down', alert } as const;
  const text = alertRuleYaml(
    { refId: 'A', signals: ['restarts'] } as FlinkQuery,
    SOURCE,
    conditionOf(['restarts'], { ...traits, levels: [] })
  );
  expect(text).toContain('relativeTimeRange: { from: 900, to: 0 }');
  const { models } = rule(
    { refId: 'A', queryType: 'application', signals: ['restarts'] },
    conditionOf(['restarts'], { ...traits, levels: [] })
  );
  expect(models.slice(1)).toMatchObject([
    { reducer: 'sum' },
    { conditions: [{ evaluator: { type: 'gt', params: [2] } }] },
  ]);
  expect(conditionOf(['restarts', 'cpu'], { ...traits, levels: [] })).toMatchObject({ threshold: 0, reducer: 'mean' });
});

test('the fixture that the host suite reads is what is copied', () => {
  const text = alertRuleYaml(QUERY, SOURCE, UNKNOWN);
  if (process.env.UPDATE_FIXTURES === '1') {
    writeFileSync(FIXTURE, text);
  }
  expect(readFileSync(FIXTURE, 'utf8')).toBe(text);
});

test('a table becomes the rule that its series would be, and is called so', () => {
  const text = alertRuleYaml(
    { refId: 'A', queryType: 'application', applications: ['orders'], as: 'table' },
    SOURCE,
    UNKNOWN
  );
  expect(/title: (.*)/.exec(text)?.[1]).toBe('"sourceRate, sinkRate of orders"');
});

test('a rule without applications is called by the default one', () => {
  const source = { ...SOURCE, defaultApplication: 'orders' };
  const text = alertRuleYaml({ refId: 'A', queryType: 'application', signals: ['restarts'] }, source, UNKNOWN);
  expect(/title: (.*)/.exec(text)?.[1]).toBe('"restarts of orders"');
});

test.each<[Partial<FlinkQuery>, string | undefined]>([
  [{}, 'An alert rule needs applications: choose them, or "All running".'],
  [{ applications: ['  '] }, 'An alert rule needs applications: choose them, or "All running".'],
  [{ applications: ['*'] }, undefined],
  [{ applications: ['/^pay$/', '$__all'] }, undefined],
  [
    { applications: ['${application:csv}'] },
    'An alert rule has no variables, and ${application:csv} has no value here.',
  ],
  [{ applications: ['[[application]]'] }, 'An alert rule has no variables, and [[application]] has no value here.'],
  [
    { applications: ['orders'], exclude: { applications: ['$noisy'] } },
    'An alert rule has no variables, and $noisy has no value here.',
  ],
  [{ applications: ['orders'], legend: '$nobody' }, undefined],
  [{ applications: ['orders'], queryType: 'metric' }, 'An alert rule needs a metric: choose one.'],
])('why %j can be no rule', (query, reason) => {
  expect(describeUnfitRule({ refId: 'A', queryType: 'application', ...query } as FlinkQuery, {})).toBe(reason);
});

test('a kind without numbers can be no rule', () => {
  jest.replaceProperty(CHECKPOINT, 'alerts', false);
  expect(describeUnfitRule({ refId: 'A', queryType: 'checkpoint', applications: ['orders'] }, {})).toBe(
    'An alert rule needs numbers, and queries of the kind "Checkpoint" have none: choose another kind.'
  );
  jest.restoreAllMocks();
});

test('the summary has no gap where the rule fails, and a name in braces is no template', () => {
  const query: FlinkQuery = { refId: 'A', queryType: 'metric', applications: ['orders'], metric: 'a{{b' };
  const [, summary = ''] = /summary: (.*)/.exec(alertRuleYaml(query, SOURCE, UNKNOWN)) ?? [];
  expect(JSON.parse(summary)).toBe(
    '{{ with $labels.application }}{{ . }}: a{{ "{{" }}b{{ else }}a{{ "{{" }}b of orders could not be evaluated{{ end }}'
  );
});
