import { expect, picture, settled, test, address } from './page';

interface Asked {
  queries: Array<{ applications: string[] }>;
}

test('panels draw what the plugin answers', async ({ page }, info) => {
  for (const [id, title] of [
    ['fleet', 'Applications'],
    ['application', 'Source and sink rate'],
  ] as const) {
    for (const theme of ['dark', 'light']) {
      await page.goto(address(`d/${id}`, { theme }));
      await expect(page.getByRole('heading', { name: title })).toBeVisible();
      await settled(page);
      await expect.poll(() => page.locator('canvas').count()).toBeGreaterThan(2);
      await expect(page.getByText('No data')).toHaveCount(0);
      await picture(page, info, `dashboard-${id}-${theme}`);
    }
  }
});

test('a variable with several values drives a repeated panel', async ({ page }, info) => {
  await page.goto(address('d/each-application'));
  await settled(page);
  const panels = page.getByRole('heading', { name: /^Source rate of / });
  await expect.poll(() => panels.count()).toBeGreaterThan(2);

  const variable = page.getByRole('combobox', { name: 'Application' });
  const asked: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/ds/query')) {
      const { queries } = request.postDataJSON() as Asked;
      asked.push(...queries.flatMap((query) => query.applications));
    }
  });
  await variable.click();
  for (const name of ['orders', 'payments']) {
    // What was typed before stays.
    await variable.fill(name);
    await page.getByRole('option', { name }).click();
  }
  // Grafana takes the choice over when the list is left.
  await variable.blur();
  await expect(panels).toHaveCount(2);
  await expect.poll(() => new Set(asked)).toEqual(new Set(['orders', 'payments']));
  await settled(page);
  await picture(page, info, 'dashboard-each-application');
});
