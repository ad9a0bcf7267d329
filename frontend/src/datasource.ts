// The data source, as Grafana uses it: queries on their way to the backend.
import { CoreApp } from '@grafana/data';
import type { DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { DEFAULT_QUERY, withDefaults } from './query/defaults';
import { interpolate, interpolateText } from './query/interpolate';
import { migrate } from './query/migrate';
import type { FlinkQuery, FlinkwatchSettings } from './types';
import { parseVariables } from './variable_values';

export class FlinkwatchDataSource extends DataSourceWithBackend<FlinkQuery, FlinkwatchSettings> {
  /** The defaults of the data source, for the editor to show. */
  readonly settings: FlinkwatchSettings;

  constructor(instance: DataSourceInstanceSettings<FlinkwatchSettings>) {
    super(instance);
    this.settings = instance.jsonData;
  }

  /** An alert rule starts with one signal that is bad news when it is above 0, as Grafana's new rules ask. */
  override getDefaultQuery(app: CoreApp): Partial<FlinkQuery> {
    const isAlert = app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
    return isAlert ? { ...DEFAULT_QUERY, signals: ['restarts'] } : DEFAULT_QUERY;
  }

  /** Whether a query is sent: a metric query has nothing to ask before its metric is chosen. */
  override filterQuery(query: FlinkQuery): boolean {
    const asked = withDefaults(migrate(query));
    return query.hide !== true && !(asked.queryType === 'metric' && asked.metric === '');
  }

  override applyTemplateVariables(query: FlinkQuery, scopedVars: ScopedVars): FlinkQuery {
    return interpolate(migrate(query), (text) => parseVariables(text, scopedVars));
  }

  /** The argument of a drop-down without variables; several names are separated by commas. */
  resolve(text: string): string {
    return interpolateText(parseVariables(text), '*');
  }
}
