// What the backend reads where a query says nothing. The editor shows it; saved queries keep their gaps.
import { SCHEMA } from '../types';
import type { FlinkQuery, FlinkwatchSettings } from '../types';
import type { Complete } from './fields';
import { rowOf } from './kinds/registry';
import { isCloudWatchTarget } from './migrate';
import { readLists, readNames, readOnly, readText, readTexts } from './read';

/** A new query: nothing is chosen. It is asked where it is known whose sources and sinks it is about. */
export const DEFAULT_QUERY = { queryType: 'application', schema: SCHEMA } as const satisfies Partial<FlinkQuery>;

/** What is bad news as soon as it is above 0: an alert rule and an annotation start with it. */
export const RESTARTS_QUERY = { ...DEFAULT_QUERY, signals: ['restarts'] } satisfies Partial<FlinkQuery>;

/** The data source's own defaults. Without them a query's region is `default`, and one that names no application has none: it is never all that run. */
export type SourceDefaults = Pick<FlinkwatchSettings, 'defaultRegion' | 'defaultApplication'>;

/** Fills in every default. The result has the types it claims, also for a saved query that is wrong. */
export function withDefaults(query: FlinkQuery, source: SourceDefaults = {}): Complete<FlinkQuery> {
  return { ...commonWithDefaults(query, source), ...rowOf(query).withDefaults(query) };
}

/** Whether it is known whose numbers a query asks for; a new query asks for none before that. */
export function hasApplications(query: FlinkQuery, { defaultApplication }: SourceDefaults = {}): boolean {
  if (isCloudWatchTarget(query)) {
    return true;
  }
  const named = [query.applications, ...readOnly(query.only).map(({ applications }) => applications)];
  return named.some((names) => readTexts(names).length > 0) || readText(defaultApplication, '') !== '';
}

/** What must be chosen before a query has anything to ask, such as "a metric". */
export function findMissing(query: FlinkQuery): string | undefined {
  return rowOf(query).findMissing?.(withDefaults(query));
}

/** The ids of the signals, or the metric, that a query shows. */
export function numbersOf(query: FlinkQuery): string[] {
  return rowOf(query).numbersOf?.(withDefaults(query)) ?? [];
}

function commonWithDefaults(query: FlinkQuery, source: SourceDefaults) {
  const region = readText(query.region, 'default');
  const only = readOnly(query.only);
  const isNarrowed = only.some(({ applications }) => applications !== undefined);
  const otherwise = isNarrowed ? ['*'] : readTexts(source.defaultApplication);
  return {
    schema: SCHEMA,
    region: region === 'default' ? readText(source.defaultRegion, 'default') : region,
    accountId: readText(query.accountId, ''),
    applications: readTexts(query.applications).length === 0 ? otherwise : readNames(query.applications, '*'),
    exclude: readLists(query.exclude),
    only,
  };
}
