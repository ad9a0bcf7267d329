import type { VariableQuery } from '../types';
import { argumentsOfList, setField, setResource } from './variable';

const tasks: VariableQuery = {
  refId: 'A',
  resource: 'tasks',
  region: 'eu-west-1',
  application: 'orders',
  match: '/x/',
};

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

test('the list of an argument is asked with what both lists know', () => {
  const operators: VariableQuery = { ...tasks, resource: 'operators', task: 'Window', status: 'running' };
  expect(argumentsOfList('tasks', operators)).toEqual({ region: 'eu-west-1', application: 'orders' });
  expect(argumentsOfList('applications', operators)).toEqual({ region: 'eu-west-1' });
  expect(argumentsOfList('regions', operators)).toEqual({});
});
