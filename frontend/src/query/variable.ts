// Pure edits of a variable's query: what each list can be narrowed down by, and what an edit leaves of the rest.
import { omit, pickBy } from 'lodash';
import { RESOURCES } from '../types';
import type { ResourcePath, VariableQuery } from '../types';

/** A new variable: the applications. */
export const DEFAULT_VARIABLE = { resource: 'applications' } as const satisfies Partial<VariableQuery>;

/** What narrows a list down. All lists can be searched by `match`. */
export type VariableField = 'region' | 'accountId' | 'application' | 'task' | 'queryType' | 'status' | 'tag';

interface VariableList {
  label: string;
  description: string;
  fields: readonly VariableField[];
}

const PLACE = ['region', 'accountId'] as const;
const OF_APPLICATION = [...PLACE, 'application'] as const;

/** In the order in which people think of them. */
const LISTS: Record<ResourcePath, VariableList> = {
  applications: {
    label: 'Applications',
    description: 'by status, tag or name',
    fields: [...PLACE, 'status', 'tag'],
  },
  tasks: { label: 'Tasks', description: 'of applications', fields: OF_APPLICATION },
  operators: { label: 'Operators', description: 'of tasks', fields: [...OF_APPLICATION, 'task'] },
  signals: { label: 'Signals', description: 'that a kind of query can show', fields: ['queryType'] },
  sources: { label: 'Streams and topics', description: 'that applications read', fields: OF_APPLICATION },
  'log-groups': { label: 'Log groups', description: 'that applications write to', fields: OF_APPLICATION },
  metrics: { label: 'Metrics', description: 'that applications publish', fields: OF_APPLICATION },
  dimensions: { label: 'Dimensions', description: 'of metrics', fields: OF_APPLICATION },
  regions: { label: 'Regions', description: 'of AWS', fields: [] },
  accounts: { label: 'Accounts', description: 'that are linked for monitoring', fields: ['region'] },
};

/** Every list, as choices. */
export function variableLists() {
  return Object.entries(LISTS).map(([value, { label, description }]) => ({ value, label, description }));
}

export function fieldsOf(resource: ResourcePath): readonly VariableField[] {
  return LISTS[resource].fields;
}

/** What the list of a variable is asked with; variables in it are not resolved yet. */
export function argumentsOf(query: Partial<VariableQuery>): Partial<Record<VariableField | 'match', string>> {
  const { region, accountId, application, task, queryType, status, tag, match } = query;
  return pickBy({ region, accountId, application, task, queryType, status, tag, match });
}

/** Another list; what narrows it down as well is kept. */
export function setResource(query: VariableQuery, text: string | undefined): VariableQuery {
  const resource = RESOURCES.find((path) => path === text);
  if (resource === undefined) {
    return query;
  }
  const dropped = fieldsOf(query.resource).filter((field) => !fieldsOf(resource).includes(field));
  return { ...omit(query, dropped), refId: query.refId, resource };
}

/** One field; without a value it is not there. */
export function setField(query: VariableQuery, field: VariableField | 'match', value: string | undefined) {
  const rest: VariableQuery = { ...omit(query, field), refId: query.refId, resource: query.resource };
  return value ? { ...rest, [field]: value } : rest;
}
