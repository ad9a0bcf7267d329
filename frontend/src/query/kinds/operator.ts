// Signals per task, operator or subtask.
import { LEVELS } from '../../types';
import type { ApplicationState, Choice, Level } from '../../types';
import { NUMBER_FIELDS, numberFieldsWithDefaults } from '../fields';
import { readIds, readNames, readShape, readTop, readWord } from '../read';
import type { KnownApplication, QueryKind } from './kind';

const SHAPES = [
  { value: 'series', label: 'Series', description: 'one line per target and signal' },
  { value: 'table', label: 'Table', description: 'one row per target, from the sources on', isTable: true },
] as const;

const DEFAULT_SIGNALS = {
  series: {
    task: ['busy', 'backPressure'],
    operator: ['recordsInRate', 'recordsOutRate'],
    subtask: ['busy', 'backPressure'],
  },
  table: {
    task: ['busy', 'backPressure', 'idle', 'recordsInRate', 'recordsOutRate', 'selectivity', 'skew', 'watermarkLag'],
    operator: ['recordsInRate', 'recordsOutRate', 'selectivity', 'watermarkLag'],
    subtask: ['busy', 'backPressure', 'idle', 'recordsInRate', 'recordsOutRate', 'selectivity', 'watermarkLag'],
  },
};

export const OPERATOR: QueryKind<'operator'> = {
  label: 'Operator',
  description: 'signals per task, operator or subtask',
  group: 'Metrics',
  fields: {
    ...NUMBER_FIELDS,
    level: 'word',
    tasks: 'names',
    operators: 'names',
    signals: 'ids',
    top: 'top',
    as: 'word',
  },
  shapes: SHAPES,
  runs: 'on change',
  alerts: true,
  annotates: true,
  isPrefetched: true,
  withDefaults(query) {
    const level: Level = readWord(query.level, LEVELS);
    const as = readShape(query.as, SHAPES);
    const signals = readIds(query.signals, DEFAULT_SIGNALS[as][level]);
    return {
      queryType: 'operator',
      ...numberFieldsWithDefaults(query),
      level,
      tasks: readNames(query.tasks, '*'),
      operators: readNames(query.operators, '*'),
      signals,
      top: readTop(query.top, signals),
      as,
    };
  },
  numbersOf: ({ signals }) => signals,
  canShow: ({ signal }) => signal?.levels.some((level) => level !== 'application') ?? false,
  labelsOf: ({ level }) => [
    'application',
    'task',
    ...(level === 'task' ? [] : ['operator']),
    ...(level === 'subtask' ? ['subtask'] : []),
  ],
  filterKeys: ({ level = 'task' }) => (level === 'task' ? ['task'] : ['task', 'operator']),
  describeGaps({ level = 'task', signals: ids = [] }, { signals, applications, state }) {
    return {
      level: describeLevel(level, applications, state) || undefined,
      signals: describeSignals(ids, level, signals) || undefined,
    };
  },
  examples: [
    {
      task: 'Does it keep up?',
      title: 'Watermark lag by task',
      advice: 'How far event time is behind the clock: the task where it jumps holds back.',
      query: { signals: ['watermarkLag'] },
    },
    {
      task: 'Where is the bottleneck?',
      title: 'Back pressure, top 5 tasks',
      advice: 'The cause is the next busy task downstream that is not back pressured.',
      query: { signals: ['backPressure'], top: { count: 5, by: 'backPressure' } },
    },
    {
      task: 'Where is the bottleneck?',
      title: 'All tasks in one table',
      advice: 'Busy, back pressure, idle and records of each task, from the sources on.',
      query: { as: 'table' },
    },
    {
      task: 'Where is the bottleneck?',
      title: 'Records by operator',
      advice: 'What each operator takes in and puts out; needs the metrics level OPERATOR.',
      query: { level: 'operator', signals: ['recordsInRate', 'recordsOutRate'] },
    },
    {
      task: 'Where is the bottleneck?',
      title: 'Busiest subtasks',
      advice: 'One subtask far above the others is skew; needs the metrics level PARALLELISM.',
      query: { level: 'subtask', signals: ['busy'], top: { count: 10 } },
    },
  ],
};

/** Whether a sentence of the backend says what tasks, operators or subtasks lack. */
export function isAboutLevel(level: Level, notice: string): boolean {
  return new RegExp(`\\b${level}s\\b`).test(notice);
}

/** The monitoring metrics level that publishes series for a level of a query. */
const WANTED: Record<Level, string> = { task: 'TASK', operator: 'OPERATOR', subtask: 'PARALLELISM' };

function describeLevel(
  level: Level,
  applications: readonly KnownApplication[],
  state: ApplicationState | undefined
): string {
  const notices = state?.notices.filter((notice) => isAboutLevel(level, notice)) ?? [];
  if (notices.length > 0) {
    return notices.join(' ');
  }
  const lacking = applications.filter(({ levels }) => levels && !levels.includes(level));
  if (lacking.length === 0) {
    return '';
  }
  const names = lacking.map(({ name }) => `"${name}"`).join(', ');
  return `${names} publishes nothing per ${level}: set the monitoring metrics level of the application to ${WANTED[level]}.`;
}

function describeSignals(ids: readonly string[], level: Level, signals: readonly Choice[]): string {
  return ids
    .flatMap((id) => signals.find((choice) => choice.value === id) ?? [])
    .filter(({ signal }) => signal && !signal.levels.includes(level))
    .map(({ label, signal }) => `${label} does not exist per ${level}, only per ${signal?.levels.join(', ') ?? ''}.`)
    .join(' ');
}
