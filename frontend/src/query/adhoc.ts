// Ad hoc filters: what a dashboard's viewer narrows all panels to. A filter narrows the field of its name in the kinds that have one, and
// leaves other kinds alone; what a query cannot say is refused in words. What is let through goes into `only` and what is left out into
// `exclude`: what names and patterns mean, and what they have in common with those of the query, is the backend's to say.
import type { AdHocVariableFilter } from '@grafana/data';
import type { Exclude, FlinkQuery } from '../types';
import { QueryError } from './query_error';

/** What can be filtered by. */
export const FILTER_KEYS = ['application', 'task', 'operator'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** Where names of a key stand: in a list of what is let through or left out, and under dimensions of a metric. */
const PLACES = {
  application: { list: 'applications', dimensions: [] },
  task: { list: 'tasks', dimensions: ['Task'] },
  // Series have the one or the other.
  operator: { list: 'operators', dimensions: ['Operator', 'TaskOperator'] },
} as const satisfies Record<FilterKey, { list: keyof Exclude; dimensions: readonly string[] }>;

/** The query with its fields narrowed down. Throws a `QueryError`. */
export function narrow(query: FlinkQuery, filters: readonly AdHocVariableFilter[] = []): FlinkQuery {
  return filters.reduce(narrowByOne, query);
}

export function isFilterKey(key: string): key is FilterKey {
  return FILTER_KEYS.some((known) => known === key);
}

/** A regular expression of a viewer, as a query has it. */
export function patternOf(value: string): string {
  return /^\/.*\/[a-z]*$/s.test(value) ? value : `/${value}/`;
}

function narrowByOne(query: FlinkQuery, filter: AdHocVariableFilter): FlinkQuery {
  const { key } = filter;
  if (!isFilterKey(key)) {
    throw new QueryError(`There is no filter on "${key}": filter on ${FILTER_KEYS.join(', ')}.`);
  }
  if (!isAbout(query, key)) {
    return query;
  }
  const { value, values = [value] } = filter;
  switch (filter.operator) {
    case '=':
      return letThrough(query, key, [value]);
    case '=|':
      return letThrough(query, key, values);
    case '=~':
      return letThrough(query, key, [patternOf(value)]);
    case '!=':
      return leaveOut(query, key, [value]);
    case '!=|':
      return leaveOut(query, key, values);
    case '!~':
      return leaveOut(query, key, [patternOf(value)]);
    default:
      throw new QueryError(
        `The filter on ${key} uses "${filter.operator}", which a query cannot express: use "=", "=|" (one of), "=~" (a regular expression) or their opposites "!=", "!=|" and "!~".`
      );
  }
}

/** Whether a query's lines have a name of this kind: where they have none there is nothing to choose from. */
function isAbout(query: FlinkQuery, key: FilterKey): boolean {
  if (key === 'application') {
    return true;
  }
  if (query.queryType === 'operator') {
    return key === 'task' || (query.level ?? 'task') !== 'task';
  }
  const known: readonly string[] = PLACES[key].dimensions;
  const dimensions = query.queryType === 'metric' ? (query.dimensions ?? {}) : {};
  return Object.keys(dimensions).some((name) => known.includes(name));
}

/** Filters on one key narrow each other, so each has a list of its own. */
function letThrough(query: FlinkQuery, key: FilterKey, names: string[]): FlinkQuery {
  const { list } = PLACES[key];
  const before = [query.only ?? []].flat();
  const free = before.findIndex((only) => only[list] === undefined);
  const after =
    free < 0
      ? [...before, { [list]: names }]
      : before.map((only, index) => (index === free ? { ...only, [list]: names } : only));
  const [first, ...others] = after;
  return { ...query, only: first !== undefined && others.length === 0 ? first : after };
}

function leaveOut(query: FlinkQuery, key: FilterKey, excluded: readonly string[]): FlinkQuery {
  const { list } = PLACES[key];
  const before = query.exclude?.[list] ?? [];
  return { ...query, exclude: { ...query.exclude, [list]: [...new Set([...before, ...excluded])] } };
}
