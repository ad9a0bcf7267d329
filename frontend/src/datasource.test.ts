import { CoreApp, dateTime, LoadingState } from '@grafana/data';
import type { AdHocVariableFilter, DataFrame, DataQueryRequest } from '@grafana/data';
import type { BackendSrvRequest } from '@grafana/runtime';
import { omit } from 'lodash';
import { lastValueFrom } from 'rxjs';
import { filtersOf, instanceSettings, serveBackend, setVariables } from '../test/grafana';
import { FlinkwatchDataSource } from './datasource';
import type { FlinkQuery } from './types';

const source = () => new FlinkwatchDataSource(instanceSettings());

beforeEach(() => {
  setVariables({});
});

test('a new query has nothing chosen; an alert rule watches restarts', () => {
  for (const app of [CoreApp.PanelEditor, CoreApp.Explore, CoreApp.Dashboard]) {
    expect(source().getDefaultQuery(app)).toEqual({ queryType: 'application', schema: 1 });
  }
  expect(source().getDefaultQuery(CoreApp.UnifiedAlerting)).toMatchObject({ signals: ['restarts'] });
});

test.each<[boolean, string, Partial<FlinkQuery>]>([
  [true, 'an application query', { queryType: 'application' }],
  [true, 'a query without a kind', {}],
  [false, 'a hidden one', { queryType: 'application', hide: true }],
  [false, 'a metric query without a metric', { queryType: 'metric' }],
  [false, 'a metric query with a blank metric', { queryType: 'metric', metric: ' ' }],
  [true, 'a metric query', { queryType: 'metric', metric: 'KPUs' }],
])('sent is %s for %s', (isSent, _, query) => {
  expect(source().filterQuery({ refId: 'A', ...query } as FlinkQuery)).toBe(isSent);
});

test.each<[Partial<FlinkQuery>, string]>([
  [{}, 'application (none chosen): sourceRate, sinkRate as series'],
  [{ applications: ['*'] }, 'application *: sourceRate, sinkRate as series'],
  [
    { queryType: 'operator', applications: ['orders'], signals: ['busy'], as: 'table' },
    'operator orders: busy as table',
  ],
  [{ queryType: 'metric', applications: ['a', 'b'], metric: 'KPUs' }, 'metric a, b: KPUs'],
  // It has columns of its own, whatever signals are saved.
  [
    { queryType: 'checkpoint', applications: ['orders'], signals: ['checkpointsFailed'], as: 'summary' },
    'checkpoint orders: checkpointDuration, checkpointSize as summary',
  ],
])('%j in words', (query, text) => {
  expect(source().getQueryDisplayText({ refId: 'A', ...query } as FlinkQuery)).toBe(text);
});

test('the words name the default application', () => {
  const named = new FlinkwatchDataSource(instanceSettings({ defaultApplication: 'orders' }));
  expect(named.getQueryDisplayText({ refId: 'A', queryType: 'checkpoint' })).toContain('checkpoint orders:');
});

const QUERY: FlinkQuery = {
  refId: 'A',
  queryType: 'application',
  applications: ['$application'],
  legend: '{{signal}}',
};

test.each([
  ['one value', { value: 'orders' }, ['orders']],
  ['several values', { value: ['orders', 'payments'] }, ['orders', 'payments']],
  ['All', { value: ['$__all'], options: ['orders', 'payments'] }, ['orders', 'payments']],
  ['All of a variable with one value', { value: '$__all', options: ['orders'] }, ['orders']],
  ['All with a value of its own', { value: '$__all', allValue: '/^ord/', options: ['orders'] }, ['/^ord/']],
])('a variable with %s', (_, application, applications) => {
  setVariables({ application });
  expect(source().applyTemplateVariables(QUERY, {})).toEqual({ ...QUERY, applications });
});

