// A saved dashboard as a scene: Grafana's own engine for variables, time, refresh and rows.
import {
  EmbeddedScene,
  SceneControlsSpacer,
  SceneRefreshPicker,
  SceneTimePicker,
  SceneTimeRange,
  SceneVariableSet,
  VariableValueSelectors,
  behaviors,
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
    new SceneControlsSpacer(),
    new SceneTimePicker({}),
    new SceneRefreshPicker({ intervals: INTERVALS, refresh }),
  ];
}

export function buildDashboard(saved: Dashboard, all: readonly Dashboard[]): EmbeddedScene {
  const { uid = '', time, timezone, refresh, templating, links = [], graphTooltip, panels } = saved;
  const linked = links.length > 0 ? [new DashboardLinks({ links, uid, dashboards: all })] : [];
  return new EmbeddedScene({
    $timeRange: new SceneTimeRange({
      from: time?.from ?? 'now-6h',
      to: time?.to ?? 'now',
      ...(timezone && { timeZone: timezone }),
    }),
    $variables: new SceneVariableSet({ variables: (templating?.list ?? []).map(buildVariable) }),
    $behaviors: [new behaviors.CursorSync({ sync: graphTooltip ?? 0 })],
    controls: [...buildControls(refresh || ''), ...linked],
    body: buildGrid(panels),
  });
}
