import { CoreApp, toDataFrame } from '@grafana/data';
import { screen, within } from '@testing-library/react';
import { ANSWERS, showEditor } from '../../test/editor';
import { CHECKPOINT } from '../query/kinds/checkpoint';
import { ROWS } from '../query/kinds/registry';
import { asQuery } from '../query/migrate';
import type { FlinkQuery } from '../types';

const APPLICATION: FlinkQuery = { refId: 'A', queryType: 'application' };

function field(name: string) {
  return screen.getByRole('combobox', { name });
}

afterEach(() => {
  jest.restoreAllMocks();
  localStorage.clear();
});

test('opening an editor changes nothing and shows what the query reads', async () => {
  const { saved, run } = await showEditor(APPLICATION);
  expect(saved).toEqual([]);
  expect(run).not.toHaveBeenCalled();
  expect(field('Signals')).toHaveAccessibleDescription(/Source rate, Sink rate/);
  expect(field('Applications')).toHaveAccessibleDescription(/choose an application/);
});

test('signals are explained to who wants it, and the browser remembers', async () => {
  const { user } = await showEditor(APPLICATION);
  expect(screen.queryByText('Source rate')).not.toBeInTheDocument();
  await user.click(screen.getByRole('switch', { name: 'Explain' }));
  expect(screen.getByText('Source rate')).toBeInTheDocument();
  expect(screen.getByText(/leave all source tasks/)).toHaveTextContent(
    'Sum / 4 of numRecordsOutPerSecond · per second · more is better'
  );
});

test('an application is chosen in two clicks, from a list that tells its state', async () => {
  const { user, saved, run } = await showEditor(APPLICATION);
  await user.click(field('Applications'));
  const orders = await screen.findByRole('option', { name: /orders/ });
  expect(orders).toHaveTextContent('running · Flink 1.20 · operator metrics');
  await user.click(orders);
  await user.tab();
  expect(saved).toEqual([{ ...APPLICATION, applications: ['orders'] }]);
  expect(run).toHaveBeenCalledTimes(1);
});

test('explanations that were wanted once are there in the next editor', async () => {
  localStorage.setItem('flinkwatch.explain', 'true');
  await showEditor(APPLICATION);
  expect(screen.getByText('Source rate')).toBeInTheDocument();
});

test('a new query asks for all that run with one click', async () => {
  const { user, saved, run } = await showEditor(APPLICATION);
  await user.click(screen.getByRole('button', { name: 'All running' }));
  expect(saved).toEqual([{ ...APPLICATION, applications: ['*'] }]);
  expect(run).toHaveBeenCalledTimes(1);
  expect(screen.queryByRole('button', { name: 'All running' })).not.toBeInTheDocument();
});

test('where one application runs, a new query is about that one', async () => {
  const applications = [{ value: 'orders', label: 'orders' }];
  const { saved } = await showEditor(APPLICATION, { answers: { applications } });
  expect(field('Applications')).toHaveAccessibleDescription(/orders/);
  expect(screen.queryByRole('button', { name: 'All running' })).not.toBeInTheDocument();
  expect(saved).toEqual([]);
});

test('an alert rule has no only application: a rule without applications is an error', async () => {
  const answers = { applications: [{ value: 'orders', label: 'orders' }] };
  const { user, saved } = await showEditor(APPLICATION, { answers, app: CoreApp.UnifiedAlerting });
  expect(field('Applications')).toHaveAccessibleDescription(/choose an application/);
  await user.click(screen.getByRole('button', { name: 'All running' }));
  expect(saved).toEqual([{ ...APPLICATION, applications: ['*'] }]);
});

test('"All running" says that a panel has those of its time range too', async () => {
  const { user } = await showEditor(APPLICATION);
  await user.click(field('Applications'));
  expect(await screen.findByRole('option', { name: /All running/ })).toHaveTextContent(
    'panels also show those that ran in the time range'
  );
});

