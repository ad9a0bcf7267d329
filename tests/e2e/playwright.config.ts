// The browser tests. `cargo xtask test --only e2e` starts what they need and says where it is.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from '@playwright/test';

const output = process.env.E2E_OUTPUT ?? path.join(import.meta.dirname, '../../target/e2e');
const url = process.env.PAGE_URL ?? 'http://127.0.0.1:3000';

/** The folders of `sets` that the page is built over as well; each stands for its line of Grafana. */
const olderSets = (process.env.OLDER_PAGE_SETS ?? 'grafana-12,grafana-11').split(',').filter((set) => set !== '');

/** Where pictures for the docs are wanted, `cargo xtask pictures` says it. */
const pictures = process.env.PICTURES;

/** Without windows of its own the browser takes half the time of the processors. */
const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];

export default defineConfig({
  testDir: './specs',
  outputDir: path.join(output, 'failures'),
  // The machine that checks has two processors, and the plugin and the host need theirs.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  metadata: { screenshots: path.join(output, 'screenshots'), pictures },
  use: {
    viewport: { width: 1500, height: 1000 },
    locale: 'en-US',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? browsers.find((browser) => existsSync(browser)),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects:
    pictures === undefined
      ? [
          { name: 'grafana-13', grepInvert: /@older/, use: { baseURL: `${url}/` } },
          ...olderSets.map((set) => ({ name: set, grepInvert: /@newest/, use: { baseURL: `${url}/${set}/` } })),
        ]
      : [
          {
            name: 'pictures',
            testDir: './pictures',
            use: { baseURL: `${url}/`, viewport: { width: 1600, height: 1000 } },
          },
        ],
});
