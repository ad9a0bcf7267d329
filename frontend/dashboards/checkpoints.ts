// Checkpoints of one application: do they complete, in time, and what slows them down.
import type { Page } from './model.ts';
import { counts, lines, stat, table } from './panels.ts';

/** Both headings and numbers are read on a phone, too. */
const SUMMARY = {
  'Checkpoint duration latest': 'Duration latest',
  'Checkpoint duration minimum': 'Duration min',
  'Checkpoint duration average': 'Duration mean',
  'Checkpoint duration maximum': 'Duration max',
  'Checkpoint size latest': 'Size latest',
  'Checkpoint size minimum': 'Size min',
  'Checkpoint size average': 'Size mean',
  'Checkpoint size maximum': 'Size max',
};

const summary = table([], {
  as: 'summary',
  title: 'Summary',
  description:
    'Latest, minimum, average and maximum over the checkpoints of the time range, as in Flink’s own web interface.',
  height: 4,
  renamed: SUMMARY,
  // Four stand side by side on a phone.
  stretched: Object.fromEntries(Object.values(SUMMARY).map((name) => [name, 84])),
  hidden: ['application'],
});

/** A tile that shows a column of the summary, so that both say the same. */
function ofSummary(name: string) {
  return { column: { of: summary, name }, width: 6 };
}

export const checkpoints: Page = {
  id: 'checkpoints',
  title: 'Flinkwatch: Checkpoints',
  description: 'Checkpoints of one application: whether they complete, how long they take, how large they are.',
  choices: ['application'],
  from: 'now-6h',
  refresh: '5m',
  top: '5',
  marksRestarts: true,
  sections: [
    {
      title: 'Overview',
      panels: [
        stat('checkpointsFailed', 'sum', {
          title: 'Failed',
          width: 6,
          lines: { base: 'green', steps: [{ value: 1, color: 'orange' }] },
        }),
        stat('checkpointDuration', 'lastNotNull', { ...ofSummary('Checkpoint duration latest'), title: 'Duration' }),
        stat('checkpointPressure', 'lastNotNull', { title: 'Share of the interval', width: 6 }),
        stat('checkpointSize', 'lastNotNull', { ...ofSummary('Checkpoint size latest'), title: 'Size' }),
        summary,
      ],
    },
    {
      title: 'Checkpoints',
      panels: [
        counts('checkpointsFailed', { title: 'Failed by period' }),
        lines('checkpointDuration'),
        lines('checkpointSize'),
      ],
    },
    {
      title: 'Why they are slow or fail',
      panels: [
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
      ],
    },
    {
      title: 'Completed (from Flink 2.2 on)',
      isClosed: true,
      panels: [
        counts('checkpointsCompleted', { title: 'Completed by period' }),
        lines('checkpointInterval', { title: 'Between two completed' }),
        lines('checkpointSuccessRatio', { title: 'Success ratio' }),
      ],
    },
    {
      title: 'Resources',
      isClosed: true,
      panels: [
        lines('checkpointPressure', { title: 'Share of the interval by period', width: 12 }),
        lines('containerCpu', { width: 12 }),
      ],
    },
  ],
};
