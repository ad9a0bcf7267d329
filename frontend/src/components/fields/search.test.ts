import type { Choice } from '../../types';
import { searchChoices } from './search';

const choice = (value: string, label: string, more: Partial<Choice> = {}): Choice => ({ value, label, ...more });
const signal = (aliases: string[], formula = '') => ({ signal: { levels: [], aliases, formula } });

const LIST: Choice[] = [
  choice('recordsLagMax', 'recordsLagMax', { group: 'Metrics' }),
  choice('consumerLagTime', 'Consumer lag', { description: 'How far behind.', ...signal(['millisBehindLatest']) }),
  choice('restarts', 'Restarts', signal(['numRestarts', 'fullRestarts'], 'Increase of numRestarts')),
  choice('sourceRate', 'Source rate', signal([], 'Sum / 4 of numRecordsOutPerSecond')),
  choice('Source:_orders', 'Source: orders'),
  choice('*', 'All', { description: 'or a pattern such as /^pay/' }),
];

test.each([
  ['a label', 'consumer', ['consumerLagTime']],
  ['an id', 'sourcerate', ['sourceRate']],
  ['an alias', 'fullRestarts', ['restarts']],
  ['a part of an alias', 'millisbehind', ['consumerLagTime']],
  ['the metric in a formula', 'numRecordsOutPerSecond', ['sourceRate']],
  ['a description', 'far behind', ['consumerLagTime']],
  ['words in any order', 'orders source', ['Source:_orders']],
  ['a word of a label before a part of an id', 'lag', ['consumerLagTime', 'recordsLagMax']],
  ['nothing', 'xyz', []],
  ['no "all" by its description', 'pay', []],
  ['no pattern by an example of one', '/^pay/', []],
  ['everything without a text', ' ', LIST.map(({ value }) => value)],
])('%s is found', (_, typed, values) => {
  expect(searchChoices(LIST, typed).map(({ value }) => value)).toEqual(values);
});
