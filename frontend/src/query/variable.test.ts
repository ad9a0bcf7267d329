import { RESOURCES } from '../types';
import type { VariableQuery } from '../types';
import { fieldsOf, setField, setResource, variableLists } from './variable';

const tasks: VariableQuery = {
  refId: 'A',
  resource: 'tasks',
  region: 'eu-west-1',
  application: 'orders',
  match: '/x/',
};

test('every drop-down can be a variable', () => {
  expect(
    variableLists()
      .map(({ value }) => value)
      .sort()
  ).toEqual([...RESOURCES].sort());
});

test('another list keeps what narrows it down too', () => {
  expect(setResource(tasks, 'operators')).toEqual({ ...tasks, resource: 'operators' });
  expect(setResource(tasks, 'applications')).toEqual({
    refId: 'A',
    resource: 'applications',
    region: 'eu-west-1',
    match: '/x/',
  });
  expect(setResource(tasks, 'regions')).toEqual({ refId: 'A', resource: 'regions', match: '/x/' });
});

test('a list that does not exist changes nothing', () => {
  expect(setResource(tasks, 'queues')).toBe(tasks);
  expect(setResource(tasks, undefined)).toBe(tasks);
});

test('a field is set, and an emptied one is gone', () => {
  expect(setField(tasks, 'application', '$app')).toEqual({ ...tasks, application: '$app' });
  expect(setField(tasks, 'match', '')).not.toHaveProperty('match');
  expect(setField(tasks, 'region', undefined)).not.toHaveProperty('region');
});

test('only lists of one application know one', () => {
  const known = RESOURCES.filter((resource) => fieldsOf(resource).includes('application'));
  expect(known).toEqual(['tasks', 'operators', 'metrics', 'dimensions', 'sources', 'log-groups']);
});
