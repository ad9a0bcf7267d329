// One panel as Grafana draws it.
import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  SpecialValueMatch,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type {
  DynamicConfigValue,
  FieldConfigSource,
  Panel as GrafanaPanel,
  ThresholdsConfig,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { CLOCK_IDS, RATIO_TITLES, RAW_IDS, entryOf } from './catalogue.ts';
import type { Entry, Lines } from './catalogue.ts';
import type {
  Ask,
  AskingPanel,
  BarsPanel,
  CountPanel,
  LinesPanel,
  Page,
  Panel,
  StatPanel,
  TablePanel,
} from './model.ts';
import { asQuery } from './source.ts';
import type { Source, Target } from './source.ts';
import { rowsWhere, sumOf } from './transformations.ts';

export interface Drawing {
  page: Page;
  source: Source;
  /** The number under which a panel stands on the page. */
  idOf: (panel: Panel) => number;
}

export function draw(panel: Panel, drawing: Drawing): Builder<GrafanaPanel> {
  switch (panel.kind) {
    case 'stat':
      return panel.column && drawing.source.hasTables
        ? reading(panel, panel.column.of, drawing, drawColumn(panel, panel.column.name, drawing.page))
        : asking(panel, drawing, drawStat(panel));
    case 'count':
      return reading(panel, panel.of, drawing, drawCount(panel));
    case 'lines':
      return asking(panel, drawing, drawLines(panel, drawing));
    case 'bars':
      return asking(panel, drawing, drawBars(panel));
    case 'table':
      return asking(panel, drawing, drawTable(panel, drawing));
    case 'note':
      return new TextBuilder().mode(TextMode.Markdown).content(panel.markdown).transparent(true);
  }
}

/** What all panels that ask have in common. */
function asking(panel: AskingPanel, { page, source }: Drawing, drawn: Builder<GrafanaPanel>): Builder<GrafanaPanel> {
  const { title, description } = panel;
  const empty = panel.kind === 'table' ? undefined : panel.empty;
  const targets = asksOf(panel).flatMap((ask, index) => source.targets(ask, page, index));
  const built = drawn.build();
  const isTotal = panel.kind === 'stat' && panel.total !== undefined;
  const fieldConfig = isTotal ? built.fieldConfig : configured(built.fieldConfig, targets);
  return {
    build: () => ({
      ...built,
      title,
      description,
      datasource: { type: source.type, uid: '${datasource}' },
      targets: targets.map(({ query }) => query.build()),
      ...(fieldConfig && { fieldConfig: saying(fieldConfig, empty) }),
    }),
  };
}

/** All that a panel asks. */
export function asksOf(panel: AskingPanel): readonly Ask[] {
  return panel.kind === 'lines' ? [panel.ask, ...panel.beside] : [panel.ask];
}

/** Where a panel has no value it says why. In a cell of a table the words would be wrong. */
function saying({ defaults, overrides }: FieldConfigSource, empty: string | undefined): FieldConfigSource {
  return { defaults: { ...defaults, ...(empty && { noValue: empty }) }, overrides };
}

/** Grafana's own data source for what another panel has been answered. */
const OTHER_PANEL = { type: 'datasource', uid: '-- Dashboard --' };

/** A panel that reads the answer of a table on the same page: nothing is asked for it, and both say the same. */
function reading(
  { title, description }: Panel,
  table: TablePanel,
  { idOf }: Drawing,
  drawn: Builder<GrafanaPanel>
): Builder<GrafanaPanel> {
  const target = asQuery({ refId: 'A', datasource: OTHER_PANEL, panelId: idOf(table) });
  const built = drawn.build();
  const read = { datasource: OTHER_PANEL, targets: [target], fieldConfig: configured(built.fieldConfig, []) };
  return { build: () => ({ ...built, title, description, ...read }) };
}

/**
 * Units and lines, where the frames do not bring them: those of the first signal for all, those of the others for
 * their queries. Without lines of its own a panel would get Grafana's, which call 80 of anything red.
 */
function configured(drawn: FieldConfigSource | undefined, targets: readonly Target[]): FieldConfigSource {
  const { defaults = {}, overrides = [] } = drawn ?? {};
  const [first, ...others] = targets.flatMap(({ query, entry }) =>
    entry ? [{ refId: refIdOf(query.build()), entry }] : []
  );
  if (first === undefined) {
    return { defaults: { thresholds: thresholds(null), ...defaults }, overrides };
  }
  const differing = others.filter(({ entry }) => entry.unit !== first.entry.unit || entry.lines !== first.entry.lines);
  return {
    defaults: { ...unitOf(first.entry), thresholds: thresholds(first.entry.lines), ...defaults },
    overrides: [
      ...overrides,
      ...differing.map(({ refId, entry }) => ({
        matcher: { id: 'byFrameRefID', options: refId },
        properties: [
          ...Object.entries(unitOf(entry)).map(([id, value]) => ({ id, value })),
          { id: 'thresholds', value: thresholds(entry.lines) },
        ],
      })),
    ],
  };
}

function refIdOf(query: object): string {
  return 'refId' in query && typeof query.refId === 'string' ? query.refId : '';
}

function unitOf({ unit }: Entry): { unit: string; min?: number } {
  return unit === 'percentunit' ? { unit, min: 0 } : { unit };
}

function thresholds(lines: Lines | null): ThresholdsConfig {
  const { base, steps } = lines ?? { base: 'text', steps: [] };
  return { mode: ThresholdsMode.Absolute, steps: [{ value: null, color: base }, ...steps] };
}

function drawStat({ ask, calculation, total, within, lines }: StatPanel): StatBuilder {
  const stat = rounded(number().reduceOptions(reduced(total ? 'sum' : calculation)), ask);
  if (within !== undefined) {
    stat.timeFrom(within).hideTimeOverride(true);
  }
  if (total === undefined) {
    return lines ? stat.overrideByRegexp('.*', [{ id: 'thresholds', value: thresholds(lines) }]) : stat;
  }
  const [signal = ''] = ask.signals;
  return stat
    .unit(total.unit)
    .thresholds({ build: () => thresholds(lines ?? entryOf(signal).lines) })
    .withTransformation({ id: 'reduce', options: { reducers: [total.reduce], mode: 'seriesToRows' } });
}

/** The sum of a column of another panel's answer; of one application its only value, which may be missing. */
function drawColumn({ ask, lines, empty }: StatPanel, name: string, page: Page): StatBuilder {
  const stat = rounded(number(), ask).reduceOptions(reduced('lastNotNull').fields(`/^${name}$/`));
  if (isOfMany(page)) {
    sumOf(name).forEach((step) => stat.withTransformation(step));
    stat.unit('short');
  }
  if (empty !== undefined) {
    stat.noValue(empty);
  }
  return lines ? stat.overrideByName(name, [{ id: 'thresholds', value: thresholds(lines) }]) : stat;
}

function drawCount({ health, color }: CountPanel): StatBuilder {
  return number()
    .reduceOptions(reduced('count').fields('/^health$/'))
    .noValue('No answer')
    .unit('short')
    .thresholds({ build: () => thresholds({ base: 'text', steps: [{ value: 1, color }] }) })
    .withTransformation(rowsWhere('health', { id: 'regex', options: { value: `^(${health.join('|')})$` } }));
}

/** Shares with one digit, dollars with cents; Grafana would show three digits of each. */
function rounded<Drawn extends StatBuilder | BarGaugeBuilder>(panel: Drawn, { signals }: Ask): Drawn {
  const units = new Set(signals.map((signal) => entryOf(signal).unit));
  if (units.has('percentunit')) {
    panel.decimals(1);
  }
  if (units.has('currencyUSD')) {
    panel.decimals(2);
  }
  return panel;
}

function number(): StatBuilder {
  return (
    new StatBuilder()
      .colorMode(BigValueColorMode.Value)
      // A graph would lie behind the number; those below show how it came about.
      .graphMode(BigValueGraphMode.None)
      // Without a value there is nothing to be green about.
      .mappings([
        {
          type: MappingType.SpecialValue,
          options: { match: SpecialValueMatch.NullAndNan, result: { color: 'text', index: 0 } },
        },
      ])
  );
}

function reduced(calculation: string): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs([calculation]).values(false);
}

