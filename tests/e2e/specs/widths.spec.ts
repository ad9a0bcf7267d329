// What stands on a dashboard is in sight at the widths of usual screens, with Grafana's side menu open.
import type { Page } from '@playwright/test';
import { NEWEST, address, cells, expect, grid, settled, test } from './page';

const WIDTHS = [1500, 1920];

const DASHBOARDS = {
  fleet: {},
  application: { 'var-application': 'orders' },
  operators: { 'var-application': 'recommendations' },
  checkpoints: { 'var-application': 'sessions' },
  cost: {},
};

/** The titles of panels that have less room than they need. */
function cutTitles(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const titles = [...document.querySelectorAll<HTMLElement>('[data-testid^="data-testid Panel header"] h2')];
    return titles.filter((title) => title.scrollWidth > title.clientWidth).map(({ innerText }) => innerText);
  });
}

for (const [name, choices] of Object.entries(DASHBOARDS)) {
  test(`no title of the ${name} dashboard is cut`, NEWEST, async ({ page }) => {
    await page.goto(address(`d/flinkwatch-${name}`, choices));
    const titles = page.locator('[data-testid^="data-testid Panel header"] h2');
    await expect.poll(() => titles.count()).toBeGreaterThan(3);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 2600 });
      await settled(page);
      expect(await cutTitles(page), `${width} pixels`).toEqual([]);
    }
  });
}

/** The last column that must be in sight, and one application. */
const LAST_CELL = { application: 'orders', text: /^[\d.]+%$/, percents: 3 };

test('the fleet shows its columns without scrolling', NEWEST, async ({ page }) => {
  await page.goto(address('d/flinkwatch-fleet'));
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 2600 });
    await settled(page);
    const row = grid(page).getByRole('row').filter({ hasText: LAST_CELL.application });
    // Back pressure, CPU and heap; behind the heap nothing is wanted.
    const percents = cells(row).filter({ hasText: LAST_CELL.text });
    await expect(percents).toHaveCount(LAST_CELL.percents);
    const [cell, panel] = await Promise.all([percents.last().boundingBox(), grid(page).first().boundingBox()]);
    const rightOf = (box: typeof cell) => (box ? box.x + box.width : NaN);
    expect(rightOf(cell), `${width} pixels`).toBeLessThanOrEqual(rightOf(panel));
  }
});

/** The headings whose text reaches beyond its column, or beyond a box in it that cuts what is too long. */
function cutHeadings(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isCut = (heading: Element) => {
      const text = document.createRange();
      const walker = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        text.selectNodeContents(walker.currentNode);
        const needed = text.getBoundingClientRect();
        for (let box = walker.currentNode.parentElement; box && heading.contains(box); box = box.parentElement) {
          const given = box.getBoundingClientRect();
          const isClipped = box === heading || getComputedStyle(box).overflowX !== 'visible';
          if (isClipped && (needed.left < given.left - 1 || needed.right > given.right + 1)) {
            return true;
          }
        }
      }
      return false;
    };
    const headings = [...document.querySelectorAll('[role="columnheader"]')];
    return headings.filter(isCut).map(({ textContent }) => textContent);
  });
}

test('no heading of the fleet is cut', async ({ page }) => {
  await page.goto(address('d/flinkwatch-fleet'));
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 2600 });
    await settled(page);
    await expect(page.getByRole('columnheader', { name: 'Heap' })).toBeVisible();
    expect(await cutHeadings(page), `${width} pixels`).toEqual([]);
  }
});
