// Queries that name no application, where the data source has no default one. A new panel would begin with the dearest question there is,
// all applications that run, so such a query is asked only where just one runs; else the panel says what to do.
import { createDataFrame } from '@grafana/data';
import type { DataFrame, DataQueryError } from '@grafana/data';
import { allOf } from './query/kinds/registry';
import { fetchChoices } from './resources';
import type { ResourceSource } from './resources';
import type { Choice, FlinkQuery } from './types';

/** What is asked, and what is said instead of the rest. */
export interface Chosen {
  targets: FlinkQuery[];
  notices: DataFrame[];
  errors: DataQueryError[];
}

/** The queries in their order; one that is `open` has the only application that runs, or is left out. */
export async function chooseApplications(
  source: ResourceSource,
  queries: FlinkQuery[],
  open: FlinkQuery[]
): Promise<Chosen> {
  const chosen: Chosen = { targets: [], notices: [], errors: [] };
  for (const query of queries) {
    if (!open.includes(query)) {
      chosen.targets.push(query);
      continue;
    }
    const { region, accountId, refId } = query;
    try {
      const only = onlyOne(await fetchChoices(source, 'applications', { region, accountId, status: 'running' }));
      if (only === undefined) {
        chosen.notices.push(noticeOf(query));
      } else {
        chosen.targets.push({ ...query, applications: [only] });
      }
    } catch (error) {
      chosen.errors.push({ refId, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return chosen;
}

/** The application that is meant where none is named, if no other one runs. */
export function onlyOne(running: readonly Choice[]): string | undefined {
  return running.length === 1 ? running[0]?.value : undefined;
}

function noticeOf(query: FlinkQuery): DataFrame {
  const text = `No application is chosen yet: choose one in the query, or "${allOf(query)}".`;
  return createDataFrame({ refId: query.refId, fields: [], meta: { notices: [{ severity: 'info', text }] } });
}
