// Any metric of an application by name and dimensions.
import { NUMBER_FIELDS, numberFieldsWithDefaults } from '../fields';
import { isObject, readNames, readText } from '../read';
import { explainMetric } from './explain_metric';
import type { FilterKey, QueryKind } from './kind';

/** What names of filters are called as dimensions. Series of operators have the one or the other. */
const FILTERED_DIMENSIONS: Partial<Record<string, FilterKey>> = {
  Task: 'task',
  Operator: 'operator',
  TaskOperator: 'operator',
};

export const METRIC: QueryKind<'metric'> = {
  label: 'Metric',
  description: 'any CloudWatch metric by name',
  group: 'Metrics',
  fields: { ...NUMBER_FIELDS, metric: 'required', dimensions: 'filters' },
  shapes: [],
  runs: 'on change',
  alerts: true,
  annotates: true,
  isPrefetched: true,
  withDefaults(query) {
    const dimensions: Record<string, unknown> = isObject(query.dimensions) ? query.dimensions : {};
    const filters = Object.entries(dimensions).filter(([, filter]) => filter !== null);
    return {
      queryType: 'metric',
      ...numberFieldsWithDefaults(query),
      metric: readText(query.metric, ''),
      dimensions: Object.fromEntries(filters.map(([name, filter]) => [name, readNames(filter, '*')[0] ?? '*'])),
    };
  },
  findMissing: ({ metric }) => (metric === '' ? 'a metric' : undefined),
  numbersOf: ({ metric }) => [metric],
  labelsOf: ({ dimensions }) => ['application', ...Object.keys(dimensions)],
  filterKeys: ({ dimensions = {} }) => Object.keys(dimensions).flatMap((name) => FILTERED_DIMENSIONS[name] ?? []),
  explain: explainMetric,
  examples: [
    {
      task: 'What does it use and cost?',
      title: 'CPU, 95th percentile',
      advice: 'Any CloudWatch metric with any statistic; here cpuUtilization in percent.',
      query: { metric: 'cpuUtilization', statistic: 'p95' },
    },
  ],
};