test('a kind without numbers has no switch that would explain them', async () => {
  await showEditor({ refId: 'A', queryType: 'tags' });
  expect(screen.queryByRole('switch', { name: 'Explain' })).not.toBeInTheDocument();
});

test('where "*" means stopped applications as well, it is called so', async () => {
  const { user, saved } = await showEditor({ refId: 'A', queryType: 'tags' });
  await user.click(field('Applications'));
  expect(await screen.findByRole('option', { name: /All applications/ })).toHaveTextContent('stopped ones too');
  await user.click(screen.getByRole('button', { name: 'All applications' }));
  expect(saved).toEqual([{ refId: 'A', queryType: 'tags', applications: ['*'] }]);
});

test('a pattern is typed, and a variable is offered', async () => {
  const { user, saved } = await showEditor(APPLICATION, { variables: { $application: 'orders' } });
  await user.click(field('Applications'));
  expect(await screen.findByRole('option', { name: /\$application/ })).toBeInTheDocument();
  await user.type(field('Applications'), '/^pay/');
  await user.keyboard('{Enter}{Escape}');
  expect(saved).toEqual([{ ...APPLICATION, applications: ['/^pay/'] }]);
});

test('without the last signal the default ones come back', async () => {
  const { user, saved } = await showEditor({ ...APPLICATION, signals: ['busy'] });
  await user.click(screen.getByRole('button', { name: /Remove/ }));
  expect(saved).toEqual([APPLICATION]);
});

test('another kind keeps the application and the signals that it has', async () => {
  const { user, saved } = await showEditor({
    ...APPLICATION,
    applications: ['orders'],
    signals: ['sourceRate', 'busy'],
  });
  await user.click(field('Query'));
  await user.click(await screen.findByRole('option', { name: /Operator/ }));
  expect(saved).toEqual([{ refId: 'A', queryType: 'operator', applications: ['orders'], signals: ['busy'] }]);
});

test('who goes to another kind and back finds what he had', async () => {
  const query: FlinkQuery = {
    ...{ refId: 'A', queryType: 'operator', applications: ['orders'], level: 'operator', tasks: ['Window'] },
    ...{ signals: ['recordsInRate'], top: { count: 5 } },
  };
  const { user, saved } = await showEditor(query);
  await user.click(field('Query'));
  await user.click(await screen.findByRole('option', { name: /Metric/ }));
  expect(saved.at(-1)).toEqual({ refId: 'A', queryType: 'metric', applications: ['orders'] });
  await user.click(field('Metric'));
  await user.click(await screen.findByRole('option', { name: 'cpuUtilization' }));
  await user.click(field('Query'));
  await user.click(await screen.findByRole('option', { name: /Operator/ }));
  expect(saved.at(-1)).toEqual(query);
  await user.click(field('Query'));
  await user.click(await screen.findByRole('option', { name: /Metric/ }));
  expect(saved.at(-1)).toMatchObject({ queryType: 'metric', metric: 'cpuUtilization' });
});

test('a variable is understood where the state of its application is told', async () => {
  const answers = { application: { name: 'billing', levels: [], notices: ['Application "billing" is stopped.'] } };
  const variables = { $application: 'billing' };
  await showEditor({ ...APPLICATION, applications: ['$application'] }, { answers, variables });
  expect(screen.getByText('Application "billing" is stopped.')).toBeInTheDocument();
});

test('a shape is chosen', async () => {
  const { user, saved } = await showEditor({ ...APPLICATION });
  await user.click(within(screen.getByRole('radiogroup', { name: 'Show as' })).getByRole('radio', { name: 'Table' }));
  expect(saved).toEqual([{ ...APPLICATION, as: 'table' }]);
});

