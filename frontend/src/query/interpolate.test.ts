import { frozen } from '../../test/frozen';
import type { FlinkQuery } from '../types';
import { interpolate } from './interpolate';
import type { Piece } from './interpolate';

const VARIABLES: Record<string, Piece> = {
  one: { values: ['orders'], isAll: false },
  three: { values: ['orders', 'pay.ments', 'fraud'], isAll: false },
  all: { values: ['a', 'b'], isAll: true },
  none: { values: [], isAll: false },
};

/** `$name` is a variable. */
function parse(text: string): Piece[] {
  const pieces = text.split(/(\$\w+)/).filter((part) => part !== '');
  return pieces.length === 0 ? [''] : pieces.map((part) => VARIABLES[part.slice(1)] ?? part);
}

function check(query: Partial<FlinkQuery>, expected: Record<string, unknown>) {
  const before = frozen({ refId: 'A', ...query } as FlinkQuery);
  expect(interpolate(before, parse)).toEqual({ ...before, ...expected });
}

test.each([
  ['one value is one name', ['$one'], ['orders']],
  ['several values are several names', ['$three', 'x'], ['orders', 'pay.ments', 'fraud', 'x']],
  ['All is everything', ['$all'], ['*']],
  ['no value is no name', ['$none'], []],
  [
    'a text around a variable makes a name of every value',
    ['pre-$three-$one'],
    ['pre-orders-orders', 'pre-pay.ments-orders', 'pre-fraud-orders'],
  ],
  ['All inside a text is each of its values', ['pre-$all'], ['pre-a', 'pre-b']],
  ['values inside a pattern are alternatives, as they are written', ['/^$three$/'], ['/^(orders|pay\\.ments|fraud)$/']],
  ['one value inside a pattern', ['/^$one-/'], ['/^(orders)-/']],
  ['All inside a pattern is anything', ['/^$all-x/'], ['/^.*-x/']],
  ['texts without variables stay', ['/^a$/', '*', 'b'], ['/^a$/', '*', 'b']],
])('%s', (_, applications, expected) => {
  check({ queryType: 'application', applications }, { applications: expected });
  check(
    { queryType: 'operator', tasks: applications, operators: applications },
    { tasks: expected, operators: expected }
  );
});

test('signals know no "*", so All is every signal of the variable', () => {
  check({ queryType: 'checkpoint', signals: ['$all', 'cpu'] }, { signals: ['a', 'b', 'cpu'] });
});

test.each([
  ['one value', '$one', 'orders'],
  ['several values are a pattern', '$three', '/^(orders|pay\\.ments|fraud)$/'],
  ['All', '$all', '*'],
  ['a pattern', '/$three/', '/(orders|pay\\.ments|fraud)/'],
  ['a text around several values', 'x.$all', '/^(x\\.a|x\\.b)$/'],
  ['no value', '$none', ''],
])('a dimension: %s', (_, filter, expected) => {
  check({ queryType: 'metric', dimensions: { Task: filter } }, { dimensions: { Task: expected } });
});

test('texts have variables too, and labels of a legend stay', () => {
  check(
    {
      queryType: 'metric',
      region: '$one',
      accountId: '$all',
      period: '$one',
      statistic: '$one',
      metric: 'x$one',
      legend: '{{task}} $all $three',
    },
    {
      region: 'orders',
      accountId: 'all',
      period: 'orders',
      statistic: 'orders',
      metric: 'xorders',
      legend: '{{task}} All orders,pay.ments,fraud',
    }
  );
});

test('a ranking is by the first of several signals', () => {
  check({ queryType: 'operator', top: { count: '$one', by: '$three' } }, { top: { count: 'orders', by: 'orders' } });
  check({ queryType: 'operator', top: null }, { top: null });
});

test('numbers and what is wrong stay', () => {
  check({ queryType: 'application', schema: 1, period: 300, applications: [7] as unknown as string[] }, {});
  check({ queryType: 'logs', applications: ['$one'] } as unknown as FlinkQuery, {});
});
