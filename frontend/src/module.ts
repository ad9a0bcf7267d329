// The plugin, as Grafana loads it.
import './public_path';
import { DataSourcePlugin } from '@grafana/data';
import type { QueryEditorProps } from '@grafana/data';
import { fetched } from './components/lazy';
import { FlinkwatchDataSource } from './datasource';
import type { FlinkQuery, FlinkwatchSecrets, FlinkwatchSettings } from './types';

type EditorProps = QueryEditorProps<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings>;

const ConfigEditor = fetched(async () => (await import('./components/ConfigEditor')).ConfigEditor);
const QueryEditor = fetched<EditorProps>(async () => (await import('./components/QueryEditor')).QueryEditor);
const QueryHelp = fetched(async () => (await import('./components/QueryHelp')).QueryHelp);

export const plugin = new DataSourcePlugin<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings, FlinkwatchSecrets>(
  FlinkwatchDataSource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(QueryHelp);
