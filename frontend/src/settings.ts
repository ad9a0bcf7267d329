// Pure edits of a data source's settings: what a typed text becomes, and what reaches Grafana of an edit in the fields that
// all AWS data sources share. The ranges are the backend's.
import { AwsAuthType } from '@grafana/aws-sdk';
import type { DataSourceSettings } from '@grafana/data';
import { isEqual, omit } from 'lodash';
import type { FlinkwatchSecrets, FlinkwatchSettings } from './types';

export type Options = DataSourceSettings<FlinkwatchSettings, FlinkwatchSecrets>;

export interface NumberSetting {
  key: 'kpuPricePerHour' | 'cacheMegabytes' | 'requestTimeoutSeconds' | 'maxConcurrentCalls' | RateKey | CostKey;
  label: string;
  description: string;
  unit: string;
  preset: number;
  least: number;
  most: number;
  /** Whether it counts something. */
  isWhole?: boolean;
}

type RateKey =
  'getMetricDataPerSecond' | 'listMetricsPerSecond' | 'kinesisAnalyticsPerSecond' | 'filterLogEventsPerSecond';
type CostKey = 'maxDollarsPerRequest' | 'maxDollarsPerHour' | 'maxAlertDollarsPerHour' | 'maxPointsPerRequest';

export const PRICE: NumberSetting = {
  key: 'kpuPricePerHour',
  label: 'Price of a KPU hour',
  description: 'For signals of cost. The default is the price in us-east-1.',
  unit: 'USD',
  preset: 0.11,
  least: 0,
  most: 1000,
};

export interface TextSetting {
  key:
    | 'defaultApplication'
    | 'allowedRegions'
    | 'cloudwatchEndpoint'
    | 'kinesisAnalyticsEndpoint'
    | 'logsEndpoint'
    | 'stsEndpoint';
  label: string;
  description: string;
  placeholder: string;
}

export const DEFAULT_APPLICATION: TextSetting = {
  key: 'defaultApplication',
  label: 'Default application',
  description: 'The application of queries that name none.',
  placeholder: 'none',
};

export const ALLOWED_REGIONS: TextSetting = {
  key: 'allowedRegions',
  label: 'Allowed regions',
  description:
    'The regions that queries may name, with commas between them; the default region is always among them. A region that is newer than this plugin must be named here.',
  placeholder: 'all of AWS',
};

/** What answers as several services, such as a gateway; AWS's own addresses answer as one. */
export const ENDPOINT_PLACEHOLDER = 'https://gateway.example.com:8443';

/** Where one service is asked instead of at AWS's public address. */
export const ENDPOINT_SETTINGS: TextSetting[] = [
  {
    key: 'cloudwatchEndpoint',
    label: 'CloudWatch endpoint',
    description: 'Such as that of an interface endpoint without private DNS.',
    placeholder: 'https://monitoring.eu-west-1.amazonaws.com',
  },
  {
    key: 'kinesisAnalyticsEndpoint',
    label: 'Managed Flink endpoint',
    description: 'For ListApplications, DescribeApplication and ListTagsForResource.',
    placeholder: 'https://kinesisanalytics.eu-west-1.amazonaws.com',
  },
  {
    key: 'logsEndpoint',
    label: 'CloudWatch Logs endpoint',
    description: 'For FilterLogEvents.',
    placeholder: 'https://logs.eu-west-1.amazonaws.com',
  },
  {
    key: 'stsEndpoint',
    label: 'STS endpoint',
    description: 'For roles to assume. Credentials are never sent to the endpoint of another service.',
    placeholder: 'https://sts.eu-west-1.amazonaws.com',
  },
];

/** What a request may take, of time and of this machine's memory. */
export const REQUEST_SETTINGS: NumberSetting[] = [
  {
    key: 'requestTimeoutSeconds',
    label: 'Request timeout',
    description: 'Including retries.',
    unit: 's',
    preset: 30,
    least: 1,
    most: 300,
  },
  {
    key: 'cacheMegabytes',
    label: 'Cache',
    description:
      'Metric data that is kept in memory; 0 keeps none. All data sources together keep at most the largest of their values.',
    unit: 'MB',
    preset: 64,
    least: 0,
    most: 4096,
  },
];

/** What CloudWatch may charge for. */
export const COST_SETTINGS: NumberSetting[] = [
  {
    key: 'maxDollarsPerRequest',
    label: 'Cost of a request',
    description: 'A panel or alert rule that would cost more fails before any call.',
    unit: 'USD',
    preset: 1,
    least: 0.01,
    most: 1000,
  },
  {
    key: 'maxDollarsPerHour',
    label: 'Cost of panels',
    description: 'In an hour, with Explore and prefetching. Beyond it panels show what is in the cache.',
    unit: 'USD per hour',
    preset: 20,
    least: 0.01,
    most: 10_000,
  },
  {
    key: 'maxAlertDollarsPerHour',
    label: 'Cost of alert rules',
    description: 'In an hour; panels take nothing from it. Beyond it rules are in the state Error.',
    unit: 'USD per hour',
    preset: 50,
    least: 0.01,
    most: 10_000,
  },
  {
    key: 'maxPointsPerRequest',
    label: 'Points of a request',
    description: 'Data points that a panel or alert rule may compute with; eight bytes each.',
    unit: 'points',
    preset: 20_000_000,
    least: 100_000,
    most: 100_000_000,
    isWhole: true,
  },
];

