// Pure edits of a variable's query: what an edit leaves of the rest.
import { omit, pick, pickBy } from 'lodash';
import type { ResourcePath, VariableQuery } from '../types';
import { LISTS, PATHS } from './lists';
import type { ListArgument } from './lists';

/** A new variable: the applications. */
export const DEFAULT_VARIABLE = { resource: 'applications' } as const satisfies Partial<VariableQuery>;

/** Every list, as choices. */
export function variableLists() {
  return PATHS.map((value) => ({ value, label: LISTS[value].label, description: LISTS[value].description }));
}

/** What the list of an argument of a variable's query is asked with: the same, as far as that list knows it. */
export function argumentsOfList(list: ResourcePath, query: VariableQuery): Partial<Record<ListArgument, string>> {
  const known = LISTS[query.resource].arguments.filter((name) => LISTS[list].arguments.includes(name));
  return pick(query, known);
}

/** What the list of a variable is asked with; variables in it are not resolved yet. */
export function argumentsOf(query: Partial<VariableQuery>): Partial<Record<ListArgument | 'match', string>> {
  const { region, accountId, application, task, queryType, status, tag, match } = query;
  return pickBy({ region, accountId, application, task, queryType, status, tag, match });
}

/** Another list; what narrows it down as well is kept. */
export function setResource(query: VariableQuery, text: string | undefined): VariableQuery {
  const resource = PATHS.find((path) => path === text);
  if (resource === undefined) {
    return query;
  }
  const dropped = LISTS[query.resource].arguments.filter((name) => !LISTS[resource].arguments.includes(name));
  return { ...omit(query, dropped), refId: query.refId, resource };
}

/** One field; without a value it is not there. */
export function setField(query: VariableQuery, field: ListArgument | 'match', value: string | undefined) {
  const rest: VariableQuery = { ...omit(query, field), refId: query.refId, resource: query.resource };
  return value ? { ...rest, [field]: value } : rest;
}
