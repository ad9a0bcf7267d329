import { renderHook, waitFor } from '@testing-library/react';
import type { Choice } from '../types';
import { useChoices } from './useChoices';

const choice = (value: string): Choice => ({ value, label: value });

/** A source that answers when it is told to. */
function slowSource() {
  const answers = new Map<string, (choices: Choice[]) => void>();
  const getResource = (_path: string, params: Record<string, string> = {}) =>
    new Promise<unknown>((resolve) => answers.set(params.application ?? '', resolve));
  return { getResource, answers };
}

test('an answer that comes after the arguments have changed counts for nothing', async () => {
  const source = slowSource();
  const { result, rerender } = renderHook(({ application }) => useChoices(source, 'tasks', { application }), {
    initialProps: { application: 'orders' },
  });
  expect(result.current).toEqual({ choices: [], isLoading: true });
  rerender({ application: 'payments' });
  source.answers.get('payments')?.([choice('new')]);
  await waitFor(() => {
    expect(result.current).toEqual({ choices: [choice('new')], isLoading: false });
  });
  source.answers.get('orders')?.([choice('old')]);
  await Promise.resolve();
  expect(result.current.choices).toEqual([choice('new')]);
});

test('the choices of other arguments are not shown while new ones come', async () => {
  const source = slowSource();
  const { result, rerender } = renderHook(({ application }) => useChoices(source, 'tasks', { application }), {
    initialProps: { application: 'orders' },
  });
  source.answers.get('orders')?.([choice('old')]);
  await waitFor(() => {
    expect(result.current.isLoading).toBe(false);
  });
  rerender({ application: 'payments' });
  expect(result.current).toEqual({ choices: [], isLoading: true });
});

test('a failure is told in its own words', async () => {
  const source = { getResource: () => Promise.reject(new Error('ListMetrics was denied.')) };
  const { result } = renderHook(() => useChoices(source, 'tasks', { application: 'orders' }));
  await waitFor(() => {
    expect(result.current).toEqual({ choices: [], isLoading: false, failure: 'ListMetrics was denied.' });
  });
});

test('nothing is asked without arguments', () => {
  const getResource = jest.fn();
  const { result } = renderHook(() => useChoices({ getResource }, 'tasks', null));
  expect(result.current).toEqual({ choices: [], isLoading: false });
  expect(getResource).not.toHaveBeenCalled();
});
