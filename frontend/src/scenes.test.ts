// What dashboards do with the plugin, on Grafana's own engine.
import type { BackendSrvRequest } from '@grafana/runtime';
import {
  AdHocFiltersVariable,
  CustomVariable,
  DataSourceVariable,
  QueryVariable,
  TextBoxVariable,
} from '@grafana/scenes';
import fleet from '../dashboards/json/fleet.json';
import { instanceSettings } from '../test/grafana';
import { openDashboard, quiet, SOURCE } from '../test/scenes';
import type { FlinkQuery, VariableQuery } from './types';

const frame = {
  schema: {
    fields: [
      { name: 'time', type: 'time' },
      { name: 'restarts', type: 'number', labels: { application: 'orders', signal: 'restarts' } },
    ],
  },
  data: {
    values: [
      [60_000, 120_000, 180_000],
      [0, 1, 0],
    ],
  },
};

const answer = ({ url }: BackendSrvRequest) =>
  url.includes('/api/ds/query') ? { results: { Anno: { frames: [frame] }, A: { frames: [frame] } } } : [];

const queriesOf = (requests: BackendSrvRequest[]) =>
  requests.flatMap(({ data }) => (data as { queries?: Record<string, unknown>[] } | undefined)?.queries ?? []);

const annotation = { name: 'Restarts', enable: true, iconColor: 'red', datasource: SOURCE };

test('an annotation becomes events of the dashboard', async () => {
  const { layer, requests } = await openDashboard({ annotation }, answer);
  expect(queriesOf(requests)).toMatchObject([{ refId: 'Anno', queryType: 'application', signals: ['restarts'] }]);
  expect(layer?.state.data?.series[0]?.fields.find(({ name }) => name === 'text')?.values).toEqual([
    'restarts: 1, application orders',
  ]);
});

test('filters of the dashboard narrow its annotations down', async () => {
  const filters = new AdHocFiltersVariable({
    name: 'Filters',
    datasource: SOURCE,
    filters: [{ key: 'application', operator: '=', value: 'orders' }],
  });
  const { requests } = await openDashboard({ variables: [filters], annotation }, answer);
  expect(queriesOf(requests)).toMatchObject([{ refId: 'Anno', only: { applications: ['orders'] } }]);
});

/** A variable of the plugin, as the dashboard has it saved. */
function listed(name: string, query: Partial<VariableQuery> | '', state: Partial<QueryVariable['state']> = {}) {
  return new QueryVariable({
    name,
    datasource: SOURCE,
    // The engine has a type of its own for it, and hands it to the data source as it is.
    query: query === '' ? '' : { refId: 'variable', ...query },
    ...state,
  });
}

const ALL = { isMulti: true, includeAll: true, value: ['$__all'], text: ['All'] };

/** Lists the applications that `match` selects, which here is the beginning of their names. */
const serve = (request: BackendSrvRequest) => {
  const { match = '' } = (request.params ?? {}) as { match?: string };
  const names = ['orders', 'payments', 'payouts'].filter((name) => name.startsWith(match.replace('*', '')));
  return request.url.includes('/api/ds/query')
    ? answer(request)
    : names.map((name) => ({ value: name, label: name.toUpperCase() }));
};

const PANEL: FlinkQuery = { refId: 'A', queryType: 'application', applications: ['$application'] };

test('a new variable has no values until its editor has saved what it lists', async () => {
  const variable = listed('application', '');
  const { requests } = await openDashboard({ variables: [variable] }, serve);
  expect(variable.state.options).toEqual([]);
  expect(requests).toEqual([]);
  variable.setState({ query: { refId: 'variable', resource: 'applications' } });
  variable.refreshOptions();
  await quiet();
  expect(variable.state.options.map(({ value }) => value)).toEqual(['orders', 'payments', 'payouts']);
  expect(variable.state.value).toBe('orders');
});

