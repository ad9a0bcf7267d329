// The catalogue's formulas in CloudWatch's metric math, for the data source that Grafana brings along.
//
// Not all of them can be said: metric math has no arithmetic between two lists of series, cannot read an application's
// settings, smooths nothing and makes up for few lost samples. Where a formula is missing, so is its panel.

/** The dimensions that a metric has beside the application. */
export type Dimensions = 'Task' | 'TaskOperator' | 'Flow,Id' | null;

export interface Input {
  /** Where runtimes have different names for it, all of them: an application has one of them at a time. */
  metric: string | readonly string[];
  statistic: 'Average' | 'Maximum' | 'Minimum' | 'Sum' | 'SampleCount';
  /** Where it is not where the panel asks. A part of the name narrows tasks down. */
  at?: { dimensions: Dimensions; task?: string };
}

/**
 * `a` and `b` are the inputs, `n` the samples of `a`, `P` their period in seconds. `many` is for lists of series, which
 * cannot be combined with each other, so that an input stands in it once; without it the list is not drawn.
 */
export interface Formula {
  one: string;
  many?: string;
  /** One number of many series: what is folded of each, and the formula over that. */
  total?: { folded: string; formula: string };
}

export interface Recipe {
  inputs: readonly [Input] | readonly [Input, Input];
  formula: Formula;
  /** Several series of an input are one number of the application. */
  fold?: 'SUM' | 'MAX' | 'MIN';
  /** What the number is, where it is not quite the signal. */
  about?: string;
  /** The least period that has a point in it. */
  period?: number;
}

/**
 * The service takes four samples a minute of each subtask, so Sum is that many times the total. A bucket that lost a few
 * of them counts as many as the one before; one that lost a fifth, as the newest of a long period does, has no point.
 */
const TOTAL: Formula = {
  one: 'a / n * (n - DIFF(n) * (DIFF(n) < 0)) / (4 * P / 60) / ((n + 4 * DIFF(n)) >= 0)',
  many: 'a / (4 * P / 60)',
};
// A division by 0 leaves no point: -1 and the limits of a long mean that there is no value. Lists show them.
const KNOWN: Formula = { one: 'a / (a >= 0)', many: 'a' };
// Counters begin again at 0 with a new job. Lists show the fall.
const INCREASE: Formula = {
  one: 'DIFF(a) * (DIFF(a) > 0)',
  many: 'DIFF(a)',
  total: { folded: 'SUM(DIFF(s))', formula: 'a * (a > 0)' },
};
// Of a period, of what a stopwatch in milliseconds counts.
const SHARE: Formula = { one: 'RATE(a) / 1000 * (RATE(a) > 0)', many: 'RATE(a) / 1000' };
/**
 * The same of the time that a job has run. Samples are 15 seconds apart, and one that is lost is no outage. Where samples
 * are missing at the end, as in the newest period, the time that they cover counts.
 */
const RUNNING: Formula = { one: 'IF(DIFF(a) > (n * 15 - 16) * 1000, 1, RATE(a) / 1000 * (RATE(a) > 0))' };

const UPTIME = ['runningTime', 'uptime'];
const RESTARTS = ['numRestarts', 'fullRestarts'];

const SOURCES: Input = {
  metric: 'numRecordsOutPerSecond',
  statistic: 'Sum',
  at: { dimensions: 'Task', task: 'Source' },
};
const SINKS: Input = { metric: 'numRecordsInPerSecond', statistic: 'Sum', at: { dimensions: 'Task', task: 'Sink' } };

