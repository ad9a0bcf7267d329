// One application: does it run, does it keep up, and what holds it up.
import type { Page } from './model.ts';
import { counts, lines, stat } from './panels.ts';

export const application: Page = {
  id: 'application',
  title: 'Flinkwatch: Application',
  description: 'One application: availability, throughput, lag, back pressure, checkpoints and resources.',
  choices: ['application'],
  from: 'now-3h',
  sections: [
    {
      title: 'Verdict',
      panels: [
        stat('availability', 'mean'),
        stat('restarts', 'sum', { width: 3 }),
        stat(['consumerLagTime', 'consumerLagRecords'], 'lastNotNull', {
          title: 'Lag',
          description: 'How far the sources are behind: in time for Kinesis, in records for Kafka.',
        }),
        stat('backPressure', 'lastNotNull'),
        stat('checkpointsFailed', 'sum', { title: 'Failed checkpoints', width: 5 }),
        stat('containerMemory', 'lastNotNull', { title: 'Memory' }),
      ],
    },
    {
      title: 'Throughput and lag',
      panels: [
        lines(['sourceRate', 'sinkRate'], {
          title: 'Records in and out',
          description:
            'Records per second that the sources read and that reach the sinks. A sink rate that falls while the source rate stands is lost or waiting inside.',
          width: 12,
        }),
        lines(['consumerLagTime', 'consumerLagRecords'], {
          title: 'Consumer lag',
          description:
            'How far the sources are behind: milliseconds behind the tip of a Kinesis stream (millisBehindLatest), records behind in a Kafka partition (records_lag_max). A rise that goes on means too little capacity.',
          width: 12,
        }),
        lines('watermarkLag', { title: 'Event-time latency' }),
        lines('timeToCatchUp'),
        counts('lateRecords'),
      ],
    },
    {
      title: 'Cause: back pressure and checkpoints',
      panels: [
        lines(['backPressure', 'busy', 'idle'], {
          title: 'Back pressure, busy and idle',
          thresholds: 'hidden',
          description:
            'Share of time that the most blocked subtask cannot emit, that the busiest one works, and that subtasks wait on average. Which task it is, the operators dashboard shows.',
          width: 12,
        }),
        counts('restarts', { width: 12 }),
        lines('checkpointDuration'),
        lines('checkpointSize'),
        counts(['checkpointsCompleted', 'checkpointsFailed'], {
          title: 'Checkpoints completed and failed',
          description:
            'Checkpoints that ended in each period. Failures without completions mean that a restart would repeat ever more work.',
        }),
      ],
    },
    {
      title: 'Cause: resources',
      panels: [
        lines(['cpu', 'containerCpu'], {
          title: 'CPU',
          description:
            'Processor use of the hottest Java process, and of whole containers on average, which is what autoscaling looks at (from 0.75 on).',
        }),
        lines(['heap', 'containerMemory', 'managedMemory'], {
          title: 'Memory',
          description:
            'Java heap and container memory of the fullest TaskManager, and memory managed by Flink. RocksDB is in the container, not in the heap, and takes all managed memory it is given.',
        }),
        lines('gcPressure', { title: 'Old-generation GC time' }),
        counts('gcCollections', { title: 'Old-generation GC collections' }),
        lines('threadsCount'),
        lines(['cpuHeadroom', 'memoryHeadroom'], {
          title: 'Headroom',
          description:
            'CPU left before autoscaling adds KPUs, and memory left on the fullest TaskManager. Lag with much headroom left is something autoscaling will not cure.',
        }),
      ],
    },
    {
      title: 'Detail',
      panels: [
        lines('uptime'),
        lines(['downtime', 'restartingTime', 'failingTime', 'cancellingTime'], {
          title: 'Downtime',
          description:
            'Length of the current outage: downtime up to Flink 1.20, time per state from 2.2 on. downtime can stay 0 through a whole restart, so judge by availability and restarts too.',
        }),
        lines('availability'),
        lines(['currentInputWatermark', 'currentOutputWatermark'], {
          title: 'Watermarks',
          description:
            'Event time of the last watermark received and emitted, for the subtask furthest behind. A flat line is a stalled subtask or an idle partition.',
        }),
        lines('watermarkSkew'),
        lines('containerDiskUtilization'),
      ],
    },
  ],
};
