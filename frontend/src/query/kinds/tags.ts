// The tags of applications.
import { readShape } from '../read';
import type { QueryKind } from './kind';

const SHAPES = [
  { value: 'table', label: 'Table', description: 'one row per application, a column per key', isTable: true },
] as const;

export const TAGS: QueryKind<'tags'> = {
  label: 'Tags',
  description: 'team, stage and other tags',
  group: 'Application facts',
  fields: { as: 'word' },
  shapes: SHAPES,
  includesStopped: true,
  runs: 'on change',
  alerts: false,
  annotates: false,
  isPrefetched: true,
  withDefaults: ({ as }) => ({ queryType: 'tags', as: readShape(as, SHAPES) }),
  examples: [
    {
      task: 'Whose is it?',
      title: 'Tags',
      advice: 'Whose application it is, and what else its tags say. Join it with the fleet table by application.',
      query: { applications: ['*'] },
    },
  ],
};