test('a repeated panel has its own value, whatever the dashboard shows', () => {
  setVariables({ application: { value: '$__all', options: ['orders', 'payments'] } });
  const scoped = { application: { value: 'payments', text: 'payments' } };
  expect(source().applyTemplateVariables(QUERY, scoped).applications).toEqual(['payments']);
});

test('a variable with a format of its own, and one that nobody knows, stay texts', () => {
  setVariables({ application: { value: ['a', 'b'] } });
  const query = { ...QUERY, applications: ['${application:csv}', '$unknown'] };
  expect(source().applyTemplateVariables(query, {}).applications).toEqual(['a,b', '$unknown']);
});

test('Explore and library panels get queries without variables, of today’s shape', () => {
  setVariables({ application: { value: ['a', 'b'] } });
  const old = { ...QUERY, schema: 0, applications: '$application' } as unknown as FlinkQuery;
  expect(source().interpolateVariablesInQueries([old, QUERY], {})).toEqual([
    { ...QUERY, schema: 1, applications: ['a', 'b'] },
    { ...QUERY, applications: ['a', 'b'] },
  ]);
});

function request(targets: FlinkQuery[], filters: AdHocVariableFilter[] = []): DataQueryRequest<FlinkQuery> {
  const range = { from: dateTime(0), to: dateTime(60_000), raw: { from: 'now-1m', to: 'now' } };
  const rest = { requestId: 'Q1', interval: '1m', intervalMs: 60_000, timezone: 'utc', app: 'dashboard', startTime: 0 };
  return { ...rest, range, scopedVars: {}, targets, filters };
}

test('what is sent has values and filters', async () => {
  setVariables({ application: { value: ['a', 'b'] } });
  const requests = serveBackend(() => ({ results: { A: { frames: [] } } }));
  await lastValueFrom(source().query(request([QUERY], [{ key: 'application', operator: '=', value: 'b' }])));
  expect(requests[0]?.data).toMatchObject({
    queries: [{ refId: 'A', queryType: 'application', applications: ['a', 'b'], only: { applications: ['b'] } }],
  });
});

test('a query of the CloudWatch data source is asked for its own applications', async () => {
  setVariables({ application: { value: 'orders' } });
  const requests = serveBackend(() => ({ results: { A: { frames: [] } } }));
  const target = {
    refId: 'A',
    metricName: 'uptime',
    namespace: 'AWS/KinesisAnalytics',
    dimensions: { Application: '$application' },
  };
  await lastValueFrom(source().query(request([target as unknown as FlinkQuery])));
  expect(requests.at(-1)?.data).toMatchObject({
    queries: [{ metricName: 'uptime', dimensions: { Application: ['orders'] } }],
  });
  expect(requests.at(-1)?.data).not.toMatchObject({ queries: [{ applications: expect.anything() as unknown }] });
});

test('a query that was saved without a kind is sent with one', async () => {
  const requests = serveBackend(() => ({ results: { A: { frames: [] } } }));
  const saved = { refId: 'A', applications: ['orders'] } as unknown as FlinkQuery;
  await lastValueFrom(source().query(request([saved])));
  expect(requests.at(-1)?.data).toMatchObject({ queries: [{ refId: 'A', queryType: 'application' }] });
});

const UNKNOWN: AdHocVariableFilter = { key: 'task', operator: '<', value: 'b' };

test('a query that a filter cannot be expressed in is an error, and is not sent', async () => {
  const requests = serveBackend(() => ({ results: {} }));
  const query: FlinkQuery = { refId: 'A', queryType: 'operator' };
  const answer = await lastValueFrom(source().query(request([query], [UNKNOWN])));
  expect(answer).toMatchObject({ state: LoadingState.Error, errors: [{ refId: 'A' }], data: [] });
  expect(answer.errors?.[0]?.message).toContain('The filter on task uses "<"');
  expect(requests).toEqual([]);
});

