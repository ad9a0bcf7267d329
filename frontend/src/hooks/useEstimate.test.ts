import { act, renderHook } from '@testing-library/react';
import type { FlinkQuery } from '../types';
import { SETTLED_MS, useEstimate } from './useEstimate';

const ARGS = { from: 0, to: 3_600_000, intervalMs: 60_000, maxDataPoints: 1000, refreshSeconds: 60 };
const ESTIMATE = { series: 2, billedMetrics: 1, dollarsPerRefresh: 0.00001, dollarsPerDay: 0.0144, isComplete: true };

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

test('edits that follow each other are one question, about the last of them', async () => {
  const postResource = jest.fn(() => Promise.resolve(ESTIMATE));
  const source = { getResource: jest.fn(), postResource };
  const query = (application: string): FlinkQuery => ({
    ...{ refId: 'A', queryType: 'application', applications: [application] },
  });
  const { result, rerender } = renderHook(({ asked }) => useEstimate(source, asked, ARGS), {
    initialProps: { asked: query('orders') },
  });
  await pass(SETTLED_MS - 1);
  rerender({ asked: query('payments') });
  await pass(SETTLED_MS - 1);
  expect(postResource).not.toHaveBeenCalled();
  await pass(1);
  expect(postResource).toHaveBeenCalledTimes(1);
  const body = { query: query('payments'), ...ARGS };
  expect(postResource).toHaveBeenCalledWith('estimate', body, { showErrorAlert: false });
  expect(result.current?.estimate).toEqual(ESTIMATE);
  rerender({ asked: query('billing') });
  expect(result.current).toBeUndefined();
});
