// Ad hoc filters: what a dashboard's viewer narrows all panels to. A filter narrows the field of its name in the kinds that have one, and
// leaves other kinds alone; what a query cannot say is refused in words. What is let through goes into `only` and what is left out into
// `exclude`: what names and patterns mean, and what they have in common with those of the query, is the backend's to say.
import type { AdHocVariableFilter } from '@grafana/data';
import type { Exclude, FlinkQuery, ResourcePath } from '../types';
import { FILTER_KEYS } from './kinds/kind';
import type { FilterKey } from './kinds/kind';
import { rowOf } from './kinds/registry';
import { QueryError } from './query_error';

/** What names of a key are called in what is let through or left out, and as a list of the backend. */
export const NAMES_OF = {
  application: 'applications',
  task: 'tasks',
  operator: 'operators',
} as const satisfies Record<FilterKey, keyof Exclude & ResourcePath>;

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
  return key === 'application' || (rowOf(query).filterKeys?.(query).includes(key) ?? false);
}

/** Filters on one key narrow each other, so each has a list of its own. */
function letThrough(query: FlinkQuery, key: FilterKey, names: string[]): FlinkQuery {
  const list = NAMES_OF[key];
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
  const list = NAMES_OF[key];
  const before = query.exclude?.[list] ?? [];
  return { ...query, exclude: { ...query.exclude, [list]: [...new Set([...before, ...excluded])] } };
}
