import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DASHBOARDS } from './all';

const ROOT = path.join(__dirname, '../..');

interface Laid {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  panels?: Laid[];
}

interface Dashboard {
  uid: string;
  schemaVersion: number;
  templating: { list: { name: string; type: string; current?: unknown }[] };
  panels: Laid[];
}

const cases = [...DASHBOARDS].map(([file, text]) => ({ file, text, dashboard: JSON.parse(text) as Dashboard }));

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

test('tables of applications lead to the AWS console', () => {
  const withConsole = cases.filter(({ text }) => text.includes('${__data.fields.console}')).map(({ file }) => file);
  expect(withConsole.map((file) => path.basename(file))).toEqual(['fleet.json', 'cost.json']);
});

test.each(cases)('$file begins with the default data source of its type', ({ dashboard }) => {
  const [source] = dashboard.templating.list.filter(({ type }) => type === 'datasource');
  expect(source?.current).toEqual({ text: 'default', value: 'default' });
});

test('no other file stands beside them', () => {
  const folders = new Set([...DASHBOARDS.keys()].map((file) => path.dirname(file)));
  const found = [...folders].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}`)
  );
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

test.each(cases)('$file gives its answer first, with at most a dozen panels above the fold', ({ dashboard }) => {
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title.split(/[:\s]/)[0]);
  expect([...new Set(rows)]).toEqual(['Verdict', 'Throughput', 'Cause', 'Detail']);
  // What a screen of 1080 lines shows of a dashboard: about 24 units of 38 pixels.
  const shown = dashboard.panels.filter(({ type, gridPos }) => type !== 'row' && gridPos.y + gridPos.h <= 24);
  expect(shown.length).toBeLessThanOrEqual(12);
});
