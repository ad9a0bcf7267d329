// What one notices of drop-downs in one version of Grafana and not in another.
import type { APIRequestContext, Locator, Page } from '@playwright/test';
import { SPINNER, address, editor, expect, savedText, settled, test } from './page';

const OPERATOR = {
  refId: 'A',
  queryType: 'operator',
  applications: ['orders'],
  level: 'operator',
  signals: ['recordsIn', 'recordsOut'],
  top: { count: 3 },
};
const METRIC = { refId: 'A', queryType: 'metric', applications: ['orders'], metric: 'cpuUtilization' };

const PLACES: Record<string, string> = {
  'a new panel': address('panel'),
  'the editor of operators': address('panel', { query: JSON.stringify(OPERATOR) }),
  'the editor of metrics': address('panel', { query: JSON.stringify(METRIC) }),
  Explore: address('explore'),
  'a variable': address('variable'),
  'the settings': address('config'),
};

/** What the icon "spinner" is drawn with, as Grafana serves it; the folder is another one before 12. */
async function spinnerPaths(request: APIRequestContext): Promise<string[]> {
  const folders = ['public/build/img/icons', 'public/img/icons'];
  const answers = await Promise.all(folders.map((folder) => request.get(`${folder}/unicons/spinner.svg`)));
  const texts = await Promise.all(answers.filter((answer) => answer.ok()).map((answer) => answer.text()));
  return texts.flatMap((text) => [...text.matchAll(/ d="([^"]+)"/g)].map(([, path = '']) => path));
}

/** What turns, or is drawn as what turns, with the field that it stands in. */
function spinning(page: Page, spinner: string[]): Promise<string[]> {
  return page.evaluate((paths) => {
    const drawn = [...document.querySelectorAll('svg path')].filter((path) =>
      paths.includes(path.getAttribute('d') ?? '')
    );
    const turning = document
      .getAnimations()
      .filter(({ playState, effect }) => playState === 'running' && effect?.getComputedTiming().iterations === Infinity)
      .flatMap(({ effect }) => (effect instanceof KeyframeEffect && effect.target ? [effect.target] : []));
    const fieldOf = (element: Element) => {
      for (let around: Element | null = element; around; around = around.parentElement) {
        const input = around.querySelector('input');
        if (input) {
          return input.labels?.[0]?.textContent ?? input.getAttribute('aria-label') ?? input.id;
        }
      }
      return element.outerHTML;
    };
    return [...new Set([...drawn, ...turning].map(fieldOf))];
  }, spinner);
}

for (const [name, place] of Object.entries(PLACES)) {
  test(`no icon spins when all is quiet: ${name}`, async ({ page, request }) => {
    const paths = await spinnerPaths(request);
    expect(paths).not.toEqual([]);
    // The icon arrives last: what it stood for has been answered by then.
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const served: Array<Promise<void>> = [];
    await page.route(`**${SPINNER}`, async (route) => {
      const serve = released.then(() => route.continue());
      served.push(serve);
      await serve;
    });
    await page.goto(place);
    await settled(page);
    release();
    await Promise.all(served);
    await settled(page);
    expect(await spinning(page, paths)).toEqual([]);
  });
}

/** The drop-downs of the query editor that one can type into, by their labels. */
async function boxes(page: Page): Promise<Locator[]> {
  const all = await editor(page).getByRole('combobox').all();
  const editable = await Promise.all(all.map((box) => box.isEditable()));
  return all.filter((_, index) => editable[index]);
}

/** Long enough that one of its letters would be lost. */
const WORD = 'payments lag';

for (const [kind, query] of Object.entries({ operators: OPERATOR, metrics: METRIC })) {
  test(`letters that are typed fast arrive: editor of ${kind}`, async ({ page, request }) => {
    await page.goto(address('panel', { query: JSON.stringify(query) }));
    await settled(page);
    const found = await boxes(page);
    expect(found.length).toBeGreaterThan(3);
    for (const box of found) {
      await box.click();
      await box.fill('');
      await page.keyboard.type(WORD);
      await expect(box).toHaveValue(WORD);
      await box.fill('');
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { level: 1 }).click();
    }
    // Lists that were opened and left are no longer on their way.
    await settled(page);
    expect(await spinning(page, await spinnerPaths(request))).toEqual([]);
  });
}

test('another kind of query is chosen with two clicks, and the page answers', async ({ page }) => {
  await page.goto(address('panel'));
  await settled(page);
  await editor(page).getByRole('combobox', { name: 'Query' }).click();
  // A pointer that jumps: Grafana's Combobox of 11.6 and 12.4 stopped the page here.
  await page.getByRole('option', { name: /^Metric/ }).click({ timeout: 15_000 });
  await expect(editor(page).getByRole('combobox', { name: 'Metric' })).toBeVisible();
});

