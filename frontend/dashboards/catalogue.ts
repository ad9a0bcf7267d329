// The catalogue as the dashboards need it: titles, meanings, units and lines.
//
// Signals are read from catalogue.json, which a test of the backend writes from its own table
// (`UPDATE_DOCS=1 cargo test --test it docs`). The few metrics that are shown raw stand here; the host's suite holds
// units and lines to what the plugin answers.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Scope } from '../src/types';

/** From this value on the colour is another. */
export interface Line {
  value: number;
  color: string;
}

/** The colour below all lines, and the lines upwards. */
export interface Lines {
  base: string;
  steps: readonly Line[];
}

export interface Entry {
  id: string;
  title: string;
  /** Grafana's id of the unit. */
  unit: string;
  meaning: string;
  /** None where nobody draws any. */
  lines: Lines | null;
  /** More is better: trouble lies below the lines. A drawn line would have the colour of the better side. */
  isCrossedDownwards: boolean;
}

interface StateLine {
  state: string;
  value: number;
}

interface Catalogue {
  signals: Array<{
    id: string;
    title: string;
    unit: string;
    meaning: string;
    good: 'up' | 'down' | 'neutral';
    lines: StateLine[];
  }>;
}

const COLORS: Record<string, string> = { warning: 'orange', critical: 'red' };

const RAW: Entry[] = [
  raw(
    'downtime',
    'Downtime',
    'ms',
    'Length of the current outage. It can stay 0 through a whole restart, so availability follows uptime and restarts instead. Up to Flink 1.20.'
  ),
  raw('restartingTime', 'Restarting time', 'ms', 'Time for which the job has been restarting. From Flink 2.2 on.'),
  raw('failingTime', 'Failing time', 'ms', 'Time for which the job has been failing. From Flink 2.2 on.'),
  raw('cancellingTime', 'Cancelling time', 'ms', 'Time for which the job has been cancelling. From Flink 2.2 on.'),
  raw(
    'currentInputWatermark',
    'Input watermark',
    'dateTimeAsIso',
    'Event time of the last watermark received, for the subtask furthest behind.'
  ),
  raw(
    'currentOutputWatermark',
    'Output watermark',
    'dateTimeAsIso',
    'Event time of the last watermark emitted, for the subtask furthest behind.'
  ),
  raw(
    'threadsCount',
    'Threads',
    'short',
    'Live Java threads; it says nothing about parallelism. A steady climb is a thread leak.'
  ),
  raw(
    'containerDiskUtilization',
    'Container disk',
    'percent',
    'Use of the root file system of the TaskManager containers.'
  ),
  raw(
    'metaspaceMemoryUtilization',
    'TaskManager metaspace',
    'percent',
    'Java metaspace in use on the fullest TaskManager. It grows with every restart when classes leak.'
  ),
  raw('jobmanagerHeapMemoryUtilization', 'JobManager heap', 'percent', 'Java heap in use on the JobManager.'),
  raw(
    'jobmanagerMetaspaceMemoryUtilization',
    'JobManager metaspace',
    'percent',
    'Java metaspace in use on the JobManager.'
  ),
  raw(
    'bytes_consumed_rate',
    'Kafka bytes read',
    'Bps',
    'Bytes that a Kafka consumer reads per second, as a mean of the consumers.'
  ),
];

const HOURLY = 'Published once an hour while the application runs';
const WITH_CHECKPOINT = 'Only where a checkpoint completed in the time range';
const WITH_KAFKA = 'Only Kafka sources publish it';
const WITH_EVENT_TIME = 'Only jobs with event time have it, once they read';
const FROM_FLINK_2 = 'From Flink 2.2 on';

/**
 * When a signal has a value at all. Grafana shows it in a panel without one, after an error of AWS too: so it says nothing of what the
 * application does. The answer's own words stand behind its icon.
 */
