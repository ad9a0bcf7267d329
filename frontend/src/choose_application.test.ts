import { dateTime, LoadingState } from '@grafana/data';
import type { DataFrame, DataQueryRequest } from '@grafana/data';
import type { BackendSrvRequest } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import { instanceSettings, serveBackend, setVariables } from '../test/grafana';
import { FlinkwatchDataSource } from './datasource';
import type { FlinkQuery, FlinkwatchSettings } from './types';

const NEW: FlinkQuery = { refId: 'A', queryType: 'application' };
const NAMED: FlinkQuery = { refId: 'B', queryType: 'application', applications: ['orders'] };

/** The answer to queries, and which of them were sent, in a region where these run. */
async function ask(queries: FlinkQuery[], running: string[] | Error, more: Partial<DataQueryRequest<FlinkQuery>> = {}) {
  setVariables({});
  const settings: FlinkwatchSettings = {};
  const requests = serveBackend(({ url }) => {
    if (!url.includes('resources/applications')) {
      return { results: {} };
    }
    if (running instanceof Error) {
      throw running;
    }
    return running.map((value) => ({ value, label: value }));
  });
  const range = { from: dateTime(0), to: dateTime(60_000), raw: { from: 'now-1m', to: 'now' } };
  const rest = { requestId: 'Q1', interval: '1m', intervalMs: 60_000, timezone: 'utc', app: 'dashboard', startTime: 0 };
  const request = { ...rest, range, scopedVars: {}, targets: queries, filters: [], ...more };
  const answer = await lastValueFrom(new FlinkwatchDataSource(instanceSettings(settings)).query(request));
  return { answer, sent: requests.flatMap(queriesOf) };
}

function queriesOf({ data }: BackendSrvRequest): [string, string[]][] {
  const { queries = [] } = (data ?? {}) as { queries?: FlinkQuery[] };
  // What filters of the dashboard let through is `only`; the backend takes it where a query names none.
  return queries.map(({ refId, applications = [], only }) => [
    refId,
    [...applications, ...[only ?? []].flat().flatMap((lists) => lists.applications ?? [])],
  ]);
}

test.each([[[]], [['orders', 'payments']]])(
  'with %j running, a query without an application asks nothing',
  async (names) => {
    const { answer, sent } = await ask([NEW], names);
    expect(sent).toEqual([]);
    const [frame] = answer.data as DataFrame[];
    expect(frame).toMatchObject({ refId: 'A', length: 0, meta: { notices: [{ severity: 'info' }] } });
    expect(frame?.meta?.notices?.[0]?.text).toContain('No application is chosen yet');
  }
);

test('the only application that runs is meant', async () => {
  const { answer, sent } = await ask([NEW], ['orders']);
  expect([sent, answer.errors ?? []]).toEqual([[['A', ['orders']]], []]);
});

test('neighbours are asked, in their order', async () => {
  const third: FlinkQuery = { ...NEW, refId: 'C' };
  expect((await ask([NEW, NAMED, third], ['payments'])).sent).toEqual([
    ['A', ['payments']],
    ['B', ['orders']],
    ['C', ['payments']],
  ]);
  expect((await ask([NEW, NAMED], [])).sent).toEqual([['B', ['orders']]]);
});

test('why nothing is known of what runs is the error of that query', async () => {
  const { answer, sent } = await ask([NEW, NAMED], new Error('ListApplications was denied.'));
  expect(sent).toEqual([['B', ['orders']]]);
  expect(answer.errors).toEqual([{ refId: 'A', message: 'ListApplications was denied.' }]);
  expect(answer.state).toBe(LoadingState.Error);
});

test('a filter of the dashboard names the application', async () => {
  const filters = [{ key: 'application', operator: '=', value: 'payments' }];
  expect((await ask([NEW], ['orders', 'payments'], { filters })).sent).toEqual([['A', ['payments']]]);
});

test('the restarts of all that run stay the usual annotation', async () => {
  const scopedVars = { __annotation: { value: {}, text: 'Restarts' } };
  expect((await ask([NEW], ['orders', 'payments'], { scopedVars })).sent).toEqual([['A', ['*']]]);
});