const FRAME = {
  schema: {
    refId: 'B',
    fields: [
      { name: 'time', type: 'time' },
      { name: 'restarts', type: 'number' },
    ],
  },
  data: { values: [[0], [1]] },
};

test('it leaves its neighbours alone: they are asked, and errors stand beside what they answer', async () => {
  const requests = serveBackend(() => ({ results: { B: { frames: [FRAME] }, C: { error: 'denied', status: 403 } } }));
  const tasks: FlinkQuery = { refId: 'A', queryType: 'operator', applications: ['orders'] };
  const queries = [tasks, { ...QUERY, refId: 'B', applications: ['orders'] }, { ...QUERY, refId: 'C' }];
  const answer = await lastValueFrom(source().query(request(queries, [UNKNOWN])));
  expect(requests[0]?.data).toMatchObject({ queries: [{ refId: 'B' }, { refId: 'C' }] });
  expect(answer.state).toBe(LoadingState.Error);
  expect((answer.data as DataFrame[]).map(({ refId }) => refId)).toEqual(['B']);
  expect(answer.errors?.map(({ refId, message }) => [refId, message])).toEqual([
    ['C', 'denied'],
    ['A', expect.stringContaining('uses "<"')],
  ]);
});

test('a variable without a value asks nothing: the panel says why, and shows the rest', async () => {
  setVariables({ application: { value: '$__all', options: [] } });
  const requests = serveBackend(() => ({ results: { B: { frames: [FRAME] } } }));
  const queries = [QUERY, { ...QUERY, refId: 'B', applications: ['orders'] }];
  const answer = await lastValueFrom(source().query(request(queries)));
  expect(requests[0]?.data).toMatchObject({ queries: [{ refId: 'B' }] });
  expect(answer.errors).toEqual([{ refId: 'A', message: 'The variable $application has no value.' }]);
  expect(answer.data).toHaveLength(1);
});

test('Explore keeps a query whose variable has no value, for the backend to refuse', () => {
  setVariables({ application: { value: '' } });
  expect(source().interpolateVariablesInQueries([QUERY], {})).toMatchObject([{ applications: ['$application'] }]);
});

test('what nobody asks has no errors', async () => {
  serveBackend(() => ({ results: { B: { frames: [FRAME] } } }));
  const queries: FlinkQuery[] = [
    { refId: 'A', queryType: 'operator', hide: true },
    { refId: 'B', queryType: 'application' },
  ];
  const answer = await lastValueFrom(source().query(request(queries, [UNKNOWN])));
  expect(answer.errors ?? []).toEqual([]);
});

describe('annotations', () => {
  const OF_ANNOTATION = { __annotation: { value: {}, text: 'Restarts' } };
  const ask = (query: FlinkQuery) => {
    const asked = omit(request([query]), 'filters');
    return lastValueFrom(source().query({ ...asked, scopedVars: OF_ANNOTATION }));
  };

  test('Grafana before 13 gives them no filters, so they take those of the dashboard', async () => {
    const requests = serveBackend(() => ({ results: { A: { frames: [] } } }));
    setVariables({
      application: { value: ['orders', 'payments'] },
      ours: filtersOf('${source}', { key: 'application', operator: '=', value: 'orders' }),
      others: filtersOf('another', { key: 'color', operator: '=', value: 'red' }),
      unfinished: filtersOf('flink', { key: 'application', operator: '=', value: '' }),
      source: { value: 'flink' },
    });
    await ask(QUERY);
    expect(requests[0]?.data).toMatchObject({ queries: [{ only: { applications: ['orders'] } }] });
  });

  test('one without applications asks for all that run, which the backend wants to be told', async () => {
    setVariables({});
    const requests = serveBackend(() => ({ results: { A: { frames: [] } } }));
    await ask({ refId: 'A', queryType: 'application', signals: ['restarts'] });
    expect(requests[0]?.data).toMatchObject({ queries: [{ applications: ['*'] }] });
  });

  test.each<[string, FlinkQuery]>([
    ['table', { refId: 'A', queryType: 'application', as: 'table' }],
    ['summary', { refId: 'A', queryType: 'checkpoint', as: 'summary' }],
  ])('a query that is shown as %s says why it has no events', async (as, query) => {
    const requests = serveBackend(() => ({ results: {} }));
    const { errors } = await ask(query);
    expect(errors?.[0]?.message).toContain(`the query is shown as ${as}`);
    expect(requests).toEqual([]);
  });
});

