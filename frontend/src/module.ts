// The plugin, as Grafana loads it.
import './public_path';
import { DataSourcePlugin } from '@grafana/data';
import { FlinkwatchDataSource } from './datasource';
import type { FlinkQuery, FlinkwatchSecrets, FlinkwatchSettings } from './types';

export const plugin = new DataSourcePlugin<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings, FlinkwatchSecrets>(
  FlinkwatchDataSource
);
