// Inside one application: which task is the bottleneck, and what it does to its neighbours.
import type { Page } from './model.ts';
import { highest, lines, stat, table } from './panels.ts';

// The names of tasks are long: their legends need room.
const TASK = { of: 'task', height: 12 } as const;
/** With its task before it the name of an operator would be cut. */
const OPERATOR = { of: 'operator', height: 12, legend: '{{operator}}' } as const;
const BOTTLENECK = 'The bottleneck is the first busy task downstream of the back-pressured ones.';
const SUBTASK = { of: 'subtask', width: 12, height: 12 } as const;

/** Headings in one line, above the digits of their numbers. */
const WIDTHS = {
  Busy: 76,
  'Back pressure': 120,
  Idle: 76,
  'Records in': 104,
  'Records out': 108,
  Selectivity: 98,
  Skew: 68,
  'Event-time latency': 150,
};
const COLUMNS = {
  wide: WIDTHS,
  renamed: {
    'Records in rate': 'Records in',
    'Records out rate': 'Records out',
    'Watermark lag': 'Event-time latency',
  },
  hidden: ['application'],
};

export const operators: Page = {
  id: 'operators',
  title: 'Flinkwatch: Operators',
  description: 'Tasks and operators of one application: the busiest, the most blocked, the most skewed.',
  choices: ['application', 'task', 'top'],
  from: 'now-1h',
  refresh: '5m',
  top: '5',
  marksRestarts: true,
  sections: [
    {
      title: 'Overview',
      panels: [
        stat('sourceRate', 'lastNotNull'),
        stat('sinkRate', 'lastNotNull'),
        stat('busy', 'lastNotNull'),
        stat('backPressure', 'lastNotNull'),
        stat('idle', 'lastNotNull'),
        stat('watermarkLag', 'lastNotNull', { title: 'Latency' }),
        highest('busy', {
          ...TASK,
          height: 6,
          title: 'Busiest tasks',
          description: `Share of time in which the busiest subtask works, of the tasks with the busiest ones. ${BOTTLENECK}`,
        }),
        highest('backPressure', { ...TASK, height: 6, title: 'Most back-pressured tasks' }),
        highest('skew', { ...TASK, height: 6, title: 'Most skewed tasks' }),
        table([], {
          ...TASK,
          title: 'Bottleneck: first busy after blocked',
          description: `Each task in the order of the job, from the sources on, with its newest values. ${BOTTLENECK}`,
          height: 8,
          ...COLUMNS,
          stretched: { task: 260 },
        }),
      ],
    },
    {
      title: 'Busy, blocked, idle',
      panels: [
        lines('busy', { ...TASK, title: 'Busy by task' }),
        lines('backPressure', { ...TASK, title: 'Back pressure by task' }),
        lines('idle', { ...TASK, title: 'Idle by task' }),
      ],
    },
    {
      title: 'Throughput & lag',
      panels: [
        lines('recordsInRate', { ...TASK, title: 'Records in by task' }),
        lines('recordsOutRate', { ...TASK, title: 'Records out by task' }),
        lines('watermarkLag', { ...TASK, title: 'Event-time latency by task' }),
      ],
    },
    {
      title: 'Details',
      isClosed: true,
      panels: [
        lines('skew', { ...TASK, title: 'Skew by task' }),
        lines('selectivity', { ...TASK, title: 'Selectivity by task' }),
        lines('watermarkSkew', { ...TASK, title: 'Watermark skew by task' }),
      ],
    },
    {
      title: 'Operators (level OPERATOR)',
      isClosed: true,
      panels: [
        table([], {
          ...OPERATOR,
          title: 'Operators',
          description:
            'Each operator in the order of the job, with its newest values. Operators have no busy time: a task is one thread.',
          height: 12,
          ...COLUMNS,
          stretched: { task: 260, operator: 220 },
        }),
        lines('recordsInRate', { ...OPERATOR, title: 'Records in by operator' }),
        lines('recordsOutRate', { ...OPERATOR, title: 'Records out by operator' }),
        lines('lateRecords', {
          ...OPERATOR,
          title: 'Late records by operator',
          draw: 'bars',
          empty: 'Only windows with event time count late records',
        }),
      ],
    },
    {
      title: 'Subtasks (level PARALLELISM)',
      isClosed: true,
      panels: [
        lines('busy', { ...SUBTASK, top: 'busy', title: 'Busiest subtasks' }),
        lines('recordsInRate', {
          ...SUBTASK,
          top: 'recordsInRate',
          title: 'Subtasks with most records in',
        }),
      ],
    },
  ],
};
