import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { NEWEST, OLDER, address, cells, checkAccessibility, expect, grid, picture, settled, test } from './page';
import { checkPanels, openRow, panel, unfold } from './panels';
import type { Empty, Panel } from './panels';
import { checkWidths, cutLegends, cutTitles } from './widths';
import type { WantedCells } from './widths';

const DASHBOARDS = path.join(import.meta.dirname, '../../../frontend/dashboards/json');

/** What the dashboard is opened with, which panels are empty, with what they say then, and what its table must show without scrolling. */
interface Case {
  dashboard: string;
  choices: Record<string, string>;
  empty: Empty;
  wanted?: WantedCells;
}

const NO_SUBTASK = 'From the metrics level PARALLELISM on';

const CASES: Record<string, Case> = {
  // Back pressure, CPU and heap; behind the heap nothing is wanted.
  fleet: {
    dashboard: 'fleet',
    choices: {},
    empty: {},
    wanted: { application: 'orders', text: /^[\d.]+%$/, count: 3 },
  },
  application: {
    dashboard: 'application',
    // Flink 1.20 with Kinesis: what it cannot have stands in closed rows, and says so there.
    choices: { 'var-application': 'orders' },
    empty: {
      'Kafka lag by task': 'Only tasks that read from Kafka have it',
      'Kafka bytes read': 'Only Kafka sources publish it',
      'Kafka commits by period': 'Only Kafka sources publish it',
      'JobManager memory': 'From Flink 2.2 on',
      'TaskManager metaspace': 'From Flink 2.2 on',
      'File descriptors': 'From Flink 2.2 on',
    },
  },
  'application-kafka': { dashboard: 'application', choices: { 'var-application': 'sessions' }, empty: {} },
  // The only one that publishes metrics of subtasks.
  operators: { dashboard: 'operators', choices: { 'var-application': 'recommendations' }, empty: {} },
  // Five tasks with long names, at the metrics level OPERATOR.
  'operators-long': {
    dashboard: 'operators',
    choices: { 'var-application': 'orders' },
    empty: {
      'Busiest subtasks': NO_SUBTASK,
      'Subtasks with most records in': NO_SUBTASK,
    },
  },
  // Only Flink 2.2 says how many checkpoints were completed.
  checkpoints: { dashboard: 'checkpoints', choices: { 'var-application': 'sessions' }, empty: {} },
  // What an hour and a million records cost, CPU, memory, and the share of idle time.
  cost: {
    dashboard: 'cost',
    choices: {},
    empty: {},
    wanted: { application: 'orders', text: /^(\$[\d.]+|[\d.]+%)$/, count: 5 },
  },
};

function panelsOf(name: string): Panel[] {
  const text = readFileSync(path.join(DASHBOARDS, `${name}.json`), 'utf8');
  return (JSON.parse(text) as { panels: Panel[] }).panels;
}

/** Which versions of Grafana's packages draw a dashboard: all of them only the one that has most kinds of panels. */
const IN_ALL = 'fleet';

for (const [name, { dashboard, choices, empty, wanted }] of Object.entries(CASES)) {
  test(
    `every panel of the ${name} dashboard is drawn, and nothing is cut`,
    name === IN_ALL ? {} : NEWEST,
    async ({ page }, info) => {
      await page.goto(address(`d/flinkwatch-${dashboard}`, { theme: 'dark', ...choices }));
      await unfold(page);
      const panels = panelsOf(dashboard);
      await checkPanels(page, panels, empty);
      await checkWidths(page, wanted);
      if (dashboard === 'application') {
        // Both are well: nothing that they rightly lack is worth a sign beside a title.
        await expect(page.getByTestId('notice')).toHaveCount(0);
      }
      for (const { title, panels: inside = [] } of panels.filter(({ collapsed }) => collapsed)) {
        await openRow(page, title, inside[0]?.title);
        await unfold(page);
        await checkPanels(page, inside, empty);
      }
      if (info.project.name === 'grafana-13') {
        await checkAccessibility(page, 'main');
      }
      await picture(page, info, `dashboard-${name}-dark`);
    }
  );
}

for (const [name, { dashboard, choices }] of Object.entries(CASES).filter(([name]) => name !== IN_ALL)) {
  test(`nothing is cut on the ${name} dashboard at the widths of usual screens`, OLDER, async ({ page }) => {
    await page.goto(address(`d/flinkwatch-${dashboard}`, choices));
    await unfold(page);
    await checkWidths(page);
  });
}

