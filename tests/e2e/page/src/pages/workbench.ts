// One query at work: what Grafana keeps beside a query editor. The panel editor and Explore differ only in the frame.
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom-v5-compat';
import type { CoreApp, DataQuery, DataSourceApi, PanelData, TimeRange } from '@grafana/data';
import {
  EmbeddedScene,
  SceneCSSGridLayout,
  SceneTimeRange,
  SceneVariableSet,
  VizPanel,
  type SceneQueryRunner,
} from '@grafana/scenes';
import { Notices } from '../dashboards/notices';
import { buildRunner } from '../dashboards/panels';
import { APPLICATIONS } from '../dashboards/saved';
import { buildControls } from '../dashboards/scene';
import { buildVariable } from '../dashboards/variables';
import type { Visualization } from '../panels/registry';
import { asSaved, type Sources } from '../services/sources';
import { showVariablesOf } from '../services/templates';

export interface Workbench {
  source: DataSourceApi;
  scene: EmbeddedScene;
  panels: VizPanel[];
  /** As a dashboard would save it. */
  query: DataQuery;
  data: PanelData | undefined;
  range: TimeRange;
  onChange: (query: DataQuery) => void;
  onRunQuery: () => void;
}

interface Parts {
  scene: EmbeddedScene;
  panels: VizPanel[];
  runner: SceneQueryRunner;
  time: SceneTimeRange;
}

function buildParts(source: DataSourceApi, query: DataQuery, visualizations: Visualization[]): Parts {
  const time = new SceneTimeRange({ from: 'now-1h', to: 'now' });
  const runner = buildRunner([asSaved(query, source)], { datasource: { type: source.type, uid: source.uid } });
  const panels = visualizations.map(
    (pluginId) => new VizPanel({ title: titleOf(pluginId), pluginId, titleItems: [new Notices({})] })
  );
  const body = new SceneCSSGridLayout({ templateColumns: 'minmax(0, 1fr)', autoRows: '300px', children: panels });
  const $variables = new SceneVariableSet({ variables: [buildVariable(APPLICATIONS)] });
  const scene = new EmbeddedScene({ $timeRange: time, $variables, $data: runner, controls: buildControls(), body });
  return { scene, panels, runner, time };
}

function titleOf(visualization: Visualization): string {
  return { timeseries: 'Graph', stat: 'Stat', table: 'Table', bargauge: 'Bar gauge', text: 'Text' }[visualization];
}

/** The query of the address, or a new one as the data source proposes it. */
function firstQuery(source: DataSourceApi, app: CoreApp, given: string | null): DataQuery {
  if (given !== null) {
    return JSON.parse(given) as DataQuery;
  }
  return asSaved({ refId: 'A', ...source.getDefaultQuery?.(app) }, source);
}

export function useWorkbench(sources: Sources, app: CoreApp, visualizations: Visualization[]): Workbench {
  const [search] = useSearchParams();
  const source = sources.all.find(({ uid }) => uid === search.get('source')) ?? sources.all[0];
  const [query, setQuery] = useState(() => firstQuery(source, app, search.get('query')));
  const [{ scene, panels, runner, time }] = useState(() => buildParts(source, query, visualizations));
  useEffect(() => showVariablesOf(scene), [scene]);
  const { data } = runner.useState();
  const { value: range } = time.useState();
  const onChange = (changed: DataQuery) => {
    setQuery(changed);
    runner.setState({ queries: [{ ...changed }] });
  };
  return {
    source,
    scene,
    panels,
    query,
    data,
    range,
    onChange,
    onRunQuery: () => {
      runner.runQueries();
    },
  };
}
