// What stands in the fields of queries: their shapes on the wire, those of every kind, and those of the kinds that show numbers. The fields
// of one kind alone stand in its row in query/kinds. Migration and variables go by these tables, and the compiler wants a row per field.
import type { DataQuery } from '@grafana/schema';
import type { CommonFields, FlinkQuery, Kind, NumberFields, Queries } from '../types';
import { readPeriod, readStatistic, readText } from './read';

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
export type WireField<Query extends DataQuery> = Exclude<keyof Query, Exclude<keyof DataQuery, 'queryType'>>;

/** A query with nothing left out, as the backend reads it. */
export type Complete<Query extends FlinkQuery> = Query extends FlinkQuery
  ? Required<Pick<Query, WireField<Query>>>
  : never;

/** The fields that all kinds have. */
export const COMMON_FIELDS = {
  queryType: 'word',
  schema: 'version',
  region: 'required',
  accountId: 'account',
  applications: 'names',
  exclude: 'exclude',
  only: 'only',
} as const satisfies Record<WireField<CommonFields>, FieldShape>;

type CommonField = keyof typeof COMMON_FIELDS;

/** Those of the kinds that show numbers, for their rows. */
export const NUMBER_FIELDS = {
  statistic: 'text',
  period: 'text',
  legend: 'legend',
} as const satisfies Record<keyof NumberFields, FieldShape>;

/** The same with every default. */
export function numberFieldsWithDefaults({ statistic, period, legend }: NumberFields): Required<NumberFields> {
  return { statistic: readStatistic(statistic), period: readPeriod(period), legend: readText(legend, 'auto') };
}

/** The shapes of the fields that a kind has beside those of all kinds. */
export type OwnFields<K extends Kind> = Record<Exclude<WireField<Queries[K]>, CommonField>, FieldShape>;

/** A complete query without what all kinds have. */
export type Own<K extends Kind> = K extends Kind
  ? Omit<Complete<Queries[K]>, Exclude<CommonField, 'queryType'>>
  : never;

/** A field of any kind. */
export type FieldName = Queries[Kind] extends infer Query
  ? Query extends FlinkQuery
    ? WireField<Query>
    : never
  : never;

/** What is said beside fields of the editor. */
export type Problems = Partial<Record<FieldName, string>>;
