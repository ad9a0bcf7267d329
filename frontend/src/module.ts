// The plugin, as Grafana loads it.
import './public_path';
import { DataSourcePlugin } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import type { FlinkQuery, FlinkwatchSettings } from './types';

class FlinkwatchDataSource extends DataSourceWithBackend<FlinkQuery, FlinkwatchSettings> {}

export const plugin = new DataSourcePlugin<FlinkwatchDataSource, FlinkQuery, FlinkwatchSettings>(FlinkwatchDataSource);
