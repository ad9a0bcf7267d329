// Dashboards as scenes: Grafana's own engine for variables, time, refresh and repeated panels.
import type { DataSourceApi } from '@grafana/data';
import { VariableRefresh } from '@grafana/schema';
import {
  EmbeddedScene,
  LocalValueVariable,
  QueryVariable,
  SceneByVariableRepeater,
  SceneCSSGridItem,
  SceneCSSGridLayout,
  SceneControlsSpacer,
  SceneQueryRunner,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  VariableValueSelectors,
  VizPanel,
  type SceneObject,
} from '@grafana/scenes';
import { asSaved } from '../services/sources';
import type { DashboardDefinition, PanelDefinition, VariableDefinition } from './definition';

const ALL = '$__all';
const COLUMNS = 'repeat(24, minmax(0, 1fr))';

export function buildVariable(definition: VariableDefinition, source: DataSourceApi): QueryVariable {
  const { name, label, query, value } = definition;
  return new QueryVariable({
    name,
    label,
    datasource: { type: source.type, uid: source.uid },
    query: { refId: `variable-${name}`, ...query },
    refresh: VariableRefresh.onTimeRangeChanged,
    isMulti: true,
    includeAll: true,
    defaultToAll: value === ALL,
    ...(value !== ALL && { value: [value], text: [value] }),
  });
}

export function buildRunner(queries: PanelDefinition['queries'], source: DataSourceApi): SceneQueryRunner {
  return new SceneQueryRunner({
    datasource: { type: source.type, uid: source.uid },
    queries: queries.map((query) => asSaved(query, source)),
    maxDataPointsFromWidth: true,
  });
}

function buildPanel(definition: PanelDefinition, source: DataSourceApi): VizPanel {
  return new VizPanel({
    title: definition.title,
    pluginId: definition.visualization,
    $data: buildRunner(definition.queries, source),
  });
}

function buildItem(definition: PanelDefinition, source: DataSourceApi): SceneObject {
  const placed = (body: SceneObject, height: number) =>
    new SceneCSSGridItem({ gridColumn: `span ${definition.width}`, body: sized(body, height) });
  const { repeat } = definition;
  if (repeat === undefined) {
    return placed(buildPanel(definition, source), definition.height);
  }
  const body = new SceneByVariableRepeater({
    variableName: repeat,
    body: new SceneCSSGridLayout({
      templateColumns: 'repeat(2, minmax(0, 1fr))',
      autoRows: `${definition.height}px`,
      children: [],
    }),
    getLayoutChild: ({ label }) =>
      new SceneCSSGridItem({
        $variables: new SceneVariableSet({
          variables: [new LocalValueVariable({ name: repeat, value: label, text: label })],
        }),
        body: buildPanel(definition, source),
      }),
  });
  return new SceneCSSGridItem({ gridColumn: `span ${definition.width}`, body });
}

/** A grid of one cell, because only rows of a grid have a height. */
function sized(body: SceneObject, height: number): SceneObject {
  return new SceneCSSGridLayout({ templateColumns: 'minmax(0, 1fr)', autoRows: `${height}px`, children: [body] });
}

export function buildControls(): SceneObject[] {
  return [
    new VariableValueSelectors({}),
    new SceneControlsSpacer(),
    new SceneTimePicker({}),
    new SceneRefreshPicker({ intervals: ['10s', '30s', '1m', '5m'] }),
  ];
}

export function buildDashboard(definition: DashboardDefinition, source: DataSourceApi): EmbeddedScene {
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({ from: 'now-3h', to: 'now' }),
    $variables: new SceneVariableSet({ variables: definition.variables.map((one) => buildVariable(one, source)) }),
    controls: buildControls(),
    body: new SceneCSSGridLayout({
      templateColumns: COLUMNS,
      autoRows: 'min-content',
      children: definition.panels.map((panel) => buildItem(panel, source)),
    }),
  });
}
