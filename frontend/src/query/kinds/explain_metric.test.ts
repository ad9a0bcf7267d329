import { createDataFrame } from '@grafana/data';
import type { MetricQuery } from '../../types';
import { explainMetric } from './explain_metric';

const METRIC: MetricQuery = { refId: 'A', queryType: 'metric', metric: 'cpuutilization', applications: ['orders'] };

function answer(...lines: string[]) {
  const head = 'GetMetricData: 1 call, 1 metric billed\neu-west-1 2025-11-19T04:07Z..2025-11-19T10:08Z';
  return [createDataFrame({ refId: 'A', fields: [], meta: { executedQueryString: [head, ...lines].join('\n') } })];
}

const MEANING = 'Shown as CloudWatch has it: no totals or rates are made of it.';

test('an answer tells metric, statistic, dimensions, period and the number of series', () => {
  expect(explainMetric(METRIC, answer('  s0 60s cpuUtilization Maximum Application=orders <- A'))).toEqual([
    { title: 'cpuUtilization', meaning: MEANING, facts: ['Maximum', 'by Application', 'every 1 min', '1 series'] },
  ]);
  const tasks = [
    '  s0 300s busyTimeMsPerSecond p95 Application=orders Task=Sink:_a=b____c <- A, B',
    '  s1 300s busyTimeMsPerSecond p95 Application=orders Task=Source <- A: 3 of 60 points asked',
  ];
  expect(explainMetric({ ...METRIC, metric: 'busyTimeMsPerSecond' }, answer(...tasks))[0]?.facts).toEqual([
    'p95',
    'by Application, Task',
    'every 5 min',
    '2 series',
  ]);
  const hourly = answer('  s0 3600s KPUs TM(10%:90%) Application=orders <- A', '… and 3 more series');
  expect(explainMetric(METRIC, hourly)[0]?.facts).toEqual(['TM(10%:90%)', 'by Application', 'every 1 h', '1 series']);
});

test('before an answer, and where nothing was found, it says so', () => {
  const facts = ['nothing was asked of CloudWatch yet'];
  expect(explainMetric(METRIC, [])).toEqual([{ title: 'cpuutilization', meaning: MEANING, facts }]);
  const other = answer('  s0 60s cpuUtilization Maximum Application=orders <- B').map((frame) => ({
    ...frame,
    refId: 'B',
  }));
  expect(explainMetric(METRIC, other)).toEqual([{ title: 'cpuutilization', meaning: MEANING, facts }]);
});

test('a query without a metric has none', () => {
  expect(explainMetric({ refId: 'A', queryType: 'metric' }, [])).toEqual([]);
});