const CONDITIONS: Record<string, string> = {
  sourceRate: 'Needs a source task, and mostly the metrics level TASK',
  sinkRate: 'Needs a sink task, and mostly the metrics level TASK',
  consumerLagTime: 'Only Kinesis and Kafka sources report a lag',
  consumerLagRecords: 'Only Kafka sources report it',
  timeToCatchUp: 'Only while the lag falls',
  lateRecords: 'Only windows with event time count late records',
  watermarkLag: WITH_EVENT_TIME,
  watermarkSkew: 'Only tasks with two inputs and event time have it',
  currentInputWatermark: WITH_EVENT_TIME,
  checkpointDuration: WITH_CHECKPOINT,
  checkpointSize: WITH_CHECKPOINT,
  checkpointPressure: WITH_CHECKPOINT,
  checkpointsCompleted: FROM_FLINK_2,
  checkpointInterval: 'From Flink 2.2 on, once two checkpoints completed',
  checkpointSuccessRatio: 'From Flink 2.2 on, once a checkpoint ended',
  fileDescriptors: FROM_FLINK_2,
  metaspaceMemoryUtilization: FROM_FLINK_2,
  jobmanagerHeapMemoryUtilization: FROM_FLINK_2,
  kpus: HOURLY,
  kpuCost: HOURLY,
  costPerMillionRecords: HOURLY,
  bytes_consumed_rate: WITH_KAFKA,
  kafkaCommits: WITH_KAFKA,
  kafkaCommitsFailed: WITH_KAFKA,
};

/** The metrics level from which on an application publishes of its parts. */
const LEVELS: Record<Exclude<Scope, 'application'>, string> = {
  task: 'TASK',
  operator: 'OPERATOR',
  subtask: 'PARALLELISM',
};

/** When a part has a value of the signal, beside that level. */
const CONDITIONS_OF_PARTS: Record<string, string> = {
  watermarkLag: ', with event time',
  watermarkSkew: ', with two inputs and event time',
  selectivity: ', once records arrive',
};

/** What a panel says in which the signal has no value. */
export function conditionOf(id: string, of: Scope): string {
  if (of === 'application') {
    return CONDITIONS[id] ?? 'No value in the time range';
  }
  return `From the metrics level ${LEVELS[of]} on${CONDITIONS_OF_PARTS[id] ?? ''}`;
}

const CATALOGUE = JSON.parse(readFileSync(path.join(import.meta.dirname, 'catalogue.json'), 'utf8')) as Catalogue;

const ENTRIES = new Map([...readSignals(), ...RAW].map((entry) => [entry.id, entry]));

/** The metrics that are not signals: the plugin's answers call them by CloudWatch's names. */
export const RAW_IDS: readonly string[] = RAW.map(({ id }) => id);

/** Times that reach from seconds to days. */
export const CLOCK_IDS: readonly string[] = ['consumerLagTime', 'watermarkLag', 'watermarkSkew', 'uptime'];

/** The columns of tables that hold shares. */
export const RATIO_TITLES: readonly string[] = [...ENTRIES.values()]
  .filter(({ unit }) => unit === 'percentunit')
  .map(({ title }) => title);

export function entryOf(id: string): Entry {
  const entry = ENTRIES.get(id);
  if (entry === undefined) {
    throw new Error(`The catalogue has no ${id}.`);
  }
  return entry;
}

function raw(id: string, title: string, unit: string, meaning: string): Entry {
  return { id, title, unit, meaning, lines: null, isCrossedDownwards: false };
}

function readSignals(): Entry[] {
  return CATALOGUE.signals.map(({ id, title, unit, meaning, good, lines }) => {
    const isCrossedDownwards = good === 'up' && lines.length > 0;
    return { id, title, unit, meaning, isCrossedDownwards, lines: colored(lines, isCrossedDownwards) };
  });
}

function colored(lines: StateLine[], isCrossedDownwards: boolean): Entry['lines'] {
  if (lines.length === 0) {
    return null;
  }
  const drawn = lines.map(({ state, value }) => ({ value, color: COLORS[state] ?? '' }));
  if (!isCrossedDownwards) {
    return { base: 'green', steps: drawn };
  }
  // Each colour ends at its line, and the one above it is the next better.
  const better = ['green', ...drawn.map(({ color }) => color)];
  const steps = drawn.map(({ value }, index) => ({ value, color: better[index] ?? '' })).reverse();
  return { base: drawn.at(-1)?.color ?? 'green', steps };
}
