import { dateTime, LoadingState } from '@grafana/data';
import type { DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { Subject } from 'rxjs';
import { METRIC } from './query/kinds/metric';
import { mergeAnswers, splitRequest } from './split_request';
import type { FlinkQuery } from './types';

const CPU: FlinkQuery = { refId: 'A', queryType: 'metric', metric: 'cpuUtilization' };
const RATES: FlinkQuery = { refId: 'B', queryType: 'application' };
const TASKS: FlinkQuery = { refId: 'C', queryType: 'operator' };
const HEAP: FlinkQuery = { refId: 'D', queryType: 'metric', metric: 'heapMemoryUtilization' };

function request(...targets: FlinkQuery[]): DataQueryRequest<FlinkQuery> {
  const range = { from: dateTime(0), to: dateTime(60_000), raw: { from: 'now-1m', to: 'now' } };
  const rest = { requestId: 'Q1', interval: '1m', intervalMs: 60_000, timezone: 'utc', app: 'dashboard', startTime: 0 };
  return { ...rest, range, scopedVars: {}, targets };
}

afterEach(() => {
  delete METRIC.request;
});

test('queries are sent in one request as long as no kind has options of its own', () => {
  const all = request(CPU, RATES, TASKS, HEAP);
  expect(splitRequest(all)).toEqual([all]);
  expect(splitRequest(request())).toEqual([]);
});

test('a kind with options of its own has one request, whose name cancels no other', () => {
  METRIC.request = { hideFromInspector: true };
  expect(splitRequest(request(CPU, RATES, TASKS, HEAP))).toEqual([
    request(RATES, TASKS),
    { ...request(CPU, HEAP), requestId: 'Q1-metric', hideFromInspector: true },
  ]);
  expect(splitRequest(request(CPU)).map(({ requestId }) => requestId)).toEqual(['Q1-metric']);
});

/** The answers that come out while these go in. */
function merged(...sources: Subject<DataQueryResponse>[]): DataQueryResponse[] {
  const out: DataQueryResponse[] = [];
  mergeAnswers(sources).subscribe((answer) => out.push(answer));
  return out;
}

const frame = (refId: string) => ({ refId, fields: [], length: 0 });

test('what comes first is shown first, and it is loading until all is there', () => {
  const [slow, fast] = [new Subject<DataQueryResponse>(), new Subject<DataQueryResponse>()];
  const out = merged(slow, fast);
  expect(out).toEqual([]);
  fast.next({ data: [frame('B')], state: LoadingState.Done });
  expect(out.at(-1)).toMatchObject({ data: [{ refId: 'B' }], state: LoadingState.Loading });
  slow.next({ data: [frame('A')], state: LoadingState.Done });
  expect(out.at(-1)).toMatchObject({ data: [{ refId: 'A' }, { refId: 'B' }], state: LoadingState.Done, errors: [] });
});

test('errors of one request stand beside the data of the other', () => {
  const [bad, good] = [new Subject<DataQueryResponse>(), new Subject<DataQueryResponse>()];
  const out = merged(bad, good);
  bad.next({ data: [], errors: [{ refId: 'A', message: 'denied' }], state: LoadingState.Error });
  good.next({ data: [frame('B')], state: LoadingState.Done });
  expect(out.at(-1)).toEqual({
    data: [frame('B')],
    errors: [{ refId: 'A', message: 'denied' }],
    state: LoadingState.Error,
  });
});

test('one request is answered as it is', () => {
  const only = new Subject<DataQueryResponse>();
  const out = merged(only);
  const answer = { data: [frame('A')], state: LoadingState.Streaming };
  only.next(answer);
  expect(out).toEqual([answer]);
});
