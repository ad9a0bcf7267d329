import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { address, editor, expect, savedText, test } from './page';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/queries');

test('opening a saved query of any age changes nothing', async ({ page, watched }) => {
  // Some fixtures name applications that the simulated fleet lacks.
  watched.allowRefusals();
  test.setTimeout(180_000);
  await page.goto(address('panel'));
  const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(40);
  for (const name of names) {
    const { query } = JSON.parse(readFileSync(path.join(FIXTURES, name), 'utf8')) as { query: object };
    const saved = { refId: 'A', ...query };
    await page.evaluate(
      (search) => {
        window.history.pushState({}, '', `?${search}`);
        window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));
      },
      new URLSearchParams({ query: JSON.stringify(saved) }).toString()
    );
    const text = JSON.stringify(saved, null, 2);
    await expect.poll(() => savedText(page), { message: name }).toBe(text);
    await expect(editor(page).getByRole('combobox').first(), name).toBeVisible();
    await page.waitForLoadState('networkidle');
    expect(await savedText(page), name).toBe(text);
  }
});
