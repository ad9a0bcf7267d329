// Ad hoc filters: what a dashboard's viewer narrows all panels to. A filter narrows the field of its name in the kinds that have one, and
// leaves other kinds alone; what a query cannot say is refused in words. What is left out goes to the backend as it is. What both a query
// and a filter name is found here, for names and for patterns that mean the same in every dialect.
import type { AdHocVariableFilter } from '@grafana/data';
import { escapeRegExp } from 'lodash';
import type { FlinkQuery } from '../types';
import { oneOf } from './interpolate';
import { asQuery } from './migrate';
import { QueryError } from './query_error';

/** What can be filtered by. */
export const FILTER_KEYS = ['application', 'task', 'operator'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** Where names of a key stand: in a list of a query and of what it leaves out, and under dimensions of a metric. */
const PLACES = {
  application: { list: 'applications', dimensions: [] },
  task: { list: 'tasks', dimensions: ['task'] },
  // Series have the one or the other.
  operator: { list: 'operators', dimensions: ['operator', 'taskoperator'] },
} as const satisfies Record<FilterKey, { list: string; dimensions: readonly string[] }>;

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
  if (!isAbout(query, key)) {
    return query;
  }
  const excluded = excludedBy(filter);
  return excluded === undefined ? keep(query, key, allowedBy(filter)) : leaveOut(query, key, excluded);
}

function isAbout(query: FlinkQuery, key: FilterKey): boolean {
  return key === 'application' || query.queryType === 'operator' || dimensionsOf(query, key).length > 0;
}

/** The dimensions of a metric query that hold names of a key. */
function dimensionsOf(query: FlinkQuery, key: FilterKey): [string, string | string[]][] {
  const known: readonly string[] = PLACES[key].dimensions;
  return Object.entries(dimensionsAsked(query)).filter(([name]) => known.includes(name.toLowerCase()));
}

/** Values by dimension: many values of a variable are a list. */
function dimensionsAsked(query: FlinkQuery): Record<string, string | string[]> {
  return query.queryType === 'metric' ? (query.dimensions ?? {}) : {};
}

/** What a filter takes away, if it is one that does. */
function excludedBy({ operator, value, values }: AdHocVariableFilter): string[] | undefined {
  switch (operator) {
    case '!=':
      return [value];
    case '!=|':
      return values ?? [value];
    case '!~':
      return [patternOf(value)];
    default:
      return undefined;
  }
}

function leaveOut(query: FlinkQuery, key: FilterKey, excluded: readonly string[]): FlinkQuery {
  const { list } = PLACES[key];
  const before = query.exclude?.[list] ?? [];
  return { ...query, exclude: { ...query.exclude, [list]: [...new Set([...before, ...excluded])] } };
}

function allowedBy({ key, operator, value, values }: AdHocVariableFilter): Allowed {
  switch (operator) {
    case '=':
      return { names: [value] };
    case '=|':
      return { names: values ?? [value] };
    case '=~':
      return { pattern: patternOf(value) };
    default:
      throw new QueryError(
        `The filter on ${key} uses "${operator}", which a query cannot express: use "=", "=|" (one of), "=~" (a regular expression) or their opposites "!=", "!=|" and "!~".`
      );
  }
}

function keep(query: FlinkQuery, key: FilterKey, allowed: Allowed): FlinkQuery {
  const { list } = PLACES[key];
  if (list === 'applications') {
    return { ...query, applications: narrowNames(query.applications, allowed, isEqual) };
  }
  if (query.queryType === 'operator') {
    return { ...query, [list]: narrowNames(query[list], allowed, isSame) };
  }
  const narrowed = dimensionsOf(query, key).map(
    ([name, asked]) => [name, oneOf(narrowNames([asked].flat(), allowed, isSame))] as const
  );
  return asQuery({ ...query, dimensions: { ...dimensionsAsked(query), ...Object.fromEntries(narrowed) } });
}

const EVERYTHING = ['*', '.*', '.+', '$__all'];

/** The names that were asked for and are let through. */
function narrowNames(asked: readonly string[] | undefined, allowed: Allowed, same: Same): string[] {
  const wanted = 'names' in allowed ? allowed.names : [allowed.pattern];
  if (asked === undefined || asked.length === 0 || asked.some((name) => EVERYTHING.includes(name))) {
    return wanted;
  }
  const kept = asked.flatMap((name) => intersect(name, allowed, same));
  return kept.length === 0 ? [NOTHING] : [...new Set(kept)];
}

/** What one asked text and a filter have in common. */
function intersect(asked: string, allowed: Allowed, same: Same): string[] {
  if ('names' in allowed) {
    // A name may hold the signs of a list.
    if (allowed.names.some((name) => same(name, asked))) {
      return [asked];
    }
    const entries = entriesOf(asked);
    return allowed.names.filter((name) => entries.some((entry) => selects(entry, name, same)));
  }
  return asked === allowed.pattern ? [asked] : entriesOf(asked).filter((entry) => isAmong(entry, allowed.pattern));
}

/** Whether all that an entry selects is let through by a pattern. */
function isAmong(entry: string, pattern: string): boolean {
  if (readPattern(entry) !== undefined || entry.includes('*')) {
    throw new QueryError(
      `The filter "${pattern}" and the pattern ${entry} of the query cannot be combined: filter by names.`
    );
  }
  return selects(pattern, entry, isEqual);
}

/** The entries of a list as the formats of variables write it: `a,b`, `{a,b}`, `a|b`, `(a|b)`. */
function entriesOf(text: string): string[] {
  if (readPattern(text) !== undefined) {
    return [text];
  }
  const inner = /^\{(.*)\}$/s.exec(text)?.[1] ?? /^\((.*)\)$/s.exec(text)?.[1] ?? text;
  return inner.split(/[,|]/).map((entry) => entry.trim());
}

/** Whether a name is what an entry asks for: itself, `pay*` or a pattern. */
function selects(entry: string, name: string, same: Same): boolean {
  const pattern = readPattern(entry);
  if (pattern === undefined) {
    const glob = entry.split('*').map(escapeRegExp).join('.*');
    return entry.includes('*') ? new RegExp(`^${glob}$`, 's').test(name) : same(entry, name);
  }
  return pattern.test(name);
}

/** What only one of the dialects of backend and browser knows, or reads as something else. */
const OF_ONE_DIALECT = /\(\?(?!:)|\\[pPAzZkQEG1-9]|\[\[|\[\^?\]|&&|--|~~/;

/** The pattern of `/pattern/flags`, found anywhere in a name as in the backend; none where the text is no pattern. */
function readPattern(text: string): RegExp | undefined {
  const [, pattern, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  if (pattern === undefined) {
    return undefined;
  }
  if (OF_ONE_DIALECT.test(pattern) || !/^[ism]*$/.test(flags)) {
    throw notCombinable(text);
  }
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw notCombinable(text);
  }
}

function notCombinable(pattern: string): QueryError {
  return new QueryError(`The pattern ${pattern} cannot be combined with what else is asked or filtered: use names.`);
}

/** Whether two texts are one name. */
type Same = (a: string, b: string) => boolean;

/** Names of applications are exact. */
const isEqual: Same = (a, b) => a === b;

/** Names of tasks and operators may be Flink's own or CloudWatch's, in which other characters have become `_`. */
function isSame(a: string, b: string): boolean {
  const fold = (name: string) => name.replace(/[^a-z0-9]/gi, '_');
  return fold(a) === fold(b);
}