for (const [name, { dashboard, choices }] of Object.entries(CASES)) {
  test(`titles and legends of the ${name} dashboard fit on a phone`, NEWEST, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(address(`d/flinkwatch-${dashboard}`, choices));
    await unfold(page);
    expect(await cutTitles(page)).toEqual([]);
    expect(await cutLegends(page)).toEqual([]);
  });
}

test('a dashboard is drawn in the light theme', NEWEST, async ({ page }, info) => {
  await page.goto(address('d/flinkwatch-application', { theme: 'light', 'var-application': 'orders' }));
  await unfold(page);
  await checkPanels(page, panelsOf('application'), {});
  await picture(page, info, 'dashboard-application-light');
});

test('the cells of the fleet carry units, and their health its colour', NEWEST, async ({ page }) => {
  await page.goto(address('d/flinkwatch-fleet', { theme: 'dark' }));
  await unfold(page);
  await openRow(page, 'All columns', 'Applications with all columns');
  await unfold(page);
  const rows = grid(panel(page, 'Applications with all columns')).getByRole('row');
  const cellsOf = (application: string) => cells(rows.filter({ hasText: application }));
  await expect(cellsOf('orders').filter({ hasText: /^[\d.]+ ?K? rec\/s$/ })).toHaveCount(2);
  await expect(cellsOf('orders').filter({ hasText: /^[\d.]+ ms$/ })).not.toHaveCount(0);
  const colorsOf = (text: string) =>
    cells(rows)
      .filter({ hasText: new RegExp(`^${text}$`) })
      .evaluateAll((found) => found.map((cell) => getComputedStyle(cell).color));
  // At some hours none of the shop's applications is degraded.
  const colors = await Promise.all(['healthy', 'failing', 'degraded'].map(colorsOf));
  const shown = colors.flatMap((found) => found.slice(0, 1));
  expect(shown.length).toBeGreaterThanOrEqual(2);
  expect(new Set(shown).size).toBe(shown.length);
  // The reason is read without a click.
  const reason = cellsOf('clickstream').filter({ hasText: /^(stalled|ran for|\d+ restarts)/ });
  expect(await reason.evaluate((cell) => cell.scrollWidth <= cell.clientWidth)).toBe(true);
});

interface Answer {
  results: Record<
    string,
    {
      frames?: Array<{
        schema: { name?: string; meta?: { custom?: object }; fields: Array<{ name: string }> };
        data: { values: unknown[][] };
      }>;
    }
  >;
}

/** The columns of a fleet table that need no metric. */
const WITHOUT_METRICS = /^(application|status|runtime|version|console.*)$/;

/** As the backend answers while CloudWatch is listing the metrics of a large fleet. */
function forgetMetrics({ results }: Answer): void {
  const frames = Object.values(results).flatMap((result) => result.frames ?? []);
  for (const { schema, data } of frames.filter(({ schema: { name } }) => name === 'applications')) {
    schema.meta = { ...schema.meta, custom: { ...schema.meta?.custom, awaitedApplications: data.values[0]?.length } };
    data.values = data.values.map((values, index) => {
      const name = schema.fields[index]?.name ?? '';
      const unknown = name === 'health' ? 'unknown' : null;
      return WITHOUT_METRICS.test(name) ? values : values.map(() => unknown);
    });
  }
}

test('no tile says 0 before the table that it reads is there, and the table is asked for until it is whole', async ({
  page,
}) => {
  let [isAnswered, isListed] = [false, false];
  await page.route('**/api/ds/query*', async (route) => {
    await expect.poll(() => isAnswered).toBe(true);
    const response = await route.fetch();
    const answer = (await response.json()) as Answer;
    if (!isListed) {
      forgetMetrics(answer);
    }
    await route.fulfill({ response, json: answer });
  });
  await page.goto(address('d/flinkwatch-fleet', { theme: 'dark' }));
  const tile = (title: string) => panel(page, title).getByText(/^\d+$/);
  await expect(panel(page, 'Failing')).toBeVisible();
  await expect(tile('Failing')).toHaveCount(0);
  isAnswered = true;
  await expect(tile('Unknown')).toHaveText(/^[1-9]\d*$/);
  await expect(panel(page, 'Restarts').getByText('–', { exact: true })).toBeVisible();
  await expect(tile('Restarts')).toHaveCount(0);
  isListed = true;
  await expect(tile('Restarts')).toHaveText(/^[1-9]\d*$/);
  await expect(tile('Healthy')).toHaveText(/^[1-9]\d*$/);
});