/** The points of which the backend makes a table's cells. Graphs with as many have its period, and then its values: other ones are billed. */
const TABLE_POINTS = 180;

/** A count of 0 has no bar: without its point it would look like a gap. */
const POINTS = {
  line: VisibilityMode.Auto,
  bars: VisibilityMode.Always,
  stacked: VisibilityMode.Never,
  stackedBars: VisibilityMode.Auto,
};

const STYLES = { drawn: GraphThresholdsStyleMode.Dashed, hidden: GraphThresholdsStyleMode.Off };

function drawLines({ ask, beside, draw, thresholds }: LinesPanel, drawing: Drawing): TimeSeriesBuilder {
  const isMany = isOfMany(drawing.page) || ask.of !== 'application';
  const panel = new TimeSeriesBuilder();
  if (isOfMany(drawing.page) && ask.period === undefined) {
    panel.maxDataPoints(TABLE_POINTS);
  }
  panel
    .drawStyle(isOfBars(draw) ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .fillOpacity(fillOf(draw, isMany))
    .showPoints(POINTS[draw])
    .spanNulls(false)
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(STYLES[thresholds]))
    .legend(
      new VizLegendOptionsBuilder()
        // One line is what the title says.
        .showLegend(isMany || ask.signals.length + beside.length > 1)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (draw === 'stacked' || draw === 'stackedBars') {
    panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  }
  if (draw === 'bars') {
    panel.pointSize(2);
  }
  if (draw === 'stackedBars') {
    panel.withOverride(WITHOUT_ZEROS);
  }
  if (draw === 'bars' && !isMany && ask.signals.every((signal) => entryOf(signal).lines !== null)) {
    // The first colour of the palette is green, and these are bad news.
    panel.colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor('orange'));
  }
  scale(panel, ask, draw);
  for (const id of ask.signals.filter((signal) => RAW_IDS.includes(signal))) {
    panel.overrideByName(id, [{ id: 'displayName', value: entryOf(id).title }]);
  }
  for (const id of ask.signals.filter((signal) => CLOCK_IDS.includes(signal))) {
    clock(panel, id, isMany ? firstOf(drawing.source, id) : undefined);
  }
  if (!isOfMany(drawing.page)) {
    return panel;
  }
  const { source } = drawing;
  const link = linkTo(source, source.region.line, source.application);
  return panel.overrideByRegexp('.*', [{ id: 'links', value: [link] }]);
}

