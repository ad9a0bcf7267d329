import { dateTime } from '@grafana/data';
import type { TimeRange } from '@grafana/data';
import { screen } from '@testing-library/react';
import { showEditor } from '../../test/editor';
import type { FlinkQuery } from '../types';

const QUERY: FlinkQuery = { refId: 'A', queryType: 'application', applications: ['*'] };

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

test('a query is copied as JSON, and as a rule', async () => {
  const { user } = await showEditor(QUERY);
  await user.click(screen.getByRole('button', { name: /Options/ }));
  const writeText = jest.spyOn(navigator.clipboard, 'writeText');
  Object.defineProperty(window, 'isSecureContext', { value: true, configurable: true });
  await user.click(screen.getByRole('button', { name: 'Copy as JSON' }));
  expect(writeText).toHaveBeenLastCalledWith(JSON.stringify(QUERY, null, 2));
  await user.click(screen.getByRole('button', { name: 'Copy as alert rule' }));
  expect(writeText).toHaveBeenLastCalledWith(expect.stringContaining('condition: C'));
  // Of a source rate, more is better.
  expect(writeText).toHaveBeenLastCalledWith(expect.stringContaining('"type":"lt"'));
});
