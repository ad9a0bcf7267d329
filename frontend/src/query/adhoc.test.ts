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
  ['=', 'orders', undefined, ['orders']],
  ['=|', 'a', ['a', 'b'], ['a', 'b']],
  ['=|', 'a', undefined, ['a']],
  ['=~', '^ord', undefined, ['/^ord/']],
  ['=~', '/^ord/i', undefined, ['/^ord/i']],
])('"%s" lets through, whatever the query asks for', (operator, value, values, through) => {
  const query = { applications: ['/^pay/', 'ord*', '*'], only: { tasks: ['Map'] } };
  expect(narrowed(query, filter('application', operator, value, values))).toMatchObject({
    applications: query.applications,
    only: { tasks: ['Map'], applications: through },
  });
  expect(narrowed({ queryType: 'operator', tasks: ['x'] }, filter('task', operator, value, values))).toMatchObject({
    tasks: ['x'],
    only: { tasks: through },
  });
});

test('filters of one field narrow each other', () => {
  const both = [filter('application', '=|', 'a', ['a', 'b']), filter('application', '=~', 'b')];
  expect(narrowed({}, ...both, filter('application', '=', 'b')).only).toEqual([
    { applications: ['a', 'b'] },
    { applications: ['/b/'] },
    { applications: ['b'] },
  ]);
  const ofTasks = [filter('task', '=', 't'), ...both];
  expect(narrowed({ queryType: 'operator' }, ...ofTasks).only).toEqual([
    { tasks: ['t'], applications: ['a', 'b'] },
    { applications: ['/b/'] },
  ]);
});

test('a filter narrows the kinds and levels that have its names, and leaves others alone', () => {
  const task = filter('task', '=', 'Map');
  const operator = filter('operator', '=', 'Map');
  const ofTask = { only: { tasks: ['Map'] } };
  const ofOperator = { only: { operators: ['Map'] } };
  const metric = (dimensions: Record<string, string>) => ({ queryType: 'metric' as const, dimensions });
  expect(narrowed({ queryType: 'operator' }, task)).toMatchObject(ofTask);
  expect(narrowed({ queryType: 'operator', level: 'operator' }, operator)).toMatchObject(ofOperator);
  expect(narrowed({ queryType: 'operator', level: 'subtask' }, operator)).toMatchObject(ofOperator);
  expect(narrowed(metric({ Task: '*', Id: 'x' }), task)).toMatchObject({
    ...metric({ Task: '*', Id: 'x' }),
    ...ofTask,
  });
  expect(narrowed(metric({ TaskOperator: '*' }), operator)).toMatchObject(ofOperator);
  expect(narrowed(metric({ Operator: 'Sink' }), operator)).toMatchObject(ofOperator);
  const alone: [Partial<FlinkQuery>, AdHocVariableFilter][] = [
    [{ queryType: 'operator' }, operator],
    [{ queryType: 'operator', level: 'task' }, operator],
    [metric({ Id: 'x' }), task],
    [metric({ Task: '*' }), operator],
    // CloudWatch's dimensions are case sensitive.
    [metric({ taskOperator: '*' }), operator],
    [{ signals: ['cpu'] }, task],
    [{ queryType: 'checkpoint' }, operator],
  ];
  for (const [query, one] of alone) {
    expect(narrowed(query, one)).toEqual({ refId: 'A', queryType: 'application', ...query });
    expect(narrowed(query, { ...one, operator: '!=' })).toEqual({ refId: 'A', queryType: 'application', ...query });
  }
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
    only: { applications: ['a'] },
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
  [filter('color', '=', 'red'), 'There is no filter on "color": filter on application, task, operator.'],
  [
    filter('application', '<', 'a'),
    'The filter on application uses "<", which a query cannot express: use "=", "=|" (one of), "=~" (a regular expression) or their opposites "!=", "!=|" and "!~".',
  ],
])('what cannot be expressed is said', (one, message) => {
  expect(() => narrowed({ applications: ['/b/'] }, one)).toThrow(message);
});

test('a filter on what a kind does not have leaves it alone, also one that cannot be expressed', () => {
  expect(narrowed({ signals: ['cpu'] }, filter('task', '<', 'a'))).toMatchObject({ signals: ['cpu'] });
  expect(() => narrowed({ queryType: 'operator' }, filter('task', '<', 'a'))).toThrow('uses "<"');
});

// The backend decides what a pattern means, in one dialect: nothing of it is tried in the browser.
test.each(['(', '(?i)pay', '^(?!test)', '(?P<a>b)', '\\pL', '\\Aorders', '[a&&b]', '(a)\\1', '/a/x'])(
  'the pattern %s goes to the backend as it is, also beside names and patterns of the query',
  (pattern) => {
    expect(narrowed({ applications: ['a', '/b/'] }, filter('application', '=~', pattern))).toMatchObject({
      applications: ['a', '/b/'],
      only: { applications: [pattern.startsWith('/') ? pattern : `/${pattern}/`] },
    });
  }
);
