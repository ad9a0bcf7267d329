// Ready queries by task, for the help sheet: what the rows of all kinds have.
import { SCHEMA } from '../types';
import type { FlinkQuery, Kind } from '../types';
import { TASKS } from './kinds/kind';
import type { Example } from './kinds/kind';
import { KINDS, ROWS } from './kinds/registry';
import { asQuery } from './migrate';

interface ReadyQuery {
  title: string;
  advice: string;
  query: FlinkQuery;
}

export const EXAMPLES: { task: string; examples: ReadyQuery[] }[] = TASKS.map((task) => ({
  task,
  examples: KINDS.flatMap((kind) => readyQueries(kind, ROWS[kind].examples).filter((example) => example.task === task)),
}));

function readyQueries(kind: Kind, examples: readonly Example[]) {
  return examples.map((example) => ({
    ...example,
    query: asQuery({ ...example.query, queryType: kind, refId: 'A', schema: SCHEMA }),
  }));
}
