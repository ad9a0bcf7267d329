// Checkpoints of one application: do they complete, in time, and what slows them down.
import type { Page } from './model.ts';
import { counts, lines, stat, table } from './panels.ts';

export const checkpoints: Page = {
  id: 'checkpoints',
  title: 'Flinkwatch: Checkpoints',
  description: 'Checkpoints of one application: whether they complete, how long they take, how large they are.',
  choices: ['application'],
  from: 'now-6h',
  sections: [
    {
      title: 'Verdict',
      panels: [
        stat('checkpointsFailed', 'sum', { title: 'Failed' }),
        stat('checkpointDuration', 'lastNotNull', { title: 'Duration' }),
        stat('checkpointPressure', 'lastNotNull', { title: 'Pressure' }),
        stat('checkpointSize', 'lastNotNull', { title: 'Size' }),
        stat('checkpointInterval', 'lastNotNull', { title: 'Interval' }),
        stat('checkpointSuccessRatio', 'mean', { title: 'Success ratio' }),
      ],
    },
    {
      title: 'Throughput and lag',
      panels: [
        counts(['checkpointsCompleted', 'checkpointsFailed'], {
          title: 'Checkpoints completed and failed',
          description:
            'Checkpoints that ended in each period. Failures without completions mean that a restart would repeat ever more work.',
        }),
        lines('checkpointDuration'),
        lines('checkpointInterval'),
      ],
    },
    {
      title: 'Cause',
      panels: [
        lines('checkpointPressure'),
        lines('checkpointSize'),
        lines(['backPressure', 'busy'], {
          title: 'Back pressure and busy',
          thresholds: 'hidden',
          description:
            'Barriers wait behind records: under back pressure a checkpoint takes as long as its barriers need to pass.',
        }),
        counts('restarts'),
        lines(['containerMemory', 'managedMemory'], {
          title: 'Memory',
          description: 'Memory of the fullest container and memory managed by Flink, where RocksDB keeps its state.',
        }),
        lines('containerCpu'),
      ],
    },
    {
      title: 'Detail',
      panels: [
        table(['checkpointDuration', 'checkpointSize', 'checkpointPressure'], {
          as: 'summary',
          title: 'Summary',
          description:
            'Latest, minimum, average and maximum over the checkpoints of the time range, as in Flink’s own web interface.',
          height: 4,
          hidden: ['application'],
        }),
        lines('checkpointSuccessRatio', { width: 24 }),
      ],
    },
  ],
};
