// The wire contract, as the backend's tests hold it too: the saved queries of tests/fixtures/queries.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { frozen } from '../../test/frozen';
import { SCHEMA } from '../types';
import type { Kind } from '../types';
import { withDefaults } from './defaults';
import { fieldsOf, isKind, KINDS } from './kinds/registry';
import { migrate } from './migrate';
import { isObject } from './read';
import type { SavedFields } from './read';

const FOLDER = path.join(__dirname, '../../../tests/fixtures/queries');

interface Fixture {
  name: string;
  query: unknown;
  queryType: unknown;
  settings: SavedFields;
  reads: unknown;
  error: unknown;
}

function fixtures(folder: string): Fixture[] {
  const files = readdirSync(path.join(FOLDER, folder)).filter((file) => file.endsWith('.json'));
  return files.map((file) => {
    const content: unknown = JSON.parse(readFileSync(path.join(FOLDER, folder, file), 'utf8'));
    const { query, queryType, settings, reads, error }: SavedFields = isObject(content) ? content : {};
    const name = path.basename(file, '.json');
    return { name, query, queryType, settings: isObject(settings) ? settings : {}, reads, error };
  });
}

const right = fixtures('');
// Files with `text` hold what is no query object at all: Grafana cannot save that.
const wrong = fixtures('wrong').filter(({ query }) => query !== undefined);

/** A query as Grafana hands it over: its own `queryType` is the field of the same name. */
function saved({ query, queryType }: Fixture): unknown {
  return isObject(query) && queryType !== undefined ? { queryType, ...query } : query;
}

test('there are fixtures', () => {
  expect(right.length).toBeGreaterThan(30);
  expect(wrong.length).toBeGreaterThan(50);
});

/** Other spellings of signals are the catalogue's, which only the backend has. */
const OTHER_SPELLINGS = ['application-legacy-names'];

test.each(right)('$name reads as its file says', (fixture) => {
  const { defaultRegion, defaultApplication } = fixture.settings;
  const source = {
    defaultRegion: typeof defaultRegion === 'string' ? defaultRegion : 'eu-west-1',
    ...(typeof defaultApplication === 'string' ? { defaultApplication } : {}),
  };
  const complete: SavedFields = { ...withDefaults(migrate(frozen(saved(fixture))), source) };
  if (OTHER_SPELLINGS.includes(fixture.name)) {
    const reads: SavedFields = isObject(fixture.reads) ? fixture.reads : {};
    expect({ ...complete, signals: reads.signals, metric: reads.metric }).toEqual(reads);
    expect(complete).not.toEqual(reads);
  } else {
    expect(complete).toEqual(fixture.reads);
  }
});

test.each(right)('$name reads the same again when every default is filled in', ({ reads }) => {
  const query = migrate(reads);
  expect(query).toBe(reads);
  expect(withDefaults(query)).toEqual(reads);
});

test.each(KINDS.map((kind) => ({ kind })))('a complete $kind query has exactly the fields of its kind', ({ kind }) => {
  const fields = fieldsOf(kind).map(([field]) => field);
  const readsOfKind = right.map(({ reads }) => reads).filter((reads) => isObject(reads) && reads.queryType === kind);
  expect(readsOfKind).not.toEqual([]);
  for (const reads of readsOfKind) {
    expect(Object.keys(reads as object).sort()).toEqual([...fields].sort());
  }
});

/** Grafana's own, and what a file adds to show that it is ignored. */
const NOT_OURS = ['refId', 'hide', 'datasource', 'intervalMs', 'maxDataPoints', 'fromTheFuture'];

test('every field in a fixture is one of its kind, and every field of a kind is in a fixture', () => {
  const missing = new Map<Kind, Set<string>>(
    KINDS.map((kind) => [kind, new Set(fieldsOf(kind).map(([field]) => field))])
  );
  const ofAnyKind = new Set(KINDS.flatMap((kind) => fieldsOf(kind).map(([field]) => field)));
  for (const fixture of right) {
    const query: SavedFields = { ...migrate(saved(fixture)) };
    for (const field of Object.keys(query).filter((name) => !NOT_OURS.includes(name))) {
      // A field of another kind stays from before the kind was changed.
      expect([...ofAnyKind]).toContain(field);
      if (isKind(query.queryType)) {
        missing.get(query.queryType)?.delete(field);
      }
    }
  }
  expect([...missing].filter(([, fields]) => fields.size > 0)).toEqual([]);
});

test.each(wrong)('$name keeps what is wrong, so that the backend refuses it in its own words', (fixture) => {
  const query: SavedFields = { ...migrate(frozen(saved(fixture))) };
  const before: SavedFields = isObject(fixture.query) ? fixture.query : {};
  for (const [field, value] of Object.entries(before)) {
    // A single value stands in a list: the backend finds the same in it.
    expect([value, [value]]).toContainEqual(query[field]);
  }
});

test.each(wrong)('$name can be shown: the editor gets the types it relies on', (fixture) => {
  const complete = withDefaults(migrate(saved(fixture)));
  expect(complete.schema).toBe(SCHEMA);
  const texts = 'signals' in complete ? [...complete.signals, ...complete.applications] : complete.applications;
  expect(texts.map((text) => typeof text)).toEqual(texts.map(() => 'string'));
  expect(typeof ('legend' in complete ? complete.legend : '')).toBe('string');
});
