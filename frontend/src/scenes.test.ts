// What dashboards do with the plugin, on Grafana's own engine.
import type { BackendSrvRequest } from '@grafana/runtime';
import { AdHocFiltersVariable } from '@grafana/scenes';
import { openDashboard, SOURCE } from '../test/scenes';

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
  expect(queriesOf(requests)).toMatchObject([{ refId: 'Anno', applications: ['orders'] }]);
});