/** AWS's quotas are those of the account and region, and others use them too. */
export const CALL_SETTINGS: NumberSetting[] = [
  {
    key: 'getMetricDataPerSecond',
    label: 'GetMetricData',
    description: 'Calls in each region. AWS’s quota is 500.',
    unit: 'per second',
    preset: 100,
    least: 0.1,
    most: 500,
  },
  {
    key: 'listMetricsPerSecond',
    label: 'ListMetrics',
    description: 'Pages in each region. AWS’s quota is 25, and can be raised on request.',
    unit: 'per second',
    preset: 12,
    least: 0.1,
    most: 100,
  },
  {
    key: 'kinesisAnalyticsPerSecond',
    label: 'Managed Flink API',
    description:
      'Calls of ListApplications, DescribeApplication and ListTagsForResource in each region. AWS publishes no quota.',
    unit: 'per second',
    preset: 5,
    least: 0.1,
    most: 100,
  },
  {
    key: 'filterLogEventsPerSecond',
    label: 'FilterLogEvents',
    description: 'Pages of logs in each region. AWS’s quota is 5 in some regions, else 10 or 25.',
    unit: 'per second',
    preset: 4,
    least: 0.1,
    most: 25,
  },
  {
    key: 'maxConcurrentCalls',
    label: 'Concurrent calls',
    description: 'Calls of one kind at a time in each region. The Managed Flink API gets at most 5.',
    unit: 'calls',
    preset: 16,
    least: 1,
    most: 100,
    isWhole: true,
  },
];

/**
 * What a typed text is saved as: nothing, a number, or itself where it is no number. It is saved as it stands, also out of
 * range, so that "Save & test" tells of what the field shows.
 */
export function parseSetting(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') {
    return undefined;
  }
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : trimmed;
}

/** What is wrong with a saved value. Files may hold numbers as text, as the backend reads them. */
export function findSettingError(value: unknown, { least, most, isWhole = false }: NumberSetting): string | undefined {
  const number = typeof value === 'string' ? parseSetting(value) : value;
  const isInRange = typeof number === 'number' && number >= least && number <= most;
  const isRight = isInRange && (!isWhole || Number.isInteger(number));
  const wanted = `Enter a ${isWhole ? 'whole ' : ''}number from ${least} to ${most}.`;
  return isRight || number === undefined || number === null ? undefined : wanted;
}

export function describeSaved(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map(describeSaved).join(', ');
  }
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

/** Saves a value, or removes the key: the backend's default then holds, whatever it becomes. */
export function withSetting(
  options: Options,
  key: keyof FlinkwatchSettings,
  value: number | string | undefined
): Options {
  const rest = omit(options.jsonData, key);
  return { ...options, jsonData: value === undefined ? rest : { ...rest, [key]: value } };
}

/**
 * The settings as the shared fields get them: with the provider that the backend takes. Given a provider that they do not
 * know, or none, those fields save one of their own as soon as they are shown.
 */
export function showProvider(options: Options): Options {
  const authType = readProvider(options.jsonData.authType);
  return authType === options.jsonData.authType ? options : { ...options, jsonData: { ...options.jsonData, authType } };
}

/** By the present and the legacy spelling. */
const PROVIDERS = new Map(
  [AwsAuthType.Keys, AwsAuthType.Credentials, AwsAuthType.EC2IAMRole, AwsAuthType.GrafanaAssumeRole]
    .map((provider): [string, AwsAuthType] => [provider, provider])
    .concat([['sharedCreds', AwsAuthType.Credentials]])
);

function readProvider(saved = ''): AwsAuthType {
  return PROVIDERS.get(saved) ?? AwsAuthType.Default;
}

/** What an edit in the shared fields saves: it, and neither the provider that was only shown nor texts that were emptied. */
export function keepConnectionEdit(saved: Options, edited: Options): Options {
  const shown = showProvider(saved);
  if (isEqual(edited, shown)) {
    // The provider that was shown has been chosen.
    return edited;
  }
  const wasOnlyShown = edited.jsonData.authType === shown.jsonData.authType;
  const jsonData = wasOnlyShown ? { ...edited.jsonData, authType: saved.jsonData.authType } : edited.jsonData;
  const filled = Object.entries(jsonData).filter(([, value]) => value !== '' && value !== undefined);
  return { ...edited, jsonData: Object.fromEntries(filled) };
}

/** Saves a typed session token; emptying the field leaves none. */
export function withSessionToken(options: Options, token: string): Options {
  return { ...options, secureJsonData: { ...options.secureJsonData, sessionToken: token } };
}

/** Forgets the saved session token. */
export function withoutSessionToken(options: Options): Options {
  const secureJsonFields = { ...options.secureJsonFields, sessionToken: false };
  return { ...withSessionToken(options, ''), secureJsonFields };
}
