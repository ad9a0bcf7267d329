// Signals of whole applications, and the table of all of them.
import { NUMBER_FIELDS, numberFieldsWithDefaults } from '../fields';
import { readIds, readShape, readTop } from '../read';
import type { QueryKind } from './kind';

const SHAPES = [
  { value: 'series', label: 'Series', description: 'one line per application and signal' },
  {
    value: 'table',
    label: 'Table',
    description: 'one row per application: health, status, runtime, size, signals, cost',
    isTable: true,
    // It has all applications.
    drops: 'top',
  },
] as const;

const DEFAULT_SIGNALS = {
  series: ['sourceRate', 'sinkRate'],
  table: [
    'uptime',
    'restarts',
    'sourceRate',
    'sinkRate',
    'consumerLagTime',
    'consumerLagRecords',
    'backPressure',
    'busy',
    'checkpointDuration',
    'checkpointsFailed',
    'cpu',
    'heap',
  ],
};

export const APPLICATION: QueryKind<'application'> = {
  label: 'Application',
  description: 'throughput, lag, restarts, resources, cost',
  group: 'Metrics',
  fields: { ...NUMBER_FIELDS, signals: 'ids', top: 'top', as: 'word' },
  shapes: SHAPES,
  runs: 'on change',
  alerts: true,
  annotates: true,
  isPrefetched: true,
  withDefaults(query) {
    const as = readShape(query.as, SHAPES);
    const signals = readIds(query.signals, DEFAULT_SIGNALS[as]);
    return {
      queryType: 'application',
      ...numberFieldsWithDefaults(query),
      signals,
      top: readTop(query.top, signals),
      as,
    };
  },
  numbersOf: ({ signals }) => signals,
  canShow: ({ signal }) => signal?.levels.includes('application') ?? false,
  examples: [
    {
      task: 'Is all well?',
      title: 'Fleet',
      advice: 'One row per application: health and its reason, throughput, lag, restarts, cost. Use a table.',
      query: { applications: ['*'], as: 'table' },
    },
    {
      task: 'Is all well?',
      title: 'Throughput',
      advice: 'What the sources read and the sinks write. Sources at 0 in a running job: it is stuck.',
      query: { signals: ['sourceRate', 'sinkRate'] },
    },
    {
      task: 'Is all well?',
      title: 'Restarts',
      advice: 'More than two an hour is a restart loop, even if the application reads RUNNING.',
      query: { signals: ['restarts', 'availability'] },
    },
    {
      task: 'Does it keep up?',
      title: 'Consumer lag',
      advice: 'How far Kinesis and Kafka sources are behind; steady growth means too little capacity.',
      query: { signals: ['consumerLagTime', 'consumerLagRecords'] },
    },
    {
      task: 'What does it use and cost?',
      title: 'CPU, heap and memory',
      advice: 'The hottest TaskManager, as a share of what it has.',
      query: { signals: ['cpu', 'heap', 'containerMemory'] },
    },
    {
      task: 'What does it use and cost?',
      title: 'Cost',
      advice: 'KPUs billed per hour and what they cost; choose a range of a day or more.',
      query: { signals: ['kpus', 'kpuCost'] },
    },
  ],
};
