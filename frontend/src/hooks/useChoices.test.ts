import { act, renderHook, waitFor } from '@testing-library/react';
import type { Choice } from '../types';
import { useEffect } from 'react';
import { useChoices } from './useChoices';

const choice = (value: string): Choice => ({ value, label: value });

const ORDERS = { application: 'orders' };

/** A source that answers when it is told to. */
function slowSource() {
  const answers = new Map<string, (choices: Choice[]) => void>();
  const getResource = (_path: string, params: Record<string, string> = {}) =>
    new Promise<unknown>((resolve) => answers.set(params.application ?? '', resolve));
  return { getResource, answers };
}

/** The hook as a drop-down uses it that is opened at once, and after each change. */
function useOpened(source: Parameters<typeof useChoices>[0], args: Parameters<typeof useChoices>[2]) {
  const { onOpen, ...list } = useChoices(source, 'tasks', args);
  useEffect(() => {
    onOpen?.();
  }, [onOpen]);
  return list;
}

test('nothing is asked before the drop-down is opened', () => {
  const getResource = jest.fn(() => Promise.resolve([choice('window')]));
  const { result, rerender } = renderHook(({ application }) => useChoices({ getResource }, 'tasks', { application }), {
    initialProps: { application: 'orders' },
  });
  expect(result.current).toMatchObject({ choices: [], isLoading: false, isKnown: false });
  expect(getResource).not.toHaveBeenCalled();
  rerender({ application: 'payments' });
  expect(getResource).not.toHaveBeenCalled();
});

test('a list that failed is asked for again when it is opened again', async () => {
  const getResource = jest
    .fn()
    .mockRejectedValueOnce(new Error('Throttled.'))
    .mockResolvedValue([choice('window')]);
  const source = { getResource };
  const { result } = renderHook(() => useChoices(source, 'tasks', { application: 'orders' }));
  const open = () =>
    act(async () => {
      result.current.onOpen?.();
      await Promise.resolve();
    });
  await open();
  await waitFor(() => {
    expect(result.current.failure).toBe('Throttled.');
  });
  await open();
  await waitFor(() => {
    expect(result.current).toMatchObject({ choices: [choice('window')], isKnown: true, failure: undefined });
  });
});

test('an answer that comes after the arguments have changed counts for nothing', async () => {
  const source = slowSource();
  const { result, rerender } = renderHook(({ application }) => useOpened(source, { application }), {
    initialProps: { application: 'orders' },
  });
  expect(result.current).toEqual({ choices: [], isLoading: true, isKnown: false });
  rerender({ application: 'payments' });
  source.answers.get('payments')?.([choice('new')]);
  await waitFor(() => {
    expect(result.current).toEqual({ choices: [choice('new')], isLoading: false, isKnown: true });
  });
  source.answers.get('orders')?.([choice('old')]);
  await Promise.resolve();
  expect(result.current.choices).toEqual([choice('new')]);
});

test('the choices of other arguments are not shown while new ones come', async () => {
  const source = slowSource();
  const { result, rerender } = renderHook(({ application }) => useOpened(source, { application }), {
    initialProps: { application: 'orders' },
  });
  source.answers.get('orders')?.([choice('old')]);
  await waitFor(() => {
    expect(result.current.isLoading).toBe(false);
  });
  rerender({ application: 'payments' });
  expect(result.current).toEqual({ choices: [], isLoading: true, isKnown: false });
});

test('a failure is told in its own words', async () => {
  const source = { getResource: () => Promise.reject(new Error('ListMetrics was denied.')) };
  const { result } = renderHook(() => useOpened(source, ORDERS));
  await waitFor(() => {
    expect(result.current).toEqual({
      choices: [],
      isLoading: false,
      isKnown: false,
      failure: 'ListMetrics was denied.',
    });
  });
});

test('nothing is asked without arguments', () => {
  const getResource = jest.fn();
  const { result } = renderHook(() => useOpened({ getResource }, null));
  expect(result.current).toEqual({ choices: [], isLoading: false, isKnown: false });
  expect(getResource).not.toHaveBeenCalled();
});
