// A query in one line, as Grafana shows it where there is no editor. Alone, so that a dashboard does not load the words of the editor.
import type { FlinkQuery } from '../types';
import { numbersOf, withDefaults } from './defaults';
import type { SourceDefaults } from './defaults';

export function displayText(query: FlinkQuery, source: SourceDefaults): string {
  const asked = withDefaults(query, source);
  const names = asked.applications.join(', ') || '(none chosen)';
  const numbers = numbersOf(query).join(', ');
  const shape = 'as' in asked ? ` as ${asked.as}` : '';
  return `${asked.queryType} ${names}${numbers && `: ${numbers}`}${shape}`;
}
