// Ready queries by task, for the help sheet. They name no application, so they work on the default one or on all.
import { SCHEMA } from '../types';
import type { FlinkQuery } from '../types';

/** A query without the fields that Grafana gives it. */
type Draft = FlinkQuery extends infer Query ? (Query extends FlinkQuery ? Omit<Query, 'refId'> : never) : never;

export interface Example {
  title: string;
  /** When to use it, and how to read the answer. */
  advice: string;
  query: FlinkQuery;
}

export const EXAMPLES: { task: string; examples: Example[] }[] = [
  {
    task: 'Is all well?',
    examples: [
      example(
        'Fleet',
        'One row per application: health and its reason, throughput, lag, restarts, cost. Use a table.',
        {
          queryType: 'application',
          applications: ['*'],
          as: 'table',
        }
      ),
      example('Throughput', 'What the sources read and the sinks write. Sources at 0 in a running job: it is stuck.', {
        queryType: 'application',
        signals: ['sourceRate', 'sinkRate'],
      }),
      example('Restarts', 'More than two an hour is a restart loop, even if the application reads RUNNING.', {
        queryType: 'application',
        signals: ['restarts', 'availability'],
      }),
    ],
  },
  {
    task: 'Does it keep up?',
    examples: [
      example(
        'Consumer lag',
        'How far Kinesis and Kafka sources are behind; steady growth means too little capacity.',
        {
          queryType: 'application',
          signals: ['consumerLagTime', 'consumerLagRecords'],
        }
      ),
      example('Watermark lag by task', 'How far event time is behind the clock: the task where it jumps holds back.', {
        queryType: 'operator',
        signals: ['watermarkLag'],
      }),
    ],
  },
  {
    task: 'Where is the bottleneck?',
    examples: [
      example('Back pressure, top 5 tasks', 'The cause is the next busy task downstream that is not back pressured.', {
        queryType: 'operator',
        signals: ['backPressure'],
        top: { count: 5, by: 'backPressure' },
      }),
      example('All tasks in one table', 'Busy, back pressure, idle and records of each task, from the sources on.', {
        queryType: 'operator',
        as: 'table',
      }),
      example('Records by operator', 'What each operator takes in and puts out; needs the metrics level OPERATOR.', {
        queryType: 'operator',
        level: 'operator',
        signals: ['recordsInRate', 'recordsOutRate'],
      }),
      example('Busiest subtasks', 'One subtask far above the others is skew; needs the metrics level PARALLELISM.', {
        queryType: 'operator',
        level: 'subtask',
        signals: ['busy'],
        top: { count: 10 },
      }),
    ],
  },
  {
    task: 'Are checkpoints healthy?',
    examples: [
      example('Checkpoint summary', "Latest, lowest, average and highest duration and size, as in Flink's own UI.", {
        queryType: 'checkpoint',
        as: 'summary',
      }),
      example('Duration and failures', 'A flat duration can also mean that no checkpoint completes any more.', {
        queryType: 'checkpoint',
        signals: ['checkpointDuration', 'checkpointsFailed'],
      }),
    ],
  },
  {
    task: 'What does it use and cost?',
    examples: [
      example('CPU, heap and memory', 'The hottest TaskManager, as a share of what it has.', {
        queryType: 'application',
        signals: ['cpu', 'heap', 'containerMemory'],
      }),
      example('CPU, 95th percentile', 'Any CloudWatch metric with any statistic; here cpuUtilization in percent.', {
        queryType: 'metric',
        metric: 'cpuUtilization',
        statistic: 'p95',
      }),
      example('Cost', 'KPUs billed per hour and what they cost; choose a range of a day or more.', {
        queryType: 'application',
        signals: ['kpus', 'kpuCost'],
      }),
    ],
  },
];

function example(title: string, advice: string, draft: Draft): Example {
  return { title, advice, query: { ...draft, refId: 'A', schema: SCHEMA } };
}
