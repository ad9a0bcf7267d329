// Whether what stands on a dashboard is in sight at the widths of usual screens, with Grafana's side menu open.
import type { Page } from '@playwright/test';
import { cells, expect, grid, settled } from './page';

const WIDTHS = [1500, 1920];

/** The first table of a dashboard: an application of it, and the form of the last cells that must be in sight, and how many of them there are. */
export interface WantedCells {
  application: string;
  text: RegExp;
  count: number;
}

/** Shows the page at each width, as high as it is, and looks for what is cut. */
export async function checkWidths(page: Page, wanted?: WantedCells): Promise<void> {
  const height = page.viewportSize()?.height ?? 0;
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height });
    await settled(page);
    expect(await cutTitles(page), `titles at ${width} pixels`).toEqual([]);
    expect(await cutHeadings(page), `headings at ${width} pixels`).toEqual([]);
    expect(await cutLegends(page), `legends at ${width} pixels`).toEqual([]);
    expect(await brokenWords(page), `words at ${width} pixels`).toEqual([]);
    if (wanted !== undefined) {
      await checkColumns(page, wanted, width);
    }
  }
}

/** The names in legends that reach beyond a box that cuts or scrolls what is too large. */
export function cutLegends(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isCut = (name: Element) => {
      const needed = name.getBoundingClientRect();
      for (let box = name.parentElement; box && box !== document.body; box = box.parentElement) {
        const given = box.getBoundingClientRect();
        const { overflowX, overflowY } = getComputedStyle(box);
        const isClipped = overflowX !== 'visible' || overflowY !== 'visible';
        if (isClipped && (needed.right > given.right + 1 || needed.bottom > given.bottom + 1)) {
          return true;
        }
      }
      return false;
    };
    const names = [...document.querySelectorAll('[data-testid^="data-testid VizLegend series"]')];
    return names.filter(isCut).map(({ textContent }) => textContent);
  });
}

/** The titles of panels and rows that have less room than they need. */
export function cutTitles(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const ofPanels = '[data-testid^="data-testid Panel header"] h2';
    const ofRows = '[data-testid^="data-testid dashboard-row-title-"] [role="heading"]';
    const titles = [...document.querySelectorAll<HTMLElement>(`${ofPanels}, ${ofRows}`)];
    return titles.filter((title) => title.scrollWidth > title.clientWidth).map(({ innerText }) => innerText);
  });
}

/** The wanted columns are in sight without scrolling. */
async function checkColumns(page: Page, { application, text, count }: WantedCells, width: number): Promise<void> {
  const row = grid(page).getByRole('row').filter({ hasText: application });
  const found = cells(row).filter({ hasText: text });
  await expect(found, `cells at ${width} pixels`).toHaveCount(count);
  const [cell, panel] = await Promise.all([found.last().boundingBox(), grid(page).first().boundingBox()]);
  const rightOf = (box: typeof cell) => (box ? box.x + box.width : NaN);
  expect(rightOf(cell), `cells at ${width} pixels`).toBeLessThanOrEqual(rightOf(panel));
}

/** The single words in cells that go on in the next line, as "degrade" and "d" would. */
function brokenWords(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isBroken = (cell: Element) => {
      const text = document.createRange();
      text.selectNodeContents(document.createNodeIterator(cell, NodeFilter.SHOW_TEXT).nextNode() ?? cell);
      return text.getClientRects().length > 1;
    };
    const found = [...document.querySelectorAll('[role="gridcell"], [role="cell"]')];
    const words = found.filter(({ textContent }) => /^[a-z]+$/.test(textContent));
    return words.filter(isBroken).map(({ textContent }) => textContent);
  });
}

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
