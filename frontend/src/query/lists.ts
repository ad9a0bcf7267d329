// The lists that the backend has for drop-downs and variables: one row per list, and one per argument that narrows a list down.
import type { Choice, ResourcePath } from '../types';
import { KINDS, ROWS } from './kinds/registry';

/** What narrows a list down. All lists can be searched by `match`. */
export type ListArgument = 'region' | 'accountId' | 'application' | 'task' | 'queryType' | 'status' | 'tag';

interface List {
  label: string;
  /** Where it is one of the lists for a variable. */
  description: string;
  arguments: readonly ListArgument[];
  /** The dimensions of metrics whose values it has. */
  dimensions?: readonly string[];
}

const PLACE = ['region', 'accountId'] as const;
const OF_APPLICATION = [...PLACE, 'application'] as const;

/** In the order in which people think of them. */
export const LISTS: { readonly [Path in ResourcePath]: List } = {
  applications: {
    label: 'Applications',
    description: 'by status, tag or name',
    arguments: [...PLACE, 'status', 'tag'],
  },
  tasks: { label: 'Tasks', description: 'of applications', arguments: OF_APPLICATION, dimensions: ['Task'] },
  operators: {
    label: 'Operators',
    description: 'of tasks',
    arguments: [...OF_APPLICATION, 'task'],
    dimensions: ['Operator', 'TaskOperator'],
  },
  signals: { label: 'Signals', description: 'that a kind of query can show', arguments: ['queryType'] },
  sources: {
    label: 'Streams and topics',
    description: 'that applications read',
    arguments: OF_APPLICATION,
    dimensions: ['StreamName', 'Topic'],
  },
  'log-groups': { label: 'Log groups', description: 'that applications write to', arguments: OF_APPLICATION },
  metrics: { label: 'Metrics', description: 'that applications publish', arguments: OF_APPLICATION },
  dimensions: { label: 'Dimensions', description: 'of metrics', arguments: OF_APPLICATION },
  regions: { label: 'Regions', description: 'of AWS', arguments: [] },
  accounts: { label: 'Accounts', description: 'that are linked for monitoring', arguments: ['region'] },
};

export const PATHS = Object.keys(LISTS) as readonly ResourcePath[];

/** The list with the values of a dimension, if there is one. */
export function listOfDimension(name: string): ResourcePath | undefined {
  return PATHS.find((path) => LISTS[path].dimensions?.includes(name));
}

/** The field of an argument. What can be chosen is another list, or a few words; without either it is typed. */
interface ArgumentField {
  label: string;
  placeholder: string;
  list?: ResourcePath;
  /** Before those of the list. */
  choices?: readonly Choice[];
  hint?: string;
  width?: number;
}

const words = (values: readonly string[]): Choice[] => values.map((value) => ({ value, label: value }));

export const ARGUMENTS: { readonly [Name in ListArgument]: ArgumentField } = {
  region: { label: 'Region', placeholder: 'default', list: 'regions', width: 22 },
  accountId: { label: 'Account', placeholder: 'this account', list: 'accounts', width: 22 },
  application: {
    label: 'Application',
    placeholder: 'all running',
    list: 'applications',
    choices: [{ value: '*', label: 'All running', description: 'every application that is not stopped' }],
  },
  task: { label: 'Task', placeholder: 'all tasks', list: 'tasks' },
  status: { label: 'Status', placeholder: 'all', choices: words(['running', 'stopped', 'all']), width: 22 },
  queryType: {
    label: 'Kind of query',
    placeholder: 'application',
    choices: words(KINDS.filter((kind) => ROWS[kind].numbersOf !== undefined)),
    width: 22,
  },
  tag: {
    label: 'Tag',
    placeholder: 'key or key:value',
    hint: 'Needs the permission to list tags.',
  },
};