test('options are folded away, and a text counts when it is complete', async () => {
  const { user, saved, run } = await showEditor({ ...APPLICATION, period: 300 });
  const header = screen.getByRole('button', { name: /Options/ });
  expect(header).toHaveTextContent('period 300 s · auto statistic and legend');
  expect(screen.queryByRole('combobox', { name: 'Legend' })).not.toBeInTheDocument();
  await user.click(header);
  await user.type(field('Legend'), 'all');
  expect(run).not.toHaveBeenCalled();
  await user.keyboard('{Enter}');
  await user.clear(screen.getByRole('textbox', { name: 'Period' }));
  await user.tab();
  expect(saved).toEqual([
    { ...APPLICATION, period: 300, legend: 'all' },
    { ...APPLICATION, legend: 'all' },
  ]);
  expect(run).toHaveBeenCalledTimes(2);
});

test('a legend is completed with the labels of the answer', async () => {
  const labels = { application: 'orders', table: 'lines' };
  const series = [toDataFrame({ refId: 'A', fields: [{ name: 'Value', values: [1], labels }] })];
  const { user } = await showEditor(APPLICATION, { data: { series } });
  await user.click(screen.getByRole('button', { name: /Options/ }));
  const legend = field('Legend') as HTMLInputElement;
  await user.type(legend, '{{{{ta');
  expect([...(legend.list?.options ?? [])].map(({ value }) => value)).toEqual(['{{table}}']);
});

test('a statistic is chosen', async () => {
  const { user, saved } = await showEditor(APPLICATION);
  await user.click(screen.getByRole('button', { name: /Options/ }));
  await user.click(field('Statistic'));
  await user.click(await screen.findByRole('option', { name: 'p95' }));
  expect(saved).toEqual([{ ...APPLICATION, statistic: 'p95' }]);
});

test('an error stands at its field, also at one that is folded away; any other is left to the row of Grafana', async () => {
  const errors = [
    { refId: 'A', message: 'Field "period": found 90; allowed: a multiple of 60 seconds.' },
    { refId: 'A', message: 'CloudWatch denied GetMetricData.' },
  ];
  await showEditor({ ...APPLICATION, period: 90 }, { data: { errors } });
  expect(screen.getByRole('textbox', { name: 'Period' })).toHaveValue('90');
  expect(screen.getAllByRole('alert').map((alert) => alert.textContent)).toEqual([expect.stringContaining('found 90')]);
});

test('why a list is empty stands beside it', async () => {
  const applications = new Error('ListMetrics was denied. Add cloudwatch:ListMetrics.');
  const { user } = await showEditor(APPLICATION, { answers: { applications } });
  await user.click(field('Applications'));
  expect(await screen.findByText(applications.message, { selector: '[aria-live] *' })).toBeInTheDocument();
  expect(field('Applications')).toHaveAccessibleDescription(new RegExp(applications.message));
  expect(screen.queryByText(/no Flink application in this region/)).not.toBeInTheDocument();
});

test('a region without applications says so', async () => {
  const { user } = await showEditor(APPLICATION, { answers: { applications: [] } });
  expect(screen.queryByText(/no Flink application in this region/)).not.toBeInTheDocument();
  await user.click(field('Applications'));
  expect(await screen.findByText(/no Flink application in this region/)).toBeInTheDocument();
});

test('an application that is stopped says so', async () => {
  const answers = { application: { name: 'billing', levels: [], notices: ['Application "billing" is stopped.'] } };
  await showEditor({ ...APPLICATION, applications: ['billing'] }, { answers });
  expect(screen.getByText('Application "billing" is stopped.')).toBeInTheDocument();
});

test('the default region is offered first', async () => {
  const { user, saved } = await showEditor({ ...APPLICATION, region: 'us-east-1' });
  await user.click(field('Region'));
  const [first] = await screen.findAllByRole('option');
  expect(first).toHaveTextContent('default');
  if (first) {
    await user.click(first);
  }
  expect(saved).toEqual([APPLICATION]);
});