/** Among the highest may be some of which nothing was counted. */
const WITHOUT_ZEROS = {
  matcher: { id: 'byValue', options: { reducer: 'allIsZero', op: 'gte', value: 0 } },
  properties: [{ id: 'custom.hideFrom', value: { legend: true, tooltip: true, viz: false } }],
};

/**
 * Ticks that are round in seconds and nothing else: the unit of clocks writes "50s:000ms" below a minute, and "06m:40s" where the
 * next ticks are "03m:20s" and "10m:00s".
 */
const SHORT_TICKS = [0, 5, 10, 15, 20, 25, 30, 40, 50, 100, 150, 200, 250, 300, 400, 500, 600, 700, 750, 800, 900];

/** The query whose lines are those of a panel's first signal: CloudWatch's are named after their signals. */
function firstOf({ hasTables }: Source, signal: string): string {
  return hasTables ? 'A' : signal;
}

/** Ticks of an axis are round decimals of milliseconds: what would be "22.2 hours" is "22h:13m". */
function clock(panel: TimeSeriesBuilder, id: string, refId: string | undefined): void {
  const texts = SHORT_TICKS.map((seconds) => [seconds * 1000, { text: `${seconds} s` }]);
  const unit = [
    { id: 'unit', value: 'clockms' },
    { id: 'decimals', value: 1 },
    { id: 'mappings', value: [{ type: 'value', options: Object.fromEntries(texts) as object }] },
  ];
  // A line is called by its signal where it stands alone, else by what it is about.
  if (refId !== undefined) {
    panel.withOverride({ matcher: { id: 'byFrameRefID', options: refId }, properties: unit });
  } else {
    panel.overrideByName(entryOf(id).title, unit);
  }
}

function isOfBars(draw: LinesPanel['draw']): boolean {
  return draw === 'bars' || draw === 'stackedBars';
}

/** Many areas over each other hide the lines. */
function fillOf(draw: LinesPanel['draw'], isMany: boolean): number {
  if (draw !== 'line') {
    return 40;
  }
  return isMany ? 0 : 8;
}

/** A whole share, or one thing counted. */
const WHOLE: Record<string, number[]> = { percentunit: [1], percent: [100], short: [1] };

/**
 * From 0 up to the last line that is drawn, else to a whole share or one thing counted, and as far as the values reach:
 * what is small looks small.
 */
function scale(panel: TimeSeriesBuilder, { signals }: Ask, draw: LinesPanel['draw']): void {
  const entries = signals.map(entryOf);
  if (entries.some(({ unit }) => unit === 'dateTimeAsIso')) {
    return;
  }
  // Up to the first line: one that is far above would press healthy values to the ground. Of two units the first one counts.
  const tops = entries
    .filter(({ unit }) => unit === entries[0]?.unit)
    .flatMap(({ unit, lines, isCrossedDownwards }) => {
      // What is well lies above such a line.
      const steps = isCrossedDownwards ? [] : (lines?.steps.slice(0, 1).map(({ value }) => value) ?? []);
      return steps.length === 0 ? (WHOLE[unit] ?? []) : steps;
    });
  panel.axisSoftMin(0);
  if (tops.length > 0) {
    panel.axisSoftMax(Math.max(...tops));
  }
  if (isOfBars(draw)) {
    panel.decimals(0);
  }
}

