// What every test shares: a page that tolerates no complaint of the browser and no request to anywhere else.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Locator, type Page, type Request, type TestInfo } from '@playwright/test';

/** Chromium says so of every answer that is no success; only tests of errors expect it. */
const REFUSED = /^Failed to load resource: the server responded with a status of (400|404 .*\/resources\/)/;

interface Watched {
  /** Lets answers with status 400 pass, and 404 of drop-downs about what is not there. */
  allowRefusals: () => void;
}

export const test = base.extend<{ watched: Watched }>({
  watched: [
    async ({ page, baseURL }, use) => {
      countTraffic(page);
      const complaints: string[] = [];
      const allowed: RegExp[] = [];
      page.on('console', (message) => {
        if (['error', 'warning', 'assert'].includes(message.type())) {
          complaints.push(`${message.text()} (${message.location().url})`);
        }
      });
      page.on('pageerror', (error) => {
        complaints.push(String(error));
      });
      const own = new URL(baseURL ?? '').origin;
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== own && !['data:', 'blob:'].includes(protocol)) {
          complaints.push(`a request to ${origin}`);
        }
      });
      await use({ allowRefusals: () => allowed.push(REFUSED) });
      expect(complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** An address of the page, below the base of its package set. */
export function address(place: string, search: Record<string, string> = {}): string {
  return `${place}?${new URLSearchParams(search).toString()}`;
}

export function editor(page: Page): Locator {
  return page.getByRole('region', { name: 'Query editor' });
}

/** The cells of a table without its headings; Grafana's older table names them in another way. */
export function cells(found: Locator): Locator {
  return found.getByRole('gridcell').or(found.getByRole('cell'));
}

/** The tables of panels, whichever of Grafana's two they are. */
export function grid(found: Page | Locator): Locator {
  return found.getByRole('grid').or(found.getByRole('table'));
}

/** A test that one version of Grafana's packages is enough for. */
export const NEWEST = { tag: '@newest' };

/** A test of which another one sees more, over the newest packages. */
export const OLDER = { tag: '@older' };

/** What a dashboard would save, as the page shows it. */
export async function savedText(page: Page): Promise<string> {
  return page.getByRole('region', { name: 'Saved query' }).locator('pre').innerText();
}

/** Waits until the page is drawn, has asked for nothing for a while, and has nothing left to do that could ask for more. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible();
  await expect.poll(() => isQuiet(page), { timeout: MOST_MS, intervals: [50] }).toBe(true);
}

async function isQuiet(page: Page): Promise<boolean> {
  const { open, latest } = traffic(page);
  if (open > 0 || Date.now() - latest < QUIET_MS) {
    return false;
  }
  // A page that is being left answers nothing.
  const isIdle = await page.evaluate(doWhatIsLeft).catch(() => false);
  const now = traffic(page);
  return isIdle && now.open === 0 && now.latest === latest;
}

/** Runs in the page: what it has begun is done, and what that began as well. */
function doWhatIsLeft(): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(() => {
      setTimeout(() => {
        resolve(true);
      });
    });
  });
}

interface Traffic {
  open: number;
  /** When it last changed. */
  latest: number;
}

/** Longer than a page waits on purpose, but for the price of a query. */
const QUIET_MS = 250;
/** A page of many panels on a busy machine. */
const MOST_MS = 40_000;
/** A page without this icon is drawn all the same. */
export const SPINNER = '/spinner.svg';
const TRAFFIC = new WeakMap<Page, Traffic>();

function traffic(page: Page): Traffic {
  const known = TRAFFIC.get(page) ?? { open: 0, latest: Date.now() };
  TRAFFIC.set(page, known);
  return known;
}

function countTraffic(page: Page): void {
  const count = (change: number) => (request: Request) => {
    const counted = traffic(page);
    counted.open += request.url().endsWith(SPINNER) ? 0 : change;
    counted.latest = Date.now();
  };
  page.on('request', count(1));
  page.on('requestfinished', count(-1));
  page.on('requestfailed', count(-1));
}

/**
 * Parts of Grafana's own that fail: titles of rows without a level, the button that asks again and the switches of annotations without a
 * name, and in 11.6 the arrow of a drop-down that says what only a button may.
 */
const GRAFANAS = [
  'span[role="heading"]',
  '[data-testid="data-testid RefreshPicker run button"]',
  'input[id^="data-layer-"]',
  'div[id^="downshift-"][id$="-toggle-button"]',
];

export async function checkAccessibility(page: Page, selector: string, except: string[] = []): Promise<void> {
  const axe = new AxeBuilder({ page }).include(selector).withTags(['wcag2a', 'wcag2aa']).disableRules(except);
  const { violations } = await GRAFANAS.reduce((checked, part) => checked.exclude(part), axe).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join('\n  ')}`);
  expect(found).toEqual([]);
}

/** A picture for people to look at. */
export async function picture(page: Page, info: TestInfo, name: string): Promise<void> {
  const dir = String(info.config.metadata.screenshots);
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: path.join(dir, `${info.project.name}-${name}.png`), fullPage: true });
}
