// What a dashboard of this page is made of: variables, and panels with queries as they are saved.
import type { DataQuery } from '@grafana/schema';
import type { Visualization } from '../panels/registry';

export interface VariableDefinition {
  name: string;
  label: string;
  /** A query of the plugin's own variable editor. */
  query: Record<string, unknown>;
  /** One of its values, or `$__all`, until somebody chooses. */
  value: string;
}

export interface PanelDefinition {
  title: string;
  visualization: Visualization;
  queries: Array<DataQuery & Record<string, unknown>>;
  /** Of 24 columns. */
  width: number;
  /** Pixels. */
  height: number;
  /** One panel for each value of this variable. */
  repeat?: string;
}

export interface DashboardDefinition {
  id: string;
  title: string;
  variables: VariableDefinition[];
  panels: PanelDefinition[];
}