test.each<[string, QueryVariable, string[]]>([
  [
    'All of a narrowed list',
    listed('application', { resource: 'applications', match: 'pay*' }, ALL),
    ['payments', 'payouts'],
  ],
  [
    'All that Grafana narrows down itself',
    listed('application', { resource: 'applications' }, { ...ALL, regex: '/^ord/' }),
    ['orders'],
  ],
  [
    'All with a value of its own',
    listed('application', { resource: 'applications', match: 'pay*' }, { ...ALL, allValue: '*' }),
    ['*'],
  ],
  [
    'All with a pattern for it',
    listed('application', { resource: 'applications' }, { ...ALL, allValue: '.*' }),
    ['.*'],
  ],
])('a panel asks for %s', async (_, variable, applications) => {
  const { requests } = await openDashboard({ variables: [variable], queries: [PANEL] }, serve);
  expect(queriesOf(requests)).toMatchObject([{ refId: 'A', applications }]);
});

test.each<[string, Partial<QueryVariable['state']>]>([
  ['one value', {}],
  ['several values', { isMulti: true }],
  ['All', ALL],
])(
  'a list that is empty leaves a variable with %s without: nothing is asked, and the panel says why',
  async (_, state) => {
    const variable = listed('application', { resource: 'applications', match: 'x*' }, state);
    const queries: FlinkQuery[] = [PANEL, { ...PANEL, refId: 'B', applications: ['orders'] }];
    const { requests, runner } = await openDashboard({ variables: [variable], queries }, serve);
    expect(queriesOf(requests).map(({ refId }) => refId)).toEqual(['B']);
    expect(runner.state.data?.errors).toEqual([{ refId: 'A', message: 'The variable $application has no value.' }]);
  }
);

test('what follows it has no values either', async () => {
  const application = listed('application', { resource: 'applications', match: 'x*' }, ALL);
  const task = listed('task', { resource: 'tasks', application: '$application' }, ALL);
  const { requests } = await openDashboard({ variables: [application, task] }, serve);
  expect(requests.map(({ url }) => url.split('/').at(-1))).toEqual(['applications']);
  expect(task.state.options).toEqual([]);
});

test.each([
  ['${application:csv}', 'orders,payments'],
  ['${application:pipe}', 'orders|payments'],
  ['${application:glob}', '{orders,payments}'],
  ['${application:regex}', '(orders|payments)'],
  ['/^${application:pipe}$/', '/^orders|payments$/'],
])('a format of its own is Grafana’s, and the backend reads it: %s', async (text, sent) => {
  const value = ['orders', 'payments'];
  const variable = new CustomVariable({
    name: 'application',
    query: 'orders,payments',
    isMulti: true,
    value,
    text: value,
  });
  const queries: FlinkQuery[] = [{ ...PANEL, applications: [text] }];
  const { requests } = await openDashboard({ variables: [variable], queries }, serve);
  expect(queriesOf(requests)).toMatchObject([{ applications: [sent] }]);
});

test('a text box that is empty adds nothing to a pattern', async () => {
  const variable = new TextBoxVariable({ name: 'search', value: '' });
  const queries: FlinkQuery[] = [{ ...PANEL, applications: ['/^pay$search/'] }];
  const { requests } = await openDashboard({ variables: [variable], queries }, serve);
  expect(queriesOf(requests)).toMatchObject([{ applications: ['/^pay()/'] }]);
});

test.each([
  ['the default data source', true, 'default'],
  ['the first by name, where the default one is of another type', false, 'a'],
])('the shipped dashboards begin with %s', async (_, isDefault, chosen) => {
  const saved = fleet.templating.list.find(({ type }) => type === 'datasource');
  const { value = '', text = '' } = saved?.current ?? {};
  // As Grafana builds it of what is saved.
  const defaultOptionEnabled = value === 'default' && text === 'default';
  const variable = new DataSourceVariable({
    name: 'datasource',
    pluginId: SOURCE.type,
    value,
    text,
    defaultOptionEnabled,
  });
  const sources = [
    { ...instanceSettings(), uid: 'a', name: 'A' },
    { ...instanceSettings(), uid: 'main', name: 'Main', isDefault },
  ];
  await openDashboard({ variables: [variable], sources }, answer);
  expect(variable.state.value).toBe(chosen);
});