test('while AWS cannot be reached, no tile of the fleet has a number', NEWEST, async ({ page, watched }) => {
  watched.allowRefusals();
  await page.route('**/api/ds/query**', async (route) => {
    const { queries } = route.request().postDataJSON() as { queries: Array<{ refId: string }> };
    const failed = { error: 'CloudWatch cannot be reached.', status: 502 };
    const results = Object.fromEntries(queries.map(({ refId }) => [refId, failed]));
    await route.fulfill({ status: 400, json: { results } });
  });
  await page.goto(address('d/flinkwatch-fleet'));
  await unfold(page);
  for (const title of ['Failing', 'Degraded', 'Unknown', 'Stopped, changing', 'Healthy']) {
    await expect(panel(page, title).getByText('No answer'), title).toBeVisible();
  }
  await expect(panel(page, 'Applications').getByText('CloudWatch cannot be reached.')).toBeVisible();
});

interface Asked {
  queries: Array<{ applications: string[] }>;
}

/** Gathers the applications that are asked for from now on. */
function watchApplications(page: Page): Set<string> {
  const asked = new Set<string>();
  page.on('request', (request) => {
    if (request.url().includes('/api/ds/query')) {
      const { queries } = request.postDataJSON() as Asked;
      for (const name of queries.flatMap((query) => query.applications)) {
        asked.add(name);
      }
    }
  });
  return asked;
}

test('another application is asked for, and the next dashboard is about it too', NEWEST, async ({ page }) => {
  await page.goto(address('d/flinkwatch-application', { 'var-application': 'orders', from: 'now-1h' }));
  await settled(page);
  const asked = watchApplications(page);
  const variable = page.getByRole('combobox', { name: 'Application', exact: true });
  // By keyboard: Grafana's list may move under the pointer while it opens.
  await variable.click();
  await variable.fill('payments');
  await expect(page.getByRole('option').first()).toHaveText('payments');
  await variable.press('Enter');
  await expect.poll(() => new URL(page.url()).searchParams.get('var-application')).toBe('payments');
  await expect.poll(() => [...asked]).toEqual(['payments']);
  await settled(page);

  await page.getByRole('navigation', { name: 'Links' }).getByRole('link', { name: 'Flinkwatch: Checkpoints' }).click();
  await expect(page.getByRole('heading', { name: 'Flinkwatch: Checkpoints', level: 1 })).toBeVisible();
  await settled(page);
  expect([...asked]).toEqual(['payments']);
  const { searchParams } = new URL(page.url());
  expect([searchParams.get('var-application'), searchParams.get('from')]).toEqual(['payments', 'now-1h']);
});

test('an application of the fleet leads to its dashboard', NEWEST, async ({ page }) => {
  await page.goto(address('d/flinkwatch-fleet', { theme: 'light', from: 'now-2h' }));
  await settled(page);
  await page.getByRole('gridcell', { name: 'payments' }).getByText('payments').click();
  await page
    .getByRole('link', { name: 'Show this application' })
    .or(page.getByRole('menuitem', { name: 'Show this application' }))
    .click();
  await expect(page.getByRole('heading', { name: 'Flinkwatch: Application', level: 1 })).toBeVisible();
  const { pathname, searchParams } = new URL(page.url());
  expect(pathname).toContain('/d/flinkwatch-application');
  const handedOn = ['var-application', 'var-region', 'from'].map((name) => searchParams.get(name));
  expect(handedOn).toEqual(['payments', 'eu-west-1', 'now-2h']);
  await settled(page);
});

test('a variable with several values drives a repeated panel', NEWEST, async ({ page }, info) => {
  await page.goto(address('d/each-application'));
  await settled(page);
  const panels = page.getByRole('heading', { name: /^Source rate of / });
  await expect.poll(() => panels.count()).toBeGreaterThan(2);

  const variable = page.getByRole('combobox', { name: 'Application' });
  const asked = watchApplications(page);
  await variable.click();
  for (const name of ['orders', 'payments']) {
    // What was typed before stays. By keyboard: Grafana's list may move under the pointer.
    await variable.fill(name);
    await expect(page.getByRole('option').first()).toHaveText(name);
    await variable.press('Enter');
  }
  // Grafana takes the choice over when the list is left.
  await variable.blur();
  await expect(panels).toHaveCount(2);
  await expect.poll(() => asked).toEqual(new Set(['orders', 'payments']));
  await settled(page);
  await picture(page, info, 'dashboard-each-application');
});
