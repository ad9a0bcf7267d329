// The plugin, as Grafana loads it.
import './public_path';
import { DataSourcePlugin } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { fetched } from './components/lazy';
import type { FlinkQuery, FlinkwatchSecrets, FlinkwatchSettings } from './types';

class FlinkwatchDataSource extends DataSourceWithBackend<FlinkQuery, FlinkwatchSettings> {}

const ConfigEditor = fetched(async () => (await import('./components/ConfigEditor')).ConfigEditor);

export const plugin = new DataSourcePlugin<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings, FlinkwatchSecrets>(
  FlinkwatchDataSource
).setConfigEditor(ConfigEditor);
