// What applications cost, and whether they need what they have.
import type { Page } from './model.ts';
import { lines, note, stat, table } from './panels.ts';

/** KPUs are published once an hour. */
const HOURLY = { period: '1h' } as const;

export const cost: Page = {
  id: 'cost',
  title: 'Flinkwatch: Cost',
  description: 'Billed KPUs, what they cost, and whether the applications need them.',
  choices: ['applications'],
  from: 'now-24h',
  sections: [
    {
      title: 'Verdict',
      panels: [
        stat('kpuCost', 'sum', {
          ...HOURLY,
          total: { reduce: 'sum', unit: 'currencyUSD' },
          title: 'Cost in the time range',
          description:
            'What the KPUs of all applications cost in the time range: the cost of its whole hours added up.',
          width: 6,
        }),
        stat('kpuCost', 'lastNotNull', {
          ...HOURLY,
          total: { reduce: 'lastNotNull', unit: 'currencyUSD' },
          title: 'Cost per hour',
          description: 'What the KPUs of all applications cost in their newest billed hour.',
          width: 6,
        }),
        stat('kpus', 'lastNotNull', {
          ...HOURLY,
          total: { reduce: 'lastNotNull', unit: 'short' },
          title: 'KPUs',
          description: 'KPUs of all applications in their newest billed hour, those for orchestration included.',
          width: 6,
        }),
        stat('sourceRate', 'lastNotNull', {
          total: { reduce: 'lastNotNull', unit: 'recps' },
          title: 'Records read',
          description: 'Records per second that the sources of all applications read.',
          width: 6,
        }),
        note(
          'Cost is that of **KPUs** alone. Storage of running applications, snapshots, logs and metrics are billed on top.'
        ),
      ],
    },
    {
      title: 'Throughput and cost',
      panels: [
        lines('kpuCost', { ...HOURLY, title: 'Cost per hour', draw: 'stacked' }),
        lines('costPerMillionRecords', HOURLY),
        lines('sourceRate'),
      ],
    },
    {
      title: 'Cause',
      panels: [lines('kpus', { ...HOURLY, draw: 'stacked' }), lines('cpuHeadroom'), lines('memoryHeadroom')],
    },
    {
      title: 'Detail',
      panels: [
        table(['containerCpu', 'containerMemory', 'idle', 'sourceRate', 'costPerMillionRecords'], {
          title: 'Applications',
          description:
            'Each application with parallelism, KPUs and cost, beside how much it uses of them. Much idle time and CPU headroom mean that fewer KPUs would do.',
          height: 12,
          wide: { application: 145, health: 86 },
          stretched: { why: 280 },
          hidden: ['status', 'version'],
          // What it costs is in sight at 1500 pixels.
          first: [
            'application',
            'health',
            'why',
            'cost per hour',
            'Cost per million records',
            'KPUs',
            'Container CPU',
            'Container memory',
            'Idle',
            'Source rate',
            'parallelism',
            'runtime',
          ],
        }),
        lines('containerCpu'),
        lines('containerMemory'),
        lines('idle'),
      ],
    },
  ],
};
