import type { Page } from '@playwright/test';
import { NEWEST, address, checkAccessibility, expect, picture, settled, test } from './page';

/** What stands for events on the graph. */
const MARK = 'annotation-mark';

/** A name as somebody hostile would choose it; Grafana takes titles of events as HTML. */
const HOSTILE = '<img src="/hostile.png"> <b>bold</b>';

const RESTARTS = { queryType: 'application', applications: ['clickstream'], signals: ['restarts'] };
const BACK_PRESSURE = { queryType: 'application', applications: ['payments'], signals: ['backPressure'] };

async function open(page: Page, target?: object): Promise<void> {
  await page.goto(address('annotation', target && { target: JSON.stringify(target) }));
  await settled(page);
  await expect(page.getByRole('region', { name: 'Events' }).getByRole('listitem').first()).toBeVisible();
}

test('an annotation query is offered, and restarts are events that do not hide the graph', async ({ page }, info) => {
  await open(page);
  await expect(page.getByText(/^Data sources with annotations: .*Flinkwatch/)).toBeVisible();
  const events = page.getByRole('region', { name: 'Events' }).getByRole('listitem');
  // It restarts every other minute.
  const loop = events.filter({ hasText: 'clickstream' });
  await expect(loop.first()).toContainText(/up to \d, \d+ times in/);
  expect(await loop.count()).toBeLessThan(5);
  await expect(page.getByTestId(MARK).and(page.getByTitle('clickstream')).first()).toBeVisible();
  await picture(page, info, 'annotations');
});

test('what lasts has a begin and an end', async ({ page }) => {
  await open(page, BACK_PRESSURE);
  const events = page.getByRole('region', { name: 'Events' }).getByRole('listitem');
  const time = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.source;
  await expect(events.filter({ hasText: new RegExp(`${time} to ${time}`) })).not.toHaveCount(0);
  const widths = await page.getByTestId(MARK).evaluateAll((marks) => marks.map((mark) => mark.clientWidth));
  expect(Math.max(...widths)).toBeGreaterThan(10);
});

test('a hostile name is text, not part of the page', NEWEST, async ({ page }) => {
  await open(page, { ...RESTARTS, legend: HOSTILE });
  const events = page.getByRole('region', { name: 'Events' });
  await expect(events.getByText(HOSTILE).first()).toBeVisible();
  await expect(events.locator('img, b')).toHaveCount(0);
});

test('the editor shows what is asked, and its edits are asked for', async ({ page }) => {
  await open(page);
  const editor = page.getByRole('region', { name: 'Annotation editor' });
  await expect(editor.getByText('Restarts')).toBeVisible();
  await expect(editor.getByText('all running')).toBeVisible();
  await checkAccessibility(page, 'section[aria-label="Annotation editor"]');
  const asked = page.waitForRequest('**/api/ds/query**');
  await editor.getByRole('combobox', { name: 'Applications' }).click();
  // A list that is still being filled moves under the pointer.
  await settled(page);
  await page.keyboard.type('recom');
  await page.getByRole('option', { name: /^recommendations/ }).click();
  await page.keyboard.press('Escape');
  const { queries } = (await asked).postDataJSON() as { queries: object[] };
  expect(queries).toMatchObject([{ applications: ['recommendations'], signals: ['restarts'] }]);
});
