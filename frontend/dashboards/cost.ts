// What applications cost, and whether they need what they have.
import type { Page } from './model.ts';
import { APPLICATION_WIDTH, lines, note, stat, table } from './panels.ts';

/** KPUs are published once an hour. */
const HOURLY = { period: '1h' } as const;
const SIGNALS = ['costPerMillionRecords', 'containerCpu', 'containerMemory', 'idle'] as const;

const WIDTHS = {
  KPUs: 70,
  'cost per hour': 140,
  'Cost per million records': 190,
  'Container CPU': 140,
  'Container memory': 150,
  Idle: 100,
};
const FIRST = [
  'application',
  'KPUs',
  'cost per hour',
  'Cost per million records',
  'Container CPU',
  'Container memory',
  'Idle',
];

export const cost: Page = {
  id: 'cost',
  title: 'Flinkwatch: Cost',
  description: 'Billed KPUs, what they cost, and whether the applications need them.',
  choices: ['applications', 'top'],
  from: 'now-24h',
  refresh: '',
  top: '10',
  marksRestarts: false,
  sections: [
    {
      title: 'Overview',
      panels: [
        stat('kpuCost', 'sum', {
          ...HOURLY,
          total: { reduce: 'sum', unit: 'currencyUSD' },
          title: 'Cost in the time range',
          description:
            'What the KPUs of all applications cost in the time range: the cost of its whole hours added up. Storage, snapshots, logs and metrics are billed on top.',
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
        table(SIGNALS, {
          title: 'Applications, idle first',
          description:
            'Each application with its KPUs and cost, beside how much it uses of them. Much idle time and little CPU mean that fewer KPUs would do.',
          height: 14,
          wide: WIDTHS,
          stretched: { application: APPLICATION_WIDTH },
          first: FIRST,
          hidden: ['health', 'why', 'status', 'runtime', 'version', 'parallelism'],
          highest: 'Idle',
        }),
        note('Cost is that of **KPUs** alone: storage, snapshots, logs and metrics are billed on top.'),
      ],
    },
    {
      title: 'Throughput & cost',
      panels: [
        lines('kpuCost', {
          ...HOURLY,
          top: 'kpuCost',
          title: 'Dearest applications',
          description: 'Cost of the KPUs in each hour, of the applications that cost most, on top of each other.',
          draw: 'stacked',
          height: 9,
        }),
        lines('costPerMillionRecords', {
          ...HOURLY,
          top: 'costPerMillionRecords',
          title: 'Dearest records',
          description: 'KPU cost of a million records, of the applications whose records cost most.',
          height: 9,
        }),
        lines('idle', {
          top: 'idle',
          title: 'Idlest applications',
          description: 'Share of time in which subtasks wait for input, of the applications that wait most.',
          height: 9,
        }),
      ],
    },
    {
      title: 'Resources',
      isClosed: true,
      panels: [
        lines('kpus', {
          ...HOURLY,
          top: 'kpus',
          title: 'Most KPUs',
          description: 'KPUs billed in each hour, of the applications with most, on top of each other.',
          draw: 'stacked',
          height: 9,
        }),
        lines('containerCpu', {
          top: 'containerCpu',
          title: 'Busiest containers',
          description: 'Processor use of whole containers; autoscaling adds KPUs from 75 % on.',
          height: 9,
        }),
        lines('containerMemory', {
          top: 'containerMemory',
          title: 'Fullest containers',
          description: 'Memory of the fullest container; one with little left needs more KPUs, however idle it is.',
          height: 9,
        }),
      ],
    },
    {
      title: 'All columns',
      isClosed: true,
      panels: [
        table([...SIGNALS, 'sourceRate'], {
          title: 'Applications with all columns',
          description: 'Cost and use beside health, status, runtime, version and parallelism of each application.',
          height: 14,
          wide: { ...WIDTHS, application: APPLICATION_WIDTH },
          stretched: { why: 240 },
          first: [...FIRST, 'Source rate', 'parallelism', 'health', 'why', 'status', 'runtime', 'version'],
          highest: 'Idle',
        }),
      ],
    },
  ],
};
