// What a legend may hold in double braces, and how one that is being typed goes on.
import type { DataFrame } from '@grafana/data';
import type { FlinkQuery } from '../types';
import { withDefaults } from './defaults';
import { rowOf } from './kinds/registry';

/** Words that say how a line was measured; they are no labels. */
const WORDS = ['signal', 'statistic', 'period', 'label'];

/** The labels of the query's answer, else those that its kind has, and the other words of a legend. */
export function legendWords(query: FlinkQuery, frames: readonly DataFrame[] = []): string[] {
  const fields = frames.filter(({ refId }) => refId === query.refId).flatMap((frame) => frame.fields);
  const labels = fields.flatMap((field) => Object.keys(field.labels ?? {}));
  return [...new Set([...(labels.length > 0 ? labels : usualLabels(query)), ...WORDS])];
}

function usualLabels(query: FlinkQuery): string[] {
  return rowOf(query).labelsOf?.(withDefaults(query)) ?? ['application'];
}

/** The texts that a legend may become: each word for an empty one, else the ends of braces that are still open. */
export function completeLegend(typed: string, words: readonly string[]): string[] {
  const open = /\{\{?([^{}]*)$/.exec(typed);
  if (open === null) {
    return typed.trim() === '' ? words.map((word) => `{{${word}}}`) : [];
  }
  const begun = open[1]?.trim().toLowerCase() ?? '';
  const before = typed.slice(0, open.index);
  return words.filter((word) => word.toLowerCase().startsWith(begun)).map((word) => `${before}{{${word}}}`);
}
