// The rows of kinds, against what the backend answers: its saved queries, and the table of kinds in docs/queries.md.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Kind } from '../../types';
import { EXAMPLES } from '../examples';
import { isObject } from '../read';
import { KINDS, ROWS } from './registry';

const ROOT = path.join(__dirname, '../../../..');

/** The rows of the table of kinds, without the words of what each asks for. */
function documented(): Record<string, string[]> {
  const page = readFileSync(path.join(ROOT, 'docs/queries.md'), 'utf8');
  const [, table = ''] = /\n\| kind \|.*\n\|[-|]+\n((?:\|.*\n)+)/.exec(page) ?? [];
  const rows = table.trim().split('\n');
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  return Object.fromEntries(
    cells.map(([, kind = '', , ...facts]) => [/`(.*)`/.exec(kind)?.[1] ?? kind, facts.slice(0, -1)] as const)
  );
}

function factsOf(kind: Kind): string[] {
  const { shapes, alerts, annotates, runs, isPrefetched } = ROWS[kind];
  const as = shapes.map(({ value }) => `\`${value}\``).join(', ') || '–';
  const yesOrNo = (fact: boolean) => (fact ? 'yes' : 'no');
  return [as, yesOrNo(alerts), yesOrNo(annotates), runs, yesOrNo(isPrefetched)];
}

test('each row says what the documentation says, and none is missing on either side', () => {
  expect(Object.fromEntries(KINDS.map((kind) => [kind, factsOf(kind)]))).toEqual(documented());
});

test.each(['README.grafana.md', 'docs/first-dashboard.md'])('%s names each kind', (file) => {
  const page = readFileSync(path.join(ROOT, file), 'utf8');
  // In a table, or as the word on the screen.
  const missing = KINDS.map((kind) => ROWS[kind].label).filter((label) => !RegExp(`[|"] ?${label} ?[|"]`).test(page));
  expect(missing).toEqual([]);
});

/** The kind that a saved query's file says it reads as. */
function kindIn(file: unknown): unknown {
  return isObject(file) && isObject(file.reads) ? file.reads.queryType : undefined;
}

test('each kind of the saved queries that the backend reads has a row, and the other way round', () => {
  const folder = path.join(ROOT, 'tests/fixtures/queries');
  const saved = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file): unknown => JSON.parse(readFileSync(path.join(folder, file), 'utf8')));
  expect([...new Set(saved.map(kindIn))].sort()).toEqual([...KINDS].sort());
});

test.each(KINDS)('%s has ready queries, each with a title of its own', (kind) => {
  const queries = EXAMPLES.flatMap(({ examples }) => examples);
  expect(queries.filter(({ query }) => query.queryType === kind)).toHaveLength(ROWS[kind].examples.length);
  expect(ROWS[kind].examples.length).toBeGreaterThan(0);
  const titles = queries.map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

test.each(KINDS)(
  'an annotation of the kind %s starts with a shape that it can have, and an alert rule has one',
  (kind) => {
    const { shapes, alerts, annotates } = ROWS[kind];
    expect((shapes[0]?.isTable ?? false) && annotates).toBe(false);
    expect(shapes.length > 0 && shapes.every(({ isTable }) => isTable) && alerts).toBe(false);
  }
);
