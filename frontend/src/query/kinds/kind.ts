// The row of a kind of query: what the front end has to know of it, and no other file says. The editor of its own fields alone stands
// elsewhere, in components/kinds. A row knows nothing of who reads it.
import type { DataFrame, DataQueryRequest } from '@grafana/data';
import type { ApplicationState, ApplicationTraits, Choice, FlinkQuery, Kind, Queries } from '../../types';
import type { Complete, Own, OwnFields, Problems } from '../fields';

/** Functions are methods here: a row whose kind is only known at run time is one for queries of any kind. */
export interface QueryKind<K extends Kind = Kind> {
  label: string;
  /** In a few words, for the menu of kinds. */
  description: string;
  /** The heading of that menu under which it stands. */
  group: string;
  /** Its fields beside those of every kind. */
  fields: OwnFields<K>;
  /** What an answer can look like, the default first; none where there is nothing to choose. */
  shapes: readonly Shape<ShapeOf<Queries[K]>>[];
  /** Whether `*` means stopped applications, too. */
  includesStopped?: true;
  /** Whether each edit runs it, or a button: what is billed by the amount that is read must be wanted. */
  runs: 'on change' | 'on demand';
  /** Whether an alert rule can have it. */
  alerts: boolean;
  /** Whether an annotation can have it. */
  annotates: boolean;
  /** Whether the backend may ask it before a panel does, because the last refreshes of the dashboard did. */
  isPrefetched: boolean;
  /** Its queries are sent in a request of their own, with these options: nothing else in the panel waits for them. */
  request?: RequestOptions;
  /** Ready queries for the help sheet. They name no application, so they work on the default one or on all. */
  examples: readonly Example<Queries[K]>[];
  /** What a query starts with when it becomes one of this kind, where that is not what the defaults say. */
  start?: Partial<Queries[K]>;
  /** Its own fields with every default, also of a saved query that is wrong. */
  withDefaults(query: Queries[K]): Own<K>;
  /** What must be chosen before there is anything to ask, such as "a metric". */
  findMissing?(asked: Complete<Queries[K]>): string | undefined;
  /** The ids of the signals, or the metric, that it shows. */
  numbersOf?(asked: Complete<Queries[K]>): string[];
  /** Whether it can show an entry of the list of all signals. */
  canShow?(signal: Choice): boolean;
  /** The labels of its lines, where that is not the application alone. */
  labelsOf?(asked: Complete<Queries[K]>): string[];
  /** What a dashboard's viewer can filter it by, beside applications. */
  filterKeys?(query: Queries[K]): FilterKey[];
  /** What it asks that cannot be answered, each at its field. */
  describeGaps?(query: Queries[K], known: Known): Problems;
  /** What was done for it, where that is more than its signals say. */
  explain?(query: Queries[K], frames: readonly DataFrame[]): Explanation[];
}

type ShapeOf<Query extends FlinkQuery> = Query extends FlinkQuery ? NonNullable<Query[keyof Query & 'as']> : never;

export interface Shape<Value extends string = string> {
  value: Value;
  label: string;
  description: string;
  /** Whether it has no points in time, as annotations need them. */
  isTable?: true;
  /** A field that means nothing in it, and is not shown: it comes back with another shape. */
  hides?: 'signals';
  /** The same of a field that is dropped when this shape is chosen. */
  drops?: 'top';
}

/** Of what Grafana sends with queries. */
export type RequestOptions = Partial<
  Pick<DataQueryRequest, 'hideFromInspector' | 'queryCachingTTL' | 'skipQueryCache'>
>;

/** The headings of the help sheet, in its order. */
export const TASKS = [
  'Is all well?',
  'What failed, and why?',
  'Does it keep up?',
  'Where is the bottleneck?',
  'Are checkpoints healthy?',
  'What does it use and cost?',
  'Whose is it?',
] as const;

export interface Example<Query extends FlinkQuery = FlinkQuery> {
  task: (typeof TASKS)[number];
  title: string;
  /** When to use it, and how to read the answer. */
  advice: string;
  query: Draft<Query>;
}

/** A query without the fields that all ready ones have. */
type Draft<Query> = Query extends FlinkQuery ? Omit<Query, 'refId' | 'queryType' | 'schema'> : never;

/** What can be filtered by on a dashboard. */
export const FILTER_KEYS = ['application', 'task', 'operator'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** What is known of what a query names. */
export interface Known {
  signals: readonly Choice[];
  applications: readonly KnownApplication[];
  /** Where the query names one application. */
  state: ApplicationState | undefined;
}

export interface KnownApplication extends ApplicationTraits {
  name: string;
}

export interface Explanation {
  title: string;
  meaning: string;
  /** Unit, formula, good direction: as far as they are known. */
  facts: string[];
}
