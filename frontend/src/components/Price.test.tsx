import { dateTime } from '@grafana/data';
import type { TimeRange } from '@grafana/data';
import { screen, waitFor } from '@testing-library/react';
import { showEditor } from '../../test/editor';
import type { FlinkQuery } from '../types';

const QUERY: FlinkQuery = { refId: 'A', queryType: 'application', applications: ['*'] };

/** A new one, which names no application. */
const NEW: FlinkQuery = { refId: 'A', queryType: 'application' };

const ESTIMATE = {
  series: 120,
  billedMetrics: 60,
  calls: 1,
  dollarsPerRefresh: 0.0006,
  dollarsPerDay: 0.432,
  isComplete: true,
};

/** The price comes half a second after the last edit, and later on a busy machine. */
const PATIENT = { timeout: 30_000 };

const RANGE: TimeRange = { from: dateTime(0), to: dateTime(3_600_000), raw: { from: 'now-1h', to: 'now' } };

test('a price is asked when the options are opened, and not before', async () => {
  const { user, asked } = await showEditor(QUERY, { answers: { estimate: ESTIMATE }, data: { timeRange: RANGE } });
  expect(asked.map(({ path }) => path)).not.toContain('estimate');
  await user.click(screen.getByRole('button', { name: /Options/ }));
  expect(
    await screen.findByText(
      '120 series of CloudWatch, 60 billed metrics: $0.0006 for the first answer, $0.43 a day when refreshed every 60 s.',
      {},
      PATIENT
    )
  ).toBeInTheDocument();
  expect(asked.filter(({ path }) => path === 'estimate')).toEqual([
    {
      path: 'estimate',
      params: { query: QUERY, from: 0, to: 3_600_000, intervalMs: 60_000, maxDataPoints: 1000, refreshSeconds: 60 },
    },
  ]);
});

test('why there is no price is said', async () => {
  const answers = { estimate: new Error('ListMetrics was denied.') };
  const { user } = await showEditor(QUERY, { answers, data: { timeRange: RANGE } });
  await user.click(screen.getByRole('button', { name: /Options/ }));
  expect(await screen.findByText('ListMetrics was denied.', {}, PATIENT)).toBeInTheDocument();
});

test('where nothing could be read there is no price of 0', async () => {
  const none = { series: 0, billedMetrics: 0, calls: 0, dollarsPerRefresh: 0, dollarsPerDay: 0 };
  const answers = { estimate: { ...none, isComplete: false, reason: 'CloudWatch cannot be reached.' } };
  const { user } = await showEditor(QUERY, { answers, data: { timeRange: RANGE } });
  await user.click(screen.getByRole('button', { name: /Options/ }));
  expect(await screen.findByText('No price. CloudWatch cannot be reached.', {}, PATIENT)).toBeInTheDocument();
});

test('what is not billed has no price in digits', async () => {
  const free = { series: 0, billedMetrics: 0, calls: 11, dollarsPerRefresh: 0, dollarsPerDay: 0, isComplete: true };
  const query: FlinkQuery = { refId: 'A', queryType: 'tags', applications: ['*'] };
  const { user } = await showEditor(query, { answers: { estimate: free }, data: { timeRange: RANGE } });
  await user.click(screen.getByRole('button', { name: /Options/ }));
  expect(await screen.findByText('It asks CloudWatch for nothing that is billed.', {}, PATIENT)).toBeInTheDocument();
});

test('a reason that stands at its field, or in the row of Grafana, is not said again', async () => {
  const message = 'Field "period": found "often"; allowed: seconds.';
  const answers = { estimate: new Error(message) };
  const data = { timeRange: RANGE, errors: [{ refId: 'A', message }] };
  await showEditor({ ...QUERY, period: 'often' }, { answers, data });
  expect(await screen.findByText('No price: the query has an error.', {}, PATIENT)).toBeInTheDocument();
  expect(screen.getAllByText(message)).toHaveLength(1);
});

