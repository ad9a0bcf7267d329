// All kinds of queries. Editor, help, defaults, filters and words read a query's row here; none of them knows a kind by name.
import type { FlinkQuery, Kind, QueryWith } from '../../types';
import { COMMON_FIELDS } from '../fields';
import type { FieldName, FieldShape } from '../fields';
import { APPLICATION } from './application';
import { CHECKPOINT } from './checkpoint';
import type { QueryKind } from './kind';
import { LOGS } from './logs';
import { METRIC } from './metric';
import { OPERATOR } from './operator';
import { TAGS } from './tags';

/** In the order of menus and help. */
export const ROWS: { readonly [K in Kind]: QueryKind<K> } = {
  application: APPLICATION,
  operator: OPERATOR,
  checkpoint: CHECKPOINT,
  metric: METRIC,
  logs: LOGS,
  tags: TAGS,
};

export const KINDS = Object.keys(ROWS) as readonly Kind[];

/** Whether the backend answers this kind of query. */
export function isKind(found: unknown): found is Kind {
  return KINDS.some((kind) => kind === found);
}

/** The row of a query's kind. One that only a newer version knows is read as if it asked for applications. */
export function rowOf({ queryType }: Pick<FlinkQuery, 'queryType'>): QueryKind {
  return ROWS[isKind(queryType) ? queryType : 'application'];
}

/** What `*` is called in a list of applications. */
export function allOf(query: Pick<FlinkQuery, 'queryType'>): string {
  return rowOf(query).includesStopped ? 'All applications' : 'All running';
}

/** The fields of a kind with their shapes, those of every kind first. */
export function fieldsOf(kind: Kind): [FieldName, FieldShape][] {
  // A table of fields has no other keys.
  return Object.entries<FieldShape>({ ...COMMON_FIELDS, ...ROWS[kind].fields }) as [FieldName, FieldShape][];
}

/** Whether queries of a kind have a field of this name. */
export function isFieldOf({ fields }: QueryKind, name: string): boolean {
  return name in COMMON_FIELDS || name in fields;
}

/** Whether queries of this one's kind have the field. */
export function hasField<Field extends FieldName>(query: FlinkQuery, field: Field): query is QueryWith<Field> {
  return isFieldOf(rowOf(query), field);
}

/** Whether a text is the name of a field of some kind. */
export function isFieldName(name: string | undefined): name is FieldName {
  return name !== undefined && KINDS.some((kind) => isFieldOf(ROWS[kind], name));
}
