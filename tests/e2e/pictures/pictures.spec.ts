// The pictures that plugin.json and the docs show, as a reader sees the plugin: without the frame of this page.
import { statSync } from 'node:fs';
import path from 'node:path';
import type { Page, TestInfo } from '@playwright/test';
import { address, editor, expect, settled, test } from '../specs/page';

const MOST_BYTES = 300 * 1024;
const FRAME = ['aside:has(> nav)', 'section[aria-label="Saved query"]'];
const WITHOUT_FRAME = `${FRAME.join(', ')} { display: none !important }`;

// From the start: panels would be drawn for the room that the frame leaves.
test.beforeEach(({ page }) =>
  page.addInitScript((content) => {
    document.addEventListener('DOMContentLoaded', () => {
      const style = document.createElement('style');
      style.textContent = content;
      document.head.append(style);
    });
  }, WITHOUT_FRAME)
);

async function draw(page: Page, info: TestInfo, name: string): Promise<void> {
  await settled(page);
  const file = path.join(String(info.config.metadata.pictures), `${name}.png`);
  await page.screenshot({ path: file });
  expect(statSync(file).size).toBeLessThan(MOST_BYTES);
}

const DASHBOARDS = {
  fleet: {},
  application: { 'var-application': 'payments' },
  operators: { 'var-application': 'payments' },
  checkpoints: { 'var-application': 'sessions' },
  cost: {},
};

for (const [name, choices] of Object.entries(DASHBOARDS)) {
  test(`the ${name} dashboard`, async ({ page }, info) => {
    await page.goto(address(`d/flinkwatch-${name}`, choices));
    await expect.poll(() => page.locator('canvas').count()).toBeGreaterThan(2);
    await draw(page, info, name);
  });
}

test('the query editor in a panel', async ({ page }, info) => {
  const query = {
    refId: 'A',
    queryType: 'operator',
    applications: ['payments'],
    level: 'task',
    signals: ['busy', 'backPressure'],
  };
  await page.goto(address('panel', { query: JSON.stringify(query) }));
  await settled(page);
  await editor(page)
    .getByRole('button', { name: /^Options/ })
    .click();
  await expect(page.getByText(/billed metrics/)).toBeVisible();
  await draw(page, info, 'editor');
});

test('the settings after "Save & test"', async ({ page }, info) => {
  await page.goto(address('config'));
  await page.getByRole('button', { name: 'Save & test' }).click();
  await expect(page.getByRole('status').or(page.getByRole('alert'))).toBeVisible();
  await page.setViewportSize({ width: 1600, height: await page.evaluate(() => document.documentElement.scrollHeight) });
  await draw(page, info, 'configuration');
});
