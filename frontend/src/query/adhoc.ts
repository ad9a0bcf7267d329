// Ad hoc filters: what a dashboard's viewer narrows all panels to. A filter narrows the field of its name in the kinds that have one, and
// leaves other kinds alone; what a query cannot say is refused in words.
import type { AdHocVariableFilter } from '@grafana/data';
import type { FlinkQuery } from '../types';
import { anyOf } from './interpolate';
import { QueryError } from './query_error';

/** What can be filtered by. */
export const FILTER_KEYS = ['application', 'task', 'operator'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** Selects nothing: no name is empty. */
const NOTHING = '/^$/';

/** What a filter lets through: exact names, or a pattern. */
type Allowed = { names: string[] } | { pattern: string };

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
  if (key === 'application') {
    return { ...query, applications: narrowNames(query.applications, allowedBy(filter)) };
  }
  const isTask = key === 'task';
  if (query.queryType === 'operator') {
    const allowed = allowedBy(filter);
    return isTask
      ? { ...query, tasks: narrowNames(query.tasks, allowed) }
      : { ...query, operators: narrowNames(query.operators, allowed) };
  }
  const dimension = isTask ? 'Task' : 'Operator';
  if (query.queryType === 'metric' && query.dimensions?.[dimension] !== undefined) {
    const names = narrowNames([query.dimensions[dimension]], allowedBy(filter));
    return { ...query, dimensions: { ...query.dimensions, [dimension]: asOneName(names) } };
  }
  return query;
}

function allowedBy({ key, operator, value, values }: AdHocVariableFilter): Allowed {
  switch (operator) {
    case '=':
      return { names: [value] };
    case '=|':
      return { names: values ?? [value] };
    case '=~':
      return { pattern: value };
    default:
      throw new QueryError(
        `The filter on ${key} uses "${operator}", which a query cannot express: use "=", "=|" (one of) or "=~" (a regular expression).`
      );
  }
}

/** The names that were asked for and are let through. */
function narrowNames(asked: readonly string[] | undefined, allowed: Allowed): string[] {
  const wanted = 'names' in allowed ? allowed.names : [`/${allowed.pattern}/`];
  if (asked === undefined || asked.length === 0 || asked.includes('*')) {
    return wanted;
  }
  const kept = asked.flatMap((name) => intersect(name, allowed));
  return kept.length === 0 ? [NOTHING] : [...new Set(kept)];
}

/** What one asked name and a filter have in common. */
function intersect(asked: string, allowed: Allowed): string[] {
  const pattern = /^\/(.+)\/$/.exec(asked)?.[1];
  if (pattern === undefined) {
    const isAllowed =
      'names' in allowed ? allowed.names.some((name) => isSame(name, asked)) : matches(allowed.pattern, asked);
    return isAllowed ? [asked] : [];
  }
  if ('names' in allowed) {
    return allowed.names.filter((name) => matches(pattern, name));
  }
  throw new QueryError(
    `The filter "${allowed.pattern}" and the pattern ${asked} of the query cannot be combined: filter by names.`
  );
}

/** Names of tasks and operators may be Flink's own or CloudWatch's, in which other characters have become `_`. */
function isSame(a: string, b: string): boolean {
  const fold = (name: string) => name.replace(/[^a-z0-9]/gi, '_');
  return fold(a) === fold(b);
}

/** One text that means all of the names. */
function asOneName(names: readonly string[]): string {
  const [first = NOTHING] = names;
  return names.length > 1 ? anyOf(names) : first;
}

/** Found anywhere in the name, as in the backend. */
function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    throw new QueryError(`The pattern "${pattern}" is not one that a filter can be combined with: use names.`);
  }
}
