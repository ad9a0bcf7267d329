// The wire: what a saved query, a choice of a drop-down and the data source's settings look like. One to one with the
// backend, and held to it by the saved queries of tests/fixtures/queries, which both sides read.
import type { AwsAuthDataSourceJsonData, AwsAuthDataSourceSecureJsonData } from '@grafana/aws-sdk';
import type { DataQuery } from '@grafana/schema';

/** The version of the query's shape that this editor writes. */
export const SCHEMA = 1;

export const LEVELS = ['task', 'operator', 'subtask'] as const;
export type Level = (typeof LEVELS)[number];

/** Lists of names, in the language of queries: what is left out of what a query selects, or what alone is let through. */
export interface Exclude {
  applications?: string[];
  tasks?: string[];
  operators?: string[];
  /** By dimension, in a metric query. */
  dimensions?: Record<string, string[]>;
}

/** Fields of every kind. All but the kind may be absent: the backend fills in defaults, and the editor shows them. */
export interface CommonFields extends DataQuery {
  schema?: number;
  /** A region's name, or `default` for that of the data source. */
  region?: string;
  /** Twelve digits of a linked account, `all`, or empty for the data source's own. */
  accountId?: string;
  /** Exact names, `*`, `/regex/` or variables. */
  applications?: string[];
  exclude?: Exclude;
  /** A name must be in the query's own names and in each of these. */
  only?: Exclude | Exclude[];
}

/** How numbers are measured and named: fields of the kinds that show metrics. */
export interface NumberFields {
  /** `auto`, CloudWatch's name or a percentile such as `p95`. */
  statistic?: string;
  /** `auto`, seconds, or a duration such as `5m`. */
  period?: string | number;
  /** `auto`, or a text with labels such as `{{task}}`. */
  legend?: string;
}

/** Keeps the targets with the highest mean of `by`, which is the first signal unless given. */
export interface Top {
  count: number | string;
  by?: string;
}

export interface ApplicationQuery extends CommonFields, NumberFields {
  queryType: 'application';
  signals?: string[];
  /** Of series only: the table has every application. */
  top?: Top | null;
  as?: 'series' | 'table';
}

export interface OperatorQuery extends CommonFields, NumberFields {
  queryType: 'operator';
  level?: Level;
  tasks?: string[];
  operators?: string[];
  signals?: string[];
  top?: Top | null;
  as?: 'series' | 'table';
}

export interface CheckpointQuery extends CommonFields, NumberFields {
  queryType: 'checkpoint';
  signals?: string[];
  as?: 'series' | 'summary';
}

export interface MetricQuery extends CommonFields, NumberFields {
  queryType: 'metric';
  metric?: string;
  /** Values by dimension; `*` and `/regex/` select several. */
  dimensions?: Record<string, string>;
}

/** What can be looked for in logs, the default first; the backend has the same names. */
export const FINDS = [
  'failures',
  'restarts',
  'checkpoints',
  'checkpointFailures',
  'taskManagers',
  'connectors',
  'accessDenied',
  'notFound',
  'deployments',
  'text',
  'all',
] as const;
export type Find = (typeof FINDS)[number];

export const LOG_LEVELS = ['all', 'error', 'warning', 'info', 'debug'] as const;

export interface LogsQuery extends CommonFields {
  queryType: 'logs';
  find?: Find;
  /** Words, or a filter pattern of CloudWatch Logs. */
  text?: string;
  level?: (typeof LOG_LEVELS)[number];
  /** Whether lines that say nothing are shown as well. */
  noise?: boolean | string;
  order?: 'newest' | 'oldest';
  /** Rows of lines. */
  limit?: number | string;
  /** What counts are split by. */
  by?: 'application' | 'level';
  as?: 'logs' | 'table' | 'series';
  /** Of counts. */
  period?: string | number;
}

export interface TagsQuery extends CommonFields {
  queryType: 'tags';
  as?: 'table';
}

/** The queries by kind. What the front end knows of each kind is its row in query/kinds. */
export interface Queries {
  application: ApplicationQuery;
  operator: OperatorQuery;
  checkpoint: CheckpointQuery;
  metric: MetricQuery;
  logs: LogsQuery;
  tags: TagsQuery;
}

export type Kind = keyof Queries;
export type FlinkQuery = Queries[Kind];