test('a price stays while that of a later range is asked', async () => {
  const { user, show, asked } = await showEditor(QUERY, {
    answers: { estimate: ESTIMATE },
    data: { timeRange: RANGE },
  });
  await user.click(screen.getByRole('button', { name: /Options/ }));
  await screen.findByText(/120 series/, {}, PATIENT);
  const estimates = () => asked.filter(({ path }) => path === 'estimate');
  // "now" is read twice, so a range of an hour may be a millisecond longer.
  show({ data: { timeRange: { ...RANGE, from: dateTime(-1) } } });
  expect(estimates()).toHaveLength(1);
  show({ data: { timeRange: { ...RANGE, from: dateTime(7_200_000), to: dateTime(10_800_000) } } });
  expect(screen.getByText(/120 series/)).toBeInTheDocument();
  await waitFor(() => {
    expect(estimates()).toHaveLength(2);
  }, PATIENT);
});

test('what is not asked has no price', async () => {
  const { user, asked } = await showEditor(NEW, { data: { timeRange: RANGE } });
  await user.click(screen.getByRole('button', { name: /Options/ }));
  expect(screen.getByText('Nothing is asked, and costs, before an application is chosen.')).toBeInTheDocument();
  expect(asked.map(({ path }) => path)).not.toContain('estimate');
});

test('where one application runs, the price and the rule are of that one', async () => {
  const answers = { estimate: ESTIMATE, applications: [{ value: 'orders', label: 'orders' }] };
  const { user, asked } = await showEditor(NEW, { answers, data: { timeRange: RANGE } });
  await user.click(screen.getByRole('button', { name: /Options/ }));
  await screen.findByText(/120 series/, {}, PATIENT);
  expect(asked.find(({ path }) => path === 'estimate')?.params).toMatchObject({ query: { applications: ['orders'] } });
  const writeText = watchClipboard();
  await user.click(screen.getByRole('button', { name: 'Copy as alert rule' }));
  expect(writeText).toHaveBeenLastCalledWith(expect.stringContaining('"applications":["orders"]'));
});

const NO_RULES: Record<string, [FlinkQuery, RegExp]> = {
  'names no application': [NEW, /^An alert rule needs applications/],
  'names no metric': [{ refId: 'A', queryType: 'metric', applications: ['orders'] }, /^An alert rule needs a metric/],
  'has a variable without a value': [
    { ...QUERY, applications: ['$empty'] },
    /^An alert rule needs values: The variable \$empty has no value\.$/,
  ],
  'has a variable that the dashboard lacks': [
    { ...QUERY, statistic: '$nobody' },
    /^An alert rule has no variables, and \$nobody has no value here/,
  ],
};

for (const [name, [query, reason]] of Object.entries(NO_RULES)) {
  test(`a query that could only fail is not copied as a rule: one that ${name}`, async () => {
    const { user } = await showEditor(query, { data: { timeRange: RANGE }, variables: { $empty: '' } });
    await user.click(screen.getByRole('button', { name: /Options/ }));
    const writeText = watchClipboard();
    const button = screen.getByRole('button', { name: /^Copy as alert rule/ });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    await user.click(button);
    expect(writeText).not.toHaveBeenCalled();
    await user.hover(button);
    expect(await screen.findByText(reason)).toBeInTheDocument();
  });
}

function watchClipboard() {
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  return jest.spyOn(navigator.clipboard, 'writeText');
}

test('a query is copied as JSON, and as a rule', async () => {
  const { user } = await showEditor(QUERY);
  await user.click(screen.getByRole('button', { name: /Options/ }));
  const writeText = watchClipboard();
  await user.click(screen.getByRole('button', { name: 'Copy as JSON' }));
  expect(writeText).toHaveBeenLastCalledWith(JSON.stringify(QUERY, null, 2));
  await user.click(screen.getByRole('button', { name: 'Copy as alert rule' }));
  expect(writeText).toHaveBeenLastCalledWith(expect.stringContaining('condition: C'));
  // Of a source rate, more is better.
  expect(writeText).toHaveBeenLastCalledWith(expect.stringContaining('"type":"lt"'));
});
