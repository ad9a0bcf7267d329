// The panels of this page, under the ids that Grafana gives to its own, drawn by Grafana's components. They know the
// options that the shipped dashboards use.
import { PluginType, standardFieldConfigEditorRegistry, type PanelPlugin, type PanelPluginMeta } from '@grafana/data';
import { config } from '@grafana/runtime';
import { barGauge } from './bar_gauge';
import { standardFields } from './fields';
import { stat } from './stat';
import { table } from './table';
import { text } from './text';
import { timeSeries } from './time_series';

export const VISUALIZATIONS = ['timeseries', 'stat', 'table', 'bargauge', 'text'] as const;
export type Visualization = (typeof VISUALIZATIONS)[number];

const PLUGINS: Record<Visualization, PanelPlugin> = {
  timeseries: timeSeries,
  stat,
  table,
  bargauge: barGauge,
  text,
};

function metaOf(id: Visualization): PanelPluginMeta {
  const info = { author: { name: '' }, description: '', links: [], screenshots: [], updated: '', version: '' };
  const logos = { large: '', small: '' };
  return { id, name: id, type: PluginType.panel, module: '', baseUrl: '', sort: 1, info: { ...info, logos } };
}

/** The panels by id, ready to be drawn. */
export function registerPanels(): Map<string, PanelPlugin> {
  standardFieldConfigEditorRegistry.setInit(standardFields);
  for (const id of VISUALIZATIONS) {
    PLUGINS[id].meta = metaOf(id);
  }
  config.panels = Object.fromEntries(VISUALIZATIONS.map((id) => [id, metaOf(id)]));
  return new Map(Object.entries(PLUGINS));
}
