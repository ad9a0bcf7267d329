import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { NEWEST, address, editor, expect, savedText, settled, test } from './page';

const FIXTURES = path.join(import.meta.dirname, '../../fixtures/queries');

/** One of each kind and age; that all others stay as they are, the tests of the front end hold. */
const EVERY = 5;

test('opening a saved query of any age changes nothing', NEWEST, async ({ page, watched }) => {
  // Some fixtures name applications that the simulated fleet lacks.
  watched.allowRefusals();
  await page.goto(address('panel'));
  const names = readdirSync(FIXTURES).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(40);
  for (const name of names.filter((_, index) => index % EVERY === 0)) {
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
    await settled(page);
    expect(await savedText(page), name).toBe(text);
  }
});
