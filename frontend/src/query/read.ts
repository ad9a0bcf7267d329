// Reads the fields of a saved query, which may hold anything: each comes back in the type that it should have.
import type { Exclude, Top } from '../types';

/** A query's fields before anything is known about them. */
export type SavedFields = Record<string, unknown>;

/** Whether this is an object with fields, and no list. */
export function isObject(found: unknown): found is SavedFields {
  return typeof found === 'object' && found !== null && !Array.isArray(found);
}

/** The text without spaces around it; anything else that is there, as JSON has it. */
export function readText(value: unknown, otherwise: string): string {
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  return text.trim() || otherwise;
}

/** One of a few words, the first of them unless another is there. */
export function readWord<Word extends string>(value: unknown, words: readonly [Word, ...Word[]]): Word {
  return words.find((word) => word === value) ?? words[0];
}

/** What an answer looks like: one of a kind's shapes. */
export function readShape<Value extends string>(
  value: unknown,
  shapes: readonly [{ value: Value }, ...{ value: Value }[]]
): Value {
  return (shapes.find((shape) => shape.value === value) ?? shapes[0]).value;
}

export function readTexts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map((each) => readText(each, '')).filter((text) => text !== '');
}

/** Names, each once. `$__all` is Grafana's "All" of a variable. */
export function readNames(value: unknown, otherwise: string): string[] {
  const names = readTexts(value);
  if (names.length === 0) {
    return [otherwise];
  }
  return [...new Set(names.map((name) => (name === '$__all' ? '*' : name)))];
}

/** What alone is let through. */
export function readOnly(value: unknown): Exclude[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.map(readLists).filter((lists) => Object.keys(lists).length > 0);
}

/** The lists that name something. */
export function readLists(value: unknown): Exclude {
  const lists: Record<string, unknown> = isObject(value) ? value : {};
  const read: Record<string, unknown> = {};
  for (const list of ['applications', 'tasks', 'operators']) {
    if (readTexts(lists[list]).length > 0) {
      read[list] = readNames(lists[list], '*');
    }
  }
  const dimensions = Object.entries(isObject(lists.dimensions) ? lists.dimensions : {});
  const named = dimensions.filter(([, values]) => readTexts(values).length > 0);
  if (named.length > 0) {
    read.dimensions = Object.fromEntries(named.map(([name, values]) => [name, readNames(values, '*')]));
  }
  return read;
}

/** Ids, each once. */
export function readIds(value: unknown, otherwise: readonly string[]): string[] {
  const ids = readTexts(value);
  return [...new Set(ids.length === 0 ? otherwise : ids)];
}

export function readTop(value: unknown, signals: readonly string[]): Top | null {
  const top: Record<string, unknown> = isObject(value) ? value : {};
  const count = readText(top.count, '');
  if (count === '') {
    return null;
  }
  return { count: /^[0-9]+$/.test(count) ? Number(count) : count, by: readText(top.by, signals[0] ?? '') };
}

const STATISTICS: Record<string, string> = {
  samplecount: 'SampleCount',
  sum: 'Sum',
  average: 'Average',
  avg: 'Average',
  minimum: 'Minimum',
  min: 'Minimum',
  maximum: 'Maximum',
  max: 'Maximum',
  iqm: 'IQM',
};

/** CloudWatch's spelling: a word, `p95`, or a range such as `TM(10%:90%)`. */
export function readStatistic(value: unknown): string {
  const text = readText(value, 'auto');
  const lower = text.toLowerCase();
  const known = STATISTICS[lower];
  if (known !== undefined) {
    return known;
  }
  if (/^(pr|tm|wm|tc|ts)\(/.test(lower)) {
    return text.toUpperCase();
  }
  return /^(tm|wm|tc|ts|p)[0-9.]+$/.test(lower) ? lower : text;
}

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** `auto`, or seconds of a number or a duration; a duration below a minute is one. Anything else stays for the backend to refuse. */
export function readPeriod(value: unknown): string | number {
  const text = readText(value, 'auto');
  const [, digits, unit] = /^([0-9]+)([a-z]*)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) {
    return text;
  }
  if (unit === '') {
    return Number(digits);
  }
  const seconds = SECONDS[unit];
  return seconds === undefined ? text : Math.max(60, Math.floor(Number(digits) * seconds));
}
