// What differs between the data sources that can answer the same panels.
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { QueryVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import type { AnnotationQuery, Panel as GrafanaPanel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Entry } from './catalogue.ts';
import type { Ask, Page, Panel } from './model.ts';

export interface Target {
  query: Builder<Dataquery>;
  /** The signal that it answers, where the frames do not say so themselves. */
  entry?: Entry;
}

export interface Source {
  /** Begins every uid, and is the tag by which its dashboards find each other. */
  id: string;
  /** The type of the data source. */
  type: string;
  /** What names a line's application in a link. */
  application: string;
  /** What names the region of a line, and of a table's row. */
  region: { line: string; row: string };
  /** Stands behind the titles. */
  suffix: string;
  /** How long before now a time range ends that ends now; the plugin knows by itself what has arrived. */
  nowDelay?: string;
  variables: (page: Page) => Array<Builder<VariableModel>>;
  /** Whether it answers with tables, which other panels of the page can read. */
  hasTables: boolean;
  /** What a page marks on its graphs. */
  annotations: (page: Page) => AnnotationQuery[];
  /** The page as this data source can show it; as it is, if there is none. */
  adapted?: (page: Page) => Page;
  /** None where the data source cannot answer. A panel that asks several times counts them from 0. */
  targets: (ask: Ask, page: Page, index: number) => Target[];
  /** A panel with what only this data source needs. */
  finished?: (drawn: GrafanaPanel, panel: Panel) => GrafanaPanel;
}

/** A variable whose values the data source lists. Its first value is chosen until somebody chooses. */
export function listed(
  name: string,
  label: string,
  query: Record<string, unknown>,
  type: string
): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource({ type, uid: '${datasource}' })
    .query(query)
    .refresh(VariableRefresh.OnDashboardLoad);
}

/** All is one value for the data source, however many there are. */
export function severalOf(variable: QueryVariableBuilder, allValue: string): QueryVariableBuilder {
  return variable.multi(true).includeAll(true).allValue(allValue).current({ text: 'All', value: '$__all' });
}

/** The builders of dashboards take queries of data sources that they do not know in this form. */
export function asQuery<Fields extends object>(fields: Fields): Fields & Dataquery {
  return { ...fields, ...UNKNOWN };
}

/** Marks a query for the builders. Functions do not reach the JSON. */
const UNKNOWN: Dataquery = {
  _implementsDataqueryVariant: () => {
    // A mark needs no body.
  },
};