function drawBars({ ask, calculation }: BarsPanel): BarGaugeBuilder {
  const panel = rounded(new BarGaugeBuilder(), ask);
  const [signal = ''] = ask.signals;
  const { unit, lines } = entryOf(signal);
  // Without an end the highest would be a whole bar, however harmless it is.
  const end = unit === 'percentunit' ? 1 : lines?.steps.at(-1)?.value;
  if (end !== undefined) {
    panel.max(end);
  }
  if (signal === 'skew') {
    // That is even.
    panel.min(1);
  }
  return (
    panel
      .orientation(VizOrientation.Horizontal)
      .displayMode(BarGaugeDisplayMode.Basic)
      // By themselves both grow with the panel until the names of tasks are cut.
      .text(new VizTextDisplayOptionsBuilder().titleSize(12).valueSize(12))
      // Beside their bars long names would be cut.
      .namePlacement(BarGaugeNamePlacement.Top)
      .reduceOptions(reduced(calculation))
  );
}

function drawTable(panel: TablePanel, { page, source }: Drawing): TableBuilder {
  const table = new TableBuilder()
    .minWidth(NARROW)
    .overrideByRegexp('.*', [colored(), { id: 'custom.wrapHeaderText', value: true }])
    .overrideByRegexp(`^(${RATIO_TITLES.join('|')})$`, [{ id: 'decimals', value: 1 }])
    .overrideByRegexp('^(Application|Task|Operator)$', [{ id: 'custom.wrapText', value: true }])
    .overrideByName('cost per hour', [{ id: 'decimals', value: 2 }]);
  for (const [column, width] of Object.entries(panel.wide)) {
    table.overrideByName(column, [{ id: 'custom.width', value: width }]);
  }
  for (const [column, width] of Object.entries(panel.stretched)) {
    table.overrideByName(column, [{ id: 'custom.minWidth', value: width }, ...(column === 'why' ? wrapped() : [])]);
  }
  if (panel.highest !== undefined) {
    table.sortBy([new TableSortByFieldStateBuilder().displayName(panel.highest).desc(true)]);
  }
  table.withTransformation({ id: 'organize', options: organized(panel) });
  if (isOfMany(page)) {
    table.overrideByName('application', [applicationLinks(source)]);
  } else if (panel.first.includes('status')) {
    table.overrideByName('status', [{ id: 'links', value: [CONSOLE] }]);
  }
  return table;
}

/** Headings of the columns that are no signals: those have titles. */
const HEADINGS: Record<string, string> = {
  application: 'Application',
  task: 'Task',
  operator: 'Operator',
  health: 'Health',
  why: 'Why',
  status: 'Status',
  runtime: 'Runtime',
  version: 'Version',
  parallelism: 'Parallelism',
  'cost per hour': 'Cost per hour',
};

/** Pixels that a number needs. */
const NARROW = 92;

/** Which columns go, which come first, and which get another name. */
function organized({ hidden, first, renamed }: TablePanel) {
  return {
    excludeByName: Object.fromEntries(hidden.map((name) => [name, true])),
    indexByName: Object.fromEntries(first.map((name, index) => [name, index])),
    renameByName: { ...HEADINGS, ...renamed },
  };
}

/** A sentence goes on in the next line, told as Grafana 11 and 13 read it. In Grafana 11 it makes all rows higher. */
function wrapped(): DynamicConfigValue[] {
  return [
    { id: 'custom.cellOptions', value: { type: 'auto', wrapText: true } },
    { id: 'custom.wrapText', value: true },
  ];
}

/** Numbers in the colours of their lines, states in their own. */
function colored(): DynamicConfigValue {
  return { id: 'custom.cellOptions', value: { type: 'color-text' } };
}

/** Which console a region has, only the data knows: a variable may be `default`. */
const CONSOLE = { title: 'Open in the AWS console', url: '${__data.fields.console}', targetBlank: true };

/** The links of a panel replace those that come with the data. */
function applicationLinks(source: Source): DynamicConfigValue {
  const toDashboard = linkTo(source, source.region.row, '${__value.raw:percentencode}');
  return { id: 'links', value: [toDashboard, CONSOLE] };
}

/** The dashboard of one application. */
function linkTo({ id }: Source, region: string, application: string): { title: string; url: string } {
  const choices = `var-datasource=\${datasource}&var-region=${region}&var-application=${application}`;
  return { title: 'Show this application', url: `/d/${id}-application?${choices}&\${__url_time_range}` };
}

function isOfMany({ choices }: Page): boolean {
  return choices.includes('applications');
}
