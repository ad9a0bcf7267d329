import { frozen } from '../../test/frozen';
import type { FlinkQuery } from '../types';
import { interpolate } from './interpolate';
import type { Piece } from './interpolate';
import { QueryError } from './query_error';

const VARIABLES: Record<string, Piece> = {
  one: { name: 'one', values: ['orders'], isAll: false },
  three: { name: 'three', values: ['orders', 'pay.ments', 'fraud'], isAll: false },
  all: { name: 'all', values: ['a', 'b'], isAll: true },
  unlisted: { name: 'unlisted', values: ['$__all'], isAll: true },
  accounts: { name: 'accounts', values: ['all', '111111111111', '222222222222'], isAll: true },
  // Of a list that is empty, and of a box in which nobody typed.
  none: { name: 'none', values: [], isAll: false },
  blank: { name: 'blank', values: [''], isAll: false },
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
  ['All is what the variable lists', ['$all'], ['a', 'b']],
  ['All of what Grafana has no list of is everything', ['$unlisted'], ['*']],
  ['no value is no name beside others', ['$none', 'x', '$blank', 'pre-$none'], ['x']],
  ['a box that is empty adds nothing to a name', ['orders$blank'], ['orders']],
  [
    'a text around a variable makes a name of every value',
    ['pre-$three-$one'],
    ['pre-orders-orders', 'pre-pay.ments-orders', 'pre-fraud-orders'],
  ],
  ['All inside a text is each of its values', ['pre-$all'], ['pre-a', 'pre-b']],
  ['values inside a pattern are alternatives, as they are written', ['/^$three$/'], ['/^(orders|pay\\.ments|fraud)$/']],
  ['one value inside a pattern', ['/^$one-/'], ['/^(orders)-/']],
  ['All inside a pattern is one of its values', ['/^$all-x/'], ['/^(a|b)-x/']],
  ['All of what Grafana has no list of is anything in a pattern', ['/^$unlisted-x/'], ['/^.*-x/']],
  ['a box that is empty adds nothing to a pattern', ['/^pay$blank/'], ['/^pay()/']],
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
  ['All', '$all', '/^(a|b)$/'],
  ['All of what Grafana has no list of', '$unlisted', '*'],
  ['a pattern', '/$three/', '/(orders|pay\\.ments|fraud)/'],
  ['a text around several values', 'x.$all', '/^(x\\.a|x\\.b)$/'],
  ['several values in a list', 'x,$all', 'x,a,b'],
  ['several values in braces', '{x,$all}', '{x,a,b}'],
])('a dimension: %s', (_, filter, expected) => {
  check({ queryType: 'metric', dimensions: { Task: filter } }, { dimensions: { Task: expected } });
});

test('the backend takes no pattern of many values, so they are a list', () => {
  const many = Array.from({ length: 80 }, (_, number) => `task-${number}`);
  const parseMany = (text: string): Piece[] =>
    text === '$many' ? [{ name: 'many', values: many, isAll: true }] : [text];
  const query: FlinkQuery = { refId: 'A', queryType: 'metric', dimensions: { Task: '$many', Id: 'x' } };
  expect(interpolate(query, parseMany)).toMatchObject({ dimensions: { Task: many, Id: 'x' } });
});

test('texts have variables too, and labels of a legend stay', () => {
  check(
    {
      queryType: 'metric',
      region: '$one',
      accountId: '$accounts',
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
  check({ queryType: 'alarms', applications: ['$one'] } as unknown as FlinkQuery, {});
});

describe('a field without anything but variables that have no value', () => {
  test.each<[string, Partial<FlinkQuery>]>([
    ['applications', { queryType: 'application', applications: ['$none'] }],
    ['several texts', { queryType: 'application', applications: ['$none', '$blank'] }],
    ['a name of text and variable', { queryType: 'application', applications: ['pre-$none'] }],
    ['a pattern', { queryType: 'application', applications: ['/^$none/'] }],
    ['tasks', { queryType: 'operator', tasks: ['$none'] }],
    ['operators', { queryType: 'operator', operators: ['$none$blank'] }],
    ['signals', { queryType: 'checkpoint', signals: ['$none'] }],
    ['how many', { queryType: 'operator', top: { count: '$none' } }],
    ['the ranking', { queryType: 'operator', top: { count: 5, by: '$none' } }],
    ['a dimension', { queryType: 'metric', dimensions: { Task: '$none' } }],
    ['a dimension by a pattern', { queryType: 'metric', dimensions: { Task: '/$none/' } }],
    ['region', { queryType: 'application', region: '$none' }],
    ['account', { queryType: 'application', accountId: '$none' }],
    ['metric', { queryType: 'metric', metric: '$none' }],
  ])('%s', (_, query) => {
    expect(() => interpolate({ refId: 'A', ...query } as FlinkQuery, parse)).toThrow(
      new QueryError('The variable $none has no value.')
    );
  });

  test.each(['applications', 'region', 'accountId'])('%s of an empty box', (field) => {
    const query = { refId: 'A', queryType: 'application', [field]: '$blank' } as unknown as FlinkQuery;
    expect(() => interpolate(query, parse)).toThrow('The variable $blank has no value.');
  });

  test('period, statistic and legend fall back on their defaults', () => {
    check(
      { queryType: 'application', period: '$none', statistic: '$none', legend: '$blank' },
      { period: '', statistic: '', legend: '' }
    );
  });
});

test('several accounts cannot be asked at once', () => {
  expect(() => interpolate({ refId: 'A', queryType: 'application', accountId: '$three' }, parse)).toThrow(
    'The variable $three has several values, and a query takes one account or "all": choose one, or set "Custom all value" to all.'
  );
  check({ queryType: 'application', accountId: '$unlisted' }, { accountId: 'all' });
});

test('a query of the CloudWatch data source has values in its dimensions', () => {
  const target = {
    namespace: 'AWS/KinesisAnalytics',
    metricName: 'uptime',
    dimensions: { Application: ['$three'], Flow: 'In' },
  };
  check({ queryType: 'application', ...target, alias: '$one' } as Partial<FlinkQuery>, {
    alias: 'orders',
    dimensions: { Application: ['orders', 'pay.ments', 'fraud'], Flow: ['In'] },
  });
});

test('a variable without a value lets nothing through, and leaves nothing out', () => {
  check({ queryType: 'application', exclude: { applications: ['$none'] } }, { exclude: { applications: [] } });
  const only = { queryType: 'application', only: [{ applications: ['$none'] }] } as Partial<FlinkQuery>;
  expect(() => interpolate({ refId: 'A', ...only } as FlinkQuery, parse)).toThrow('none');
  check(
    { queryType: 'application', only: [{ applications: ['$three'] }] },
    { only: [{ applications: ['orders', 'pay.ments', 'fraud'] }] }
  );
});
