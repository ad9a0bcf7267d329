// The dashboards for Grafana's own data source CloudWatch, with local AWS behind it.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { APIRequestContext, Page } from '@playwright/test';
import { NEWEST, address, expect, picture, settled, test } from './page';
import { checkPanels, openRow, unfold } from './panels';
import type { Empty, Panel } from './panels';
import { checkWidths } from './widths';

const DASHBOARDS = path.join(import.meta.dirname, '../../../provisioning/cloudwatch');
const FILES = readdirSync(DASHBOARDS).filter((file) => file.endsWith('.json'));

interface Dashboard {
  uid: string;
  title: string;
  panels: Panel[];
}

function read(file: string): Dashboard {
  return JSON.parse(readFileSync(path.join(DASHBOARDS, file), 'utf8')) as Dashboard;
}

interface Asked {
  EndTime: number;
  MetricDataQueries: Array<{ Id: string; Period?: number; MetricStat?: { Period: number } }>;
}

interface Answer {
  MetricDataResults?: Array<{ Id: string; Timestamps: number[] }>;
}

/** Imports the dashboards, and hands what the data source sends on to local AWS. Returns the calls of GetMetricData. */
async function importAll(page: Page, request: APIRequestContext): Promise<Array<{ asked: Asked; answer: Answer }>> {
  const calls: Array<{ asked: Asked; answer: Answer }> = [];
  const sources = (await (await request.get('/api/datasources')).json()) as Array<{ jsonData: { endpoint: string } }>;
  await page.route('**/local-aws', async (route) => {
    const response = await route.fetch({ url: `${sources[0]?.jsonData.endpoint ?? ''}/` });
    const answer = (await response.json()) as Answer;
    if (answer.MetricDataResults !== undefined) {
      calls.push({ asked: route.request().postDataJSON() as Asked, answer });
    }
    await route.fulfill({ response, json: answer });
  });
  await page.route('**/plugin.json', async (route) => {
    const meta = (await (await route.fetch()).json()) as { includes: object[] };
    const imported = FILES.map((file) => ({ type: 'dashboard', path: `imported/${file}` }));
    await route.fulfill({ json: { ...meta, includes: [...meta.includes, ...imported] } });
  });
  await page.route('**/imported/*.json', (route) =>
    route.fulfill({ path: path.join(DASHBOARDS, path.basename(route.request().url())) })
  );
  return calls;
}

/** Those whose newest value is further from the end of their time range than a period that has just begun, and one before it. */
function endingEarly(calls: Array<{ asked: Asked; answer: Answer }>): string[] {
  return calls.flatMap(({ asked, answer: { MetricDataResults: results = [] } }) => {
    const newest = Math.max(...results.flatMap(({ Timestamps }) => Timestamps));
    const periods = asked.MetricDataQueries.map(({ Period = 0, MetricStat }) => MetricStat?.Period ?? Period);
    const isEarly = Number.isFinite(newest) && newest + 2 * Math.max(...periods) < asked.EndTime;
    return isEarly ? [`${results.map(({ Id }) => Id).join()}: ${asked.EndTime - newest} s`] : [];
  });
}

/** What the dashboard is opened with, and which of its panels are empty. */
const CASES: Record<string, { file: string; application?: string; empty: Empty }> = {
  fleet: { file: 'fleet.json', empty: {} },
  // Flink 1.20 with Kinesis.
  application: {
    file: 'application.json',
    application: 'orders',
    empty: {
      'Lag, records': 'Only Kafka sources have it',
      'Consumer lag, records': 'Only Kafka sources have it',
      'Kafka lag by task': 'Only tasks that read from Kafka have it',
      'Kafka bytes read': 'Only Kafka sources publish it',
      'Kafka commits by period': 'Only Kafka sources publish it',
      'JobManager memory': 'From Flink 2.2 on',
      'TaskManager metaspace': 'From Flink 2.2 on',
    },
  },
  // Flink 2.2 with Kafka.
  'application-kafka': {
    file: 'application.json',
    application: 'sessions',
    empty: { 'Lag, time': 'Only Kinesis sources have it', 'Consumer lag, time': 'Only Kinesis sources have it' },
  },
  operators: {
    file: 'operators.json',
    application: 'payments',
    empty: { 'Late records by operator': 'Only windows with event time count late records' },
  },
  checkpoints: { file: 'checkpoints.json', application: 'sessions', empty: {} },
  cost: { file: 'cost.json', empty: {} },
};

for (const [name, { file, application, empty }] of Object.entries(CASES)) {
  test(`every panel of ${name} is drawn from CloudWatch`, NEWEST, async ({ page, request }, info) => {
    const { uid, title, panels } = read(file);
    const calls = await importAll(page, request);
    await page.goto(address(`d/${uid}`, { theme: 'dark', ...(application && { 'var-application': application }) }));
    await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
    await settled(page);
    await picture(page, info, `cloudwatch-${name}-first`);
    for (const { title: closed, panels: inside = [] } of panels.filter(({ collapsed }) => collapsed)) {
      await openRow(page, closed, inside[0]?.title);
    }
    await unfold(page);
    await picture(page, info, `cloudwatch-${name}`);
    await checkPanels(page, [...panels, ...panels.flatMap(({ panels: inside = [] }) => inside)], empty);
    await checkWidths(page);
    await expect(page.getByText('${')).toHaveCount(0);
    expect(calls.length).toBeGreaterThan(4);
    expect(endingEarly(calls)).toEqual([]);
  });
}