/** The queries that have a field of this name. */
export type QueryWith<Field extends string> = {
  [K in Kind]: Field extends keyof Queries[K] ? Queries[K] : never;
}[Kind];

/** Every drop-down that the backend fills, by its path. Its row is in query/lists.ts. */
export type ResourcePath =
  | 'regions'
  | 'applications'
  | 'tasks'
  | 'operators'
  | 'signals'
  | 'metrics'
  | 'dimensions'
  | 'sources'
  | 'log-groups'
  | 'accounts';

/** What a number can exist for. */
export const SCOPES = ['application', ...LEVELS] as const;
export type Scope = (typeof SCOPES)[number];

/** One entry of a drop-down, as the backend offers it. */
export interface Choice {
  value: string;
  label: string;
  description?: string;
  /** The heading under which it stands. */
  group?: string;
  /** Of a choice of `signals`. */
  signal?: SignalTraits;
  /** Of a choice of `applications`. */
  application?: ApplicationTraits;
}

/** What is shown beside a signal, or beside a metric that is taken as one. */
export interface SignalTraits {
  levels: Scope[];
  /** In words; none for counts and plain numbers. */
  unit?: string | null;
  formula?: string;
  /** The direction that is good news; none where it depends. */
  good?: 'up' | 'down' | null;
  /** Other names under which it is found: of older guides and other runtimes. */
  aliases?: string[];
  /** What an alert rule asks, where the backend's table of conditions has a line for it. */
  alert?: AlertTraits;
}

/** A condition in the words of Grafana's expressions. */
export interface AlertTraits {
  /** How the values of the last `minutes` become one number. */
  reducer: string;
  minutes: number;
  evaluator: 'gt' | 'lt';
  threshold: number;
}

/** What is known of an application; what is not is absent. */
export interface ApplicationTraits {
  /** As AWS spells it: `RUNNING`, `READY` for stopped. */
  status?: string;
  runtime?: string;
  metricsLevel?: string;
  /** For what it publishes metrics. */
  levels?: Scope[];
}

/** One application, and why some of its drop-downs are empty. */
export interface ApplicationState extends ApplicationTraits {
  name: string;
  /** Sentences with the way to mend what is missing. */
  notices: string[];
}

/** What a query would cost, from facts alone. */
export interface Estimate {
  series: number;
  billedMetrics: number;
  dollarsPerRefresh: number;
  dollarsPerDay?: number | null;
  /** Whether all of it is known. */
  isComplete: boolean;
  /** Why not. */
  reason?: string | null;
}

/** What a variable lists. Each field but the resource narrows the list down, where the resource knows it. */
export interface VariableQuery extends DataQuery {
  resource: ResourcePath;
  region?: string;
  accountId?: string;
  /** Names, `*` or variables; several are separated by commas. */
  application?: string;
  task?: string;
  /** `running`, `stopped` or `all`. */
  status?: string;
  /** `key` or `key:value`. */
  tag?: string;
  /** A `/regex/` that is found in a value or its label. */
  match?: string;
}

/** The settings of a data source beside those of every AWS data source; the backend's defaults stand in docs/configuration.md. */
export interface FlinkwatchSettings extends AwsAuthDataSourceJsonData {
  defaultApplication?: string;
  /** One address for CloudWatch, its logs and Managed Flink stands in the `endpoint` of every AWS data source; these are for one service each. */
  cloudwatchEndpoint?: string;
  kinesisAnalyticsEndpoint?: string;
  logsEndpoint?: string;
  stsEndpoint?: string;
  /** The regions that queries may name; as text, with commas between them. */
  allowedRegions?: string | string[];
  /** Dollars. */
  kpuPricePerHour?: number;
  requestTimeoutSeconds?: number;
  getMetricDataPerSecond?: number;
  listMetricsPerSecond?: number;
  kinesisAnalyticsPerSecond?: number;
  filterLogEventsPerSecond?: number;
  maxConcurrentCalls?: number;
  cacheMegabytes?: number;
  maxPointsPerRequest?: number;
  /** Dollars, as the next two. */
  maxDollarsPerRequest?: number;
  maxDollarsPerHour?: number;
  maxAlertDollarsPerHour?: number;
}

export type FlinkwatchSecrets = AwsAuthDataSourceSecureJsonData;
