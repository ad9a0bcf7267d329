// What the editors of all kinds take.
import type { DataSourceApi, ScopedVars } from '@grafana/data';
import type { Choices } from '../hooks/useChoices';
import type { Implied } from '../hooks/useImpliedApplication';
import { ALL, setApplications } from '../query/change';
import { withDefaults } from '../query/defaults';
import type { Problems } from '../query/fields';
import type { ResourceSource } from '../resources';
import type { FlinkQuery, FlinkwatchSettings } from '../types';

/** As much of the data source as editors need. */
export type EditorSource = DataSourceApi<FlinkQuery, FlinkwatchSettings> &
  ResourceSource & {
    /** What a query without applications reads, if the settings say so. */
    defaultApplication?: string | undefined;
    /** Puts values in place of a query's variables; throws where one has none. */
    applyTemplateVariables?(query: FlinkQuery, scopedVars: ScopedVars): FlinkQuery;
  };

export interface EditorProps<Q extends FlinkQuery> {
  query: Q;
  /** Saves a query and runs it. */
  onEdit: (query: FlinkQuery) => void;
  source: EditorSource;
  /** The signals of this kind; none for a kind without signals. */
  signals: Choices;
  /** Errors of the last run, by field. */
  errors: Problems;
  /** What cannot be answered, by field. */
  gaps: Problems;
  isOfAnnotation: boolean;
}

/** Region and account, as resources take them. */
export function placeOf({ region, accountId }: FlinkQuery) {
  return { region, accountId };
}

/** The query with values in place of its variables of applications: what is known of these is known of it. */
export function withApplications<Q extends FlinkQuery>(query: Q, source: EditorSource): Q {
  // A saved query may hold anything.
  const texts: unknown[] = query.applications ?? [];
  const resolved = texts.flatMap((text) =>
    typeof text === 'string' ? (source.resolve?.(text) ?? text).split(',') : []
  );
  return query.applications === undefined ? query : { ...query, applications: resolved.map((name) => name.trim()) };
}

/** The query as it is sent: with values in place of variables, and of applications that it does not name; or why it cannot be. */
export function asSent(
  query: FlinkQuery,
  source: EditorSource,
  { isOpen, application }: Implied
): { query: FlinkQuery } | { failure: string } {
  const named = isOpen && application !== undefined ? setApplications(query, [application]) : query;
  try {
    return { query: source.applyTemplateVariables?.(named, {}) ?? named };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Whose tasks, operators and metrics a query can choose from, before it names an application those of all: several names are separated by commas. */
export function applicationsAsked(query: FlinkQuery, { defaultApplication }: EditorSource): string {
  return withDefaults(query, { defaultApplication }).applications.join(',') || ALL;
}
