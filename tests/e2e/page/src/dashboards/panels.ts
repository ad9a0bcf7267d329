// The panels of a saved dashboard, at their places.
import type { DataQuery } from '@grafana/schema';
import {
  LocalValueVariable,
  SceneByVariableRepeater,
  SceneCSSGridLayout,
  SceneDataTransformer,
  SceneGridItem,
  SceneGridLayout,
  SceneGridRow,
  SceneQueryRunner,
  SceneVariableSet,
  VizPanel,
  sceneGraph,
  type SceneGridItemLike,
} from '@grafana/scenes';
import { Notices } from './notices';
import { OTHER_PANEL, OtherPanelData, keyOf } from './other_panel';
import { isRow, type Dashboard, type Panel, type RowPanel } from './saved';

/** A unit of height in pixels, and the gap below it. */
const CELL = 30;
const GAP = 8;
const COLUMNS = 24;

type Laid = Panel | RowPanel;

/** What stands below an open row belongs to it, up to the next one; a closed row holds its panels itself. */
export function buildGrid(panels: Dashboard['panels'] = []): SceneGridLayout {
  const children: SceneGridItemLike[] = [];
  let row: SceneGridRow | undefined;
  for (const panel of panels) {
    if (isRow(panel)) {
      row = buildRow(panel);
      children.push(row);
    } else if (row === undefined || row.state.isCollapsed) {
      children.push(buildItem(panel));
    } else {
      row.setState({ children: [...row.state.children, buildItem(panel)] });
    }
  }
  return new SceneGridLayout({ children, isDraggable: false, isResizable: false });
}

function buildRow({ title = '', collapsed, panels, gridPos, repeat }: RowPanel): SceneGridRow {
  if (repeat) {
    throw new Error(`The row "${title}" is repeated, which this page cannot draw.`);
  }
  return new SceneGridRow({ title, isCollapsed: collapsed, y: gridPos?.y ?? 0, children: panels.map(buildItem) });
}

function buildItem(panel: Panel): SceneGridItem {
  const { x, y, w, h } = placeOf(panel);
  return panel.repeat
    ? buildRepeated(panel, panel.repeat)
    : new SceneGridItem({ x, y, width: w, height: h, body: buildPanel(panel) });
}

function placeOf({ gridPos }: Laid) {
  return gridPos ?? { x: 0, y: 0, w: COLUMNS / 2, h: 8 };
}

export function buildPanel(panel: Panel): VizPanel {
  const { id, type, title = '', description, options, fieldConfig, transparent } = panel;
  return new VizPanel({
    ...(id !== undefined && { key: keyOf(id) }),
    title,
    pluginId: type,
    titleItems: [new Notices({})],
    options: options ?? {},
    // Saved JSON leaves out what scenes wants as empty.
    fieldConfig: (fieldConfig ?? { defaults: {}, overrides: [] }) as VizPanel['state']['fieldConfig'],
    ...(description && { description }),
    ...(transparent && { displayMode: 'transparent' }),
    ...(panel.targets && { $data: buildData(panel) }),
  });
}

function buildData({ targets = [], datasource, transformations, maxDataPoints, interval }: Panel) {
  const [first] = targets as { panelId?: number }[];
  const runner =
    datasource?.uid === OTHER_PANEL
      ? new OtherPanelData({ panelId: first?.panelId ?? 0 })
      : buildRunner(targets as unknown as DataQuery[], {
          ...(datasource && { datasource }),
          ...(maxDataPoints && { maxDataPoints }),
          ...(interval && { minInterval: interval }),
        });
  type Steps = SceneDataTransformer['state']['transformations'];
  return transformations
    ? new SceneDataTransformer({ $data: runner, transformations: transformations as Steps })
    : runner;
}

type Asking = Pick<SceneQueryRunner['state'], 'datasource' | 'maxDataPoints' | 'minInterval'>;

export function buildRunner(queries: DataQuery[], asking: Asking): SceneQueryRunner {
  return new SceneQueryRunner({ queries, maxDataPointsFromWidth: true, ...asking });
}

/** One panel for each value of the variable, a few side by side; the item grows with them. */
function buildRepeated(panel: Panel, variable: string): SceneGridItem {
  const { x, y, h } = placeOf(panel);
  const perLine = panel.maxPerRow ?? 4;
  const body = new SceneCSSGridLayout({
    templateColumns: `repeat(${perLine}, minmax(0, 1fr))`,
    autoRows: `${h * CELL + (h - 1) * GAP}px`,
    rowGap: 1,
    columnGap: 1,
    children: [],
  });
  const repeater = new SceneByVariableRepeater({
    variableName: variable,
    body,
    getLayoutChild: ({ value, label }) => {
      const one = buildPanel(panel);
      one.setState({
        $variables: new SceneVariableSet({
          variables: [new LocalValueVariable({ name: variable, value, text: label })],
        }),
      });
      return one;
    },
  });
  const item = new SceneGridItem({ x, y, width: COLUMNS, height: h, body: repeater });
  item.addActivationHandler(() => {
    const grow = () => {
      item.setState({ height: h * Math.max(1, Math.ceil(body.state.children.length / perLine)) });
      sceneGraph.getAncestor(item, SceneGridLayout).forceRender();
    };
    const watching = body.subscribeToState(grow);
    return () => {
      watching.unsubscribe();
    };
  });
  return item;
}
