// What a dashboard is, before it is known which data source answers it.
import type { Scope } from '../src/types';
import type { Lines } from './catalogue.ts';

/** What a panel asks for. */
export interface Ask {
  /** Ids of the catalogue, or names of CloudWatch's metrics. */
  signals: readonly string[];
  of: Scope;
  as: 'series' | 'table' | 'summary';
  /** Keeps the targets that are highest in this signal; how many, the variable `top` says. */
  top?: string;
  /** Where automatic would not do. */
  period?: string;
  /** What a line is called where automatic is too long; data sources that cannot say it keep theirs. */
  legend?: string;
  /** One number is shown of all, for data sources that can make it so. */
  isTotal?: boolean;
}

/** Turns the answer's fields of many series or rows into one number. */
export interface Total {
  /** Of each series over time; of a table its rows are added up. */
  reduce: 'sum' | 'lastNotNull';
  unit: string;
}

interface PanelFields {
  title: string;
  /** What it shows, and why that matters. */
  description: string;
  width: number;
  height: number;
  /** What stands in a panel without a value: when there is one. After an error it stands there, too. */
  empty?: string;
}

export interface StatPanel extends PanelFields {
  kind: 'stat';
  ask: Ask;
  /** How the time range becomes one number. */
  calculation: 'lastNotNull' | 'max' | 'min' | 'mean' | 'sum';
  total?: Total;
  /** The column of a table on the same page that it sums up, where the data source has that table: then nothing is asked twice. */
  column?: { of: TablePanel; name: string };
  /** Only so much of the end of a relative range: what is older is no number of now. */
  within?: string;
  /** Other colours than the signal's, whose lines are about another length of time than the dashboard's. */
  lines?: Lines;
}

/** How many rows of a table on the same page are in one of these states of health. */
export interface CountPanel extends PanelFields {
  kind: 'count';
  of: TablePanel;
  health: readonly string[];
  color: string;
}

export interface LinesPanel extends PanelFields {
  kind: 'lines';
  ask: Ask;
  /** What else is drawn, on an axis of its own where its unit is another. */
  beside: readonly Ask[];
  /** Bars for what is counted in each period. */
  draw: 'line' | 'bars' | 'stacked' | 'stackedBars';
  /** Hidden where signals with lines of their own share the panel: one would be read by the lines of the other. */
  thresholds: 'drawn' | 'hidden';
}

export interface BarsPanel extends PanelFields {
  kind: 'bars';
  ask: Ask;
  calculation: 'mean' | 'max';
}

export interface TablePanel extends PanelFields {
  kind: 'table';
  ask: Ask;
  /** Columns whose width is not that of a number: name, as it is shown, and pixels. */
  wide: Readonly<Record<string, number>>;
  /** Columns that take what room is left, and at least so many pixels. */
  stretched: Readonly<Record<string, number>>;
  /** Shorter names of columns: Grafana 11 cuts a heading that is wider than its column. */
  renamed: Readonly<Record<string, string>>;
  /** Columns that say the same in each row. */
  hidden: readonly string[];
  /** What stands first, from left to right; all, if it is empty, as the answer has them. */
  first: readonly string[];
  /** The column, as it is shown, by which the highest rows come first; else they are in the answer's order. */
  highest?: string;
}

export interface NotePanel extends PanelFields {
  kind: 'note';
  markdown: string;
}

export type AskingPanel = StatPanel | LinesPanel | BarsPanel | TablePanel;
export type Panel = AskingPanel | CountPanel | NotePanel;

export interface Section {
  title: string;
  /** A closed row asks nothing until somebody opens it. */
  isClosed?: boolean;
  panels: readonly Panel[];
}

/** What a reader may choose, beside data source and region. */
export type Choice = 'application' | 'applications' | 'task' | 'top';

export interface Page {
  id: string;
  title: string;
  description: string;
  choices: readonly Choice[];
  /** The time range at first. */
  from: string;
  /** How often it asks anew; empty where what is new comes once an hour. */
  refresh: '5m' | '';
  /** How many of the highest are shown at first. */
  top: '5' | '10';
  /** Whether restarts are marked from the start: of a whole fleet they would hide the graphs. */
  marksRestarts: boolean;
  sections: readonly Section[];
}