test('Down and Enter take the listed value, not the typed one', async ({ page }) => {
  await page.goto(address('panel', { query: JSON.stringify({ ...OPERATOR, applications: [] }) }));
  await settled(page);
  await editor(page).getByRole('combobox', { name: 'Applications' }).click();
  // A list that is filled while one types begins anew.
  await settled(page);
  await page.keyboard.type('paym');
  await expect(page.getByRole('option', { name: /^payments/ })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect
    .poll(async () => JSON.parse(await savedText(page)) as object)
    .toMatchObject({ applications: ['payments'] });
});

/** What is typed, and the signal that is meant. */
const SEARCHES = {
  'consumer lag r': 'Consumer lag records',
  consumerLagT: 'Consumer lag',
  pendingRecords: 'Consumer lag records',
  millisBehindLate: 'millisBehindLatest',
};

test('a search finds by label, id, alias and name of a metric, and offers what was typed last', async ({ page }) => {
  await page.goto(address('panel'));
  const signals = editor(page).getByRole('combobox', { name: 'Signals' });
  await signals.click();
  const options = page.getByRole('option');
  await expect(options.first()).toBeVisible();
  for (const [typed, found] of Object.entries(SEARCHES)) {
    await signals.fill(typed);
    await expect(options.first()).toContainText(found);
    await expect(options.last()).toHaveText(`Use "${typed}"`);
  }
});

test('what is picked is asked for once, when the menu is closed, and again with Shift+Enter', async ({ page }) => {
  await page.goto(address('panel', { query: JSON.stringify({ ...OPERATOR, signals: ['recordsIn'] }) }));
  await settled(page);
  const asked: string[][] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api/ds/query')) {
      const { queries } = request.postDataJSON() as { queries: Array<{ signals: string[] }> };
      asked.push(...queries.map(({ signals }) => signals));
    }
  });
  const signals = editor(page).getByRole('combobox', { name: 'Signals' });
  await signals.click();
  // A list that is still being filled moves under the pointer.
  await settled(page);
  await page.getByRole('option', { name: /^Records out rate/ }).click();
  await page.getByRole('option', { name: /^Records in rate/ }).click();
  await settled(page);
  expect(asked).toEqual([]);
  await page.keyboard.press('Escape');
  const picked = ['recordsIn', 'recordsOutRate', 'recordsInRate'];
  await expect.poll(() => asked).toEqual([picked]);
  await settled(page);
  await signals.press('Shift+Enter');
  await expect.poll(() => asked).toEqual([picked, picked]);
});

test('every menu of an editor is in sight, with its longest entries', async ({ page }) => {
  for (const query of [OPERATOR, { ...METRIC, dimensions: { Task: '*' } }]) {
    await page.goto(address('panel', { query: JSON.stringify(query) }));
    await settled(page);
    for (const box of await boxes(page)) {
      await box.click();
      const options = page.getByRole('option');
      await expect(options.first()).toBeVisible();
      await settled(page);
      const edges = await options.evaluateAll((all) => all.map((option) => option.getBoundingClientRect().right));
      expect(Math.max(...edges), await box.getAttribute('id').then(String)).toBeLessThanOrEqual(1500);
      await page.keyboard.press('Escape');
      await page.getByRole('heading', { level: 1 }).click();
    }
  }
});

test('the list of kinds shows all of them without scrolling', async ({ page }) => {
  await page.goto(address('panel'));
  await settled(page);
  await editor(page).getByRole('combobox', { name: 'Query' }).click();
  const kinds = page.getByRole('option').or(page.getByTestId('data-testid Select option'));
  await expect(kinds.first()).toBeVisible();
  expect(await kinds.count()).toBe(6);
  for (const kind of await kinds.all()) {
    await expect(kind).toBeInViewport({ ratio: 1 });
  }
  await expect(page.getByText('Application facts')).toBeInViewport();
  const { entry, room } = await kinds.first().evaluate((option) => {
    let menu: Element | null = option;
    while (menu && getComputedStyle(menu).maxHeight === 'none') {
      menu = menu.parentElement;
    }
    return { entry: option.clientHeight, room: menu ? Number.parseFloat(getComputedStyle(menu).maxHeight) : 0 };
  });
  // Ten kinds under three headings, which are no higher.
  expect(13 * entry).toBeLessThan(room);
});
