import type { FlinkQuery } from '../types';
import { describeUnfit } from './annotation';
import { CHECKPOINT } from './kinds/checkpoint';

const QUERY: FlinkQuery = { refId: 'A', queryType: 'checkpoint' };
const NO_TIMES =
  'An annotation needs points in time, and queries of the kind "Checkpoint" have none: choose another kind.';

afterEach(() => {
  jest.restoreAllMocks();
});

test('series have points in time, a table has none', () => {
  expect(describeUnfit(QUERY)).toBeUndefined();
  expect(describeUnfit({ ...QUERY, as: 'summary' })).toContain('choose "Series"');
});

test('a kind that no annotation can have says so, whatever its shape', () => {
  jest.replaceProperty(CHECKPOINT, 'annotates', false);
  expect(describeUnfit(QUERY)).toBe(NO_TIMES);
  expect(describeUnfit({ ...QUERY, as: 'summary' })).toBe(NO_TIMES);
});
