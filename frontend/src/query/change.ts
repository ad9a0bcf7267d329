// Every edit of a query: the query and what is wanted give the new query. What an edit does not name stays as it was
// saved. A field that is cleared, or set to what its absence means, is left out, so that saved queries stay small.
import type { Choice, FlinkQuery, Kind, Level, LogsQuery, MetricQuery, OperatorQuery, QueryWith, Top } from '../types';
import { FINDS, LOG_LEVELS } from '../types';
import { COMMON_FIELDS, NUMBER_FIELDS } from './fields';
import { hasField, isFieldOf, ROWS, rowOf } from './kinds/registry';
import { findOf } from './kinds/logs';
import { asQuery } from './migrate';
import type { SavedFields } from './read';

/** A query that shows signals. */
export type SignalQuery = QueryWith<'signals'>;

/** A list of names that may hold a pattern for all of them. */
export const ALL = '*';

/**
 * Another kind of query on the same applications. `before` is the last query of that kind, if there was one: its own fields come back.
 * Else a signal stays if it is a variable, if `choices`, the entries of the drop-down it came from, say that the new kind can show it, or
 * if there are no `choices` because they have not come. The shape stays if the new kind has it.
 */
export function setKind(query: FlinkQuery, kind: Kind, choices: Choice[], before?: FlinkQuery): FlinkQuery {
  if (query.queryType === kind) {
    return query;
  }
  const shared = { ...sharedFields(query, kind), queryType: kind };
  if (before?.queryType === kind) {
    return asQuery(given({ ...before, ...shared }));
  }
  const { start, shapes } = ROWS[kind];
  const signals =
    hasField(query, 'signals') && isFieldOf(ROWS[kind], 'signals')
      ? signalsThatFit(query.signals, kind, choices)
      : undefined;
  const shape = hasField(query, 'as') ? query.as : undefined;
  const as = shapes.slice(1).find(({ value }) => value === shape)?.value;
  return asQuery({ ...start, ...given({ ...shared, signals, as }) });
}

/** What Grafana gives each query. */
const GRAFANA_FIELDS = ['refId', 'hide', 'key', 'datasource'];

/**
 * What stays when the kind is changed, also what is not there. No field of the editor shows `exclude` and `only`: who wrote them keeps them,
 * and the backend says what has no effect.
 */
function sharedFields(query: FlinkQuery, kind: Kind): SavedFields {
  const others = Object.keys({ ...COMMON_FIELDS, ...NUMBER_FIELDS }).filter((name) =>
    [rowOf(query), ROWS[kind]].every((row) => isFieldOf(row, name))
  );
  const saved: SavedFields = { ...query };
  return Object.fromEntries([...GRAFANA_FIELDS, ...others].map((name) => [name, saved[name]]));
}

function signalsThatFit(signals: string[] | undefined, kind: Kind, choices: Choice[]): string[] | undefined {
  const fits = (name: string) =>
    name.startsWith('$') ||
    choices.length === 0 ||
    choices.some((choice) => choice.value === name && ROWS[kind].canShow?.(choice));
  return listed(signals?.filter(fits) ?? []);
}

export function setRegion(query: FlinkQuery, region: string | undefined): FlinkQuery {
  return given({ ...query, region: region === 'default' ? undefined : written(region) });
}

export function setAccount(query: FlinkQuery, accountId: string | undefined): FlinkQuery {
  return given({ ...query, accountId: written(accountId) });
}

export function setApplications(query: FlinkQuery, applications: string[]): FlinkQuery {
  return given({ ...query, applications: namesOf(query.applications, applications) });
}

export function setSignals<Q extends SignalQuery>(query: Q, signals: string[]): Q {
  return given({ ...query, signals: listed(signals) });
}

export function setLevel(query: OperatorQuery, level: Level): OperatorQuery {
  return given({ ...query, level: level === 'task' ? undefined : level });
}

export function setTasks(query: OperatorQuery, tasks: string[]): OperatorQuery {
  return given({ ...query, tasks: namesOf(query.tasks, tasks) });
}

export function setOperators(query: OperatorQuery, operators: string[]): OperatorQuery {
  return given({ ...query, operators: namesOf(query.operators, operators) });
}

