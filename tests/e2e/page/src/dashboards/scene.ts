// A saved dashboard as a scene: Grafana's own engine for variables, time, refresh and rows.
import {
  EmbeddedScene,
  SceneControlsSpacer,
  SceneDataLayerControls,
  SceneDataLayerSet,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  VariableValueSelectors,
  behaviors,
  dataLayers,
  type SceneObject,
} from '@grafana/scenes';
import { DashboardLinks } from './links';
import { buildGrid } from './panels';
import type { Dashboard } from './saved';
import { buildVariable } from './variables';

const INTERVALS = ['10s', '30s', '1m', '5m'];

export function buildControls(refresh = ''): SceneObject[] {
  return [
    new VariableValueSelectors({}),
    new SceneDataLayerControls(),
    new SceneControlsSpacer(),
    new SceneTimePicker({}),
    new SceneRefreshPicker({ intervals: INTERVALS, refresh }),
  ];
}

/** Each with a switch above the dashboard. What readers wrote themselves is in Grafana's database. */
function buildAnnotations({ annotations }: Dashboard): SceneDataLayerSet {
  const queries = (annotations?.list ?? []).filter(({ builtIn }) => !builtIn);
  return new SceneDataLayerSet({
    layers: queries.map(
      (query) =>
        new dataLayers.AnnotationsDataLayer({
          name: query.name,
          isEnabled: query.enable,
          isHidden: query.hide === true,
          query,
        })
    ),
  });
}

export function buildDashboard(saved: Dashboard, all: readonly Dashboard[]): EmbeddedScene {
  const { uid = '', time, timezone, refresh, templating, links = [], graphTooltip, panels, timepicker } = saved;
  const linked = links.length > 0 ? [new DashboardLinks({ links, uid, dashboards: all })] : [];
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({
      from: time?.from ?? 'now-6h',
      to: time?.to ?? 'now',
      ...(timezone && { timeZone: timezone }),
      ...(timepicker?.nowDelay && { UNSAFE_nowDelay: timepicker.nowDelay }),
    }),
    $variables: new SceneVariableSet({ variables: (templating?.list ?? []).map(buildVariable) }),
    $data: buildAnnotations(saved),
    $behaviors: [new behaviors.CursorSync({ sync: graphTooltip ?? 0 })],
    controls: [...buildControls(refresh || ''), ...linked],
    body: buildGrid(panels),
  });
}
