// Pages as dashboards of a data source, in Grafana's JSON.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
  TimePickerBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type {
  AnnotationQuery,
  Dashboard,
  DashboardLink,
  Panel as GrafanaPanel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { draw } from './draw.ts';
import type { Drawing } from './draw.ts';
import type { Page, Panel, Section } from './model.ts';
import type { Source } from './source.ts';

/** That of the oldest Grafana that can run the plugin; newer ones migrate what they load. */
const SCHEMA_VERSION = 41;
const COLUMNS = 24;

export function render(wanted: Page, source: Source): Dashboard {
  const page = source.adapted?.(wanted) ?? wanted;
  const dashboard = new DashboardBuilder(page.title + source.suffix)
    .uid(`${source.id}-${page.id}`)
    .description(page.description)
    .tags(['flink', source.id])
    .time({ from: page.from, to: 'now' })
    .timezone('browser')
    .refresh(page.refresh)
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .link(others(source))
    .withVariable(
      // Grafana offers its default data source where value and text are both this word, and begins with the first by name where not.
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .type(source.type)
        .current({ text: 'default', value: 'default' })
    );
  for (const variable of source.variables(page)) {
    dashboard.withVariable(variable);
  }
  if (source.nowDelay !== undefined) {
    dashboard.timepicker(new TimePickerBuilder().nowDelay(source.nowDelay));
  }
  const rows = arrange(page, source);
  const placed = new Map(rows.flatMap(({ panels }) => panels.map(({ panel, at }) => [panel, at] as const)));
  const idOf = (panel: Panel) => placed.get(panel)?.id ?? 0;
  for (const row of rows) {
    add(dashboard, row, { page, source, idOf });
  }
  const annotations = { list: [OWN_ANNOTATIONS, ...source.annotations(page)] };
  return { ...dashboard.build(), annotations, schemaVersion: SCHEMA_VERSION };
}

/** What readers write on graphs themselves, and Grafana's alerts. */
const OWN_ANNOTATIONS: AnnotationQuery = {
  builtIn: 1,
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
  name: 'Annotations & Alerts',
  type: 'dashboard',
};

/** The other dashboards of the same data source, with what is chosen in this one. */
function others({ id }: Source): Builder<DashboardLink> {
  const link = new DashboardLinkBuilder('Flink')
    .type(DashboardLinkType.Dashboards)
    .tags([id])
    .includeVars(true)
    .keepTime(true)
    .build();
  // The builder would put it into a menu.
  delete link.placement;
  return { build: () => link };
}

type At = Pick<Required<GrafanaPanel>, 'id' | 'gridPos'>;

interface PlacedRow {
  section: Section;
  at: At;
  panels: { panel: Panel; at: At }[];
}

/** The rows with what the data source can answer, each panel with its number and place. */
function arrange(page: Page, source: Source): PlacedRow[] {
  const place = new Place();
  return page.sections.flatMap((section) => {
    const shown = section.panels.filter((panel) => isAnswered(panel, page, source));
    if (shown.every(({ kind }) => kind === 'note')) {
      return [];
    }
    const at = place.next({ width: COLUMNS, height: 1 });
    const panels = shown.map((panel) => ({ panel, at: place.next(panel) }));
    place.endRow();
    return [{ section, at, panels }];
  });
}

function isAnswered(panel: Panel, page: Page, source: Source): boolean {
  switch (panel.kind) {
    case 'note':
      return true;
    case 'count':
      return source.hasTables;
    case 'stat':
    case 'lines':
    case 'bars':
    case 'table':
      return source.targets(panel.ask, page, 0).length > 0;
  }
}

function add(dashboard: DashboardBuilder, { section, at, panels }: PlacedRow, drawing: Drawing): void {
  const isClosed = section.isClosed ?? false;
  const row = new RowBuilder(section.title).collapsed(isClosed).id(at.id).gridPos(at.gridPos);
  const drawn = panels.map(({ panel, at }) => {
    const builder = draw(panel, drawing);
    return {
      build: () => {
        const built = { ...builder.build(), ...at };
        return drawing.source.finished?.(built, panel) ?? built;
      },
    };
  });
  if (isClosed) {
    drawn.forEach((panel) => row.withPanel(panel));
  }
  dashboard.withRow(row);
  if (!isClosed) {
    drawn.forEach((panel) => dashboard.withPanel(panel));
  }
}

/** Where the next panel goes: to the right, else below all before it. */
class Place {
  private id = 0;
  private x = 0;
  private y = 0;
  private bottom = 0;

  next({ width, height }: Pick<Panel, 'width' | 'height'>): At {
    if (this.x + width > COLUMNS) {
      this.endRow();
    }
    const gridPos = { x: this.x, y: this.y, w: width, h: height };
    this.x += width;
    this.bottom = Math.max(this.bottom, this.y + height);
    this.id += 1;
    return { id: this.id, gridPos };
  }

  endRow(): void {
    this.x = 0;
    this.y = this.bottom;
  }
}