const RECIPES: Record<string, Recipe> = {
  sourceRate: { inputs: [SOURCES], formula: TOTAL, fold: 'SUM' },
  sinkRate: { inputs: [SINKS], formula: TOTAL, fold: 'SUM' },
  recordsInRate: one('numRecordsInPerSecond', 'Sum', TOTAL),
  recordsOutRate: one('numRecordsOutPerSecond', 'Sum', TOTAL),
  // A lost sample moves the sum of a counter by all that was ever counted, so this is not the total.
  lateRecords: { ...one('numLateRecordsDropped', 'Maximum', INCREASE), about: 'of the subtask with most' },
  // The lowest of a minute's samples is its first: on average 7.5 seconds into the minute.
  watermarkLag: one('currentOutputWatermark', 'Minimum', { one: '(EPOCH(a) * 1000 + 7500 - a) / (a > 0)' }),
  watermarkSkew: two(
    'currentOutputWatermark',
    'Maximum',
    ['currentInputWatermark', 'Minimum'],
    // Where two periods meet: within one, the clock moves both. Samples lie 7.5 seconds off the edge on average.
    '(a - DIFF(a) + DIFF(a) * (DIFF(a) > 0) * 7.5 / P - b + DIFF(b) * (DIFF(b) > 0) * 7.5 / P) / (a > 0) / (b > 0)'
  ),
  consumerLagTime: { inputs: [kinesis('millisBehindLatest')], formula: KNOWN, fold: 'MAX' },
  consumerLagRecords: one('records_lag_max', 'Maximum', KNOWN),
  busy: one('busyTimeMsPerSecond', 'Maximum', each('a / 1000')),
  backPressure: one('backPressuredTimeMsPerSecond', 'Maximum', each('a / 1000')),
  idle: one('idleTimeMsPerSecond', 'Average', each('a / 1000')),
  checkpointDuration: one('lastCheckpointDuration', 'Maximum', KNOWN),
  checkpointSize: one('lastCheckpointSize', 'Maximum', KNOWN),
  checkpointsCompleted: one('numberOfCompletedCheckpoints', 'Maximum', INCREASE),
  checkpointsFailed: one('numberOfFailedCheckpoints', 'Maximum', INCREASE),
  checkpointSuccessRatio: two(
    'numberOfCompletedCheckpoints',
    'Maximum',
    ['numberOfFailedCheckpoints', 'Maximum'],
    'DIFF(a) * (DIFF(a) > 0) / (DIFF(a) * (DIFF(a) > 0) + DIFF(b) * (DIFF(b) > 0))'
  ),
  checkpointInterval: one('numberOfCompletedCheckpoints', 'Maximum', { one: 'P / DIFF(a) / (DIFF(a) > 0)' }),
  restarts: one(RESTARTS, 'Maximum', INCREASE),
  availability: one(UPTIME, 'Maximum', RUNNING),
  uptime: { ...one(UPTIME, 'Minimum', KNOWN), fold: 'MIN' },
  cpu: one('cpuUtilization', 'Maximum', each('a / 100')),
  containerCpu: one('containerCPUUtilization', 'Average', each('a / 100')),
  heap: one('heapMemoryUtilization', 'Maximum', each('a / 100')),
  containerMemory: one('containerMemoryUtilization', 'Maximum', each('a / 100')),
  managedMemory: one('managedMemoryUtilization', 'Maximum', each('a / 100')),
  gcPressure: one('oldGenerationGCTime', 'Maximum', SHARE),
  gcCollections: one('oldGenerationGCCount', 'Maximum', INCREASE),
  cpuHeadroom: one('containerCPUUtilization', 'Maximum', each('0.75 - a / 100')),
  memoryHeadroom: two(
    'containerMemoryUtilization',
    'Maximum',
    ['heapMemoryUtilization', 'Maximum'],
    '1 - MAX([a, b]) / 100'
  ),
  kpus: { ...one('KPUs', 'Maximum', summed('a')), period: 3600 },
  kpuCost: { ...one('KPUs', 'Maximum', summed('a * $kpu_price')), period: 3600 },
  downtime: one('downtime', 'Maximum', KNOWN),
  restartingTime: one('restartingTime', 'Maximum', KNOWN),
  failingTime: one('failingTime', 'Maximum', KNOWN),
  cancellingTime: one('cancellingTime', 'Maximum', KNOWN),
  currentInputWatermark: one('currentInputWatermark', 'Minimum', { one: 'a / (a > 0)' }),
  currentOutputWatermark: one('currentOutputWatermark', 'Minimum', { one: 'a / (a > 0)' }),
  threadsCount: one('threadsCount', 'Maximum', each('a')),
  containerDiskUtilization: one('containerDiskUtilization', 'Maximum', each('a')),
  metaspaceMemoryUtilization: one('metaspaceMemoryUtilization', 'Maximum', each('a')),
  jobmanagerHeapMemoryUtilization: one('jobmanagerHeapMemoryUtilization', 'Maximum', each('a')),
  jobmanagerMetaspaceMemoryUtilization: one('jobmanagerMetaspaceMemoryUtilization', 'Maximum', each('a')),
  bytes_consumed_rate: one('bytes_consumed_rate', 'Average', each('a')),
  kafkaCommits: one('commitsSucceeded', 'Maximum', INCREASE),
  kafkaCommitsFailed: one('commitsFailed', 'Maximum', INCREASE),
};

/** None where metric math cannot say it. */
export function recipeOf(signal: string): Recipe | undefined {
  return RECIPES[signal];
}

/** What is below 0 in a list of it is no value. */
export function isNeverNegative(signal: string): boolean {
  const formula = RECIPES[signal]?.formula;
  return formula === KNOWN || formula === INCREASE;
}

/** A formula that holds its input once says the same of one series and of each of many. */
function each(formula: string): Formula {
  return { one: formula, many: formula };
}

/** The same, and of the sum of many: the newest value of each by itself would count what has stopped since. */
function summed(formula: string): Formula {
  return { ...each(formula), total: { folded: 'SUM(s)', formula } };
}

function one(metric: Input['metric'], statistic: Input['statistic'], formula: Formula): Recipe {
  return { inputs: [{ metric, statistic }], formula };
}

function two(
  metric: string,
  statistic: Input['statistic'],
  [other, otherStatistic]: [string, Input['statistic']],
  formula: string
): Recipe {
  return {
    inputs: [
      { metric, statistic },
      { metric: other, statistic: otherStatistic },
    ],
    formula: { one: formula },
  };
}

function kinesis(metric: string): Input {
  return { metric, statistic: 'Maximum', at: { dimensions: 'Flow,Id' } };
}
