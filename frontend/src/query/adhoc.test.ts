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

test('many values of a dimension are narrowed down as a list', () => {
  const many = Array.from({ length: 80 }, (_, number) => `task-${number}`);
  const query = { queryType: 'metric', dimensions: { Task: many } } as unknown as Partial<FlinkQuery>;
  expect(narrowed(query, filter('task', '=', 'task-7'))).toMatchObject({ dimensions: { Task: 'task-7' } });
  expect(narrowed(query, filter('task', '=|', '', many))).toMatchObject({ dimensions: { Task: many } });
});

test('an operator stands under either dimension', () => {
  const one = filter('operator', '=', 'Map');
  const metric = (dimensions: Record<string, string>) => ({ queryType: 'metric' as const, dimensions });
  expect(narrowed(metric({ TaskOperator: '*' }), one)).toMatchObject({ dimensions: { TaskOperator: 'Map' } });
  expect(narrowed(metric({ Operator: '*' }), one)).toMatchObject({ dimensions: { Operator: 'Map' } });
  expect(narrowed(metric({ taskOperator: 'Sink' }), one)).toMatchObject({ dimensions: { taskOperator: '/^$/' } });
});

test.each([
  ['!=', 'b', undefined, ['b']],
  ['!=|', 'b', ['b', 'c'], ['b', 'c']],
  ['!~', '^pay', undefined, ['/^pay/']],
  ['!~', '/^pay/i', undefined, ['/^pay/i']],
])('"%s" leaves out, whatever else selects', (operator, value, values, excluded) => {
  const asked = { applications: ['/^ord/', 'pay*', '*'] };
  expect(narrowed(asked, filter('application', operator, value, values))).toMatchObject({
    ...asked,
    exclude: { applications: excluded },
  });
  expect(narrowed({ queryType: 'operator' }, filter('task', operator, value, values))).toMatchObject({
    exclude: { tasks: excluded },
  });
  const metric = { queryType: 'metric' as const, dimensions: { TaskOperator: '*' } };
  expect(narrowed(metric, filter('operator', operator, value, values))).toMatchObject({
    ...metric,
    exclude: { operators: excluded },
  });
});

test('what is left out adds up, and stands beside what is let through', () => {
  const query = { exclude: { applications: ['x'], tasks: ['t'] } };
  const filters = [filter('application', '!=', 'y'), filter('application', '!=', 'x'), filter('application', '=', 'a')];
  expect(narrowed(query, ...filters)).toMatchObject({
    applications: ['a'],
    exclude: { applications: ['x', 'y'], tasks: ['t'] },
  });
});

test('a kind without tasks leaves none out', () => {
  expect(narrowed({ signals: ['cpu'] }, filter('task', '!=', 'a'))).toEqual({
    refId: 'A',
    queryType: 'application',
    signals: ['cpu'],
  });
});

test.each([
  ['csv', 'orders,payments'],
  ['glob', '{orders,payments}'],
  ['pipe', 'orders|payments'],
  ['regex', '(orders|payments)'],
  ['a star', 'ord*'],
  ['everything', '.*'],
  ['everything of Grafana', '$__all'],
  ['flags', '/^ORD/i'],
])('what is asked as %s is narrowed down too', (_, asked) => {
  const one = filter('application', '=', 'orders');
  expect(narrowed({ applications: [asked] }, one).applications).toEqual(['orders']);
  expect(narrowed({ applications: ['x,y', 'x*', '/^x/'] }, one).applications).toEqual(['/^$/']);
});

test('names of applications are exact', () => {
  expect(narrowed({ applications: ['pay-out'] }, filter('application', '=', 'pay_out')).applications).toEqual(['/^$/']);
});

test('a pattern chooses among the names of a list', () => {
  expect(narrowed({ applications: ['orders,payments'] }, filter('application', '=~', '^pay')).applications).toEqual([
    'payments',
  ]);
  expect(narrowed({ applications: ['/^pay/'] }, filter('application', '=~', '/^pay/')).applications).toEqual([
    '/^pay/',
  ]);
});

test.each([
  [filter('color', '=', 'red'), 'There is no filter on "color": filter on application, task, operator.'],
  [
    filter('application', '<', 'a'),
    'The filter on application uses "<", which a query cannot express: use "=", "=|" (one of), "=~" (a regular expression) or their opposites "!=", "!=|" and "!~".',
  ],
  [
    filter('application', '=~', 'a'),
    'The filter "/a/" and the pattern /b/ of the query cannot be combined: filter by names.',
  ],
])('what cannot be expressed is said', (one, message) => {
  expect(() => narrowed({ applications: ['/b/'] }, one)).toThrow(message);
});

test('a filter on what a kind does not have leaves it alone, also one that cannot be expressed', () => {
  expect(narrowed({ signals: ['cpu'] }, filter('task', '<', 'a'))).toMatchObject({ signals: ['cpu'] });
  expect(() => narrowed({ queryType: 'operator' }, filter('task', '<', 'a'))).toThrow('uses "<"');
});

// The backend decides what a pattern means: what the browser reads in another way is not tried here.
test.each(['(', '(?i)pay', '^(?!test)', '(?P<a>b)', '\\pL', '\\Aorders', '[a&&b]', '(a)\\1', '/a/x'])(
  'the pattern %s goes to the backend alone, and is not combined with names',
  (pattern) => {
    expect(narrowed({}, filter('application', '=~', pattern)).applications).toEqual([
      pattern.startsWith('/') ? pattern : `/${pattern}/`,
    ]);
    expect(() => narrowed({ applications: ['a'] }, filter('application', '=~', pattern))).toThrow('cannot be combined');
  }
);
