import type { DataQueryRequest } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { instanceSettings, serveBackend, setVariables } from '../test/grafana';
import { FlinkwatchDataSource } from './datasource';
import { FlinkVariables } from './variables';
import type { VariableQuery } from './types';

const CHOICES = [
  { value: 'orders', label: 'orders', group: 'Running' },
  { value: 'fraud-scores', label: 'Fraud scores' },
];

async function values(query: Partial<VariableQuery>, scopedVars = {}) {
  const requests = serveBackend(() => CHOICES);
  const support = new FlinkVariables(new FlinkwatchDataSource(instanceSettings()), () => null);
  const request = { targets: [{ refId: 'V', ...query }], scopedVars } as unknown as DataQueryRequest<VariableQuery>;
  const { data } = await lastValueFrom(support.query(request));
  return { data: data as unknown, asked: requests.map(({ url, params }) => [url.split('/').at(-1), params]) };
}

beforeEach(() => {
  setVariables({
    region: { value: 'eu-west-1' },
    application: { value: ['a', 'b'] },
    all: { value: '$__all', options: ['a', 'b'] },
    tasks: { value: ['Map', 'Filter, Sink'] },
    none: { value: '$__all', options: [] },
    search: { value: '', type: 'textbox' },
  });
});

test('a variable has the choices of a drop-down', async () => {
  expect(await values({ resource: 'applications', region: '$region', status: 'running', tag: 'team:data' })).toEqual({
    data: [
      { text: 'orders', value: 'orders', group: 'Running' },
      { text: 'Fraud scores', value: 'fraud-scores' },
    ],
    asked: [['applications', { region: 'eu-west-1', status: 'running', tag: 'team:data' }]],
  });
});

test.each<[string, Partial<VariableQuery>, Record<string, string>]>([
  ['several values', { resource: 'tasks', application: '$application' }, { application: 'a,b' }],
  ['All', { resource: 'operators', application: '$all', task: 'Map' }, { application: 'a,b', task: 'Map' }],
  ['names with commas', { resource: 'operators', task: '$tasks' }, { task: '/^(Map|Filter, Sink)$/' }],
  ['several values in a list', { resource: 'tasks', application: 'x,$application' }, { application: 'x,a,b' }],
  ['several values in braces', { resource: 'tasks', application: '{x,$application}' }, { application: '{x,a,b}' }],
  ['a pattern', { resource: 'tasks', application: '/^$application-/' }, { application: '/^(a|b)-/' }],
  ['a format of its own', { resource: 'tasks', application: '${application:csv}' }, { application: 'a,b' }],
  ['tags', { resource: 'applications', tag: 'team:$application' }, { tag: 'team:a,team:b' }],
])('a variable follows others: %s', async (_, query, args) => {
  expect((await values(query)).asked).toEqual([[query.resource, args]]);
});

test.each<Partial<VariableQuery>>([
  { resource: 'tasks', application: '$none' },
  { resource: 'tasks', application: '/^$none/' },
  { resource: 'applications', region: '$none' },
  { resource: 'operators', application: 'orders', task: 'x-$none' },
])('what follows a variable without a value lists nothing: %j', async (query) => {
  expect(await values(query)).toEqual({ data: [], asked: [] });
});

test('a box in which nobody typed narrows nothing down', async () => {
  expect((await values({ resource: 'applications', match: '$search' })).asked).toEqual([['applications', {}]]);
});

test.each(['/^(?i)ord/', 'scores$', 'ord*', '{a,b}'])('the backend decides what matches %s', async (match) => {
  const { data, asked } = await values({ resource: 'applications', match });
  expect(asked).toEqual([['applications', { match }]]);
  expect(data).toHaveLength(CHOICES.length);
});

test('a pattern that is wrong is told in the words of the backend', async () => {
  const message = 'The argument "match" has /(/, which is not a regular expression.';
  serveBackend(() => {
    throw Object.assign(new Error('Bad Request'), { status: 400, data: { message } });
  });
  const support = new FlinkVariables(new FlinkwatchDataSource(instanceSettings()), () => null);
  const targets = [{ refId: 'V', resource: 'applications', match: '/(/' }];
  const request = { targets, scopedVars: {} } as unknown as DataQueryRequest<VariableQuery>;
  await expect(lastValueFrom(support.query(request))).rejects.toThrow(message);
});

test('a variable that names no list lists applications', async () => {
  expect((await values({})).asked).toEqual([['applications', {}]]);
});
