import type { AdHocVariableFilter } from '@grafana/data';
import { frozen } from '../../test/frozen';
import type { FlinkQuery } from '../types';
import { narrow } from './adhoc';

const filter = (key: string, operator: string, value: string, values?: string[]): AdHocVariableFilter => ({
  key,
  operator,
  value,
  ...(values && { values }),
});

function narrowed(query: Partial<FlinkQuery>, ...filters: AdHocVariableFilter[]) {
  return narrow(frozen({ refId: 'A', queryType: 'application', ...query } as FlinkQuery), frozen(filters));
}

test.each([
  ['nothing asked', undefined, ['orders']],
  ['everything asked', ['*'], ['orders']],
  ['among the names', ['orders', 'payments'], ['orders']],
  ['not among the names', ['payments'], ['/^$/']],
  ['found by the pattern', ['/^ord/', '/s$/'], ['orders']],
])('"=" with %s', (_, applications, expected) => {
  expect(
    narrowed({ ...(applications && { applications }) }, filter('application', '=', 'orders')).applications
  ).toEqual(expected);
});

test('"=|" is one of several, "=~" a regular expression', () => {
  const several = filter('application', '=|', 'a', ['a', 'b']);
  expect(narrowed({}, several).applications).toEqual(['a', 'b']);
  expect(narrowed({ applications: ['b', 'c'] }, several).applications).toEqual(['b']);
  expect(narrowed({}, filter('application', '=~', '^ord')).applications).toEqual(['/^ord/']);
  expect(narrowed({ applications: ['orders', 'fraud'] }, filter('application', '=~', '^ord')).applications).toEqual([
    'orders',
  ]);
});

test('filters of one field narrow each other', () => {
  const both = [filter('application', '=|', 'a', ['a', 'b']), filter('application', '=', 'b')];
  expect(narrowed({}, ...both).applications).toEqual(['b']);
});

test('tasks and operators are narrowed in the kinds that have them, by either spelling', () => {
  const task = filter('task', '=', 'Source:_orders_stream');
  expect(narrowed({ queryType: 'operator', tasks: ['Source: orders-stream', 'x'] }, task)).toMatchObject({
    tasks: ['Source: orders-stream'],
  });
  expect(narrowed({ queryType: 'operator' }, filter('operator', '=', 'Map'))).toMatchObject({ operators: ['Map'] });
  expect(
    narrowed({ queryType: 'metric', dimensions: { Task: '*', Id: 'x' } }, filter('task', '=|', 'a', ['a', 'b.c']))
  ).toMatchObject({
    dimensions: { Task: '/^(a|b\\.c)$/', Id: 'x' },
  });
  expect(narrowed({ queryType: 'metric', dimensions: { Id: 'x' } }, task)).toMatchObject({ dimensions: { Id: 'x' } });
  expect(narrowed({ signals: ['cpu'] }, task)).toEqual({ refId: 'A', queryType: 'application', signals: ['cpu'] });
});

test.each([
  [filter('color', '=', 'red'), 'There is no filter on "color": filter on application, task, operator.'],
  [
    filter('application', '!=', 'a'),
    'The filter on application uses "!=", which a query cannot express: use "=", "=|" (one of) or "=~" (a regular expression).',
  ],
  [
    filter('application', '=~', 'a'),
    'The filter "a" and the pattern /b/ of the query cannot be combined: filter by names.',
  ],
])('what cannot be expressed is said', (one, message) => {
  expect(() => narrowed({ applications: ['/b/'] }, one)).toThrow(message);
});

test('a filter on what a kind does not have leaves it alone, also one that cannot be expressed', () => {
  expect(narrowed({ signals: ['cpu'] }, filter('task', '<', 'a'))).toMatchObject({ signals: ['cpu'] });
  expect(() => narrowed({ queryType: 'operator' }, filter('task', '<', 'a'))).toThrow('uses "<"');
});

test('a regular expression that is none is said where it has to be tried', () => {
  expect(() => narrowed({ applications: ['a'] }, filter('application', '=~', '('))).toThrow(
    'The pattern "(" is not one'
  );
});
