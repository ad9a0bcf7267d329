import {
  FieldType,
  ReducerID,
  getFieldMatcher,
  standardTransformersRegistry,
  toDataFrame,
  transformDataFrame,
} from '@grafana/data';
import type { DataFrame, DataTransformerConfig, DataTransformerInfo } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { DASHBOARDS } from './all';
import { adapted } from './cloudwatch_panels';
import type { Page } from './model';
import { counts, highest, lines, note, stat } from './panels';

/** Plugins should not need the transformers themselves; this test stands in for Grafana. */
const grafana = jest.requireActual<{ standardTransformers: Record<string, DataTransformerInfo> }>('@grafana/data');

interface Target {
  refId: string;
  hide?: boolean;
  label?: string;
  expression: string;
}

interface Laid {
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: Target[];
  transformations?: DataTransformerConfig[];
  fieldConfig?: {
    defaults: { min?: number };
    overrides: { matcher: { id: string; options: unknown }; properties: { id: string; value: unknown }[] }[];
  };
  options?: { reduceOptions: { values: boolean } };
}

interface Dashboard {
  panels: (Laid & { panels?: Laid[] })[];
  timepicker?: { nowDelay?: string };
}

const cases = [...DASHBOARDS]
  .filter(([file]) => file.includes('cloudwatch'))
  .map(([file, text]) => ({ file, text, dashboard: JSON.parse(text) as Dashboard }));

const panels = cases.flatMap(({ file, dashboard }) =>
  dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).map((panel) => ({ file, panel }))
);

function asking(type: string): { file: string; panel: Laid }[] {
  return panels.filter(({ panel }) => panel.type === type);
}

test('a tile shows one number', () => {
  const shown = asking('stat').map(({ panel }) => panel.targets?.filter(({ hide }) => hide !== true).length);
  expect(new Set(shown)).toEqual(new Set([1]));
});

test('a number of all applications is a sum at each time, which leaves out what has stopped', () => {
  const tiles = asking('stat').filter(({ file }) => /fleet|cost/.test(file));
  const texts = tiles.map(({ panel }) => panel.targets?.map(({ expression }) => expression).join(' ') ?? '');
  expect(texts.length).toBeGreaterThan(3);
  expect(texts.filter((text) => !text.startsWith('SUM('))).toEqual([]);
});

test('each hidden query is an input of one that is shown', () => {
  for (const { panel } of panels) {
    const all = panel.targets ?? [];
    const shown = all.filter(({ hide }) => hide !== true);
    const unused = all.filter(({ hide, refId }) => hide === true && !shown.some((by) => by.expression.includes(refId)));
    expect(unused).toEqual([]);
    expect(new Set(all.map(({ refId }) => refId)).size).toBe(all.length);
  }
});

test('lines of many applications are named after them, and lead to them', () => {
  const many = cases.filter(({ file }) => /fleet|cost/.test(file));
  const drawn = many.flatMap(({ dashboard }) => dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]));
  const labels = drawn.flatMap(({ targets = [] }) => targets.map(({ label = '' }) => label));
  const dynamic = labels.filter((label) => label.includes('PROP'));
  expect(dynamic.length).toBeGreaterThanOrEqual(10);
  expect(new Set(dynamic)).toEqual(new Set(["${PROP('Dim.Application')}"]));
  for (const { text } of many) {
    // A search has no labels of dimensions: such a link would choose no application.
    expect(text).toContain('var-application=${__field.displayName}');
    expect(text).not.toContain('__field.labels');
  }
});

test.each(cases)('$file has no hole', ({ dashboard }) => {
  const rows = new Map<number, { width: number; heights: Set<number> }>();
  for (const { gridPos } of dashboard.panels) {
    const { width, heights } = rows.get(gridPos.y) ?? { width: 0, heights: new Set() };
    rows.set(gridPos.y, { width: width + gridPos.w, heights: heights.add(gridPos.h) });
  }
  for (const { width, heights } of rows.values()) {
    expect(width).toBe(24);
    expect(heights.size).toBe(1);
  }
});

test.each(cases)('$file ends before what is still arriving', ({ dashboard }) => {
  expect(dashboard.timepicker?.nowDelay).toBe('2m');
});

test('a panel of two units is two, numbers are told apart, and rows are filled', () => {
  const lag = ['consumerLagTime', 'consumerLagRecords'];
  const page: Page = {
    id: 'x',
    title: 'X',
    description: '',
    choices: ['application'],
    from: 'now-1h',
    refresh: '5m',
    top: '5',
    marksRestarts: true,
    sections: [
      {
        title: 'Row',
        panels: [
          stat(lag, 'lastNotNull', { title: 'Lag' }),
          stat(['cpu', 'heap'], 'lastNotNull', { title: 'Use' }),
          note('Text'),
          lines(lag, { title: 'Lag' }),
          lines(['cpu', 'heap'], { title: 'Use' }),
          counts('restarts'),
          counts('skew'),
        ],
      },
    ],
  };
  const [section] = adapted(page, ({ signals }) => !signals.includes('skew')).sections;
  expect(section?.panels.map(({ title, width }) => `${title} ${width}`)).toEqual([
    'Lag, time 6',
    'Lag, records 6',
    'Use, CPU 6',
    'Use, Heap 6',
    ' 24',
    'Lag, time 12',
    'Lag, records 12',
    'Use 12',
    'Restarts 12',
  ]);
});

test('a line without values stands neither in the legend nor in the tooltip', () => {
  const empty = { name: 'Value', type: FieldType.number, config: {}, values: [] };
  const full = { ...empty, values: [1] };
  for (const { panel } of asking('timeseries')) {
    const hiding = panel.fieldConfig?.overrides.at(-1);
    expect(hiding?.properties).toEqual([{ id: 'custom.hideFrom', value: { legend: true, tooltip: true, viz: true } }]);
    const matches = getFieldMatcher(hiding?.matcher ?? { id: '' });
    expect(matches(empty, { fields: [], length: 0 }, [])).toBe(true);
    expect(matches(full, { fields: [], length: 1 }, [])).toBe(false);
  }
});

test('bars stand in order, the highest first', async () => {
  standardTransformersRegistry.setInit(() =>
    ['reduceTransformer', 'sortByTransformer'].map((name) => {
      const transformer = grafana.standardTransformers[name];
      if (transformer === undefined) {
        throw new Error(`@grafana/data has no ${name}.`);
      }
      const { id } = transformer;
      const load = () => Promise.resolve(transformer);
      return { id, name, transformation: load, editor: () => null, imageDark: '', imageLight: '' };
    })
  );
  const series = (displayNameFromDS: string, values: number[]): DataFrame =>
    toDataFrame({
      fields: [
        { name: 'Time', type: FieldType.time, values: [1, 2] },
        { name: 'Value', type: FieldType.number, values, config: { displayNameFromDS } },
      ],
    });
  const frames = [series('calm', [0.1, 0.2]), series('busy', [0.9, 1]), series('middle', [0.5, 0.6])];
  const gauges = asking('bargauge');
  expect(gauges.length).toBeGreaterThan(0);
  for (const { panel } of gauges) {
    expect(panel.options?.reduceOptions.values).toBe(true);
    const [table] = await lastValueFrom(transformDataFrame(panel.transformations ?? [], frames));
    expect(table?.fields[0]?.values).toEqual(['busy', 'middle', 'calm']);
  }
  expect(highest('busy', { of: 'task' }).calculation).toBe(ReducerID.mean);
});
