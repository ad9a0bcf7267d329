import type { APIRequestContext, Page } from '@playwright/test';
import { NEWEST, address, cells, editor, expect, grid, picture, savedText, settled, test } from './page';

interface Answer {
  results: Record<string, { frames: Array<{ data: { values: [number[], Array<number | null>] } }> }>;
}

/** The newest value of each signal of "orders" as the table of the panel shows it. */
async function shownValues(page: Page): Promise<Map<string, number>> {
  const shown = new Map<string, number>();
  for (const row of await grid(page).getByRole('row').all()) {
    const [time = '', value = ''] = await cells(row).allInnerTexts();
    const found = /^([\d.]+) ?(K?) rec\/s$/.exec(value.trim());
    if (found !== null) {
      shown.set(time.trim(), Number(found[1]) * (found[2] === 'K' ? 1000 : 1));
    }
  }
  return shown;
}

/** Asks the API for the source rate of "orders", as anybody could without the editor. */
async function answeredValues(request: APIRequestContext): Promise<Map<string, number>> {
  const response = await request.post('/api/ds/query', {
    data: {
      from: 'now-1h',
      to: 'now',
      queries: [
        {
          refId: 'A',
          datasource: { uid: 'flinkwatch' },
          queryType: 'application',
          applications: ['orders'],
          signals: ['sourceRate'],
          period: 60,
          maxDataPoints: 1000,
          intervalMs: 1000,
        },
      ],
    },
  });
  const { results } = (await response.json()) as Answer;
  const [times, values] = results.A?.frames[0]?.data.values ?? [[], []];
  const text = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ');
  return new Map(times.map((time, index) => [text(time), values[index] ?? NaN]));
}

/** What is drawn is what the API answers, where both have settled. */
async function checkValues(page: Page, request: APIRequestContext): Promise<void> {
  await page.getByRole('radio', { name: 'Table', exact: true }).first().click({ force: true });
  await settled(page);
  // A table draws its rows after itself.
  await expect(async () => {
    const shown = await shownValues(page);
    const answered = await answeredValues(request);
    const common = [...shown].filter(([time]) => answered.has(time)).slice(0, 5);
    expect(common.length).toBeGreaterThan(3);
    for (const [time, value] of common) {
      const exact = answered.get(time) ?? NaN;
      // The table rounds to three digits.
      expect(Math.abs(value - exact) / exact, time).toBeLessThan(0.01);
    }
  }).toPass({ timeout: 15_000 });
}

test('a new panel asks nothing, and shows source and sink rate of all that run with one click', async ({
  page,
}, info) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(address('panel'));
  await expect(editor(page).getByRole('combobox', { name: 'Signals' })).toBeVisible();
  await settled(page);
  expect(asked.filter((url) => url.includes('api/ds/query'))).toEqual([]);
  await editor(page).getByRole('button', { name: 'All running' }).click();
  await settled(page);
  await expect(page.getByRole('button', { name: /orders · Source rate$/ }).last()).toBeVisible();
  await expect(page.getByRole('button', { name: /orders · Sink rate$/ }).last()).toBeVisible();
  expect(Object.keys(JSON.parse(await savedText(page)) as object)).not.toContain('signals');
  await picture(page, info, 'panel-new');
});

test('a panel is built with three clicks', async ({ page, request }, info) => {
  await page.goto(address('panel'));
  const applications = editor(page).getByRole('combobox', { name: 'Applications' });
  await applications.click();
  // A list that is still being filled moves under the pointer.
  await settled(page);
  const orders = page.getByRole('option', { name: /^orders/ });
  // The list is longer than its box.
  await page.getByRole('option').nth(2).hover();
  await expect(async () => {
    await page.mouse.wheel(0, 150);
    await expect(orders).toBeVisible({ timeout: 200 });
  }).toPass();
  await orders.click();
  // An open list lies over the whole page and takes the click that closes it.
  await page.mouse.click(5, 5);
  await settled(page);
  await expect
    .poll(async () => JSON.parse(await savedText(page)) as object)
    .toMatchObject({ queryType: 'application', applications: ['orders'] });
  await picture(page, info, 'panel-built');
  await checkValues(page, request);
});

test('a panel is built by keyboard alone', async ({ page, request }) => {
  await page.goto(address('panel'));
  const applications = editor(page).getByRole('combobox', { name: 'Applications' });
  await expect(applications).toBeVisible();
  await settled(page);
  const isThere = () => applications.evaluate((input) => input === document.activeElement);
  for (let step = 0; step < 120 && !(await isThere()); step++) {
    await page.keyboard.press('Tab');
  }
  expect(await isThere()).toBe(true);
  // A patient person: that no letter is lost to a fast one is a test of its own.
  for (const typed of ['o', 'or', 'ord', 'orde', 'order', 'orders']) {
    await page.keyboard.press(typed.slice(-1));
    await expect(applications).toHaveValue(typed);
  }
  await expect(page.getByRole('option', { name: /^orders/ }).first()).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await settled(page);
  await expect
    .poll(async () => JSON.parse(await savedText(page)) as object)
    .toMatchObject({ queryType: 'application', applications: ['orders'] });
  await checkValues(page, request);
});

test('what an answer says of itself stands in the corner of its panel', NEWEST, async ({ page }) => {
  const query = { refId: 'A', queryType: 'metric', applications: ['orders'], metric: 'noSuchMetric' };
  await page.goto(address('panel', { query: JSON.stringify(query) }));
  const notice = page.getByRole('button', { name: /publishes no metric "noSuchMetric"/ });
  await notice.hover();
  await expect(page.getByRole('tooltip').filter({ hasText: 'publishes no metric "noSuchMetric"' })).toBeVisible();
});

test("the backend's error stands beside the field", NEWEST, async ({ page, watched }, info) => {
  watched.allowRefusals();
  const query = { refId: 'A', queryType: 'application', applications: ['orders'], period: 'often' };
  const answered = page.waitForResponse('**/api/ds/query**');
  await page.goto(address('panel', { query: JSON.stringify(query) }));
  expect((await answered).status()).toBe(400);
  const period = editor(page).getByRole('combobox', { name: 'Period' }).or(editor(page).getByLabel('Period'));
  await expect(period.first()).toBeVisible();
  await expect(editor(page).getByText(/often/).last()).toBeVisible();
  await picture(page, info, 'panel-error');
});
