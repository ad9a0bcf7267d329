// What the backend reads where a query says nothing. The editor shows it; saved queries keep their gaps.
import { LEVELS, SCHEMA } from '../types';
import type {
  ApplicationQuery,
  CheckpointQuery,
  Exclude,
  FlinkQuery,
  FlinkwatchSettings,
  Level,
  MetricQuery,
  OperatorQuery,
  Top,
} from '../types';
import type { Complete } from './fields';
import { isCloudWatchTarget, isObject } from './migrate';

/** A new query: nothing is chosen. It is asked where it is known whose sources and sinks it is about. */
export const DEFAULT_QUERY = { queryType: 'application', schema: SCHEMA } as const satisfies Partial<FlinkQuery>;

/** What is bad news as soon as it is above 0: an alert rule and an annotation start with it. */
export const RESTARTS_QUERY = { ...DEFAULT_QUERY, signals: ['restarts'] } satisfies Partial<FlinkQuery>;

const APPLICATION_SIGNALS = {
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

const OPERATOR_SIGNALS = {
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

const CHECKPOINT_SIGNALS = [
  'checkpointDuration',
  'checkpointSize',
  'checkpointsCompleted',
  'checkpointsFailed',
  'checkpointSuccessRatio',
  'checkpointInterval',
  'checkpointPressure',
];

/** The data source's own defaults. Without them a query's region is `default`, and one that names no application has none: it is never all that run. */
export type SourceDefaults = Pick<FlinkwatchSettings, 'defaultRegion' | 'defaultApplication'>;

/** Fills in every default. The result has the types it claims, also for a saved query that is wrong. */
export function withDefaults(query: FlinkQuery, source: SourceDefaults = {}): Complete<FlinkQuery> {
  const common = commonWithDefaults(query, source);
  switch (query.queryType) {
    case 'operator':
      return { ...common, ...operatorWithDefaults(query) };
    case 'checkpoint':
      return { ...common, ...checkpointWithDefaults(query) };
    case 'metric':
      return { ...common, ...metricWithDefaults(query) };
    case 'application':
    default:
      return { ...common, ...applicationWithDefaults(query) };
  }
}

/** Whether it is known whose numbers a query asks for; a new query asks for none before that. */
export function hasApplications(query: FlinkQuery, { defaultApplication }: SourceDefaults = {}): boolean {
  if (isCloudWatchTarget(query)) {
    return true;
  }
  const named = [query.applications, ...readOnly(query.only).map(({ applications }) => applications)];
  return named.some((names) => readTexts(names).length > 0) || readText(defaultApplication, '') !== '';
}

/** Whether a query has nothing to ask yet. */
export function isIncomplete(query: FlinkQuery): boolean {
  const asked = withDefaults(query);
  return asked.queryType === 'metric' && asked.metric === '';
}

function commonWithDefaults(query: FlinkQuery, source: SourceDefaults) {
  const region = readText(query.region, 'default');
  const only = readOnly(query.only);
  const isNarrowed = only.some(({ applications }) => applications !== undefined);
  const otherwise = isNarrowed ? ['*'] : readTexts(source.defaultApplication);
  return {
    schema: SCHEMA,
    region: region === 'default' ? readText(source.defaultRegion, 'default') : region,
    accountId: readText(query.accountId, ''),
    applications: readTexts(query.applications).length === 0 ? otherwise : readNames(query.applications, '*'),
    exclude: readLists(query.exclude),
    only,
    statistic: readStatistic(query.statistic),
    period: readPeriod(query.period),
    legend: readText(query.legend, 'auto'),
  };
}

function applicationWithDefaults(query: ApplicationQuery) {
  const as = readWord(query.as, ['series', 'table']);
  const signals = readIds(query.signals, APPLICATION_SIGNALS[as]);
  return { queryType: 'application' as const, signals, top: readTop(query.top, signals), as };
}

function operatorWithDefaults(query: OperatorQuery) {
  const level: Level = readWord(query.level, LEVELS);
  const as = readWord(query.as, ['series', 'table']);
  const signals = readIds(query.signals, OPERATOR_SIGNALS[as][level]);
  return {
    queryType: 'operator' as const,
    level,
    tasks: readNames(query.tasks, '*'),
    operators: readNames(query.operators, '*'),
    signals,
    top: readTop(query.top, signals),
    as,
  };
}

function checkpointWithDefaults(query: CheckpointQuery) {
  const as = readWord(query.as, ['series', 'summary']);
  return { queryType: 'checkpoint' as const, signals: readIds(query.signals, CHECKPOINT_SIGNALS), as };
}

function metricWithDefaults(query: MetricQuery) {
  const dimensions: Record<string, unknown> = isObject(query.dimensions) ? query.dimensions : {};
  const filters = Object.entries(dimensions).filter(([, filter]) => filter !== null);
  return {
    queryType: 'metric' as const,
    metric: readText(query.metric, ''),
    dimensions: Object.fromEntries(filters.map(([name, filter]) => [name, readNames(filter, '*')[0] ?? '*'])),
  };
}

/** The text without spaces around it; anything else that is there, as JSON has it. */
function readText(value: unknown, otherwise: string): string {
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  return text.trim() || otherwise;
}

/** One of a few words, the first of them unless another is there. */
function readWord<Word extends string>(value: unknown, words: readonly [Word, ...Word[]]): Word {
  return words.find((word) => word === value) ?? words[0];
}

function readTexts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map((each) => readText(each, '')).filter((text) => text !== '');
}

/** Names, each once. `$__all` is Grafana's "All" of a variable. */
function readNames(value: unknown, otherwise: string): string[] {
  const names = readTexts(value);
  if (names.length === 0) {
    return [otherwise];
  }
  return [...new Set(names.map((name) => (name === '$__all' ? '*' : name)))];
}

/** What alone is let through. */
function readOnly(value: unknown): Exclude[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map(readLists).filter((lists) => Object.keys(lists).length > 0);
}

/** The lists that name something. */
function readLists(value: unknown): Exclude {
  const lists: Record<string, unknown> = isObject(value) ? value : {};
  const read: Record<string, unknown> = {};
  for (const list of ['applications', 'tasks', 'operators']) {
    if (readTexts(lists[list]).length > 0) {
      read[list] = readNames(lists[list], '*');
    }
  }
  const dimensions = Object.entries(isObject(lists.dimensions) ? lists.dimensions : {});
  const named = dimensions.filter(([, values]) => readTexts(values).length > 0);
  if (named.length > 0) {
    read.dimensions = Object.fromEntries(named.map(([name, values]) => [name, readNames(values, '*')]));
  }
  return read;
}

/** Ids, each once. */
function readIds(value: unknown, otherwise: readonly string[]): string[] {
  const ids = readTexts(value);
  return [...new Set(ids.length === 0 ? otherwise : ids)];
}

function readTop(value: unknown, signals: readonly string[]): Top | null {
  const top: Record<string, unknown> = isObject(value) ? value : {};
  const count = readText(top.count, '');
  if (count === '') {
    return null;
  }
  return { count: /^[0-9]+$/.test(count) ? Number(count) : count, by: readText(top.by, signals[0] ?? '') };
}

const STATISTICS: Record<string, string> = {
  samplecount: 'SampleCount',
  sum: 'Sum',
  average: 'Average',
  avg: 'Average',
  minimum: 'Minimum',
  min: 'Minimum',
  maximum: 'Maximum',
  max: 'Maximum',
  iqm: 'IQM',
};

/** CloudWatch's spelling: a word, `p95`, or a range such as `TM(10%:90%)`. */
function readStatistic(value: unknown): string {
  const text = readText(value, 'auto');
  const lower = text.toLowerCase();
  const known = STATISTICS[lower];
  if (known !== undefined) {
    return known;
  }
  if (/^(pr|tm|wm|tc|ts)\(/.test(lower)) {
    return text.toUpperCase();
  }
  return /^(tm|wm|tc|ts|p)[0-9.]+$/.test(lower) ? lower : text;
}

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** `auto`, or seconds of a number or a duration; a duration below a minute is one. Anything else stays for the backend to refuse. */
function readPeriod(value: unknown): string | number {
  const text = readText(value, 'auto');
  const [, digits, unit] = /^([0-9]+)([a-z]*)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) {
    return text;
  }
  if (unit === '') {
    return Number(digits);
  }
  const seconds = SECONDS[unit];
  return seconds === undefined ? text : Math.max(60, Math.floor(Number(digits) * seconds));
}
