// The panels of a dashboard, as a reader sees them.
import type { Locator, Page } from '@playwright/test';
import { cells, expect, settled } from './page';
import { cutLegends, cutTitles } from './widths';

export interface Panel {
  type: string;
  title?: string;
  collapsed?: boolean;
  panels?: Panel[];
}

/** Which panels are empty, by their titles, with what they say then. */
export type Empty = Record<string, string>;

/** Panels that have values at some hours of the simulated day only, and what they say at the others. */
const AT_TIMES: Record<string, string> = { 'Time to catch up': 'Only while the lag falls' };

export function panel(page: Page, title: string): Locator {
  return page.getByTestId(`data-testid Panel header ${title}`);
}

/** Opens a closed row with this first panel, again where the page moved under the click. */
export async function openRow(page: Page, title = '', first = ''): Promise<void> {
  const inside = panel(page, first);
  await expect(inside).toHaveCount(0);
  await expect(async () => {
    if ((await inside.count()) === 0) {
      await page.getByTestId(`data-testid dashboard-row-title-${title}`).click();
    }
    await expect(inside).toHaveCount(1, { timeout: 3_000 });
  }).toPass();
}

/** Tables draw themselves when they come into view, so all of the page is shown. */
export async function unfold(page: Page): Promise<void> {
  await settled(page);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: page.viewportSize()?.width ?? 1500, height });
  await settled(page);
}

/** By what one sees that a panel of the type is drawn. */
function drawing(found: Locator, type: string): Locator {
  switch (type) {
    case 'timeseries':
      return found.locator('canvas');
    case 'table':
      return cells(found);
    case 'bargauge':
      return found.getByTestId('data-testid Bar gauge value');
    case 'stat':
      return found.getByText(/\d|^(healthy|degraded|failing|changing|unknown)$/);
    default:
      throw new Error(`No test knows what a panel of the type ${type} looks like.`);
  }
}

export async function checkPanels(page: Page, panels: Panel[], empty: Empty): Promise<void> {
  for (const { type, title = '' } of panels) {
    if (type === 'row' || type === 'text') {
      continue;
    }
    const found = panel(page, title);
    await expect(found, title).toHaveCount(panels.filter((one) => one.title === title).length);
    const words = empty[title];
    const atTimes = AT_TIMES[title];
    if (words !== undefined) {
      await expect(found.getByText(words, { exact: true }), title).toBeVisible();
    } else if (atTimes !== undefined) {
      const reason = found.getByTestId('no-value').getByText(atTimes, { exact: true });
      await expect(drawing(found, type).or(reason).first(), title).toBeVisible();
    } else {
      await expect(found.getByTestId('no-value'), title).toHaveCount(0);
      await expect(drawing(found, type).first(), title).toBeVisible();
    }
  }
  await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
  expect(await cutTitles(page)).toEqual([]);
  expect(await cutLegends(page)).toEqual([]);
  await expect(page.getByText('No data')).toHaveCount(0);
}
