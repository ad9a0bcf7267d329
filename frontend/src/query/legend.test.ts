import { toDataFrame } from '@grafana/data';
import type { FlinkQuery } from '../types';
import { completeLegend, legendWords } from './legend';

const OPERATOR: FlinkQuery = { refId: 'A', queryType: 'operator', level: 'operator' };

const frame = (refId: string, labels: Record<string, string>) =>
  toDataFrame({
    refId,
    fields: [
      { name: 'Time', values: [1] },
      { name: 'Value', values: [1], labels },
    ],
  });

test('the words are the labels of the answer, and what every line has', () => {
  const frames = [frame('A', { application: 'orders', table: 'lines' }), frame('B', { account: '1' })];
  expect(legendWords(OPERATOR, frames)).toEqual(['application', 'table', 'signal', 'statistic', 'period', 'label']);
});

test.each<[FlinkQuery, string[]]>([
  [{ refId: 'A', queryType: 'application' }, ['application']],
  [{ refId: 'A', queryType: 'checkpoint' }, ['application']],
  [{ refId: 'A', queryType: 'operator' }, ['application', 'task']],
  [OPERATOR, ['application', 'task', 'operator']],
  [{ ...OPERATOR, level: 'subtask' }, ['application', 'task', 'operator', 'subtask']],
  [{ refId: 'A', queryType: 'metric', dimensions: { Topic: '*' } }, ['application', 'Topic']],
])('without an answer %j has the labels of its kind', (query, labels) => {
  expect(legendWords(query).slice(0, -4)).toEqual(labels);
});

const WORDS = ['application', 'account', 'task'];

test.each<[string, string[]]>([
  ['', ['{{application}}', '{{account}}', '{{task}}']],
  ['{{', ['{{application}}', '{{account}}', '{{task}}']],
  ['rate of {', ['rate of {{application}}', 'rate of {{account}}', 'rate of {{task}}']],
  ['{{application}} · {{ TA', ['{{application}} · {{task}}']],
  ['{{ac', ['{{account}}']],
  ['{{nothing', []],
  ['{{application}}', []],
  ['a text', []],
])('%j becomes %j', (typed, texts) => {
  expect(completeLegend(typed, WORDS)).toEqual(texts);
});
