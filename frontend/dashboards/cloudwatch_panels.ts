// What CloudWatch can show of a page, and what its panels need beside the plugin's.
import type { DynamicConfigValue, Panel as GrafanaPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { entryOf } from './catalogue.ts';
import { isNeverNegative } from './metric_math.ts';
import type { Ask, LinesPanel, Page, Panel, Section, StatPanel } from './model.ts';

const COLUMNS = 24;
/** What stands side by side at most: tiles, and everything else. */
const TILES = 6;
const GRAPHS = 3;

/** What tells panels apart that were one, by the unit of their signals. */
const PARTS: Record<string, string> = { ms: 'time', short: 'records' };

/** Why one of two such panels is mostly empty. */
const EMPTY_PARTS: Record<string, string> = {
  consumerLagTime: 'Only Kinesis sources have it',
  consumerLagRecords: 'Only Kafka sources have it',
};

/** The panels that can be answered, one unit each and one number to a tile, in rows without holes. */
export function adapted(page: Page, isAnswerable: (ask: Ask) => boolean): Page {
  const sections = page.sections.map((section): Section => {
    const panels = section.panels.flatMap((panel) => partsOf(panel, isAnswerable));
    return { ...section, panels: laid(panels) };
  });
  return { ...page, sections };
}

function partsOf(panel: Panel, isAnswerable: (ask: Ask) => boolean): Panel[] {
  switch (panel.kind) {
    case 'note':
      return [panel];
    case 'count':
      return [];
    case 'stat': {
      const ask = { ...panel.ask, isTotal: panel.total !== undefined };
      return parts(panel, onesOf(ask).filter(isAnswerable));
    }
    case 'lines': {
      const asks = [panel.ask, ...panel.beside].flatMap(onesOf).filter(isAnswerable);
      return parts({ ...panel, beside: [] }, byUnit(asks));
    }
    case 'bars':
    case 'table':
      return isAnswerable(panel.ask) ? [panel] : [];
  }
}

/** The same for each signal by itself. */
function onesOf(ask: Ask): Ask[] {
  return ask.signals.map((signal) => ({ ...ask, signals: [signal] }));
}

function byUnit(asks: readonly Ask[]): Ask[] {
  const groups = new Map<string, Ask>();
  for (const ask of asks) {
    const unit = ask.signals.map((signal) => entryOf(signal).unit).join();
    const group = groups.get(unit);
    groups.set(unit, group === undefined ? ask : { ...group, signals: [...group.signals, ...ask.signals] });
  }
  return [...groups.values()];
}

/** A panel for each ask, told apart in their titles. */
function parts(panel: StatPanel | LinesPanel, asks: readonly Ask[]): Panel[] {
  if (asks.length === 1) {
    return asks.map((ask) => ({ ...panel, ask }));
  }
  return asks.map((ask) => {
    const empty = EMPTY_PARTS[ask.signals[0] ?? ''];
    return { ...panel, ask, title: `${panel.title}, ${partOf(ask.signals)}`, ...(empty && { empty }) };
  });
}

function partOf([first = '']: readonly string[]): string {
  const { unit, title } = entryOf(first);
  return PARTS[unit] ?? title;
}

/** Rows are filled, and no panel stands alone below a row of three. */
function laid(panels: readonly Panel[]): Panel[] {
  const runs: Panel[][] = [];
  for (const panel of panels) {
    const run = runs.at(-1);
    if (run?.[0] !== undefined && isTile(run[0]) === isTile(panel) && !isWide(run[0]) && !isWide(panel)) {
      run.push(panel);
    } else {
      runs.push([panel]);
    }
  }
  return runs.flatMap((run) => rowsOf(run).flatMap(filled));
}

function isTile({ kind }: Panel): boolean {
  return kind === 'stat';
}

function isWide({ kind }: Panel): boolean {
  return kind === 'note' || kind === 'table';
}

function rowsOf(run: readonly Panel[]): Panel[][] {
  const most = run[0] !== undefined && isTile(run[0]) ? TILES : GRAPHS;
  const rows = Math.ceil(run.length / most);
  return Array.from({ length: rows }, (_, row) =>
    run.slice(Math.ceil((row * run.length) / rows), Math.ceil(((row + 1) * run.length) / rows))
  );
}

function filled(row: readonly Panel[]): Panel[] {
  const height = Math.max(...row.map((panel) => panel.height));
  const edge = (index: number): number => Math.round((index * COLUMNS) / row.length);
  return row.map((panel, index) => ({ ...panel, width: edge(index + 1) - edge(index), height }));
}

/** A panel with what the plugin's answers bring by themselves. */
export function finished(drawn: GrafanaPanel, panel: Panel): GrafanaPanel {
  switch (panel.kind) {
    case 'lines':
      return lined(saying(drawn, panel), panel.ask.signals.every(isNeverNegative));
    case 'bars':
      return sorted(drawn, panel.calculation);
    case 'stat':
    case 'count':
    case 'table':
    case 'note':
      return drawn;
  }
}

/** CloudWatch answers without values draw an empty graph, in which Grafana does not say what stands for no value. */
function saying(drawn: GrafanaPanel, { description, empty }: LinesPanel): GrafanaPanel {
  return empty === undefined ? drawn : { ...drawn, description: `${description} Without lines: ${empty}.` };
}

/** Lines without a value are not in the legend. What lists show below 0 is no value, or the fall of a counter. */
function lined(drawn: GrafanaPanel, isPositive: boolean): GrafanaPanel {
  const { defaults = {}, overrides = [] } = drawn.fieldConfig ?? {};
  const hidden: DynamicConfigValue = { id: 'custom.hideFrom', value: { legend: true, tooltip: true, viz: true } };
  const empty = { matcher: { id: 'byValue', options: { reducer: 'allIsNull', op: 'gte', value: 0 } } };
  return {
    ...drawn,
    fieldConfig: {
      defaults: { ...defaults, ...(isPositive && { min: 0 }) },
      overrides: [...overrides, { ...empty, properties: [hidden] }],
    },
  };
}

/** The highest first: a bar for each row, where the panel would draw its series as they come. */
function sorted(drawn: GrafanaPanel, calculation: 'mean' | 'max'): GrafanaPanel {
  const name = { mean: 'Mean', max: 'Max' }[calculation];
  const options = drawn.options as { reduceOptions: object };
  return {
    ...drawn,
    options: { ...options, reduceOptions: { ...options.reduceOptions, values: true } },
    transformations: [
      { id: 'reduce', options: { reducers: [calculation], mode: 'seriesToRows', includeTimeField: false } },
      { id: 'sortBy', options: { sort: [{ field: name, desc: true }] } },
    ],
  };
}
