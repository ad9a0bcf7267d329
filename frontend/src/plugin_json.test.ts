// What the module offers, plugin.json says, and the other way round: Grafana hides what plugin.json does not name, without a word.
import { CoreApp } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { instanceSettings } from '../test/grafana';
import pluginJson from '../../plugin.json';
import { FlinkwatchDataSource } from './datasource';
import { plugin } from './module';
import { KINDS } from './query/kinds/registry';

jest.mock('./public_path', () => ({}));

const source = new FlinkwatchDataSource(instanceSettings());
/** What every data source with a backend has of itself. */
const plain = new DataSourceWithBackend(instanceSettings());
const flags: Record<string, unknown> = pluginJson;

/** Grafana takes these for support: of the lines around a line of a log, and of the volume of a log. */
const hasLogs = ['getLogRowContext', 'getSupplementaryRequest'].some((method) => method in source);

test.each<[string, boolean]>([
  ['annotations', (source as { annotations?: unknown }).annotations !== undefined],
  ['metrics', plugin.components.QueryEditor !== undefined],
  // Rules are evaluated by the backend; the editor of rules starts with the query for them.
  ['alerting', pluginJson.backend && source.getDefaultQuery(CoreApp.UnifiedAlerting).queryType !== undefined],
  ['multiValueFilterOperators', (source as { getTagKeys?: unknown }).getTagKeys !== undefined],
  ['logs', hasLogs],
  ['streaming', source.streamOptionsProvider !== plain.streamOptionsProvider],
  ['tracing', (KINDS as readonly string[]).includes('traces')],
])('the flag "%s" says %s', (flag, isOffered) => {
  expect(flags[flag] ?? false).toBe(isOffered);
});

test('pre-releases of Grafana may load it', () => {
  // Grafana's own test builds are called 12.4.0-123456, which ">=11.6.0" refuses.
  expect(pluginJson.dependencies.grafanaDependency).toBe('>=11.6.0-0');
});
