// One application: does it run, does it keep up, and what holds it up.
import type { Page } from './model.ts';
import { counts, lines, stat, table } from './panels.ts';

/** A restart is a warning, however long the time range; whether there are too many, the verdict says. */
const ANY_IS_A_WARNING = { base: 'green', steps: [{ value: 1, color: 'orange' }] } as const;

const verdict = table(
  [
    'uptime',
    'consumerLagTime',
    'consumerLagRecords',
    'availability',
    'restarts',
    'backPressure',
    'checkpointsFailed',
    'containerMemory',
  ],
  {
    title: 'Reasons and state',
    description:
      'Whether the application is well, all that is wrong, what AWS says of it, and what it runs on. Follow the status to the AWS console.',
    width: 20,
    height: 6,
    wide: {
      status: 104,
      Uptime: 100,
      runtime: 100,
      parallelism: 100,
      KPUs: 64,
    },
    stretched: { why: 240 },
    first: ['why', 'status', 'Uptime', 'runtime', 'parallelism', 'KPUs'],
    // The dashboard has chosen the application, and tiles show the others.
    hidden: [
      'application',
      'health',
      'Availability',
      'Consumer lag',
      'Consumer lag records',
      'Restarts',
      'Back pressure',
      'Checkpoints failed',
      'Container memory',
      'version',
      'cost per hour',
    ],
  }
);

/** A tile that shows a column of the verdict: what an application published hours ago is no number of now. */
function ofVerdict(name: string) {
  return { column: { of: verdict, name } };
}

export const application: Page = {
  id: 'application',
  title: 'Flinkwatch: Application',
  description: 'One application: its state, throughput, lag, back pressure, checkpoints and resources.',
  choices: ['application'],
  from: 'now-3h',
  refresh: '5m',
  top: '5',
  marksRestarts: true,
  sections: [
    {
      title: 'Overview',
      panels: [
        // Beside the table: in its first column it would stand far below on a phone, at half the height of the reasons.
        stat([], 'lastNotNull', {
          title: 'Health',
          description: 'Whether the application is well. All that is wrong stands beside it.',
          height: 6,
          ...ofVerdict('health'),
        }),
        verdict,
        stat('availability', 'mean', ofVerdict('Availability')),
        stat('restarts', 'sum', { ...ofVerdict('Restarts'), lines: ANY_IS_A_WARNING }),
        stat(['consumerLagTime', 'consumerLagRecords'], 'lastNotNull', {
          title: 'Lag',
          description: 'How far the sources are behind: in time for Kinesis, in records for Kafka.',
          within: '10m',
        }),
        stat('backPressure', 'lastNotNull', ofVerdict('Back pressure')),
        stat('checkpointsFailed', 'sum', {
          ...ofVerdict('Checkpoints failed'),
          title: 'Failed checkpoints',
          lines: ANY_IS_A_WARNING,
        }),
        stat('containerMemory', 'lastNotNull', { ...ofVerdict('Container memory'), title: 'Memory' }),
      ],
    },
    {
      title: 'Throughput & lag',
      panels: [
        lines(['sourceRate', 'sinkRate'], {
          title: 'Records in and out',
          description:
            'Records per second that the sources read and that reach the sinks. A sink rate that falls while the source rate stands is lost or waiting inside.',
        }),
        lines(['consumerLagTime', 'consumerLagRecords'], {
          title: 'Consumer lag',
          description:
            'How far the sources are behind: time behind the tip of a Kinesis stream (millisBehindLatest), records behind in a Kafka partition (records_lag_max). A rise that goes on means too little capacity.',
        }),
        lines(['backPressure', 'busy', 'idle'], {
          title: 'Back pressure, busy and idle',
          thresholds: 'hidden',
          description:
            'Share of time that the most blocked subtask cannot emit, that the busiest one works, and that subtasks wait on average. Which task it is, the operators dashboard shows.',
        }),
        lines('kpus', { period: '1h' }),
        lines('watermarkLag', { title: 'Event-time latency' }),
        counts('restarts', { title: 'Restarts by period' }),
      ],
    },
    {
      title: 'Checkpoints',
      panels: [
        lines('checkpointDuration'),
        lines('checkpointSize'),
        counts('checkpointsFailed', { title: 'Failed checkpoints by period' }),
      ],
    },
    {
      title: 'Resources',
      isClosed: true,
      panels: [
        lines(['cpu', 'containerCpu'], {
          title: 'CPU',
          description:
            'Processor use of the hottest Java process, and of whole containers on average, which is what autoscaling looks at (from 0.75 on).',
        }),
        lines(['heap', 'containerMemory', 'managedMemory'], {
          title: 'Heap, container and managed memory',
          description:
            'Java heap and container memory of the fullest TaskManager, and memory managed by Flink. RocksDB is in the container, not in the heap, and takes all managed memory it is given.',
        }),
        lines('gcPressure', { title: 'Old-generation GC time' }),
        counts('gcCollections', { title: 'Old-generation GC collections' }),
        lines('threadsCount'),
        lines('containerDiskUtilization'),
      ],
    },
    {
      title: 'Sources',
      isClosed: true,
      panels: [
        lines('consumerLagRecords', {
          of: 'task',
          title: 'Kafka lag by task',
          description:
            'Records by which the partition furthest behind lags, for each task that reads from Kafka. One task alone is a slow topic or a skewed partition.',
          empty: 'Only tasks that read from Kafka have it',
        }),
        lines('bytes_consumed_rate'),
        // The first colour of the palette is green.
        counts(['kafkaCommits', 'kafkaCommitsFailed'], {
          title: 'Kafka commits by period',
          description:
            'Commits of offsets to Kafka in each period, succeeded and failed. Flink goes on from its checkpoints, so a failed commit loses nothing, but lag that others read from the consumer group is wrong.',
        }),
      ],
    },
    {
      title: 'JobManager',
      isClosed: true,
      panels: [
        lines(['jobmanagerHeapMemoryUtilization', 'jobmanagerMetaspaceMemoryUtilization'], {
          title: 'JobManager memory',
          description:
            'Java heap and metaspace in use on the JobManager. Many tasks, or large checkpoint metadata, fill its heap.',
        }),
        lines('metaspaceMemoryUtilization'),
        lines('fileDescriptors'),
      ],
    },
    {
      title: 'Details',
      isClosed: true,
      panels: [
        counts('lateRecords', { thresholds: 'drawn' }),
        lines('availability', { title: 'Availability by period' }),
        lines('uptime'),
        lines(['downtime', 'restartingTime', 'failingTime', 'cancellingTime'], {
          title: 'Downtime',
          description:
            'Length of the current outage: downtime up to Flink 1.20, time per state from 2.2 on. downtime can stay 0 through a whole restart, so judge by availability and restarts too.',
        }),
        lines('timeToCatchUp'),
        lines(['currentInputWatermark', 'currentOutputWatermark'], {
          title: 'Watermarks',
          description:
            'Event time of the last watermark received and emitted, for the subtask furthest behind. A flat line is a stalled subtask or an idle partition.',
        }),
        lines('watermarkSkew'),
      ],
    },
  ],
};
