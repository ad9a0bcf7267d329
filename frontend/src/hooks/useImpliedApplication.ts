// What a query that names no application reads, so that its editor says what will be true of the answer.
import { onlyOne } from '../choose_application';
import { ALL } from '../query/change';
import { hasApplications } from '../query/defaults';
import type { SourceDefaults } from '../query/defaults';
import type { ResourceSource } from '../resources';
import type { FlinkQuery } from '../types';
import { useListAtOnce } from './useChoices';

/** Where a query stands. A panel without applications asks for the only one that runs; an alert rule is an error; an annotation asks for all. */
export type Place = 'panel' | 'alert rule' | 'annotation';

export interface Implied {
  /** Whether neither the query nor the data source names one. */
  isOpen: boolean;
  /** Whether it is not known yet. */
  isLoading: boolean;
  /** In place of those that the query does not name; without it nothing is asked. */
  application?: string | undefined;
}

export function useImpliedApplication(
  source: ResourceSource & SourceDefaults,
  query: FlinkQuery,
  place: Place
): Implied {
  const isOpen = !hasApplications(query, source);
  const { region, accountId } = query;
  const isAsked = isOpen && place === 'panel';
  // What the panel asks for as well, to know whether there is something to choose.
  const running = useListAtOnce(source, 'applications', isAsked ? { region, accountId, status: 'running' } : null);
  const application = place === 'annotation' ? ALL : onlyOne(running.choices);
  return isOpen ? { isOpen, isLoading: running.isLoading, application } : { isOpen, isLoading: false };
}