/** A query that can be limited to its highest. */
export type RankedQuery = QueryWith<'top'>;

/** A query whose answer can look like this or that. */
export type ShapedQuery = QueryWith<'as'>;

/** `count` as it was typed; empty lifts the limit. */
export function setTopCount<Q extends RankedQuery>(query: Q, count: string): Q {
  const top: Top | undefined = count.trim() === '' ? undefined : { ...query.top, count: numberIfOne(count.trim()) };
  return given({ ...query, top });
}

/** What the limit goes by; nothing is the first signal. Without a limit there is nothing to set. */
export function setTopBy<Q extends RankedQuery>(query: Q, by: string | undefined): Q {
  if (!query.top) {
    return query;
  }
  const { count } = query.top;
  return { ...query, top: written(by) === undefined ? { count } : { count, by } };
}

export function setShape<Q extends ShapedQuery>(query: Q, as: NonNullable<Q['as']>): Q {
  const [usual, ...others] = rowOf(query).shapes;
  const drops = others.find(({ value }) => value === as)?.drops;
  const without = drops === undefined ? {} : { [drops]: undefined };
  return given({ ...query, ...without, as: as === usual?.value ? undefined : as });
}

export function setMetric(query: MetricQuery, metric: string | undefined): MetricQuery {
  return given({ ...query, metric: written(metric) });
}

/** A dimension that is cleared is gone; a new one stands last. */
export function setDimension(query: MetricQuery, name: string, value: string | undefined): MetricQuery {
  const others = Object.entries(query.dimensions ?? {}).filter(([of]) => of !== name || value !== undefined);
  const dimensions = { ...Object.fromEntries(others), ...(value === undefined ? {} : { [name]: value }) };
  return given({ ...query, dimensions: Object.keys(dimensions).length === 0 ? undefined : dimensions });
}

/** What is looked for in logs. One that is left out is the usual one, which goes by the text. */
export function setFind(query: LogsQuery, find: string | undefined): LogsQuery {
  const found = FINDS.find((name) => name === find);
  const isUsual = found === findOf({ ...query, find: undefined });
  return given({ ...query, find: isUsual ? undefined : found });
}

export function setLogText(query: LogsQuery, text: string): LogsQuery {
  return given({ ...query, text: written(text) });
}

export function setLogLevel(query: LogsQuery, level: string | undefined): LogsQuery {
  const found = LOG_LEVELS.find((name) => name === level);
  return given({ ...query, level: found === 'all' ? undefined : found });
}

export function setStatistic(query: QueryWith<'statistic'>, statistic: string | undefined): FlinkQuery {
  return given({ ...query, statistic: unlessAuto(statistic) });
}

export function setPeriod(query: QueryWith<'period'>, period: string | undefined): FlinkQuery {
  const text = unlessAuto(period);
  return given({ ...query, period: text === undefined ? undefined : numberIfOne(text) });
}

export function setLegend(query: QueryWith<'legend'>, legend: string | undefined): FlinkQuery {
  return given({ ...query, legend: unlessAuto(legend) });
}

/** All and single names exclude each other: what was added last wins. */
export function withoutContradiction(before: string[] | undefined, names: string[]): string[] {
  if (!names.includes(ALL) || names.length === 1) {
    return names;
  }
  return before?.includes(ALL) ? names.filter((name) => name !== ALL) : [ALL];
}

function namesOf(before: string[] | undefined, names: string[]): string[] | undefined {
  return listed(withoutContradiction(before, names));
}

function listed(names: string[]): string[] | undefined {
  const texts = [...new Set(names.map((name) => name.trim()))].filter((name) => name !== '');
  return texts.length === 0 ? undefined : texts;
}

function written(text: string | undefined): string | undefined {
  return text?.trim() === '' ? undefined : text?.trim();
}

function unlessAuto(text: string | undefined): string | undefined {
  return text?.trim() === 'auto' ? undefined : written(text);
}

/** Numbers are saved as numbers, variables and durations as texts. */
function numberIfOne(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** The same without fields that are undefined. */
function given<Fields extends object>(fields: Fields): Fields {
  // Only fields that may be absent are ever undefined, so what is left is of the same type.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
