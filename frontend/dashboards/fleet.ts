// All applications at a glance: which one needs somebody, and why.
import type { Page } from './model.ts';
import { count, counts, lines, stat, table } from './panels.ts';

const TABLE_SUM = { reduce: 'sum', unit: 'short' } as const;

/** The columns that stand side by side at 1500 pixels, with Grafana's menu open. */
const IN_SIGHT = [
  'application',
  'health',
  'why',
  'Consumer lag',
  'Consumer lag records',
  'Back pressure',
  'Restarts',
  'Checkpoints failed',
  'CPU',
  'Heap',
];
/** Their widths, so that no heading is cut. */
const WIDTHS = {
  application: 138,
  health: 78,
  'Consumer lag': 116,
  'Lag records': 100,
  'Back pressure': 120,
  Restarts: 78,
  'Checkpoints failed': 144,
  CPU: 70,
  Heap: 70,
};
const COLUMNS = { wide: WIDTHS, stretched: { why: 272 }, renamed: { 'Consumer lag records': 'Lag records' } };

/** The others, for which there is a table of its own. */
const BESIDE = [
  'Source rate',
  'Sink rate',
  'Busy',
  'Checkpoint duration',
  'Uptime',
  'status',
  'runtime',
  'version',
  'parallelism',
  'KPUs',
  'cost per hour',
];

export const fleet: Page = {
  id: 'fleet',
  title: 'Flinkwatch: Fleet',
  description: 'All applications of a region: health, throughput, lag, and what holds them up.',
  choices: ['applications'],
  from: 'now-3h',
  sections: [
    {
      title: 'Verdict',
      panels: [
        count('failing', 'red', {
          title: 'Failing',
          description: 'Applications that do no useful work: a restart loop, or busy without reading anything.',
        }),
        count('degraded', 'orange', {
          title: 'Degraded',
          description:
            'Applications that work with trouble: failed checkpoints, back pressure, too little memory or CPU, restarts.',
        }),
        count('healthy', 'green', {
          title: 'Healthy',
          description: 'Applications without a sign of trouble in the time range.',
        }),
        stat('restarts', 'sum', {
          total: TABLE_SUM,
          description:
            'Restarts of all applications in the time range. Deployments and scaling start a new job and do not count.',
        }),
        stat('checkpointsFailed', 'sum', {
          total: TABLE_SUM,
          title: 'Failed checkpoints',
          description: 'Failed checkpoints of all applications in the time range.',
        }),
        stat('kpuCost', 'lastNotNull', {
          total: { reduce: 'lastNotNull', unit: 'currencyUSD' },
          title: 'Cost per hour',
          description:
            'What the KPUs of all applications cost per hour, at the price set for KPUs. Needs a time range of two hours or more.',
          period: '1h',
        }),
        table([], {
          title: 'Applications',
          description:
            'Each application with its health and the reason for it, those in trouble first. Follow a name to the application.',
          height: 13,
          ...COLUMNS,
          first: IN_SIGHT,
          hidden: BESIDE,
        }),
      ],
    },
    {
      title: 'Throughput and lag',
      panels: [
        lines('sourceRate', { width: 12 }),
        lines('sinkRate', { width: 12 }),
        lines('consumerLagTime', { title: 'Consumer lag, Kinesis' }),
        lines('consumerLagRecords', { title: 'Consumer lag, Kafka' }),
        lines('watermarkLag', { title: 'Event-time latency' }),
      ],
    },
    {
      title: 'Cause',
      panels: [
        lines('backPressure'),
        counts('restarts'),
        counts('checkpointsFailed', { title: 'Failed checkpoints' }),
        lines('containerCpu'),
        lines('containerMemory'),
        lines('checkpointDuration'),
      ],
    },
    {
      title: 'Detail',
      panels: [lines('busy'), lines('heap'), lines('uptime')],
    },
    {
      title: 'Detail: all columns',
      isClosed: true,
      panels: [
        table([], {
          title: 'Applications with all columns',
          description: 'All that is known of each application: also its rates, version, parallelism and cost.',
          height: 13,
          ...COLUMNS,
          first: [...IN_SIGHT, ...BESIDE],
        }),
      ],
    },
  ],
};
