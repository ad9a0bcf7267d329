import { asQuery, dropCloudWatch, migrate } from './migrate';

test('a query in the shape of today comes back as the same object', () => {
  const query = { refId: 'A', queryType: 'operator', schema: 1, applications: ['orders'], top: null, fromTheFuture: 1 };
  expect(migrate(query)).toBe(query);
});

test.each([
  ['a query without kind', {}, { queryType: 'application' }],
  ['a kind with spaces', { queryType: ' metric ' }, { queryType: 'metric' }],
  [
    'a text in place of a list',
    { queryType: 'application', signals: 'cpu' },
    { queryType: 'application', signals: ['cpu'] },
  ],
  ['an empty text in place of a list', { queryType: 'application', signals: ' ' }, { queryType: 'application' }],
  ['null', { queryType: 'application', region: null }, { queryType: 'application' }],
  ['version 0', { queryType: 'application', schema: 0 }, { queryType: 'application', schema: 1 }],
  ['a version as text', { queryType: 'application', schema: '0' }, { queryType: 'application', schema: 1 }],
  ['a later version', { queryType: 'application', schema: 7 }, { queryType: 'application', schema: 7 }],
  ['an empty word', { queryType: 'application', as: '' }, { queryType: 'application' }],
  ['an empty filter', { queryType: 'metric', dimensions: { Task: null } }, { queryType: 'metric', dimensions: {} }],
  ['fields of other kinds', { queryType: 'application', tasks: 'a' }, { queryType: 'application', tasks: 'a' }],
  ['an unknown kind', { queryType: 'logs', signals: 'a' }, { queryType: 'logs', signals: 'a' }],
])('%s', (_, before, after) => {
  expect(migrate({ refId: 'A', ...before })).toEqual({ refId: 'A', ...after });
});

test.each([[undefined], [null], ['application'], [[]], [7]])(
  '%j is no query, so a new one takes its place',
  (saved) => {
    expect(migrate(saved)).toEqual({ refId: 'A', queryType: 'application' });
  }
);

test('what is left of a CloudWatch target goes once the query is ours', () => {
  const target = {
    refId: 'A',
    namespace: 'AWS/KinesisAnalytics',
    metricName: 'uptime',
    dimensions: { Application: 'a' },
  };
  const unfinished = asQuery({ ...target, queryType: 'metric', applications: [], legend: '' });
  expect(dropCloudWatch(unfinished)).toBe(unfinished);
  const { refId, dimensions } = target;
  const ours = { refId, queryType: 'metric', metric: 'cpuUtilization' };
  expect(dropCloudWatch(asQuery({ ...target, ...ours }))).toEqual({ ...ours, dimensions });
});
