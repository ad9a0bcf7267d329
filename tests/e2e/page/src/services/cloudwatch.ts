// Grafana's data source CloudWatch, as far as the dashboards for it go: targets become calls of GetMetricData as Grafana's backend makes
// them, and results become its frames. What it sends here, a test hands on to local AWS.
import {
  DataSourceApi,
  createDataFrame,
  FieldType,
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type DataSourcePluginMeta,
  type MetricFindValue,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { backend } from './backend';
import { templates } from './templates';

export const LOCAL_AWS = '/local-aws';
const REGION = 'eu-west-1';
/** Seconds, for time ranges that are not older than 15 days. */
const PERIODS = [60, 300, 900, 3_600, 21_600, 86_400];
const MOST_POINTS = 2_000;

interface Target extends DataQuery {
  id: string;
  region: string;
  namespace: string;
  metricName: string;
  dimensions: Record<string, string>;
  statistic: string;
  expression: string;
  period: string;
  label?: string;
}

interface VariableQuery {
  queryType: string;
  region: string;
  namespace: string;
  metricName: string;
  dimensionKey: string;
}

interface Result {
  Id: string;
  Label: string;
  /** Seconds. */
  Timestamps: number[];
  Values: number[];
}

interface Metric {
  Dimensions: Array<{ Name: string; Value: string }>;
}

export function cloudWatch(of: DataSourceInstanceSettings): CloudWatch {
  const name = 'CloudWatch';
  const meta: DataSourcePluginMeta = { ...of.meta, id: 'cloudwatch', name };
  const source = new CloudWatch({ ...of, id: 0, uid: 'cloudwatch', name, type: 'cloudwatch', meta, isDefault: false });
  source.meta = meta;
  return source;
}

class CloudWatch extends DataSourceApi {
  constructor(readonly settings: DataSourceInstanceSettings) {
    super(settings);
  }

  /** Hidden queries are inputs of others. */
  override filterQuery(query: DataQuery): boolean {
    return query.hide !== true || (query as Target).id !== '';
  }

  async query({ targets, range, scopedVars }: DataQueryRequest): Promise<DataQueryResponse> {
    const filled = (targets as Target[]).map((target) => fill(target, scopedVars));
    const region = filled[0]?.region ?? REGION;
    const answer = await ask<{ MetricDataResults: Result[] }>('GetMetricData', region, {
      StartTime: range.from.unix(),
      EndTime: range.to.unix(),
      MetricDataQueries: filled.map((target) => metricDataQuery(target, range)),
      ScanBy: 'TimestampAscending',
    });
    return {
      data: answer.MetricDataResults.flatMap((result) => {
        const target = filled.find(({ id }) => id === result.Id);
        return target === undefined ? [] : [frameOf(result, target)];
      }),
    };
  }

  override async metricFindQuery(
    query: VariableQuery,
    options?: { scopedVars?: ScopedVars }
  ): Promise<MetricFindValue[]> {
    if (query.queryType === 'regions') {
      return [{ text: REGION, value: REGION }];
    }
    const { namespace, metricName, dimensionKey } = query;
    const asked = { Namespace: namespace, MetricName: metricName, Dimensions: [{ Name: dimensionKey }] };
    const region = templates.replace(query.region, options?.scopedVars);
    const { Metrics } = await ask<{ Metrics: Metric[] }>('ListMetrics', region, asked);
    const found = Metrics.flatMap(({ Dimensions }) =>
      Dimensions.flatMap(({ Name, Value }) => (Name === dimensionKey ? [Value] : []))
    );
    return [...new Set(found)].sort().map((text) => ({ text, value: text }));
  }

  testDatasource(): Promise<never> {
    return Promise.reject(new Error('This page has no settings of CloudWatch.'));
  }
}

function fill(target: Target, scopedVars: ScopedVars): Target {
  const replace = (text: string) => templates.replace(text, scopedVars);
  return {
    ...target,
    region: replace(target.region),
    expression: replace(target.expression),
    dimensions: Object.fromEntries(Object.entries(target.dimensions).map(([name, value]) => [name, replace(value)])),
    ...(target.label !== undefined && { label: replace(target.label) }),
  };
}

function metricDataQuery(target: Target, range: TimeRange): Record<string, unknown> {
  const { id, hide = false, label, expression, namespace, metricName, dimensions, statistic } = target;
  const automatic = periodOf(range);
  const period = target.period === '' ? automatic : Number(target.period);
  const shared = { Id: id, ReturnData: !hide, ...(label && { Label: label }) };
  if (expression !== '') {
    return { ...shared, Expression: expression.replaceAll('$__period_auto', String(automatic)), Period: period };
  }
  const named = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  const metric = { Namespace: namespace, MetricName: metricName, Dimensions: named };
  return { ...shared, MetricStat: { Metric: metric, Period: period, Stat: statistic } };
}

function periodOf({ from, to }: TimeRange): number {
  const least = Math.ceil(to.diff(from, 'seconds') / MOST_POINTS);
  return PERIODS.find((period) => period >= least) ?? 86_400;
}

function frameOf({ Label, Timestamps, Values }: Result, { refId, label = '' }: Target): DataFrame {
  // CloudWatch puts dimensions behind a label that is no pattern.
  const displayName = label === '' || label.includes('${') ? Label : label;
  return createDataFrame({
    refId,
    name: displayName,
    fields: [
      { name: 'Time', type: FieldType.time, values: Timestamps.map((seconds) => seconds * 1_000) },
      { name: 'Value', type: FieldType.number, values: Values, config: { displayName } },
    ],
  });
}

async function ask<Answer>(operation: string, region: string, input: object): Promise<Answer> {
  const service = 'GraniteServiceVersion20100801';
  const scope = `Credential=AKIALOCALAWS00000000/20260101/${region}/monitoring/aws4_request`;
  return backend.request<Answer>({
    url: LOCAL_AWS,
    method: 'POST',
    data: input,
    headers: {
      'Content-Type': 'application/x-amz-json-1.0',
      'X-Amz-Target': `${service}.${operation}`,
      Authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none`,
    },
  });
}
