// The query of an annotation: what an author has saved of it, and the rest as a new annotation has it.
import { RESTARTS_QUERY } from './defaults';
import { hasField, rowOf } from './kinds/registry';
import { migrate } from './migrate';
import type { FlinkQuery } from '../types';

/** What is asked, and shown in the editor: a new annotation, which has no kind yet, asks for restarts. */
export function annotationQuery(target: Partial<FlinkQuery> | undefined): FlinkQuery {
  return migrate({ refId: 'Anno', ...(target?.queryType === undefined && RESTARTS_QUERY), ...target });
}

/** Why a query can be no annotation, if it cannot. */
export function describeUnfit(query: FlinkQuery): string | undefined {
  const { annotates, label, shapes } = rowOf(query);
  if (!annotates) {
    return `An annotation needs points in time, and queries of the kind "${label}" have none: choose another kind.`;
  }
  const as = hasField(query, 'as') ? query.as : undefined;
  const isTable = shapes.some((shape) => shape.value === as && shape.isTable);
  return isTable
    ? `An annotation needs points in time, and the query is shown as ${as}, which has none: choose "Series" under "Show as".`
    : undefined;
}
