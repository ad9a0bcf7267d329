// Pages as dashboards of a data source, in Grafana's JSON.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, DashboardLink, Panel as GrafanaPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { draw } from './draw.ts';
import type { Drawing } from './draw.ts';
import type { Page, Panel, Section } from './model.ts';
import type { Source } from './source.ts';

/** That of the oldest Grafana that can run the plugin; newer ones migrate what they load. */
const SCHEMA_VERSION = 41;
const COLUMNS = 24;

export function render(page: Page, source: Source): Dashboard {
  const dashboard = new DashboardBuilder(page.title + source.suffix)
    .uid(`${source.id}-${page.id}`)
    .description(page.description)
    .tags(['flink', source.id])
    .time({ from: page.from, to: 'now' })
    .timezone('browser')
    .refresh('1m')
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
  const place = new Place();
  for (const section of page.sections) {
    add(dashboard, section, { page, source, place });
  }
  return { ...dashboard.build(), schemaVersion: SCHEMA_VERSION };
}

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

function add(dashboard: DashboardBuilder, section: Section, drawing: Drawing & { place: Place }): void {
  const { page, source, place } = drawing;
  const shown = section.panels.filter((panel) => panel.kind === 'note' || source.targets(panel.ask, page).length > 0);
  if (shown.every(({ kind }) => kind === 'note')) {
    return;
  }
  const isClosed = section.isClosed ?? false;
  const row = new RowBuilder(section.title).collapsed(isClosed);
  const { id, gridPos } = place.next({ width: COLUMNS, height: 1 });
  row.id(id).gridPos(gridPos);
  const panels = shown.map((panel) => positioned(panel, drawing));
  place.endRow();
  if (isClosed) {
    panels.forEach((panel) => row.withPanel(panel));
  }
  dashboard.withRow(row);
  if (!isClosed) {
    panels.forEach((panel) => dashboard.withPanel(panel));
  }
}

function positioned(panel: Panel, { page, source, place }: Drawing & { place: Place }): Builder<GrafanaPanel> {
  const drawn = draw(panel, { page, source });
  const { id, gridPos } = place.next(panel);
  return { build: () => ({ ...drawn.build(), id, gridPos }) };
}

/** Where the next panel goes: to the right, else below all before it. */
class Place {
  private id = 0;
  private x = 0;
  private y = 0;
  private bottom = 0;

  next({ width, height }: Pick<Panel, 'width' | 'height'>): Pick<Required<GrafanaPanel>, 'id' | 'gridPos'> {
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
