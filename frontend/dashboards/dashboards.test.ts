import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FieldType, createTheme, formattedValueToString, getDisplayProcessor } from '@grafana/data';
import type { FieldConfig } from '@grafana/data';
import { DASHBOARDS } from './all';

const ROOT = path.join(__dirname, '../..');

interface Target {
  period?: string;
  signals?: string[];
  as?: string;
  panelId?: number;
  refId: string;
  hide?: boolean;
}

interface Laid {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  collapsed?: boolean;
  maxDataPoints?: number;
  timeFrom?: string;
  targets?: Target[];
  datasource?: { type: string; uid: string };
  fieldConfig?: {
    defaults?: FieldConfig;
    overrides?: { matcher: { id: string; options?: unknown }; properties: { id: string; value: unknown }[] }[];
  };
  transformations?: {
    id: string;
    options: { excludeByName?: object; indexByName?: object; renameByName?: Record<string, string> };
  }[];
  panels?: Laid[];
}

interface LinesStyle {
  drawStyle?: string;
  stacking?: object;
  showPoints?: string;
}

interface Dashboard {
  uid: string;
  refresh: string;
  annotations: { list: { name: string; builtIn?: number; target?: Target }[] };
  schemaVersion: number;
  templating: { list: { name: string; type: string; current?: unknown }[] };
  panels: Laid[];
}

const cases = [...DASHBOARDS].map(([file, text]) => ({ file, text, dashboard: JSON.parse(text) as Dashboard }));

/** Those of the plugin. */
const own = cases.filter(({ file }) => file.startsWith('frontend/'));

