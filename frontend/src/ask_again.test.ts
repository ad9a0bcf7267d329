import { LoadingState } from '@grafana/data';
import type { DataQueryResponse } from '@grafana/data';
import { of } from 'rxjs';
import { askUntilKnown } from './ask_again';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

function answer(awaited: number | undefined): DataQueryResponse {
  const custom = awaited === undefined ? {} : { awaitedApplications: awaited };
  return { data: [{ refId: 'A', fields: [], length: 0, meta: { custom } }], state: LoadingState.Done };
}

/** What comes out where AWS gives these answers, the last one again and again. */
function asked(answers: DataQueryResponse[]): { out: DataQueryResponse[]; calls: () => number; stop: () => void } {
  const out: DataQueryResponse[] = [];
  let calls = 0;
  const subscription = askUntilKnown(() => {
    const next = answers[Math.min(calls, answers.length - 1)] as DataQueryResponse;
    calls += 1;
    return of(next);
  }).subscribe((one) => out.push(one));
  return { out, calls: () => calls, stop: subscription.unsubscribe.bind(subscription) };
}

const states = (out: DataQueryResponse[]) => out.map(({ state }) => state);

test('what is complete is asked once', () => {
  const { out, calls } = asked([answer(undefined)]);
  jest.runAllTimers();
  expect(out).toEqual([answer(undefined)]);
  expect(calls()).toBe(1);
});

test('what is not complete is shown and asked again until it is', () => {
  const { out, calls } = asked([answer(300), answer(20), answer(undefined)]);
  expect(states(out)).toEqual([LoadingState.Streaming]);
  jest.runAllTimers();
  expect(states(out)).toEqual([LoadingState.Streaming, LoadingState.Streaming, LoadingState.Done]);
  expect(calls()).toBe(3);
});

test('what is never complete ends with what there is', () => {
  const { out, calls } = asked([answer(300)]);
  jest.runAllTimers();
  expect(calls()).toBe(12);
  expect(out.at(-1)).toEqual(answer(300));
});

test('a panel that is left asks no more', () => {
  const { calls, stop } = asked([answer(300)]);
  stop();
  jest.runAllTimers();
  expect(calls()).toBe(1);
});
