// Saved queries of any age, in the shape of today. What is wrong stays wrong: the backend refuses it with a sentence that names the field,
// and nothing that an author wrote is lost by looking at it.
import { SCHEMA } from '../types';
import type { FlinkQuery } from '../types';
import type { FieldShape } from './fields';
import { KINDS, ROWS, fieldsOf, isKind } from './kinds/registry';
import { isObject } from './read';
import type { SavedFields } from './read';

/** Reads a query as a dashboard, a link or a file holds it. The same object comes back when it needs no change. */
export function migrate(saved: unknown): FlinkQuery {
  const fields: SavedFields = isObject(saved) ? saved : { refId: 'A' };
  const kind = migrateField('word', fields.queryType) ?? 'application';
  const changes: SavedFields = kind === fields.queryType ? {} : { queryType: kind };
  if (isKind(kind)) {
    for (const [field, shape] of fieldsOf(kind)) {
      const value = migrateField(shape, fields[field]);
      if (field !== 'queryType' && field in fields && value !== fields[field]) {
        changes[field] = value;
      }
    }
  }
  if (Object.keys(changes).length === 0) {
    return asQuery(fields);
  }
  return asQuery(
    Object.fromEntries(Object.entries({ ...fields, ...changes }).filter(([, value]) => value !== undefined))
  );
}

/** Fields that only a query of Grafana's CloudWatch data source has. The backend knows the same ones. */
const CLOUDWATCH_MARKS = ['namespace', 'metricName', 'queryMode', 'metricQueryType', 'sqlExpression', 'logGroups'];

/** Fields of our kinds that a query of the CloudWatch data source has, too. */
const SHARED_FIELDS = ['statistic', 'period', 'dimensions'];

/** Fields that only a query of ours has. The backend knows the same ones. */
const OWN_FIELDS = ['applications', ...KINDS.flatMap((kind) => Object.keys(ROWS[kind].fields))].filter(
  (field) => !SHARED_FIELDS.includes(field)
);

/** Whether a query is one of the CloudWatch data source, as it stays in a panel whose data source was changed. The backend translates it. */
export function isCloudWatchTarget(query: FlinkQuery): boolean {
  const fields: SavedFields = { ...query };
  const saysNothing = (value: unknown) =>
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
  return OWN_FIELDS.every((field) => saysNothing(fields[field])) && CLOUDWATCH_MARKS.some((mark) => mark in query);
}

/** A query without what it has of a CloudWatch target, once it is no such target any more: nothing reads that. */
export function dropCloudWatch(query: FlinkQuery): FlinkQuery {
  if (isCloudWatchTarget(query) || !CLOUDWATCH_MARKS.some((mark) => mark in query)) {
    return query;
  }
  return asQuery(Object.fromEntries(Object.entries(query).filter(([field]) => !CLOUDWATCH_MARKS.includes(field))));
}

/** The value in the shape of today, the same one if it has it already, `undefined` where it is as good as absent. */
function migrateField(shape: FieldShape, value: unknown): unknown {
  if (value === null && shape !== 'top') {
    return undefined;
  }
  switch (shape) {
    case 'word':
      return typeof value === 'string' ? value.trim() || undefined : value;
    case 'version':
      return migrateVersion(value);
    case 'names':
    case 'ids':
      return migrateList(value);
    case 'filters':
      return migrateFilters(value);
    case 'text':
    case 'required':
    case 'legend':
    case 'account':
    case 'top':
    case 'exclude':
    case 'only':
      return value;
  }
}

/** Version 0 had the fields of version 1; later versions are for the backend to refuse. */
function migrateVersion(value: unknown): unknown {
  const version = typeof value === 'string' && /^\s*[0-9]+\s*$/.test(value) ? Number(value) : value;
  return version === 0 ? SCHEMA : version;
}

/** A single value counts as a list of one, also a wrong one: the editor may rely on lists, and the backend's words are the same. */
function migrateList(value: unknown): unknown {
  if (value === undefined || Array.isArray(value)) {
    return value;
  }
  return typeof value === 'string' && value.trim() === '' ? undefined : [value];
}

function migrateFilters(value: unknown): unknown {
  if (!isObject(value) || !Object.values(value).includes(null)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).filter(([, filter]) => filter !== null));
}

/** The one place where fields are taken for a query: what is wrong in them, the backend finds. */
export function asQuery(fields: SavedFields): FlinkQuery {
  return fields as unknown as FlinkQuery;
}