test('an account is chosen among the options, and accounts are asked for there only', async () => {
  const accounts = ['all', '111111111111', '222222222222'].map((value) => ({ value, label: value }));
  const { user, saved, asked } = await showEditor(APPLICATION, { answers: { accounts } });
  expect(asked.map(({ path }) => path)).not.toContain('accounts');
  await user.click(screen.getByRole('button', { name: /Options/ }));
  expect(asked.map(({ path }) => path)).not.toContain('accounts');
  await user.click(field('Account'));
  await user.click(await screen.findByRole('option', { name: '222222222222' }));
  expect(saved).toEqual([{ ...APPLICATION, accountId: '222222222222' }]);
});

test('a kind that runs on demand waits for its button, or for Shift+Enter', async () => {
  jest.replaceProperty(CHECKPOINT, 'runs', 'on demand');
  const { user, saved, run } = await showEditor({ refId: 'A', queryType: 'checkpoint' });
  await user.click(screen.getByRole('radio', { name: 'Summary' }));
  expect(saved).toHaveLength(1);
  expect(run).not.toHaveBeenCalled();
  await user.click(screen.getByRole('button', { name: 'Run query' }));
  expect(run).toHaveBeenCalledTimes(1);
  await user.type(field('Applications'), '{Shift>}{Enter}{/Shift}');
  expect(run).toHaveBeenCalledTimes(2);
});

test('a kind that runs on change has no button for it', async () => {
  await showEditor(APPLICATION);
  expect(screen.queryByRole('button', { name: 'Run query' })).not.toBeInTheDocument();
});

test.each<[string, 'alerts' | 'annotates', CoreApp, boolean]>([
  ['an alert rule', 'alerts', CoreApp.UnifiedAlerting, false],
  ['a panel', 'alerts', CoreApp.PanelEditor, true],
])('a kind that no alert rule can have is offered to %s: %s', async (_, flag, app, isOffered) => {
  jest.replaceProperty(CHECKPOINT, flag, false);
  const { user } = await showEditor(APPLICATION, { app });
  await user.click(field('Query'));
  await screen.findByRole('option', { name: /Operator/ });
  expect(screen.queryAllByRole('option', { name: /Checkpoint/ })).toHaveLength(isOffered ? 1 : 0);
});

test.each([
  ['State', 'a heading', 1],
  ['Metrics', 'no heading', 0],
])('with a kind of the group %s among metrics there is %s', async (group, _, headings) => {
  for (const row of Object.values(ROWS)) {
    jest.replaceProperty(row, 'group', row === CHECKPOINT ? group : 'Metrics');
  }
  const { user } = await showEditor(APPLICATION);
  await user.click(field('Query'));
  await screen.findByRole('option', { name: /Operator/ });
  expect(screen.queryAllByText('Metrics')).toHaveLength(headings);
});

test('a checkpoint query shows signals as series only', async () => {
  const query: FlinkQuery = { refId: 'A', queryType: 'checkpoint' };
  const { user, saved } = await showEditor(query, { answers: { signals: ANSWERS.signals } });
  expect(field('Signals')).toBeInTheDocument();
  await user.click(screen.getByRole('radio', { name: 'Summary' }));
  expect(saved).toEqual([{ ...query, as: 'summary' }]);
  expect(screen.queryByRole('combobox', { name: 'Signals' })).not.toBeInTheDocument();
});

test.each([
  ['an older shape', { refId: 'A', queryType: 'application', applications: 'orders', signals: 'busy', schema: 0 }],
  ['a kind that only a newer version knows', { refId: 'A', queryType: 'events', applications: ['orders'] }],
  [
    'wrong values',
    { refId: 'A', queryType: 'operator', applications: [7], level: 'x', top: 5, legend: 7, tasks: [{}] },
  ],
  ['a wrong metric query', { refId: 'A', queryType: 'metric', metric: ['x'], dimensions: ['Task'], region: {} }],
])('%s is shown without being changed', async (_, saved) => {
  const shown = await showEditor(asQuery(saved));
  expect(field('Query')).toBeInTheDocument();
  expect(shown.saved).toEqual([]);
});
