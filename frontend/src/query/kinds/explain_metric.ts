// What was done for a metric query, as its answer tells: which metric, statistic, dimensions and period, and how many series.
import type { DataFrame } from '@grafana/data';
import type { MetricQuery } from '../../types';
import { readText } from '../read';
import type { Explanation } from './kind';

/** The series of CloudWatch in the text of the query inspector: `  s0 60s cpuUtilization Maximum Application=orders <- A`. */
const SERIES = /^ {2}s\d+ (\d+)s (.+?) (\S+)((?: [^ =]+=.*)?) <- /;

/** Nothing before a metric is chosen. */
export function explainMetric(query: MetricQuery, frames: readonly DataFrame[]): Explanation[] {
  const metric = readText(query.metric, '');
  if (metric === '') {
    return [];
  }
  const asked = frames.filter(({ refId }) => refId === query.refId).flatMap(readSeries);
  const title = asked[0]?.metric ?? metric;
  const meaning = 'Shown as CloudWatch has it: no totals or rates are made of it.';
  if (asked.length === 0) {
    return [{ title, meaning, facts: ['nothing was asked of CloudWatch yet'] }];
  }
  const unique = (of: (series: Asked) => string) => [...new Set(asked.map(of))].join(' and ');
  const count = asked.length === 1 ? '1 series' : `${asked.length} series`;
  const facts = [
    unique(({ statistic }) => statistic),
    `by ${unique(({ names }) => names)}`,
    `every ${unique(periodOf)}`,
    count,
  ];
  return [{ title, meaning, facts }];
}

interface Asked {
  metric: string;
  statistic: string;
  /** Of the dimensions. */
  names: string;
  seconds: number;
}

function readSeries({ meta }: DataFrame): Asked[] {
  return (meta?.executedQueryString ?? '').split('\n').flatMap((line) => {
    const [, seconds, metric = '', statistic = '', dimensions = ''] = SERIES.exec(line) ?? [];
    // Values may hold anything, also an equals sign: a name is what stands before the first one after a space.
    const names = [...dimensions.matchAll(/ ([A-Za-z][\w.-]*)=/g)].map(([, name = '']) => name);
    return seconds === undefined ? [] : [{ metric, statistic, names: names.join(', '), seconds: Number(seconds) }];
  });
}

function periodOf({ seconds }: Asked): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
