// Which fields each kind of query has on the wire, and what stands in each. Migration and variables walk along this table, so a new field
// is one row here, and the compiler wants that row.
import type { DataQuery } from '@grafana/schema';
import { KINDS } from '../types';
import type { FlinkQuery, Kind } from '../types';

/**
 * What a field holds: `names` and `ids` are lists of texts, where `*` is a name but no id; a `word` is one of a few; `filters` are
 * names by dimension; a `required` text asks for something else when it is empty; `exclude` are lists of names by what they are left out of, and
 * `only` such lists that let through.
 */
export type FieldShape =
  | 'version'
  | 'word'
  | 'text'
  | 'required'
  | 'legend'
  | 'account'
  | 'names'
  | 'ids'
  | 'top'
  | 'filters'
  | 'exclude'
  | 'only';

/** A query's fields without those that Grafana adds to every query. */
export type WireField<Query extends FlinkQuery> = Exclude<keyof Query, Exclude<keyof DataQuery, 'queryType'>>;

/** A query of one kind. */
export type QueryOf<K extends Kind> = Extract<FlinkQuery, { queryType: K }>;

/** A query with nothing left out, as the backend reads it. */
export type Complete<Query extends FlinkQuery> = Query extends FlinkQuery
  ? Required<Pick<Query, WireField<Query>>>
  : never;

/** The fields that all kinds have. */
const COMMON_FIELDS = {
  queryType: 'word',
  schema: 'version',
  region: 'required',
  accountId: 'account',
  applications: 'names',
  exclude: 'exclude',
  only: 'only',
  statistic: 'text',
  period: 'text',
  legend: 'legend',
} as const satisfies Record<WireField<FlinkQuery>, FieldShape>;

type OwnFields<K extends Kind> = Record<Exclude<WireField<QueryOf<K>>, keyof typeof COMMON_FIELDS>, FieldShape>;

const OWN_FIELDS = {
  application: { signals: 'ids', top: 'top', as: 'word' },
  operator: {
    level: 'word',
    tasks: 'names',
    operators: 'names',
    signals: 'ids',
    top: 'top',
    as: 'word',
  },
  checkpoint: { signals: 'ids', as: 'word' },
  metric: { metric: 'required', dimensions: 'filters' },
} as const satisfies { [K in Kind]: OwnFields<K> };

/** Whether the backend answers this kind of query. */
export function isKind(found: unknown): found is Kind {
  return KINDS.some((kind) => kind === found);
}

/** The fields of a kind with their shapes, those of every kind first. */
export function fieldsOf(kind: Kind): [string, FieldShape][] {
  return Object.entries({ ...COMMON_FIELDS, ...OWN_FIELDS[kind] });
}
