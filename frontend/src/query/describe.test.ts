import type { Choice, FlinkQuery } from '../types';
import * as describeQuery from './describe';

const SIGNALS: Choice[] = [
  {
    value: 'busy',
    label: 'Busy',
    description: 'Share of time in which the busiest subtask works.',
    signal: {
      unit: 'ratio',
      formula: 'busy / 1000',
      good: 'down',
      levels: ['application', 'task', 'subtask'],
      aliases: [],
    },
  },
  { value: 'idle', label: 'Idle', description: 'Waits.' },
];

test('a summary is about two signals, whatever was chosen for its series', () => {
  const query: FlinkQuery = { refId: 'A', queryType: 'checkpoint', signals: ['checkpointsFailed'] };
  expect(describeQuery.signalsOf(query)).toEqual(['checkpointsFailed']);
  expect(describeQuery.signalsOf({ ...query, as: 'summary' })).toEqual(['checkpointDuration', 'checkpointSize']);
});

test('a signal is explained in words and formula', () => {
  expect(describeQuery.explainSignals(['idle', 'busy', '$unknown'], SIGNALS)).toEqual([
    { title: 'Idle', meaning: 'Waits.', facts: [] },
    {
      title: 'Busy',
      meaning: 'Share of time in which the busiest subtask works.',
      facts: ['busy / 1000', 'ratio', 'less is better'],
    },
  ]);
});

test('a formula that stands in the description is not said twice', () => {
  const [busy] = SIGNALS;
  const told = [{ ...busy, value: 'busy', label: 'Busy', description: 'Works. Formula: busy / 1000.' }];
  expect(describeQuery.explainSignals(['busy'], told)).toEqual([
    { title: 'Busy', meaning: 'Works. Formula: busy / 1000.', facts: [] },
  ]);
});

test('default signals are named in short', () => {
  expect(describeQuery.describeDefaults(['busy', 'idle'], SIGNALS)).toBe('Busy, Idle');
  expect(describeQuery.describeDefaults(['busy', 'idle', 'skew', 'a', 'b'], SIGNALS)).toBe(
    'Busy, Idle, skew and 2 more'
  );
});

test.each<[Partial<FlinkQuery>, string]>([
  [{}, 'auto statistic, period and legend'],
  [{ statistic: 'auto', period: 'auto', legend: '', accountId: '' }, 'auto statistic, period and legend'],
  [{ accountId: 'all', legend: 'x' }, 'account all · legend x · auto statistic and period'],
  [{ period: 60, legend: 'x' }, 'period 60 s · legend x · auto statistic'],
  [{ statistic: 'p95', period: 300, legend: '{{task}}' }, 'statistic p95 · period 300 s · legend {{task}}'],
  [
    {
      statistic: 'p95',
      period: 60,
      legend: 'x',
      only: [{ applications: ['/-eu$/'], tasks: ['a', 'b'] }],
      exclude: { tasks: ['c'] },
    },
    'statistic p95 · period 60 s · legend x · only applications /-eu$/ and tasks a, b · without tasks c',
  ],
  [{ period: '$__interval' }, 'period $__interval · auto statistic and legend'],
])('options %j are %s', (options, expected) => {
  const query = { refId: 'A', queryType: 'application', ...options } as FlinkQuery;
  expect(describeQuery.describeOptions(query).join(' · ')).toBe(expected);
});

describe('errors', () => {
  const top = 'Field "top.count": found 0; allowed: 1 to 500.';
  const missing = 'Field "metric" is missing. Allowed: a name such as "cpuUtilization".';
  const other = 'Cannot read metrics of application "orders" in eu-west-1: CloudWatch denied GetMetricData.';

  test('stand at the field that they name; others are left to Grafana', () => {
    const errors = [
      { refId: 'A', message: top },
      { refId: 'A', data: { message: missing } },
      { message: other },
      { refId: 'B', message: 'Field "region": found 7; allowed: a string.' },
      { refId: 'A', message: 'Field "colour": found 7; allowed: a string.' },
    ];
    expect(describeQuery.describeErrors(errors, 'A')).toEqual({ top, metric: missing });
  });

  test('are none without an answer', () => {
    expect(describeQuery.describeErrors(undefined, 'A')).toEqual({});
  });
});

describe('what cannot be answered', () => {
  const orders: Choice = {
    value: 'orders',
    label: 'orders',
    application: { status: 'RUNNING', levels: ['application'] },
  };
  const billing: Choice = { value: 'billing', label: 'billing', application: { status: 'READY', levels: [] } };
  const gaps = (query: FlinkQuery, state?: Parameters<typeof describeQuery.describeGaps>[3]) =>
    describeQuery.describeGaps(query, SIGNALS, [orders, billing], state);

  test('a level that the application does not publish, with the way to mend it', () => {
    expect(gaps({ refId: 'A', queryType: 'operator', applications: ['orders'], level: 'subtask' }).level).toBe(
      '"orders" publishes nothing per subtask: set the monitoring metrics level of the application to PARALLELISM.'
    );
  });

  test("the backend's own sentences come first, each at its field", () => {
    const notices = ['It is stopped.', 'Its tasks need TASK.', 'Its subtasks need PARALLELISM.'];
    const state = { name: 'orders', levels: ['application' as const], notices };
    expect(gaps({ refId: 'A', queryType: 'operator', applications: ['orders'] }, state)).toEqual({
      applications: 'It is stopped.',
      level: 'Its tasks need TASK.',
    });
  });

  test('a signal that does not exist per operator', () => {
    const query: FlinkQuery = { refId: 'A', queryType: 'operator', level: 'operator', signals: ['busy', 'idle'] };
    expect(gaps(query).signals).toBe('Busy does not exist per operator, only per application, task, subtask.');
  });

  test('applications that do not run or that nobody knows', () => {
    const query: FlinkQuery = {
      refId: 'A',
      queryType: 'application',
      applications: ['billing', 'odrers', '$app', '/x/'],
    };
    expect(gaps(query).applications).toBe(
      'There is no application "odrers" in the list of this region: check name and region. ' +
        '"billing" is stopped: it publishes nothing, and has only what it published before.'
    );
  });

  test('nothing where all is well', () => {
    expect(gaps({ refId: 'A', queryType: 'application', applications: ['orders'] })).toEqual({});
  });
});
