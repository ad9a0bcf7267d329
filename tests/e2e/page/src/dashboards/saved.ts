// Dashboards as they are saved: those that the plugin brings along, and one of this page.
import { PluginIncludeType, type PluginInclude } from '@grafana/data';
import type { Dashboard, Panel, RowPanel, VariableModel } from '@grafana/schema';
import { backend } from '../services/backend';

export type { Dashboard, Panel, RowPanel, VariableModel };

export const FLINKWATCH = { type: 'flinkwatch-msf-datasource', uid: 'flinkwatch' };

export const APPLICATIONS: VariableModel = {
  type: 'query',
  name: 'application',
  label: 'Application',
  datasource: FLINKWATCH,
  query: { refId: 'variable', resource: 'applications', status: 'running' },
  refresh: 2,
  multi: true,
  includeAll: true,
  current: { text: 'All', value: '$__all' },
};

/** Repeated panels, which no dashboard of the plugin has. */
const EACH_APPLICATION: Dashboard = {
  uid: 'each-application',
  title: 'Repeated panels',
  schemaVersion: 41,
  time: { from: 'now-3h', to: 'now' },
  templating: { list: [APPLICATIONS] },
  panels: [
    {
      type: 'timeseries',
      title: 'Source rate of $application',
      gridPos: { x: 0, y: 0, w: 12, h: 8 },
      repeat: 'application',
      repeatDirection: 'h',
      maxPerRow: 2,
      datasource: FLINKWATCH,
      targets: [
        {
          refId: 'A',
          queryType: 'application',
          applications: ['$application'],
          as: 'series',
          schema: 1,
          datasource: FLINKWATCH,
        },
      ],
    },
  ],
};

/** The shipped files in the order of plugin.json. */
export async function loadDashboards(root: string, includes: PluginInclude[] = []): Promise<Dashboard[]> {
  const paths = includes.flatMap(({ type, path }) => (type === PluginIncludeType.dashboard && path ? [path] : []));
  const shipped = await Promise.all(paths.map((path) => backend.get<Dashboard>(`/${root}/${path}`)));
  return [...shipped, EACH_APPLICATION];
}

export function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}