test('filters are offered with values of the panels’ applications', async () => {
  const requests = serveBackend(() => [
    { value: 'Map', label: 'map', group: 'orders' },
    { value: 'Sink', label: 'sink' },
  ]);
  expect(await source().getTagKeys()).toEqual(
    ['application', 'task', 'operator'].map((key) => ({ text: key, value: key }))
  );
  const queries = [{ ...QUERY, applications: ['a', 'b'] }, QUERY];
  expect(await source().getTagValues({ key: 'task', filters: [], queries })).toEqual([
    { value: 'Map', text: 'map', group: 'orders' },
    { value: 'Sink', text: 'sink' },
  ]);
  await source().getTagValues({ key: 'task', filters: [] });
  await source().getTagValues({ key: 'application', filters: [], queries });
  expect(await source().getTagValues({ key: 'color', filters: [] })).toEqual([]);
  expect(requests.map(({ url, params }) => [url.split('/').at(-1), params])).toEqual([
    ['tasks', { application: 'a,b,$application' }],
    ['tasks', { application: '*' }],
    ['applications', {}],
  ]);
});

const valuesOf = (requests: BackendSrvRequest[]) => requests.map(({ params }) => params as unknown);

test('filters are offered with values of every region and account that is asked, each once', async () => {
  setVariables({ region: { value: 'eu-west-1' } });
  const requests = serveBackend(() => [{ value: 'Map', label: 'map' }]);
  const queries: FlinkQuery[] = [
    { refId: 'A', queryType: 'application', applications: ['a'], region: '$region' },
    { refId: 'B', queryType: 'application', applications: ['b'], region: '$region' },
    { refId: 'C', queryType: 'application', applications: ['c'], region: 'us-east-1', accountId: '111111111111' },
    { refId: 'D', queryType: 'application', applications: ['d'], region: 'us-west-2', hide: true },
  ];
  expect(await source().getTagValues({ key: 'task', filters: [], queries })).toEqual([{ value: 'Map', text: 'map' }]);
  expect(valuesOf(requests)).toEqual([
    { application: 'a,b', region: 'eu-west-1' },
    { application: 'c', region: 'us-east-1', accountId: '111111111111' },
  ]);
});

test.each<[string, string, string[] | undefined, string]>([
  ['=', 'c', undefined, 'c'],
  ['=|', 'c', ['c', 'd'], 'c,d'],
  ['=~', '^pay', undefined, '/^pay/'],
  ['=~', '/^pay/i', undefined, '/^pay/i'],
  // What is left out says nothing of what remains.
  ['!=', 'c', undefined, 'orders'],
])(
  'a filter "%s" on applications narrows the values of other filters down',
  async (operator, value, values, application) => {
    setVariables({});
    const requests = serveBackend(() => []);
    const filters = [{ key: 'application', operator, value, ...(values && { values }) }];
    const queries: FlinkQuery[] = [{ refId: 'A', queryType: 'application', applications: ['orders'] }];
    await source().getTagValues({ key: 'operator', filters, queries });
    expect(valuesOf(requests)).toEqual([{ application }]);
  }
);

test('a drop-down gets values in place of variables', () => {
  setVariables({ application: { value: ['a', 'b'] }, all: { value: '$__all', options: ['a'] } });
  expect(source().resolve('$application')).toBe('a,b');
  expect(source().resolve('$all')).toBe('a');
  expect(source().resolve('')).toBe('');
});
