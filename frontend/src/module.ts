// The plugin, as Grafana loads it.
import './public_path';
import { DataSourcePlugin } from '@grafana/data';
import type { QueryEditorProps } from '@grafana/data';
import { lazyComponent } from './components/lazy';
import { FlinkwatchDataSource } from './datasource';
import type { FlinkQuery, FlinkwatchSecrets, FlinkwatchSettings } from './types';

type EditorProps = QueryEditorProps<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings>;

const ConfigEditor = lazyComponent(async () => (await import('./components/ConfigEditor')).ConfigEditor);
const QueryEditor = lazyComponent<EditorProps>(async () => (await import('./components/QueryEditor')).QueryEditor);
const QueryHelp = lazyComponent(async () => (await import('./components/QueryHelp')).QueryHelp);

export const plugin = new DataSourcePlugin<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings, FlinkwatchSecrets>(
  FlinkwatchDataSource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(QueryHelp);
