import type { ApplicationQuery, Choice, FlinkQuery, MetricQuery, OperatorQuery, Scope } from '../types';
import * as change from './change';

const application: ApplicationQuery = { refId: 'A', queryType: 'application' };
const operator: OperatorQuery = { refId: 'A', queryType: 'operator' };
const metric: MetricQuery = { refId: 'A', queryType: 'metric' };

describe('another kind', () => {
  const signal = (value: string, levels: Scope[], group = 'Throughput'): Choice => ({
    value,
    label: value,
    group,
    signal: { unit: null, formula: '', good: null, levels, aliases: [] },
  });
  const choices = [
    signal('busy', ['application', 'task', 'subtask']),
    signal('sourceRate', ['application']),
    signal('skew', ['task']),
    signal('checkpointSize', ['application'], 'Checkpoints'),
    { value: 'cpuUtilization', label: 'cpuUtilization' },
  ];
  const common = {
    refId: 'B',
    schema: 1,
    hide: true,
    datasource: { type: 'flinkwatch-msf-datasource', uid: 'x' },
    region: 'us-east-1',
    accountId: 'all',
    applications: ['orders'],
    exclude: { applications: ['/^test-/'] },
    only: [{ applications: ['/-eu$/'] }, { tasks: ['/^Sink/'] }],
    statistic: 'p95',
    period: 300,
    legend: '{{task}}',
  };

  test.each<[string, FlinkQuery, FlinkQuery]>([
    [
      'keeps signals that both have, variables and a table',
      {
        ...common,
        queryType: 'application',
        signals: ['busy', 'sourceRate', '$signal', 'cpuUtilization'],
        as: 'table',
      },
      { ...common, queryType: 'operator', signals: ['busy', '$signal'], as: 'table' },
    ],
    [
      'drops level, targets and limit',
      {
        ...common,
        queryType: 'operator',
        level: 'subtask',
        tasks: ['a'],
        operators: ['b'],
        top: { count: 3 },
        signals: ['skew'],
      },
      { ...common, queryType: 'application' },
    ],
    [
      'keeps checkpoint signals among others',
      { ...common, queryType: 'application', signals: ['checkpointSize', 'busy'], as: 'table' },
      { ...common, queryType: 'checkpoint', signals: ['checkpointSize'] },
    ],
    [
      'drops a summary',
      { ...common, queryType: 'checkpoint', as: 'summary', signals: ['checkpointSize'] },
      { ...common, queryType: 'application', signals: ['checkpointSize'] },
    ],
    [
      'has no signals as a metric',
      { ...common, queryType: 'application', signals: ['busy'] },
      { ...common, queryType: 'metric' },
    ],
    [
      'drops metric and dimensions',
      { ...common, queryType: 'metric', metric: 'cpuUtilization', dimensions: { Task: '*' } },
      { ...common, queryType: 'application' },
    ],
  ])('%s', (_, query, expected) => {
    expect(change.setKind(query, expected.queryType, choices)).toStrictEqual(expected);
  });

  test('the same kind is the same query', () => {
    expect(change.setKind(application, 'application', choices)).toBe(application);
  });
});

