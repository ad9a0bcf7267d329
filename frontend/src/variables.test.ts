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
  setVariables({ region: { value: 'eu-west-1' }, application: { value: ['a', 'b'] }, all: { value: '$__all' } });
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

test('a variable follows others: several values, All', async () => {
  expect((await values({ resource: 'tasks', application: '$application' })).asked).toEqual([
    ['tasks', { application: 'a,b' }],
  ]);
  expect((await values({ resource: 'operators', application: '$all', task: 'Map' })).asked).toEqual([
    ['operators', { application: '*', task: 'Map' }],
  ]);
});

test.each([
  ['/^ord/', ['orders']],
  ['scores$', ['fraud-scores']],
  ['Fraud', ['fraud-scores']],
  ['', ['orders', 'fraud-scores']],
])('%j is found in values and labels', async (match, expected) => {
  const { data } = await values({ resource: 'applications', match });
  expect((data as { value: string }[]).map(({ value }) => value)).toEqual(expected);
});

test('a pattern that is none is said', async () => {
  await expect(values({ resource: 'applications', match: '/(/' })).rejects.toThrow('The pattern /(/ of this variable');
});

test('a new variable lists applications', async () => {
  expect((await values({})).asked).toEqual([['applications', {}]]);
});
