// What stands in the logs of applications.
import { FINDS, LOG_LEVELS } from '../../types';
import type { Find, LogsQuery } from '../../types';
import { readPeriod, readShape, readText, readWord } from '../read';
import type { QueryKind } from './kind';

const SHAPES = [
  { value: 'logs', label: 'Logs', description: 'lines, the newest first; each failure once', isTable: true },
  { value: 'table', label: 'Causes', description: 'failures by cause and task', isTable: true },
  { value: 'series', label: 'Count', description: 'how many in each period' },
] as const;

/** What each search finds, in a few words. */
export const FIND_TEXTS: Record<Find, { label: string; description: string }> = {
  failures: { label: 'Failures', description: 'of tasks and the job, with their cause' },
  restarts: { label: 'Restarts', description: 'each time that the job restarts' },
  checkpoints: { label: 'Checkpoints', description: 'triggered and completed ones' },
  checkpointFailures: { label: 'Failed checkpoints', description: 'expired, declined or failed ones' },
  taskManagers: { label: 'Lost TaskManagers', description: 'lost, killed or out of memory' },
  connectors: { label: 'Connectors', description: 'what Kinesis, Firehose and Kafka refuse or lose' },
  accessDenied: { label: 'Access denied', description: "what the application's role may not do" },
  notFound: { label: 'Source or sink missing', description: 'streams, topics and buckets that are not there' },
  deployments: { label: 'Deployments', description: 'starts, updates and stops, and why they failed' },
  text: { label: 'Text', description: 'lines with a text' },
  all: { label: 'All lines', description: 'without those that say nothing' },
};

/** What is looked for: a text alone means lines with it. */
export function findOf({ find, text }: LogsQuery): Find {
  const byDefault = readText(text, '') === '' ? FINDS[0] : 'text';
  return FINDS.find((name) => name === find) ?? byDefault;
}

/** An empty limit, or one that is no number, is the usual one. */
function readLimit(value: unknown): number | string {
  const text = readText(value, '500');
  return /^[0-9]+$/.test(text) ? Number(text) : text;
}

export const LOGS: QueryKind<'logs'> = {
  label: 'Logs',
  description: 'what failed and why, any text',
  group: 'Application facts',
  fields: {
    find: 'word',
    text: 'text',
    level: 'word',
    noise: 'word',
    order: 'word',
    limit: 'text',
    by: 'word',
    as: 'word',
    period: 'text',
  },
  shapes: SHAPES,
  runs: 'on change',
  alerts: true,
  annotates: false,
  isPrefetched: false,
  withDefaults: (query) => ({
    queryType: 'logs',
    find: findOf(query),
    text: readText(query.text, ''),
    level: readWord(query.level, LOG_LEVELS),
    noise: query.noise === true || query.noise === 'true',
    order: readWord(query.order, ['newest', 'oldest']),
    limit: readLimit(query.limit),
    by: readWord(query.by, ['application', 'level']),
    as: readShape(query.as, SHAPES),
    period: readPeriod(query.period),
  }),
  numbersOf: ({ find }) => [find],
  findMissing: ({ find, text }) => (find === 'text' && text === '' ? 'a text' : undefined),
  examples: [
    {
      task: 'What failed, and why?',
      title: 'Causes of failures',
      advice: 'One row per exception and task: when it began, when it last happened, how often.',
      query: { applications: ['*'], as: 'table' },
    },
    {
      task: 'What failed, and why?',
      title: 'Failures',
      advice: 'Each failure once, with its stack trace. Flink logs none of them at level ERROR.',
      query: {},
    },
    {
      task: 'What failed, and why?',
      title: 'Failures per five minutes',
      advice: 'Also for an alert rule, beside the one for restarts: it fires on failures that restart one task only.',
      query: { applications: ['*'], as: 'series', period: 300 },
    },
    {
      task: 'What failed, and why?',
      title: 'Access denied',
      advice: "What the application's role may not do, from any line of its log.",
      query: { find: 'accessDenied' },
    },
  ],
};