function panelsOf({ panels }: Dashboard): Laid[] {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

test.each(cases)('$file is what the code makes; else: npm run dashboards', ({ file, text }) => {
  expect(readFileSync(path.join(ROOT, file), 'utf8')).toBe(text);
});

/** All texts under this key, however deep. */
function textsUnder(key: string, found: unknown): string[] {
  if (typeof found !== 'object' || found === null) {
    return [];
  }
  return Object.entries(found).flatMap(([name, value]) =>
    name === key && typeof value === 'string' ? [value] : textsUnder(key, value)
  );
}

test.each(cases)('no address of $file is made of a variable, which may be "default"', ({ dashboard }) => {
  const variables = dashboard.templating.list.map(({ name }) => name);
  const urls = textsUnder('url', dashboard);
  // Paths of Grafana hand variables on as they are.
  const outward = urls.filter((url) => !url.startsWith('/'));
  const used = outward.flatMap((url) => [...url.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name));
  expect(used.filter((name) => variables.includes(name))).toEqual([]);
  expect(outward.every((url) => /^(https:\/\/|\$\{__data\.fields\.console\}$)/.test(url))).toBe(true);
});

test.each(cases)('links of $file to other dashboards name the region itself, not "default"', ({ file, dashboard }) => {
  const paths = textsUnder('url', dashboard).filter((url) => url.startsWith('/d/'));
  // The regions of CloudWatch's own variable are names.
  const named = file.startsWith('frontend/')
    ? /[?&]var-region=\$\{__(field\.labels|data\.fields)\.region\}&/
    : /[?&]var-region=\$\{region\}&/;
  expect(paths.filter((url) => !named.test(url))).toEqual([]);
});

// Real names are longer than any column, and often differ at their ends.
test.each(own)('in tables of $file long names go on in the next line', ({ dashboard }) => {
  const tables = panelsOf(dashboard).filter(({ type }) => type === 'table');
  const wraps = tables.map(({ fieldConfig }) =>
    ['Application', 'Task', 'Operator'].every((column) =>
      fieldConfig?.overrides?.some(
        ({ matcher, properties }) =>
          matcher.id === 'byRegexp' &&
          new RegExp(String(matcher.options)).test(column) &&
          properties.some(({ id, value }) => id === 'custom.wrapText' && value === true)
      )
    )
  );
  expect(wraps).toEqual(tables.map(() => true));
});

test.each(own)('headings of tables of $file begin with a capital letter, as titles of signals do', ({ dashboard }) => {
  const columns = ['application', 'task', 'operator', 'health', 'why', 'status', 'runtime', 'version', 'parallelism'];
  for (const { transformations = [] } of panelsOf(dashboard).filter(({ type }) => type === 'table')) {
    const renamed = transformations[0]?.options.renameByName ?? {};
    expect([...columns, 'cost per hour'].filter((name) => !/^[A-Z]/.test(renamed[name] ?? name))).toEqual([]);
  }
});

test.each(cases)('a count of 0 in $file is seen: its bar has no height', ({ dashboard }) => {
  const customs = panelsOf(dashboard).map(({ fieldConfig }) => (fieldConfig?.defaults?.custom ?? {}) as LinesStyle);
  const bars = customs.filter(({ drawStyle, stacking }) => drawStyle === 'bars' && stacking === undefined);
  expect(bars.filter(({ showPoints }) => showPoints !== 'always')).toEqual([]);
});

test('ticks of a time axis are seconds as long as these are rounder than minutes', () => {
  const configs = own.flatMap(({ dashboard }) =>
    panelsOf(dashboard).flatMap(({ fieldConfig }) =>
      (fieldConfig?.overrides ?? [])
        .map(({ properties }) => Object.fromEntries(properties.map(({ id, value }) => [id, value])) as FieldConfig)
        .filter(({ unit }) => unit === 'clockms')
    )
  );
  expect(configs.length).toBeGreaterThan(5);
  for (const config of configs) {
    const show = getDisplayProcessor({ field: { type: FieldType.number, config }, theme: createTheme() });
    // As an axis divides 10 and 50 seconds, and one and 15 minutes.
    const ticks = [0, 5, 10, 20, 40, 50, 60, 200, 400, 600, 800, 5000].map((seconds) =>
      formattedValueToString(show(seconds * 1000))
    );
    expect(ticks.slice(0, 6)).toEqual(['0 s', '5 s', '10 s', '20 s', '40 s', '50 s']);
    expect(ticks.slice(6)).toEqual(['01m:00s', '200 s', '400 s', '600 s', '800 s', '1h:23m']);
  }
});

test.each(cases)('units of $file that are those of a query are those of one that its panel has', ({ dashboard }) => {
  for (const { fieldConfig, targets = [], title } of panelsOf(dashboard)) {
    const named = (fieldConfig?.overrides ?? []).filter(({ matcher }) => matcher.id === 'byFrameRefID');
    const missing = named.filter(({ matcher }) => !targets.some(({ refId }) => refId === matcher.options));
    expect([title, missing]).toEqual([title, []]);
  }
});

const applications = cases.filter(({ file }) => file.endsWith('/application.json'));

// Else 15 % of a disk would look like a full one.
test.each(applications)('shares of $file have an axis up to the whole, also those in percent', ({ dashboard }) => {
  const shares = panelsOf(dashboard).filter(({ title }) => ['Container disk', 'JobManager memory'].includes(title));
  const ends = shares.map(({ fieldConfig }) => (fieldConfig?.defaults?.custom as { axisSoftMax?: number }).axisSoftMax);
  expect(ends).toEqual([100, 100]);
});

test.each(applications)('of $file what succeeded is green, and what failed is not', ({ dashboard }) => {
  const commits = panelsOf(dashboard).find(({ title }) => title === 'Kafka commits by period');
  const shown = commits?.targets
    ?.filter(({ hide }) => hide !== true)
    .flatMap(({ signals, refId }) => signals ?? [refId]);
  expect(shown).toEqual(['kafkaCommits', 'kafkaCommitsFailed']);
});

// As Grafana draws a number of an answer without one: with the panel's defaults.
test.each(cases)('a number of $file that is missing is neither good nor bad', ({ dashboard }) => {
  const theme = createTheme();
  for (const { fieldConfig, title } of panelsOf(dashboard).filter(({ type }) => type === 'stat')) {
    const config = fieldConfig?.defaults ?? {};
    for (const missing of [null, NaN]) {
      const { color } = getDisplayProcessor({ field: { type: FieldType.other, config }, theme })(missing);
      expect([title, color]).toEqual([title, theme.colors.text.primary]);
    }
  }
});

test.each(own)('bars of $file have an end, so that what is harmless is short', ({ dashboard }) => {
  const bars = panelsOf(dashboard).filter(({ type }) => type === 'bargauge');
  expect(bars.filter(({ fieldConfig }) => fieldConfig?.defaults?.max === undefined).map(({ title }) => title)).toEqual(
    []
  );
});

test('tables of applications lead to the AWS console', () => {
  const withConsole = cases.filter(({ text }) => text.includes('${__data.fields.console}')).map(({ file }) => file);
  expect(withConsole.map((file) => path.basename(file))).toEqual(['fleet.json', 'application.json', 'cost.json']);
});

test.each(cases)('$file begins with the default data source of its type', ({ dashboard }) => {
  const [source] = dashboard.templating.list.filter(({ type }) => type === 'datasource');
  expect(source?.current).toEqual({ text: 'default', value: 'default' });
});

test('no other file stands beside them', () => {
  const folders = new Set([...DASHBOARDS.keys()].map((file) => path.dirname(file)));
  const found = [...folders]
    .flatMap((folder) => readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}`))
    .filter((file) => path.basename(file) !== 'README.md');
  expect(found.sort()).toEqual([...DASHBOARDS.keys()].sort());
});

test.each(cases)('$file has a name of its own, and the oldest schema', ({ dashboard }) => {
  expect(cases.filter((other) => other.dashboard.uid === dashboard.uid)).toHaveLength(1);
  expect(dashboard.schemaVersion).toBe(41);
});

test.each(cases)(
  'the panels of $file say what they show, do not overlap and stay within 24 columns',
  ({ dashboard }) => {
    const taken = new Set<string>();
    const panels = panelsOf(dashboard);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { type, title, description = '', gridPos } of panels) {
      const isNamed = type === 'text' || (title !== '' && (type === 'row' || /^[A-Z].{20,}\.$/.test(description)));
      expect({ title, isNamed }).toEqual({ title, isNamed: true });
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let cell = 0; cell < gridPos.w * gridPos.h; cell += 1) {
        const at = `${gridPos.x + (cell % gridPos.w)} ${gridPos.y + Math.floor(cell / gridPos.w)}`;
        expect({ title, at, isTaken: taken.has(at) }).toEqual({ title, at, isTaken: false });
        taken.add(at);
      }
    }
  }
);

test.each(cases)('no two panels of $file have one title', ({ dashboard }) => {
  const titles = panelsOf(dashboard).flatMap(({ type, title }) => (['row', 'text'].includes(type) ? [] : [title]));
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
});

/**
 * What is seen at 1500 × 900 with Grafana's side menu open: below its bars, the variables and the links are about 700 pixels, and a unit
 * of height is 38.
 */
const FIRST_SCREEN = 18;

test.each(own)('$file gives its answer without scrolling', ({ dashboard }) => {
  const [first, ...others] = dashboard.panels.filter(({ type }) => type === 'row');
  expect(first?.title).toBe('Overview');
  const next = others[0]?.gridPos.y ?? 0;
  const answer = dashboard.panels.filter(({ type, gridPos }) => !['row', 'text'].includes(type) && gridPos.y < next);
  expect(answer.length).toBeGreaterThan(3);
  expect(answer.filter(({ gridPos }) => gridPos.y + gridPos.h > FIRST_SCREEN).map(({ title }) => title)).toEqual([]);
});

test.each(own)('$file opens at most sixteen panels that ask, the rest is in closed rows', ({ dashboard }) => {
  const asking = dashboard.panels.filter(({ targets = [] }) => targets.some(({ panelId }) => panelId === undefined));
  expect(asking.length).toBeLessThanOrEqual(16);
  expect(dashboard.panels.filter(({ collapsed }) => collapsed === true).length).toBeGreaterThan(0);
});

test.each(own)('open tables of $file have at most ten columns', ({ dashboard }) => {
  for (const { title, type, transformations = [] } of dashboard.panels) {
    const columns = transformations.find(({ id }) => id === 'organize')?.options.indexByName ?? {};
    expect({ title, columns: type === 'table' ? Object.keys(columns).length <= 10 : true }).toEqual({
      title,
      columns: true,
    });
  }
});

test.each(own)('$file asks anew when there is something new', ({ file, dashboard }) => {
  // KPUs are published once an hour.
  expect(dashboard.refresh).toBe(file.endsWith('cost.json') ? '' : '5m');
});

test.each(own)('restarts are marked on $file, and so is what readers write', ({ dashboard }) => {
  const [readers, restarts] = dashboard.annotations.list;
  expect(readers?.builtIn).toBe(1);
  expect(restarts?.target).toMatchObject({ queryType: 'application', signals: ['restarts'], as: 'series' });
});

test.each(own)('what a panel of $file reads of another is on the same page', ({ dashboard }) => {
  const readers = dashboard.panels.filter(({ datasource }) => datasource?.uid === '-- Dashboard --');
  for (const { title, targets = [] } of readers) {
    const read = dashboard.panels.find(({ id }) => id === targets[0]?.panelId);
    expect({ title, type: read?.type }).toEqual({ title, type: 'table' });
  }
});

test('graphs of many applications have the period of the table above them, so that nothing is billed twice', () => {
  const many = own.filter(({ file }) => /fleet|cost/.test(file)).flatMap(({ dashboard }) => panelsOf(dashboard));
  const graphs = many.filter(({ type, targets = [] }) => type === 'timeseries' && targets[0]?.period === undefined);
  expect(graphs.length).toBeGreaterThan(10);
  expect(graphs.filter(({ maxDataPoints }) => maxDataPoints !== 180).map(({ title }) => title)).toEqual([]);
});

test('no tile of the application page shows a number of hours ago as that of now', () => {
  const page = own.find(({ file }) => file.endsWith('/application.json'));
  const tiles = page ? panelsOf(page.dashboard).filter(({ type }) => type === 'stat') : [];
  expect(tiles.length).toBeGreaterThan(4);
  const isOfNow = ({ datasource, timeFrom }: Laid) => datasource?.uid === '-- Dashboard --' || timeFrom === '10m';
  expect(tiles.filter((tile) => !isOfNow(tile)).map(({ title }) => title)).toEqual([]);
});

test.each(own)('tiles of $file that count do not say 0 where nothing was answered', ({ dashboard }) => {
  const words = panelsOf(dashboard).map(({ type, fieldConfig }) => type === 'stat' && fieldConfig?.defaults?.noValue);
  expect(words.filter((text) => text === '0')).toEqual([]);
});

// Grafana shows the words after an error, too: then nobody knows whether something was published.
test.each(cases)('words of empty panels of $file are true while AWS cannot be reached', ({ dashboard }) => {
  const words = panelsOf(dashboard).flatMap(({ fieldConfig }) => fieldConfig?.defaults?.noValue ?? []);
  expect(words.filter((text) => !/^(From|Needs|Only|Published) |^No (answer|value)\b|^–$/.test(text))).toEqual([]);
});

test.each(own)('panels of $file say why they are empty', ({ dashboard }) => {
  const mute = panelsOf(dashboard).filter(
    ({ type, targets = [], fieldConfig }) =>
      ['stat', 'timeseries', 'bargauge'].includes(type) &&
      fieldConfig?.defaults?.noValue === undefined &&
      targets.some(({ panelId }) => panelId === undefined)
  );
  expect(mute.map(({ title }) => title)).toEqual([]);
});
