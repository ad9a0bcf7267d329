// What the backend reads where a query says nothing.
import type { FlinkQuery } from '../types';

export function defaultSignals(query: FlinkQuery): string[] {
  switch (query.queryType) {
    case 'application':
      return ['sourceRate', 'sinkRate'];
    case 'operator':
      return query.level === 'operator' ? ['recordsInRate', 'recordsOutRate'] : ['busy', 'backPressure'];
    case 'checkpoint':
    case 'metric':
      return [];
  }
}
