// The checkpoints of applications.
import { NUMBER_FIELDS, numberFieldsWithDefaults } from '../fields';
import { readIds, readShape } from '../read';
import type { QueryKind } from './kind';

const SHAPES = [
  { value: 'series', label: 'Series', description: 'one line per application and signal' },
  {
    value: 'summary',
    label: 'Summary',
    description: 'latest, minimum, average and maximum of duration and size',
    isTable: true,
    hides: 'signals',
  },
] as const;

const DEFAULT_SIGNALS = [
  'checkpointDuration',
  'checkpointSize',
  'checkpointsCompleted',
  'checkpointsFailed',
  'checkpointSuccessRatio',
  'checkpointInterval',
  'checkpointPressure',
];

/** What the columns of a summary are about. */
const SUMMARY_SIGNALS = ['checkpointDuration', 'checkpointSize'];

export const CHECKPOINT: QueryKind<'checkpoint'> = {
  label: 'Checkpoint',
  description: 'duration, size, failures',
  group: 'Metrics',
  fields: { ...NUMBER_FIELDS, signals: 'ids', as: 'word' },
  shapes: SHAPES,
  runs: 'on change',
  alerts: true,
  annotates: true,
  isPrefetched: true,
  // Two units, where all signals have five.
  start: { signals: ['checkpointDuration', 'checkpointsFailed'] },
  withDefaults(query) {
    return {
      queryType: 'checkpoint',
      ...numberFieldsWithDefaults(query),
      signals: readIds(query.signals, DEFAULT_SIGNALS),
      as: readShape(query.as, SHAPES),
    };
  },
  numbersOf: ({ signals, as }) => (as === 'summary' ? SUMMARY_SIGNALS : signals),
  canShow: ({ group }) => group?.startsWith('Checkpoint') ?? false,
  examples: [
    {
      task: 'Are checkpoints healthy?',
      title: 'Checkpoint summary',
      advice: "Latest, lowest, average and highest duration and size, as in Flink's own UI.",
      query: { as: 'summary' },
    },
    {
      task: 'Are checkpoints healthy?',
      title: 'Duration and failures',
      advice: 'A flat duration can also mean that no checkpoint completes any more.',
      query: { signals: ['checkpointDuration', 'checkpointsFailed'] },
    },
  ],
};