test.each<[string, FlinkQuery, FlinkQuery]>([
  ['a region', change.setRegion(application, 'us-east-1'), { ...application, region: 'us-east-1' }],
  ['the default region is not written', change.setRegion({ ...application, region: 'x' }, 'default'), application],
  ['no region', change.setRegion({ ...application, region: 'x' }, undefined), application],
  ['an account', change.setAccount(application, 'all'), { ...application, accountId: 'all' }],
  ['no account', change.setAccount({ ...application, accountId: 'all' }, undefined), application],
  [
    'applications, trimmed and each once',
    change.setApplications(application, [' orders ', 'orders', '$app', '']),
    { ...application, applications: ['orders', '$app'] },
  ],
  ['no applications', change.setApplications({ ...application, applications: ['orders'] }, []), application],
  [
    'all of them in place of names',
    change.setApplications({ ...application, applications: ['orders'] }, ['orders', '*']),
    { ...application, applications: ['*'] },
  ],
  [
    'a name in place of all of them',
    change.setApplications({ ...application, applications: ['*'] }, ['*', 'orders']),
    { ...application, applications: ['orders'] },
  ],
  ['signals', change.setSignals(application, ['cpu']), { ...application, signals: ['cpu'] }],
  ['no signals', change.setSignals({ ...application, signals: ['cpu'] }, []), application],
  ['a level', change.setLevel(operator, 'subtask'), { ...operator, level: 'subtask' }],
  ['the default level is not written', change.setLevel({ ...operator, level: 'subtask' }, 'task'), operator],
  ['tasks', change.setTasks(operator, ['/window/']), { ...operator, tasks: ['/window/'] }],
  ['operators', change.setOperators(operator, ['*']), { ...operator, operators: ['*'] }],
  ['a limit', change.setTopCount(operator, ' 5 '), { ...operator, top: { count: 5 } }],
  [
    'a limit of applications',
    change.setTopCount({ ...application, signals: ['cpu'] }, '5'),
    { ...application, signals: ['cpu'], top: { count: 5 } },
  ],
  [
    'a table, which has all applications',
    change.setShape({ ...application, top: { count: 5 } }, 'table'),
    { ...application, as: 'table' },
  ],
  ['a limit by variable', change.setTopCount(operator, '$n'), { ...operator, top: { count: '$n' } }],
  [
    'another limit by the same signal',
    change.setTopCount({ ...operator, top: { count: 5, by: 'busy' } }, '3'),
    { ...operator, top: { count: 3, by: 'busy' } },
  ],
  ['no limit', change.setTopCount({ ...operator, top: { count: 5, by: 'busy' } }, ''), operator],
  [
    'what a limit goes by',
    change.setTopBy({ ...operator, top: { count: 5 } }, 'busy'),
    { ...operator, top: { count: 5, by: 'busy' } },
  ],
  [
    'a limit by the first signal',
    change.setTopBy({ ...operator, top: { count: 5, by: 'busy' } }, undefined),
    { ...operator, top: { count: 5 } },
  ],
  ['nothing to limit by without a limit', change.setTopBy(operator, 'busy'), operator],
  ['a shape', change.setShape(application, 'table'), { ...application, as: 'table' }],
  [
    'the default shape is not written',
    change.setShape<ApplicationQuery>({ ...application, as: 'table' }, 'series'),
    application,
  ],
  ['a metric', change.setMetric(metric, ' cpuUtilization '), { ...metric, metric: 'cpuUtilization' }],
  ['no metric', change.setMetric({ ...metric, metric: 'cpuUtilization' }, undefined), metric],
  [
    'a dimension, last',
    change.setDimension({ ...metric, dimensions: { Zone: 'a' } }, 'Task', '*'),
    { ...metric, dimensions: { Zone: 'a', Task: '*' } },
  ],
  [
    'another value in its place',
    change.setDimension({ ...metric, dimensions: { Task: '*', Zone: 'a' } }, 'Task', 'Sink'),
    { ...metric, dimensions: { Task: 'Sink', Zone: 'a' } },
  ],
  ['no dimension', change.setDimension({ ...metric, dimensions: { Task: '*' } }, 'Task', undefined), metric],
  ['a statistic', change.setStatistic(application, 'p95'), { ...application, statistic: 'p95' }],
  ['the right statistic', change.setStatistic({ ...application, statistic: 'p95' }, 'auto'), application],
  ['a period in seconds', change.setPeriod(application, '300'), { ...application, period: 300 }],
  ['a duration', change.setPeriod(application, '5m'), { ...application, period: '5m' }],
  ['the auto period', change.setPeriod({ ...application, period: 300 }, ''), application],
  ['a legend', change.setLegend(application, '{{task}}'), { ...application, legend: '{{task}}' }],
  ['the auto legend', change.setLegend({ ...application, legend: 'x' }, 'auto'), application],
])('sets %s', (_, edited, expected) => {
  expect(edited).toStrictEqual(expected);
});

test('fields that are not named stay as they were saved, also unknown and useless ones', () => {
  const saved: FlinkQuery & { intervalMs: number } = {
    ...application,
    region: 'default',
    statistic: 'auto',
    signals: [],
    intervalMs: 15_000,
  };
  expect(change.setLegend(saved, 'x')).toStrictEqual({ ...saved, legend: 'x' });
});

test('another kind keeps the signals while no list says which of them fit', () => {
  const query: FlinkQuery = { refId: 'A', queryType: 'application', signals: ['busy', 'cpu'] };
  expect(change.setKind(query, 'operator', [])).toEqual({ ...query, queryType: 'operator' });
});

test('checkpoints start with two signals of two units', () => {
  const signals = ['checkpointDuration', 'checkpointsFailed'];
  const query: FlinkQuery = { refId: 'A', queryType: 'application', applications: ['orders'] };
  expect(change.setKind(query, 'checkpoint', [])).toEqual({ ...query, queryType: 'checkpoint', signals });
});

test('a kind that was left comes back with its own fields, and with the applications of today', () => {
  const before: FlinkQuery = {
    refId: 'A',
    queryType: 'operator',
    applications: ['old'],
    tasks: ['Window'],
    period: 60,
  };
  const query: FlinkQuery = { refId: 'A', queryType: 'application', applications: ['orders'] };
  const { tasks } = before;
  expect(change.setKind(query, 'operator', [], before)).toEqual({ ...query, queryType: 'operator', tasks });
});
