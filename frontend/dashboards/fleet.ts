// All applications at a glance: which one needs somebody, and why.
import type { Page } from './model.ts';
import { APPLICATION_WIDTH, asked, count, counts, lines, stat, table } from './panels.ts';

/** What the table asks for: what stands in it, and no more. The graphs below it show the same numbers, so they are free. */
const SIGNALS = [
  'consumerLagTime',
  'consumerLagRecords',
  'backPressure',
  'restarts',
  'checkpointsFailed',
  'cpu',
  'heap',
] as const;

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
  application: APPLICATION_WIDTH,
  health: 86,
  'Consumer lag': 116,
  'Lag records': 100,
  'Back pressure': 120,
  Restarts: 78,
  'Failed checkpoints': 150,
  CPU: 70,
  Heap: 70,
};
const COLUMNS = {
  wide: WIDTHS,
  stretched: { why: 124 },
  renamed: { 'Consumer lag records': 'Lag records', 'Checkpoints failed': 'Failed checkpoints' },
};

/** The others, for which there is a table of its own. */
const CONFIGURATION = ['status', 'runtime', 'version', 'parallelism', 'KPUs', 'cost per hour'];
const BESIDE = ['Source rate', 'Sink rate', 'Busy', 'Checkpoint duration', 'Uptime', ...CONFIGURATION];

/** While no metric is listed yet. */
const NOT_KNOWN = '–';

const ANY_IS_A_WARNING = { base: 'green', steps: [{ value: 1, color: 'orange' }] } as const;

const applications = table(SIGNALS, {
  title: 'Applications',
  description:
    'Each application with its health and the reason for it, those in trouble first. Follow a name to the application.',
  height: 14,
  ...COLUMNS,
  first: IN_SIGHT,
  hidden: CONFIGURATION,
});

/** The highest in a signal of the table, so that finding them costs nothing. */
function highestIn(signal: string) {
  return { top: signal };
}

export const fleet: Page = {
  id: 'fleet',
  title: 'Flinkwatch: Fleet',
  description: 'All applications of a region: health, throughput, lag, and what holds them up.',
  choices: ['applications', 'top'],
  from: 'now-3h',
  refresh: '5m',
  top: '10',
  marksRestarts: false,
  sections: [
    {
      title: 'Overview',
      panels: [
        count(applications, ['failing'], 'red', {
          title: 'Failing',
          description: 'Applications that do no useful work: a restart loop, or busy without reading anything.',
        }),
        count(applications, ['degraded'], 'orange', {
          title: 'Degraded',
          description:
            'Applications that work with trouble: failed checkpoints, back pressure, too little memory or CPU, restarts.',
        }),
        count(applications, ['unknown'], 'purple', {
          title: 'Unknown',
          description: 'Applications of which nothing can be said: they run and publish nothing, or cannot be read.',
        }),
        count(applications, ['stopped', 'changing'], 'blue', {
          title: 'Stopped, changing',
          width: 4,
          description: 'Applications that were stopped in the time range, or are being started, updated or stopped.',
        }),
        count(applications, ['healthy'], 'green', {
          title: 'Healthy',
          description: 'Applications without a sign of trouble in the time range.',
        }),
        stat('restarts', 'sum', {
          total: { reduce: 'sum', unit: 'short' },
          column: { of: applications, name: 'Restarts' },
          empty: NOT_KNOWN,
          lines: ANY_IS_A_WARNING,
          width: 3,
          description:
            'Restarts of all applications in the time range. Deployments and scaling start a new job and do not count.',
        }),
        stat('checkpointsFailed', 'sum', {
          total: { reduce: 'sum', unit: 'short' },
          column: { of: applications, name: 'Checkpoints failed' },
          empty: NOT_KNOWN,
          lines: ANY_IS_A_WARNING,
          width: 5,
          title: 'Failed checkpoints',
          description: 'Failed checkpoints of all applications in the time range.',
        }),
        applications,
      ],
    },
    {
      title: 'Throughput & lag',
      panels: [
        lines('consumerLagTime', {
          ...highestIn('consumerLagTime'),
          title: 'Highest consumer lag',
          beside: [asked('consumerLagRecords', highestIn('consumerLagRecords'))],
          description:
            'The applications whose sources are furthest behind: in time for Kinesis on the left axis, in records for Kafka on the right one.',
          width: 12,
          height: 10,
        }),
        lines('backPressure', {
          ...highestIn('backPressure'),
          title: 'Highest back pressure',
          description:
            'Share of time in which the most blocked subtask cannot emit, of the applications that are blocked most.',
          width: 12,
          height: 10,
        }),
        lines('sourceRate', {
          ...highestIn('sourceRate'),
          title: 'Highest source rates',
          description: 'Records per second that leave the source tasks, of the applications that read most.',
          height: 9,
        }),
        counts('restarts', {
          ...highestIn('restarts'),
          title: 'Most restarts',
          description: 'Restarts in each period, of the applications that restarted most, on top of each other.',
          draw: 'stackedBars',
          height: 9,
        }),
        counts('checkpointsFailed', {
          ...highestIn('checkpointsFailed'),
          title: 'Most failed checkpoints',
          description: 'Checkpoints that failed in each period, of the applications with most, on top of each other.',
          draw: 'stackedBars',
          height: 9,
        }),
      ],
    },
    {
      title: 'Resources',
      isClosed: true,
      panels: [
        lines('containerCpu', {
          ...highestIn('cpu'),
          title: 'Container CPU',
          description: 'Processor use of whole containers, of the applications with the busiest Java processes.',
          height: 9,
        }),
        lines('containerMemory', {
          ...highestIn('heap'),
          title: 'Container memory',
          description: 'Memory of the fullest container, of the applications with the fullest Java heaps.',
          height: 9,
        }),
        lines('heap', {
          ...highestIn('heap'),
          title: 'Fullest heaps',
          description: 'Java heap in use on the fullest TaskManager, of the applications with least left.',
          height: 9,
        }),
      ],
    },
    {
      title: 'Details',
      isClosed: true,
      panels: [
        lines('sinkRate', {
          ...highestIn('sourceRate'),
          title: 'Sink rates of the highest source rates',
          description: 'Records per second that reach the sinks, of the applications that read most.',
          height: 9,
        }),
        lines('busy', {
          ...highestIn('busy'),
          title: 'Busiest applications',
          description: 'Share of time in which the busiest subtask works, of the applications with the busiest ones.',
          height: 9,
        }),
        lines('watermarkLag', {
          ...highestIn('backPressure'),
          title: 'Event-time latency',
          description: 'How far event time is behind the clock, of the applications that are blocked most.',
          height: 9,
        }),
        lines('checkpointDuration', {
          ...highestIn('backPressure'),
          title: 'Checkpoint duration',
          description: 'Time that the newest completed checkpoint took, of the applications that are blocked most.',
          height: 9,
        }),
      ],
    },
    {
      title: 'All columns',
      isClosed: true,
      panels: [
        table([], {
          title: 'Applications with all columns',
          description: 'All that is known of each application: also its rates, version, parallelism and cost.',
          height: 14,
          ...COLUMNS,
          stretched: { why: 240 },
          first: [...IN_SIGHT, ...BESIDE],
        }),
      ],
    },
  ],
};
