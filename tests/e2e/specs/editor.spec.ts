import type { Page } from '@playwright/test';
import { NEWEST, address, checkAccessibility, editor, expect, picture, settled, test } from './page';

const KINDS = {
  application: { queryType: 'application', applications: ['orders'], signals: ['sourceRate', 'consumerLagTime'] },
  operator: { queryType: 'operator', applications: ['orders'], level: 'task', signals: ['busy'] },
  checkpoint: { queryType: 'checkpoint', applications: ['orders'], as: 'summary' },
  metric: { queryType: 'metric', applications: ['orders'], metric: 'cpuUtilization', statistic: 'p95' },
};

async function openOptions(page: Page, theme: string, query: object): Promise<void> {
  await page.goto(address('panel', { theme, query: JSON.stringify({ refId: 'A', ...query }) }));
  await settled(page);
  await editor(page)
    .getByRole('button', { name: /^Options/ })
    .click();
  await expect(editor(page).getByLabel('Statistic')).toBeVisible();
}

/** The kind whose editor has fields of every sort. */
const IN_ALL = 'operator';

for (const [kind, query] of Object.entries(KINDS)) {
  test(`the editor of ${kind} queries is accessible`, kind === IN_ALL ? {} : NEWEST, async ({ page }, info) => {
    await openOptions(page, 'dark', query);
    await checkAccessibility(page, 'section[aria-label="Query editor"]');
    await picture(page, info, `editor-${kind}-dark`);
  });
}

test('the editor in the light theme', NEWEST, async ({ page }, info) => {
  await openOptions(page, 'light', KINDS.operator);
  await picture(page, info, 'editor-operator-light');
});

/** How many entries of a long list stand in the page: 200, and the one that says that there are more. */
const MOST_ENTRIES = 201;

test('of 300 tasks the page holds not all, and a search asks nobody', NEWEST, async ({ page }, info) => {
  const query = { refId: 'A', queryType: 'operator', applications: ['bench-000'], level: 'task', signals: ['busy'] };
  await page.goto(address('panel', { source: 'large', query: JSON.stringify({ ...query, top: { count: 5 } }) }));
  await settled(page);
  await editor(page).getByRole('combobox', { name: 'Tasks' }).click();
  const options = page.getByRole('option');
  await expect(options.nth(3)).toBeVisible();
  expect(await options.count()).toBeLessThanOrEqual(MOST_ENTRIES);
  await settled(page);
  await picture(page, info, 'tasks-300');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.keyboard.type('27');
  await expect(options.first()).toContainText('27');
  expect(await options.count()).toBeLessThanOrEqual(MOST_ENTRIES);
  expect(asked.filter((url) => url.includes('/resources/'))).toEqual([]);
});

test('a variable is edited, and its values shown', async ({ page }, info) => {
  await page.goto(address('variable'));
  await expect(page.getByRole('region', { name: 'Values' }).getByText('orders')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Variable editor' }).getByRole('combobox').first()).toBeVisible();
  await checkAccessibility(page, 'section[aria-label="Variable editor"]');
  await picture(page, info, 'variable');
});
