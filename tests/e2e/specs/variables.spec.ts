// Variables and filters of a dashboard on Grafana's own engine, in each of its versions.
import type { Page } from '@playwright/test';
import { address, expect, settled, test } from './page';

const FLINKWATCH = { type: 'flinkwatch-msf-datasource', uid: 'flinkwatch' };
const ALL = { multi: true, includeAll: true, current: { text: 'All', value: '$__all' } };

interface Asked {
  applications: string[];
  exclude?: Record<string, string[]>;
}

/** A variable that lists applications. */
function listed(query: object | '', more: object = {}): object {
  return { type: 'query', name: 'application', datasource: FLINKWATCH, query, refresh: 2, ...more };
}

/** Opens a dashboard of one graph, and says what that asked the backend for. */
async function open(page: Page, variable: object, applications = ['$application']): Promise<Asked[]> {
  const target = {
    refId: 'A',
    queryType: 'application',
    applications,
    signals: ['sourceRate'],
    as: 'series',
    schema: 1,
  };
  const panel = { type: 'timeseries', title: 'Graph', gridPos: { x: 0, y: 0, w: 24, h: 10 }, datasource: FLINKWATCH };
  const dashboard = {
    uid: 'given',
    title: 'Of the address',
    time: { from: 'now-1h', to: 'now' },
    templating: { list: [variable] },
    panels: [{ ...panel, targets: [{ ...target, datasource: FLINKWATCH }] }],
  };
  const asked: Asked[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/ds/query')) {
      asked.push(...(request.postDataJSON() as { queries: Asked[] }).queries);
    }
  });
  await page.goto(address('d/given', { dashboard: JSON.stringify(dashboard) }));
  await settled(page);
  return asked;
}

const NOTHING_LISTED = {
  'is new': listed(''),
  'lists nothing': listed({ refId: 'variable', resource: 'applications', match: 'nobody*' }),
  'lists nothing, of which all is chosen': listed(
    { refId: 'variable', resource: 'applications', match: 'nobody*' },
    ALL
  ),
};

for (const [name, variable] of Object.entries(NOTHING_LISTED)) {
  test(`a panel says that its variable has no value: one that ${name}`, async ({ page }) => {
    const asked = await open(page, variable);
    await expect(page.getByText('The variable $application has no value.').first()).toBeVisible();
    expect(asked).toEqual([]);
  });
}

test('All of a narrowed list is what the list holds', async ({ page }) => {
  const asked = await open(page, listed({ refId: 'variable', resource: 'applications', match: 'i*' }, ALL));
  await expect(page.getByRole('button', { name: /inventory-sync/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /iot-telemetry/ })).toBeVisible();
  // Grafana asks again where the panel's width changes while it is drawn.
  expect(asked).not.toEqual([]);
  for (const { applications } of asked) {
    expect(applications).toEqual(['inventory-sync', 'iot-telemetry']);
  }
});

test('a filter with "!=" leaves an application out', async ({ page }) => {
  const filters = [{ key: 'application', operator: '!=', value: 'orders' }];
  const asked = await open(page, { type: 'adhoc', name: 'Filters', datasource: FLINKWATCH, filters }, ['*']);
  await expect(page.getByRole('button', { name: /payments/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /orders/ })).toHaveCount(0);
  expect(asked).not.toEqual([]);
  for (const query of asked) {
    expect(query).toMatchObject({ applications: ['*'], exclude: { applications: ['orders'] } });
  }
});
