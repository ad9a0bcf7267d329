// The plugin, as Grafana loads it.
import './public_path';
import { createElement } from 'react';
import type { ComponentType } from 'react';
import { DataSourcePlugin } from '@grafana/data';
import type { QueryEditorProps } from '@grafana/data';
import { fetched } from './components/lazy';
import { FlinkwatchDataSource } from './datasource';
import { migrate } from './query/migrate';
import type { FlinkQuery, FlinkwatchSecrets, FlinkwatchSettings } from './types';

type EditorProps = QueryEditorProps<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings>;

/** An editor that sees queries in the shape of today. What it saves has that shape; what it only shows stays as it is. */
function withMigration(Editor: ComponentType<EditorProps>) {
  return function MigratedEditor(props: EditorProps) {
    return createElement(Editor, { ...props, query: migrate(props.query) });
  };
}

const QueryEditor = fetched(async () => withMigration((await import('./components/QueryEditor')).QueryEditor));
const QueryHelp = fetched(async () => (await import('./components/QueryHelp')).QueryHelp);
const ConfigEditor = fetched(async () => (await import('./components/ConfigEditor')).ConfigEditor);

export const plugin = new DataSourcePlugin<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings, FlinkwatchSecrets>(
  FlinkwatchDataSource
)
  .setQueryEditor(QueryEditor)
  .setQueryEditorHelp(QueryHelp)
  .setConfigEditor(ConfigEditor);
